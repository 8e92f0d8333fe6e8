//! Who works on this device: log-in, log-out, and opening as the last user without the server.
//!
//! Invariants:
//! - Logging out, or handing the device over, never leaves unsent work behind unnoticed (clause N6).
//! - A person's data are open only with the key that their password unlocks (clause M3): after a cold start, and after a while in which nobody
//!   has touched the device, it is asked for. The password is what it was when the data were first opened on this device.

use super::device::{self, Device, Me};
use super::indexed_db::IndexedDb;
use super::lock::{Lock, LockFailure};
use super::store::Waiting;
use super::unsent_work::{self, NotTaken};
use super::{StorageFailure, apart, desk, eviction, letters, pin};
use crate::platform::network::{self, NoAnswer};
use crate::platform::vault::Key;
use crate::platform::{page, warm};
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use serde::Serialize;
use shared::ids::UserId;
use shared::sync::client::Meta;
use uuid::Uuid;

/// Where the device stands with its user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// What is stored on the device is being read; nothing can be shown yet.
    #[default]
    Opening,
    /// Nobody is logged in: show the log-in page.
    Nobody,
    /// Somebody's data are on this device, and locked.
    Locked(Person),
    /// Somebody's data are open. Whether the server still knows the session is another question: `Status::reach`.
    Open(Person),
    /// The device's storage cannot be opened: nothing can be saved, so nobody can work.
    Unusable(StorageFailure),
}

/// Who works on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Whose rows these are.
    pub user: UserId,
    /// Name by which colleagues know the person.
    pub name: String,
}

/// Why a log-in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogInError {
    /// Login or password are wrong, or the person has no access.
    WrongPassword,
    /// Too many tries; wait.
    TooManyTries {
        /// How long.
        seconds: u32,
    },
    /// No network, or no answer in time.
    NoNetwork,
    /// Something answered that is not our server: a captive portal.
    Captive,
    /// The server could not do it now.
    Server,
    /// The person who worked on this device before has work that is saved here only: they have to log in and send it first.
    OthersUnsentWork {
        /// How many commands.
        count: usize,
    },
    /// The same, of photos and other files.
    OthersUnsentFiles {
        /// How many files.
        count: usize,
    },
    /// The person's data on this device are locked with the password of before, and some of it was not sent yet and can only be sent once it
    /// is unlocked.
    FormerPassword {
        /// How many commands and files.
        count: usize,
    },
    /// The same, but some of it could be sent without that password and was not just now: nothing of it can be given up yet.
    NotSentYet {
        /// How many commands and files.
        count: usize,
    },
    /// That is not the password of before.
    WrongFormer,
    /// The browser cannot lock data here.
    NoLock,
    /// The device's storage could not be opened.
    Storage(StorageFailure),
}

impl From<StorageFailure> for LogInError {
    fn from(failure: StorageFailure) -> Self {
        Self::Storage(failure)
    }
}

/// Why nothing was unlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnlockError {
    /// Another password, or another PIN.
    Wrong {
        /// How long to wait before the next try.
        seconds: u32,
    },
    /// Too many wrong tries before.
    Wait {
        /// How long.
        seconds: u32,
    },
    /// The PIN serves no more: the password is asked for.
    PinSpent,
    /// The browser cannot unlock data here.
    NoLock,
    /// The device's storage could not be opened.
    Storage(StorageFailure),
}

/// Why a log-out was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOutError {
    /// Work is saved on this device only; it has to be sent first.
    UnsentWork {
        /// How many commands.
        count: usize,
    },
    /// Files are on this device only; they have to be sent first.
    UnsentFiles {
        /// How many.
        count: usize,
    },
    /// The server has to hear of it, or the session would live on.
    NoNetwork,
    /// The device's storage failed.
    Storage(StorageFailure),
}

thread_local! {
    static STANDING: ArcRwSignal<Standing> = ArcRwSignal::new(Standing::Opening);
}

/// Where the device stands with its user; tracked.
#[must_use]
pub fn standing() -> Standing {
    STANDING.with(|standing| standing.get())
}

/// The same, untracked.
pub(super) fn standing_untracked() -> Standing {
    STANDING.with(|standing| standing.get_untracked())
}

/// What is known of the password with which the person's data on this device were locked before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Former {
    /// It is asked for if need be.
    #[default]
    Unasked,
    /// This is it: the data open, and are locked with the new one from now on.
    Known(String),
    /// Nobody knows it any more: what is locked with it is given up.
    Forgotten,
}

/// Logs in and opens the person's data.
///
/// # Errors
/// [`LogInError`]; who was logged in before still is.
pub async fn log_in(login: &str, password: &str, former: Former) -> Result<(), LogInError> {
    let me = greet(login, password).await?;
    let password = password.to_owned();
    let admitted = apart(async move {
        let user = me.user;
        let admitted = admit(me, &password, &former).await;
        if admitted.is_err() && desk::device().and_then(|device| device.person).is_some_and(|person| person.user != user) {
            // The new session must not live on where another person's data are.
            let _unreached = take_leave().await;
        }
        admitted
    });
    let admitted = admitted.await.unwrap_or(Err(LogInError::Server));
    admitted.inspect_err(|why| stand_if_unusable(if let LogInError::Storage(failure) = why { Some(*failure) } else { None }))
}

/// Opens the data of whoever worked on this device last, with their password.
///
/// # Errors
/// [`UnlockError`]; it is still locked.
pub async fn unlock(password: &str) -> Result<(), UnlockError> {
    let password = password.to_owned();
    let opened = apart(async move { open_lock(&password).await }).await.unwrap_or(Err(UnlockError::Storage(StorageFailure::Broken)));
    opened.inspect_err(|why| stand_if_unusable(if let UnlockError::Storage(failure) = why { Some(*failure) } else { None }))
}

/// Opens them with the PIN, where one serves.
///
/// # Errors
/// [`UnlockError`]; it is still locked.
pub async fn unlock_with_pin(pin: &str) -> Result<(), UnlockError> {
    let pin = pin.to_owned();
    let opening = apart(async move {
        let key = pin::open(&pin).await?;
        let me = desk::device().and_then(|device| device.person).ok_or(UnlockError::Storage(StorageFailure::Broken))?;
        show(&me, key).await.map_err(UnlockError::Storage)
    });
    let opened = opening.await.unwrap_or(Err(UnlockError::Storage(StorageFailure::Broken)));
    opened.inspect_err(|why| stand_if_unusable(if let UnlockError::Storage(failure) = why { Some(*failure) } else { None }))
}

/// Locks what is open, here and in other tabs.
pub fn lock() {
    if let Some(open) = desk::opened() {
        open.forget_key();
        shut();
    }
}

/// Logs out and removes the person's rows from the device.
///
/// # Errors
/// [`LogOutError`]; the person is still logged in.
pub async fn log_out() -> Result<(), LogOutError> {
    apart(leave()).await.unwrap_or(Err(LogOutError::NoNetwork))
}

/// The person has another password now: their lock opens with it from now on. Returns whether it does.
pub async fn change_lock(former: &str, new: &str) -> bool {
    let (former, new) = (former.to_owned(), new.to_owned());
    let changed = apart(async move {
        let device = desk::recall().await.ok()?;
        let user = device.person?.user;
        let known = device.locks.get(&user)?;
        let lock = known.change(user, &former, &new).await.ok()?;
        put_lock(user, Some(known), lock).await.ok()?
    });
    changed.await.flatten().is_some()
}

/// What is known of data that cannot be opened any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remains {
    /// Nothing waits to be sent.
    Nothing,
    /// So much waits, and could not be sent just now.
    Waiting(Waiting),
    /// What waits cannot be counted any more.
    Unknown,
}

/// Sends what can be sent of data that cannot be opened any more, and says what would be lost with them.
pub async fn remains() -> Remains {
    let posted = apart(async {
        let person = desk::recall().await?.person.ok_or(StorageFailure::Broken)?;
        letters::post(person.user).await
    });
    match posted.await {
        Some(Ok((Waiting { commands: 0, files: 0 }, _))) => Remains::Nothing,
        Some(Ok((waiting, _))) => Remains::Waiting(waiting),
        Some(Err(_)) | None => Remains::Unknown,
    }
}

/// What waits in them, as a file to be sent from another device, and how much it holds.
///
/// # Errors
/// [`NotTaken`].
pub async fn take_remains() -> Result<(String, Waiting), NotTaken> {
    let person = desk::recall().await.map_err(NotTaken::Storage)?.person.ok_or(NotTaken::Storage(StorageFailure::Broken))?;
    unsent_work::take_of(person.user).await
}

/// Removes data that cannot be opened any more; what the server has is fetched anew. What was not sent is lost.
///
/// # Errors
/// [`StorageFailure`]: only the browser's own settings can help.
pub async fn begin_anew() -> Result<(), StorageFailure> {
    let removed = apart(async {
        let Ok(device) = desk::recall().await else { return device::remove().await };
        for user in device.locks.keys().copied() {
            let is_damaged =
                device.person.as_ref().is_some_and(|person| person.user == user) || IndexedDb::waiting(user, &first_meta()?).await.is_err();
            if is_damaged {
                remove_store(user).await?;
            }
        }
        Ok(())
    });
    removed.await.unwrap_or(Err(StorageFailure::Broken))
}

/// Opens the data of whoever worked on this device last, if their key is still in some memory; else they are locked.
pub(super) async fn resume() {
    let opened = async {
        let device = desk::recall().await?;
        let was_nobody = device.person.is_none();
        let locked = device.person.filter(|me| device.locks.contains_key(&me.user));
        let Some(me) = locked else {
            stand(Standing::Nobody);
            if was_nobody {
                leptos::task::spawn_local(eviction::look_for_a_session());
            }
            return Ok(());
        };
        match warm::ask(&me.user.to_string()).await {
            Some(key) => show(&me, key).await,
            None => {
                stand(Standing::Locked(person(&me)));
                Ok(())
            }
        }
    };
    if let Err(failure) = opened.await {
        stand(Standing::Unusable(failure));
    }
}

/// Locks what is open when nobody has touched the device for a while, even if it slept meanwhile.
pub(super) fn lock_when_idle() {
    // Whoever wakes it by a touch finds it locked.
    let touched = page::Touched::watch(|ago_ms| {
        if ago_ms > idle_ms() {
            lock();
        }
    });
    Interval::new(IDLE_CHECK_MS, move || {
        if touched.ago_ms() > idle_ms() {
            lock();
        }
    })
    .forget();
}

/// Another tab has locked.
pub(super) fn locked_elsewhere() {
    if desk::opened().is_some() {
        shut();
    }
}

/// The person has logged out in another tab.
pub(super) fn left() {
    desk::close();
    stand(Standing::Nobody);
}

/// The person's record has changed.
pub(super) fn renamed(me: &Me) {
    stand(Standing::Open(Person { user: me.user, name: me.name.clone() }));
}

const TIMEOUT_MS: u32 = 20_000;
const IDLE_CHECK_MS: u32 = 5_000;

/// After so long without a touch the data are locked.
fn idle_ms() -> f64 {
    f64::from(desk::policy().idle_minutes) * 60_000.0
}

fn shut() {
    let Some(open) = desk::opened() else { return };
    pin::keep(&open);
    desk::close();
    stand(Standing::Locked(person(&open.me)));
}

fn person(me: &Me) -> Person {
    Person { user: me.user, name: me.name.clone() }
}

async fn open_lock(password: &str) -> Result<(), UnlockError> {
    let device = desk::recall().await.map_err(UnlockError::Storage)?;
    let me = device.person.ok_or(UnlockError::Storage(StorageFailure::Broken))?;
    let lock = device.locks.get(&me.user).ok_or(UnlockError::Storage(StorageFailure::Broken))?;
    let seconds = lock.wait(chrono::Utc::now());
    if seconds > 0 {
        return Err(UnlockError::Wait { seconds });
    }
    match lock.open(me.user, password).await {
        Ok(key) => {
            note_right(me.user).await.map_err(UnlockError::Storage)?;
            show(&me, key).await.map_err(UnlockError::Storage)
        }
        Err(LockFailure::WrongPassphrase) => {
            let now = chrono::Utc::now();
            let device = note_try(me.user, |lock| lock.note_wrong(now)).await.map_err(UnlockError::Storage)?;
            let seconds = device.locks.get(&me.user).map_or(0, |lock| lock.wait(now));
            Err(UnlockError::Wrong { seconds })
        }
        Err(LockFailure::NotOffered) => Err(UnlockError::NoLock),
    }
}

async fn note_try(user: UserId, note: impl Fn(&mut Lock)) -> Result<Device, StorageFailure> {
    desk::remember(|device| device.locks.get_mut(&user).into_iter().for_each(note)).await
}

async fn note_right(user: UserId) -> Result<(), StorageFailure> {
    let now = chrono::Utc::now();
    note_try(user, |lock| lock.note_right(now)).await.map(drop)
}

async fn show(me: &Me, key: Key) -> Result<(), StorageFailure> {
    if !desk::open(me, key).await? {
        stand(Standing::Locked(person(me)));
        return Ok(());
    }
    // The stored record may have another name than the log-in.
    renamed(&desk::device().and_then(|device| device.person).unwrap_or_else(|| me.clone()));
    Ok(())
}

async fn greet(login: &str, password: &str) -> Result<Me, LogInError> {
    #[derive(Serialize)]
    struct Credentials<'a> {
        login: &'a str,
        password: &'a str,
    }
    let body = serde_json::to_string(&Credentials { login, password }).expect("two texts always serialise");
    let answer = network::post("/api/session", &body, TIMEOUT_MS).await.map_err(|failure| match failure {
        NoAnswer::Offline => LogInError::NoNetwork,
        NoAnswer::Captive => LogInError::Captive,
    })?;
    match answer.status {
        200 => serde_json::from_str(&answer.body).map_err(|_| LogInError::Server),
        401 => Err(LogInError::WrongPassword),
        429 => Err(LogInError::TooManyTries { seconds: answer.retry_after.unwrap_or(60) }),
        _ => Err(LogInError::Server),
    }
}

/// The server knows the person; now the device.
async fn admit(me: Me, password: &str, former: &Former) -> Result<(), LogInError> {
    match desk::opened() {
        Some(open) if open.me.user == me.user => {
            desk::remember(|device| device.person = Some(me)).await?;
            open.logged_in();
            return Ok(());
        }
        Some(open) => {
            refuse_unsent(Waiting { commands: desk::unsent(), files: desk::unsent_files() })?;
            forget(&open).await?;
        }
        None => {
            let before = desk::recall().await?.person.filter(|before| before.user != me.user);
            if let Some(before) = before {
                refuse_unsent(IndexedDb::waiting(before.user, &first_meta()?).await?)?;
            }
        }
    }
    let key = key_of(&me, password, former).await?;
    desk::remember(|device| device.person = Some(me.clone())).await?;
    Ok(show(&me, key).await?)
}

/// Somebody else's work must not stay behind on this device.
const fn refuse_unsent(waiting: Waiting) -> Result<(), LogInError> {
    match waiting {
        Waiting { commands: 0, files: 0 } => Ok(()),
        Waiting { commands: 0, files: count } => Err(LogInError::OthersUnsentFiles { count }),
        Waiting { commands: count, .. } => Err(LogInError::OthersUnsentWork { count }),
    }
}

/// The key of a person's data on this device, whose lock the password opens; a new one for whoever has nothing here.
async fn key_of(me: &Me, password: &str, former: &Former) -> Result<Key, LogInError> {
    let device = desk::recall().await?;
    let known = device.locks.get(&me.user);
    if let Some(lock) = known {
        match lock.open(me.user, password).await {
            Ok(key) => {
                note_right(me.user).await?;
                return Ok(key);
            }
            Err(LockFailure::NotOffered) => return Err(LogInError::NoLock),
            Err(LockFailure::WrongPassphrase) => {
                if let Former::Known(former) = former {
                    let changed = change_forgotten(me.user, lock, former, password).await?;
                    let key = changed.open(me.user, password).await.map_err(|_| LogInError::NoLock)?;
                    return put_lock(me.user, known, changed).await?.map(|()| key).ok_or(LogInError::Server);
                }
                // Letters can be sent without it, in the name of who has just logged in.
                let (Waiting { commands, files }, later) = letters::post(me.user).await?;
                if later {
                    return Err(LogInError::NotSentYet { count: commands + files });
                }
                if commands + files > 0 && *former != Former::Forgotten {
                    return Err(LogInError::FormerPassword { count: commands + files });
                }
                // Nothing waits here any more, or it is given up. Drafts and what was refused go with the store.
                remove_store(me.user).await?;
            }
        }
    }
    let (lock, key) = Lock::make(me.user, password).await.map_err(|_| LogInError::NoLock)?;
    if known.is_none() && IndexedDb::exists(me.user).await? {
        // Their lock has gone and nobody can open what it had locked. Letters can still be sent.
        let (Waiting { commands, files }, later) = letters::post(me.user).await?;
        if later {
            return Err(LogInError::NotSentYet { count: commands + files });
        }
        remove_store(me.user).await?;
    }
    desk::remember(|device| drop(device.pins.remove(&me.user))).await?;
    // The lock first: data that nobody can open must not come about. Nor may two tabs make two.
    put_lock(me.user, known, lock).await?.map(|()| key).ok_or(LogInError::Server)
}

/// Removes a person's store; one that comes about after it is a new one.
pub(super) async fn remove_store(user: UserId) -> Result<(), StorageFailure> {
    IndexedDb::remove(user).await?;
    let forget = |device: &mut Device| {
        device.taken_over.remove(&user);
    };
    desk::remember(forget).await.map(drop)
}

/// The lock with the new password, if the former one is right. Wrong ones slow down as they do on the lock page.
async fn change_forgotten(user: UserId, lock: &Lock, former: &str, new: &str) -> Result<Lock, LogInError> {
    let now = chrono::Utc::now();
    let seconds = lock.wait(now);
    if seconds > 0 {
        return Err(LogInError::TooManyTries { seconds });
    }
    match lock.change(user, former, new).await {
        Ok(changed) => Ok(changed),
        Err(LockFailure::NotOffered) => Err(LogInError::NoLock),
        Err(LockFailure::WrongPassphrase) => {
            note_try(user, |lock| lock.note_wrong(now)).await?;
            Err(LogInError::WrongFormer)
        }
    }
}

/// Stores a lock in place of the one that was known; none if another tab has stored another meanwhile.
async fn put_lock(user: UserId, known: Option<&Lock>, lock: Lock) -> Result<Option<()>, StorageFailure> {
    let mut put = None;
    let change = |device: &mut Device| {
        if device.locks.get(&user) == known {
            device.locks.insert(user, lock);
            put = Some(());
        }
    };
    desk::remember(change).await?;
    Ok(put)
}

pub(super) fn first_meta() -> Result<Meta, StorageFailure> {
    Ok(Meta::new(desk::device().ok_or(StorageFailure::Broken)?.client, Uuid::now_v7()))
}

async fn leave() -> Result<(), LogOutError> {
    let Some(open) = desk::opened() else { return Ok(()) };
    match (desk::unsent(), desk::unsent_files()) {
        (0, 0) => {}
        (0, count) => return Err(LogOutError::UnsentFiles { count }),
        (count, _) => return Err(LogOutError::UnsentWork { count }),
    }
    take_leave().await?;
    let gone = |device: &mut Device| {
        device.person = None;
        device.pins.remove(&open.me.user);
    };
    desk::remember(gone).await.map_err(LogOutError::Storage)?;
    forget(&open).await.map_err(LogOutError::Storage)?;
    stand(Standing::Nobody);
    Ok(())
}

/// Nothing that the server can give again stays of a person who has left. What was done stays for 30 days, should the server be restored.
async fn forget(open: &desk::Open) -> Result<(), StorageFailure> {
    open.leave_no_rows().await?;
    open.store.forget_drafts().await?;
    // Said before the key is forgotten, which closes what other tabs have open.
    open.say(&desk::Note::LoggedOut);
    open.forget_key();
    desk::close();
    Ok(())
}

/// What cannot be opened cannot be worked with, and the page says what can be done.
fn stand_if_unusable(failure: Option<StorageFailure>) {
    if let Some(failure @ (StorageFailure::Broken | StorageFailure::Newer)) = failure {
        stand(Standing::Unusable(failure));
    }
}

async fn take_leave() -> Result<(), LogOutError> {
    match network::delete("/api/session", TIMEOUT_MS).await {
        Ok(answer) if answer.status < 500 => Ok(()),
        Ok(_) | Err(_) => Err(LogOutError::NoNetwork),
    }
}

fn stand(standing: Standing) {
    if !matches!(standing, Standing::Locked(_)) {
        pin::forget();
    }
    letters::post_if_locked(&standing);
    STANDING.with(|signal| signal.set(standing));
}
