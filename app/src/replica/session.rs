//! Who works on this device: log-in, log-out, and opening as the last user without the server.
//!
//! Invariant: logging out, or handing the device over, never leaves unsent work behind unnoticed (clause N6).

use super::device::Me;
use super::{StorageFailure, apart, desk};
use crate::platform::drafts;
use crate::platform::network::{self, NoAnswer};
use leptos::prelude::*;
use serde::Serialize;
use shared::ids::UserId;

/// Where the device stands with its user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// What is stored on the device is being read; nothing can be shown yet.
    #[default]
    Opening,
    /// Nobody is logged in: show the log-in page.
    Nobody,
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

/// Logs in and opens the person's data.
///
/// # Errors
/// [`LogInError`]; who was logged in before still is.
pub async fn log_in(login: &str, password: &str) -> Result<(), LogInError> {
    let me = greet(login, password).await?;
    apart(admit(me)).await.unwrap_or(Err(LogInError::Server))
}

/// Logs out and removes the person's rows from the device.
///
/// # Errors
/// [`LogOutError`]; the person is still logged in.
pub async fn log_out() -> Result<(), LogOutError> {
    apart(leave()).await.unwrap_or(Err(LogOutError::NoNetwork))
}

/// Opens the data of whoever worked on this device last.
pub(super) async fn resume() {
    let opened = async {
        let device = desk::recall().await?;
        match &device.person {
            Some(me) => show(me).await,
            None => {
                stand(Standing::Nobody);
                Ok(())
            }
        }
    };
    if let Err(failure) = opened.await {
        stand(Standing::Unusable(failure));
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

async fn show(me: &Me) -> Result<(), StorageFailure> {
    desk::open(me).await?;
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
async fn admit(me: Me) -> Result<(), LogInError> {
    match desk::opened() {
        Some(open) if open.me.user == me.user => {
            desk::remember(|device| device.person = Some(me)).await.map_err(LogInError::Storage)?;
            open.logged_in();
            return Ok(());
        }
        Some(_) if desk::unsent() > 0 => {
            // The new session must not live on where another person's work waits.
            let _unreached = take_leave().await;
            return Err(LogInError::OthersUnsentWork { count: desk::unsent() });
        }
        Some(_) if desk::unsent_files() > 0 => {
            let _unreached = take_leave().await;
            return Err(LogInError::OthersUnsentFiles { count: desk::unsent_files() });
        }
        Some(open) => forget(&open).await.map_err(LogInError::Storage)?,
        None => {}
    }
    desk::remember(|device| device.person = Some(me.clone())).await.map_err(LogInError::Storage)?;
    show(&me).await.map_err(LogInError::Storage)
}

async fn leave() -> Result<(), LogOutError> {
    let Some(open) = desk::opened() else { return Ok(()) };
    let person = untrack(desk::actor).map(|actor| actor.user);
    match (desk::unsent(), desk::unsent_files()) {
        (0, 0) => {}
        (0, count) => return Err(LogOutError::UnsentFiles { count }),
        (count, _) => return Err(LogOutError::UnsentWork { count }),
    }
    take_leave().await?;
    desk::remember(|device| device.person = None).await.map_err(LogOutError::Storage)?;
    forget(&open).await.map_err(LogOutError::Storage)?;
    person.into_iter().for_each(drafts::remove_all);
    stand(Standing::Nobody);
    Ok(())
}

/// Nothing that the server can give again stays of a person who has left. What was done stays for 30 days, should the server be restored.
async fn forget(open: &desk::Open) -> Result<(), StorageFailure> {
    open.leave_no_rows().await?;
    open.say(&desk::Note::LoggedOut);
    desk::close();
    Ok(())
}

async fn take_leave() -> Result<(), LogOutError> {
    match network::delete("/api/session", TIMEOUT_MS).await {
        Ok(answer) if answer.status < 500 => Ok(()),
        Ok(_) | Err(_) => Err(LogOutError::NoNetwork),
    }
}

fn stand(standing: Standing) {
    STANDING.with(|signal| signal.set(standing));
}
