//! Meetings as the pages show them: what is ahead, what is over, how many come, and the form of a plan.
//!
//! Law: times in a form are on the venue's clock; an instant is made from them here and nowhere else.

use crate::state::analysis::way_of;
use crate::state::order::InOrder;
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};
use shared::Rejection;
use shared::analysis::Funnel;
use shared::check_ins::CheckIn;
use shared::ids::{GuestId, MeetingId, UserId};
use shared::invitations::{Channel, Invitation, ReminderOutcome};
use shared::meetings::places::Places;
use shared::meetings::{AgendaItem, Meeting, MeetingState, Plan, Staff};
use shared::record::Index;
use shared::rejection::Field;
use shared::sync::replica::Replica;
use shared::time::{Timestamp, UtcOffset};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The meetings, in the order in which they matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calendar {
    /// Those that take place and are not over, the next one first.
    pub upcoming: Vec<Arc<Meeting>>,
    /// Those that are over or were called off, the latest first.
    pub past: Vec<Arc<Meeting>>,
}

/// How many customers of a meeting are how far, on what this device holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Invited: planned or further.
    pub invited: usize,
    /// Agreed to come and have not taken it back.
    pub agreed: usize,
    /// Of those, confirmed on the day before.
    pub confirmed: usize,
    /// Let in, walk-ins too; each guest counts once.
    pub arrived: usize,
    /// Of those, without an invitation.
    pub walk_ins: usize,
}

/// A plan as it stands in the form: what was typed, not yet read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanDraft {
    /// Theme.
    pub theme: String,
    /// Start on the venue's clock, as a date and time field gives it: `2026-11-24T14:00`.
    pub starts: String,
    /// End, likewise.
    pub ends: String,
    /// Venue.
    pub venue: String,
    /// Address.
    pub address: String,
    /// Places.
    pub capacity: String,
    /// The agenda.
    pub agenda: Vec<AgendaDraft>,
    /// Who works there.
    pub staff: Vec<Staff>,
}

/// A line of the agenda as it stands in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaDraft {
    /// When, on the venue's clock: `14:30`.
    pub time: String,
    /// What.
    pub title: String,
    /// Who speaks.
    pub speaker: String,
}

const FORM_TIME: &str = "%Y-%m-%dT%H:%M";

/// Sorts the meetings by what is ahead and what is over.
#[must_use]
pub fn calendar(replica: &Replica, now: Timestamp) -> Calendar {
    let (mut upcoming, mut past): (Vec<_>, Vec<_>) = replica.all::<Meeting>().cloned().partition(|meeting| is_ahead(meeting, now));
    upcoming.order_by_key(|meeting| (meeting.plan.starts_at, meeting.id));
    past.order_by_key(|meeting| std::cmp::Reverse((meeting.plan.starts_at, meeting.id)));
    Calendar { upcoming, past }
}

/// Whether a meeting takes place and is not over.
#[must_use]
pub fn is_ahead(meeting: &Meeting, now: Timestamp) -> bool {
    meeting.state == MeetingState::Planned && meeting.plan.ends_at >= now
}

/// Counts a meeting's guests. A device that holds only its user's invitations counts only those.
#[must_use]
pub fn numbers(replica: &Replica, meeting: MeetingId) -> Numbers {
    let funnel = way_of(replica, meeting);
    let Funnel { planned: invited, agreed, confirmed, walk_ins, .. } = funnel;
    Numbers { invited, agreed, confirmed, arrived: funnel.arrived + walk_ins, walk_ins }
}

/// What became of a meeting's reminders, in guests, on what this device holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemindersShown {
    /// Were sent a mail.
    pub mails: usize,
    /// Were sent a text message.
    pub texts: usize,
    /// Could not be sent one of them.
    pub failed: usize,
}

/// What became of a meeting's reminders. None where the server has sent none yet.
#[must_use]
pub fn reminders(replica: &Replica, meeting: MeetingId) -> Option<RemindersShown> {
    let mut shown = RemindersShown::default();
    for invitation in replica.nouns::<Invitation>(&Index::InvitationsByMeeting(meeting)) {
        let sent = |channel| invitation.reminded().any(|it| it.channel == channel && it.outcome == ReminderOutcome::Sent);
        shown.mails += usize::from(sent(Channel::Mail));
        shown.texts += usize::from(sent(Channel::Sms));
        shown.failed += usize::from(invitation.reminded().any(|it| it.outcome == ReminderOutcome::GivenUp));
    }
    (shown != RemindersShown::default()).then_some(shown)
}

/// Places of a meeting as its page shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacesShown {
    /// Promised to guests and companions.
    pub taken: u32,
    /// Held for those to whom one is offered.
    pub held: u32,
    /// People who wait.
    pub waiting: u32,
    /// Whether nothing is left.
    pub full: bool,
}

/// How many places are taken and how many wait: what the server has ruled, with what waits here to be sent. None of a meeting for which
/// nobody has said yes since there are lines.
#[must_use]
pub fn places(replica: &Replica, meeting: MeetingId) -> Option<PlacesShown> {
    let places = replica.noun::<Places>(meeting)?;
    let capacity = replica.noun::<Meeting>(meeting)?.plan.capacity;
    Some(PlacesShown { taken: places.taken, held: places.held(), waiting: places.waiting(), full: places.free(capacity) == 0 })
}

/// The guests who were let in and not put out again.
#[must_use]
pub fn arrived(replica: &Replica, meeting: MeetingId) -> BTreeSet<GuestId> {
    let check_ins = replica.nouns::<CheckIn>(&Index::CheckInsByMeeting(meeting));
    check_ins.iter().filter(|check_in| check_in.undone.is_none()).map(|check_in| check_in.guest).collect()
}

impl PlanDraft {
    /// The form of a plan that exists.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let time = |at: Timestamp| plan.utc_offset.at(at).format(FORM_TIME).to_string();
        let line = |item: &AgendaItem| AgendaDraft {
            time: plan.utc_offset.at(plan.starts_at + TimeDelta::minutes(i64::from(item.minute))).format("%H:%M").to_string(),
            title: item.title.clone(),
            speaker: item.speaker.clone(),
        };
        Self {
            theme: plan.theme.clone(),
            starts: time(plan.starts_at),
            ends: time(plan.ends_at),
            venue: plan.venue.clone(),
            address: plan.address.clone(),
            capacity: plan.capacity.to_string(),
            agenda: plan.agenda.iter().map(line).collect(),
            staff: plan.staff.clone(),
        }
    }

    /// The form of a new meeting after the pattern of another: at the same time of the same weekday, in the first week that is ahead. Of the staff those
    /// come along who still have access.
    #[must_use]
    pub fn after(pattern: &Plan, now: Timestamp, has_access: impl Fn(UserId) -> bool) -> Self {
        let passed = (now - pattern.starts_at).num_days().max(0);
        let later = TimeDelta::days((passed / 7 + 1) * 7);
        let mut plan = pattern.clone();
        (plan.starts_at, plan.ends_at) = (pattern.starts_at + later, pattern.ends_at + later);
        plan.staff.retain(|staff| has_access(staff.user));
        Self::of(&plan)
    }

    /// Proposes an end two hours after the start, as long as none was typed.
    pub fn propose_end(&mut self) {
        if self.ends.is_empty()
            && let Ok(starts) = NaiveDateTime::parse_from_str(&self.starts, FORM_TIME)
        {
            self.ends = (starts + TimeDelta::hours(2)).format(FORM_TIME).to_string();
        }
    }

    /// Reads the form. Lines of the agenda without a title and a speaker are left out.
    ///
    /// # Errors
    /// The field that cannot be read; the rules check the rest.
    pub fn read(&self, utc_offset: UtcOffset) -> Result<Plan, Rejection> {
        let starts = moment(&self.starts, Field::StartsAt)?;
        let ends = moment(&self.ends, Field::EndsAt)?;
        let written = |line: &&AgendaDraft| !line.title.trim().is_empty() || !line.speaker.trim().is_empty();
        let mut agenda = self.agenda.iter().filter(written).map(|line| line.read(starts)).collect::<Result<Vec<_>, _>>()?;
        agenda.order_by_key(|item| item.minute);
        Ok(Plan {
            theme: self.theme.trim().to_owned(),
            starts_at: instant(starts, utc_offset),
            ends_at: instant(ends, utc_offset),
            utc_offset,
            venue: self.venue.trim().to_owned(),
            address: self.address.trim().to_owned(),
            capacity: capacity(&self.capacity)?,
            agenda,
            staff: self.staff.clone(),
        })
    }
}

impl AgendaDraft {
    fn read(&self, starts: NaiveDateTime) -> Result<AgendaItem, Rejection> {
        let malformed = Rejection::Malformed { field: Field::Agenda };
        let time = NaiveTime::parse_from_str(self.time.trim(), "%H:%M").map_err(|_| malformed.clone())?;
        let after = (time - starts.time()).num_minutes().rem_euclid(24 * 60);
        let minute = u16::try_from(after).map_err(|_| malformed)?;
        Ok(AgendaItem { minute, title: self.title.trim().to_owned(), speaker: self.speaker.trim().to_owned() })
    }
}

/// A time of the agenda (`14:30`) moved along with a start that was put from one time of the day to another. What cannot be read stays.
#[must_use]
pub fn moved_along(time: &str, before: &str, after: &str) -> String {
    let start = |text: &str| NaiveDateTime::parse_from_str(text, FORM_TIME).map(|at| at.time());
    match (NaiveTime::parse_from_str(time, "%H:%M"), start(before), start(after)) {
        (Ok(at), Ok(before), Ok(after)) => at.overflowing_add_signed(after - before).0.format("%H:%M").to_string(),
        _ => time.to_owned(),
    }
}

fn moment(text: &str, field: Field) -> Result<NaiveDateTime, Rejection> {
    if text.trim().is_empty() {
        return Err(Rejection::Required { field });
    }
    // Browsers add seconds when the field was filled by a script.
    let minutes = text.trim().get(..16).unwrap_or_default();
    NaiveDateTime::parse_from_str(minutes, FORM_TIME).map_err(|_| Rejection::Malformed { field })
}

fn instant(local: NaiveDateTime, offset: UtcOffset) -> Timestamp {
    local.and_utc() - TimeDelta::minutes(i64::from(offset.minutes()))
}

fn capacity(text: &str) -> Result<u32, Rejection> {
    if text.trim().is_empty() {
        return Err(Rejection::Required { field: Field::Capacity });
    }
    text.trim().parse().map_err(|_| Rejection::Malformed { field: Field::Capacity })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::{self, World, at};
    use shared::invitations::Reminded;
    use shared::invitations::{Answer, Confirmation};

    fn draft() -> PlanDraft {
        PlanDraft {
            theme: "秋季養生講座".to_owned(),
            starts: "2026-11-24T14:00".to_owned(),
            ends: "2026-11-24T16:30".to_owned(),
            venue: "松山會館".to_owned(),
            capacity: "80".to_owned(),
            ..PlanDraft::default()
        }
    }

    #[test]
    fn c1_a_plan_counts_on_the_venues_clock_and_comes_back_into_the_form_as_it_was_typed() {
        let mut typed = draft();
        typed.agenda = vec![AgendaDraft { time: "14:30".to_owned(), title: "開場".to_owned(), speaker: "林老師".to_owned() }];
        let plan = typed.read(UtcOffset::EAST_8).expect("complete");
        assert_eq!(plan.starts_at.to_rfc3339(), "2026-11-24T06:00:00+00:00");
        assert_eq!(plan.agenda[0].minute, 30);
        assert_eq!(PlanDraft::of(&plan), typed);
    }

    #[test]
    fn c1_an_agenda_that_runs_past_midnight_goes_on() {
        let mut typed = draft();
        typed.starts = "2026-11-24T23:00".to_owned();
        typed.agenda = vec![AgendaDraft { time: "00:30".to_owned(), title: "抽獎".to_owned(), speaker: String::new() }];
        assert_eq!(typed.read(UtcOffset::EAST_8).expect("complete").agenda[0].minute, 90);
    }

    #[test]
    fn what_cannot_be_read_names_its_field() {
        let check = |change: fn(&mut PlanDraft), field: Field| {
            let mut typed = draft();
            change(&mut typed);
            let rejection = typed.read(UtcOffset::EAST_8).expect_err("cannot be read");
            assert!(rejection == Rejection::Malformed { field } || rejection == Rejection::Required { field }, "{rejection:?}");
        };
        check(|draft| draft.starts.clear(), Field::StartsAt);
        check(|draft| draft.ends = "tomorrow".to_owned(), Field::EndsAt);
        check(|draft| draft.capacity = "many".to_owned(), Field::Capacity);
        check(|draft| draft.agenda.push(AgendaDraft { title: "開場".to_owned(), ..AgendaDraft::default() }), Field::Agenda);
    }

    #[test]
    fn an_end_is_proposed_but_never_overwritten() {
        let mut typed = PlanDraft { starts: "2026-11-24T14:00".to_owned(), ..PlanDraft::default() };
        typed.propose_end();
        assert_eq!(typed.ends, "2026-11-24T16:00");
        typed.starts = "2026-11-25T14:00".to_owned();
        typed.propose_end();
        assert_eq!(typed.ends, "2026-11-24T16:00");
    }

    #[test]
    fn the_next_meeting_comes_first_and_the_latest_past_one_too() {
        let mut world = World::new();
        let ids = [at(-3000), at(-1500), at(60), at(3000)].map(|start| world::meeting(&mut world, start));
        let calendar = calendar(&world.replica(world.rep), at(0));
        assert_eq!(calendar.upcoming[..2].iter().map(|meeting| meeting.id).collect::<Vec<_>>(), [ids[2], ids[3]]);
        assert_eq!(calendar.past.iter().map(|meeting| meeting.id).collect::<Vec<_>>(), [ids[1], ids[0]]);
    }

    #[test]
    fn d2_a_guest_scanned_twice_has_arrived_once_and_one_who_took_it_back_does_not_count() {
        let mut world = World::new();
        let (rep, meeting) = (world.rep, world.meeting);
        let [coming, revoked] = ["王小明", "李大華"].map(|name| world.add_customer(rep, name));
        let guest = world::invitation(&mut world, meeting, coming, rep, |invitation| {
            invitation.answer = Answer::Agreed;
            invitation.confirmation = Some(Confirmation::Confirmed);
        });
        world::invitation(&mut world, meeting, revoked, rep, |invitation| {
            invitation.answer = Answer::Agreed;
            invitation.confirmation = Some(Confirmation::CannotCome);
        });
        world::check_in(&mut world, meeting, GuestId(guest.0), rep);
        world::check_in(&mut world, meeting, GuestId(guest.0), rep);
        let numbers = numbers(&world.replica(rep), meeting);
        assert_eq!(numbers, Numbers { invited: 2, agreed: 1, confirmed: 1, arrived: 1, walk_ins: 0 });
    }

    #[test]
    fn b7_a_meeting_shows_what_became_of_its_reminders_the_latest_by_each_channel() {
        let mut world = World::new();
        let (rep, meeting) = (world.rep, world.meeting);
        let reminded = |channel, outcome| Reminded { at: at(0), channel, outcome };
        let (sent, given_up) = (ReminderOutcome::Sent, ReminderOutcome::GivenUp);
        let noted = [
            vec![reminded(Channel::Mail, given_up), reminded(Channel::Sms, sent), reminded(Channel::Mail, sent)],
            vec![reminded(Channel::Sms, sent), reminded(Channel::Sms, given_up)],
            vec![reminded(Channel::Mail, sent)],
            Vec::new(),
        ];
        assert_eq!(reminders(&world.replica(rep), meeting), None);
        for reminders in noted {
            let customer = world.add_customer(rep, "王小明");
            let invitation = world.invite(meeting, customer);
            let invitation = (*world.get::<Invitation>(invitation)).clone();
            world.put(Invitation { reminders, ..invitation });
        }
        assert_eq!(reminders(&world.replica(rep), meeting), Some(RemindersShown { mails: 2, texts: 1, failed: 1 }));
    }

    #[test]
    fn b8_a_meeting_shows_places_taken_held_and_waiting() {
        let mut world = World::new();
        let (rep, meeting) = (world.rep, world.meeting);
        assert_eq!(places(&world.replica(rep), meeting), None);
        let mut narrow = (*world.get::<Meeting>(meeting)).clone();
        narrow.plan.capacity = 1;
        world.put(narrow);
        let customers = ["王小明", "李大華", "陳美玉"].map(|name| world.add_customer(rep, name));
        let invited = customers.map(|customer| world.invite(meeting, customer));
        invited.into_iter().for_each(|invitation| world.answer(invitation, Answer::Agreed));
        let shown = |world: &World| places(&world.replica(world.colleague), meeting).map(|it| (it.taken, it.held, it.waiting, it.full));
        assert_eq!(shown(&world), Some((1, 0, 2, true)), "whoever holds none of the invitations sees it too");
        assert_eq!(numbers(&world.replica(rep), meeting).agreed, 1, "who waits does not come yet");
        world.answer(invited[0], Answer::WrongNumber);
        assert_eq!(shown(&world), Some((0, 1, 1, true)));
    }

    #[test]
    fn c2_a_copy_is_at_the_same_time_of_the_same_weekday_ahead_with_those_who_still_work_here() {
        let world = World::new();
        let plan = world.get::<Meeting>(world.meeting).plan.clone();
        let weeks = |days| {
            let draft = PlanDraft::after(&plan, plan.starts_at + TimeDelta::days(days), |user| user == world.rep);
            let copied = draft.read(plan.utc_offset).expect("what a plan was made of can be read");
            assert_eq!(copied.ends_at - copied.starts_at, plan.ends_at - plan.starts_at);
            assert_eq!((&copied.agenda, copied.staff.len()), (&plan.agenda, 1));
            (copied.starts_at - plan.starts_at).num_days()
        };
        assert_eq!([weeks(-3), weeks(0), weeks(6), weeks(7), weeks(20)], [7, 7, 7, 14, 21]);
    }

    #[test]
    fn c2_the_agenda_of_a_copy_goes_along_with_its_start() {
        let moved = |time, after| moved_along(time, "2026-11-30T14:00", after);
        assert_eq!(moved("14:30", "2026-12-07T14:00"), "14:30", "another day");
        assert_eq!(moved("14:30", "2026-12-07T19:15"), "19:45");
        assert_eq!(moved("23:30", "2026-12-07T15:00"), "00:30", "past midnight");
        assert_eq!(moved("noon", "2026-12-07T15:00"), "noon");
        assert_eq!(moved("14:30", ""), "14:30");
    }
}
