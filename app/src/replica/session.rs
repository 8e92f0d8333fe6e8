//! Who works on this device: log-in, log-out, and opening as the last user without the server.
//!
//! Invariant: logging out, or handing the device over, never leaves unsent work behind unnoticed (clause N6).

use super::StorageFailure;
use crate::platform::network::{self, NoAnswer};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::decide::Actor;
use shared::ids::{OrgId, TeamId, UserId};
use shared::people::Role;

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
    let person = greet(login, password).await?;
    super::set_actor(Some(person.actor()));
    STANDING.with(|standing| standing.set(Standing::Open(Person { user: person.user, name: person.name })));
    Ok(())
}

/// Logs out and removes the person's rows from the device.
///
/// # Errors
/// [`LogOutError`]; the person is still logged in.
pub async fn log_out() -> Result<(), LogOutError> {
    let count = super::unsent();
    if count > 0 {
        return Err(LogOutError::UnsentWork { count });
    }
    take_leave().await?;
    super::set_actor(None);
    STANDING.with(|standing| standing.set(Standing::Nobody));
    Ok(())
}

const TIMEOUT_MS: u32 = 20_000;

/// What the server says of the person who logged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Me {
    user: UserId,
    org: OrgId,
    role: Role,
    team: Option<TeamId>,
    name: String,
}

impl Me {
    fn actor(&self) -> Actor {
        Actor { org: self.org, user: self.user, role: self.role, team: self.team }
    }
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
        401 | 403 => Err(LogInError::WrongPassword),
        429 => Err(LogInError::TooManyTries { seconds: answer.retry_after.unwrap_or(60) }),
        _ => Err(LogInError::Server),
    }
}

async fn take_leave() -> Result<(), LogOutError> {
    match network::delete("/api/session", TIMEOUT_MS).await {
        Ok(answer) if answer.status < 500 => Ok(()),
        Ok(_) | Err(_) => Err(LogOutError::NoNetwork),
    }
}
