//! What this tab holds in memory of an open store, and how memory follows the store.
//!
//! Laws:
//! - Stored first, shown then: memory changes only after the transaction is durable, and at once.
//! - Whatever changes what waits (saving, rulings, new epochs, other tabs) does so one after the other, under [`Open::writing`].

use super::compaction::{LogSize, Pass};
use super::device::{self, Device, Me};
use super::indexed_db::IndexedDb;
use super::segment::{Entry, Packer, Unreadable, unpack};
use super::status::{self, Reach, Refused};
use super::store::{JOURNAL_DAYS, Mark, Piece, Refusal, Store, pending};
use super::{NotSaved, StorageFailure, announce, runner};
use crate::platform::page;
use crate::platform::tabs::Channel;
use futures::channel::mpsc::UnboundedSender;
use futures::channel::oneshot;
use futures::future::{AbortHandle, Abortable};
use futures::lock::Mutex;
use gloo_timers::callback::Timeout;
use leptos::logging::log;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::Command;
use shared::decide::{Actor, Stop};
use shared::ids::ClientId;
use shared::people::User;
use shared::record::{Kind, Record, Scope};
use shared::sync::client::{Event, Meta, Rows};
use shared::sync::protocol::{Envelope, Outcome, Verdict};
use shared::sync::replica::Replica;
use shared::{Rejection, time::Timestamp};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use uuid::Uuid;
use wasm_bindgen_futures::spawn_local;

/// A person's store, open in this tab.
pub(super) struct Open {
    pub(super) me: Me,
    pub(super) store: IndexedDb,
    writing: Mutex<()>,
    /// The engine's ear, while this tab is the one that talks to the network.
    pub(super) engine: RefCell<Option<UnboundedSender<Event>>>,
    tabs: RefCell<Option<Channel>>,
    /// Another tab has stored something that this one has not read yet, and reading is already asked for.
    behind: Cell<bool>,
    /// A wake is on its way.
    waking: Cell<bool>,
    /// Ends the driver's waiting for room.
    pub(super) room: RefCell<Option<oneshot::Sender<()>>>,
    stop: AbortHandle,
}

/// What tabs of one person tell each other.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Note {
    /// A tab has opened: the elected one says what it knows.
    Opened,
    /// A command was saved: read it, and the elected one sends it.
    Saved,
    /// The store has changed: read it.
    Stored,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    reach: Reach,
    receiving: Option<usize>,
    clock_offset_ms: Option<i64>,
}

struct Desk {
    replica: Replica,
    open: Option<Rc<Open>>,
    device: Option<Device>,
    meta: Option<Meta>,
    mark: Mark,
    log: LogSize,
    refused: Vec<Refused>,
}

impl Desk {
    fn new() -> Self {
        let replica = Replica::new(ClientId(Uuid::nil()), None);
        Self { replica, open: None, device: None, meta: None, mark: Mark::default(), log: LogSize::default(), refused: Vec::new() }
    }
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::new(Desk::new());
    static ACTOR: ArcRwSignal<Option<Actor>> = ArcRwSignal::new(None);
}

/// Reads the replica, untracked.
pub(super) fn with_replica<R>(f: impl FnOnce(&Replica) -> R) -> R {
    DESK.with(|desk| f(&desk.borrow().replica))
}

/// Who is logged in; tracked.
pub(super) fn actor() -> Option<Actor> {
    ACTOR.with(|actor| actor.get())
}

/// The store that is open.
pub(super) fn opened() -> Option<Rc<Open>> {
    DESK.with(|desk| desk.borrow().open.clone())
}

/// The device's facts.
pub(super) fn device() -> Option<Device> {
    DESK.with(|desk| desk.borrow().device.clone())
}

/// Commands saved on this device only.
pub(super) fn unsent() -> usize {
    with_replica(|replica| replica.pending().iter().filter(|pending| pending.applied_at.is_none()).count())
}

/// Reads the device's facts into memory.
///
/// # Errors
/// [`StorageFailure`].
pub(super) async fn recall() -> Result<Device, StorageFailure> {
    let device = device::recall().await?;
    status::change(|status| status.clock_offset_ms = device.clock_offset_ms);
    DESK.with(|desk| desk.borrow_mut().device = Some(device.clone()));
    Ok(device)
}

/// Changes the device's facts.
///
/// # Errors
/// [`StorageFailure`].
pub(super) async fn remember(f: impl FnOnce(&mut Device)) -> Result<(), StorageFailure> {
    let changed = DESK.with(|desk| {
        let mut desk = desk.borrow_mut();
        let device = desk.device.as_mut().ok_or(StorageFailure::Broken)?;
        f(device);
        Ok::<_, StorageFailure>(device.clone())
    })?;
    device::remember(&changed).await
}

/// Opens a person's store, reads it, shows it, and starts to sync.
///
/// # Errors
/// [`StorageFailure`].
pub(super) async fn open(me: &Me) -> Result<(), StorageFailure> {
    let client = device().ok_or(StorageFailure::Broken)?.client;
    let begun = chrono::Utc::now();
    let store = IndexedDb::open(me.user, &Meta::new(client, Uuid::now_v7()), lost).await?;
    let mut desk = read_all(&store, Replica::new(client, Some(me.actor()))).await?;
    let rows = desk.replica.base_len();
    let (stop, stopped) = AbortHandle::new_pair();
    let open = Rc::new(Open {
        me: me.clone(),
        store,
        writing: Mutex::new(()),
        engine: RefCell::new(None),
        tabs: RefCell::new(None),
        behind: Cell::new(false),
        waking: Cell::new(false),
        room: RefCell::new(None),
        stop,
    });
    let first_time = desk.meta.as_ref().is_none_or(|meta| meta.fresh_at.is_none());
    desk.open = Some(Rc::clone(&open));
    DESK.with(|old| {
        let mut old = old.borrow_mut();
        desk.device = old.device.take();
        *old = desk;
    });
    ACTOR.with(|actor| actor.set(Some(me.actor())));
    follow_user();
    status::change(|status| {
        status.reach = Reach::Unknown;
        status.storage = None;
        status.receiving = first_time.then_some(0);
    });
    tell_status();
    announce(Kind::ALL.iter().copied());
    log!("replica: {rows} rows in {} ms", (chrono::Utc::now() - begun).num_milliseconds());
    open.join_tabs();
    spawn_local(async move {
        // Aborted when the person logs out.
        let _stopped = Abortable::new(runner::run(open), stopped).await;
    });
    spawn_local(async {
        let persisted = page::persist().await;
        status::change(|status| status.persisted = persisted);
    });
    Ok(())
}

/// Closes what is open: nothing of the person stays in this tab's memory.
pub(super) fn close() {
    let open = DESK.with(|desk| {
        let mut desk = desk.borrow_mut();
        let device = desk.device.take();
        let old = std::mem::replace(&mut *desk, Desk { device, ..Desk::new() });
        old.open
    });
    if let Some(open) = open {
        open.stop.abort();
        open.engine.take();
        open.tabs.take();
    }
    ACTOR.with(|actor| actor.set(None));
    status::change(|status| {
        *status = status::Status {
            persisted: status.persisted,
            update_waiting: status.update_waiting,
            clock_offset_ms: status.clock_offset_ms,
            ..status::Status::default()
        };
    });
    announce(Kind::ALL.iter().copied());
}

/// Checks, saves and shows a command.
///
/// # Errors
/// [`NotSaved`]: nothing was saved and nothing changed.
pub(super) async fn save(command: Command) -> Result<(), NotSaved> {
    let open = opened().ok_or(NotSaved::Rejected(Rejection::Forbidden))?;
    let _writing = open.writing.lock().await;
    let at = chrono::Utc::now();
    with_replica(|replica| replica.predict(&command, at)).map_err(|stop| match stop {
        Stop::Rejected(rejection) => NotSaved::Rejected(rejection),
        Stop::Unavailable(_) => NotSaved::Storage(StorageFailure::Broken),
    })?;
    let clock_offset_ms = device().and_then(|device| device.clock_offset_ms).unwrap_or(0);
    let envelope = Envelope { seq: 0, uuid: Uuid::now_v7(), occurred_at: at, clock_offset_ms, command: command.to_raw() };
    open.store.save(&envelope).await.inspect_err(|failure| failed(*failure)).map_err(NotSaved::Storage)?;
    let kinds = DESK.with(|desk| desk.borrow_mut().replica.add_pending(pending(&envelope, None)));
    open.has_room();
    tell_status();
    announce(kinds);
    open.say(&Note::Saved);
    open.wake_soon();
    Ok(())
}

/// The person has seen that a command was refused.
///
/// # Errors
/// [`StorageFailure`].
pub(super) async fn dismiss(uuid: Uuid) -> Result<(), StorageFailure> {
    let open = opened().ok_or(StorageFailure::Broken)?;
    open.store.dismiss(uuid).await.inspect_err(|failure| failed(*failure))?;
    DESK.with(|desk| desk.borrow_mut().refused.retain(|refused| refused.uuid != uuid));
    tell_status();
    open.say(&Note::Stored);
    Ok(())
}

impl Open {
    /// Syncs now: by this tab, or by the one that was elected.
    pub(super) fn wake(&self) {
        self.send(Event::Wake, &Note::Wake);
    }

    /// Something was stored: a device that was full is so no more.
    pub(super) fn has_room(&self) {
        status::change(|status| status.storage = status.storage.filter(|failure| *failure != StorageFailure::Full));
        self.try_for_room();
    }

    /// The driver that waits for room tries again now.
    fn try_for_room(&self) {
        if let Some(room) = self.room.take() {
            // It may have tried again by itself meanwhile.
            let _tried = room.send(());
        }
    }

    /// Syncs in a moment: what is saved in a row travels together, and the screen is drawn first.
    fn wake_soon(self: &Rc<Self>) {
        const MOMENT_MS: u32 = 30;
        if !self.waking.replace(true) {
            let open = Rc::downgrade(self);
            Timeout::new(MOMENT_MS, move || {
                if let Some(open) = open.upgrade() {
                    open.waking.set(false);
                    open.wake();
                }
            })
            .forget();
        }
    }

    /// The person has logged in again.
    pub(super) fn logged_in(&self) {
        self.send(Event::LoggedIn, &Note::LoggedIn);
    }

    /// Tells the other tabs.
    pub(super) fn say(&self, note: &Note) {
        if let Some(tabs) = &*self.tabs.borrow() {
            tabs.say(&serde_json::to_string(note).expect("notes hold only texts and numbers"));
        }
    }

    /// Tells the other tabs what this one knows of the server.
    pub(super) fn say_told(&self) {
        let status = status::untracked();
        self.say(&Note::Told(Told { reach: status.reach, receiving: status.receiving, clock_offset_ms: status.clock_offset_ms }));
    }

    fn is_elected(&self) -> bool {
        self.engine.borrow().is_some()
    }

    fn send(&self, event: Event, note: &Note) {
        match &*self.engine.borrow() {
            // The engine has stopped after a failure of the storage; the user was told.
            Some(engine) => drop(engine.unbounded_send(event)),
            None => {
                self.try_for_room();
                self.say(note);
            }
        }
    }

    fn join_tabs(self: &Rc<Self>) {
        let open = Rc::downgrade(self);
        let channel = Channel::open(&format!("huixiao-{}", self.me.user), move |text| {
            // A tab with an older or newer app may say what this one does not understand.
            if let (Some(open), Ok(note)) = (open.upgrade(), serde_json::from_str(&text)) {
                hear(open, note);
            }
        });
        *self.tabs.borrow_mut() = channel;
        self.say(&Note::Opened);
    }

    /// Reads what other tabs have stored.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn catch_up(&self) -> Result<(), StorageFailure> {
        let _writing = self.writing.lock().await;
        self.behind.set(false);
        let known = DESK.with(|desk| desk.borrow().mark);
        let (mut anew, mut segments) = (false, Vec::new());
        let loaded = self
            .store
            .load(Some(known), &mut |piece| match piece {
                Piece::Anew => anew = true,
                Piece::Segment(segment) => segments.push(segment.to_vec()),
            })
            .await?;
        let kinds = DESK.with(|desk| {
            let desk = &mut *desk.borrow_mut();
            let mut kinds = desk.replica.predicted_kinds();
            if anew {
                kinds.extend(Kind::ALL);
                desk.replica.clear_rows();
                desk.log = LogSize::default();
            }
            for segment in &segments {
                // Damage shows in the digests, and the next pull heals it.
                let entries = take_segment(&mut desk.replica, segment, &mut kinds).unwrap_or_default();
                desk.log.grow(1, entries);
            }
            desk.replica.set_pending(loaded.pending);
            kinds.extend(desk.replica.predicted_kinds());
            desk.meta = Some(loaded.meta);
            desk.mark = loaded.mark;
            desk.refused = loaded.refused.iter().map(refused).collect();
            kinds
        });
        shown(kinds);
        Ok(())
    }

    /// Commands were ruled on.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn rule(&self, outcomes: &[Outcome], meta: &Meta) -> Result<(), StorageFailure> {
        let _writing = self.writing.lock().await;
        let refusals = self.store.rule(outcomes, meta, chrono::Utc::now()).await?;
        self.stored(meta, |desk| {
            let waiting = desk.replica.pending().len();
            for outcome in outcomes {
                match outcome.verdict {
                    Verdict::Applied => desk.replica.mark_applied(outcome.uuid, outcome.version),
                    Verdict::Rejected { .. } | Verdict::Quarantined { .. } => desk.replica.drop_pending(outcome.uuid),
                }
            }
            // A ruling that was given before may have its rows here already.
            desk.replica.settle(meta.version);
            for refusal in &refusals {
                desk.refused.retain(|known| known.uuid != refusal.envelope.uuid);
                desk.refused.push(refused(refusal));
            }
            if desk.replica.pending().len() == waiting {
                return BTreeSet::new();
            }
            let kinds = desk.replica.predicted_kinds();
            desk.replica.rebase();
            kinds
        });
        Ok(())
    }

    /// The outbox is numbered anew.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn renumber(&self, meta: &Meta) -> Result<(), StorageFailure> {
        let _writing = self.writing.lock().await;
        self.store.renumber(meta).await?;
        self.stored(meta, |_| BTreeSet::new());
        Ok(())
    }

    /// Rows of a complete pull. Returns the scopes whose rows are not what the server said.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn take_in(&self, rows: Rows, meta: &Meta) -> Result<Vec<Scope>, StorageFailure> {
        let mut packer = Packer::default();
        rows.dropped.iter().for_each(|scope| packer.add(Entry::Drop(*scope)));
        rows.rows.iter().for_each(|row| packer.add_row(row));
        let segments = packer.finish();
        let mark = self.store.append(&segments, meta).await?;
        let damaged = self.appended(&segments, mark, meta, |desk| {
            desk.replica.settle(rows.version);
            rows.digests.iter().filter(|(scope, digest)| desk.replica.digest(**scope) != **digest).map(|(scope, _)| *scope).collect()
        });
        follow_user();
        Ok(damaged)
    }

    /// Rows of these scopes are damaged and go.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn heal(&self, scopes: &BTreeSet<Scope>, meta: &Meta) -> Result<(), StorageFailure> {
        let mut packer = Packer::default();
        scopes.iter().for_each(|scope| packer.add(Entry::Drop(*scope)));
        let segments = packer.finish();
        let mark = self.store.append(&segments, meta).await?;
        self.appended(&segments, mark, meta, |_| ());
        Ok(())
    }

    /// Another history of the server: everything is fetched anew, and what was acknowledged is sent again.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn begin_epoch(&self, meta: &Meta) -> Result<(), StorageFailure> {
        let _writing = self.writing.lock().await;
        let mark = self.store.begin_epoch(meta).await?;
        let loaded = self.store.load(Some(mark), &mut |_| {}).await?;
        self.stored(meta, |desk| {
            desk.forget_rows(mark);
            desk.replica.set_pending(loaded.pending);
            Kind::ALL.iter().copied().collect()
        });
        Ok(())
    }

    /// All rows go; outbox and journal stay.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn forget_rows(&self, meta: &Meta) -> Result<(), StorageFailure> {
        let mark = self.store.forget_rows(meta).await?;
        self.stored(meta, |desk| {
            desk.forget_rows(mark);
            desk.replica.rebase();
            Kind::ALL.iter().copied().collect()
        });
        Ok(())
    }

    /// What the engine is to begin with.
    pub(super) fn meta(&self) -> Option<Meta> {
        DESK.with(|desk| desk.borrow().meta.clone())
    }

    /// A pass over the log, if one would pay.
    pub(super) fn pass(&self) -> Option<Pass> {
        DESK.with(|desk| {
            let desk = desk.borrow();
            desk.log.is_worth_a_pass(desk.replica.base_len()).then(Pass::default)
        })
    }

    /// Makes one run of a pass. Returns whether the pass goes on.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn compact(&self, pass: &mut Pass) -> Result<bool, StorageFailure> {
        let held = |kind: &str, id: Uuid| with_replica(|replica| replica.held(kind, id).copied());
        let run = self.store.rewrite(pass.reached, &mut |run| pass.rewrite(run, held).unwrap_or_default()).await?;
        DESK.with(|desk| {
            let mut desk = desk.borrow_mut();
            match run {
                Some(run) => {
                    pass.reached = run.last;
                    desk.mark.generation = run.generation;
                }
                None => desk.log = pass.size,
            }
        });
        Ok(run.is_some())
    }

    /// Removes from the journal what no restored server can lack.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn expire_journal(&self) -> Result<(), StorageFailure> {
        self.store.expire(chrono::Utc::now() - chrono::TimeDelta::days(JOURNAL_DAYS)).await
    }

    fn appended<R>(&self, segments: &[Vec<u8>], mark: Mark, meta: &Meta, f: impl FnOnce(&mut Desk) -> R) -> R {
        let mut result = None;
        self.stored(meta, |desk| {
            let mut kinds = desk.replica.predicted_kinds();
            for segment in segments {
                let entries = take_segment(&mut desk.replica, segment, &mut kinds).expect("packed a moment ago");
                desk.log.grow(1, entries);
            }
            desk.mark = mark;
            result = Some(f(desk));
            desk.replica.rebase();
            kinds.extend(desk.replica.predicted_kinds());
            kinds
        });
        result.expect("called just now")
    }

    /// Changes memory as the store has changed, shows it, and tells the other tabs.
    fn stored(&self, meta: &Meta, f: impl FnOnce(&mut Desk) -> BTreeSet<Kind>) {
        let kinds = DESK.with(|desk| {
            let desk = &mut *desk.borrow_mut();
            desk.meta = Some(meta.clone());
            f(desk)
        });
        shown(kinds);
        self.say(&Note::Stored);
    }
}

impl Desk {
    fn forget_rows(&mut self, mark: Mark) {
        self.replica.clear_rows();
        self.mark = mark;
        self.log = LogSize::default();
    }
}

/// Stores or removes one row in memory.
pub(super) fn take_entry(replica: &mut Replica, entry: Entry<'_>) {
    match entry {
        Entry::Drop(scope) => {
            replica.drop_scope(scope);
        }
        Entry::Delete { kind, id, scope } => replica.delete_row(kind, id, scope),
        Entry::Put { kind, id, held, body } => {
            let record = Kind::from_name(kind).and_then(|kind| Record::decode(kind, body).ok());
            replica.put_row(kind, id, held, record);
        }
    }
}

/// The storage has failed in the background: the user is told, and a page that lost its database is loaded again.
pub(super) fn failed(failure: StorageFailure) {
    match failure {
        StorageFailure::Full => status::change(|status| status.storage = Some(failure)),
        StorageFailure::Broken => lost(),
    }
}

fn lost() {
    if status::untracked().storage == Some(StorageFailure::Broken) {
        return;
    }
    status::change(|status| status.storage = Some(StorageFailure::Broken));
    spawn_local(async {
        // Whoever has typed something can still copy it; then the page may go.
        while !page::reload_if_calm(chrono::Utc::now().timestamp_millis()) {
            gloo_timers::future::TimeoutFuture::new(2_000).await;
        }
    });
}

fn hear(open: Rc<Open>, note: Note) {
    match note {
        Note::Opened if open.is_elected() => open.say_told(),
        Note::Wake if open.is_elected() => open.wake(),
        Note::LoggedIn if open.is_elected() => open.logged_in(),
        Note::Told(told) if !open.is_elected() => status::change(|status| {
            status.reach = told.reach;
            status.receiving = told.receiving;
            status.clock_offset_ms = told.clock_offset_ms;
        }),
        Note::Opened | Note::Wake | Note::LoggedIn | Note::Told(_) => {}
        Note::LoggedOut => super::session::left(),
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

/// Reads a whole store. Rows that cannot be read can be fetched again.
async fn read_all(store: &IndexedDb, mut replica: Replica) -> Result<Desk, StorageFailure> {
    let (mut log, mut damaged) = (LogSize::default(), false);
    let mut kinds = BTreeSet::new();
    let mut loaded = store
        .load(None, &mut |piece| {
            if let Piece::Segment(segment) = piece {
                match take_segment(&mut replica, segment, &mut kinds) {
                    Ok(entries) => log.grow(1, entries),
                    Err(Unreadable) => damaged = true,
                }
            }
        })
        .await?;
    if damaged {
        replica.clear_rows();
        let meta = without_rows(loaded.meta);
        store.forget_rows(&meta).await?;
        log = LogSize::default();
        loaded = store.load(None, &mut |_| {}).await?;
    }
    replica.set_pending(loaded.pending);
    let refused = loaded.refused.iter().map(refused).collect();
    Ok(Desk { replica, open: None, device: None, meta: Some(loaded.meta), mark: loaded.mark, log, refused })
}

/// What the engine knows of a store without rows.
pub(super) fn without_rows(meta: Meta) -> Meta {
    Meta { cursors: std::collections::BTreeMap::new(), version: 0, fresh_at: None, ..meta }
}

fn take_segment(replica: &mut Replica, segment: &[u8], kinds: &mut BTreeSet<Kind>) -> Result<usize, Unreadable> {
    unpack(segment, |entry| {
        match entry {
            Entry::Drop(_) => kinds.extend(Kind::ALL),
            Entry::Put { kind, .. } | Entry::Delete { kind, .. } => kinds.extend(Kind::from_name(kind)),
        }
        take_entry(replica, entry);
    })
}

/// Role and team follow the person's record.
fn follow_user() {
    let followed = DESK.with(|desk| {
        let desk = &mut *desk.borrow_mut();
        let device = desk.device.as_mut()?;
        let me = device.person.as_mut()?;
        let user = desk.replica.noun::<User>(me.user)?;
        let actor = Actor::of(me.org, user)?;
        if me.actor() == actor && me.name == user.name {
            return None;
        }
        (me.role, me.team, me.name) = (actor.role, actor.team, user.name.clone());
        desk.replica.set_actor(Some(actor.clone()));
        desk.replica.rebase();
        Some((device.clone(), actor))
    });
    let Some((device, actor)) = followed else { return };
    ACTOR.with(|signal| signal.set(Some(actor)));
    announce(Kind::ALL.iter().copied());
    if let Some(me) = &device.person {
        super::session::renamed(me);
    }
    spawn_local(async move {
        if let Err(failure) = device::remember(&device).await {
            failed(failure);
        }
    });
}

fn shown(kinds: BTreeSet<Kind>) {
    tell_status();
    announce(kinds);
}

fn tell_status() {
    DESK.with(|desk| {
        let desk = desk.borrow();
        let waiting = || desk.replica.pending().iter().filter(|pending| pending.applied_at.is_none());
        let since: Option<Timestamp> = waiting().map(|pending| pending.at).min();
        let fresh_at = desk.meta.as_ref().and_then(|meta| meta.fresh_at);
        status::change(|status| {
            status.unsent = waiting().count();
            status.unsent_since = since;
            status.fresh_at = fresh_at;
            status.refused.clone_from(&desk.refused);
        });
    });
}

fn refused(refusal: &Refusal) -> Refused {
    let (rejection, quarantined) = match &refusal.outcome.verdict {
        Verdict::Rejected { rejection } => (rejection.clone(), false),
        Verdict::Quarantined { rejection } => (rejection.clone(), true),
        Verdict::Applied => (Rejection::UnknownCommand, false),
    };
    let Envelope { uuid, occurred_at, command, .. } = &refusal.envelope;
    Refused { uuid: *uuid, name: command.name.clone(), at: *occurred_at, rejection, quarantined }
}
