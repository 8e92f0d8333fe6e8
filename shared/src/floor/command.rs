//! What may be asked in the hall. Most of it has happened by then, and is never refused for good.

use super::{Chip, Need, Step};
use crate::ids::{AgendaMarkId, GuestId, GuestNoteId, HelpCallId, MeetingId};
use serde::{Deserialize, Serialize};

/// Says that a point of the agenda has begun or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkAgenda {
    /// Identifier, made by the caller.
    pub mark: AgendaMarkId,
    /// At which meeting.
    pub meeting: MeetingId,
    /// The point's minute in the plan.
    pub minute: u16,
    /// Its title.
    pub title: String,
    /// What happened.
    pub step: Step,
}

/// Takes a mark back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoAgendaMark {
    /// Which.
    pub mark: AgendaMarkId,
}

/// Notes something of a guest.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteGuest {
    /// Identifier of the note.
    pub note: GuestNoteId,
    /// Identifier of the owner's copy.
    pub owners_note: GuestNoteId,
    /// At which meeting.
    pub meeting: MeetingId,
    /// Of whom.
    pub guest: GuestId,
    /// What.
    pub chip: Chip,
    /// In words; may be empty.
    pub words: String,
}

impl std::fmt::Debug for NoteGuest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NoteGuest").field("note", &self.note).field("guest", &self.guest).field("chip", &self.chip).finish_non_exhaustive()
    }
}

/// Calls for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallForHelp {
    /// Identifier, made by the caller.
    pub call: HelpCallId,
    /// At which meeting.
    pub meeting: MeetingId,
    /// Who is needed.
    pub need: Need,
    /// Where.
    pub place: String,
}

/// Sets out to where help is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerHelpCall {
    /// Which call.
    pub call: HelpCallId,
}

/// Says that a call is settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseHelpCall {
    /// Which.
    pub call: HelpCallId,
}
