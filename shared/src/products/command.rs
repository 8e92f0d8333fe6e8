//! What may be asked about products.

use super::Listing;
use crate::ids::ProductId;
use crate::money::Money;
use serde::{Deserialize, Serialize};

/// Puts a product on the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddProduct {
    /// Identifier, made by the caller.
    pub product: ProductId,
    /// Its name.
    pub name: String,
    /// What may be said about it.
    pub description: String,
    /// Price of one.
    pub price: Money,
}

/// Changes a product. Deals keep the price at which they were opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditProduct {
    /// Which.
    pub product: ProductId,
    /// Its name.
    pub name: String,
    /// What may be said about it.
    pub description: String,
    /// Price of one.
    pub price: Money,
    /// Whether it is on sale.
    pub listing: Listing,
}
