//! Log-in: the server knows the person, then the device; a key for their data on it.

use super::leaving::{hand_over, refuse_unsent, take_leave};
use super::{TIMEOUT_MS, first_meta, note_right, note_try, put_lock, remove_store, show, stand_if_unusable};
use crate::platform::network::{self, NoAnswer};
use crate::platform::vault::Key;
use crate::replica::device::{Device, Me};
use crate::replica::indexed_db::IndexedDb;
use crate::replica::lock::{Lock, LockFailure};
use crate::replica::store::Waiting;
use crate::replica::{StorageFailure, apart, desk, letters, secret};
use serde::{Deserialize, Serialize};
use shared::ids::UserId;

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
    let begun = greet(login, password).await?;
    let password = password.to_owned();
    let admitted = apart(async move {
        let user = begun.me.user;
        let admitted = admit(begun, &password, &former).await;
        if admitted.is_err() && desk::device().and_then(|device| device.person).is_some_and(|person| person.user != user) {
            // The new session must not live on where another person's data are.
            let _unreached = take_leave().await;
        }
        admitted
    });
    let admitted = admitted.await.unwrap_or(Err(LogInError::Server));
    if let Err(LogInError::Storage(failure)) = admitted {
        stand_if_unusable(failure);
    }
    admitted
}

/// What a log-in is answered with.
#[derive(Deserialize)]
struct Begun {
    #[serde(flatten)]
    me: Me,
    /// The session's second secret. A server of before gives none.
    secret: Option<String>,
}

async fn greet(login: &str, password: &str) -> Result<Begun, LogInError> {
    #[derive(Serialize)]
    struct Credentials<'a> {
        login: &'a str,
        password: &'a str,
        with_secret: bool,
    }
    let body = serde_json::to_string(&Credentials { login, password, with_secret: true }).expect("texts always serialise");
    let answer = network::post("/api/session", &body, TIMEOUT_MS).await.map_err(|failure| match failure {
        NoAnswer::Offline => LogInError::NoNetwork,
        NoAnswer::Captive => LogInError::Captive,
    })?;
    match answer.status {
        200 => answer.read().ok_or(LogInError::Server),
        401 => Err(LogInError::WrongPassword),
        429 => Err(LogInError::TooManyTries { seconds: answer.retry_after.unwrap_or(60) }),
        _ => Err(LogInError::Server),
    }
}

/// The server knows the person; now the device.
async fn admit(Begun { me, secret }: Begun, password: &str, former: &Former) -> Result<(), LogInError> {
    match desk::opened() {
        Some(open) if open.me.user == me.user => {
            let device = note_session(&me, &open.key, secret.as_deref()).await?;
            open.logged_in(&device).await;
            open.say(&desk::Note::LoggedIn);
            return Ok(());
        }
        Some(_) => refuse_unsent(Waiting { commands: desk::unsent(), files: desk::unsent_files() })?,
        None => {
            let before = desk::recall().await?.person.filter(|before| before.user != me.user);
            if let Some(before) = before {
                refuse_unsent(IndexedDb::waiting(before.user, &first_meta()?).await?)?;
            }
        }
    }
    // Whoever was there stays there if this fails.
    let key = key_of(&me, password, former).await?;
    hand_over(&me).await?;
    note_session(&me, &key, secret.as_deref()).await?;
    show(&me, key).await?;
    // Another tab may have been unlocked meanwhile, and still speaks for the session that this one has ended.
    if let Some(open) = desk::opened() {
        open.say(&desk::Note::LoggedIn);
    }
    Ok(())
}

/// Whose the browser's session is now, and its second secret.
async fn note_session(me: &Me, key: &Key, secret: Option<&str>) -> Result<Device, StorageFailure> {
    let sealed = secret::seal(key, me.user, secret).await?;
    let note = |device: &mut Device| {
        device.person = Some(me.clone());
        device.secret = sealed;
    };
    desk::remember(note).await
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
                send_and_remove(me.user, former).await?;
            }
        }
    }
    let (lock, key) = Lock::make(me.user, password).await.map_err(|_| LogInError::NoLock)?;
    if known.is_none() && IndexedDb::exists(me.user).await? {
        // Their lock has gone and nobody can open what it had locked.
        send_and_remove(me.user, former).await?;
    }
    desk::remember(|device| drop(device.pins.remove(&me.user))).await?;
    // The lock first: data that nobody can open must not come about. Nor may two tabs make two.
    put_lock(me.user, known, lock).await?.map(|()| key).ok_or(LogInError::Server)
}

/// Removes data that the password does not open. Their letters can be sent all the same, in the name of who has just logged in.
async fn send_and_remove(user: UserId, former: &Former) -> Result<(), LogInError> {
    let (Waiting { commands, files }, later) = letters::post(user).await?;
    if later {
        return Err(LogInError::NotSentYet { count: commands + files });
    }
    if commands + files > 0 && *former != Former::Forgotten {
        return Err(LogInError::FormerPassword { count: commands + files });
    }
    // Nothing waits here any more, or it is given up. Drafts and what was refused go with the store.
    Ok(remove_store(user).await?)
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
