//! Products: what is sold, and at which price.

pub mod command;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::ids::ProductId;
use crate::money::Money;
use crate::record::{Entity, Index, Scope};
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
