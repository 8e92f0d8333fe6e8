//! Refusals: who declined which meeting and why, counted by reason, rep, channel, meeting and week, each count opened down to its rows (clause B5).
//!
//! Laws: an invitation counts once, with its last refusal, whatever was said afterwards; each picture's counts add up to the number of rows.
//! A week begins on Monday, on the meeting's clock.

use crate::state::order::InOrder;
use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use shared::ids::{CustomerId, InvitationId, MeetingId, UserId};
use shared::invitations::{Answer, Attempt, Channel, Invitation};
use shared::meetings::Meeting;
use shared::sync::replica::Replica;
use shared::time::{Timestamp, UtcOffset};
use std::collections::BTreeMap;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which invitation was declined.
    pub invitation: InvitationId,
    /// By whom.
    pub customer: CustomerId,
    /// To what.
    pub meeting: MeetingId,
    /// Who heard it.
    pub rep: UserId,
    /// How they had reached the customer.
    pub channel: Channel,
    /// Code of the reason.
    pub reason: String,
    /// The customer's words.
    pub words: String,
    /// When.
    pub at: Timestamp,
    /// The Monday of that week.
    pub week: NaiveDate,
    /// Whether the customer agreed afterwards.
    pub won_back: bool,
}

/// By what refusals are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Reason.
    Reason,
    /// Who heard it.
    Rep,
    /// Channel.
    Channel,
    /// Meeting.
    Meeting,
    /// Week.
    Week,
}

impl By {
    /// Every way to count.
    pub const ALL: [Self; 5] = [Self::Reason, Self::Rep, Self::Channel, Self::Meeting, Self::Week];
}

/// What some refusals have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// The reason's code.
    Reason(String),
    /// Who heard them.
    Rep(UserId),
    /// The channel.
    Channel(Channel),
    /// The meeting.
    Meeting(MeetingId),
    /// The Monday of the week.
    Week(NaiveDate),
}

/// How many refusals have something in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What.
    pub group: Group,
    /// How many.
    pub count: usize,
    /// How many of those agreed afterwards.
    pub won_back: usize,
}

/// Most weeks of the picture over time.
const MOST_WEEKS: usize = 53;
/// What is recorded again by the same person so soon was a slip of the finger.
const SLIP: TimeDelta = TimeDelta::minutes(2);

/// The refusals that this device holds, the latest first: a rep's own, a supervisor's team's, everybody's for a manager.
#[must_use]
pub fn refusals(replica: &Replica) -> Vec<Refusal> {
    let mut found: Vec<_> = replica.all::<Invitation>().filter_map(|invitation| refusal(replica, invitation)).collect();
    found.sort_by(|a, b| b.at.cmp(&a.at).then(a.invitation.cmp(&b.invitation)));
    found
}

fn refusal(replica: &Replica, invitation: &Invitation) -> Option<Refusal> {
    let meant = |(place, attempt): &(usize, &Attempt)| {
        let next = invitation.attempts.get(place + 1);
        !next.is_some_and(|next| next.by == attempt.by && next.at - attempt.at < SLIP)
    };
    let mut attempts = invitation.attempts.iter().enumerate().filter(meant);
    let (_, attempt) = attempts.rfind(|(_, attempt)| matches!(attempt.answer, Answer::Declined { .. }))?;
    let Answer::Declined { reason, words } = &attempt.answer else { return None };
    let clock = replica.noun::<Meeting>(invitation.meeting).map_or(UtcOffset::EAST_8, |meeting| meeting.plan.utc_offset);
    Some(Refusal {
        invitation: invitation.id,
        customer: invitation.customer,
        meeting: invitation.meeting,
        rep: attempt.by,
        channel: attempt.channel,
        reason: reason.clone(),
        words: words.clone(),
        at: attempt.at,
        week: monday(attempt.at, clock),
        won_back: invitation.answer == Answer::Agreed,
    })
}

/// The Monday of an instant's week.
#[must_use]
pub fn monday(at: Timestamp, clock: UtcOffset) -> NaiveDate {
    let day = clock.day_of(at);
    day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(day)
}

/// Those of the last weeks, this one included; all if none is given.
#[must_use]
pub fn of_last_weeks(refusals: &[Refusal], weeks: Option<u32>, this_week: NaiveDate) -> Vec<Refusal> {
    let first = weeks.and_then(|weeks| this_week.checked_sub_days(Days::new(u64::from(weeks.saturating_sub(1)) * 7)));
    refusals.iter().filter(|refusal| first.is_none_or(|first| refusal.week >= first)).cloned().collect()
}

/// Counts refusals: the most frequent first; weeks in their order, those in between without any too.
#[must_use]
pub fn bars(refusals: &[Refusal], by: By) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for refusal in refusals {
        let group = refusal.group(by);
        let bar = match bars.iter().position(|bar| bar.group == group) {
            Some(place) => &mut bars[place],
            None => {
                bars.push(Bar { group, count: 0, won_back: 0 });
                bars.last_mut().expect("just pushed")
            }
        };
        bar.count += 1;
        bar.won_back += usize::from(refusal.won_back);
    }
    if by == By::Week {
        return every_week(bars);
    }
    bars.order_by(|a, b| b.count.cmp(&a.count));
    bars
}

fn every_week(bars: Vec<Bar>) -> Vec<Bar> {
    let mut weeks: BTreeMap<NaiveDate, Bar> =
        bars.into_iter().filter_map(|bar| if let Group::Week(week) = bar.group { Some((week, bar)) } else { None }).collect();
    let (Some(first), Some(last)) = (weeks.keys().next().copied(), weeks.keys().next_back().copied()) else { return Vec::new() };
    let between = first.iter_weeks().take_while(|week| *week <= last).take(MOST_WEEKS);
    for week in between {
        weeks.entry(week).or_insert(Bar { group: Group::Week(week), count: 0, won_back: 0 });
    }
    weeks.into_values().collect()
}

/// The refusals of a group, in their order.
#[must_use]
pub fn rows(refusals: &[Refusal], group: &Group) -> Vec<Refusal> {
    let by = match group {
        Group::Reason(_) => By::Reason,
        Group::Rep(_) => By::Rep,
        Group::Channel(_) => By::Channel,
        Group::Meeting(_) => By::Meeting,
        Group::Week(_) => By::Week,
    };
    refusals.iter().filter(|refusal| refusal.group(by) == *group).cloned().collect()
}

impl Refusal {
    fn group(&self, by: By) -> Group {
        match by {
            By::Reason => Group::Reason(self.reason.clone()),
            By::Rep => Group::Rep(self.rep),
            By::Channel => Group::Channel(self.channel),
            By::Meeting => Group::Meeting(self.meeting),
            By::Week => Group::Week(self.week),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::{self, World, at};
    use shared::testing::dice::Dice;

    fn declined(reason: &str) -> Answer {
        Answer::Declined { reason: reason.into(), words: "下次".into() }
    }

    /// A rep's customer who gave these answers, each so many minutes after noon.
    fn invite(world: &mut World, rep: UserId, meeting: MeetingId, answers: &[(i64, Channel, Answer)]) -> InvitationId {
        let customer = world::customer(world, Some(rep), "陳新", |_| {});
        world::invitation(world, meeting, customer, rep, |invitation| {
            for (minute, channel, answer) in answers {
                invitation.attempts.push(Attempt {
                    at: at(*minute),
                    by: rep,
                    channel: *channel,
                    answer: answer.clone(),
                    questions: Vec::new(),
                    by_guest: false,
                });
                invitation.answer = answer.clone();
            }
        })
    }

    const DAY: i64 = 24 * 60;

    fn lively() -> World {
        let mut world = World::new();
        let (rep, colleague, stranger, meeting, other) = (world.rep, world.colleague, world.stranger, world.meeting, world.other_meeting);
        let phone = Channel::Phone;
        invite(&mut world, rep, meeting, &[(0, phone, declined("no_time"))]);
        invite(&mut world, rep, meeting, &[(-7 * DAY, Channel::Sms, declined("no_time")), (10, phone, Answer::Agreed)]);
        invite(&mut world, colleague, other, &[(-21 * DAY, phone, declined("no_interest"))]);
        invite(&mut world, stranger, other, &[(0, phone, declined("no_time"))]);
        invite(&mut world, rep, meeting, &[(0, phone, Answer::Agreed)]);
        invite(&mut world, rep, meeting, &[(0, phone, Answer::DoNotContact)]);
        world
    }

    #[test]
    fn b5_refusals_are_counted_by_reason_rep_channel_meeting_and_week() {
        let world = lively();
        let all = refusals(&world.replica(world.manager));
        let counted = |by| bars(&all, by).into_iter().map(|bar| (bar.group, bar.count, bar.won_back)).collect::<Vec<_>>();
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(counted(By::Reason), [(Group::Reason("no_time".into()), 3, 1), (Group::Reason("no_interest".into()), 1, 0)]);
        assert_eq!(counted(By::Rep)[0], (Group::Rep(world.rep), 2, 1));
        assert_eq!(counted(By::Channel), [(Group::Channel(Channel::Phone), 3, 0), (Group::Channel(Channel::Sms), 1, 1)]);
        assert_eq!(counted(By::Meeting), [(Group::Meeting(world.meeting), 2, 1), (Group::Meeting(world.other_meeting), 2, 0)]);
        assert_eq!(
            counted(By::Week),
            [
                (Group::Week(day("2026-11-02")), 1, 0),
                (Group::Week(day("2026-11-09")), 0, 0),
                (Group::Week(day("2026-11-16")), 1, 1),
                (Group::Week(day("2026-11-23")), 2, 0),
            ],
            "a week without any has its place"
        );
    }

    #[test]
    fn b5_everybody_sees_the_refusals_of_whom_they_may_see() {
        let world = lively();
        let seen = |user| refusals(&world.replica(user)).len();
        assert_eq!([world.rep, world.supervisor, world.manager, world.office].map(seen), [2, 3, 4, 0]);
    }

    #[test]
    fn b5_an_invitation_counts_once_with_its_last_refusal_and_a_slip_of_the_finger_does_not() {
        let mut world = World::new();
        let (rep, meeting, phone) = (world.rep, world.meeting, Channel::Phone);
        invite(&mut world, rep, meeting, &[(-DAY, phone, declined("no_time")), (0, Channel::Sms, declined("no_interest"))]);
        invite(&mut world, rep, meeting, &[(0, phone, declined("no_time")), (1, phone, Answer::Agreed)]);
        let all = refusals(&world.replica(rep));
        assert_eq!(all.iter().map(|refusal| (refusal.reason.as_str(), refusal.channel)).collect::<Vec<_>>(), [("no_interest", Channel::Sms)]);
    }

    #[test]
    fn b5_a_week_begins_on_monday_on_the_meetings_clock() {
        let check = |when: &str, minutes, week: &str| {
            let clock = UtcOffset::from_minutes(minutes).expect("an offset");
            assert_eq!(monday(when.parse().expect("an instant"), clock).to_string(), week, "{when} {minutes}");
        };
        check("2026-11-22T15:59:00Z", 480, "2026-11-16");
        check("2026-11-22T16:00:00Z", 480, "2026-11-23");
        check("2026-11-22T16:00:00Z", 0, "2026-11-16");
        check("2026-11-29T10:00:00Z", 480, "2026-11-23");
    }

    #[test]
    fn b5_the_last_weeks_include_this_one() {
        let world = lively();
        let all = refusals(&world.replica(world.manager));
        let this_week = monday(at(0), UtcOffset::EAST_8);
        let count = |weeks| of_last_weeks(&all, weeks, this_week).len();
        assert_eq!([count(Some(1)), count(Some(2)), count(Some(4)), count(None)], [2, 3, 4, 4]);
    }

    #[test]
    fn b5_every_count_is_opened_down_to_its_rows_and_none_is_lost() {
        let mut world = World::new();
        let mut dice = Dice::new(5);
        let (people, meetings) = ([world.rep, world.colleague, world.stranger], [world.meeting, world.other_meeting]);
        for _ in 0..200 {
            let (rep, meeting) = (dice.pick(&people).expect("some"), dice.pick(&meetings).expect("some"));
            let channel = dice.pick(&[Channel::Phone, Channel::Sms, Channel::Mail, Channel::Other]).expect("some");
            let reason = dice.pick(&["no_time", "no_interest", "gone"]).expect("some");
            let minute = -(i64::try_from(dice.below(60 * 24 * 90)).expect("small"));
            invite(&mut world, rep, meeting, &[(minute, channel, declined(reason))]);
        }
        let all = refusals(&world.replica(world.manager));
        assert_eq!(all.len(), 200);
        for by in By::ALL {
            let bars = bars(&all, by);
            assert_eq!(bars.iter().map(|bar| bar.count).sum::<usize>(), 200, "{by:?}");
            for bar in &bars {
                assert_eq!(rows(&all, &bar.group).len(), bar.count, "{bar:?}");
            }
        }
    }
}
