//! The rules by which tasks come by themselves. An administrator switches each on or off, and says when.

use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// After how long each task is due; none: it does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FollowUpRules {
    /// Hours after the meeting, for whoever came and did not buy.
    pub came_only: Option<u16>,
    /// Hours after the meeting, for whoever had said yes and did not come.
    pub stayed_away: Option<u16>,
    /// Days after the purchase.
    pub first_care: Option<u16>,
    /// Days after the purchase.
    pub second_care: Option<u16>,
    /// Days since the last contact, for intent A.
    pub rhythm_a: Option<u16>,
    /// The same, for B.
    pub rhythm_b: Option<u16>,
    /// The same, for C.
    pub rhythm_c: Option<u16>,
    /// The same, for D.
    pub rhythm_d: Option<u16>,
}

impl Default for FollowUpRules {
    fn default() -> Self {
        Self {
            came_only: Some(48),
            stayed_away: Some(48),
            first_care: Some(7),
            second_care: Some(30),
            rhythm_a: Some(7),
            rhythm_b: Some(14),
            rhythm_c: Some(30),
            rhythm_d: Some(90),
        }
    }
}

/// One of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "documented at FollowUpRules")]
pub enum Rule {
    CameOnly,
    StayedAway,
    FirstCare,
    SecondCare,
    RhythmA,
    RhythmB,
    RhythmC,
    RhythmD,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 8] =
        [Self::CameOnly, Self::StayedAway, Self::FirstCare, Self::SecondCare, Self::RhythmA, Self::RhythmB, Self::RhythmC, Self::RhythmD];

    /// Whether it counts hours; the others count days.
    #[must_use]
    pub const fn is_in_hours(self) -> bool {
        matches!(self, Self::CameOnly | Self::StayedAway)
    }

    /// What may be set: up to two weeks after a meeting, up to a year otherwise.
    #[must_use]
    pub const fn limits(self) -> RangeInclusive<u16> {
        if self.is_in_hours() { 1..=336 } else { 1..=365 }
    }
}

impl FollowUpRules {
    /// After how long a rule's task is due.
    #[must_use]
    pub const fn of(&self, rule: Rule) -> Option<u16> {
        match rule {
            Rule::CameOnly => self.came_only,
            Rule::StayedAway => self.stayed_away,
            Rule::FirstCare => self.first_care,
            Rule::SecondCare => self.second_care,
            Rule::RhythmA => self.rhythm_a,
            Rule::RhythmB => self.rhythm_b,
            Rule::RhythmC => self.rhythm_c,
            Rule::RhythmD => self.rhythm_d,
        }
    }

    /// The same with one rule changed.
    #[must_use]
    pub const fn with(mut self, rule: Rule, after: Option<u16>) -> Self {
        *(match rule {
            Rule::CameOnly => &mut self.came_only,
            Rule::StayedAway => &mut self.stayed_away,
            Rule::FirstCare => &mut self.first_care,
            Rule::SecondCare => &mut self.second_care,
            Rule::RhythmA => &mut self.rhythm_a,
            Rule::RhythmB => &mut self.rhythm_b,
            Rule::RhythmC => &mut self.rhythm_c,
            Rule::RhythmD => &mut self.rhythm_d,
        }) = after;
        self
    }

    /// Whether nobody has set anything else. Then it is not written, and older servers' rows are the same to the byte.
    pub(crate) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
