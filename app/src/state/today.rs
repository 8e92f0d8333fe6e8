//! Today: what to do next, in the order in which it presses (ux.md: a work list, not a dashboard).
//!
//! Law: every row is one thing that one tap starts; what is done disappears by itself.

use super::approvals::{self, Asked};
use super::complaints::{self, Line};
use super::follow_ups::{self, Row};
use super::promotions::{self, Beyond};
use super::{confirmations, floor, improvements, invitations, leaving, quarantine};
use crate::state::order::InOrder;
use crate::state::preparations::{self, Own};
use chrono::TimeDelta;
use shared::check_ins::Conflict;
use shared::customers::{Customer, Salutation};
use shared::decide::Actor;
use shared::floor::Need;
use shared::follow_ups::tasks::Tasks;
use shared::ids::{InvitationId, MeetingId};
use shared::improvements::Improvement;
use shared::invitations::{Answer, Invitation};
use shared::meetings::{Meeting, MeetingState};
use shared::people::{Role, User};
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One row of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Somebody to get in touch with: after a meeting, after a purchase, because it was promised.
    FollowUp(Box<Row>),
    /// More of them than Today shows: so many in all.
    AllFollowUps(usize),
    /// A complaint to settle, or whose outcome the customer is to be told.
    Complaint(Box<Line>),
    /// Something to do before a meeting.
    Prepare(Own),
    /// A measure of improvement to carry out.
    Improve {
        /// Which.
        improvement: Arc<Improvement>,
        /// Whether its day is over.
        overdue: bool,
    },
    /// Commands were refused: see why.
    Refused(usize),
    /// So many records of others wait for a ruling.
    Rule(usize),
    /// A meeting has guests who were let in twice.
    Conflicts {
        /// Where.
        meeting: MeetingId,
        /// Its theme.
        theme: String,
        /// How many are open.
        count: usize,
    },
    /// Somebody at a meeting needs help, and nobody comes yet.
    Help {
        /// Where the meeting's hall is looked at.
        meeting: MeetingId,
        /// Who is needed.
        need: Need,
        /// Where.
        place: String,
    },
    /// A discount waits for the person's approval, and with it perhaps a customer at the table.
    Approve(Asked),
    /// A signed deal that somebody asks to call off.
    CallOff(Asked),
    /// A signed deal has a promotion of which the first N were gone.
    Honour(Beyond),
    /// The person's own discount was approved: the contract can be signed.
    Approved(Asked),
    /// The person's own discount was refused: the deal must be changed.
    NotApproved(Asked),
    /// A meeting that is on, or comes later today.
    Meeting {
        /// Which.
        meeting: Arc<Meeting>,
        /// How near it is.
        near: Near,
    },
    /// A place has come free and is held for a guest who waits.
    OfferPlace {
        /// The first to call.
        who: Callee,
        /// To what.
        theme: String,
        /// All to whom a place can be offered.
        count: usize,
    },
    /// A guest who said yes does not know that all places are taken.
    TellWaiting {
        /// The first to call.
        who: Callee,
        /// To what.
        theme: String,
        /// All who must be told.
        count: usize,
    },
    /// A guest has asked something through a link.
    Asked {
        /// The first to answer.
        who: Callee,
        /// About what.
        theme: String,
        /// All who have asked.
        count: usize,
    },
    /// A meeting that the person worked at is over: what is still open there, and whom to call tomorrow.
    Leave {
        /// Which.
        meeting: MeetingId,
        /// Its theme.
        theme: String,
    },
    /// A promised call is due.
    CallBack {
        /// The first to call.
        who: Callee,
        /// For when it was promised.
        promised: Timestamp,
        /// All that are due.
        count: usize,
    },
    /// Guests of tomorrow who have not been asked again.
    Confirm {
        /// How many.
        count: usize,
        /// The first meeting's theme.
        theme: String,
    },
    /// The next customer to invite.
    NextCall {
        /// Whom.
        who: Callee,
        /// To what.
        theme: String,
        /// Calls left, this one too.
        count: usize,
    },
}

/// How near a meeting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Near {
    /// It has begun and is not over.
    On,
    /// It begins within two hours: is everything ready?
    Soon,
    /// Later today.
    Later,
}

/// Somebody to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callee {
    /// The invitation that the call is about.
    pub invitation: InvitationId,
    /// Name.
    pub name: String,
    /// How to address the person.
    pub salutation: Option<Salutation>,
}

/// What somebody starts with when there is nothing to do yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstStep {
    /// No customers: import some.
    Customers,
    /// An administrator alone: add people.
    People,
    /// All is done.
    Nothing,
}

/// The list of one person, who has these follow-up tasks.
#[must_use]
pub fn tasks(replica: &Replica, actor: &Actor, own: &Tasks, refused: usize, now: Timestamp) -> Vec<Task> {
    let mut tasks = Vec::new();
    if refused > 0 {
        tasks.push(Task::Refused(refused));
    }
    let held = quarantine::to_rule_on(replica, actor);
    if held > 0 {
        tasks.push(Task::Rule(held));
    }
    tasks.extend(floor::calling(replica, actor, now).into_iter().map(|(meeting, call)| Task::Help { meeting, need: call.need, place: call.place }));
    // Seconds count in the hall, hours with a customer.
    tasks.extend(follow_ups(replica, actor, own, now));
    tasks.extend(open_conflicts(replica));
    let discounts = approvals::discounts(replica, actor);
    tasks.extend(discounts.to_rule_on.into_iter().map(Task::Approve));
    tasks.extend(discounts.to_call_off.into_iter().map(Task::CallOff));
    tasks.extend(promotions::to_honour(replica, actor).into_iter().map(Task::Honour));
    tasks.extend(discounts.granted.into_iter().map(Task::Approved));
    tasks.extend(discounts.refused.into_iter().map(Task::NotApproved));
    tasks.extend(meetings_of(replica, actor, now).into_iter().map(|(meeting, near)| Task::Meeting { meeting, near }));
    tasks.extend(
        leaving::just_over(replica, actor, now).into_iter().map(|meeting| Task::Leave { meeting: meeting.id, theme: meeting.plan.theme.clone() }),
    );
    tasks.extend(preparations::own(replica, actor, now).into_iter().map(Task::Prepare));
    tasks.extend(improvements::own(replica, actor, now).into_iter().map(|(improvement, overdue)| Task::Improve { improvement, overdue }));
    if actor.role.sells() {
        tasks.extend(calls(replica, actor, now));
    }
    tasks
}

/// So many follow-ups stand on Today; the page has the rest.
const MOST_FOLLOW_UPS: usize = 5;

fn follow_ups(replica: &Replica, actor: &Actor, own: &Tasks, now: Timestamp) -> Vec<Task> {
    let complaints = complaints::lines(replica, actor, now).into_iter().filter(|line| line.is_next(actor));
    let mut found: Vec<_> = complaints.map(|line| Task::Complaint(Box::new(line))).collect();
    let due = follow_ups::rows(replica, own.clone(), now).due;
    let all = due.len();
    found.extend(due.into_iter().take(MOST_FOLLOW_UPS).map(|row| Task::FollowUp(Box::new(row))));
    if all > MOST_FOLLOW_UPS {
        found.push(Task::AllFollowUps(all));
    }
    found
}

/// What an empty list teaches.
#[must_use]
pub fn first_step(replica: &Replica, actor: &Actor) -> FirstStep {
    if actor.role == Role::Administrator {
        return if replica.all::<User>().count() <= 1 { FirstStep::People } else { FirstStep::Nothing };
    }
    if actor.role.sells() && replica.all::<Customer>().next().is_none() { FirstStep::Customers } else { FirstStep::Nothing }
}

/// The meetings of today that concern the person: those worked at; for supervisors and managers, and for those who prepare them, all.
fn meetings_of(replica: &Replica, actor: &Actor, now: Timestamp) -> Vec<(Arc<Meeting>, Near)> {
    let concerns = |meeting: &Meeting| match actor.role {
        Role::Director | Role::Finance | Role::Administrator => false,
        Role::Supervisor | Role::Manager | Role::Marketing | Role::Office => true,
        Role::Rep => meeting.plan.staff.iter().any(|staff| staff.user == actor.user),
    };
    let mut found: Vec<_> = replica
        .all::<Meeting>()
        .filter(|meeting| meeting.state == MeetingState::Planned && concerns(meeting))
        .filter_map(|meeting| near(meeting, now).map(|near| (meeting.clone(), near)))
        .collect();
    found.order_by_key(|(meeting, _)| (meeting.plan.starts_at, meeting.id));
    found
}

fn near(meeting: &Meeting, now: Timestamp) -> Option<Near> {
    let plan = &meeting.plan;
    let is_today = plan.utc_offset.day_of(plan.starts_at) == plan.utc_offset.day_of(now);
    if plan.ends_at <= now {
        None
    } else if plan.starts_at <= now {
        Some(Near::On)
    } else if plan.starts_at - now <= TimeDelta::hours(2) {
        Some(Near::Soon)
    } else {
        is_today.then_some(Near::Later)
    }
}

/// Conflicts stay until somebody rules on them, also after the meeting.
fn open_conflicts(replica: &Replica) -> Vec<Task> {
    let mut counts = BTreeMap::<MeetingId, usize>::new();
    for conflict in replica.all::<Conflict>().filter(|conflict| conflict.ruling.is_none()) {
        *counts.entry(conflict.meeting).or_default() += 1;
    }
    let theme = |meeting| replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.theme.clone()).unwrap_or_default();
    counts.into_iter().map(|(meeting, count)| Task::Conflicts { meeting, theme: theme(meeting), count }).collect()
}

fn calls(replica: &Replica, actor: &Actor, now: Timestamp) -> Vec<Task> {
    let mut tasks = Vec::new();
    let queue = invitations::queue(replica, actor.user, now);
    let (offers, others) = queue.now.split_at(queue.offers);
    let (untold, others) = others.split_at(queue.untold);
    let first = |ids: &[InvitationId]| ids.first().and_then(|id| callee(replica, *id));
    tasks.extend(first(offers).map(|(who, theme)| Task::OfferPlace { who, theme, count: offers.len() }));
    tasks.extend(first(untold).map(|(who, theme)| Task::TellWaiting { who, theme, count: untold.len() }));
    let (asked, others) = others.split_at(queue.asked);
    tasks.extend(first(asked).map(|(who, theme)| Task::Asked { who, theme, count: asked.len() }));
    let promised = |id: &InvitationId| match replica.noun::<Invitation>(*id).map(|invitation| &invitation.answer) {
        Some(Answer::CallBack { at }) => Some(*at),
        _ => None,
    };
    let due: Vec<_> = others.iter().filter_map(|id| promised(id).map(|at| (*id, at))).collect();
    if let Some((who, at)) = due.first().and_then(|(id, at)| Some((callee(replica, *id)?.0, *at))) {
        tasks.push(Task::CallBack { who, promised: at, count: due.len() });
    }
    let days = confirmations::day_before(replica, actor.user, now);
    let count = confirmations::waiting(&days);
    if let Some(day) = days.iter().find(|day| !day.open.is_empty() || !day.unreachable.is_empty()) {
        tasks.push(Task::Confirm { count, theme: day.meeting.plan.theme.clone() });
    }
    let mut rest = others.iter().filter(|id| promised(id).is_none());
    if let Some((who, theme)) = rest.next().and_then(|id| callee(replica, *id)) {
        tasks.push(Task::NextCall { who, theme, count: 1 + rest.count() });
    }
    tasks
}

fn callee(replica: &Replica, id: InvitationId) -> Option<(Callee, String)> {
    let invitation = replica.noun::<Invitation>(id)?;
    let profile = &replica.noun::<Customer>(invitation.customer)?.profile;
    let theme = replica.noun::<Meeting>(invitation.meeting)?.plan.theme.clone();
    Some((Callee { invitation: id, name: profile.name.clone(), salutation: profile.salutation }, theme))
}

/// Whether the list would change by itself soon: a meeting that comes near, a call that becomes due. Pages look again every minute.
pub const LOOK_AGAIN_MS: u32 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::follow_ups::own_tasks;
    use crate::state::world::{self, World, at};
    use shared::check_ins::CheckIn;
    use shared::deals::Deal;
    use shared::deals::command::{ApproveDiscount, OpenDeal};
    use shared::ids::UserId;
    use shared::invitations::{Attempt, Channel};
    use shared::meetings::{Duty, Staff};

    fn listed(world: &World, user: UserId, refused: usize, now: Timestamp) -> Vec<Task> {
        let (replica, actor) = (world.replica(user), world.actor(user));
        tasks(&replica, &actor, &own_tasks(&replica, &actor, now), refused, now)
    }

    fn list(world: &World, user: UserId) -> Vec<Task> {
        listed(world, user, 0, at(0))
    }

    fn invite(world: &mut World, meeting: MeetingId, name: &str, fill: impl FnOnce(&mut Invitation)) -> InvitationId {
        let rep = world.rep;
        let customer = world::customer(world, Some(rep), name, |_| {});
        world::invitation(world, meeting, customer, rep, fill)
    }

    #[test]
    fn a_promised_call_presses_more_than_tomorrows_guests_and_those_more_than_new_calls() {
        let mut world = World::new();
        let (later, tomorrow) = (world.meeting, world::meeting(&mut world, at(24 * 60)));
        invite(&mut world, later, "陳新", |_| {});
        invite(&mut world, later, "林新", |_| {});
        invite(&mut world, tomorrow, "黃來", |invitation| invitation.answer = Answer::Agreed);
        invite(&mut world, later, "張約", |invitation| {
            invitation.answer = Answer::CallBack { at: at(-30) };
            invitation.attempts.push(Attempt {
                at: at(-90),
                by: invitation.rep,
                channel: Channel::Phone,
                answer: invitation.answer.clone(),
                questions: Vec::new(),
                by_guest: false,
            });
        });
        let found = list(&world, world.rep);
        let [Task::CallBack { who, promised, count: 1 }, Task::Confirm { count: 1, .. }, Task::NextCall { who: next, count: 2, .. }] = &found[..]
        else {
            panic!("{found:?}")
        };
        assert_eq!((who.name.as_str(), *promised, next.name.as_str()), ("張約", at(-30), "陳新"));
    }

    #[test]
    fn a_meeting_is_shown_to_those_who_work_there_until_it_is_over() {
        let mut world = World::new();
        let soon = world::meeting(&mut world, at(90));
        let mut meeting = (*world.get::<Meeting>(soon)).clone();
        meeting.plan.staff = vec![Staff { user: world.rep, duty: Duty::Reception }];
        world.put(meeting);
        let seen = |world: &World, user, minutes| {
            let tasks = listed(&world, user, 0, at(minutes));
            tasks.into_iter().find_map(|task| if let Task::Meeting { near, .. } = task { Some(near) } else { None })
        };
        assert_eq!(seen(&world, world.rep, 0), Some(Near::Soon));
        assert_eq!(seen(&world, world.rep, -60), Some(Near::Later));
        assert_eq!(seen(&world, world.rep, 91), Some(Near::On));
        assert_eq!(seen(&world, world.rep, 90 + 180), None);
        assert_eq!(seen(&world, world.colleague, 0), None, "does not work there");
        assert_eq!(seen(&world, world.manager, 0), Some(Near::Soon));
        assert_eq!(seen(&world, world.administrator, 0), None);
    }

    #[test]
    fn d2_an_open_conflict_stays_until_somebody_rules_on_it() {
        let mut world = World::new();
        let (meeting, guest) = (world.meeting, world.id());
        let manager = world.manager;
        world::check_in(&mut world, meeting, guest, manager);
        let first = world.records.of_kind(shared::Kind::CheckIn).next().map(|record| record.key().id).expect("just put");
        let conflict = Conflict { id: world.id(), meeting, guest, first: first.into(), second: world.id(), ruling: None };
        world.put(conflict.clone());
        assert!(matches!(list(&world, manager)[..], [Task::Conflicts { count: 1, .. }]), "{:?}", list(&world, manager));
        let check_in = world.get::<CheckIn>(first.into());
        world.put(Conflict { ruling: Some(shared::check_ins::Ruling { kept: check_in.id, by: manager, at: at(0) }), ..conflict });
        assert_eq!(list(&world, manager), []);
    }

    #[test]
    fn a_discount_that_waits_is_on_the_supervisors_list_and_its_approval_on_the_reps() {
        let mut world = World::new();
        let command = OpenDeal { discount: 800, approval_reason: Some("老客戶".into()), ..world.open_deal(world.customer, None) };
        let deal = command.deal;
        world.apply(world.rep, command).expect("asked with a reason");
        assert!(matches!(&list(&world, world.supervisor)[..], [Task::Approve(asked)] if asked.deal == deal));
        assert_eq!(list(&world, world.rep), []);
        let terms = world.get::<Deal>(deal).terms();
        world.apply(world.supervisor, ApproveDiscount { deal, terms }).expect("within her limit");
        assert_eq!(list(&world, world.supervisor), []);
        assert!(matches!(&list(&world, world.rep)[..], [Task::Approved(asked)] if asked.deal == deal));
    }

    #[test]
    fn g1_g3_after_a_meeting_the_list_begins_with_whom_to_contact_and_says_when_there_are_more() {
        let mut world = World::new();
        let (rep, meeting) = (world.rep, world.meeting);
        let customers: Vec<_> = ["甲", "乙", "丙", "丁", "戊", "己"].iter().map(|name| world.add_customer(rep, name)).collect();
        for customer in &customers {
            world.expect_guest(meeting, *customer);
        }
        world.now = world.get::<Meeting>(meeting).plan.ends_at + TimeDelta::hours(1);
        let found = listed(&world, rep, 0, world.now);
        assert!(found[..5].iter().all(|task| matches!(task, Task::FollowUp(row) if !row.overdue)), "{found:?}");
        assert_eq!(found[5], Task::AllFollowUps(6));
        let complaint = world.id();
        let (what, severity, deadline) = ("漏水".into(), shared::complaints::Severity::Urgent, "2026-12-01".parse().expect("a day"));
        let report = shared::complaints::command::ReportComplaint { complaint, customer: customers[0], deal: None, what, severity, deadline };
        world.apply(rep, report).expect("theirs");
        let found = listed(&world, world.supervisor, 0, world.now);
        assert!(matches!(&found[0], Task::Complaint(line) if line.complaint.id == complaint), "{found:?}");
    }

    #[test]
    fn refused_work_comes_before_everything() {
        let world = World::new();
        let found = listed(&world, world.rep, 2, at(0));
        assert_eq!(found.first(), Some(&Task::Refused(2)));
    }

    #[test]
    fn an_empty_list_teaches_the_first_step() {
        let world = World::new();
        let of = |user| first_step(&world.replica(user), &world.actor(user));
        assert_eq!((of(world.rep), of(world.administrator)), (FirstStep::Nothing, FirstStep::Nothing));
        let empty = Replica::new(world.device(world.rep), None);
        assert_eq!(first_step(&empty, &world.actor(world.rep)), FirstStep::Customers);
        assert_eq!(first_step(&empty, &world.actor(world.administrator)), FirstStep::People);
    }

    #[test]
    fn b8_a_free_place_to_offer_and_a_guest_to_be_told_stand_on_the_list() {
        let mut world = World::new();
        let (rep, meeting) = (world.rep, world.meeting);
        let mut narrow = (*world.get::<Meeting>(meeting)).clone();
        narrow.plan.capacity = 1;
        world.put(narrow);
        let customers = ["王小明", "李大華", "陳美玉"].map(|name| world.add_customer(rep, name));
        let invited = customers.map(|customer| world.invite(meeting, customer));
        invited.into_iter().for_each(|invitation| world.answer(invitation, Answer::Agreed));
        world.answer(invited[0], Answer::WrongNumber);
        let found = listed(&world, rep, 0, world.now);
        let [Task::OfferPlace { who, count: 1, .. }, Task::TellWaiting { who: other, count: 1, .. }] = &found[..] else { panic!("{found:?}") };
        assert_eq!((who.name.as_str(), other.name.as_str()), ("李大華", "陳美玉"));
    }
}
