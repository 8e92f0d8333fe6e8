//! The day before: everybody who agreed to come to a meeting tomorrow, to be asked again (clause B4).
//!
//! Law: "tomorrow" is the day after today on the meeting's clock, not on the device's.

use crate::state::order::InOrder;
use chrono::Days;
use shared::ids::{InvitationId, UserId};
use shared::invitations::{Answer, Confirmation, Invitation};
use shared::meetings::{Meeting, MeetingState};
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::sync::Arc;

/// The guests of one meeting who are asked again.
#[derive(Clone, Debug, PartialEq)]
pub struct DayBefore {
    /// The meeting tomorrow.
    pub meeting: Arc<Meeting>,
    /// Not asked yet.
    pub open: Vec<InvitationId>,
    /// Tried and not reached: once more.
    pub unreachable: Vec<InvitationId>,
    /// Answered: comes, or cannot come after all.
    pub answered: Vec<(InvitationId, Confirmation)>,
}

/// The meetings of tomorrow with those whom one person asks, the earliest first. Meetings where nobody is to be asked are left out.
#[must_use]
pub fn day_before(replica: &Replica, rep: UserId, now: Timestamp) -> Vec<DayBefore> {
    let mut days: Vec<_> = replica
        .all::<Meeting>()
        .filter(|meeting| meeting.state == MeetingState::Planned && is_tomorrow(meeting, now))
        .filter_map(|meeting| asked(replica, meeting, rep))
        .collect();
    days.order_by_key(|day| (day.meeting.plan.starts_at, day.meeting.id));
    days
}

/// How many still wait to be asked.
#[must_use]
pub fn waiting(days: &[DayBefore]) -> usize {
    days.iter().map(|day| day.open.len() + day.unreachable.len()).sum()
}

fn is_tomorrow(meeting: &Meeting, now: Timestamp) -> bool {
    let clock = meeting.plan.utc_offset;
    clock.day_of(now).checked_add_days(Days::new(1)) == Some(clock.day_of(meeting.plan.starts_at))
}

fn asked(replica: &Replica, meeting: &Arc<Meeting>, rep: UserId) -> Option<DayBefore> {
    let mut day = DayBefore { meeting: meeting.clone(), open: Vec::new(), unreachable: Vec::new(), answered: Vec::new() };
    for invitation in replica.nouns::<Invitation>(&Index::InvitationsByMeeting(meeting.id)) {
        if invitation.rep != rep || invitation.answer != Answer::Agreed || invitation.waiting.is_some() {
            continue;
        }
        match invitation.confirmation {
            None => day.open.push(invitation.id),
            Some(Confirmation::Unreachable) => day.unreachable.push(invitation.id),
            Some(answer) => day.answered.push((invitation.id, answer)),
        }
    }
    let somebody = !day.open.is_empty() || !day.unreachable.is_empty() || !day.answered.is_empty();
    somebody.then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::{self, World, at};

    #[test]
    fn b4_tomorrow_counts_on_the_meetings_clock() {
        let mut world = World::new();
        let (rep, customer) = (world.rep, world.customer);
        // 01:00 in Taipei on the 24th is still the 23rd in Greenwich.
        let meeting = world::meeting(&mut world, "2026-11-23T17:00:00Z".parse().expect("valid"));
        world::invitation(&mut world, meeting, customer, rep, |invitation| invitation.answer = Answer::Agreed);
        let replica = world.replica(rep);
        let found = |now: &str| day_before(&replica, rep, now.parse().expect("valid")).len();
        assert_eq!(found("2026-11-23T04:00:00Z"), 1, "noon of the 23rd in Taipei");
        assert_eq!(found("2026-11-22T15:59:00Z"), 0, "the 22nd in Taipei");
        assert_eq!(found("2026-11-23T16:00:00Z"), 0, "midnight: it is today");
    }

    #[test]
    fn b4_only_those_who_agreed_and_are_mine_come_up_and_the_answered_step_aside() {
        let mut world = World::new();
        let (mine, other) = (world.supervisor, world.rep);
        let meeting = world::meeting(&mut world, at(24 * 60));
        let mut invite = |rep, answer: Answer, confirmation| {
            let customer = world.add_customer(rep, "王小明");
            world::invitation(&mut world, meeting, customer, rep, |invitation| {
                invitation.answer = answer;
                invitation.confirmation = confirmation;
            })
        };
        let open = invite(mine, Answer::Agreed, None);
        let retry = invite(mine, Answer::Agreed, Some(Confirmation::Unreachable));
        let done = invite(mine, Answer::Agreed, Some(Confirmation::Confirmed));
        invite(mine, Answer::NoAnswer, None);
        invite(other, Answer::Agreed, None);
        let days = day_before(&world.replica(mine), mine, at(0));
        assert_eq!(days.len(), 1);
        assert_eq!((&days[0].open[..], &days[0].unreachable[..]), (&[open][..], &[retry][..]));
        assert_eq!(days[0].answered, [(done, Confirmation::Confirmed)]);
        assert_eq!(waiting(&days), 2);
    }

    #[test]
    fn b4_a_meeting_that_was_called_off_asks_nobody() {
        let mut world = World::new();
        let (rep, customer) = (world.rep, world.customer);
        let meeting = world::meeting(&mut world, at(24 * 60));
        world::invitation(&mut world, meeting, customer, rep, |invitation| invitation.answer = Answer::Agreed);
        let planned = world.get::<Meeting>(meeting);
        world.put(Meeting { state: MeetingState::Cancelled, ..(*planned).clone() });
        assert!(day_before(&world.replica(rep), rep, at(0)).is_empty());
    }
}
