//! Drafts of forms: in memory at once, in the store soon.
//!
//! Law: an older draft never comes after what has taken its place, be it a newer one, a saved command or another tab's.

use super::super::StorageFailure;
use super::super::store::{Along, Store};
use super::{Note, Open, failed, opened};
use futures::lock::Mutex;
use leptos::prelude::*;
use shared::sync::protocol::Envelope;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use wasm_bindgen_futures::spawn_local;

thread_local! {
    static DRAFTS_STORED: ArcRwSignal<bool> = ArcRwSignal::new(true);
}

/// A person's drafts, as this tab knows them.
pub(super) struct Drafts {
    /// By form, as JSON.
    kept: RefCell<BTreeMap<String, String>>,
    /// Forms whose draft has changed and is not stored yet; someone is at it if there are any.
    pub(super) changed: RefCell<BTreeSet<String>>,
    /// Held while drafts are stored or forgotten.
    pub(super) storing: Mutex<()>,
}

impl Drafts {
    pub(super) fn new(stored: BTreeMap<String, String>) -> Self {
        Self { kept: RefCell::new(stored), changed: RefCell::default(), storing: Mutex::new(()) }
    }
}

/// Whether all drafts are stored as they are in memory; tracked.
pub(in crate::replica) fn drafts_are_stored() -> bool {
    DRAFTS_STORED.with(ArcRwSignal::get)
}

/// The draft of a form, as JSON.
pub(in crate::replica) fn draft(form: &str) -> Option<String> {
    opened()?.draft(form)
}

/// Keeps or forgets the draft of a form: at once in memory, soon in the store.
pub(in crate::replica) fn set_draft(form: &str, draft: Option<String>) {
    let Some(open) = opened().filter(|open| open.draft(form) != draft) else { return };
    match draft {
        Some(draft) => drop(open.drafts.kept.borrow_mut().insert(form.to_owned(), draft)),
        None => drop(open.drafts.kept.borrow_mut().remove(form)),
    }
    let is_first = open.drafts.changed.borrow().is_empty();
    open.drafts.changed.borrow_mut().insert(form.to_owned());
    if is_first {
        DRAFTS_STORED.with(|stored| stored.set(false));
        spawn_local(async move { open.store_drafts().await });
    }
}

impl Open {
    fn draft(&self, form: &str) -> Option<String> {
        self.drafts.kept.borrow().get(form).cloned()
    }

    /// Saves a command with what goes along, and forgets the draft of the form that it comes from.
    pub(super) async fn save_along(&self, envelope: &Envelope, along: Along<'_>) -> Result<(), StorageFailure> {
        let Some(form) = along.form else { return self.store.save(envelope, along).await };
        let _storing = self.drafts.storing.lock().await;
        self.store.save(envelope, along).await?;
        // Before anything is shown: a form that is made anew by it must begin anew.
        if self.drafts.kept.borrow_mut().remove(form).is_some() {
            self.say(&Note::Drafts);
        }
        Ok(())
    }

    /// Forgets all drafts, also those that are not stored yet.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(in crate::replica) async fn forget_drafts(&self) -> Result<(), StorageFailure> {
        let _storing = self.drafts.storing.lock().await;
        self.drafts.kept.borrow_mut().clear();
        self.drafts.changed.borrow_mut().clear();
        self.store.forget_drafts().await?;
        self.say(&Note::Drafts);
        Ok(())
    }

    /// Stores the drafts that have changed, one after the other. What is typed meanwhile waits for its turn.
    pub(in crate::replica) async fn store_drafts(&self) {
        loop {
            let _storing = self.drafts.storing.lock().await;
            let Some(form) = self.drafts.changed.borrow().first().cloned() else { break };
            let draft = self.draft(&form);
            let stored = self.store.keep_draft(&form, draft.as_deref()).await;
            if let Err(failure) = stored {
                failed(failure);
            }
            // What was typed meanwhile is another draft.
            if stored.is_err() || draft == self.draft(&form) {
                self.drafts.changed.borrow_mut().remove(&form);
            }
        }
        DRAFTS_STORED.with(|stored| stored.set(true));
        self.say(&Note::Drafts);
    }

    /// Takes over what other tabs have stored, but for what is typed here.
    pub(super) async fn read_drafts(&self) {
        let (before, here) = (self.drafts.kept.borrow().clone(), self.drafts.changed.borrow().clone());
        // Whoever types next hears of a storage that fails.
        let Ok(stored) = self.store.drafts().await else { return };
        let mut drafts = self.drafts.kept.borrow_mut();
        let known: BTreeSet<_> = before.keys().chain(stored.keys()).cloned().collect();
        for form in known.difference(&here) {
            if drafts.get(form) == before.get(form) {
                match stored.get(form) {
                    Some(draft) => drop(drafts.insert(form.clone(), draft.clone())),
                    None => drop(drafts.remove(form)),
                }
            }
        }
    }
}
