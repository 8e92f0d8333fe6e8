//! What tabs of one person tell each other. One of them is elected to talk to the network; the others ask it.

use super::{Open, failed};
use crate::platform::tabs::Channel;
use crate::replica::status::{self, Reach, Status};
use serde::{Deserialize, Serialize};
use shared::ids::{AttachmentId, UserId};
use std::collections::BTreeSet;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What tabs of one person tell each other.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::replica) enum Note {
    /// A tab has opened, or waits: the elected one says what it knows.
    Opened,
    /// A command was saved: read it, and the elected one sends it.
    Saved,
    /// The store has changed: read it.
    Stored,
    /// Drafts have changed: read them.
    Drafts,
    /// The elected tab should sync.
    Wake,
    /// The person has logged in again.
    LoggedIn,
    /// The person has logged out.
    LoggedOut,
    /// What the elected tab knows of the server.
    Told(Told),
}

/// The part of the status that only the elected tab knows at first hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::replica) struct Told {
    reach: Reach,
    receiving: Option<usize>,
    clock_offset_ms: Option<i64>,
    #[serde(default)]
    damaged_files: BTreeSet<AttachmentId>,
}

impl Open {
    /// Tells the other tabs.
    pub(in crate::replica) fn say(&self, note: &Note) {
        if let Some(tabs) = &*self.tabs.borrow() {
            say(tabs, note);
        }
    }

    /// Tells the other tabs what this one knows of the server.
    pub(in crate::replica) fn say_told(&self) {
        let Status { reach, receiving, clock_offset_ms, damaged_files, .. } = status::untracked();
        self.say(&Note::Told(Told { reach, receiving, clock_offset_ms, damaged_files }));
    }

    /// Asks the tab that syncs for what it knows. Where browsers have no channels nobody can answer.
    pub(in crate::replica) fn ask_elected(&self) {
        self.is_answered.set(self.tabs.borrow().is_none());
        self.say(&Note::Opened);
    }

    /// Whether it has answered since.
    pub(in crate::replica) fn is_answered(&self) -> bool {
        self.is_answered.get()
    }

    pub(super) fn join_tabs(self: &Rc<Self>) {
        let open = Rc::downgrade(self);
        let channel = Channel::open(&channel(self.me.user), move |text| {
            // A tab with an older or newer app may say what this one does not understand.
            if let (Some(open), Ok(note)) = (open.upgrade(), serde_json::from_str(&text)) {
                hear(open, note);
            }
        });
        *self.tabs.borrow_mut() = channel;
        self.say(&Note::Opened);
    }
}

/// Tells the tabs of a person whose data are not open in this one that they have logged out.
pub(super) fn say_logged_out(user: UserId) {
    if let Some(tabs) = Channel::open(&channel(user), drop) {
        say(&tabs, &Note::LoggedOut);
    }
}

fn channel(user: UserId) -> String {
    format!("huixiao-{user}")
}

fn say(tabs: &Channel, note: &Note) {
    tabs.say(&serde_json::to_string(note).expect("notes hold only texts and numbers"));
}

fn hear(open: Rc<Open>, note: Note) {
    match note {
        Note::Opened if open.holds_lock.get() => open.say_told(),
        Note::Wake if open.is_elected() => open.wake(),
        Note::LoggedIn => spawn_local(async move {
            // A storage that fails is told of by what works with it.
            if let Ok(device) = super::recall().await {
                open.logged_in(&device).await;
            }
        }),
        Note::Told(_) if open.is_elected() => {}
        Note::Told(told) => {
            open.is_answered.set(true);
            status::change(|status| {
                status.reach = told.reach;
                status.receiving = told.receiving;
                status.clock_offset_ms = told.clock_offset_ms;
                status.damaged_files = told.damaged_files;
            });
        }
        Note::Opened | Note::Wake => {}
        Note::Drafts => spawn_local(async move { open.read_drafts().await }),
        Note::LoggedOut => crate::replica::session::left(),
        Note::Saved | Note::Stored if open.behind.replace(true) => {}
        Note::Saved | Note::Stored => spawn_local(async move {
            if let Err(failure) = open.catch_up().await {
                failed(failure);
            } else if open.is_elected() {
                open.wake();
            }
        }),
    }
}
