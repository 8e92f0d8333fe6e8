//! Promotions 優惠: what is taken off for a while, at some meetings, for the first so many (clause E3).
//!
//! Laws: a change is another version and nothing is deleted, so that what was agreed on can be read for ever; nobody's device knows how many of the first
//! N are taken, so that none refuses one: what is beyond is told to a manager, and money that was agreed on never changes by itself.

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

/// A signed deal has taken promotions: all who sell see how many of the first N are gone, and nothing else of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taking {
    /// The deal.
    pub deal: DealId,
    /// Which it has, each once.
    pub promotions: Vec<PromotionId>,
    /// When it was sold ([`crate::deals::Deal::sold_at`]).
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

/// The deals beyond the first N, in the order in which they were sold. What counts is who sold first, not who was first to reach the server.
#[must_use]
pub fn beyond(promotion: &Promotion, takings: &[Arc<Taking>]) -> Vec<DealId> {
    let Some(first) = promotion.latest().and_then(|(_, terms)| terms.first) else { return Vec::new() };
    let mut sold: Vec<_> = takings.iter().filter(|taking| taking.promotions.contains(&promotion.id)).map(|taking| (taking.at, taking.deal)).collect();
    sold.sort_unstable();
    sold.into_iter().skip(first as usize).map(|(_, deal)| deal).collect()
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
        out.extend(self.promotions.iter().copied().map(Index::TakingsByPromotion));
    }
}
