//! The tasks of one person, worked out from what the device holds.
//!
//! Everything is read from records of the owner's scope (invitations, milestones, contacts), not from guest cards and check-ins: an owner who does not work at a
//! meeting holds none of those. Only customers with whom something has happened are looked at.

use super::{Errand, FollowUp, FollowUpRules, FollowUpState, Why};
use crate::check_ins::CheckIn;
use crate::contacts::LoggedContact;
use crate::customers::milestones::{Milestone, What};
use crate::customers::{Contact, Customer, Intent};
use crate::deals::{Deal, Stage};
use crate::ids::{ContactId, CustomerId, DealId, FollowUpId, GuestId, MeetingId, UserId};
use crate::invitations::{Answer, Invitation};
use crate::meetings::{Meeting, MeetingState};
use crate::people::{Access, User};
use crate::record::Index;
use crate::settings::Settings;
use crate::sync::replica::Replica;
use crate::time::{Timestamp, UtcOffset};
use chrono::{Days, NaiveDate, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// After so many days past its time a task that came from a meeting or a purchase is of no use any more: nobody asks after half a year why somebody
/// did not come.
pub const LAPSES_AFTER_DAYS: i64 = 30;

/// A task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// About whom.
    pub customer: CustomerId,
    /// Why.
    pub why: Why,
    /// By when it should be done; later it is overdue.
    pub due: Timestamp,
    /// Not before this day.
    pub snoozed: Option<NaiveDate>,
    /// In whose hands it is.
    pub hands: Hands,
}

/// In whose hands a task is.
#[derive(Clone, Debug, PartialEq)]
pub enum Hands {
    /// The owner's.
    Own,
    /// One's own, from a colleague, with what is needed to do it.
    From(Arc<Errand>),
    /// A colleague's.
    With(UserId),
}

impl Task {
    /// The id of what becomes of it.
    #[must_use]
    pub fn id(&self) -> FollowUpId {
        match &self.hands {
            Hands::From(errand) => errand.id,
            Hands::Own | Hands::With(_) => self.why.id(self.customer),
        }
    }

    /// Whether it should have been done by now.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        now > self.due
    }
}

/// The tasks of one person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tasks {
    /// To be done: the overdue ones first, and of those that are as late the ones that somebody waits for.
    pub due: Vec<Task>,
    /// Put off until a day.
    pub later: Vec<Task>,
    /// In a colleague's hands.
    pub handed_over: Vec<Task>,
}

/// What has happened with one customer, as far as tasks come of it.
#[derive(Default)]
struct Facts {
    /// Meetings that the customer came to.
    came: BTreeMap<MeetingId, Timestamp>,
    /// Meetings over by now to which the customer had said yes, each with the guest's card.
    expected: BTreeMap<MeetingId, GuestId>,
    /// What was sold and when, by the first of the deals that have followed each other.
    bought: BTreeMap<DealId, Timestamp>,
    /// When something was sold that was called off later: that customer knows why.
    called_off: Vec<Timestamp>,
    /// What was promised in which contact, when that was, and for which day.
    promised: Vec<(ContactId, Timestamp, NaiveDate)>,
    /// When a contact was logged in which the customer was reached.
    reached: Vec<Timestamp>,
    /// When the customer was reached about an invitation.
    invited: Vec<Timestamp>,
    /// Somebody is about to call about a meeting to come, or the customer comes to it.
    is_invited: bool,
}

/// The tasks of a person: of the customers that are theirs, and those that colleagues have handed to them.
#[must_use]
pub fn tasks(replica: &Replica, user: UserId, now: Timestamp) -> Tasks {
    let mut tasks = Tasks::default();
    let Some(settings) = replica.all::<Settings>().next() else { return tasks };
    let (clock, today) = (settings.utc_offset, settings.utc_offset.day_of(now));
    for (id, facts) in facts_of(replica, user, now) {
        let Some(customer) = replica.noun::<Customer>(id) else { continue };
        if customer.owner == Some(user) && customer.profile.contact == Contact::Allowed {
            of_customer(replica, customer, &facts, &settings.follow_ups, clock, now, &mut tasks);
        }
    }
    for errand in replica.all::<Errand>().filter(|errand| errand.to == user) {
        let snoozed = errand.snoozed.filter(|until| today < *until);
        let due = errand.snoozed.map_or(errand.due, |until| errand.due.max(clock.end_of(until)));
        let task = Task { customer: errand.customer, why: errand.why, due, snoozed, hands: Hands::From(errand.clone()) };
        if snoozed.is_some() { &mut tasks.later } else { &mut tasks.due }.push(task);
    }
    let is_rhythm = |task: &Task| matches!(task.why, Why::Rhythm { .. });
    tasks.due.sort_by_key(|task| (!task.is_overdue(now), is_rhythm(task), task.due, task.customer, task.why));
    tasks.later.sort_by_key(|task| (task.snoozed, task.customer, task.why));
    tasks.handed_over.sort_by_key(|task| (task.due, task.customer, task.why));
    tasks
}

fn facts_of(replica: &Replica, user: UserId, now: Timestamp) -> BTreeMap<CustomerId, Facts> {
    let mut all = BTreeMap::<CustomerId, Facts>::new();
    for milestone in replica.all::<Milestone>().filter(|milestone| milestone.owner == Some(user)) {
        let facts = all.entry(milestone.customer).or_default();
        match &milestone.what {
            What::Arrived { meeting, undone: false } => {
                let at = facts.came.entry(*meeting).or_insert(milestone.at);
                *at = milestone.at.min(*at);
            }
            What::Deal { stage: Stage::Signed | Stage::Paid, signed_at, first, .. } => {
                facts.bought.insert(first.unwrap_or(DealId(milestone.id.0)), signed_at.unwrap_or(milestone.at));
            }
            What::Deal { stage: Stage::Cancelled { .. }, signed_at: Some(sold), .. } => facts.called_off.push(*sold),
            What::Arrived { undone: true, .. } | What::Deal { .. } => {}
        }
    }
    for contact in replica.all::<LoggedContact>().filter(|contact| contact.owner == Some(user)) {
        let facts = all.entry(contact.customer).or_default();
        if contact.came.is_reached() {
            facts.reached.push(contact.at);
        }
        facts.promised.extend(contact.next.as_ref().map(|next| (contact.id, contact.at, next.on)));
    }
    for invitation in replica.all::<Invitation>().filter(|invitation| invitation.rep == user && invitation.same_as.is_none()) {
        let Some(meeting) = replica.noun::<Meeting>(invitation.meeting).filter(|meeting| meeting.state == MeetingState::Planned) else { continue };
        let facts = all.entry(invitation.customer).or_default();
        let is_over = meeting.plan.ends_at <= now;
        if is_over && invitation.comes() {
            facts.expected.insert(meeting.id, GuestId(invitation.id.0));
        }
        facts.is_invited |= !is_over && !matches!(invitation.answer, Answer::Declined { .. } | Answer::WrongNumber | Answer::DoNotContact);
        // Whoever answers through a link was contacted by nobody.
        let tried = invitation.attempts.iter().filter(|attempt| !attempt.by_guest);
        let reached = tried.filter(|attempt| !matches!(attempt.answer, Answer::NoAnswer | Answer::WrongNumber));
        facts.invited.extend(reached.map(|attempt| attempt.at));
    }
    all
}

fn of_customer(replica: &Replica, customer: &Customer, facts: &Facts, rules: &FollowUpRules, clock: UtcOffset, now: Timestamp, tasks: &mut Tasks) {
    let marks = replica.nouns::<FollowUp>(&Index::FollowUpsByCustomer(customer.id));
    let (mut seen, mut has_task) = (BTreeSet::new(), false);
    // Most facts are long past: only of what can be on the list is more looked up.
    let is_of_use =
        |it: &Candidate| it.opens <= now && !it.is_done(facts) && (!it.has_lapsed(it.due, now) || marks.iter().any(|mark| mark.why == it.why));
    let mut add = |candidate: Candidate| {
        if seen.insert(candidate.why) {
            has_task |= place(replica, &marks, customer.id, &candidate, clock, now, tasks);
        }
    };
    for &(contact, at, on) in &facts.promised {
        // What is promised for the same day is not done by having promised it.
        let opens = clock.start_of(on).max(at + TimeDelta::seconds(1));
        let promised = Candidate { why: Why::Promised { contact }, opens, due: clock.end_of(on) };
        Some(promised).filter(is_of_use).into_iter().for_each(&mut add);
    }
    for (&meeting, arrived) in &facts.came {
        after_meeting(replica, meeting, Why::CameOnly { meeting }, rules.came_only)
            .filter(|it| is_of_use(it) && !has_bought(replica, customer.id, meeting, *arrived, facts))
            .into_iter()
            .for_each(&mut add);
    }
    for (&meeting, &guest) in &facts.expected {
        let has_come = || {
            let check_ins = replica.nouns::<CheckIn>(&Index::CheckInsByGuest(guest));
            facts.came.contains_key(&meeting) || check_ins.iter().any(|check_in| check_in.undone.is_none())
        };
        after_meeting(replica, meeting, Why::StayedAway { meeting }, rules.stayed_away)
            .filter(|it| is_of_use(it) && !has_come())
            .into_iter()
            .for_each(&mut add);
    }
    for (&deal, &sold) in &facts.bought {
        let first = rules.first_care.and_then(|days| after_days(Why::FirstCare { deal }, sold, days, clock));
        let second = rules.second_care.and_then(|days| after_days(Why::SecondCare { deal }, sold, days, clock));
        // Whoever was not asked after a week is asked after a month, and not twice.
        let is_late = second.as_ref().is_some_and(|second| second.opens <= now);
        first.filter(|it| !is_late && is_of_use(it)).into_iter().for_each(&mut add);
        second.filter(is_of_use).into_iter().for_each(&mut add);
    }
    // Whoever is called for another reason, or invited, is not called once more.
    if !has_task
        && !facts.is_invited
        && let Some(rhythm) = rhythm(customer, facts, rules, clock)
        && rhythm.opens <= now
    {
        place(replica, &marks, customer.id, &rhythm, clock, now, tasks);
    }
}

/// A task as the rules give it.
struct Candidate {
    why: Why,
    /// From then on it is there, and a contact does it.
    opens: Timestamp,
    due: Timestamp,
}

impl Candidate {
    /// Whether the customer was reached since it is there. A call about another meeting does what a meeting asks for, and not what was promised.
    fn is_done(&self, facts: &Facts) -> bool {
        let since = |times: &[Timestamp]| times.iter().any(|at| *at >= self.opens);
        let by_invitation = matches!(self.why, Why::CameOnly { .. } | Why::StayedAway { .. });
        since(&facts.reached) || by_invitation && since(&facts.invited)
    }

    /// Whether a task that is due then is of no use any more. What was promised, and who is forgotten, stays.
    fn has_lapsed(&self, due: Timestamp, now: Timestamp) -> bool {
        let lapses = !matches!(self.why, Why::Promised { .. } | Why::Rhythm { .. });
        lapses && now - due > TimeDelta::days(LAPSES_AFTER_DAYS)
    }
}

fn after_meeting(replica: &Replica, meeting: MeetingId, why: Why, hours: Option<u16>) -> Option<Candidate> {
    let opens = replica.noun::<Meeting>(meeting)?.plan.ends_at;
    Some(Candidate { why, opens, due: opens + TimeDelta::hours(hours?.into()) })
}

fn after_days(why: Why, from: Timestamp, days: u16, clock: UtcOffset) -> Option<Candidate> {
    let day = clock.day_of(from).checked_add_days(Days::new(days.into()))?;
    Some(Candidate { why, opens: clock.start_of(day), due: clock.end_of(day) })
}

/// Whether something was sold to the customer at a meeting, or since.
fn has_bought(replica: &Replica, customer: CustomerId, meeting: MeetingId, arrived: Timestamp, facts: &Facts) -> bool {
    let begins = replica.noun::<Meeting>(meeting).map_or(arrived, |meeting| meeting.plan.starts_at.min(arrived));
    let there = |deal: &&Arc<Deal>| deal.meeting == Some(meeting) && deal.is_sold();
    facts.bought.values().chain(&facts.called_off).any(|sold| *sold >= begins)
        || replica.nouns::<Deal>(&Index::DealsByCustomer(customer)).iter().any(there)
}

/// A customer with whom nobody was ever in contact has no rhythm: that one is to be invited.
fn rhythm(customer: &Customer, facts: &Facts, rules: &FollowUpRules, clock: UtcOffset) -> Option<Candidate> {
    let days = match customer.profile.intent? {
        Intent::A => rules.rhythm_a,
        Intent::B => rules.rhythm_b,
        Intent::C => rules.rhythm_c,
        Intent::D => rules.rhythm_d,
    }?;
    let bought = facts.bought.values().copied();
    let last = facts.reached.iter().chain(&facts.invited).chain(facts.came.values()).copied().chain(bought).max()?;
    after_days(Why::Rhythm { since: clock.day_of(last) }, last, days, clock)
}

/// Puts a task where it belongs by what somebody has made of it; gives whether there is anything left to do. Of two records of one task, which a merge brings, the one that closes it counts.
fn place(
    replica: &Replica,
    marks: &[&Arc<FollowUp>],
    customer: CustomerId,
    candidate: &Candidate,
    clock: UtcOffset,
    now: Timestamp,
    tasks: &mut Tasks,
) -> bool {
    let mut task = Task { customer, why: candidate.why, due: candidate.due, snoozed: None, hands: Hands::Own };
    let of_task = || marks.iter().filter(|mark| mark.why == candidate.why);
    if of_task().any(|mark| mark.state.is_closed()) {
        return false;
    }
    let latest = of_task().max_by_key(|mark| (mark.at, mark.id)).map(|mark| &mark.state);
    if let Some(FollowUpState::Snoozed { until }) = latest {
        task.due = task.due.max(clock.end_of(*until));
        task.snoozed = Some(*until).filter(|until| clock.day_of(now) < *until);
    }
    if candidate.has_lapsed(task.due, now) {
        return false;
    }
    match latest {
        Some(FollowUpState::HandedOver { to })
            if replica.noun::<User>(*to).is_some_and(|user| user.access == Access::Granted && user.role.sells()) =>
        {
            task.hands = Hands::With(*to);
            tasks.handed_over.push(task);
        }
        // A colleague who has left, or sells no more, does nothing any more.
        _ => if task.snoozed.is_some() { &mut tasks.later } else { &mut tasks.due }.push(task),
    }
    true
}
