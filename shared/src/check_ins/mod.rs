//! Check-ins 簽到: immutable facts under an id of their own. "Has arrived" is derived from them (clauses D1, D2).

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::ids::{CheckInId, ClientId, ConflictId, GuestId, MeetingId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One guest let in at one desk. Never changed but by an undo, which stays visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// Identifier.
    pub id: CheckInId,
    /// Where.
    pub meeting: MeetingId,
    /// Who came.
    pub guest: GuestId,
    /// When, on the desk's clock.
    pub at: Timestamp,
    /// Who let the guest in.
    pub by: UserId,
    /// On which device.
    pub device: ClientId,
    /// The desk's name, as its staff call it.
    pub desk: String,
    /// How.
    pub method: Method,
    /// Taken back: when, by whom, why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Undone>,
}

/// How a guest was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By the ticket's code.
    Ticket,
    /// By name or phone in the list.
    Search,
    /// By the form for guests who were not invited.
    WalkIn,
}

/// A check-in taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
}

impl Entity for CheckIn {
    fn id(&self) -> CheckInId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Meeting(self.meeting)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::CheckInsByGuest(self.guest));
        out.push(Index::CheckInsByMeeting(self.meeting));
    }
}

/// Two check-ins of one guest. Both are kept, one attendance counts, a person decides which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Identifier; equals that of the check-in which arrived second.
    pub id: ConflictId,
    /// Where.
    pub meeting: MeetingId,
    /// Whose.
    pub guest: GuestId,
    /// The check-in that the server knew first.
    pub first: CheckInId,
    /// The one that arrived after it.
    pub second: CheckInId,
    /// What a person decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
}

/// A person's decision on a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The check-in that counts.
    pub kept: CheckInId,
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

impl Entity for Conflict {
    fn id(&self) -> ConflictId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Meeting(self.meeting)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::ConflictsByMeeting(self.meeting));
    }
}
