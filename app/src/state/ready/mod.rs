//! The venue-ready check (clause C5): what a device must have, keep and be able to do before it leaves for a meeting.
//!
//! Laws: nothing is called good that was not looked at; what cannot be found out is told so, and is not green. The whole is as good as its
//! worst line. Every line that is not good names a remedy that one tap begins.

mod rehearsal;
mod words;

pub(crate) use rehearsal::{Practice, Step, own_ticket_is_good};

use crate::platform::battery::Battery;
use crate::platform::camera::CameraTrouble;
use crate::platform::service_worker::HeldFiles;
use crate::replica::status::{Reach, Status};
use crate::state::sync::clock_error;
use crate::state::today::Near;
use crate::state::venue::{settings, works_at};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use shared::decide::Actor;
use shared::ids::{MeetingId, UserId};
use shared::meetings::{Guest, Meeting, Plan};
use shared::people::User;
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::BTreeMap;

/// What is looked at, in the order in which it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    App,
    Data,
    Unsent,
    Lease,
    Lock,
    Clock,
    Storage,
    Room,
    Camera,
    Rehearsal,
    Battery,
}

/// How good it is, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Good,
    /// It is being looked at.
    Looking,
    /// Works, and could be better.
    Better,
    /// Only a person can tell.
    Ask,
    /// Must be done before leaving.
    Bad,
}

/// What one tap does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Fetch the app's files, or the newer app.
    Update,
    /// Load the page again: the app fetches what lacks.
    Reload,
    /// Send and receive.
    Sync,
    /// Everything about the sync state.
    SyncSheet,
    /// Log in again.
    LogIn,
    /// Put the app on the home screen, or ask the browser again.
    Keep,
    /// Look again.
    Again,
    /// Give the device a PIN.
    Pin,
    /// Lock it, so that the password is typed now.
    Lock,
    /// The person says that it is so.
    Confirm,
}

/// One line of the check.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) check: Check,
    pub(crate) mark: Mark,
    pub(crate) told: Told,
    pub(crate) remedy: Option<Remedy>,
}

/// What was found, for [`Told::words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Looking,
    Whole { files: u32 },
    WholeNewsUnknown { files: u32 },
    UpdateWaits,
    FilesMissing { missing: u32, all: u32 },
    NotKeptHere,
    DataWhole { guests: usize, at: Timestamp },
    DataOld { guests: usize, at: Timestamp },
    DataLacking { at: Timestamp },
    NeverSynced,
    NothingUnsent,
    UnsentWork { count: usize },
    RefusedWork { count: usize },
    LeaseLasts { until: Timestamp },
    LeaseEnds { until: Timestamp },
    LeaseTooShort { hours: u16 },
    PinServes { until: Timestamp },
    PinEnds { until: Timestamp },
    NoPin { idle_minutes: u8 },
    ClockRight,
    ClockWrong { minutes: i64 },
    ClockUnknown,
    Kept,
    NotKept,
    KeepingUnknown,
    RoomLeft { free: u64 },
    RoomUnknown,
    CameraSees,
    CameraNot(CameraTrouble),
    CameraBlind,
    Rehearsed { ms: u32 },
    RehearsalFailed(Step),
    Battery { percent: u8 },
    Charging { percent: u8 },
    BatteryAsk,
    BatteryConfirmed,
}

/// What the page has found out; none of it yet at first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) app: Option<AppFiles>,
    /// Whether a newer app is there, as the server said just now; none inside if it did not answer.
    pub(crate) news: Option<Option<bool>>,
    pub(crate) camera: Option<Result<(), Blind>>,
    pub(crate) rehearsal: Option<Result<u32, Step>>,
    pub(crate) battery: Option<Option<Battery>>,
    /// The person has said that the battery lasts.
    pub(crate) battery_confirmed: bool,
}

/// Whether the app opens without a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AppFiles {
    /// Looked through, one by one.
    Held(HeldFiles),
    /// Nothing keeps the app here.
    NotKept,
}

/// Why the camera saw nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blind {
    Trouble(CameraTrouble),
    /// It is on, and gives no picture.
    NoPicture,
}

/// How the device is guarded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    pub(crate) has_pin: bool,
    /// Until when the PIN serves.
    pub(crate) pin_until: Option<Timestamp>,
}

/// What the replica tells of the meeting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ground {
    pub(crate) plan: Plan,
    /// Guest cards that are here.
    pub(crate) guests: usize,
    /// Everything that the door needs is here: settings, colleagues, and all rows of the meeting.
    pub(crate) is_whole: bool,
    pub(crate) lease_hours: u16,
    pub(crate) idle_minutes: u8,
}

/// What this device holds of a meeting; `holds` says whether all rows of the meeting's scope are here, as the digests have it. None if the
/// actor does not work at its door.
pub(crate) fn ground(replica: &Replica, actor: &Actor, id: MeetingId, holds: bool) -> Option<Ground> {
    let meeting = replica.noun::<Meeting>(id).filter(|meeting| works_at(replica, actor, meeting))?;
    let settings = settings(replica);
    let policy = settings.map(|settings| settings.devices).unwrap_or_default();
    let knows_colleagues = meeting.plan.staff.iter().all(|staff| replica.noun::<User>(staff.user).is_some());
    Some(Ground {
        plan: meeting.plan.clone(),
        guests: replica.nouns::<Guest>(&Index::GuestsByMeeting(id)).len(),
        is_whole: holds && knows_colleagues && settings.is_some(),
        lease_hours: policy.lease_hours,
        idle_minutes: policy.idle_minutes,
    })
}

/// Younger data than this need not be fetched again before leaving.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// How long after its end a meeting is still worked at: conflicts, deals, leaving.
const AFTERWARDS: TimeDelta = TimeDelta::hours(2);
/// With less room than this photos may find none.
const LEAST_ROOM: u64 = 50_000_000;
/// With more than this a meeting's photos fit whatever happens.
const ENOUGH_ROOM: u64 = 200_000_000;
/// A tablet with the camera on takes about 15 % an hour.
const ENOUGH_BATTERY: u8 = 70;
const LEAST_BATTERY: u8 = 40;

/// Everything that was looked at.
pub(crate) fn lines(facts: &Facts, status: &Status, guard: Guard, ground: &Ground, now: Timestamp) -> Vec<Line> {
    let until = ground.plan.ends_at + AFTERWARDS;
    [
        (Check::App, app(facts, status)),
        (Check::Data, data(status, ground, now)),
        (Check::Unsent, unsent(status)),
        (Check::Lease, lease(status, ground, until)),
        (Check::Lock, lock(guard, ground, until)),
        (Check::Clock, clock(status)),
        (Check::Storage, storage(status)),
        (Check::Room, room(status)),
        (Check::Camera, camera(facts)),
        (Check::Rehearsal, rehearsal(facts)),
        (Check::Battery, battery(facts)),
    ]
    .into_iter()
    .map(|(check, (mark, told, remedy))| Line { check, mark, told, remedy })
    .collect()
}

/// The verdict on the whole: that of its worst line.
pub(crate) fn whole(lines: &[Line]) -> Mark {
    let still_looking = lines.iter().any(|line| line.mark == Mark::Looking);
    let worst = lines.iter().map(|line| line.mark).max().unwrap_or(Mark::Looking);
    if still_looking && worst < Mark::Bad { Mark::Looking } else { worst }
}

type Finding = (Mark, Told, Option<Remedy>);

const fn looking() -> Finding {
    (Mark::Looking, Told::Looking, None)
}

fn app(facts: &Facts, status: &Status) -> Finding {
    let (Some(app), Some(news)) = (facts.app, facts.news) else { return looking() };
    match app {
        AppFiles::NotKept => (Mark::Bad, Told::NotKeptHere, Some(Remedy::Reload)),
        AppFiles::Held(HeldFiles { all, missing }) if missing > 0 || all == 0 => {
            (Mark::Bad, Told::FilesMissing { missing: missing.max(1), all }, Some(Remedy::Reload))
        }
        AppFiles::Held(_) if status.update_waiting || news == Some(true) || status.reach == Reach::UpdateNeeded => {
            (Mark::Bad, Told::UpdateWaits, Some(Remedy::Update))
        }
        AppFiles::Held(HeldFiles { all, .. }) if news.is_none() => (Mark::Better, Told::WholeNewsUnknown { files: all }, Some(Remedy::Again)),
        AppFiles::Held(HeldFiles { all, .. }) => (Mark::Good, Told::Whole { files: all }, None),
    }
}

fn data(status: &Status, ground: &Ground, now: Timestamp) -> Finding {
    let guests = ground.guests;
    let remedy = Some(if status.reach == Reach::LoggedOut { Remedy::LogIn } else { Remedy::Sync });
    match status.fresh_at {
        None => (Mark::Bad, Told::NeverSynced, remedy),
        Some(at) if !ground.is_whole => (Mark::Bad, Told::DataLacking { at }, remedy),
        Some(at) if now - at > FRESH => (Mark::Bad, Told::DataOld { guests, at }, remedy),
        Some(at) => (Mark::Good, Told::DataWhole { guests, at }, None),
    }
}

fn unsent(status: &Status) -> Finding {
    let count = status.unsent + status.files.count;
    let refused = status.refused.len() + status.damaged_files.len();
    if refused > 0 {
        (Mark::Bad, Told::RefusedWork { count: refused }, Some(Remedy::SyncSheet))
    } else if count > 0 {
        (Mark::Bad, Told::UnsentWork { count }, Some(if status.reach == Reach::LoggedOut { Remedy::LogIn } else { Remedy::Sync }))
    } else {
        (Mark::Good, Told::NothingUnsent, None)
    }
}

fn lease(status: &Status, ground: &Ground, until: Timestamp) -> Finding {
    let hours = TimeDelta::hours(ground.lease_hours.into());
    match status.fresh_at.map(|at| at + hours) {
        None => (Mark::Bad, Told::NeverSynced, Some(Remedy::Sync)),
        Some(ends) if ends >= until => (Mark::Good, Told::LeaseLasts { until: ends }, None),
        // Whenever it is renewed before the meeting, it ends within it: only the setting helps, or a network at the venue.
        Some(_) if hours < until - ground.plan.starts_at => (Mark::Bad, Told::LeaseTooShort { hours: ground.lease_hours }, Some(Remedy::Sync)),
        Some(ends) => (Mark::Bad, Told::LeaseEnds { until: ends }, Some(Remedy::Sync)),
    }
}

fn lock(guard: Guard, ground: &Ground, until: Timestamp) -> Finding {
    match guard.pin_until {
        _ if !guard.has_pin => (Mark::Better, Told::NoPin { idle_minutes: ground.idle_minutes }, Some(Remedy::Pin)),
        Some(serves) if serves >= until => (Mark::Good, Told::PinServes { until: serves }, None),
        Some(serves) => (Mark::Better, Told::PinEnds { until: serves }, Some(Remedy::Lock)),
        None => (Mark::Better, Told::NoPin { idle_minutes: ground.idle_minutes }, Some(Remedy::Lock)),
    }
}

fn clock(status: &Status) -> Finding {
    match (status.clock_offset_ms, clock_error(status)) {
        (None, _) => (Mark::Ask, Told::ClockUnknown, Some(Remedy::Sync)),
        (Some(_), None) => (Mark::Good, Told::ClockRight, None),
        (Some(_), Some(minutes)) => (Mark::Bad, Told::ClockWrong { minutes }, Some(Remedy::Sync)),
    }
}

fn storage(status: &Status) -> Finding {
    match (status.storage, status.persisted) {
        (Some(_), _) => (Mark::Bad, Told::NotKept, Some(Remedy::SyncSheet)),
        (None, Some(true)) => (Mark::Good, Told::Kept, None),
        (None, Some(false)) => (Mark::Better, Told::NotKept, Some(Remedy::Keep)),
        (None, None) => (Mark::Better, Told::KeepingUnknown, Some(Remedy::Keep)),
    }
}

fn room(status: &Status) -> Finding {
    match status.room.map(|room| room.free) {
        None => (Mark::Better, Told::RoomUnknown, Some(Remedy::Again)),
        Some(free) if free < LEAST_ROOM => (Mark::Bad, Told::RoomLeft { free }, Some(Remedy::Again)),
        Some(free) if free < ENOUGH_ROOM => (Mark::Better, Told::RoomLeft { free }, Some(Remedy::Again)),
        Some(free) => (Mark::Good, Told::RoomLeft { free }, None),
    }
}

const fn camera(facts: &Facts) -> Finding {
    match facts.camera {
        None => looking(),
        Some(Ok(())) => (Mark::Good, Told::CameraSees, None),
        Some(Err(Blind::NoPicture)) => (Mark::Bad, Told::CameraBlind, Some(Remedy::Again)),
        Some(Err(Blind::Trouble(trouble))) => (Mark::Bad, Told::CameraNot(trouble), Some(Remedy::Again)),
    }
}

const fn rehearsal(facts: &Facts) -> Finding {
    match facts.rehearsal {
        None => looking(),
        Some(Ok(ms)) => (Mark::Good, Told::Rehearsed { ms }, None),
        Some(Err(step)) => (Mark::Bad, Told::RehearsalFailed(step), Some(Remedy::Again)),
    }
}

fn battery(facts: &Facts) -> Finding {
    match facts.battery {
        None => looking(),
        Some(_) if facts.battery_confirmed => (Mark::Good, Told::BatteryConfirmed, None),
        Some(None) => (Mark::Ask, Told::BatteryAsk, Some(Remedy::Confirm)),
        Some(Some(Battery { percent, is_charging: true })) => (
            if percent >= LEAST_BATTERY { Mark::Good } else { Mark::Better },
            Told::Charging { percent },
            (percent < LEAST_BATTERY).then_some(Remedy::Again),
        ),
        Some(Some(Battery { percent, .. })) if percent >= ENOUGH_BATTERY => (Mark::Good, Told::Battery { percent }, None),
        Some(Some(Battery { percent, .. })) if percent >= LEAST_BATTERY => (Mark::Better, Told::Battery { percent }, Some(Remedy::Again)),
        Some(Some(Battery { percent, .. })) => (Mark::Bad, Told::Battery { percent }, Some(Remedy::Again)),
    }
}

/// What is remembered of a check on this device: no customer's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checked {
    pub(crate) by: UserId,
    pub(crate) at: Timestamp,
    /// Lines that were not good.
    pub(crate) open: usize,
}

/// The checks that are remembered, by meeting.
pub(crate) type Memory = BTreeMap<MeetingId, Checked>;

/// Adds a check; the oldest go.
pub(crate) fn remember(mut memory: Memory, meeting: MeetingId, checked: Checked) -> Memory {
    const MOST: usize = 20;
    memory.insert(meeting, checked);
    while memory.len() > MOST {
        let oldest = memory.iter().min_by_key(|(_, checked)| checked.at).map(|(id, _)| *id);
        oldest.and_then(|id| memory.remove(&id));
    }
    memory
}

/// How long a check counts: a battery and data change.
const COUNTS: TimeDelta = TimeDelta::hours(6);

/// Whether somebody should be sent to the check before this meeting: it is to come, and they have not found everything good lately.
pub(crate) fn is_asked_for(near: Near, checked: Option<Checked>, user: UserId, now: Timestamp) -> bool {
    let is_ready = checked.is_some_and(|checked| checked.by == user && checked.open == 0 && now - checked.at < COUNTS);
    near != Near::On && !is_ready
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::status::{FilesWaiting, Refused, Room};
    use crate::texts::{Language, set_language};
    use shared::Rejection;
    use shared::testing::World;
    use shared::time::UtcOffset;
    use uuid::Uuid;

    const GB: u64 = 1_000_000_000;

    struct Scene {
        facts: Facts,
        status: Status,
        guard: Guard,
        ground: Ground,
        now: Timestamp,
    }

    /// A device on which everything is as it should be, three hours before a meeting of three hours.
    fn ready() -> Scene {
        let world = World::new();
        let mut ground = ground(&world.replica(world.rep), &world.actor(world.rep), world.meeting, true).expect("on duty");
        let now = ground.plan.starts_at - TimeDelta::hours(3);
        ground.guests = 30;
        Scene {
            facts: Facts {
                app: Some(AppFiles::Held(HeldFiles { all: 24, missing: 0 })),
                news: Some(Some(false)),
                camera: Some(Ok(())),
                rehearsal: Some(Ok(40)),
                battery: Some(Some(Battery { percent: 90, is_charging: false })),
                battery_confirmed: false,
            },
            status: Status {
                reach: Reach::Online,
                fresh_at: Some(now - TimeDelta::minutes(2)),
                clock_offset_ms: Some(300),
                room: Some(Room { used: GB, free: 20 * GB }),
                persisted: Some(true),
                ..Status::default()
            },
            guard: Guard { has_pin: true, pin_until: Some(now + TimeDelta::hours(11)) },
            ground,
            now,
        }
    }

    fn found(scene: &Scene) -> Vec<Line> {
        lines(&scene.facts, &scene.status, scene.guard, &scene.ground, scene.now)
    }

    /// The only line that is not good after a change, and what is done about it.
    fn only(change: impl FnOnce(&mut Scene)) -> (Check, Mark, Option<Remedy>) {
        let mut scene = ready();
        change(&mut scene);
        let lines = found(&scene);
        let open: Vec<_> = lines.iter().filter(|line| line.mark != Mark::Good).collect();
        let [line] = open[..] else { panic!("{open:?}") };
        assert_eq!(whole(&lines), line.mark);
        (line.check, line.mark, line.remedy)
    }

    #[test]
    fn c5_a_device_with_everything_is_green() {
        let lines = found(&ready());
        assert!(lines.iter().all(|line| line.mark == Mark::Good && line.remedy.is_none()), "{lines:?}");
        assert_eq!(whole(&lines), Mark::Good);
        assert_eq!(lines.len(), 11);
    }

    #[test]
    fn c5_each_thing_that_lacks_is_told_alone_with_its_remedy() {
        type Change = fn(&mut Scene);
        let bad = |check, remedy| (check, Mark::Bad, Some(remedy));
        let better = |check, remedy| (check, Mark::Better, Some(remedy));
        let table: Vec<(Change, _)> = vec![
            (|s| s.facts.app = Some(AppFiles::NotKept), bad(Check::App, Remedy::Reload)),
            (|s| s.facts.app = Some(AppFiles::Held(HeldFiles { all: 24, missing: 1 })), bad(Check::App, Remedy::Reload)),
            (|s| s.facts.app = Some(AppFiles::Held(HeldFiles { all: 0, missing: 0 })), bad(Check::App, Remedy::Reload)),
            (|s| s.facts.news = Some(Some(true)), bad(Check::App, Remedy::Update)),
            (|s| s.status.update_waiting = true, bad(Check::App, Remedy::Update)),
            (|s| s.facts.news = Some(None), better(Check::App, Remedy::Again)),
            (|s| s.ground.is_whole = false, bad(Check::Data, Remedy::Sync)),
            (|s| s.status.fresh_at = Some(s.now - TimeDelta::minutes(61)), bad(Check::Data, Remedy::Sync)),
            (|s| s.status.unsent = 2, bad(Check::Unsent, Remedy::Sync)),
            (|s| s.status.files = FilesWaiting { count: 1, bytes: 9 }, bad(Check::Unsent, Remedy::Sync)),
            (|s| s.status.refused = vec![refused()], bad(Check::Unsent, Remedy::SyncSheet)),
            (|s| s.ground.lease_hours = 7, bad(Check::Lease, Remedy::Sync)),
            (|s| s.ground.lease_hours = 4, bad(Check::Lease, Remedy::Sync)),
            (|s| s.guard.has_pin = false, better(Check::Lock, Remedy::Pin)),
            (|s| s.guard.pin_until = Some(s.now + TimeDelta::hours(7)), better(Check::Lock, Remedy::Lock)),
            (|s| s.status.clock_offset_ms = Some(121_000), bad(Check::Clock, Remedy::Sync)),
            (|s| s.status.clock_offset_ms = None, (Check::Clock, Mark::Ask, Some(Remedy::Sync))),
            (|s| s.status.persisted = Some(false), better(Check::Storage, Remedy::Keep)),
            (|s| s.status.persisted = None, better(Check::Storage, Remedy::Keep)),
            (|s| s.status.room = None, better(Check::Room, Remedy::Again)),
            (|s| s.status.room = Some(Room { used: GB, free: LEAST_ROOM - 1 }), bad(Check::Room, Remedy::Again)),
            (|s| s.status.room = Some(Room { used: GB, free: LEAST_ROOM }), better(Check::Room, Remedy::Again)),
            (|s| s.facts.camera = Some(Err(Blind::NoPicture)), bad(Check::Camera, Remedy::Again)),
            (|s| s.facts.camera = Some(Err(Blind::Trouble(CameraTrouble::Refused))), bad(Check::Camera, Remedy::Again)),
            (|s| s.facts.rehearsal = Some(Err(Step::Forged)), bad(Check::Rehearsal, Remedy::Again)),
            (|s| s.facts.battery = Some(None), (Check::Battery, Mark::Ask, Some(Remedy::Confirm))),
            (|s| s.facts.battery = Some(Some(Battery { percent: 39, is_charging: false })), bad(Check::Battery, Remedy::Again)),
            (|s| s.facts.battery = Some(Some(Battery { percent: 40, is_charging: false })), better(Check::Battery, Remedy::Again)),
            (|s| s.facts.battery = Some(Some(Battery { percent: 20, is_charging: true })), better(Check::Battery, Remedy::Again)),
        ];
        for (row, (change, expected)) in table.into_iter().enumerate() {
            assert_eq!(only(change), expected, "row {row}");
        }
    }

    #[test]
    fn c5_a_device_that_never_synced_or_is_logged_out_is_sent_to_what_helps() {
        let mut scene = ready();
        scene.status.fresh_at = None;
        let open: Vec<_> = found(&scene).into_iter().filter(|line| line.mark == Mark::Bad).map(|line| (line.check, line.told)).collect();
        assert_eq!(open, [(Check::Data, Told::NeverSynced), (Check::Lease, Told::NeverSynced)]);
        assert_eq!(
            only(|scene| {
                scene.status.reach = Reach::LoggedOut;
                scene.status.unsent = 1;
            }),
            (Check::Unsent, Mark::Bad, Some(Remedy::LogIn))
        );
    }

    #[test]
    fn c5_nothing_is_green_before_it_was_looked_at() {
        let scene = Scene { facts: Facts::default(), ..ready() };
        let looking: Vec<_> = found(&scene).into_iter().filter(|line| line.mark == Mark::Looking).map(|line| line.check).collect();
        assert_eq!(looking, [Check::App, Check::Camera, Check::Rehearsal, Check::Battery]);
        assert_eq!(whole(&found(&scene)), Mark::Looking);
        let scene = Scene { status: Status { unsent: 1, ..ready().status }, ..scene };
        assert_eq!(whole(&found(&scene)), Mark::Bad, "what is bad is told at once");
    }

    #[test]
    fn c5_a_person_answers_for_a_battery_that_the_browser_does_not_tell_of() {
        let mut scene = ready();
        scene.facts.battery = Some(None);
        scene.facts.battery_confirmed = true;
        assert_eq!(whole(&found(&scene)), Mark::Good);
    }

    #[test]
    fn c5_a_lease_that_no_sync_before_the_meeting_makes_long_enough_is_told_apart() {
        let told = |hours| {
            let mut scene = ready();
            scene.ground.lease_hours = hours;
            found(&scene).into_iter().find(|line| line.check == Check::Lease).expect("is looked at").told
        };
        assert!(matches!(told(9), Told::LeaseLasts { .. }));
        assert!(matches!(told(7), Told::LeaseEnds { .. }), "a later sync helps");
        assert_eq!(told(4), Told::LeaseTooShort { hours: 4 }, "three hours of meeting and two afterwards");
    }

    #[test]
    fn c5_only_who_works_there_gets_ready_and_colleagues_must_be_known() {
        let world = World::new();
        let of = |user, meeting| ground(&world.replica(user), &world.actor(user), meeting, true);
        assert!(of(world.rep, world.meeting).is_some_and(|ground| ground.is_whole));
        assert!(of(world.rep, world.other_meeting).is_none());
        assert!(of(world.administrator, world.meeting).is_none());
        let without = ground(&world.replica(world.rep), &world.actor(world.rep), world.meeting, false).expect("on duty");
        assert!(!without.is_whole, "rows of the meeting are missing");
    }

    #[test]
    fn c5_a_check_is_remembered_counts_for_six_hours_and_for_its_person() {
        let world = World::new();
        let (now, id) = (world.now, world.meeting);
        let checked = Checked { by: world.rep, at: now, open: 0 };
        let asked = |checked, hours| is_asked_for(Near::Soon, checked, world.rep, now + TimeDelta::hours(hours));
        assert!(asked(None, 0));
        assert!(!asked(Some(checked), 5));
        assert!(asked(Some(checked), 6), "long ago");
        assert!(asked(Some(Checked { open: 1, ..checked }), 0), "something was open");
        assert!(asked(Some(Checked { by: world.colleague, ..checked }), 0), "another person's");
        assert!(!is_asked_for(Near::On, None, world.rep, now), "whoever is there works");
        let mut memory = Memory::new();
        for number in 0..25_u32 {
            let at = now + TimeDelta::minutes(number.into());
            memory = remember(memory, MeetingId(Uuid::from_u128(number.into())), Checked { at, ..checked });
        }
        assert_eq!(memory.len(), 20);
        assert!(!memory.contains_key(&MeetingId(Uuid::from_u128(4))));
        assert_eq!(remember(memory, id, Checked { at: now + TimeDelta::days(1), ..checked }).get(&id).map(|checked| checked.open), Some(0));
    }

    #[test]
    fn c5_what_was_found_is_said_with_its_age() {
        set_language(Language::ZhHant);
        let scene = ready();
        let told = Told::DataWhole { guests: 30, at: scene.now - TimeDelta::minutes(2) }.words(UtcOffset::EAST_8, scene.now);
        assert!(told.contains("30") && told.contains("2 分鐘前"), "{told}");
        for line in found(&scene) {
            assert!(!line.told.words(UtcOffset::EAST_8, scene.now).is_empty() && !line.check.title().is_empty());
        }
    }

    fn refused() -> Refused {
        Refused { uuid: Uuid::nil(), name: "add_customer_v1".into(), at: Timestamp::UNIX_EPOCH, rejection: Rejection::Forbidden, quarantined: false }
    }
}
