//! What happened with one customer.

use super::merging::merged_into;
use crate::state::order::InOrder;
use shared::check_ins::CheckIn;
use shared::complaints::{Complaint, StepTaken};
use shared::contacts::LoggedContact;
use shared::customers::merging::MergedCustomer;
use shared::customers::milestones::{Milestone, Paid, What};
use shared::customers::{Customer, Handover};
use shared::deals::{Deal, Stage};
use shared::ids::{MeetingId, UserId};
use shared::invitations::{Answer, Channel, Confirmation, Invitation};
use shared::meetings::Guest;
use shared::money::Money;
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Something that happened with a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happening,
}

/// What can happen with a customer.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// The record was made.
    Added,
    /// The customer got another owner, or came into the pool.
    Given {
        /// By whom.
        by: UserId,
        /// Whose customer it was; none for the pool.
        from: Option<UserId>,
        /// Whose it became; none for the pool.
        to: Option<UserId>,
    },
    /// Another record of the same person was merged into this one.
    Merged {
        /// By whom.
        by: UserId,
        /// The name in that record.
        name: String,
    },
    /// Somebody planned to invite the customer.
    Planned {
        /// To which meeting.
        meeting: MeetingId,
        /// Who planned it.
        by: UserId,
    },
    /// Somebody tried to reach the customer.
    Attempt {
        /// For which meeting.
        meeting: MeetingId,
        /// By whom.
        by: UserId,
        /// How.
        channel: Channel,
        /// With which result.
        answer: Answer,
        /// What the customer asked then.
        questions: Vec<String>,
        /// The guest has answered through a link.
        by_guest: bool,
    },
    /// The customer said on the day before whether they come.
    Confirmed {
        /// To which meeting.
        meeting: MeetingId,
        /// To whom.
        by: UserId,
        /// What.
        confirmation: Confirmation,
    },
    /// Came to a meeting.
    Arrived {
        /// Which.
        meeting: MeetingId,
        /// Who let the guest in.
        by: UserId,
        /// The check-in was taken back.
        undone: bool,
    },
    /// A deal was opened.
    Deal {
        /// Over how much it is now.
        total: Money,
        /// Who sells.
        by: UserId,
        /// It was called off.
        cancelled: bool,
    },
    /// Something was paid.
    Paid {
        /// How much.
        amount: Money,
    },
    /// Somebody was in contact with the customer, or tried to be.
    Contact(Arc<LoggedContact>),
    /// The customer complained.
    Complaint {
        /// Who reported it.
        by: UserId,
        /// Of what.
        what: String,
    },
    /// Something was done about a complaint.
    ComplaintStep {
        /// By whom.
        by: UserId,
        /// What.
        what: StepTaken,
    },
}

/// What happened with a customer, the latest first. Check-ins and deals that this device holds are told of themselves; those that it does not
/// hold, by the milestones that the owner gets of them.
#[must_use]
pub fn timeline(replica: &Replica, customer: &Customer) -> Vec<Event> {
    let mut events = vec![Event { at: customer.created_at, what: Happening::Added }];
    events.extend(customer.handovers.iter().map(|&Handover { at, by, from, to }| Event { at, what: Happening::Given { by, from, to } }));
    for merged in merged_into(replica, customer.id) {
        let MergedCustomer { was, at, by, .. } = &*merged;
        events.push(Event { at: was.created_at, what: Happening::Added });
        events.extend(was.handovers.iter().map(|&Handover { at, by, from, to }| Event { at, what: Happening::Given { by, from, to } }));
        events.push(Event { at: *at, what: Happening::Merged { by: *by, name: was.profile.name.clone() } });
    }
    for invitation in replica.nouns::<Invitation>(&Index::InvitationsByCustomer(customer.id)) {
        events.extend(of_invitation(invitation));
    }
    let mut told = BTreeSet::new();
    for guest in replica.nouns::<Guest>(&Index::GuestsByCustomer(customer.id)) {
        for check_in in replica.nouns::<CheckIn>(&Index::CheckInsByGuest(guest.id)) {
            told.insert(check_in.id.0);
            let what = Happening::Arrived { meeting: guest.meeting, by: check_in.by, undone: check_in.undone.is_some() };
            events.push(Event { at: check_in.at, what });
        }
    }
    for deal in replica.nouns::<Deal>(&Index::DealsByCustomer(customer.id)) {
        told.insert(deal.id.0);
        let payments: Vec<_> = deal.received().map(Paid::from).collect();
        events.extend(of_deal(deal.opened_at, deal.seller, deal.total, &deal.stage, &payments));
    }
    for milestone in replica.nouns::<Milestone>(&Index::MilestonesByCustomer(customer.id)) {
        if told.contains(&milestone.id.0) {
            continue;
        }
        let (at, by) = (milestone.at, milestone.by);
        match &milestone.what {
            What::Arrived { meeting, undone } => events.push(Event { at, what: Happening::Arrived { meeting: *meeting, by, undone: *undone } }),
            What::Deal { total, stage, payments, .. } => events.extend(of_deal(at, by, *total, stage, payments)),
        }
    }
    for contact in replica.nouns::<LoggedContact>(&Index::ContactsByCustomer(customer.id)) {
        events.push(Event { at: contact.at, what: Happening::Contact(contact.clone()) });
    }
    for complaint in replica.nouns::<Complaint>(&Index::ComplaintsByCustomer(customer.id)) {
        let what = Happening::Complaint { by: complaint.reported_by, what: complaint.what.clone() };
        events.push(Event { at: complaint.reported_at, what });
        let steps = complaint.steps.iter();
        events.extend(steps.map(|step| Event { at: step.at, what: Happening::ComplaintStep { by: step.by, what: step.what.clone() } }));
    }
    events.order_by_key(|event| std::cmp::Reverse(event.at));
    events
}

fn of_invitation(invitation: &Invitation) -> Vec<Event> {
    let meeting = invitation.meeting;
    let planned = invitation.planned.map(|planned| Event { at: planned.at, what: Happening::Planned { meeting, by: planned.by } });
    let attempts = invitation.attempts.iter().map(|attempt| {
        let (by, channel, answer, questions) = (attempt.by, attempt.channel, attempt.answer.clone(), attempt.questions.clone());
        Event { at: attempt.at, what: Happening::Attempt { meeting, by, channel, answer, questions, by_guest: attempt.by_guest } }
    });
    let confirmations = invitation.confirmations.iter().map(|confirmed| {
        let (by, confirmation) = (confirmed.by, confirmed.confirmation);
        Event { at: confirmed.at, what: Happening::Confirmed { meeting, by, confirmation } }
    });
    planned.into_iter().chain(attempts).chain(confirmations).collect()
}

fn of_deal(at: Timestamp, by: UserId, total: Money, stage: &Stage, payments: &[Paid]) -> Vec<Event> {
    let opened = Event { at, what: Happening::Deal { total, by, cancelled: matches!(stage, Stage::Cancelled { .. }) } };
    let paid = payments.iter().map(|paid| Event { at: paid.at, what: Happening::Paid { amount: paid.amount } });
    std::iter::once(opened).chain(paid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;
    use shared::complaints::Severity;
    use shared::complaints::command::{ReportComplaint, SettleComplaint};
    use shared::contacts::command::LogContact;
    use shared::contacts::{Came, Way};
    use shared::customers::command::TransferCustomers;
    use shared::deals::PaymentMethod;
    use shared::deals::command::{CancelDeal, RecordPayment};
    use shared::invitations::command::{ConfirmInvitation, RecordAnswer};
    use shared::meetings::{Duty, Staff};

    /// The world a minute after its customers were added.
    fn later() -> World {
        let mut world = World::new();
        world.now += chrono::TimeDelta::minutes(1);
        world
    }

    fn told(world: &World, user: UserId) -> Vec<Happening> {
        timeline(&world.replica(user), &world.get::<Customer>(world.customer)).into_iter().map(|event| event.what).collect()
    }

    #[test]
    fn a6_a_timeline_tells_what_happened_latest_first() {
        let mut world = later();
        let (meeting, customer, rep) = (world.meeting, world.customer, world.rep);
        let invitation = world.invite(meeting, customer);
        let questions = vec!["可以帶家人嗎".to_owned()];
        let agreed = RecordAnswer { invitation, channel: Channel::Phone, answer: Answer::Agreed, questions: questions.clone() };
        world.apply(rep, agreed).expect("own invitation");
        world.apply(rep, ConfirmInvitation { invitation, confirmation: Confirmation::Confirmed }).expect("agreed");
        let check_in = world.check_in(meeting, shared::ids::GuestId(invitation.0));
        world.apply(rep, check_in).expect("on duty");
        let deal = world.open_deal(customer, Some(meeting));
        world.apply(rep, deal.clone()).expect("own customer");
        let amount = Money::new(100_000, deal.deposit.currency);
        let payment = RecordPayment { deal: deal.deal, payment: world.id(), amount, method: PaymentMethod::Cash, photo: None };
        world.apply(rep, payment).expect("below the total");
        let total = world.get::<Deal>(deal.deal).total;
        assert_eq!(
            told(&world, rep),
            [
                Happening::Paid { amount },
                Happening::Deal { total, by: rep, cancelled: false },
                Happening::Arrived { meeting, by: rep, undone: false },
                Happening::Confirmed { meeting, by: rep, confirmation: Confirmation::Confirmed },
                Happening::Attempt { meeting, by: rep, channel: Channel::Phone, answer: Answer::Agreed, questions, by_guest: false },
                Happening::Planned { meeting, by: rep },
                Happening::Added,
            ]
        );
    }

    #[test]
    fn a6_an_owner_who_was_not_there_reads_the_same_as_those_who_were() {
        let mut world = World::new();
        let (rep, colleague, customer) = (world.rep, world.colleague, world.customer);
        let meeting = world.id();
        let plan = world.plan(&[Staff { user: colleague, duty: Duty::Closer }]);
        world.apply(world.manager, shared::meetings::command::PlanMeeting { meeting, plan }).expect("a manager plans");
        let guest = world.expect_guest(meeting, customer);
        let check_in = world.check_in(meeting, guest);
        world.apply(colleague, check_in.clone()).expect("on duty");
        let deal = world.open_deal(customer, Some(meeting));
        world.apply(colleague, deal.clone()).expect("a guest there");
        let device = world.replica(rep);
        assert!(device.noun::<CheckIn>(check_in.check_in).is_none() && device.noun::<Deal>(deal.deal).is_none(), "what others hold stays with them");
        assert_eq!(told(&world, rep), told(&world, world.manager), "who holds everything");
        assert!(told(&world, rep).contains(&Happening::Arrived { meeting, by: colleague, undone: false }));

        let undo = shared::check_ins::command::UndoCheckIn { check_in: check_in.check_in };
        world.apply(colleague, undo).expect("on duty");
        world.apply(colleague, CancelDeal { deal: deal.deal, reason: "改期".into() }).expect("own deal");
        assert_eq!(told(&world, rep), told(&world, world.manager));
        assert!(told(&world, rep).contains(&Happening::Arrived { meeting, by: colleague, undone: true }));
    }

    #[test]
    fn a6_g2_g3_calls_visits_and_complaints_stand_in_the_same_order() {
        let mut world = later();
        let (rep, supervisor, colleague, customer) = (world.rep, world.supervisor, world.colleague, world.customer);
        let visit = LogContact {
            contact: world.id(),
            customer,
            at: Some(world.now - chrono::TimeDelta::seconds(30)),
            way: Way::Visit,
            came: Came::Interested,
            words: "想換大台的".into(),
            next: None,
            satisfaction: None,
            task: None,
        };
        world.apply(rep, visit.clone()).expect("theirs");
        let (complaint, what, deadline) = (world.id(), "濾心漏水".to_owned(), "2026-12-01".parse().expect("a day"));
        let severity = Severity::Serious;
        world.apply(rep, ReportComplaint { complaint, customer, deal: None, what: what.clone(), severity, deadline }).expect("theirs");
        world.apply(supervisor, SettleComplaint { complaint, outcome: "換新".into() }).expect("she sees to it");
        let expected = |world: &World| {
            [
                Happening::ComplaintStep { by: supervisor, what: StepTaken::Settled { outcome: "換新".into() } },
                Happening::Complaint { by: rep, what: what.clone() },
                Happening::Contact(world.get::<LoggedContact>(visit.contact)),
                Happening::Added,
            ]
        };
        assert_eq!(told(&world, rep), expected(&world));
        world.apply(supervisor, TransferCustomers { customers: vec![customer], to: Some(colleague) }).expect("of the team");
        assert_eq!(told(&world, colleague)[1..], expected(&world), "whoever gets the customer reads it");
    }

    #[test]
    fn a5_whoever_gets_a_customer_reads_who_had_them_and_what_happened() {
        let mut world = later();
        let (rep, colleague, supervisor) = (world.rep, world.colleague, world.supervisor);
        let deal = world.open_deal(world.customer, None);
        world.apply(rep, deal).expect("own customer");
        world.apply(supervisor, TransferCustomers { customers: vec![world.customer], to: Some(colleague) }).expect("of the team");
        let events = told(&world, colleague);
        assert_eq!(events[0], Happening::Given { by: supervisor, from: Some(rep), to: Some(colleague) });
        assert!(matches!(events[1], Happening::Deal { by, .. } if by == rep));
    }
}
