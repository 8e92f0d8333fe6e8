//! What a device has not sent, taken to another device of the same person in a file: a tablet whose network does not come back, or that must
//! be sent in for repair.
//!
//! The file holds letters to the server ([`shared::sync::letters`]), so it tells nothing to whoever finds it. Sending it takes nothing away
//! here, and sending the same commands again from here is right too.

use super::indexed_db::IndexedDb;
use super::{StorageFailure, desk};
use crate::platform::network::{self, NoAnswer};
use shared::ids::UserId;
use shared::sync::letters::{LettersRequest, NotUnsentWork, UnsentWork};
use shared::sync::protocol::{Outcome, PushAnswer, Verdict};

const TIMEOUT_MS: u32 = 60_000;

/// Why there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// This device does not know yet to whom it must be sealed: it has to reach the server once.
    NoKey,
    /// The device's storage failed.
    Storage(StorageFailure),
}

/// What has become of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// How many commands count, now or since an earlier try.
    pub applied: usize,
    /// How many were refused, or wait for a supervisor; the device that recorded them tells why.
    pub refused: usize,
}

/// Why a file, or the rest of it, was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// It is something else, or not whole.
    Other,
    /// A newer app wrote it.
    Newer,
    /// Somebody else recorded it: only they can send it.
    SomebodyElses,
    /// No network, or the server cannot now.
    NotNow,
    /// The session has ended: log in again.
    LoggedOut,
    /// Only the device that recorded it can send it: it goes on from what the server does not know of, or cannot be read.
    OnlyThere,
}

impl From<NotUnsentWork> for NotSent {
    fn from(why: NotUnsentWork) -> Self {
        match why {
            NotUnsentWork::Other => Self::Other,
            NotUnsentWork::Newer => Self::Newer,
        }
    }
}

/// Everything that waits here, as a file, and how many commands it holds. Photos are not among it.
///
/// # Errors
/// [`NotTaken`].
pub async fn take() -> Result<(String, usize), NotTaken> {
    take_of(desk::opened().ok_or(NotTaken::Storage(StorageFailure::Broken))?.me.user).await
}

/// The same of a person whose data are locked, or cannot be read.
pub(super) async fn take_of(user: UserId) -> Result<(String, usize), NotTaken> {
    let request = IndexedDb::letters(user, chrono::Utc::now()).await.map_err(NotTaken::Storage)?.ok_or(NotTaken::NoKey)?;
    let count = request.letters.len();
    Ok((UnsentWork { user, request }.to_file(), count))
}

/// Sends a file that was taken on another device. The error says what became of the rest; what was sent before it stays sent.
///
/// # Errors
/// [`NotSent`].
pub async fn send(file: &str) -> Result<Sent, NotSent> {
    let work = UnsentWork::from_file(file)?;
    if desk::opened().is_none_or(|open| open.me.user != work.user) {
        return Err(NotSent::SomebodyElses);
    }
    let mut sent = Sent::default();
    for request in work.requests() {
        let outcomes = post(&request).await?;
        let applied = outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Applied).count();
        sent.applied += applied;
        sent.refused += outcomes.len() - applied;
        if outcomes.len() < request.letters.len() {
            return Err(NotSent::OnlyThere);
        }
    }
    desk::opened().inspect(|open| open.wake());
    Ok(sent)
}

/// Sends letters; gives how the server ruled on those that it could open, up to the first that it could not.
pub(super) async fn post(request: &LettersRequest) -> Result<Vec<Outcome>, NotSent> {
    let body = serde_json::to_string(request).expect("ids, texts and numbers always serialise");
    let answer = network::post("/api/sync/letters", &body, TIMEOUT_MS).await.map_err(|failure| match failure {
        NoAnswer::Offline | NoAnswer::Captive => NotSent::NotNow,
    })?;
    match answer.status {
        200 => {}
        401 => return Err(NotSent::LoggedOut),
        422 => return Err(NotSent::OnlyThere),
        _ => return Err(NotSent::NotNow),
    }
    match serde_json::from_str(&answer.body) {
        Ok(PushAnswer::Done { outcomes, .. }) => Ok(outcomes),
        Ok(PushAnswer::Gap { .. } | PushAnswer::Fork | PushAnswer::EpochChanged { .. }) => Err(NotSent::OnlyThere),
        Ok(PushAnswer::Retry { .. } | PushAnswer::AccessRevoked) | Err(_) => Err(NotSent::NotNow),
    }
}
