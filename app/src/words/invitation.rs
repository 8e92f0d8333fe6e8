//! Channels, answers and confirmations in words.

use super::{clock, here, in_language, moment};
use crate::replica;
use crate::state::invitations::InLine;
use crate::texts as t;
use chrono::Utc;
use shared::Kind;
use shared::invitations::{Answer, Channel, Confirmation, Reminded, ReminderOutcome};
use shared::settings::Settings;
use shared::time::UtcOffset;

/// A channel.
#[must_use]
pub fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => t::invitations::phone(),
        Channel::Sms => t::invitations::sms(),
        Channel::Mail => t::invitations::mail(),
        Channel::Other => t::invitations::other(),
    }
}

/// An answer, with the reason or the time that belongs to it; tracked.
#[must_use]
pub fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Planned => t::invitations::planned().to_owned(),
        Answer::Agreed => t::invitations::agreed().to_owned(),
        Answer::Declined { reason, .. } => t::invitations::declined_because(refusal_reason(reason)),
        Answer::CallBack { at } => t::invitations::call_back_at(moment(*at, here(), Utc::now())),
        Answer::NoAnswer => t::invitations::no_answer().to_owned(),
        Answer::WrongNumber => t::invitations::wrong_number().to_owned(),
        Answer::DoNotContact => t::invitations::do_not_contact().to_owned(),
    }
}

/// Where somebody stands who waits for a place.
#[must_use]
pub fn in_line(line: InLine) -> String {
    match line {
        InLine::Offered => t::invitations::place_held().to_owned(),
        InLine::Waits(Some(position)) => t::invitations::in_line(position),
        InLine::Waits(None) => t::invitations::in_line_somewhere().to_owned(),
    }
}

/// A confirmation.
#[must_use]
pub fn confirmation(confirmation: Confirmation) -> &'static str {
    match confirmation {
        Confirmation::Confirmed => t::invitations::confirmed(),
        Confirmation::CannotCome => t::invitations::cannot_come(),
        Confirmation::Unreachable => t::invitations::unreachable(),
    }
}

/// What became of a reminder that the server has sent, on the clock of a place.
#[must_use]
pub fn reminded(reminded: &Reminded, place: UtcOffset) -> String {
    let (by, at) = (channel(reminded.channel), clock(reminded.at, place));
    match reminded.outcome {
        ReminderOutcome::Sent => t::invitations::reminder_sent(at, by),
        ReminderOutcome::GivenUp => t::invitations::reminder_failed(at, by),
    }
}

/// A reason for declining; tracked.
#[must_use]
pub fn refusal_reason(code: &str) -> String {
    if code.is_empty() {
        return t::invitations::no_reason_given().to_owned();
    }
    replica::read(&[Kind::Settings], |replica| {
        let entry = replica.all::<Settings>().flat_map(|settings| &settings.refusal_reasons).find(|entry| entry.code == code);
        entry.map_or_else(|| code.to_owned(), |entry| in_language(&entry.texts))
    })
}
