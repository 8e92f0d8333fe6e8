//! What may be asked about preparations.

use super::Owner;
use crate::ids::{MeetingId, PreparationId};
use crate::meetings::Plan;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Adds a task to a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddPreparation {
    /// Identifier, made by the caller.
    pub preparation: PreparationId,
    /// For which meeting.
    pub meeting: MeetingId,
    /// What is to be done.
    pub what: String,
    /// How, where, with whom; may be empty.
    pub note: String,
    /// Whose task it is.
    pub owner: Owner,
    /// The last day for it, on the meeting's clock.
    pub due: NaiveDate,
}

/// Changes a task: what, whose, until when. How far it is stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditPreparation {
    /// Which.
    pub preparation: PreparationId,
    /// What is to be done.
    pub what: String,
    /// How, where, with whom; may be empty.
    pub note: String,
    /// Whose task it is.
    pub owner: Owner,
    /// The last day for it, on the meeting's clock.
    pub due: NaiveDate,
}

/// Says how far a task is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPreparationState {
    /// Which.
    pub preparation: PreparationId,
    /// How far.
    pub progress: Progress,
}

/// How far something is, as whoever is at it says. Who and when come with the command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Progress {
    /// Not begun, or not any more.
    Open,
    /// At it.
    Doing,
    /// Done.
    Done,
    /// Not needed after all.
    Dropped {
        /// Why.
        reason: String,
    },
}

/// Plans a meeting after the pattern of another one: its tasks come along, each as many days before the new meeting as it was before the old one, none
/// of them begun. Guests do not come along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyMeeting {
    /// The pattern.
    pub from: MeetingId,
    /// The new meeting's identifier, made by the caller.
    pub meeting: MeetingId,
    /// What is planned for it.
    pub plan: Plan,
    /// Which of the pattern's tasks come along; at most [`super::decide::MOST_PREPARATIONS`].
    pub preparations: Vec<CopiedPreparation>,
}

/// A task that comes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedPreparation {
    /// The pattern's.
    pub of: PreparationId,
    /// The new one's identifier, made by the caller.
    pub preparation: PreparationId,
}
