//! Leaving a device: log-out, and its hand-over to somebody else.
//!
//! Law: neither leaves unsent work behind unnoticed (clause N6).

use super::log_in::LogInError;
use super::{Standing, TIMEOUT_MS, first_meta, person, stand};
use crate::platform::network;
use crate::replica::device::{Device, Me};
use crate::replica::indexed_db::IndexedDb;
use crate::replica::store::Waiting;
use crate::replica::{StorageFailure, apart, desk};
use shared::ids::UserId;

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

impl From<StorageFailure> for LogOutError {
    fn from(failure: StorageFailure) -> Self {
        Self::Storage(failure)
    }
}

/// Logs out and removes the person's rows from the device.
///
/// # Errors
/// [`LogOutError`]; the person is still logged in, or locked.
pub async fn log_out() -> Result<(), LogOutError> {
    apart(leave()).await.unwrap_or(Err(LogOutError::NoNetwork))
}

async fn leave() -> Result<(), LogOutError> {
    let Some(open) = desk::opened() else { return Ok(()) };
    refuse_leaving(Waiting { commands: desk::unsent(), files: desk::unsent_files() })?;
    take_leave().await?;
    let (user, damaged) = (open.me.user, desk::damaged_files());
    open.close_everywhere().await;
    let left = async {
        // Something may have been saved while the server was asked, here or in another tab.
        refuse_leaving(waiting_but(user, damaged).await?)?;
        // Nothing that the server can give again stays. What was done stays for 30 days, should the server be restored.
        IndexedDb::empty(user, &first_meta()?).await?;
        let gone = |device: &mut Device| {
            device.person = None;
            device.secret = None;
            device.pins.remove(&user);
            device.kiosk = None;
        };
        desk::remember(gone).await?;
        Ok(())
    };
    let left = left.await;
    stand(if left.is_ok() { Standing::Nobody } else { Standing::Locked(person(&open.me)) });
    left
}

const fn refuse_leaving(waiting: Waiting) -> Result<(), LogOutError> {
    match waiting {
        Waiting { commands: 0, files: 0 } => Ok(()),
        Waiting { commands: 0, files: count } => Err(LogOutError::UnsentFiles { count }),
        Waiting { commands: count, .. } => Err(LogOutError::UnsentWork { count }),
    }
}

/// Closes what somebody else has open, in all tabs. What they have saved since it was counted keeps the device theirs.
pub(super) async fn hand_over(me: &Me) -> Result<(), LogInError> {
    let (open, damaged) = (desk::opened(), desk::damaged_files());
    let before = match &open {
        Some(open) => Some(open.me.clone()),
        None => desk::recall().await?.person,
    };
    let Some(before) = before.filter(|before| before.user != me.user) else { return Ok(()) };
    match &open {
        Some(open) => open.close_everywhere().await,
        None => desk::close_elsewhere(before.user),
    }
    let left = async {
        refuse_unsent(waiting_but(before.user, damaged).await?)?;
        if open.is_some() {
            IndexedDb::empty(before.user, &first_meta()?).await?;
        }
        Ok(())
    };
    let left = left.await;
    if left.is_err() && open.is_some() {
        stand(Standing::Locked(person(&before)));
    }
    left
}

/// What waits of a person whose data were closed a moment ago, but for files of which it was known that nobody can send them.
async fn waiting_but(user: UserId, damaged: usize) -> Result<Waiting, StorageFailure> {
    let Waiting { commands, files } = IndexedDb::waiting(user, &first_meta()?).await?;
    Ok(Waiting { commands, files: files.saturating_sub(damaged) })
}

/// Somebody else's work must not stay behind on this device.
pub(super) const fn refuse_unsent(waiting: Waiting) -> Result<(), LogInError> {
    match waiting {
        Waiting { commands: 0, files: 0 } => Ok(()),
        Waiting { commands: 0, files: count } => Err(LogInError::OthersUnsentFiles { count }),
        Waiting { commands: count, .. } => Err(LogInError::OthersUnsentWork { count }),
    }
}

pub(super) async fn take_leave() -> Result<(), LogOutError> {
    match network::delete("/api/session", TIMEOUT_MS).await {
        Ok(answer) if answer.status < 500 => Ok(()),
        Ok(_) | Err(_) => Err(LogOutError::NoNetwork),
    }
}
