//! What comes after a meeting, in words: contacts, follow-up tasks, complaints.

use super::{day, here, person};
use crate::state::preparations::noon;
use crate::texts as t;
use chrono::{NaiveDate, Utc};
use shared::complaints::{Severity, StepTaken};
use shared::contacts::{Came, Way};
use shared::follow_ups::Why;

/// A way of being in contact.
#[must_use]
pub fn way(way: Way) -> &'static str {
    match way {
        Way::Call => t::contacts::call(),
        Way::Message => t::contacts::message(),
        Way::Visit => t::contacts::visit(),
        Way::InPerson => t::contacts::in_person(),
    }
}

/// What came of a contact.
#[must_use]
pub fn came(came: Came) -> &'static str {
    match came {
        Came::Spoke => t::contacts::spoke(),
        Came::Interested => t::contacts::interested(),
        Came::NotNow => t::contacts::not_now(),
        Came::NotReached => t::contacts::not_reached(),
        Came::DoNotContact => t::contacts::do_not_contact(),
    }
}

/// A day, as people say it.
#[must_use]
pub fn day_of(of: NaiveDate) -> String {
    day(noon(of, here()), here(), Utc::now())
}

/// Why somebody is to be contacted; `promised` is what was to be done, where this device knows it.
#[must_use]
pub fn why(why: Why, promised: &str) -> String {
    match why {
        Why::Promised { .. } if promised.is_empty() => t::follow_ups::promised().to_owned(),
        Why::Promised { .. } => t::follow_ups::promised_what(promised),
        Why::CameOnly { .. } => t::follow_ups::came_only().to_owned(),
        Why::StayedAway { .. } => t::follow_ups::stayed_away().to_owned(),
        Why::FirstCare { .. } => t::follow_ups::first_care().to_owned(),
        Why::SecondCare { .. } => t::follow_ups::second_care().to_owned(),
        Why::Rhythm { since } => t::follow_ups::rhythm(day_of(since)),
    }
}

/// How bad a complaint is.
#[must_use]
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Urgent => t::complaints::urgent(),
        Severity::Serious => t::complaints::serious(),
        Severity::Minor => t::complaints::minor(),
    }
}

/// What was done about a complaint; tracked.
#[must_use]
pub fn step_taken(step: &StepTaken) -> String {
    match step {
        StepTaken::Noted { words } => words.clone(),
        StepTaken::Assigned { handler, deadline } => t::complaints::step_assigned(day_of(*deadline), person(*handler)),
        StepTaken::Settled { outcome } => t::complaints::step_settled(outcome),
        StepTaken::Told { way: by, words } if words.is_empty() => t::complaints::step_told(way(*by)),
        StepTaken::Told { way: by, words } => format!("{} · {words}", t::complaints::step_told(way(*by))),
        StepTaken::Reopened { reason } => t::complaints::step_reopened(reason),
    }
}
