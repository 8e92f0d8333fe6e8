//! What may be asked about promotions.

use super::Terms;
use crate::ids::{DealId, PromotionId};
use serde::{Deserialize, Serialize};

/// Offers a promotion, or changes one: the terms become its next version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutPromotion {
    /// Identifier, made by the caller.
    pub promotion: PromotionId,
    /// The number of the version that this becomes: 1 for a new one. Somebody else's change is not overwritten unseen.
    pub version: u32,
    /// What is offered.
    pub terms: Terms,
}

/// Offers a promotion no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawPromotion {
    /// Which.
    pub promotion: PromotionId,
}

/// Keeps to a promotion for a deal that is beyond the first N.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HonourPromotion {
    /// Which promotion.
    pub promotion: PromotionId,
    /// Of which deal.
    pub deal: DealId,
    /// Why.
    pub reason: String,
}
