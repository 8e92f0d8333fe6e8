//! What may be asked about products.

use super::Listing;
use crate::ids::{ProductId, SellingPointId};
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
    /// Whom it suits. Apps of before do not say, and leave it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suits: Option<String>,
}

/// Writes something that may be said for a product, or writes it anew. Another text has to be approved; other words that it answers do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutSellingPoint {
    /// Identifier, made by the caller.
    pub point: SellingPointId,
    /// For which product.
    pub product: ProductId,
    /// What is said.
    pub text: String,
    /// Which needs and pains it answers.
    pub answers: Vec<String>,
}

/// Approves a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveSellingPoint {
    /// Which.
    pub point: SellingPointId,
    /// The text that was looked at.
    pub text: String,
}

/// Takes away what may be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveSellingPoint {
    /// Which.
    pub point: SellingPointId,
}
