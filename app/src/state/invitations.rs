//! Invitations as the pages show them: planning for many customers at once, how far each rep is, and whom to call next.
//!
//! Law: whoever is to invite a customer must hold the customer; a plan that gives one to somebody else's desk transfers the customer too.

use crate::state::order::InOrder;
use chrono::TimeDelta;
use shared::command::Command;
use shared::customers::command::TransferCustomers;
use shared::customers::decide::MOST_TRANSFERRED;
use shared::customers::{Contact, Customer};
use shared::ids::{CustomerId, InvitationId, MeetingId, UserId};
use shared::invitations::command::{PlanInvitations, PlannedInvitation};
use shared::invitations::decide::MOST_PLANNED;
use shared::invitations::{Answer, Attempt, Channel, Confirmation, Invitation, Waiting};
use shared::meetings::Meeting;
use shared::meetings::places::Places;
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::BTreeMap;

/// Who of the chosen customers can be invited, and who cannot and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Can be invited.
    pub free: Vec<CustomerId>,
    /// Are invited already: by whom.
    pub invited: Vec<(CustomerId, UserId)>,
    /// Asked not to be contacted.
    pub refused: Vec<CustomerId>,
}

/// How the work is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Split {
    /// Everybody invites their own; what is in the pool stays out unless reps are chosen.
    Owners,
    /// In turn over these, whoever owned the customer before.
    InTurn(Vec<UserId>),
}

/// One customer and who invites them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Whom.
    pub customer: CustomerId,
    /// Whose customer it is now.
    pub owner: Option<UserId>,
    /// By whom.
    pub rep: UserId,
}

/// How far one rep is with a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Who.
    pub rep: UserId,
    /// Invitations in all.
    pub planned: usize,
    /// Not tried yet.
    pub untried: usize,
    /// To be called again, or not reached.
    pub open: usize,
    /// Come.
    pub agreed: usize,
    /// Said yes and wait for a place.
    pub waiting: usize,
    /// Confirmed on the day before; part of those who come.
    pub confirmed: usize,
    /// Do not come, cannot be reached at all, or do not want to be.
    pub lost: usize,
}

/// What is to be called now and what later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// In the order in which to call: first those to whom a place is offered, then those who must be told that they wait for one.
    pub now: Vec<InvitationId>,
    /// How many of them, from the first, are offered a place.
    pub offers: usize,
    /// How many after those do not know that they wait.
    pub untold: usize,
    /// How many after those have asked something through a link.
    pub asked: usize,
    /// Call-backs of a later time and retries that are too early, the soonest first.
    pub later: Vec<(Timestamp, InvitationId)>,
    /// Tried today, on the clock of the meeting.
    pub done_today: usize,
}

/// How long somebody who did not answer is left in peace.
pub const RETRY_AFTER: TimeDelta = TimeDelta::minutes(30);

/// Sorts chosen customers into those who can be invited to a meeting and those who cannot.
#[must_use]
pub fn candidates(replica: &Replica, meeting: MeetingId, customers: impl IntoIterator<Item = CustomerId>) -> Candidates {
    let reps: BTreeMap<_, _> = replica
        .nouns::<Invitation>(&Index::InvitationsByMeeting(meeting))
        .into_iter()
        .map(|invitation| (invitation.customer, invitation.rep))
        .collect();
    let mut found = Candidates::default();
    for id in customers {
        let Some(customer) = replica.noun::<Customer>(id) else { continue };
        if let Some(rep) = reps.get(&id) {
            found.invited.push((id, *rep));
        } else if customer.profile.contact == Contact::Refused {
            found.refused.push(id);
        } else {
            found.free.push(id);
        }
    }
    found
}

/// Splits the work.
#[must_use]
pub fn split(replica: &Replica, customers: &[CustomerId], split: &Split) -> Vec<Share> {
    let owned = customers.iter().filter_map(|id| replica.noun::<Customer>(*id)).map(|customer| (customer.id, customer.owner));
    match split {
        Split::Owners => owned.filter_map(|(customer, owner)| Some(Share { customer, owner, rep: owner? })).collect(),
        Split::InTurn(reps) => owned.zip(reps.iter().cycle()).map(|((customer, owner), rep)| Share { customer, owner, rep: *rep }).collect(),
    }
}

/// The commands that carry a plan out, in parts small enough for each to be saved at once. Customers change hands before their new rep's
/// invitations are planned.
pub fn commands(
    meeting: MeetingId,
    shares: &[Share],
    channel: Channel,
    due: Option<Timestamp>,
    mut id: impl FnMut() -> InvitationId,
) -> Vec<Command> {
    let mut commands = Vec::new();
    let mut moving: BTreeMap<UserId, Vec<CustomerId>> = BTreeMap::new();
    for share in shares.iter().filter(|share| share.owner != Some(share.rep)) {
        moving.entry(share.rep).or_default().push(share.customer);
    }
    for (rep, customers) in moving {
        let part = |part: &[CustomerId]| TransferCustomers { customers: part.to_vec(), to: Some(rep) };
        commands.extend(customers.chunks(MOST_TRANSFERRED).map(part).map(Command::from));
    }
    let plan = |share: &Share| PlannedInvitation { invitation: id(), customer: share.customer, rep: share.rep, channel, due };
    let planned: Vec<_> = shares.iter().map(plan).collect();
    commands.extend(planned.chunks(MOST_PLANNED).map(|part| Command::from(PlanInvitations { meeting, planned: part.to_vec() })));
    commands
}

/// How far each rep is, most work first.
#[must_use]
pub fn progress(replica: &Replica, meeting: MeetingId) -> Vec<Progress> {
    let mut reps: BTreeMap<UserId, Progress> = BTreeMap::new();
    for invitation in replica.nouns::<Invitation>(&Index::InvitationsByMeeting(meeting)) {
        let rep = invitation.rep;
        let row = reps.entry(rep).or_insert(Progress { rep, planned: 0, untried: 0, open: 0, agreed: 0, waiting: 0, confirmed: 0, lost: 0 });
        row.planned += 1;
        match (&invitation.answer, invitation.confirmation) {
            (Answer::Agreed, _) if invitation.waiting.is_some() => row.waiting += 1,
            (Answer::Agreed, Some(Confirmation::CannotCome)) => row.lost += 1,
            (Answer::Agreed, confirmation) => {
                row.agreed += 1;
                row.confirmed += usize::from(confirmation == Some(Confirmation::Confirmed));
            }
            (Answer::Planned, _) => row.untried += 1,
            (Answer::CallBack { .. } | Answer::NoAnswer, _) => row.open += 1,
            (Answer::Declined { .. } | Answer::WrongNumber | Answer::DoNotContact, _) => row.lost += 1,
        }
    }
    let mut rows: Vec<_> = reps.into_values().collect();
    rows.order_by_key(|row| (std::cmp::Reverse(row.planned), row.rep));
    rows
}

/// Where somebody stands who said yes and has no place yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InLine {
    /// A place is held until they answer.
    Offered,
    /// So many are before them, they included; none if this device has not heard of the line yet.
    Waits(Option<usize>),
}

/// Where an invitation stands in the line of its meeting; none if it stands in none.
#[must_use]
pub fn in_line(replica: &Replica, invitation: &Invitation) -> Option<InLine> {
    invitation.waiting?;
    let places = replica.noun::<Places>(invitation.meeting);
    let offered = places.is_some_and(|places| places.is_offered(invitation.id));
    Some(if offered { InLine::Offered } else { InLine::Waits(places.and_then(|places| places.position(invitation.id))) })
}

/// From when somebody may be called again after the last attempt.
fn not_before(invitation: &Invitation) -> Option<Timestamp> {
    match invitation.attempts.last()? {
        Attempt { at, answer: Answer::NoAnswer, .. } => Some(*at + RETRY_AFTER),
        Attempt { answer: Answer::CallBack { at }, .. } => Some(*at),
        _ => None,
    }
}

/// Whom one person calls next: places that can be offered, those who must be told that they wait, call-backs whose time has come, then what is planned by its due date and intent, then those who did not answer.
#[must_use]
pub fn queue(replica: &Replica, rep: UserId, now: Timestamp) -> Queue {
    let mut call_backs = Vec::new();
    let mut planned = Vec::new();
    let mut retries = Vec::new();
    let (mut offers, mut untold, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    let mut queue = Queue::default();
    for invitation in replica.all::<Invitation>().filter(|invitation| invitation.rep == rep && invitation.same_as.is_none()) {
        let Some(meeting) = replica.noun::<Meeting>(invitation.meeting).filter(|meeting| super::meetings::is_ahead(meeting, now)) else { continue };
        let clock = meeting.plan.utc_offset;
        let last = invitation.attempts.last().map(|attempt| attempt.at);
        queue.done_today += usize::from(last.is_some_and(|last| clock.day_of(last) == clock.day_of(now)));
        let Some(customer) = replica.noun::<Customer>(invitation.customer) else { continue };
        if customer.profile.contact == Contact::Refused {
            continue;
        }
        if let Some(line) = in_line(replica, invitation) {
            let stands = if line == InLine::Offered {
                &mut offers
            } else if invitation.waiting == Some(Waiting::Untold) {
                &mut untold
            } else if invitation.asked.is_some() {
                &mut asked
            } else {
                continue;
            };
            match not_before(invitation).filter(|at| *at > now) {
                Some(at) => queue.later.push((at, invitation.id)),
                None => stands.push((meeting.plan.starts_at, last, invitation.id)),
            }
            continue;
        }
        if invitation.asked.is_some() && invitation.answer != Answer::DoNotContact {
            asked.push((meeting.plan.starts_at, last, invitation.id));
            continue;
        }
        match &invitation.answer {
            Answer::CallBack { at } if *at <= now => call_backs.push((*at, invitation.id)),
            Answer::CallBack { at } => queue.later.push((*at, invitation.id)),
            Answer::Planned => {
                let due = invitation.due.unwrap_or(meeting.plan.starts_at);
                let intent = customer.profile.intent.map_or(u8::MAX, |intent| intent as u8);
                planned.push((clock.day_of(due), intent, invitation.id));
            }
            Answer::NoAnswer => match last.map(|last| last + RETRY_AFTER).filter(|at| *at > now) {
                Some(at) => queue.later.push((at, invitation.id)),
                None => retries.push((invitation.attempts.len(), last, invitation.id)),
            },
            Answer::Agreed | Answer::Declined { .. } | Answer::WrongNumber | Answer::DoNotContact => {}
        }
    }
    offers.order_by(Ord::cmp);
    untold.order_by(Ord::cmp);
    asked.order_by(Ord::cmp);
    call_backs.order_by(Ord::cmp);
    planned.order_by(Ord::cmp);
    retries.order_by(Ord::cmp);
    queue.later.order_by(Ord::cmp);
    (queue.offers, queue.untold, queue.asked) = (offers.len(), untold.len(), asked.len());
    queue.now.extend(offers.into_iter().map(|(_, _, id)| id));
    queue.now.extend(untold.into_iter().map(|(_, _, id)| id));
    queue.now.extend(asked.into_iter().map(|(_, _, id)| id));
    queue.now.extend(call_backs.into_iter().map(|(_, id)| id));
    queue.now.extend(planned.into_iter().map(|(_, _, id)| id));
    queue.now.extend(retries.into_iter().map(|(_, _, id)| id));
    queue
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::{self, World, at};
    use shared::customers::Intent;
    use shared::invitations::command::TellWaiting;
    use uuid::Uuid;

    fn tried(invitation: &mut Invitation, minutes: i64, answer: Answer) {
        invitation.attempts.push(Attempt {
            at: at(minutes),
            by: invitation.rep,
            channel: Channel::Phone,
            answer: answer.clone(),
            questions: Vec::new(),
            by_guest: false,
        });
        invitation.answer = answer;
    }

    #[test]
    fn b3_due_call_backs_come_first_then_plans_then_retries() {
        let mut world = World::new();
        let (rep, meeting) = (world.rep, world.meeting);
        let mut invite = |intent: Option<Intent>, fill: fn(&mut Invitation)| {
            let customer = world::customer(&mut world, Some(rep), "王小明", |profile| profile.intent = intent);
            world::invitation(&mut world, meeting, customer, rep, fill)
        };
        let retry = invite(Some(Intent::A), |invitation| tried(invitation, -60, Answer::NoAnswer));
        let unknown = invite(None, |_| {});
        let warm = invite(Some(Intent::B), |_| {});
        let urgent = invite(Some(Intent::D), |invitation| invitation.due = Some(at(10)));
        let later_call = invite(None, |invitation| tried(invitation, -5, Answer::CallBack { at: at(-1) }));
        let early_call = invite(None, |invitation| tried(invitation, -5, Answer::CallBack { at: at(-20) }));
        let tonight = invite(None, |invitation| tried(invitation, -5, Answer::CallBack { at: at(300) }));
        let just_tried = invite(None, |invitation| tried(invitation, -10, Answer::NoAnswer));
        invite(None, |invitation| tried(invitation, -3000, Answer::Agreed));
        let queue = queue(&world.replica(rep), rep, at(0));
        assert_eq!(queue.now, [early_call, later_call, urgent, warm, unknown, retry]);
        assert_eq!(queue.later, [(at(20), just_tried), (at(300), tonight)]);
        assert_eq!(queue.done_today, 5, "the one of two days ago does not count");
    }

    #[test]
    fn b3_nobody_is_called_for_a_meeting_that_is_over_or_who_asked_to_be_left_alone() {
        let mut world = World::new();
        let (rep, meeting) = (world.rep, world.meeting);
        let over = world::meeting(&mut world, at(-500));
        let alone = world::customer(&mut world, Some(rep), "李大華", |profile| profile.contact = Contact::Refused);
        let customer = world.customer;
        world::invitation(&mut world, over, customer, rep, |_| {});
        world::invitation(&mut world, meeting, alone, rep, |_| {});
        assert_eq!(queue(&world.replica(rep), rep, at(0)), Queue::default());
    }

    #[test]
    fn a_second_plan_says_who_has_a_customer() {
        let mut world = World::new();
        let (rep, meeting, customer) = (world.rep, world.meeting, world.customer);
        world.invite(meeting, customer);
        let alone = world::customer(&mut world, Some(rep), "李大華", |profile| profile.contact = Contact::Refused);
        let found = candidates(&world.replica(world.manager), meeting, [customer, alone, world.pool_customer]);
        assert_eq!(found.invited, [(customer, world.rep)]);
        assert_eq!(found.refused, [alone]);
        assert_eq!(found.free, [world.pool_customer]);
    }

    #[test]
    fn a5_work_goes_round_in_turn_or_stays_with_the_owners() {
        let world = World::new();
        let replica = world.replica(world.manager);
        let customers = [world.customer, world.colleagues_customer, world.pool_customer];
        let reps = |split: Vec<Share>| split.into_iter().map(|share| share.rep).collect::<Vec<_>>();
        assert_eq!(reps(split(&replica, &customers, &Split::Owners)), [world.rep, world.colleague]);
        let turn = Split::InTurn(vec![world.rep, world.colleague]);
        assert_eq!(reps(split(&replica, &customers, &turn)), [world.rep, world.colleague, world.rep]);
        assert!(split(&replica, &customers, &Split::InTurn(Vec::new())).is_empty(), "nobody to give the work to");
    }

    #[test]
    fn a4_a_plan_of_many_is_carried_out_in_parts_that_the_rules_accept() {
        let mut world = World::new();
        let (manager, rep, meeting) = (world.manager, world.rep, world.meeting);
        let mut customers: Vec<_> = (0..250).map(|_| world::customer(&mut world, Some(rep), "王小明", |_| {})).collect();
        customers.push(world.pool_customer);
        let shares = split(&world.replica(manager), &customers, &Split::InTurn(vec![world.colleague]));
        let mut next = 10_000;
        let commands = commands(meeting, &shares, Channel::Phone, None, || {
            next += 1;
            InvitationId(Uuid::from_u128(next))
        });
        assert_eq!(commands.len(), 3, "one transfer, two plans");
        for command in commands {
            world.apply(manager, command).expect("within the rules");
        }
        let progress = progress(&world.replica(manager), meeting);
        assert_eq!((progress[0].rep, progress[0].planned, progress[0].untried), (world.colleague, 251, 251));
        assert_eq!(queue(&world.replica(world.colleague), world.colleague, at(0)).now.len(), 251, "the new rep holds the customers");
    }

    #[test]
    fn b8_a_free_place_is_offered_first_and_whoever_waits_unknowing_is_told_next() {
        let mut world = World::new();
        let (rep, meeting) = (world.rep, world.meeting);
        let mut narrow = (*world.get::<Meeting>(meeting)).clone();
        narrow.plan.capacity = 1;
        world.put(narrow);
        let invited: Vec<_> = ["王小明", "李大華", "陳美玉", "林新"]
            .map(|name| world::customer(&mut world, Some(rep), name, |_| {}))
            .into_iter()
            .map(|customer| world.invite(meeting, customer))
            .collect();
        invited[..3].iter().for_each(|invitation| world.answer(*invitation, Answer::Agreed));
        let line = |world: &World, now| queue(&world.replica(rep), rep, now);
        let now = world.now;
        assert_eq!(line(&world, now).now, [invited[1], invited[2], invited[3]], "both must hear that they wait");
        assert_eq!((line(&world, now).offers, line(&world, now).untold), (0, 2));
        let at = |world: &World, invitation| in_line(&world.replica(rep), &world.get::<Invitation>(invitation));
        assert_eq!((at(&world, invited[0]), at(&world, invited[2])), (None, Some(InLine::Waits(Some(2)))));
        for told in [invited[1], invited[2]] {
            world.apply(rep, TellWaiting { invitation: told }).expect("within the rules");
        }
        assert_eq!(line(&world, now).now, [invited[3]], "who knows is left in peace");
        world.answer(invited[0], Answer::WrongNumber);
        assert_eq!((line(&world, now).now, line(&world, now).offers), (vec![invited[1], invited[3]], 1));
        assert_eq!(at(&world, invited[1]), Some(InLine::Offered));
        world.answer(invited[1], Answer::NoAnswer);
        assert_eq!(line(&world, world.now).now, [invited[3]], "not reached: in half an hour once more");
        assert_eq!(line(&world, world.now + RETRY_AFTER).now, [invited[1], invited[3]]);
        let progress = progress(&world.replica(rep), meeting);
        assert_eq!((progress[0].agreed, progress[0].waiting), (0, 2));
    }

    #[test]
    fn b6_who_asked_through_the_link_is_answered_before_new_calls_whatever_they_had_said() {
        let mut world = World::new();
        let (rep, meeting) = (world.rep, world.meeting);
        let mut invite = |fill: fn(&mut Invitation)| {
            let customer = world::customer(&mut world, Some(rep), "王小明", |_| {});
            world::invitation(&mut world, meeting, customer, rep, fill)
        };
        let new = invite(|_| {});
        let comes = invite(|invitation| {
            tried(invitation, -90, Answer::Agreed);
            invitation.asked = Some(at(-5));
        });
        invite(|invitation| tried(invitation, -90, Answer::Agreed));
        let queue = queue(&world.replica(rep), rep, at(0));
        assert_eq!((queue.now, queue.asked), (vec![comes, new], 1));
    }
}
