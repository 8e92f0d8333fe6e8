//! Invitations 邀約: who is invited to what by whom, every attempt, and the answer (clauses B1, B3, B4, B6 to B8).

pub mod command;
pub mod decide;
pub mod link;
pub mod reminder;
pub mod sms;
#[cfg(test)]
mod tests;
pub mod ticket;

use crate::ids::{CustomerId, InvitationId, MeetingId, UserId};
use crate::invitations::link::LinkHash;
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
    /// When it was planned, and by whom; none in plans of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Noted>,
    /// By when the rep should have reached the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Where it stands.
    pub answer: Answer,
    /// The confirmation on the day before; only for those who agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
    /// Everything that was said on the day before, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmations: Vec<Confirmed>,
    /// Every attempt, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// Questions and doubts the customer had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<String>,
    /// How many the guest brings along.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub companions: u8,
    /// Said yes and has no place yet: stands in the meeting's line ([`crate::meetings::places::Places`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// The links with which the guest answers; the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkHash>,
    /// When the guest asked something through a link that nobody has come back to yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Timestamp>,
    /// What the server has sent the guest by itself, or could not send; the latest [`reminder::MOST_NOTED`], the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<Reminded>,
    /// The same person has another invitation to this meeting, which stands for both since two customers were merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<InvitationId>,
    /// The signed ticket, once the server has made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation").field("id", &self.id).field("meeting", &self.meeting).field("rep", &self.rep).finish_non_exhaustive()
    }
}

/// What somebody who waits for a place knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// May believe to have a place: whoever noted the yes did not know that all were taken.
    Untold,
    /// Knows.
    Told,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_nobody(companions: &u8) -> bool {
    *companions == 0
}

impl Invitation {
    /// What became of the latest reminder by each channel.
    pub fn reminded(&self) -> impl Iterator<Item = &Reminded> {
        let later = |at: usize| &self.reminders[at + 1..];
        let latest = move |&(at, reminded): &(usize, &Reminded)| later(at).iter().all(|other| other.channel != reminded.channel);
        self.reminders.iter().enumerate().filter(latest).map(|(_, reminded)| reminded)
    }

    /// Said yes, has a place, and has not taken it back.
    #[must_use]
    pub fn comes(&self) -> bool {
        self.same_as.is_none() && self.answer == Answer::Agreed && self.waiting.is_none() && self.confirmation != Some(Confirmation::CannotCome)
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
        /// Code of the reason in the settings' dictionary; empty if the guest has declined through a link, where none is asked for.
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

/// One attempt to reach a customer. Debug hides what was said.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When, on the rep's clock.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// How.
    pub channel: Channel,
    /// With which result.
    pub answer: Answer,
    /// What was asked then that nobody had asked before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<String>,
    /// The guest has answered without anybody's help, through a link; `by` is who had invited them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_guest: bool,
}

impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempt").field("at", &self.at).field("by", &self.by).field("answer", &self.answer).finish_non_exhaustive()
    }
}

/// When something was noted, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// When, on the clock of whoever noted it.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
}

/// An answer on the day before, and when it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// When, on the rep's clock.
    pub at: Timestamp,
    /// By whom it was noted.
    pub by: UserId,
    /// What was said.
    pub confirmation: Confirmation,
}

/// A reminder that the server has done with (B7). One that was not wanted any more leaves no trace here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminded {
    /// When, on the server's clock.
    pub at: Timestamp,
    /// By mail or text message.
    pub channel: Channel,
    /// How it ended.
    pub outcome: ReminderOutcome,
}

/// How a reminder ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReminderOutcome {
    /// A mail server or gateway has taken it. Whether it was read nobody knows.
    Sent,
    /// It was refused for good, tried too often, or cut short: somebody should call.
    GivenUp,
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
        if self.same_as.is_none() {
            out.push(Index::InvitationOf(self.meeting, self.customer));
            out.push(Index::InvitationsByMeeting(self.meeting));
        }
        out.push(Index::InvitationsByCustomer(self.customer));
        out.extend(self.links.iter().map(|link| Index::InvitationByLink(*link)));
    }
}
