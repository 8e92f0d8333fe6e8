//! Merging 合併客戶: two records of one person become one, and nothing that happened with either of them is lost (clause A7).
//!
//! Laws:
//! - Whatever names a customer names one that there is. What was recorded of the one that was merged away moves to the one that stays; what somebody
//!   records of it later, on a device that has not heard, is followed there ([`follow`]).
//! - The record that was merged away is kept whole, and undoing brings it back as it was.
//! - At a meeting to come one person is one guest: of two invitations one leads, and the links and tickets of the other lead to it.

pub mod decide;
pub mod follow;
mod guests;
#[cfg(test)]
mod tests;

use super::{Customer, Profile};
use crate::ids::{CustomerId, GuestId, UserId};
use crate::record::{Entity, Index, Key, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A customer that was merged into another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedCustomer {
    /// The record as it was.
    pub was: Customer,
    /// Into which one. Should that one be merged into another, this is that other one.
    pub into: CustomerId,
    /// Whose customer that one is; none while in the pool.
    pub owner: Option<UserId>,
    /// When, on the clock of whoever did it.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// The profile of the one that stayed, before.
    pub before: Profile,
    /// The same, after: undo keeps away from it if somebody changed it since.
    pub after: Profile,
    /// What was recorded of this one, and is the other one's now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Key>,
    /// Guests, and their invitations of the same ids, that are led by another one of the same person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub led: Vec<GuestId>,
}

impl Entity for MergedCustomer {
    fn id(&self) -> CustomerId {
        self.was.id
    }
    fn scope(&self) -> Scope {
        self.owner.map_or(Scope::Pool, Scope::Person)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::CustomersMergedInto(self.into));
    }
}
