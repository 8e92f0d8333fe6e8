//! What the server says of a meeting's desks when it is asked: when it last heard of their devices. No record: it ages while nobody does anything.

use crate::ids::DeskId;
use serde::{Deserialize, Serialize};

/// How long ago a desk's device was heard of. A span and no instant: the device that asks may have another clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskHeard {
    /// Which desk.
    pub desk: DeskId,
    /// Seconds since the server last heard of its device; none if it never has, or not for months.
    pub seconds_ago: Option<u64>,
}
