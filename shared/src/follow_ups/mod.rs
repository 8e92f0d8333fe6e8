//! Follow-up 跟進: whom to get in touch with after a meeting, after a purchase, or because it was promised (clause G1).
//!
//! Laws:
//! - Tasks are not stored. They follow from the facts and the organisation's rules ([`tasks`]), so that every device, also one without a network,
//!   has the same ones, and nothing must run anywhere for them to come.
//! - What a person does to a task is stored, under an id that follows from the task: two devices that mean the same task change the same record.
//! - A task is done once a contact says so, or once the customer was reached after it had come. It does not come again for the same fact.
//! - Whoever asked not to be contacted is nobody's task.

pub mod command;
pub mod decide;
pub mod rules;
pub mod tasks;
#[cfg(test)]
mod tests;

pub use rules::{FollowUpRules, Rule};

use crate::customers::{Customer, Salutation};
use crate::ids::{ContactId, CustomerId, DealId, FollowUpId, MeetingId, UserId};
use crate::phone::Phone;
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Why somebody is to get in touch with a customer. With the customer it names a task: the fact behind it, not the day, so that a task stays the same
/// one when a rule or a meeting's end is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Why {
    /// It was promised, or planned, in an earlier contact.
    Promised {
        /// In which.
        contact: ContactId,
    },
    /// Came to a meeting and did not buy.
    CameOnly {
        /// To which.
        meeting: MeetingId,
    },
    /// Had said yes and did not come.
    StayedAway {
        /// To which.
        meeting: MeetingId,
    },
    /// Has bought: is everything as it should be?
    FirstCare {
        /// What.
        deal: DealId,
    },
    /// Has bought some time ago.
    SecondCare {
        /// What.
        deal: DealId,
    },
    /// Was not contacted for as long as the purchase intent allows.
    Rhythm {
        /// Since which day.
        since: NaiveDate,
    },
}

impl Why {
    /// The id of what becomes of the task. It is the same on every device and never changes: 128 bits of BLAKE3 over customer and fact.
    #[must_use]
    pub fn id(self, customer: CustomerId) -> FollowUpId {
        let fact = match self {
            Self::Promised { contact } => format!("promised:{contact}"),
            Self::CameOnly { meeting } => format!("came_only:{meeting}"),
            Self::StayedAway { meeting } => format!("stayed_away:{meeting}"),
            Self::FirstCare { deal } => format!("first_care:{deal}"),
            Self::SecondCare { deal } => format!("second_care:{deal}"),
            Self::Rhythm { since } => format!("rhythm:{since}"),
        };
        let hash = blake3::hash(format!("follow_up:{customer}:{fact}").as_bytes());
        let bytes = *hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
        FollowUpId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Whether the customer has bought: then one asks how satisfied they are.
    #[must_use]
    pub const fn is_care(self) -> bool {
        matches!(self, Self::FirstCare { .. } | Self::SecondCare { .. })
    }
}

/// What became of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Identifier: [`Why::id`], of the customer as they were known then.
    pub id: FollowUpId,
    /// About whom.
    pub customer: CustomerId,
    /// Whose customer; none in the pool.
    pub owner: Option<UserId>,
    /// Which task.
    pub why: Why,
    /// What became of it.
    pub state: FollowUpState,
    /// Who did that.
    pub by: UserId,
    /// When, on the clock of whoever did it.
    pub at: Timestamp,
}

/// What can become of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum FollowUpState {
    /// Done.
    Done {
        /// By which contact.
        contact: ContactId,
    },
    /// Not before a day.
    Snoozed {
        /// Which, on the organisation's clock.
        until: NaiveDate,
    },
    /// Not needed.
    Dropped {
        /// Why.
        reason: String,
    },
    /// A colleague does it.
    HandedOver {
        /// Who.
        to: UserId,
    },
}

impl FollowUpState {
    /// Whether there is nothing left to do.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Dropped { .. })
    }
}

impl Entity for FollowUp {
    fn id(&self) -> FollowUpId {
        self.id
    }
    fn scope(&self) -> Scope {
        self.owner.map_or(Scope::Pool, Scope::Person)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::FollowUpsByCustomer(self.customer));
    }
}

/// A task in the hands of a colleague who does not hold the customer: what is needed to get in touch, and no more. It is gone when the task is done,
/// given back or taken back, and when the customer is handed on or asks not to be contacted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Identifier; that of the [`FollowUp`].
    pub id: FollowUpId,
    /// About whom. The colleague sees an id only.
    pub customer: CustomerId,
    /// Which task.
    pub why: Why,
    /// Who does it.
    pub to: UserId,
    /// Who handed it over.
    pub from: UserId,
    /// When.
    pub at: Timestamp,
    /// By when it should be done.
    pub due: Timestamp,
    /// What to know before; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// The colleague does it not before this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<NaiveDate>,
    /// The customer's name.
    pub name: String,
    /// How to address the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salutation: Option<Salutation>,
    /// Phones, the preferred one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
}

impl std::fmt::Debug for Errand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Errand").field("id", &self.id).field("to", &self.to).field("why", &self.why).finish_non_exhaustive()
    }
}

impl Errand {
    /// The same with what it shows of a customer.
    #[must_use]
    pub fn showing(self, customer: &Customer) -> Self {
        let profile = &customer.profile;
        Self { name: profile.name.clone(), salutation: profile.salutation, phones: profile.phones.clone(), ..self }
    }
}

impl Entity for Errand {
    fn id(&self) -> FollowUpId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Person(self.to)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::ErrandsByCustomer(self.customer));
        out.push(Index::ErrandsTo(self.to));
    }
}
