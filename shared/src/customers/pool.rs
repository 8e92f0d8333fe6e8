//! The pool 公海 as those see it who may take from it: a card that says what a customer is like, and not who it is (clause A5).
//!
//! Law: there is a card for each customer in the pool who may be contacted, and for no other. Name, ways of contact and what a customer has said
//! stand in the customer's own record, which only those who assign hold.

use super::{Contact, Customer, Intent};
use crate::decide::{Patch, Unavailable, View, ViewExt};
use crate::ids::CustomerId;
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A customer in the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolCard {
    /// Whose card.
    pub customer: CustomerId,
    /// Region.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Occupation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub occupation: String,
    /// Code of the source channel in the settings' dictionary, or words of the import's file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// How likely a purchase is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
    /// Since when the customer is there.
    pub since: Timestamp,
}

impl Entity for PoolCard {
    fn id(&self) -> CustomerId {
        self.customer
    }
    fn scope(&self) -> Scope {
        Scope::Sellers
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}

/// A customer that is none any more has no card.
pub(crate) fn gone<V: View + ?Sized>(view: &V, customer: CustomerId) -> Result<Option<Patch>, Unavailable> {
    Ok(view.get::<PoolCard>(customer)?.map(|_| Patch::delete::<PoolCard>(customer)))
}

/// What has to change so that the card of a customer, as it is stored now, is right.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn follow<V: View + ?Sized>(view: &V, customer: &Customer) -> Result<Option<Patch>, Unavailable> {
    let before = view.get::<PoolCard>(customer.id)?;
    if customer.owner.is_some() || customer.profile.contact == Contact::Refused {
        return Ok(before.map(|_| Patch::delete::<PoolCard>(customer.id)));
    }
    let profile = &customer.profile;
    let since = before.as_ref().map_or(customer.changed_at, |before| before.since);
    let card = PoolCard {
        customer: customer.id,
        region: profile.region.clone(),
        occupation: profile.occupation.clone(),
        source: profile.source.clone(),
        intent: profile.intent,
        since,
    };
    Ok(before.is_none_or(|before| *before != card).then(|| Patch::put(card)))
}
