//! The hall while a meeting is on (clause D6): what is on, what comes next and how late it is; calls for help; what was noticed of guests.
//!
//! Laws: how late it is follows from what staff have tapped and from the plan, never from somebody's word. A call that has not left this device
//! says so. Whatever waits for somebody on duty stays in sight until it is settled.

use crate::state::order::InOrder;
use crate::state::people::name_of;
use crate::state::venue::works_at;
use chrono::TimeDelta;
use shared::decide::Actor;
use shared::floor::{AgendaMark, Chip, GuestNote, HelpCall, Need, Step};
use shared::ids::{AgendaMarkId, CustomerId, GuestId, HelpCallId, MeetingId, UserId};
use shared::meetings::{Meeting, MeetingState, Plan};
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::{Timestamp, UtcOffset};
use shared::{Command, Kind};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How far a point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// To come; expected then, as late as the meeting is now.
    Ahead { expected: Timestamp },
    /// On since then.
    On { since: Timestamp },
    /// Over. Without an end of its own it ended when a later one began.
    Over,
}

/// A point of the agenda.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) minute: u16,
    pub(crate) title: String,
    pub(crate) speaker: String,
    pub(crate) planned: Timestamp,
    pub(crate) progress: Progress,
    /// The last mark that stands, to be taken back.
    pub(crate) last: Option<AgendaMarkId>,
}

/// The agenda as it goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Agenda {
    pub(crate) points: Vec<Point>,
    /// Which is on.
    pub(crate) on: Option<usize>,
    /// Which comes next.
    pub(crate) next: Option<usize>,
    /// Minutes behind the plan; less than none if it is ahead of it.
    pub(crate) late: i64,
}

/// The agenda of a plan, on the marks that were made.
pub(crate) fn agenda(plan: &Plan, marks: &[&Arc<AgendaMark>], now: Timestamp) -> Agenda {
    let mut items: Vec<_> = plan.agenda.iter().collect();
    items.order_by_key(|item| item.minute);
    let planned = |minute: u16| plan.starts_at + TimeDelta::minutes(minute.into());
    let of = |minute: u16, title: &str, step: Step| {
        let fits = move |mark: &&&Arc<AgendaMark>| !mark.undone && mark.minute == minute && mark.title == title && mark.step == step;
        // Two may have tapped: the first who saw it counts.
        marks.iter().filter(fits).min_by_key(|mark| (mark.at, mark.id)).copied()
    };
    let seen: Vec<_> = items.iter().map(|item| (of(item.minute, &item.title, Step::Started), of(item.minute, &item.title, Step::Ended))).collect();
    let latest_begun = seen.iter().rposition(|(started, ended)| started.is_some() || ended.is_some());
    let on = latest_begun.filter(|at| seen[*at].1.is_none());
    let next = latest_begun.map_or(0, |at| at + 1);
    let next = (next < items.len()).then_some(next);
    let overdue = next.map(|at| (now - planned(items[at].minute)).num_minutes()).filter(|minutes| *minutes > 0);
    let begun = on.and_then(|at| seen[at].0.map(|mark| (mark.at - planned(items[at].minute)).num_minutes()));
    let late = match (begun, overdue) {
        (Some(begun), Some(overdue)) => begun.max(overdue),
        (Some(minutes), None) | (None, Some(minutes)) => minutes,
        (None, None) => 0,
    };
    let point = |(at, item): (usize, &&shared::meetings::AgendaItem)| {
        let (started, ended) = seen[at];
        let progress = match started {
            Some(mark) if on == Some(at) => Progress::On { since: mark.at },
            _ if latest_begun.is_some_and(|latest| at <= latest) => Progress::Over,
            _ => Progress::Ahead { expected: planned(item.minute) + TimeDelta::minutes(late) },
        };
        let last = ended.or(started).map(|mark| mark.id);
        Point { minute: item.minute, title: item.title.clone(), speaker: item.speaker.clone(), planned: planned(item.minute), progress, last }
    };
    Agenda { points: items.iter().enumerate().map(point).collect(), on, next, late }
}

/// The agenda of a meeting that this device holds.
pub(crate) fn agenda_of(replica: &Replica, id: MeetingId, now: Timestamp) -> Agenda {
    let marks = replica.nouns::<AgendaMark>(&Index::AgendaMarksByMeeting(id));
    replica.noun::<Meeting>(id).map(|meeting| agenda(&meeting.plan, &marks, now)).unwrap_or_default()
}

/// A call for help as somebody sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) id: HelpCallId,
    pub(crate) need: Need,
    pub(crate) place: String,
    pub(crate) at: Timestamp,
    /// Who calls.
    pub(crate) by: String,
    pub(crate) is_mine: bool,
    /// Who comes, the first first.
    pub(crate) coming: Vec<String>,
    pub(crate) i_come: bool,
    /// Settled, and when.
    pub(crate) closed: Option<Timestamp>,
    /// It, or what was last said of it here, is on this device only.
    pub(crate) has_not_left: bool,
}

/// The calls of a meeting: open ones first, those that nobody answers before the others, the oldest first; then what was settled, the latest first.
pub(crate) fn calls(replica: &Replica, actor: &Actor, id: MeetingId) -> Vec<Call> {
    let waiting = not_left(replica);
    let call = |call: &HelpCall| Call {
        id: call.id,
        need: call.need,
        place: call.place.clone(),
        at: call.at,
        by: name_of(replica, call.by),
        is_mine: call.by == actor.user,
        coming: call.coming.iter().map(|coming| name_of(replica, coming.by)).collect(),
        i_come: call.coming.iter().any(|coming| coming.by == actor.user),
        closed: call.closed.map(|closed| closed.at),
        has_not_left: waiting.contains(&call.id),
    };
    let mut calls: Vec<_> = replica.nouns::<HelpCall>(&Index::HelpCallsByMeeting(id)).into_iter().map(|found| call(found)).collect();
    calls.order_by(|a, b| order(a).cmp(&order(b)));
    calls
}

fn order(call: &Call) -> (bool, bool, i64, HelpCallId) {
    let at = call.at.timestamp_millis();
    (call.closed.is_some(), !call.coming.is_empty(), if call.closed.is_some() { -at } else { at }, call.id)
}

/// Calls of which something waits to be sent.
fn not_left(replica: &Replica) -> BTreeSet<HelpCallId> {
    let waiting = replica.pending().iter().filter(|pending| pending.applied_at.is_none());
    let call = |command: &Command| match command {
        Command::CallForHelp(args) => Some(args.call),
        Command::AnswerHelpCall(args) => Some(args.call),
        Command::CloseHelpCall(args) => Some(args.call),
        _ => None,
    };
    waiting.filter_map(|pending| pending.command.as_ref().and_then(call)).collect()
}

/// How long before and after a meeting its calls are told to those on duty.
const AROUND: TimeDelta = TimeDelta::hours(3);

/// Calls of others that wait for somebody, at meetings that are on and where the person works: to be told at once, wherever they are in the app.
pub(crate) fn calling(replica: &Replica, actor: &Actor, now: Timestamp) -> Vec<(MeetingId, Call)> {
    let is_on = |meeting: &&Arc<Meeting>| {
        let plan = &meeting.plan;
        let around = plan.starts_at - AROUND <= now && now <= plan.ends_at + AROUND;
        around && meeting.state == MeetingState::Planned && works_at(replica, actor, meeting)
    };
    let of = |meeting: &Arc<Meeting>| {
        let id = meeting.id;
        let waits = |call: &Call| !call.is_mine && call.closed.is_none() && call.coming.is_empty();
        calls(replica, actor, id).into_iter().filter(waits).map(move |call| (id, call)).collect::<Vec<_>>()
    };
    replica.all::<Meeting>().filter(is_on).flat_map(of).collect()
}

/// What was noticed of a guest or a customer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Note {
    pub(crate) chip: Chip,
    pub(crate) words: String,
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    pub(crate) theme: String,
    pub(crate) clock: UtcOffset,
}

/// What those on duty noticed of a guest, the latest first.
pub(crate) fn notes_of_guest(replica: &Replica, guest: GuestId) -> Vec<Note> {
    notes(replica, &Index::GuestNotesByGuest(guest))
}

/// What was noticed of a customer at all meetings, for whoever owns them; the latest first.
pub(crate) fn notes_of_customer(replica: &Replica, customer: CustomerId) -> Vec<Note> {
    notes(replica, &Index::GuestNotesByCustomer(customer))
}

fn notes(replica: &Replica, index: &Index) -> Vec<Note> {
    let mut found = replica.nouns::<GuestNote>(index);
    found.order_by_key(|note| (std::cmp::Reverse(note.at), note.id));
    let note = |note: &Arc<GuestNote>| {
        let plan = replica.noun::<Meeting>(note.meeting).map(|meeting| &meeting.plan);
        Note {
            chip: note.chip,
            words: note.words.clone(),
            at: note.at,
            by: name_of(replica, note.by),
            theme: plan.map(|plan| plan.theme.clone()).unwrap_or_default(),
            clock: plan.map_or(UtcOffset::EAST_8, |plan| plan.utc_offset),
        }
    };
    found.into_iter().map(note).collect()
}

/// The kinds from which calls are made.
pub(crate) const CALL_KINDS: &[Kind] = &[Kind::HelpCall, Kind::Meeting, Kind::User];

/// Who is on duty besides the person: to whom a call goes.
pub(crate) fn others_on_duty(replica: &Replica, actor: &Actor, id: MeetingId) -> usize {
    let staff = replica.noun::<Meeting>(id).map(|meeting| meeting.plan.staff.clone()).unwrap_or_default();
    staff.iter().map(|staff| staff.user).filter(|user| *user != actor.user).collect::<BTreeSet<UserId>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::floor::command::{AnswerHelpCall, CallForHelp, CloseHelpCall, MarkAgenda, NoteGuest};
    use shared::meetings::AgendaItem;
    use shared::sync::replica::Pending;
    use shared::testing::World;
    use uuid::Uuid;

    /// Three points: at once, after half an hour, after an hour.
    fn plan(world: &World) -> Plan {
        let item = |minute, title: &str| AgendaItem { minute, title: title.into(), speaker: String::new() };
        Plan { agenda: vec![item(60, "成交"), item(0, "開場"), item(30, "產品")], ..world.plan(&[]) }
    }

    fn mark(world: &mut World, plan: &Plan, title: &str, step: Step, minutes: i64) -> Arc<AgendaMark> {
        let minute = plan.agenda.iter().find(|item| item.title == title).map_or(0, |item| item.minute);
        let (id, by) = (world.id(), world.rep);
        let at = plan.starts_at + TimeDelta::minutes(minutes);
        Arc::new(AgendaMark { id, meeting: world.meeting, minute, title: title.into(), step, at, by, undone: false })
    }

    fn seen(plan: &Plan, marks: &[Arc<AgendaMark>], minutes: i64) -> (Option<String>, Option<String>, i64) {
        let found = agenda(plan, &marks.iter().collect::<Vec<_>>(), plan.starts_at + TimeDelta::minutes(minutes));
        let title = |at: Option<usize>| at.map(|at| found.points[at].title.clone());
        (title(found.on), title(found.next), found.late)
    }

    fn says(on: &str, next: &str, late: i64) -> (Option<String>, Option<String>, i64) {
        let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (word(on), word(next), late)
    }

    #[test]
    fn d6_what_is_on_what_is_next_and_how_late_follow_from_the_marks() {
        let mut world = World::new();
        let plan = plan(&world);
        assert_eq!(seen(&plan, &[], -10), says("", "開場", 0));
        assert_eq!(seen(&plan, &[], 7), says("", "開場", 7), "it should have begun");
        let mut marks = vec![mark(&mut world, &plan, "開場", Step::Started, 10)];
        assert_eq!(seen(&plan, &marks, 12), says("開場", "產品", 10), "begun ten minutes late");
        assert_eq!(seen(&plan, &marks, 45), says("開場", "產品", 15), "and the next one is fifteen minutes overdue");
        marks.push(mark(&mut world, &plan, "開場", Step::Ended, 46));
        assert_eq!(seen(&plan, &marks, 47), says("", "產品", 17));
        marks.push(mark(&mut world, &plan, "產品", Step::Started, 48));
        assert_eq!(seen(&plan, &marks, 50), says("產品", "成交", 18));
        marks.push(mark(&mut world, &plan, "成交", Step::Started, 55));
        assert_eq!(seen(&plan, &marks, 56), says("成交", "", -5), "five minutes ahead of the plan, and the one before is over without a tap");
        marks.push(mark(&mut world, &plan, "成交", Step::Ended, 80));
        assert_eq!(seen(&plan, &marks, 90), says("", "", 0));
    }

    #[test]
    fn d6_the_first_who_saw_it_counts_and_a_mark_taken_back_does_not() {
        let mut world = World::new();
        let plan = plan(&world);
        let (late, early) = (mark(&mut world, &plan, "開場", Step::Started, 9), mark(&mut world, &plan, "開場", Step::Started, 4));
        assert_eq!(seen(&plan, &[late.clone(), early.clone()], 10), says("開場", "產品", 4));
        let undone = Arc::new(AgendaMark { undone: true, ..(*early).clone() });
        assert_eq!(seen(&plan, &[late, undone], 10), says("開場", "產品", 9));
        let renamed = Arc::new(AgendaMark { title: "開幕".into(), ..(*early).clone() });
        assert_eq!(seen(&plan, &[renamed], 10), says("", "開場", 10), "a plan that was changed has points without marks");
    }

    #[test]
    fn d6_points_to_come_are_expected_as_late_as_the_meeting_is() {
        let mut world = World::new();
        let plan = plan(&world);
        let started = mark(&mut world, &plan, "開場", Step::Started, 10);
        let found = agenda(&plan, &[&started], plan.starts_at + TimeDelta::minutes(12));
        assert_eq!(found.points[0].progress, Progress::On { since: started.at });
        assert_eq!(found.points[0].last, Some(started.id));
        assert_eq!(found.points[2].progress, Progress::Ahead { expected: plan.starts_at + TimeDelta::minutes(70) });
    }

    fn call(world: &mut World, place: &str) -> CallForHelp {
        CallForHelp { call: world.id(), meeting: world.meeting, need: Need::Closer, place: place.into() }
    }

    #[test]
    fn d6_a_call_goes_to_the_others_on_duty_until_one_comes() {
        let mut world = World::new();
        let command = call(&mut world, "5 桌");
        let id = command.call;
        world.apply(world.rep, command).expect("on duty");
        let during = world.get::<Meeting>(world.meeting).plan.starts_at;
        let told = |world: &World, user, now| calling(&world.replica(user), &world.actor(user), now).len();
        assert_eq!(told(&world, world.colleague, during), 1);
        assert_eq!(told(&world, world.supervisor, during), 1);
        assert_eq!(told(&world, world.rep, during), 0, "one's own call");
        assert_eq!(told(&world, world.stranger, during), 0, "works elsewhere");
        assert_eq!(told(&world, world.colleague, during - TimeDelta::days(1)), 0, "not the day before");
        world.apply(world.colleague, AnswerHelpCall { call: id }).expect("on duty");
        assert_eq!(told(&world, world.supervisor, during), 0, "somebody comes");
        let [seen] = &calls(&world.replica(world.rep), &world.actor(world.rep), world.meeting)[..] else { panic!("one call") };
        assert_eq!((seen.coming.clone(), seen.is_mine, seen.i_come), (vec!["吳宗翰".to_owned()], true, false));
    }

    #[test]
    fn d6_open_calls_stand_first_and_among_them_those_that_nobody_answers() {
        let mut world = World::new();
        let [settled, answered, open] = ["1", "2", "3"].map(|place| {
            let command = call(&mut world, place);
            world.apply(world.rep, command.clone()).expect("on duty");
            command.call
        });
        world.apply(world.colleague, AnswerHelpCall { call: answered }).expect("on duty");
        world.apply(world.rep, CloseHelpCall { call: settled }).expect("on duty");
        let order: Vec<_> = calls(&world.replica(world.rep), &world.actor(world.rep), world.meeting).iter().map(|call| call.id).collect();
        assert_eq!(order, [open, answered, settled]);
    }

    #[test]
    fn d6_a_call_that_has_not_left_says_so_on_its_own_device() {
        let mut world = World::new();
        let command: Command = call(&mut world, "5 桌").into();
        let mut replica = world.replica(world.rep);
        let uuid = Uuid::from_u128(77);
        replica.add_pending(Pending { uuid, at: world.now, command: Some(command), applied_at: None });
        let has_not_left = |replica: &Replica| calls(replica, &world.actor(world.rep), world.meeting)[0].has_not_left;
        assert!(has_not_left(&replica));
        replica.mark_applied(uuid, 5);
        assert!(!has_not_left(&replica), "the server has it");
    }

    #[test]
    fn d6_what_is_noticed_stands_with_the_guest_and_with_the_owners_customer() {
        let mut world = World::new();
        let guest = world.expect_guest(world.meeting, world.customer);
        for (chip, words) in [(Chip::Keen, ""), (Chip::Doubtful, "怕太貴")] {
            let (note, owners_note) = (world.id(), world.id());
            let command = NoteGuest { note, owners_note, meeting: world.meeting, guest, chip, words: words.into() };
            world.apply(world.colleague, command).expect("on duty");
        }
        let chips = |notes: Vec<Note>| notes.into_iter().map(|note| note.chip).collect::<Vec<_>>();
        assert_eq!(chips(notes_of_guest(&world.replica(world.colleague), guest)), [Chip::Doubtful, Chip::Keen]);
        let owner = world.replica(world.rep);
        assert_eq!(chips(notes_of_customer(&owner, world.customer)), [Chip::Doubtful, Chip::Keen]);
        assert_eq!(notes_of_customer(&owner, world.customer)[0].by, "吳宗翰");
        assert_eq!(notes_of_customer(&world.replica(world.colleague), world.customer), [], "who does not own the customer holds no copy");
        assert_eq!(others_on_duty(&owner, &world.actor(world.rep), world.meeting), 1);
        let tapped = MarkAgenda { mark: world.id(), meeting: world.meeting, minute: 0, title: "開場".into(), step: Step::Started };
        world.apply(world.rep, tapped).expect("on duty");
        let found = agenda_of(&world.replica(world.colleague), world.meeting, world.get::<Meeting>(world.meeting).plan.starts_at);
        assert_eq!(found.on, Some(0), "seen by all on duty");
    }
}
