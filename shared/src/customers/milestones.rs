//! What happened with a customer where the owner was not: at the door of a meeting, with a colleague who closed the deal (clause A6).
//!
//! Law: a milestone has the owner's scope and moves with the customer. Check-ins and deals themselves stay with those who work with them; a
//! device that does not hold the customer makes none, the server does.

use super::Customer;
use crate::check_ins::CheckIn;
use crate::deals::{Deal, Payment, Stage};
use crate::decide::{Patch, Unavailable, View, ViewExt};
use crate::ids::{CustomerId, DealId, MeetingId, MilestoneId, UserId};
use crate::money::Money;
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened with a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// Identifier.
    pub id: MilestoneId,
    /// With whom.
    pub customer: CustomerId,
    /// Whose customer; none in the pool.
    pub owner: Option<UserId>,
    /// When, on the clock of whoever noted it.
    pub at: Timestamp,
    /// Who let the guest in, or sold.
    pub by: UserId,
    /// What.
    pub what: What,
}

/// What can happen where the owner is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum What {
    /// Came to a meeting.
    Arrived {
        /// Which.
        meeting: MeetingId,
        /// The check-in was taken back.
        undone: bool,
    },
    /// A deal, as it stands now.
    Deal {
        /// Over how much.
        total: Money,
        /// How far it is.
        stage: Stage,
        /// What has been paid.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        payments: Vec<Paid>,
        /// What was given back of that; none if nothing was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refunded: Option<Money>,
        /// When it was sold ([`Deal::signed_at`]).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signed_at: Option<Timestamp>,
        /// The first of the deals that have followed each other here, if it is another one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first: Option<DealId>,
    },
}

/// A payment as the owner of the customer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// When.
    pub at: Timestamp,
    /// How much.
    pub amount: Money,
}

impl From<&Payment> for Paid {
    fn from(payment: &Payment) -> Self {
        Self { at: payment.at, amount: payment.amount }
    }
}

impl Entity for Milestone {
    fn id(&self) -> MilestoneId {
        self.id
    }
    fn scope(&self) -> Scope {
        self.owner.map_or(Scope::Pool, Scope::Person)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::MilestonesByCustomer(self.customer));
    }
}

/// What a check-in tells the owner of a customer.
pub(crate) fn arrived(check_in: &CheckIn, customer: &Customer) -> Patch {
    let what = What::Arrived { meeting: check_in.meeting, undone: check_in.undone.is_some() };
    told(MilestoneId(check_in.id.0), customer, check_in.at, check_in.by, what)
}

/// What a deal tells the owner of its customer; nothing where the customer is not held.
pub(crate) fn dealt<V: View + ?Sized>(view: &V, deal: &Deal) -> Result<Option<Patch>, Unavailable> {
    let Some(customer) = view.get::<Customer>(deal.customer)? else { return Ok(None) };
    let payments = deal.received().map(Paid::from).collect();
    let mut first = deal.replaces;
    // As many as may follow each other.
    for _ in 0..crate::deals::after::MOST_VERSIONS {
        let before = first.map(|id| view.get::<Deal>(id)).transpose()?.flatten().and_then(|before| before.replaces);
        first = before.or(first);
        if before.is_none() {
            break;
        }
    }
    let refunded = Some(deal.refunded()).filter(|refunded| refunded.minor > 0);
    let what = What::Deal { total: deal.total, stage: deal.stage.clone(), payments, refunded, signed_at: deal.signed_at, first };
    Ok(Some(told(MilestoneId(deal.id.0), &customer, deal.opened_at, deal.seller, what)))
}

fn told(id: MilestoneId, customer: &Customer, at: Timestamp, by: UserId, what: What) -> Patch {
    Patch::put(Milestone { id, customer: customer.id, owner: customer.owner, at, by, what })
}

/// The milestones of a customer, who has another owner now.
pub(crate) fn moved<V: View + ?Sized>(view: &V, customer: CustomerId, to: Option<UserId>) -> Result<Vec<Patch>, Unavailable> {
    let milestones = view.list::<Milestone>(&Index::MilestonesByCustomer(customer))?;
    Ok(milestones.iter().map(|milestone| Patch::put(Milestone { owner: to, ..(**milestone).clone() })).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn h1_a_row_of_a_deal_of_which_nothing_was_given_back_is_what_it_was() {
        let old = r#"{"is":"deal","total":{"minor":500,"currency":"TWD"},"stage":{"is":"signed"}}"#;
        let read: What = serde_json::from_str(old).expect("an old row");
        assert_eq!(serde_json::to_string(&read).expect("serialises"), old);
        let What::Deal { refunded: None, .. } = read else { panic!("nothing was given back") };
        let with = r#"{"is":"deal","total":{"minor":500,"currency":"TWD"},"stage":{"is":"signed"},"refunded":{"minor":20,"currency":"TWD"}}"#;
        let read: What = serde_json::from_str(with).expect("a row of today");
        assert!(matches!(read, What::Deal { refunded: Some(refunded), .. } if refunded == Money::new(20, Currency::Twd)));
    }
}
