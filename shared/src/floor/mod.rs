//! What goes on in the hall 會場進行 (clause D6): how far the agenda is, what staff notice of guests, and calls for help to the others on duty.

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::ids::{AgendaMarkId, CustomerId, GuestId, GuestNoteId, HelpCallId, MeetingId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A point of the agenda has begun or ended. A fact: what is on, and how late it is, is derived from all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaMark {
    /// Identifier.
    pub id: AgendaMarkId,
    /// At which meeting.
    pub meeting: MeetingId,
    /// The point's minute in the plan, and its title: a plan that is changed later leaves other points without marks.
    pub minute: u16,
    /// Its title.
    pub title: String,
    /// What happened.
    pub step: Step,
    /// When, on the clock of whoever saw it.
    pub at: Timestamp,
    /// Who saw it.
    pub by: UserId,
    /// Taken back: it was the wrong point.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undone: bool,
}

/// What happened to a point of the agenda.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It has begun.
    Started,
    /// It is over.
    Ended,
}

impl Entity for AgendaMark {
    fn id(&self) -> AgendaMarkId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Meeting(self.meeting)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::AgendaMarksByMeeting(self.meeting));
    }
}

/// What somebody on duty noticed of a guest. It is written twice: for those who work at the meeting, and for whoever the customer is of.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestNote {
    /// Identifier.
    pub id: GuestNoteId,
    /// At which meeting.
    pub meeting: MeetingId,
    /// Of whom.
    pub guest: GuestId,
    /// The customer behind the guest.
    pub customer: CustomerId,
    /// Who reads it.
    pub reader: Reader,
    /// What was noticed.
    pub chip: Chip,
    /// In words; may be empty.
    pub words: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
}

impl std::fmt::Debug for GuestNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuestNote").field("id", &self.id).field("guest", &self.guest).field("chip", &self.chip).finish_non_exhaustive()
    }
}

/// Whose copy of a note it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// Those who work at the meeting.
    Staff,
    /// Whoever owns the customer, on duty or not.
    Owner(UserId),
}

/// What can be noticed by one tap: a reaction, a question, how warm somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chip {
    /// 很有興趣.
    Keen,
    /// 反應平平.
    Unmoved,
    /// 有疑慮.
    Doubtful,
    /// 有問題要回答.
    Question,
    /// 想買.
    Hot,
    /// 考慮中.
    Warm,
    /// 沒有意願.
    Cold,
}

impl Entity for GuestNote {
    fn id(&self) -> GuestNoteId {
        self.id
    }
    fn scope(&self) -> Scope {
        match self.reader {
            Reader::Staff => Scope::Meeting(self.meeting),
            Reader::Owner(owner) => Scope::Person(owner),
        }
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(match self.reader {
            Reader::Staff => Index::GuestNotesByGuest(self.guest),
            Reader::Owner(_) => Index::GuestNotesByCustomer(self.customer),
        });
    }
}

/// A call for somebody to come: a closer to table 5.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpCall {
    /// Identifier.
    pub id: HelpCallId,
    /// At which meeting.
    pub meeting: MeetingId,
    /// Who is needed.
    pub need: Need,
    /// Where, as staff call it: a table, the entrance.
    pub place: String,
    /// When.
    pub at: Timestamp,
    /// Who calls.
    pub by: UserId,
    /// Who comes; the first is the one who is waited for. Two who cannot see each other may both set out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coming: Vec<Coming>,
    /// Settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
}

/// Who is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// 成交手.
    Closer,
    /// 產品專家.
    ProductExpert,
    /// 帶位.
    Usher,
    /// 主管.
    Supervisor,
}

/// Somebody has set out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coming {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// A call was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

impl Entity for HelpCall {
    fn id(&self) -> HelpCallId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Meeting(self.meeting)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::HelpCallsByMeeting(self.meeting));
    }
}
