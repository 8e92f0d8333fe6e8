//! What may be asked about invitations.

use super::link::LinkHash;
use super::{Answer, Channel, Confirmation, ReminderOutcome};
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

/// How many a guest brings along, known before or after the yes. With more than there are places left it is refused, unless the guest waits
/// in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeParty {
    /// Which invitation.
    pub invitation: InvitationId,
    /// How many besides the guest; at most [`crate::meetings::places::MOST_COMPANIONS`].
    pub companions: u8,
}

/// Notes that a guest knows that all places are taken and that they wait in line. Of somebody who has a place by now it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellWaiting {
    /// Which invitation.
    pub invitation: InvitationId,
}

/// Lets a guest answer with a link. Made anew for each sending: the token is in what was sent, and its hash is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakeLink {
    /// Which invitation.
    pub invitation: InvitationId,
    /// The hash of the link's token.
    pub link: LinkHash,
}

/// Takes back all links of an invitation: what was sent opens nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawLinks {
    /// Which invitation.
    pub invitation: InvitationId,
}

/// Notes that a guest wants no reminders from the server any more, of this meeting or another (B7). Their place stays theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefuseReminders {
    /// Which invitation.
    pub invitation: InvitationId,
}

/// Notes how a reminder ended that the server has sent by itself (B7). Only the server may ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteReminder {
    /// Of which invitation.
    pub invitation: InvitationId,
    /// By mail or text message.
    pub channel: Channel,
    /// How it ended.
    pub outcome: ReminderOutcome,
}

/// Keeps a question of a guest who has given no answer with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskQuestion {
    /// Which invitation.
    pub invitation: InvitationId,
    /// What the guest wants to know.
    pub question: String,
}
