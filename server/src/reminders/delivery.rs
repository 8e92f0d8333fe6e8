//! What a carrier says to a message.

use chrono::TimeDelta;

/// Whether a carrier has taken a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// It has.
    Taken,
    /// It never will.
    Refused(Reason),
    /// It may later.
    Later {
        /// Why.
        reason: Reason,
        /// How long the carrier wants to be left alone, if it has said so.
        wait: Option<TimeDelta>,
        /// What stands in the way.
        obstacle: Obstacle,
    },
}

/// What stands in the way of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Something about this message or whom it is for: others may go.
    Message,
    /// Something about the carrier: it is not asked for others either just now.
    Carrier,
}

/// A word or a code: never what a carrier has said, which may quote the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason(pub(super) String);

impl From<&str> for Reason {
    fn from(word: &str) -> Self {
        Self(word.to_owned())
    }
}
