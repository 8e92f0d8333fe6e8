//! Inviting: plans, calls, answers of every kind, and the confirmation on the day before.

use super::words::{MeetingLine, Odds};
use super::{Company, Known, Planned};
use chrono::Duration;
use shared::Unavailable;
use shared::ids::InvitationId;
use shared::invitations::command::{ConfirmInvitation, PlanInvitations, PlannedInvitation, RecordAnswer};
use shared::invitations::{Answer, Channel, Confirmation};
use shared::time::Timestamp;

/// One customer invited by one rep.
#[derive(Clone)]
pub(super) struct Invited {
    pub(super) invitation: InvitationId,
    pub(super) customer: Known,
    pub(super) rep: String,
}

impl Company<'_> {
    /// Every rep plans on the first day and calls until the last one (days from today). Gives those who agreed.
    pub(super) fn invite(&mut self, line: &MeetingLine, meeting: Planned, first: i64, last: i64) -> Result<Vec<Invited>, Unavailable> {
        let mut agreed = Vec::new();
        for rep in &line.reps {
            for invited in self.plan(rep, line.each, meeting, first)? {
                let day = first + i64::try_from(self.chance.below(usize::try_from(last - first + 1).unwrap_or(1))).unwrap_or(0);
                if self.call(&invited, line.odds, day)? {
                    agreed.push(invited);
                }
            }
        }
        Ok(agreed)
    }

    fn plan(&mut self, rep: &str, count: usize, meeting: Planned, day: i64) -> Result<Vec<Invited>, Unavailable> {
        let known = self.customers.get(rep).cloned().unwrap_or_default();
        let (at, from, id) = (self.office_hour(day), self.chance.below(known.len()), self.person(rep)?.id);
        let due = Some(meeting.starts_at - Duration::days(2));
        let mut invited = Vec::new();
        let mut planned = Vec::new();
        for customer in known.iter().cycle().skip(from).take(count.min(known.len())) {
            let invitation = InvitationId(self.chance.id(at));
            let channel = if self.chance.percent(80) { Channel::Phone } else { Channel::Sms };
            planned.push(PlannedInvitation { invitation, customer: customer.id, rep: id, channel, due });
            invited.push(Invited { invitation, customer: customer.clone(), rep: rep.to_owned() });
        }
        self.act(rep, at, PlanInvitations { meeting: meeting.id, planned })?;
        Ok(invited)
    }

    /// Whether the customer agreed. Some are reached at the second try only.
    fn call(&mut self, invited: &Invited, odds: Odds, day: i64) -> Result<bool, Unavailable> {
        let at = self.office_hour(day);
        let Some(answer) = self.answer(odds) else { return Ok(false) };
        if answer != Answer::NoAnswer && self.chance.percent(25) {
            self.note(invited, at - Duration::hours(5), Answer::NoAnswer, false)?;
        }
        let agreed = answer == Answer::Agreed;
        self.note(invited, at, answer, true)?;
        Ok(agreed)
    }

    fn answer(&mut self, odds: Odds) -> Option<Answer> {
        let mut left = self.chance.below(100);
        let mut is = |share: usize| {
            let hit = left < share;
            left = left.wrapping_sub(share);
            hit
        };
        if is(odds.agreed) {
            Some(Answer::Agreed)
        } else if is(odds.declined) {
            Some(self.refusal())
        } else if is(odds.call_back) {
            let hours = 1 + i64::try_from(self.chance.below(40)).unwrap_or(0);
            Some(Answer::CallBack { at: self.now + Duration::hours(hours) })
        } else if is(odds.no_answer) {
            Some(Answer::NoAnswer)
        } else if is(odds.wrong_number) {
            Some(Answer::WrongNumber)
        } else {
            None
        }
    }

    fn refusal(&mut self) -> Answer {
        const REASONS: [&str; 9] = ["no_time", "no_time", "no_time", "too_far", "no_need", "no_need", "price", "no_trust", "bought_elsewhere"];
        let reason = REASONS.get(self.chance.below(REASONS.len())).copied().unwrap_or("other").to_owned();
        Answer::Declined { reason, words: self.chance.maybe(60, &self.words.words) }
    }

    fn note(&mut self, invited: &Invited, at: Timestamp, answer: Answer, spoke: bool) -> Result<(), Unavailable> {
        let question = self.chance.maybe(30, &self.words.questions);
        let questions =
            if spoke && matches!(answer, Answer::Agreed | Answer::CallBack { .. }) && !question.is_empty() { vec![question] } else { vec![] };
        self.act(&invited.rep, at, RecordAnswer { invitation: invited.invitation, channel: Channel::Phone, answer, questions })
    }

    /// The day before: so many of a hundred are asked already. Gives those who are still expected.
    pub(super) fn confirm(&mut self, agreed: &[Invited], day: i64, asked: usize) -> Result<Vec<Invited>, Unavailable> {
        let mut expected = Vec::new();
        for invited in agreed {
            let at = self.office_hour(day);
            let confirmation = match self.chance.below(100) {
                0..82 => Confirmation::Confirmed,
                82..90 => Confirmation::CannotCome,
                _ => Confirmation::Unreachable,
            };
            if self.chance.percent(asked) {
                self.act(&invited.rep, at, ConfirmInvitation { invitation: invited.invitation, confirmation })?;
                if confirmation == Confirmation::CannotCome {
                    continue;
                }
            }
            expected.push(invited.clone());
        }
        Ok(expected)
    }

    /// One customer does not want to be contacted again.
    pub(super) fn respect_a_refusal(&mut self, meeting: Planned) -> Result<(), Unavailable> {
        let Some(customer) = self.customers.get("supervisor1").and_then(|known| known.first().cloned()) else { return Ok(()) };
        let at = self.now - Duration::hours(20);
        let invited = Invited { invitation: InvitationId(self.chance.id(at)), customer, rep: "supervisor1".into() };
        let rep = self.person(&invited.rep)?.id;
        let planned =
            vec![PlannedInvitation { invitation: invited.invitation, customer: invited.customer.id, rep, channel: Channel::Phone, due: None }];
        self.act("supervisor1", at, PlanInvitations { meeting: meeting.id, planned })?;
        self.note(&invited, at + Duration::minutes(6), Answer::DoNotContact, false)
    }
}
