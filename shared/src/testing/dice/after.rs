//! What is done after a meeting: contacts, complaints, follow-up tasks.

use super::{Choices, Dice, ids, name};
use crate::command::Command;
use crate::complaints::Severity;
use crate::complaints::command::{AssignComplaint, NoteComplaintStep, ReopenComplaint, ReportComplaint, SettleComplaint, TellComplainant};
use crate::contacts::command::LogContact;
use crate::contacts::{Came, NextStep, Way};
use crate::follow_ups::command::{Mark, MarkFollowUp, SetFollowUpRule};
use crate::follow_ups::{Rule, Why};
use crate::ids::{ComplaintId, CustomerId, UserId};
use crate::people::Role;
use crate::time::{Timestamp, UtcOffset};
use chrono::{Duration, NaiveDate};

impl Choices {
    pub(super) fn follow_up(&self, user: UserId, now: Timestamp, dice: &mut Dice) -> Command {
        match dice.below(16) {
            0..5 => self.log_contact(user, now, dice).into(),
            5..7 => self.complain(user, now, dice).into(),
            7..12 => self.handle_complaint(now, dice),
            12 => {
                let rule = dice.pick(&Rule::ALL).unwrap_or(Rule::CameOnly);
                SetFollowUpRule { rule, after: (!dice.once_in(3)).then(|| dice.below(400) as u16) }.into()
            }
            _ => self.mark(user, now, dice).into(),
        }
    }

    fn log_contact(&self, user: UserId, now: Timestamp, dice: &mut Dice) -> LogContact {
        let (customer, why) = self.task(user, now, dice);
        LogContact {
            contact: dice.id(),
            customer,
            at: dice.once_in(4).then(|| now - Duration::hours(dice.below(100) as i64)),
            way: dice.pick(&Way::ALL).unwrap_or(Way::Call),
            came: if dice.once_in(12) { Came::DoNotContact } else { dice.pick(&Came::ALL[..4]).unwrap_or(Came::Spoke) },
            words: name(dice),
            next: dice.once_in(3).then(|| NextStep { on: day(now, dice), words: name(dice) }),
            satisfaction: dice.once_in(4).then(|| dice.below(7) as u8),
            task: (!dice.once_in(3)).then_some(why),
        }
    }

    fn mark(&self, user: UserId, now: Timestamp, dice: &mut Dice) -> MarkFollowUp {
        let (customer, why) = self.task(user, now, dice);
        let mark = match dice.below(6) {
            0 => Mark::Open,
            1 => Mark::Dropped { reason: name(dice) },
            2 => Mark::Snoozed { until: day(now, dice) },
            _ => Mark::HandedOver { to: self.user(dice), due: now, words: name(dice) },
        };
        MarkFollowUp { customer, why, mark }
    }

    /// Mostly one that there can be; often one that the user was handed.
    fn task(&self, user: UserId, now: Timestamp, dice: &mut Dice) -> (CustomerId, Why) {
        let mine: Vec<_> = self.errands.iter().filter(|errand| errand.to == user).collect();
        if let Some(errand) = dice.pick(&mine).filter(|_| dice.once_in(2)) {
            return (errand.customer, errand.why);
        }
        let deals: Vec<_> = self.deals.iter().filter(|deal| deal.seller == user).collect();
        if let Some(deal) = dice.pick(&deals).filter(|_| dice.once_in(4)) {
            let (customer, deal) = (deal.customer, deal.id);
            return (customer, if dice.once_in(2) { Why::FirstCare { deal } } else { Why::SecondCare { deal } });
        }
        let customer = self.customer(user, dice);
        let promised = self.contacts.iter().find(|contact| contact.customer == customer).map(|contact| Why::Promised { contact: contact.id });
        let why = match dice.below(4) {
            0 => Why::CameOnly { meeting: self.meeting(dice) },
            1 => Why::StayedAway { meeting: self.meeting(dice) },
            2 => Why::Rhythm { since: UtcOffset::EAST_8.day_of(now) },
            _ => promised.unwrap_or(Why::Rhythm { since: UtcOffset::EAST_8.day_of(now) }),
        };
        (customer, why)
    }

    fn complain(&self, user: UserId, now: Timestamp, dice: &mut Dice) -> ReportComplaint {
        let customer = self.customer(user, dice);
        let deal = self.deals.iter().find(|deal| deal.customer == customer).map(|deal| deal.id).filter(|_| dice.once_in(2));
        let severity = dice.pick(&Severity::ALL).unwrap_or(Severity::Minor);
        ReportComplaint { complaint: dice.id(), customer, deal, what: name(dice), severity, deadline: day(now, dice) }
    }

    fn handle_complaint(&self, now: Timestamp, dice: &mut Dice) -> Command {
        let complaint: ComplaintId = dice.known_or_new(&ids(&self.complaints, |it| it.id));
        let above: Vec<_> = self.users.iter().filter(|user| matches!(user.role, Role::Supervisor | Role::Manager)).map(|user| user.id).collect();
        match dice.below(6) {
            0 | 5 => AssignComplaint { complaint, handler: dice.known_or_new(&above), deadline: day(now, dice), severity: Severity::Serious }.into(),
            1 => NoteComplaintStep { complaint, words: name(dice) }.into(),
            2 => SettleComplaint { complaint, outcome: name(dice) }.into(),
            3 => TellComplainant { complaint, way: Way::Call, words: name(dice) }.into(),
            _ => ReopenComplaint { complaint, reason: name(dice), deadline: day(now, dice) }.into(),
        }
    }
}

fn day(now: Timestamp, dice: &mut Dice) -> NaiveDate {
    UtcOffset::EAST_8.day_of(now + Duration::days(dice.below(20) as i64))
}
