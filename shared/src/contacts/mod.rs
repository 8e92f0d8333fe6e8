//! Contacts 聯絡: every call, visit and message after the invitation, what came of it, and what comes next (clause G2).
//!
//! Law: a contact is a fact. It has the scope of whoever owns the customer, moves with the customer, and is never changed.

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::ids::{ContactId, CustomerId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Somebody was in contact with a customer, or tried to be. Debug hides what was said.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedContact {
    /// Identifier.
    pub id: ContactId,
    /// With whom.
    pub customer: CustomerId,
    /// Whose customer; none in the pool.
    pub owner: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// How.
    pub way: Way,
    /// What came of it.
    pub came: Came,
    /// In words; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// What was promised, or is to be done next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextStep>,
    /// How satisfied the customer says to be: 1 not at all, to 5 very. Asked after a purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<u8>,
}

impl std::fmt::Debug for LoggedContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoggedContact").field("id", &self.id).field("at", &self.at).field("way", &self.way).finish_non_exhaustive()
    }
}

/// How somebody was in contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// 電話.
    Call,
    /// 訊息: a text message, a messenger, a mail.
    Message,
    /// 拜訪: at the customer's.
    Visit,
    /// 面談: in person elsewhere.
    InPerson,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Call, Self::Message, Self::Visit, Self::InPerson];
}

/// What came of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// 聊過了.
    Spoke,
    /// 有興趣.
    Interested,
    /// 暫時不需要.
    NotNow,
    /// 沒聯絡到: the task stays.
    NotReached,
    /// 請勿再聯絡: wants to be contacted by nobody again.
    DoNotContact,
}

impl Came {
    /// Everything that can come of a contact.
    pub const ALL: [Self; 5] = [Self::Spoke, Self::Interested, Self::NotNow, Self::NotReached, Self::DoNotContact];

    /// Whether the customer was reached at all.
    #[must_use]
    pub fn is_reached(self) -> bool {
        self != Self::NotReached
    }
}

/// What is to be done next with a customer. It becomes a task of that day ([`crate::follow_ups`]).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// On which day, on the organisation's clock.
    pub on: NaiveDate,
    /// What; may be empty: to get in touch again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

impl std::fmt::Debug for NextStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NextStep").field("on", &self.on).finish_non_exhaustive()
    }
}

impl Entity for LoggedContact {
    fn id(&self) -> ContactId {
        self.id
    }
    fn scope(&self) -> Scope {
        self.owner.map_or(Scope::Pool, Scope::Person)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::ContactsByCustomer(self.customer));
    }
}
