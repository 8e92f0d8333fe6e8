//! Promotions 優惠: what is taken off for a while, at some meetings, for the first so many (clause E3).
//!
//! Laws: a change is another version and nothing is deleted, so that what was agreed on can be read for ever; nobody's device knows how many of the first
//! N are taken, so that none refuses one: what is beyond is told to a manager, and money that was agreed on never changes by itself. A place among the
//! first N is taken when a contract that has the promotion is signed for the first time, and a version of that contract keeps it.

pub mod command;
pub mod decide;
pub mod reduce;
#[cfg(test)]
mod tests;

use crate::ids::{DealId, MeetingId, ProductId, PromotionId, UserId};
use crate::money::{BasisPoints, Money};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One promotion. It names no customer: everybody in the organisation may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// Identifier.
    pub id: PromotionId,
    /// All its versions, the oldest first; one at least. The first has the number 1.
    pub versions: Vec<Version>,
    /// That it is offered no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
}

/// What a promotion was from some day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// What is offered.
    pub terms: Terms,
    /// Who said so.
    pub by: UserId,
    /// When, on their clock.
    pub at: Timestamp,
}

/// What is offered, when, where, to how many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Its name, as on the contract.
    pub name: String,
    /// From when on: an instant, so that every desk means the same one whatever its time zone.
    pub opens: Timestamp,
    /// Until when; that instant is outside.
    pub closes: Timestamp,
    /// At which meetings; none for everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meetings: Vec<MeetingId>,
    /// What it gives.
    pub gives: Gives,
    /// For the first so many deals; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u32>,
}

/// What a promotion gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Gives {
    /// Something off each unit of some products, if so many of them are bought together.
    Off {
        /// Which; one at least.
        products: Vec<ProductId>,
        /// So many of them together, 1 for any.
        least: u32,
        /// What is taken off each.
        off: Reduction,
    },
    /// Several products at one price. Bought twice over, it counts twice.
    Bundle {
        /// What it is made of; one at least.
        parts: Vec<Part>,
        /// What they cost together.
        price: Money,
    },
    /// Something at no charge for something bought; for twice as much, twice.
    Gift {
        /// What has to be bought.
        bought: Part,
        /// What is given, another product.
        gift: Part,
    },
}

/// What is taken off a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Reduction {
    /// A share of its price.
    Percent {
        /// In basis points.
        off: BasisPoints,
    },
    /// An amount, at most its price.
    Amount {
        /// How much.
        off: Money,
    },
}

/// So many of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which.
    pub product: ProductId,
    /// How many; 1 to 9,999.
    pub quantity: u32,
}

/// A promotion is offered no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// Who said so.
    pub by: UserId,
    /// When, on their clock.
    pub at: Timestamp,
}

/// What a line of a deal owes to a promotion, as it was agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Which.
    pub promotion: PromotionId,
    /// Which version of it, from 1 on.
    pub version: u32,
    /// Its name then.
    pub name: String,
    /// What it takes off the line: zero for what only has to be bought for a gift.
    pub off: Money,
}

/// A signed deal has taken promotions for the first N: all who sell see how many of them are gone, and nothing else of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taking {
    /// The deal.
    pub deal: DealId,
    /// What it has taken, each promotion once.
    pub took: Vec<Took>,
}

/// A place among the first N of a promotion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Took {
    /// Of which.
    pub promotion: PromotionId,
    /// Which version of it was agreed on: its N counts.
    pub version: u32,
    /// Since when, on the clock of the device on which it was signed.
    pub at: Timestamp,
}

/// A manager keeps to a promotion although others had taken the first N before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Honoured {
    /// Which promotion.
    pub promotion: PromotionId,
    /// Who said so.
    pub by: UserId,
    /// When, on their clock.
    pub at: Timestamp,
    /// Why, in words.
    pub reason: String,
}

impl Promotion {
    /// What it offers today, and the number of that version; none for one without versions, which no rule makes.
    #[must_use]
    pub fn latest(&self) -> Option<(u32, &Terms)> {
        let number = u32::try_from(self.versions.len()).ok()?;
        self.versions.last().map(|version| (number, &version.terms))
    }

    /// Since when a version is offered no more: it was changed, or the promotion withdrawn.
    #[must_use]
    pub fn over_since(&self, number: u32) -> Option<Timestamp> {
        let changed = usize::try_from(number).ok().and_then(|next| self.versions.get(next)).map(|version| version.at);
        changed.into_iter().chain(self.withdrawn.as_ref().map(|withdrawn| withdrawn.at)).min()
    }

    /// What a version offered.
    #[must_use]
    pub fn version(&self, number: u32) -> Option<&Terms> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.versions.get(index).map(|version| &version.terms)
    }
}

impl Terms {
    /// Whether it is offered at a meeting, or nowhere in particular, at an instant.
    #[must_use]
    pub fn runs(&self, meeting: Option<MeetingId>, at: Timestamp) -> bool {
        let is_there = self.meetings.is_empty() || meeting.is_some_and(|meeting| self.meetings.contains(&meeting));
        is_there && (self.opens..self.closes).contains(&at)
    }
}

impl Gives {
    /// The products that can bear it, in the order in which they were named.
    #[must_use]
    pub fn products(&self) -> Vec<ProductId> {
        match self {
            Self::Off { products, .. } => products.clone(),
            Self::Bundle { parts, .. } => parts.iter().map(|part| part.product).collect(),
            Self::Gift { bought, gift } => vec![bought.product, gift.product],
        }
    }
}

/// The deals beyond the first N of what they have agreed on, in the order in which they were sold. What counts is who sold first, not who was first to
/// reach the server; a device whose clock is wrong is wrong about that too.
#[must_use]
pub fn beyond(promotion: &Promotion, takings: &[Arc<Taking>]) -> Vec<DealId> {
    let took = |taking: &Arc<Taking>| taking.took.iter().find(|took| took.promotion == promotion.id).map(|took| (took.at, taking.deal, took.version));
    let mut sold: Vec<_> = takings.iter().filter_map(took).collect();
    sold.sort_unstable();
    let is_beyond = |&(place, (.., version)): &(usize, (Timestamp, DealId, u32))| {
        promotion.version(version).and_then(|terms| terms.first).is_some_and(|first| place >= first as usize)
    };
    sold.into_iter().enumerate().filter(is_beyond).map(|(_, (_, deal, _))| deal).collect()
}

impl Entity for Promotion {
    fn id(&self) -> PromotionId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Org
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}

impl Entity for Taking {
    fn id(&self) -> DealId {
        self.deal
    }
    fn scope(&self) -> Scope {
        Scope::Sellers
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.extend(self.took.iter().map(|took| Index::TakingsByPromotion(took.promotion)));
    }
}
