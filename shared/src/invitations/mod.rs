//! Invitations 邀約: who is invited to what by whom, every attempt, and the answer (clauses B1, B3, B4).

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;
pub mod ticket;

use crate::ids::{CustomerId, InvitationId, MeetingId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One customer invited to one meeting.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Identifier.
    pub id: InvitationId,
    /// To what.
    pub meeting: MeetingId,
    /// Whom.
    pub customer: CustomerId,
    /// By whom.
    pub rep: UserId,
    /// How it was planned to be made.
    pub channel: Channel,
    /// By when the rep should have reached the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Where it stands.
    pub answer: Answer,
    /// The confirmation on the day before; only for those who agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
    /// Every attempt, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// Questions and doubts the customer had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<String>,
    /// The signed ticket, once the server has made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation").field("id", &self.id).field("meeting", &self.meeting).field("rep", &self.rep).finish_non_exhaustive()
    }
}

/// How a customer is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 電話.
    Phone,
    /// 簡訊.
    Sms,
    /// 電子郵件.
    Mail,
    /// In person or by a messenger.
    Other,
}

/// Where an invitation stands.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Answer {
    /// Nobody has tried yet.
    Planned,
    /// Comes.
    Agreed,
    /// Does not come.
    Declined {
        /// Code of the reason in the settings' dictionary.
        reason: String,
        /// The customer's words.
        words: String,
    },
    /// Wants to be called again.
    CallBack {
        /// When.
        at: Timestamp,
    },
    /// Not reached.
    NoAnswer,
    /// The number is somebody else's.
    WrongNumber,
    /// Does not want to be contacted, by anybody, again.
    DoNotContact,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Planned => "Planned",
            Self::Agreed => "Agreed",
            Self::Declined { .. } => "Declined",
            Self::CallBack { .. } => "CallBack",
            Self::NoAnswer => "NoAnswer",
            Self::WrongNumber => "WrongNumber",
            Self::DoNotContact => "DoNotContact",
        })
    }
}

/// One attempt to reach a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When, on the rep's clock.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// How.
    pub channel: Channel,
    /// With which result.
    pub answer: Answer,
}

/// The answer on the day before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// Comes.
    Confirmed,
    /// Cannot come after all.
    CannotCome,
    /// Not reached.
    Unreachable,
}

impl Entity for Invitation {
    fn id(&self) -> InvitationId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Person(self.rep)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::InvitationOf(self.meeting, self.customer));
        out.push(Index::InvitationsByMeeting(self.meeting));
        out.push(Index::InvitationsByCustomer(self.customer));
    }
}
