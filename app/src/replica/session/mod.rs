//! Who works on this device, and opening as the last user without the server; `log_in` and `leaving` need it.
//!
//! Invariants:
//! - Logging out, or handing the device over, never leaves unsent work behind unnoticed (clause N6).
//! - A person's data are open only with the key that their password unlocks (clause M3): after a cold start, and after a while in which nobody
//!   has touched the device, it is asked for. The password is what it was when the data were first opened on this device.

mod leaving;
mod log_in;

pub use leaving::{LogOutError, log_out};
pub use log_in::{Former, LogInError, log_in};

use super::device::{self, Device, Me};
use super::indexed_db::IndexedDb;
use super::lock::{Lock, LockFailure};
use super::store::Waiting;
use super::unsent_work::{self, NotTaken};
use super::{StorageFailure, apart, desk, eviction, kiosk, letters, pin};
use crate::platform::vault::Key;
use crate::platform::{page, warm};
use gloo_timers::callback::Interval;
use leptos::prelude::*;
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

/// Opens the data of whoever worked on this device last, with their password.
///
/// # Errors
/// [`UnlockError`]; it is still locked.
pub async fn unlock(password: &str) -> Result<(), UnlockError> {
    let password = password.to_owned();
    let opened = apart(async move { open_lock(&password).await }).await.unwrap_or(Err(UnlockError::Storage(StorageFailure::Broken)));
    if let Err(UnlockError::Storage(failure)) = opened {
        stand_if_unusable(failure);
    }
    opened
}

/// Opens them with the PIN, where one serves.
///
/// # Errors
/// [`UnlockError`]; it is still locked.
pub async fn unlock_with_pin(pin: &str) -> Result<(), UnlockError> {
    let pin = pin.to_owned();
    let opening = apart(async move {
        let Some((_, me)) = still_theirs().await? else { return Ok(()) };
        let key = pin::open(&pin).await?;
        match show(&me, key).await {
            // Whether the key or the store is the wrong one shows with the password.
            Err(StorageFailure::Broken) => {
                pin::forget();
                Err(UnlockError::PinSpent)
            }
            shown => shown.map_err(UnlockError::Storage),
        }
    });
    let opened = opening.await.unwrap_or(Err(UnlockError::Storage(StorageFailure::Broken)));
    if let Err(UnlockError::Storage(failure)) = opened {
        stand_if_unusable(failure);
    }
    opened
}

/// Locks what is open, here and in other tabs.
pub fn lock() {
    if let Some(open) = desk::opened() {
        open.forget_key();
        shut();
    }
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
        let closed = closed(&device);
        if device.person.is_none() {
            leptos::task::spawn_local(eviction::look_for_a_session());
        }
        let key = match &closed {
            Standing::Locked(person) => warm::ask(&person.user.to_string()).await,
            _ => None,
        };
        match device.person.zip(key) {
            Some((me, key)) => match show(&me, key).await {
                // It was handed on, and may be that of another store: the password tells.
                Err(StorageFailure::Broken) => stand(closed),
                shown => return shown,
            },
            None => stand(closed),
        }
        Ok(())
    };
    if let Err(failure) = opened.await {
        stand(Standing::Unusable(failure));
    }
}

/// Locks what is open when nobody has touched the device for a while, even if it slept meanwhile.
pub(super) fn lock_when_idle() {
    // Whoever wakes it by a touch finds it locked.
    let touched = page::Touched::watch(|ago_ms| {
        if ago_ms > idle_ms() && !kiosk::keeps_open(chrono::Utc::now()) {
            lock();
        }
    });
    Interval::new(IDLE_CHECK_MS, move || {
        if touched.ago_ms() > idle_ms() && !kiosk::keeps_open(chrono::Utc::now()) {
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

/// Who is shown as locked here, if the device is theirs still: they may have left it in another tab, or somebody else may have it now. Then this
/// page shows that, and knows no key any more.
async fn still_theirs() -> Result<Option<(Device, Me)>, UnlockError> {
    let device = desk::recall().await.map_err(UnlockError::Storage)?;
    match (&device.person, standing_untracked()) {
        (Some(me), Standing::Locked(shown)) if me.user == shown.user => Ok(Some((device.clone(), me.clone()))),
        (_, Standing::Locked(_)) => {
            pin::forget();
            stand(closed(&device));
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// How a device stands whose data are not open.
fn closed(device: &Device) -> Standing {
    match device.person.as_ref().filter(|me| device.locks.contains_key(&me.user)) {
        Some(me) => Standing::Locked(person(me)),
        None => Standing::Nobody,
    }
}

async fn open_lock(password: &str) -> Result<(), UnlockError> {
    let Some((device, me)) = still_theirs().await? else { return Ok(()) };
    let lock = device.locks.get(&me.user).ok_or(UnlockError::Storage(StorageFailure::Broken))?;
    let seconds = lock.wait(chrono::Utc::now());
    if seconds > 0 {
        return Err(UnlockError::Wait { seconds });
    }
    match lock.open(me.user, password).await {
        Ok(key) => {
            note_right(me.user).await.map_err(UnlockError::Storage)?;
            // Finding the key out has taken a second.
            let Some((_, me)) = still_theirs().await? else { return Ok(()) };
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

/// Removes a person's store; one that comes about after it is a new one.
pub(super) async fn remove_store(user: UserId) -> Result<(), StorageFailure> {
    IndexedDb::remove(user).await?;
    let forget = |device: &mut Device| {
        device.taken_over.remove(&user);
    };
    desk::remember(forget).await.map(drop)
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

/// What cannot be opened cannot be worked with, and the page says what can be done. What is full or held can be tried again where it failed.
fn stand_if_unusable(failure: StorageFailure) {
    if !matches!(failure, StorageFailure::Full | StorageFailure::Held) {
        stand(Standing::Unusable(failure));
    }
}

fn stand(standing: Standing) {
    if !matches!(standing, Standing::Locked(_)) {
        pin::forget();
    }
    letters::post_if_locked(&standing);
    STANDING.with(|signal| signal.set(standing));
}
