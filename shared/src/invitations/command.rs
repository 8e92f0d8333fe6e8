//! What may be asked about invitations.

use super::{Answer, Channel, Confirmation};
use crate::ids::{CustomerId, InvitationId, MeetingId, UserId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Plans to invite customers to a meeting. A customer who has an invitation to it already is refused with who has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanInvitations {
    /// To what.
    pub meeting: MeetingId,
    /// Whom; at most [`super::decide::MOST_PLANNED`].
    pub planned: Vec<PlannedInvitation>,
}

/// One customer of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedInvitation {
    /// Identifier, made by the caller.
    pub invitation: InvitationId,
    /// Whom.
    pub customer: CustomerId,
    /// By whom.
    pub rep: UserId,
    /// How.
    pub channel: Channel,
    /// By when.
    pub due: Option<Timestamp>,
}

/// The result of one attempt to reach a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAnswer {
    /// Which invitation.
    pub invitation: InvitationId,
    /// How the customer was reached.
    pub channel: Channel,
    /// What the customer said; not [`Answer::Planned`].
    pub answer: Answer,
    /// Questions and doubts that came up.
    pub questions: Vec<String>,
}

/// The answer on the day before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmInvitation {
    /// Which invitation.
    pub invitation: InvitationId,
    /// What the customer said.
    pub confirmation: Confirmation,
}
