//! What a device has not sent, taken to another device of the same person in a file: a tablet whose network does not come back, or that must
//! be sent in for repair.
//!
//! The file holds letters to the server ([`shared::sync::letters`]), so it tells nothing to whoever finds it. Sending it takes nothing away
//! here, and sending the same commands again from here is right too.

use super::indexed_db::IndexedDb;
use super::store::Waiting;
use super::{StorageFailure, desk};
use crate::platform::network::{self, Answer, NoAnswer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use shared::ids::UserId;
use shared::sync::files::FileAnswer;
use shared::sync::letters::{LettersRequest, NotUnsentWork, SealedFile, UnsentWork};
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
    /// How many photos are there.
    pub files: usize,
    /// How many are not wanted there: their command was refused.
    pub files_refused: usize,
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

/// Everything that waits here, as a file, and how much that is.
///
/// # Errors
/// [`NotTaken`].
pub async fn take() -> Result<(String, Waiting), NotTaken> {
    take_of(desk::opened().ok_or(NotTaken::Storage(StorageFailure::Broken))?.me.user).await
}

/// The same of a person whose data are locked, or cannot be read.
pub(super) async fn take_of(user: UserId) -> Result<(String, Waiting), NotTaken> {
    let request = IndexedDb::letters(user, chrono::Utc::now()).await.map_err(NotTaken::Storage)?.ok_or(NotTaken::NoKey)?;
    let files = IndexedDb::sealed_files(user).await.map_err(NotTaken::Storage)?.ok_or(NotTaken::NoKey)?;
    let taken = Waiting { commands: request.letters.len(), files: files.len() };
    Ok((UnsentWork { user, request, files }.to_file(), taken))
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
    for file in &work.files {
        match send_file(file).await? {
            FileAnswer::Stored { .. } => sent.files += 1,
            FileAnswer::Unknown | FileAnswer::Damaged | FileAnswer::Received { .. } => sent.files_refused += 1,
        }
    }
    desk::opened().inspect(|open| open.wake());
    Ok(sent)
}

async fn send_file(SealedFile { attachment, content, sealed }: &SealedFile) -> Result<FileAnswer, NotSent> {
    let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| NotSent::Other)?;
    let path = format!("/api/files/{}/sealed?attachment={attachment}", content.sha256);
    read(network::put_bytes(&path, &sealed, TIMEOUT_MS).await)
}

/// Sends letters; gives how the server ruled on those that it could open, up to the first that it could not.
async fn post(request: &LettersRequest) -> Result<Vec<Outcome>, NotSent> {
    match ask(request).await? {
        PushAnswer::Done { outcomes, .. } => Ok(outcomes),
        PushAnswer::Gap { .. } | PushAnswer::Fork | PushAnswer::EpochChanged { .. } => Err(NotSent::OnlyThere),
        PushAnswer::Retry { .. } | PushAnswer::AccessRevoked => Err(NotSent::NotNow),
    }
}

/// Sends letters; gives what the server says.
pub(super) async fn ask(request: &LettersRequest) -> Result<PushAnswer, NotSent> {
    let body = serde_json::to_string(request).expect("ids, texts and numbers always serialise");
    read(network::post("/api/sync/letters", &body, TIMEOUT_MS).await)
}

/// What the server said to something sealed.
fn read<A: DeserializeOwned>(answer: Result<Answer, NoAnswer>) -> Result<A, NotSent> {
    let answer = answer.map_err(|failure| match failure {
        NoAnswer::Offline | NoAnswer::Captive => NotSent::NotNow,
    })?;
    match answer.status {
        200 => answer.read().ok_or(NotSent::NotNow),
        401 => Err(NotSent::LoggedOut),
        422 => Err(NotSent::OnlyThere),
        _ => Err(NotSent::NotNow),
    }
}
