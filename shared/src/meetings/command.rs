//! What may be asked about meetings.

use super::Plan;
use crate::ids::MeetingId;
use serde::{Deserialize, Serialize};

/// Plans a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanMeeting {
    /// Identifier, made by the caller.
    pub meeting: MeetingId,
    /// What is planned.
    pub plan: Plan,
}

/// Changes the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditMeeting {
    /// Which.
    pub meeting: MeetingId,
    /// The whole new plan.
    pub plan: Plan,
}

/// Calls a meeting off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelMeeting {
    /// Which.
    pub meeting: MeetingId,
}
