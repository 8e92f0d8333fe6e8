//! Two devices without any network give each other what the other lacks (clause D9, decision 17): what the pages that do so need of the replica.

use super::{StorageFailure, apart, credential, desk};
use crate::platform::vault::{VaultFailure, fill_by_chance};
use shared::carry::bag::{Carried, Taken};
use shared::carry::hello::{Ask, Heard};
use shared::carry::{NotTaken, Signed};
use shared::ids::MeetingId;
use std::rc::Rc;

/// Why this device can neither ask nor give now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// It has no certificate yet: it must have been in contact with the server once.
    NotCertified,
    /// The meeting's data are not here, or are locked.
    NoData,
    /// Its storage failed, and the user was told.
    Storage(StorageFailure),
}

impl<F: Into<StorageFailure>> From<F> for NotReady {
    fn from(failure: F) -> Self {
        Self::Storage(failure.into())
    }
}

/// What a device that asked is given.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    /// Shown in frames.
    pub message: Vec<u8>,
    /// How many commands it holds.
    pub commands: usize,
    /// Whether it holds only a part: whoever has taken it in asks again for the rest.
    pub more: bool,
    /// How many of this device's own commands cannot go at all.
    pub left: usize,
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Given").field("commands", &self.commands).finish_non_exhaustive()
    }
}

/// What has come, and is durable here.
#[derive(Clone, Debug, PartialEq)]
pub struct Came {
    /// In numbers.
    pub taken: Taken,
    /// What was new of it and can be shown.
    pub new: Vec<Carried>,
}

/// The hello that this device shows about a meeting at which its person works. A device without a certificate asks for one, should the server be there.
///
/// # Errors
/// [`NotReady`].
pub async fn ask(meeting: MeetingId) -> Result<Ask, NotReady> {
    let (open, seed) = (desk::opened().ok_or(NotReady::NoData)?, seed()?);
    let asking = async move {
        match open.ask(meeting, seed).await {
            Err(NotReady::NotCertified) => {
                credential::ask_now(Rc::clone(&open)).await;
                open.ask(meeting, seed).await
            }
            asked => asked,
        }
    };
    apart(asking).await.unwrap_or(Err(NotReady::NoData))
}

/// Whose hello another device shows, if it may be given anything.
///
/// # Errors
/// [`NotTaken`].
pub fn hear(signed: &Signed) -> Result<Heard, NotTaken> {
    let settings = desk::settings().ok_or(NotTaken::Forged)?;
    desk::with_replica(|replica| {
        let org = replica.actor().ok_or(NotTaken::Forged)?.org;
        signed.heard(replica, org, &settings.ticket_key)
    })
}

/// What the other device lacks.
///
/// # Errors
/// [`NotReady`].
pub async fn give(heard: Heard) -> Result<Given, NotReady> {
    let (open, seed) = (desk::opened().ok_or(NotReady::NoData)?, seed()?);
    apart(async move { open.give(&heard, seed).await }).await.unwrap_or(Err(NotReady::NoData))
}

/// Takes in what a parcel held: durable, then shown.
///
/// # Errors
/// [`NotReady`]: nothing was taken in.
pub async fn take(bundles: Vec<Signed>, meeting: MeetingId) -> Result<Came, NotReady> {
    let open = desk::opened().ok_or(NotReady::NoData)?;
    apart(async move { open.take_carried(&bundles, meeting).await }).await.unwrap_or(Err(NotReady::NoData))
}

/// 32 bytes that serve once.
fn seed() -> Result<[u8; 32], VaultFailure> {
    let mut seed = [0; 32];
    fill_by_chance(&mut seed).map(|()| seed)
}
