//! Leaving the venue (clause D10): what is still open on this device, what the meeting came to, and whom to call tomorrow, by rep.
//!
//! Laws: "done" is said only after the server was heard since everything here was sent, and nothing waits for a person. What this device cannot
//! know (others' unsent work, others' deals) is said, never counted as none.

use crate::replica::status::{Reach, Status};
use crate::state::analysis::way_of;
use crate::state::board::{self, RepRow, Whose};
use crate::state::order::InOrder;
use crate::state::people::name_of;
use crate::state::quarantine;
use crate::state::venue::{Numbers, first_arrivals, works_at};
use chrono::{Days, TimeDelta};
use shared::analysis::Funnel;
use shared::customers::{Contact, Customer, Salutation};
use shared::deals::{Deal, Stage};
use shared::decide::Actor;
use shared::ids::{CustomerId, MeetingId, UserId};
use shared::invitations::{Answer, Invitation};
use shared::meetings::{Guest, GuestOrigin, Meeting, MeetingState, Standing};
use shared::money::Currency;
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something that is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// Check-ins that could not be saved at all.
    Unsaved(usize),
    /// The device's storage has failed.
    Storage,
    /// Refused, or damaged: a person must look.
    Refused(usize),
    /// Records on this device only; the oldest is of then.
    Unsent { count: usize, since: Option<Timestamp> },
    /// Photos on this device only.
    Photos(usize),
    /// Guests who were let in twice.
    Conflicts(usize),
    /// Records of others that wait for this person's ruling.
    Held(usize),
    /// The server was not heard lately: what is told is of then.
    Unheard { since: Option<Timestamp> },
}

/// The verdict on the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is open, and the server says so too.
    Done,
    /// Nothing is open as far as this device knows; it has not heard from the server.
    AsFarAsKnown,
    /// So many things are open.
    Open(usize),
}

/// Why somebody is called tomorrow; the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// It was promised for then.
    Promised(Timestamp),
    /// Was there and has an offer that is not signed.
    Offer,
    /// Was there and bought nothing, as far as this device knows.
    CameOnly,
    /// Had agreed and did not come.
    StayedAway,
}

/// A call of tomorrow.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) customer: CustomerId,
    /// Whether this device holds the customer: then the row leads there.
    pub(crate) is_held: bool,
    pub(crate) name: String,
    pub(crate) salutation: Option<Salutation>,
    pub(crate) why: Why,
}

/// One rep's evening.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rep {
    pub(crate) rep: UserId,
    pub(crate) row: RepRow,
    /// Calls of tomorrow, for those whom the person answers for.
    pub(crate) calls: Vec<Call>,
}

/// Everything that the page tells of the meeting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Leaving {
    pub(crate) meeting: Arc<Meeting>,
    pub(crate) numbers: Numbers,
    pub(crate) funnel: Funnel,
    /// Oneself first, then the others by name.
    pub(crate) reps: Vec<Rep>,
    pub(crate) whose: Whose,
    /// Desks, with the time of the last record from there; none if there is none here.
    pub(crate) desks: Vec<(String, Option<Timestamp>)>,
    held: usize,
}

/// After this long without the server nothing is called done.
const HEARD: TimeDelta = TimeDelta::minutes(15);

/// The evening of a meeting; none if it is not here.
pub(crate) fn leaving(replica: &Replica, actor: &Actor, id: MeetingId, currency: Currency, now: Timestamp) -> Option<Leaving> {
    let board = board::board(replica, id, currency)?;
    let mut calls = calls(replica, actor, &board.meeting, now);
    let mut reps: Vec<_> = board.by_rep.into_iter().map(|row| Rep { rep: row.rep, calls: calls.remove(&row.rep).unwrap_or_default(), row }).collect();
    let zero = shared::money::Money::new(0, currency);
    reps.extend(calls.into_iter().map(|(rep, calls)| {
        let row = RepRow { rep, name: name_of(replica, rep), expected: 0, arrived: 0, walk_ins: 0, signed: 0, sold: zero };
        Rep { rep, row, calls }
    }));
    reps.order_by(|a, b| (a.rep != actor.user, &a.row.name, a.rep).cmp(&(b.rep != actor.user, &b.row.name, b.rep)));
    Some(Leaving {
        funnel: way_of(replica, id),
        numbers: board.numbers,
        whose: board.deals.whose,
        desks: board.desks.into_iter().map(|row| (row.desk, row.last)).collect(),
        held: quarantine::to_rule_on(replica, actor),
        meeting: board.meeting,
        reps,
    })
}

/// What is not done, the most urgent first. `unsaved` is what the door keeps because it could not be saved.
pub(crate) fn open(leaving: &Leaving, status: &Status, unsaved: usize, now: Timestamp) -> Vec<Open> {
    let mut open = Vec::new();
    let refused = status.refused.len() + status.damaged_files.len();
    if unsaved > 0 {
        open.push(Open::Unsaved(unsaved));
    }
    if status.storage.is_some() {
        open.push(Open::Storage);
    }
    if refused > 0 {
        open.push(Open::Refused(refused));
    }
    if status.unsent > 0 {
        open.push(Open::Unsent { count: status.unsent, since: status.unsent_since });
    }
    if status.files.count > 0 {
        open.push(Open::Photos(status.files.count));
    }
    if leaving.numbers.conflicts > 0 {
        open.push(Open::Conflicts(leaving.numbers.conflicts));
    }
    if leaving.held > 0 {
        open.push(Open::Held(leaving.held));
    }
    let is_heard = status.reach == Reach::Online && status.fresh_at.is_some_and(|at| now - at <= HEARD);
    if !is_heard {
        open.push(Open::Unheard { since: status.fresh_at });
    }
    open
}

/// The verdict on what is open.
pub(crate) fn verdict(open: &[Open]) -> Verdict {
    match open {
        [] => Verdict::Done,
        [Open::Unheard { .. }] => Verdict::AsFarAsKnown,
        _ => Verdict::Open(open.iter().filter(|open| !matches!(open, Open::Unheard { .. })).count()),
    }
}

/// How long after its end somebody is reminded to leave properly.
const REMINDED: TimeDelta = TimeDelta::hours(12);

/// The meetings that ended lately and at which the person worked.
pub(crate) fn just_over(replica: &Replica, actor: &Actor, now: Timestamp) -> Vec<Arc<Meeting>> {
    let is_just_over = |meeting: &&Arc<Meeting>| {
        let ends_at = meeting.plan.ends_at;
        meeting.state == MeetingState::Planned && ends_at <= now && now - ends_at < REMINDED && works_at(replica, actor, meeting)
    };
    let mut found: Vec<_> = replica.all::<Meeting>().filter(is_just_over).cloned().collect();
    found.order_by_key(|meeting| (meeting.plan.ends_at, meeting.id));
    found
}

/// Tomorrow's calls of those whom the actor answers for, by rep. Nobody is called twice, nor who asked not to be contacted.
fn calls(replica: &Replica, actor: &Actor, meeting: &Meeting, now: Timestamp) -> BTreeMap<UserId, Vec<Call>> {
    let mut calls: BTreeMap<UserId, BTreeMap<CustomerId, Call>> = BTreeMap::new();
    let mut call = |rep: UserId, customer: CustomerId, name: &str, salutation, why| {
        let held = replica.noun::<Customer>(customer);
        if actor.reaches(replica, rep) != Ok(true) || held.is_some_and(|customer| customer.profile.contact == Contact::Refused) {
            return;
        }
        let call = Call { customer, is_held: held.is_some(), name: name.to_owned(), salutation, why };
        let known = calls.entry(rep).or_default().entry(customer).or_insert_with(|| call.clone());
        if call.why < known.why {
            *known = call;
        }
    };
    let clock = meeting.plan.utc_offset;
    let tomorrow = clock.day_of(now).checked_add_days(Days::new(1));
    for invitation in replica.all::<Invitation>().filter(|invitation| invitation.same_as.is_none()) {
        if let Answer::CallBack { at } = invitation.answer
            && Some(clock.day_of(at)) == tomorrow
            && let Some(customer) = replica.noun::<Customer>(invitation.customer)
        {
            call(invitation.rep, customer.id, &customer.profile.name, customer.profile.salutation, Why::Promised(at));
        }
    }
    let arrivals = first_arrivals(replica, meeting.id);
    for guest in replica.nouns::<Guest>(&Index::GuestsByMeeting(meeting.id)) {
        let deals = replica.nouns::<Deal>(&Index::DealsByCustomer(guest.customer));
        let here = || deals.iter().filter(|deal| deal.meeting == Some(meeting.id));
        let has_come = arrivals.contains_key(&guest.id);
        let why = match guest.origin {
            _ if here().any(|deal| deal.is_sold()) => continue,
            _ if here().any(|deal| deal.stage == Stage::Quoted) => Why::Offer,
            _ if has_come => Why::CameOnly,
            GuestOrigin::Invited if guest.standing != Standing::Revoked && now >= meeting.plan.starts_at => Why::StayedAway,
            GuestOrigin::Invited | GuestOrigin::WalkIn => continue,
        };
        call(guest.inviter, guest.customer, &guest.name, guest.salutation, why);
    }
    let in_order = |calls: BTreeMap<CustomerId, Call>| {
        let mut calls: Vec<_> = calls.into_values().collect();
        calls.order_by(|a, b| (a.why, &a.name, a.customer).cmp(&(b.why, &b.name, b.customer)));
        calls
    };
    calls.into_iter().map(|(rep, calls)| (rep, in_order(calls))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::status::FilesWaiting;
    use crate::state::world;
    use shared::ids::GuestId;
    use shared::invitations::{Attempt, Channel};
    use shared::testing::World;

    /// After the meeting: two of the rep's guests came, of whom one bought; one stayed away; a colleague's guest came.
    fn evening() -> (World, Timestamp) {
        let mut world = World::new();
        for (owner, name, comes) in [("rep", "已購", true), ("rep", "到場", true), ("rep", "未到", false), ("colleague", "同事客", true)] {
            let owner = if owner == "rep" { world.rep } else { world.colleague };
            let customer = world.add_customer(owner, name);
            let guest = world.expect_guest(world.meeting, customer);
            if comes {
                let command = world.check_in(world.meeting, guest);
                world.apply(world.rep, command).expect("on duty");
            }
            if name == "已購" {
                let command = world.open_deal(customer, Some(world.meeting));
                let deal = command.deal;
                world.apply(owner, command).expect("within the rules");
                world.apply(owner, world.sign(deal)).expect("within the rules");
            }
        }
        let ends_at = world.get::<Meeting>(world.meeting).plan.ends_at;
        (world, ends_at + TimeDelta::minutes(20))
    }

    fn of(world: &World, user: UserId, now: Timestamp) -> Leaving {
        leaving(&world.replica(user), &world.actor(user), world.meeting, Currency::Twd, now).expect("the meeting is here")
    }

    fn names(leaving: &Leaving, rep: UserId) -> Vec<(String, Why)> {
        let rep = leaving.reps.iter().find(|row| row.rep == rep).expect("a row");
        rep.calls.iter().map(|call| (call.name.clone(), call.why)).collect()
    }

    fn heard(now: Timestamp) -> Status {
        Status { reach: Reach::Online, fresh_at: Some(now - TimeDelta::minutes(1)), ..Status::default() }
    }

    #[test]
    fn d10_the_funnel_counts_guests_from_the_invitation_to_the_money() {
        let (world, now) = evening();
        let funnel = of(&world, world.manager, now).funnel;
        assert_eq!(funnel, Funnel { planned: 4, reached: 4, agreed: 4, confirmed: 0, arrived: 3, walk_ins: 0, quoted: 1, signed: 1, paid: 0 });
        let own = of(&world, world.colleague, now);
        assert_eq!((own.funnel.arrived, own.funnel.signed, own.whose), (3, 0, Whose::Own), "a rep holds own deals only, and the page says so");
    }

    #[test]
    fn d10_tomorrows_calls_are_those_who_came_and_did_not_buy_and_those_who_stayed_away() {
        let (world, now) = evening();
        let mine = of(&world, world.rep, now);
        assert_eq!(names(&mine, world.rep), [("到場".to_owned(), Why::CameOnly), ("未到".to_owned(), Why::StayedAway)]);
        assert_eq!(mine.reps[0].rep, world.rep, "oneself first");
        assert_eq!(names(&mine, world.colleague), [], "a rep answers for no colleague's calls");
        assert_eq!(names(&of(&world, world.supervisor, now), world.colleague), [("同事客".to_owned(), Why::CameOnly)]);
        let before = world.get::<Meeting>(world.meeting).plan.starts_at - TimeDelta::minutes(1);
        assert_eq!(names(&of(&world, world.rep, before), world.rep), [("到場".to_owned(), Why::CameOnly)], "who is to come has not stayed away");
    }

    #[test]
    fn d10_an_open_offer_presses_more_and_a_promised_call_most() {
        let (mut world, now) = evening();
        let offered = world.add_customer(world.rep, "談過");
        let guest = world.expect_guest(world.meeting, offered);
        let command = world.check_in(world.meeting, guest);
        world.apply(world.rep, command).expect("on duty");
        let command = world.open_deal(offered, Some(world.meeting));
        world.apply(world.rep, command).expect("within the rules");
        let (rep, meeting) = (world.rep, world.meeting);
        let promise = |world: &mut World, name: &str, at: Timestamp| {
            let customer = world::customer(world, Some(rep), name, |_| {});
            world::invitation(world, meeting, customer, rep, |invitation| {
                invitation.answer = Answer::CallBack { at };
                invitation.attempts.push(Attempt {
                    at: now,
                    by: rep,
                    channel: Channel::Phone,
                    answer: invitation.answer.clone(),
                    questions: Vec::new(),
                    by_guest: false,
                });
            });
        };
        promise(&mut world, "明天打", now + TimeDelta::hours(18));
        promise(&mut world, "後天打", now + TimeDelta::hours(42));
        let calls = names(&of(&world, world.rep, now), world.rep);
        let order: Vec<_> = calls.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(order, ["明天打", "談過", "到場", "未到"]);
    }

    #[test]
    fn d10_who_asked_not_to_be_contacted_is_not_on_tomorrows_list() {
        let (mut world, now) = evening();
        let came = world.all().filter_map(|record| if let shared::Record::Customer(customer) = record { Some(customer.clone()) } else { None });
        let mut came = (*came.into_iter().find(|customer| customer.profile.name == "到場").expect("was made")).clone();
        came.profile.contact = Contact::Refused;
        world.put(came);
        assert_eq!(names(&of(&world, world.rep, now), world.rep), [("未到".to_owned(), Why::StayedAway)]);
    }

    #[test]
    fn d10_done_is_said_only_when_nothing_is_open_and_the_server_was_heard() {
        let (world, now) = evening();
        let leaving = of(&world, world.rep, now);
        let status = heard(now);
        let said = |status: &Status, unsaved| verdict(&open(&leaving, status, unsaved, now));
        assert_eq!(said(&status, 0), Verdict::Done);
        assert_eq!(said(&status, 1), Verdict::Open(1), "the door keeps what could not be saved");
        assert_eq!(said(&Status { unsent: 3, ..status.clone() }, 0), Verdict::Open(1));
        assert_eq!(said(&Status { files: FilesWaiting { count: 2, bytes: 5 }, unsent: 1, ..status.clone() }, 0), Verdict::Open(2));
        for reach in [Reach::Unknown, Reach::Offline, Reach::Captive, Reach::LoggedOut, Reach::Failing, Reach::UpdateNeeded, Reach::Revoked] {
            assert_eq!(said(&Status { reach, ..status.clone() }, 0), Verdict::AsFarAsKnown, "{reach:?}");
        }
        assert_eq!(said(&Status { fresh_at: Some(now - TimeDelta::minutes(16)), ..status.clone() }, 0), Verdict::AsFarAsKnown, "heard long ago");
        let offline = Status { reach: Reach::Offline, unsent: 2, unsent_since: Some(now), ..status };
        assert_eq!(said(&offline, 0), Verdict::Open(1));
        assert_eq!(
            open(&leaving, &offline, 0, now),
            [Open::Unsent { count: 2, since: Some(now) }, Open::Unheard { since: Some(now - TimeDelta::minutes(1)) }]
        );
    }

    #[test]
    fn d10_an_open_conflict_and_a_held_record_keep_the_evening_open() {
        let (mut world, now) = evening();
        let guest: GuestId = world.replica(world.rep).all::<Guest>().find(|guest| guest.name == "到場").expect("a card").id;
        let again = world.check_in(world.meeting, guest);
        world.apply(world.colleague, again.clone()).expect("both are kept");
        assert_eq!(open(&of(&world, world.rep, now), &heard(now), 0, now), [Open::Conflicts(1)]);
        world.hold(world.rep, again, shared::Rejection::Forbidden);
        assert_eq!(open(&of(&world, world.manager, now), &heard(now), 0, now), [Open::Conflicts(1), Open::Held(1)]);
    }

    #[test]
    fn d10_who_worked_there_is_reminded_for_half_a_day() {
        let (world, now) = evening();
        let found = |user, now| just_over(&world.replica(user), &world.actor(user), now).iter().map(|meeting| meeting.id).collect::<Vec<_>>();
        assert_eq!(found(world.rep, now), [world.meeting]);
        assert_eq!(found(world.stranger, now), [world.other_meeting]);
        assert_eq!(found(world.administrator, now), []);
        assert_eq!(found(world.rep, now + TimeDelta::hours(12)), []);
        assert_eq!(found(world.rep, now - TimeDelta::minutes(21)), [], "it is still on");
    }
}
