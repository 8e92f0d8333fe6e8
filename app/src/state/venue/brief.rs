//! What is good to know when a guest arrives (clause D3).

use crate::state::order::InOrder;
use crate::state::people::name_of;
use crate::state::seats::{SeatName, seat_of};
use crate::state::stock;
use shared::customers::{Customer, Intent};
use shared::ids::{GuestId, InvitationId, MeetingId, UserId};
use shared::invitations::{Answer, Invitation};
use shared::meetings::{Duty, Guest, Meeting};
use shared::sync::replica::Replica;

/// What is told at the door. What this device does not hold is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Brief {
    pub(crate) needs: String,
    pub(crate) pains: String,
    pub(crate) intent: Option<Intent>,
    /// The customer's words when declining, or the last question asked.
    pub(crate) last_doubt: String,
    pub(crate) seat: Option<SeatName>,
    /// Names of what the guest is to get and has not got.
    pub(crate) due: Vec<String>,
    /// Names of those on duty who close: the inviter alone if they do.
    pub(crate) closers: Vec<String>,
}

/// The brief of a guest, as far as this device may know it: after a scan, a search, or a walk-in. A guest of whom only the ticket is known may
/// have a seat and a gift all the same.
pub(crate) fn brief(replica: &Replica, meeting: MeetingId, guest: GuestId) -> Brief {
    let card = replica.noun::<Guest>(guest);
    let here = Brief {
        seat: seat_of(replica, guest),
        due: stock::due(replica, meeting, guest),
        closers: closers(replica, meeting, card.map(|card| card.inviter)),
        ..Brief::default()
    };
    let Some(customer) = card.and_then(|guest| replica.noun::<Customer>(guest.customer)) else { return here };
    let invitation = replica.noun::<Invitation>(InvitationId(guest.0));
    let profile = &customer.profile;
    Brief {
        needs: profile.needs.clone(),
        pains: profile.pains.clone(),
        intent: profile.intent,
        last_doubt: invitation.and_then(|invitation| last_doubt(invitation)).unwrap_or_default(),
        ..here
    }
}

/// Who closes deals at a meeting, by name.
fn closers(replica: &Replica, meeting: MeetingId, inviter: Option<UserId>) -> Vec<String> {
    let Some(meeting) = replica.noun::<Meeting>(meeting) else { return Vec::new() };
    let all: Vec<UserId> = meeting.plan.staff.iter().filter(|staff| staff.duty == Duty::Closer).map(|staff| staff.user).collect();
    let own = inviter.filter(|inviter| all.contains(inviter));
    let mut names: Vec<String> =
        own.map_or(all, |own| vec![own]).into_iter().map(|user| name_of(replica, user)).filter(|name| !name.is_empty()).collect();
    names.order_by(|a, b| a.cmp(b));
    names.dedup();
    names
}

fn last_doubt(invitation: &Invitation) -> Option<String> {
    let words = invitation.attempts.iter().rev().find_map(|attempt| match &attempt.answer {
        Answer::Declined { words, .. } if !words.is_empty() => Some(words.clone()),
        _ => None,
    });
    invitation.questions.last().cloned().or(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::invitations::Channel;
    use shared::invitations::command::RecordAnswer;
    use shared::meetings::command::EditMeeting;
    use shared::meetings::{Plan, Staff};
    use shared::seating::command::{DrawnTable, GiveSeats, GivenSeat, PutTables};
    use shared::seating::{Seat, Shape};
    use shared::stock::command::{HandOut, PlanItem};
    use shared::stock::{Due, ItemPlan, Receipt, Sort};
    use shared::testing::World;

    fn world() -> (World, GuestId) {
        let mut world = World::new();
        let guest = world.expect_guest(world.meeting, world.customer);
        (world, guest)
    }

    #[test]
    fn d3_a_brief_tells_needs_pains_intent_and_the_last_doubt_only_to_whoever_holds_the_customer() {
        let (mut world, guest) = world();
        let mut customer = (*world.get::<Customer>(world.customer)).clone();
        customer.profile.needs = "退休規劃".into();
        customer.profile.pains = "利率低".into();
        customer.profile.intent = Some(Intent::B);
        world.put(customer);
        let answer = |answer, questions| RecordAnswer { invitation: InvitationId(guest.0), channel: Channel::Phone, answer, questions };
        let declined = Answer::Declined { reason: "no_time".into(), words: "怕被推銷".into() };
        world.apply(world.rep, answer(declined, Vec::new())).expect("their own");
        world.apply(world.rep, answer(Answer::Agreed, Vec::new())).expect("their own");
        let told = brief(&world.replica(world.rep), world.meeting, guest);
        assert_eq!((told.needs.as_str(), told.pains.as_str(), told.intent), ("退休規劃", "利率低", Some(Intent::B)));
        assert_eq!(told.last_doubt, "怕被推銷");
        world.apply(world.rep, answer(Answer::Agreed, vec!["有保本嗎".into()])).expect("their own");
        assert_eq!(brief(&world.replica(world.rep), world.meeting, guest).last_doubt, "有保本嗎", "a question is newer");
        let told = brief(&world.replica(world.colleague), world.meeting, guest);
        assert_eq!(
            (told.needs + &told.pains + &told.last_doubt, told.intent),
            (String::new(), None),
            "who does not hold the customer is told nothing"
        );
    }

    #[test]
    fn d3_whoever_stands_at_the_door_is_told_seat_gift_and_closer() {
        let (mut world, guest) = world();
        let (table, item, meeting) = (world.id(), world.id(), world.meeting);
        let drawn = DrawnTable { table, name: "3".into(), shape: Shape::Round, seats: 10, x: 300, y: 300, turn: 0 };
        world.apply(world.manager, PutTables { meeting, tables: vec![drawn] }).expect("managers draw");
        let given = GivenSeat { seating: world.id(), guest, seat: Seat { table, number: 5 }, instead_of: None, no_show: None };
        world.apply(world.rep, GiveSeats { meeting, desk: None, given: vec![given] }).expect("on duty");
        let plan = ItemPlan { name: "保溫杯".into(), sort: Sort::Gift, planned: 9, low_at: 1, due: Due::EveryGuest, receipt: Receipt::None };
        world.apply(world.manager, PlanItem { item, meeting, plan }).expect("managers plan");
        let told = brief(&world.replica(world.colleague), meeting, guest);
        assert_eq!(told.seat.as_ref().map(|seat| (seat.table.as_str(), seat.seat.number)), Some(("3", 5)));
        assert_eq!(told.due, ["保溫杯"]);
        assert_eq!(told.closers, ["吳宗翰"], "who closes at this meeting");
        let own = world.add_customer(world.colleague, "周先生");
        let theirs = world.expect_guest(meeting, own);
        world.apply(world.manager, EditMeeting { meeting, plan: plan_with_closers(&world) }).expect("managers plan");
        let replica = world.replica(world.rep);
        assert_eq!(brief(&replica, meeting, theirs).closers, ["吳宗翰"], "the inviter closes");
        assert_eq!(brief(&replica, meeting, guest).closers.len(), 2);
        let handout = HandOut { handout: world.id(), item, guest, desk: None, desk_name: "A".into(), strokes: Vec::new() };
        world.apply(world.rep, handout).expect("on duty");
        assert!(brief(&world.replica(world.rep), meeting, guest).due.is_empty());
    }

    fn plan_with_closers(world: &World) -> Plan {
        let duty = |user, duty| Staff { user, duty };
        world.plan(&[duty(world.rep, Duty::Reception), duty(world.colleague, Duty::Closer), duty(world.stranger, Duty::Closer)])
    }
}
