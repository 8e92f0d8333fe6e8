//! What may be asked about check-ins. These are field facts: the server never refuses them for good, it quarantines.

use super::Method;
use crate::customers::Salutation;
use crate::ids::{CheckInId, ConflictId, CustomerId, GuestId, MeetingId};
use crate::phone::Phone;
use serde::{Deserialize, Serialize};

/// Lets a guest in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckInGuest {
    /// Identifier of the check-in, made by the caller.
    pub check_in: CheckInId,
    /// Where.
    pub meeting: MeetingId,
    /// Who came.
    pub guest: GuestId,
    /// The desk's name.
    pub desk: String,
    /// How the guest was recognised.
    pub method: Method,
    /// The ticket as scanned, when a code was scanned. It proves a guest whose card the device does not hold.
    pub ticket: Option<String>,
}

/// Lets in somebody who was not invited: makes the customer (unless it is one that the actor works on), the guest card and the check-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterWalkIn {
    /// Identifier of the check-in.
    pub check_in: CheckInId,
    /// Identifier of the guest card.
    pub guest: GuestId,
    /// Identifier of the customer: a new one, or that of a known customer, whose empty fields then get what was told.
    pub customer: CustomerId,
    /// Where.
    pub meeting: MeetingId,
    /// The desk's name.
    pub desk: String,
    /// Name.
    pub name: String,
    /// How to address the guest.
    pub salutation: Option<Salutation>,
    /// Phone, if told.
    pub phone: Option<Phone>,
    /// E-mail, if told; one of the two is needed.
    pub email: String,
    /// Company.
    pub company: String,
}

impl std::fmt::Debug for RegisterWalkIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegisterWalkIn").field("check_in", &self.check_in).field("meeting", &self.meeting).finish_non_exhaustive()
    }
}

/// Takes a check-in back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoCheckIn {
    /// Which.
    pub check_in: CheckInId,
}

/// Decides which of two check-ins counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleConflict {
    /// Which conflict.
    pub conflict: ConflictId,
    /// The check-in that counts.
    pub keep: CheckInId,
}
