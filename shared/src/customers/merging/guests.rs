//! One person invited twice to one meeting: one guest of the two leads.

use crate::check_ins::CheckIn;
use crate::decide::Patch;
use crate::decide::ahead::Ahead;
use crate::decide::prelude::*;
use crate::ids::{CustomerId, GuestId, InvitationId, MeetingId};
use crate::invitations::decide::{admit, give_up, seat};
use crate::invitations::{Answer, Confirmation, Invitation};
use crate::meetings::{Guest, Meeting, MeetingState, Standing};
use crate::record::{Index, Key};
use crate::seating::Seating;
use crate::stock::Handout;
use std::collections::{BTreeMap, BTreeSet};

/// At every meeting to come that a customer is invited to more than once, the guest who has most leads the others. Whatever has happened with a guest
/// stays as it happened: who was let in twice was let in twice. Gives those who are led now.
pub(super) fn lead<V: View + ?Sized>(
    ahead: &mut Ahead<'_, V>,
    customer: CustomerId,
    moved: &[Key],
    context: &Context<'_>,
) -> Result<Vec<GuestId>, Stop> {
    let mut by_meeting: BTreeMap<MeetingId, BTreeSet<GuestId>> = BTreeMap::new();
    for invitation in ahead.list::<Invitation>(&Index::InvitationsByCustomer(customer))?.iter().filter(|invitation| invitation.same_as.is_none()) {
        by_meeting.entry(invitation.meeting).or_default().insert(GuestId(invitation.id.0));
    }
    for card in ahead.list::<Guest>(&Index::GuestsByCustomer(customer))?.iter().filter(|card| card.same_as.is_none()) {
        by_meeting.entry(card.meeting).or_default().insert(card.id);
    }
    let mut led = Vec::new();
    for (meeting, guests) in by_meeting.into_iter().filter(|(_, guests)| guests.len() > 1) {
        let Some(meeting) = ahead.get::<Meeting>(meeting)?.filter(|it| it.state == MeetingState::Planned && it.plan.ends_at > context.at) else {
            continue;
        };
        let mut ranked = Vec::with_capacity(guests.len());
        for guest in guests {
            ranked.push((rank(ahead, guest, moved)?, guest));
        }
        ranked.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        let leader = ranked[0].1;
        for &(_, guest) in ranked[1..].iter().filter(|(rank, _)| !rank.has_happened) {
            follow_leader(ahead, guest, leader, meeting.plan.capacity)?;
            led.push(guest);
        }
    }
    Ok(led)
}

/// What speaks for a guest to lead, the weightiest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    has_happened: bool,
    has_place: bool,
    waits: bool,
    has_agreed: bool,
    was_the_kept_ones: bool,
}

fn rank<V: View + ?Sized>(view: &V, guest: GuestId, moved: &[Key]) -> Result<Rank, Stop> {
    let invitation = view.get::<Invitation>(InvitationId(guest.0))?;
    let is_expected = view.get::<Guest>(guest)?.is_some_and(|card| card.standing != Standing::Revoked);
    Ok(Rank {
        has_happened: has_happened(view, guest)?,
        has_place: is_expected,
        waits: invitation.as_ref().is_some_and(|invitation| invitation.waiting.is_some()),
        has_agreed: invitation.as_ref().is_some_and(|invitation| invitation.answer == Answer::Agreed),
        was_the_kept_ones: !moved.iter().any(|key| key.id == guest.0),
    })
}

/// Whether a guest was let in, has a seat, or got something.
fn has_happened<V: View + ?Sized>(view: &V, guest: GuestId) -> Result<bool, Stop> {
    Ok(!view.list::<CheckIn>(&Index::CheckInsByGuest(guest))?.is_empty()
        || view.list::<Seating>(&Index::SeatingsByGuest(guest))?.iter().any(|seating| seating.ended.is_none())
        || view.list::<Handout>(&Index::HandoutsByGuest(guest))?.iter().any(|handout| handout.undone.is_none()))
}

fn follow_leader<V: View + ?Sized>(ahead: &mut Ahead<'_, V>, guest: GuestId, leader: GuestId, capacity: u32) -> Result<(), Stop> {
    if let Some(invitation) = ahead.get::<Invitation>(InvitationId(guest.0))? {
        ahead.take(give_up(ahead, &invitation, capacity)?);
        ahead.take([Patch::put(Invitation { same_as: Some(InvitationId(leader.0)), waiting: None, ..(*invitation).clone() })]);
    }
    if let Some(card) = ahead.get::<Guest>(guest)? {
        ahead.take([Patch::put(Guest { same_as: Some(leader), ..(*card).clone() })]);
    }
    Ok(())
}

/// Guests who were led stand for themselves again. Their yes gets a place, or a place in line, as if it were said now.
pub(super) fn part<V: View + ?Sized>(ahead: &mut Ahead<'_, V>, led: &[GuestId], context: &Context<'_>) -> Result<(), Stop> {
    for guest in led {
        if let Some(card) = ahead.get::<Guest>(*guest)? {
            ahead.take([Patch::put(Guest { same_as: None, ..(*card).clone() })]);
        }
        let Some(invitation) = ahead.get::<Invitation>(InvitationId(guest.0))?.filter(|invitation| invitation.same_as.is_some()) else { continue };
        let mut next = Invitation { same_as: None, ..(*invitation).clone() };
        let meeting = ahead.need::<Meeting>(invitation.meeting)?;
        let comes = next.answer == Answer::Agreed && next.confirmation != Some(Confirmation::CannotCome);
        if comes && meeting.state == MeetingState::Planned {
            let customer = ahead.need(invitation.customer)?;
            ahead.take(seat(ahead, &invitation, &mut next, meeting.plan.capacity)?);
            ahead.take(admit(ahead, &mut next, &customer, context)?);
        }
        ahead.take([Patch::put(next)]);
    }
    Ok(())
}
