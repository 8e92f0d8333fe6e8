//! Products 產品: what is sold, at which price, and what may be said for it (clauses E1, E2, E4).
//!
//! Law: what is shown to those who sell as something to say is an approved text, word for word; changed, it has to be approved anew.

pub mod command;
pub mod decide;
pub mod pitch;
#[cfg(test)]
mod tests;

use crate::ids::{ProductId, SellingPointId, UserId};
use crate::money::Money;
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A product or service on the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Identifier.
    pub id: ProductId,
    /// Its name.
    pub name: String,
    /// What may be said about it.
    pub description: String,
    /// Price of one, above zero.
    pub price: Money,
    /// Whether it is on sale.
    pub listing: Listing,
    /// Whom it suits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suits: String,
}

/// One thing that may be said for a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SellingPoint {
    /// Identifier.
    pub id: SellingPointId,
    /// For which product.
    pub product: ProductId,
    /// What is said, word for word.
    pub text: String,
    /// Which needs and pains it answers: words that stand in what customers say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
    /// Who wrote it last.
    pub by: UserId,
    /// The approval of exactly this text; none before it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<ApprovedText>,
}

/// A text may be said to customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovedText {
    /// Who said so.
    pub by: UserId,
    /// When, on their clock.
    pub at: Timestamp,
}

impl Entity for SellingPoint {
    fn id(&self) -> SellingPointId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Org
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::SellingPointsByProduct(self.product));
    }
}

/// Whether a product can be put into new deals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// On sale.
    OnSale,
    /// Kept for old deals only.
    Withdrawn,
}

impl Entity for Product {
    fn id(&self) -> ProductId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Org
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}
