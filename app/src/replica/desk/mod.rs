//! What this tab holds in memory of an open store; saving into it. `carried` is what other devices have given, `drafts` keeps what is typed,
//! `stored` changes the store for the engine, `tabs` speaks with other tabs.
//!
//! Laws:
//! - Stored first, shown then: memory changes only after the transaction is durable, and at once.
//! - Whatever changes what waits or what is held (saving, rulings, rows, new epochs, other tabs) does so one after the other, under
//!   [`Open::writing`].

mod carried;
mod drafts;
mod sealing;
mod stored;
mod tabs;

use drafts::Drafts;
pub(super) use drafts::{draft, drafts_are_stored, set_draft};
use stored::read_all;
pub(super) use tabs::Note;

use super::device::{self, Device, Me};
use super::indexed_db::IndexedDb;
use super::status::{self, FilesWaiting, Reach, Refused, Room};
use super::store::{Along, KeptFile, Mark, NewFile, Store, UnsentFile, pending};
use super::tidying::LogSize;
use super::{NotSaved, StorageFailure, announce, kiosk, lease, runner, secret};
use crate::platform::network::{self, Sender};
use crate::platform::page;
use crate::platform::slices::Slices;
use crate::platform::tabs::Channel;
use crate::platform::vault::Key;
use crate::platform::warm::{self, Keeper};
use futures::channel::mpsc::UnboundedSender;
use futures::channel::oneshot;
use futures::future::{AbortHandle, Abortable};
use futures::lock::Mutex;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use leptos::logging::log;
use leptos::prelude::*;
use shared::Command;
use shared::carry::Bag;
use shared::decide::{Actor, Stop};
use shared::ids::{AttachmentId, ClientId, UserId};
use shared::people::User;
use shared::record::{Kind, Scope};
use shared::settings::{DevicePolicy, Settings};
use shared::sync::client::{Event, Meta};
use shared::sync::files::{FileEvent, WaitingFile};
use shared::sync::protocol::Envelope;
use shared::sync::replica::Replica;
use shared::{Rejection, time::Timestamp};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use uuid::Uuid;
use wasm_bindgen_futures::spawn_local;

/// A person's store, open in this tab.
pub(super) struct Open {
    pub(super) me: Me,
    pub(super) store: IndexedDb,
    writing: Mutex<()>,
    /// The engine's ear, while this tab is the one that talks to the network.
    pub(super) engine: RefCell<Option<UnboundedSender<Event>>>,
    /// The ear of the queue of files, meanwhile.
    pub(super) files: RefCell<Option<UnboundedSender<FileEvent>>>,
    /// This tab was elected to talk to the network, even if it just waits until it can store again.
    pub(super) holds_lock: Cell<bool>,
    /// The tab that was elected has answered since it was asked.
    is_answered: Cell<bool>,
    tabs: RefCell<Option<Channel>>,
    /// Another tab has stored something that this one has not read yet, and reading is already asked for.
    behind: Cell<bool>,
    /// They stand here and not on the desk: what was typed last is stored even when the data are locked meanwhile.
    drafts: Drafts,
    /// Opens the person's data.
    pub(super) key: Key,
    /// Gives the key to other tabs, and to this one over a reload.
    keeper: RefCell<Option<Keeper>>,
    /// To which key letters are written.
    letter_key: RefCell<Option<String>>,
    /// A wake is on its way.
    waking: Cell<bool>,
    /// Until then, in milliseconds of the device's clock, nobody looks whether the device's certificate is to be renewed.
    pub(super) certified_until_ms: Cell<i64>,
    /// A command that cannot be read any more is being taken from the outbox.
    pub(super) mending: Cell<bool>,
    /// Ends the driver's waiting for room, or for another tab.
    pub(super) pause: RefCell<Option<oneshot::Sender<()>>>,
    /// Not closed: what has begun in the storage may outlive that, and whoever takes the storage away then does no harm.
    is_wanted: Rc<Cell<bool>>,
    stop: AbortHandle,
}

struct Desk {
    replica: Replica,
    open: Option<Rc<Open>>,
    device: Option<Device>,
    meta: Option<Meta>,
    mark: Mark,
    log: LogSize,
    refused: Vec<Refused>,
    files: Vec<UnsentFile>,
    bag: Bag,
}

impl Desk {
    fn new() -> Self {
        let replica = Replica::new(ClientId(Uuid::nil()), None);
        let (refused, files, bag) = Default::default();
        Self { replica, open: None, device: None, meta: None, mark: Mark::default(), log: LogSize::default(), refused, files, bag }
    }
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::new(Desk::new());
    static ACTOR: ArcRwSignal<Option<Actor>> = ArcRwSignal::new(None);
    /// Rows are being read that a start has left unread.
    static READING: Cell<bool> = const { Cell::new(false) };
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

/// Files that are on this device only and can still be sent.
pub(super) fn unsent_files() -> usize {
    status::untracked().files.count
}

/// Files that are on this device only and can be sent no more.
pub(super) fn damaged_files() -> usize {
    DESK.with(|desk| desk.borrow().files.len()).saturating_sub(unsent_files())
}

/// Reads the device's facts into memory.
///
/// # Errors
/// [`StorageFailure`].
pub(super) async fn recall() -> Result<Device, StorageFailure> {
    let device = remember(|_| {}).await?;
    status::change(|status| status.clock_offset_ms = device.clock_offset_ms);
    Ok(device)
}

/// Changes the device's facts as they are stored, whatever this tab knew of them; gives them.
///
/// # Errors
/// [`StorageFailure`].
pub(super) async fn remember(f: impl FnOnce(&mut Device)) -> Result<Device, StorageFailure> {
    let device = device::change(f).await?;
    DESK.with(|desk| desk.borrow_mut().device = Some(device.clone()));
    kiosk::told(&device);
    Ok(device)
}

/// Opens a person's store, reads it, shows it, and starts to sync. Gives whether it is open: another tab may have locked meanwhile.
///
/// # Errors
/// [`StorageFailure`].
pub(super) async fn open(me: &Me, key: Key) -> Result<bool, StorageFailure> {
    let client = device().ok_or(StorageFailure::Broken)?.client;
    let begun = chrono::Utc::now();
    // Before anything is read: whoever locks now means this tab too.
    let was_locked = Rc::new(Cell::new(false));
    let keeper = Keeper::new(me.user.to_string(), &key, {
        let was_locked = Rc::clone(&was_locked);
        move || {
            was_locked.set(true);
            super::session::locked_elsewhere();
        }
    });
    let first = Meta::new(client, Uuid::now_v7());
    let is_wanted = Rc::new(Cell::new(true));
    let taken_away = {
        let is_wanted = Rc::clone(&is_wanted);
        move || {
            if is_wanted.get() {
                lost();
            }
        }
    };
    let store = IndexedDb::open(me.user, key.clone(), &first, taken_away).await?;
    let is_known = device().is_some_and(|device| device.taken_over.contains(&me.user));
    if !is_known {
        store.take_over(me.user).await?;
        remember(|device| device.taken_over.extend([me.user])).await?;
    }
    let mut desk = read_all(&store, Replica::new(client, Some(me.actor()))).await?;
    let rows = desk.replica.base_len();
    let (stop, stopped) = AbortHandle::new_pair();
    let drafts = Drafts::new(store.drafts().await?);
    let open = Rc::new(Open {
        me: me.clone(),
        store,
        drafts,
        writing: Mutex::new(()),
        engine: RefCell::new(None),
        files: RefCell::new(None),
        holds_lock: Cell::new(false),
        is_answered: Cell::new(false),
        tabs: RefCell::new(None),
        behind: Cell::new(false),
        keeper: RefCell::new(Some(keeper)),
        key,
        letter_key: RefCell::new(None),
        waking: Cell::new(false),
        certified_until_ms: Cell::new(0),
        mending: Cell::new(false),
        pause: RefCell::new(None),
        is_wanted,
        stop,
    });
    // What is saved from now on must be able to leave while it is locked again.
    if let Some(settings) = desk.replica.noun::<Settings>(me.org)
        && let Some(key) = settings.letter_key.clone()
    {
        open.write_letters_to(key).await;
    }
    let sender = open.sender(&device().ok_or(StorageFailure::Broken)?).await;
    if was_locked.get() {
        return Ok(false);
    }
    let is_new = desk.meta.as_ref().is_some_and(|meta| meta.incarnation == first.incarnation);
    let first_time = desk.meta.as_ref().is_none_or(|meta| meta.fresh_at.is_none());
    desk.open = Some(Rc::clone(&open));
    DESK.with(|old| {
        let mut old = old.borrow_mut();
        desk.device = old.device.take();
        *old = desk;
    });
    network::send_for(Some(sender));
    ACTOR.with(|actor| actor.set(Some(me.actor())));
    follow_user();
    status::change(|status| {
        status.reach = Reach::Unknown;
        status.storage = None;
        status.receiving = first_time.then_some(0);
        status.evicted = is_known && is_new;
    });
    tell_status();
    announce(Kind::ALL.iter().copied());
    log!("replica: {rows} rows in {} ms", (chrono::Utc::now() - begun).num_milliseconds());
    open.join_tabs();
    read_the_rest();
    spawn_local(async move {
        // Aborted when it is closed.
        let _stopped = Abortable::new(runner::run(open), stopped).await;
    });
    spawn_local(async {
        look_at_storage().await;
    });
    Ok(true)
}

/// Reads the rows that were taken from the storage unread, when the first page stands: then nobody waits for them who looks at all of them, and
/// the pages in which they stand are let go.
fn read_the_rest() {
    const STANDS_MS: u32 = 1_500;
    const AT_ONCE: usize = 512;
    if READING.replace(true) {
        return;
    }
    spawn_local(async {
        TimeoutFuture::new(STANDS_MS).await;
        let mut slices = Slices::begin();
        while DESK.with(|desk| desk.borrow_mut().replica.read_some(AT_ONCE)) {
            slices.breathe().await;
        }
        READING.set(false);
    });
}

/// Asks the browser to keep what is here, and how much room there is.
pub(super) async fn look_at_storage() {
    let persisted = page::persist().await;
    status::change(|status| status.persisted = persisted);
    look_at_room().await;
}

/// Whether everything of a scope is held as the server had it at the last complete pull.
pub(super) fn holds(scope: Scope) -> bool {
    DESK.with(|desk| desk.borrow().meta.as_ref().is_some_and(|meta| meta.cursors.contains_key(&scope)))
}

/// Asks how much room there is.
pub(super) async fn look_at_room() {
    let room = page::room().await.map(|(used, quota)| Room { used, free: quota.saturating_sub(used) });
    if status::untracked().room != room {
        status::change(|status| status.room = room);
    }
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
        open.is_wanted.set(false);
        open.stop.abort();
        open.engine.take();
        open.files.take();
        open.tabs.take();
        open.keeper.take();
    }
    network::send_for(None);
    ACTOR.with(|actor| actor.set(None));
    status::change(|status| {
        *status = status::Status {
            persisted: status.persisted,
            room: status.room,
            update_waiting: status.update_waiting,
            clock_offset_ms: status.clock_offset_ms,
            ..status::Status::default()
        };
    });
    announce(Kind::ALL.iter().copied());
}

/// Closes what a person whose data are not open here has open in other tabs.
pub(super) fn close_elsewhere(user: UserId) {
    tabs::say_logged_out(user);
    warm::forget(&user.to_string());
}

/// Checks, saves and shows a command; its files are saved with it, and the draft of the form that it comes from is forgotten with it.
///
/// # Errors
/// [`NotSaved`]: nothing was saved and nothing changed.
pub(super) async fn save(mut command: Command, files: Vec<NewFile>, form: Option<&str>) -> Result<(), NotSaved> {
    debug_assert!(command.attachments().iter().all(|named| files.iter().any(|file| file.new == *named)), "a file is named without its bytes");
    let open = opened().ok_or(NotSaved::Rejected(Rejection::Forbidden))?;
    // Before what keeps all other writing waiting.
    let alone = if matches!(command, Command::SignDeal(_)) { Some(open.seal_alone().await) } else { None };
    let _writing = open.writing.lock().await;
    let at = chrono::Utc::now();
    let predicted = with_replica(|replica| replica.predict(&command, at)).map_err(|stop| match stop {
        Stop::Rejected(rejection) => NotSaved::Rejected(rejection),
        Stop::Unavailable(_) => NotSaved::Storage(StorageFailure::Broken),
    })?;
    let clock_offset_ms = device().and_then(|device| device.clock_offset_ms).unwrap_or(0);
    let next = match &mut command {
        Command::SignDeal(args) => open.seal(args, &predicted, clock_offset_ms).await?,
        _ => None,
    };
    let envelope = Envelope { seq: 0, uuid: Uuid::now_v7(), occurred_at: at, clock_offset_ms, command: command.to_raw() };
    let along = Along { files: &files, form, chain: next.as_ref() };
    open.save_along(&envelope, along).await.inspect_err(|failure| failed(*failure)).map_err(NotSaved::Storage)?;
    drop(alone);
    if !open.is_open() {
        // Locked meanwhile: it is saved, and shown when it is unlocked.
        return Ok(());
    }
    let kinds = DESK.with(|desk| {
        let desk = &mut *desk.borrow_mut();
        desk.files.extend(files.iter().map(|file| KeptFile::new(file, envelope.uuid).unsent(false)));
        desk.replica.add_pending(pending(&envelope, None))
    });
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
    if open.is_open() {
        DESK.with(|desk| desk.borrow_mut().refused.retain(|refused| refused.uuid != uuid));
        tell_status();
        open.say(&Note::Stored);
    }
    Ok(())
}

impl Open {
    /// Syncs now: by this tab, or by the one that was elected.
    pub(super) fn wake(&self) {
        self.tell_files(FileEvent::Wake);
        self.send(Event::Wake, &Note::Wake);
    }

    /// Receives now, if this tab is the one that syncs.
    pub(super) fn look_for_news(&self) {
        if let Some(engine) = &*self.engine.borrow() {
            let _halted = engine.unbounded_send(Event::Poked);
        }
    }

    /// Something was stored: a device that was full is so no more.
    pub(super) fn has_room(&self) {
        if status::untracked().storage == Some(StorageFailure::Full) {
            status::change(|status| status.storage = None);
            self.end_pause();
        }
    }

    /// The driver that waits tries again now.
    fn end_pause(&self) {
        if let Some(pause) = self.pause.take() {
            // It may have tried again by itself meanwhile.
            let _tried = pause.send(());
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

    /// Without letters everything goes as before, except that nothing is sent while it is locked.
    async fn write_letters_to(&self, key: String) {
        *self.letter_key.borrow_mut() = Some(key.clone());
        if let Err(failure) = self.store.write_letters_to(&key).await {
            log!("letters: {failure:?}");
        }
    }

    /// Closes it, here and in other tabs; what is being saved here comes to its end before, and what was typed is stored no more.
    pub(super) async fn close_everywhere(&self) {
        let _writing = self.writing.lock().await;
        let _storing = self.drafts.storing.lock().await;
        // Said before the key is forgotten, which would only lock it there.
        self.say(&Note::LoggedOut);
        self.forget_key();
        if self.is_open() {
            close();
        }
        self.drafts.changed.borrow_mut().clear();
    }

    /// Other tabs and the service worker forget the key.
    pub(super) fn forget_key(&self) {
        if let Some(keeper) = self.keeper.take() {
            keeper.forget();
        }
    }

    /// The person has logged in again, in this tab or another: requests are sent in the session that the device's facts have now.
    pub(super) async fn logged_in(&self, device: &Device) {
        let sender = self.sender(device).await;
        if !self.is_open() {
            return;
        }
        network::send_for(Some(sender));
        self.tell_files(FileEvent::LoggedIn);
        match &*self.engine.borrow() {
            // The engine has stopped after a failure of the storage; the user was told.
            Some(engine) => drop(engine.unbounded_send(Event::LoggedIn)),
            None => self.end_pause(),
        }
    }

    async fn sender(&self, device: &Device) -> Sender {
        Sender { user: self.me.user.to_string(), secret: secret::open(&self.key, self.me.user, device).await }
    }

    /// Files that can be sent now, the oldest first.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn awaited_files(&self) -> Result<Vec<WaitingFile>, StorageFailure> {
        // Memory knows of every file that waits: most often there is none, and nothing is read.
        if DESK.with(|desk| desk.borrow().files.is_empty()) {
            return Ok(Vec::new());
        }
        let unsent = self.store.unsent_files().await?;
        Ok(unsent.into_iter().filter(|unsent| unsent.is_awaited).map(|unsent| unsent.file).collect())
    }

    /// The server has a file, in a history of its own. Gives whether that counts.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(super) async fn note_sent(&self, attachment: AttachmentId, epoch: Uuid) -> Result<bool, StorageFailure> {
        if !self.store.note_sent(attachment, epoch, chrono::Utc::now()).await? {
            return Ok(false);
        }
        if self.is_open() {
            DESK.with(|desk| desk.borrow_mut().files.retain(|unsent| unsent.file.attachment != attachment));
            tell_status();
            self.say(&Note::Stored);
        }
        Ok(true)
    }

    /// The bytes of a file are not what its record says.
    pub(super) fn tell_damaged(&self, attachment: AttachmentId) {
        status::change(|status| {
            status.damaged_files.insert(attachment);
        });
        tell_status();
        self.say_told();
    }

    /// Nobody hears it where files are not sent.
    fn tell_files(&self, event: FileEvent) {
        if let Some(files) = &*self.files.borrow() {
            let _halted = files.unbounded_send(event);
        }
    }

    /// Whether this is what the desk shows. What was locked meanwhile must not come back into memory.
    pub(super) fn is_open(&self) -> bool {
        opened().is_some_and(|open| std::ptr::eq(Rc::as_ptr(&open), self))
    }

    fn is_elected(&self) -> bool {
        self.engine.borrow().is_some()
    }

    fn send(&self, event: Event, note: &Note) {
        match &*self.engine.borrow() {
            // The engine has stopped after a failure of the storage; the user was told.
            Some(engine) => drop(engine.unbounded_send(event)),
            None => {
                self.end_pause();
                self.say(note);
            }
        }
    }
}

/// The storage has failed in the background: the user is told, and a page that lost its database is loaded again.
pub(super) fn failed(failure: StorageFailure) {
    match failure {
        StorageFailure::Full => status::change(|status| status.storage = Some(failure)),
        StorageFailure::Broken | StorageFailure::Newer | StorageFailure::Held => lost(),
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
            TimeoutFuture::new(2_000).await;
        }
    });
}

/// The organisation's settings.
pub(super) fn settings() -> Option<Arc<Settings>> {
    with_replica(|replica| replica.noun::<Settings>(replica.actor()?.org).cloned())
}

/// How this device guards what is on it.
pub(super) fn policy() -> DevicePolicy {
    settings().map(|settings| settings.devices).unwrap_or_default()
}

/// Letters are written to the key that stands in the settings.
fn follow_letter_key() {
    let Some((open, key)) = opened().zip(settings().and_then(|settings| settings.letter_key.clone())) else { return };
    if open.letter_key.borrow().as_ref() != Some(&key) {
        spawn_local(async move { open.write_letters_to(key).await });
    }
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
        let me = me.clone();
        desk.replica.set_actor(Some(actor.clone()));
        desk.replica.rebase();
        Some((me, actor))
    });
    let Some((me, actor)) = followed else { return };
    ACTOR.with(|signal| signal.set(Some(actor)));
    announce(Kind::ALL.iter().copied());
    super::session::renamed(&me);
    spawn_local(async move {
        // Somebody else may have logged in meanwhile, in another tab.
        let noted = remember(|device| device.person.iter_mut().filter(|person| person.user == me.user).for_each(|person| *person = me.clone()));
        if let Err(failure) = noted.await {
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
            let files = || desk.files.iter().map(|unsent| unsent.file).filter(|file| !status.damaged_files.contains(&file.attachment));
            status.files = FilesWaiting { count: files().count(), bytes: files().map(|file| u64::from(file.content.bytes)).sum() };
            status.unsent = waiting().count();
            status.unsent_since = since;
            status.fresh_at = fresh_at;
            status.refused.clone_from(&desk.refused);
        });
    });
    lease::check();
}
