//! What is to be done before meetings: the tasks of one, and those that are somebody's own (clause C2).
//!
//! Law: a day counts on the meeting's clock.

use crate::state::order::InOrder;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use shared::decide::Actor;
use shared::ids::{MeetingId, PreparationId};
use shared::meetings::{Meeting, MeetingState};
use shared::people::{Access, Role, User};
use shared::preparations::command::CopiedPreparation;
use shared::preparations::decide::{may_change, may_tell};
use shared::preparations::{Owner, Preparation, PreparationState};
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::{Timestamp, UtcOffset};
use std::sync::Arc;

/// One task of a meeting, for the person who looks at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The task.
    pub task: Arc<Preparation>,
    /// Whether its day is over.
    pub overdue: bool,
    /// Whether it is the person's own.
    pub own: bool,
    /// Whether the person may say how far it is.
    pub may_tell: bool,
    /// Whether the person may change it.
    pub may_change: bool,
}

/// A task of the person's own, with its meeting.
#[derive(Clone, Debug, PartialEq)]
pub struct Own {
    /// The task.
    pub task: Arc<Preparation>,
    /// Its meeting.
    pub meeting: Arc<Meeting>,
    /// Whether its day is over.
    pub overdue: bool,
}

/// How far ahead Today shows the tasks of those whose work is with customers, in days. The others see all of theirs: that is their work.
const SELLERS_SEE_DAYS: i64 = 7;

/// The tasks of a meeting: what is left to do first, the most urgent first.
#[must_use]
pub fn tasks_of(replica: &Replica, actor: &Actor, meeting: &Meeting, now: Timestamp) -> Vec<Line> {
    let mut lines: Vec<_> = replica
        .nouns::<Preparation>(&Index::PreparationsByMeeting(meeting.id))
        .into_iter()
        .map(|task| Line {
            overdue: task.is_overdue(meeting, now),
            own: task.owner.is(actor.user, actor.role, meeting),
            may_tell: may_tell(replica, actor, task, meeting).unwrap_or(false),
            may_change: meeting.state == MeetingState::Planned && may_change(actor, task, meeting),
            task: task.clone(),
        })
        .collect();
    lines.order_by_key(|line| (!line.task.state.is_open(), line.task.due, line.task.id));
    lines
}

/// The open tasks of a person, the most urgent first.
#[must_use]
pub fn own(replica: &Replica, actor: &Actor, now: Timestamp) -> Vec<Own> {
    let is_near = |task: &Preparation, clock: UtcOffset| (task.due - clock.day_of(now)).num_days() <= SELLERS_SEE_DAYS;
    let mut own: Vec<_> = replica
        .all::<Preparation>()
        .filter(|task| task.state.is_open())
        .filter_map(|task| {
            let meeting = replica.noun::<Meeting>(task.meeting)?;
            let shown = meeting.state == MeetingState::Planned
                && task.owner.is(actor.user, actor.role, meeting)
                && (!actor.role.sells() || is_near(task, meeting.plan.utc_offset));
            shown.then(|| Own { overdue: task.is_overdue(meeting, now), task: task.clone(), meeting: meeting.clone() })
        })
        .collect();
    own.order_by_key(|own| (own.task.due, own.task.id));
    own
}

/// An instant on a day, so that a day can be told as any other instant is.
#[must_use]
pub fn noon(day: NaiveDate, clock: UtcOffset) -> Timestamp {
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    day.and_time(noon).and_utc() - TimeDelta::minutes(i64::from(clock.minutes()))
}

/// The tasks that come along when a meeting is the pattern of another: all but those that nobody needed.
pub fn to_copy(replica: &Replica, pattern: MeetingId, mut id: impl FnMut() -> PreparationId) -> Vec<CopiedPreparation> {
    let mut tasks: Vec<_> = replica.nouns::<Preparation>(&Index::PreparationsByMeeting(pattern)).into_iter().cloned().collect();
    tasks.retain(|task| !matches!(task.state, PreparationState::Dropped { .. }));
    tasks.order_by_key(|task| (task.due, task.id));
    tasks.into_iter().map(|task| CopiedPreparation { of: task.id, preparation: id() }).collect()
}

/// Those whose a task can be: roles and duties first, then everybody who has access, by name.
#[must_use]
pub fn owners(replica: &Replica) -> Vec<Owner> {
    use shared::meetings::Duty;
    let roles = [Role::Marketing, Role::Office, Role::Rep, Role::Supervisor, Role::Manager].map(|role| Owner::Role { role });
    let duties = [Duty::Reception, Duty::Usher, Duty::Closer, Duty::Speaker].map(|duty| Owner::Duty { duty });
    let mut people: Vec<_> = replica.all::<User>().filter(|user| user.access == Access::Granted).collect();
    people.order_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    roles.into_iter().chain(duties).chain(people.into_iter().map(|user| Owner::Person { user: user.id })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::{World, at, meeting};
    use shared::meetings::{Duty, Staff};

    fn put(world: &mut World, meeting: MeetingId, owner: Owner, due: &str, state: PreparationState) -> PreparationId {
        let id = world.id();
        let (what, due) = ("印製資料袋".into(), due.parse().expect("a day"));
        world.put(Preparation { id, meeting, what, note: String::new(), owner, due, state });
        id
    }

    const OFFICE: Owner = Owner::Role { role: Role::Office };

    #[test]
    fn c2_a_meetings_page_shows_what_is_left_first_and_tells_who_is_late() {
        let mut world = World::new();
        let (rep, office) = (world.rep, world.office);
        let id = meeting(&mut world, at(60 * 24 * 3));
        let done = PreparationState::Done { by: office, at: at(0) };
        let finished = put(&mut world, id, OFFICE, "2026-11-20", done);
        let later = put(&mut world, id, OFFICE, "2026-11-25", PreparationState::Open);
        let late = put(&mut world, id, Owner::Person { user: rep }, "2026-11-22", PreparationState::Open);
        let seen = |world: &World, user| {
            let lines = tasks_of(&world.replica(user), &world.actor(user), &world.get::<Meeting>(id), at(0));
            lines.into_iter().map(|line| (line.task.id, line.overdue, line.own, line.may_tell)).collect::<Vec<_>>()
        };
        assert_eq!(seen(&world, world.office), [(late, true, false, false), (later, false, true, true), (finished, false, true, true)]);
        assert_eq!(seen(&world, world.rep), [(late, true, true, true), (later, false, false, false), (finished, false, false, false)]);
        assert_eq!(seen(&world, world.manager)[1], (later, false, false, true));
    }

    #[test]
    fn c2_today_shows_the_office_all_of_its_tasks_and_a_rep_those_that_are_near() {
        let mut world = World::new();
        let (rep, office) = (world.rep, world.office);
        let id = meeting(&mut world, at(60 * 24 * 30));
        let mut changed = (*world.get::<Meeting>(id)).clone();
        changed.plan.staff = vec![Staff { user: world.rep, duty: Duty::Closer }];
        world.put(changed);
        let far = put(&mut world, id, OFFICE, "2026-12-20", PreparationState::Open);
        let late = put(&mut world, id, OFFICE, "2026-11-22", PreparationState::Open);
        put(&mut world, id, OFFICE, "2026-11-22", PreparationState::Done { by: office, at: at(0) });
        let duty = Owner::Duty { duty: Duty::Closer };
        let near = put(&mut world, id, duty, "2026-11-30", PreparationState::Doing { by: rep, at: at(0) });
        put(&mut world, id, duty, "2026-12-01", PreparationState::Open);
        let seen = |world: &World, user| {
            own(&world.replica(user), &world.actor(user), at(0)).into_iter().map(|own| (own.task.id, own.overdue)).collect::<Vec<_>>()
        };
        assert_eq!(seen(&world, world.office), [(late, true), (far, false)]);
        assert_eq!(seen(&world, world.rep), [(near, false)], "within a week");
        assert_eq!(seen(&world, world.colleague), [], "not on duty there");
        let meeting = world.get::<Meeting>(id);
        world.put(Meeting { state: MeetingState::Cancelled, ..(*meeting).clone() });
        assert_eq!(seen(&world, world.office), [], "nothing to prepare for what was called off");
    }

    #[test]
    fn c2_a_days_instant_is_on_that_day_of_the_clock() {
        let day: NaiveDate = "2026-11-27".parse().expect("a day");
        for minutes in [-840, 0, 480, 840] {
            let clock = UtcOffset::from_minutes(minutes).expect("an offset");
            assert_eq!(clock.day_of(noon(day, clock)), day);
        }
    }

    #[test]
    fn c2_what_nobody_needed_is_not_copied() {
        let mut world = World::new();
        let office = world.office;
        let from = world.meeting;
        let second = put(&mut world, from, OFFICE, "2026-11-25", PreparationState::Done { by: office, at: at(0) });
        let first = put(&mut world, from, OFFICE, "2026-11-24", PreparationState::Open);
        let dropped = PreparationState::Dropped { by: office, at: at(0), reason: "不需要".into() };
        put(&mut world, from, OFFICE, "2026-11-23", dropped);
        let replica = world.replica(world.manager);
        let copied = to_copy(&replica, from, || world.id());
        assert_eq!(copied.iter().map(|copied| copied.of).collect::<Vec<_>>(), [first, second]);
    }
}
