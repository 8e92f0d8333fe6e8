//! Rules about check-ins: every one is kept; a second one of the same guest raises a conflict for a person.

use super::command::{CheckInGuest, RegisterWalkIn, RuleConflict, UndoCheckIn};
use super::{CheckIn, Conflict, Method, Ruling, Undone};
use crate::customers::decide::{PHONES_MAX, SELLERS, check_profile, placed, tidied, works_on};
use crate::customers::merging::follow;
use crate::customers::milestones::arrived;
use crate::customers::{Customer, Profile};
use crate::decide::Patch;
use crate::decide::ahead::Ahead;
use crate::decide::prelude::*;
use crate::ids::{CheckInId, ConflictId, CustomerId, GuestId, InvitationId, MeetingId};
use crate::invitations::Invitation;
use crate::invitations::decide::came;
use crate::invitations::ticket::{BadTicket, Ticket};
use crate::meetings::decide::planned;
use crate::meetings::{Guest, GuestOrigin, Meeting, Standing};
use crate::record::Index;

const DESK_MAX: usize = 40;

/// Lets a guest in. Somebody invited who never said yes has come all the same.
pub(crate) fn check_in<V: View + ?Sized>(view: &V, args: &CheckInGuest, context: &Context<'_>) -> Decision {
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    line(Field::Desk, &args.desk, DESK_MAX)?;
    view.need_free::<CheckIn>(args.check_in)?;
    if args.method == Method::Ticket && args.ticket.is_none() {
        return Err(Rejection::Required { field: Field::Ticket }.into());
    }
    if let Some(code) = &args.ticket {
        let ticket = Ticket::verify(code, &context.settings(view)?.ticket_key).map_err(|bad| match bad {
            BadTicket::NotATicket => Rejection::Malformed { field: Field::Ticket },
            BadTicket::Forged => Rejection::TicketForged,
        })?;
        if ticket.meeting != meeting.id || follow::guest(view, ticket.guest)? != args.guest {
            return Err(Rejection::TicketOfAnotherMeeting.into());
        }
    }
    let mut ahead = Ahead::of(view);
    match view.get::<Guest>(args.guest)? {
        Some(guest) if guest.meeting != meeting.id => return Err(Rejection::TicketOfAnotherMeeting.into()),
        Some(guest) if guest.standing == Standing::Revoked && args.method == Method::Ticket => return Err(Rejection::TicketRevoked.into()),
        Some(_) => {}
        // A good ticket proves a guest whose card has not reached this device.
        None if args.ticket.is_some() => {}
        None => {
            let came = came(view, InvitationId(args.guest.0), &meeting, context)?;
            ahead.take(came.ok_or(Rejection::NotFound { kind: Kind::Guest })?);
        }
    }
    let check_in = check_in_of(args.check_in, args.guest, meeting.id, &args.desk, args.method, context);
    ahead.take(conflict_with_earlier(view, &check_in)?.map(Patch::put));
    ahead.take(told_owner(&ahead, &check_in)?);
    ahead.take([Patch::put(check_in)]);
    Ok(ahead.into_patches())
}

/// Lets in somebody who was not invited. A new customer becomes the actor's, even if the phone is one that others know already: who they are is
/// none of the actor's business, and what the device records next names the customer that it made. Doubles are merged later, by a person.
pub(crate) fn register_walk_in<V: View + ?Sized>(view: &V, args: &RegisterWalkIn, context: &Context<'_>) -> Decision {
    context.actor.need_role(&SELLERS)?;
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    line(Field::Desk, &args.desk, DESK_MAX)?;
    view.need_free::<CheckIn>(args.check_in)?;
    view.need_free::<Guest>(args.guest)?;
    view.need_free::<Invitation>(InvitationId(args.guest.0))?;
    let customer = match view.get::<Customer>(args.customer)? {
        Some(known) if works_on(view, &context.actor, &known)? => known_customer(&known, told(args), context),
        Some(_) => return Err(Rejection::AlreadyExists { kind: Kind::Customer }.into()),
        None => new_customer(args.customer, told(args), context),
    };
    check_profile(&customer.profile)?;
    let cards = view.list::<Guest>(&Index::GuestsByCustomer(customer.id))?;
    let card = cards.iter().find(|card| card.meeting == meeting.id && card.same_as.is_none()).map_or_else(
        || Guest::new(args.guest, meeting.id, &customer, context.actor.user, GuestOrigin::WalkIn, Standing::Confirmed),
        |card| (**card).clone(),
    );
    let check_in = check_in_of(args.check_in, card.id, meeting.id, &args.desk, Method::WalkIn, context);
    let conflict = conflict_with_earlier(view, &check_in)?;
    let told = arrived(&check_in, &customer);
    let mut patches = placed(view, customer)?;
    patches.extend([Some(Patch::put(card)), Some(Patch::put(check_in)), conflict.map(Patch::put), Some(told)].into_iter().flatten());
    Ok(patches)
}

fn told(args: &RegisterWalkIn) -> Profile {
    tidied(Profile {
        name: args.name.clone(),
        salutation: args.salutation,
        phones: args.phone.iter().cloned().collect(),
        email: args.email.clone(),
        company: args.company.clone(),
        ..Profile::default()
    })
}

fn new_customer(id: CustomerId, profile: Profile, context: &Context<'_>) -> Customer {
    let (owner, team) = (Some(context.actor.user), context.actor.team);
    Customer { id, owner, team, profile, import: None, handovers: Vec::new(), created_at: context.at, changed_at: context.at }
}

/// What was told at the door fills what was empty, and replaces nothing.
fn known_customer(known: &Customer, told: Profile, context: &Context<'_>) -> Customer {
    let mut profile = known.profile.clone();
    profile.salutation = profile.salutation.or(told.salutation);
    for (field, value) in [(&mut profile.email, told.email), (&mut profile.company, told.company)] {
        if field.is_empty() {
            *field = value;
        }
    }
    if profile.phones.len() < PHONES_MAX {
        profile.phones.extend(told.phones);
    }
    Customer { profile: tidied(profile), import: None, changed_at: context.at, ..known.clone() }
}

/// What another device's check-in brings, of which only the record came here: itself, and the conflict that it raises.
pub(crate) fn shown<V: View + ?Sized>(view: &V, check_in: &CheckIn) -> Decision {
    let conflict = if check_in.undone.is_none() { conflict_with_earlier(view, check_in)? } else { None };
    Ok([Some(Patch::put(check_in.clone())), conflict.map(Patch::put)].into_iter().flatten().collect())
}

/// Takes a check-in back; it stays visible as undone. A conflict that it was part of is settled for the other one.
pub(crate) fn undo_check_in<V: View + ?Sized>(view: &V, args: &UndoCheckIn, context: &Context<'_>) -> Decision {
    let check_in = view.need::<CheckIn>(args.check_in)?;
    let meeting = view.need::<Meeting>(check_in.meeting)?;
    need_duty(view, &meeting, context)?;
    if check_in.undone.is_some() {
        return Err(Rejection::AlreadyUndone { check_in: check_in.id }.into());
    }
    let mut patches = Vec::new();
    for conflict in conflicts_of(view, check_in.meeting, check_in.guest)? {
        let other = if conflict.first == check_in.id { conflict.second } else { conflict.first };
        if conflict.ruling.is_none() && (conflict.first == check_in.id || conflict.second == check_in.id) {
            let ruling = Some(Ruling { kept: other, by: context.actor.user, at: context.at });
            patches.push(Patch::put(Conflict { ruling, ..conflict }));
        }
    }
    let undone = Some(Undone { at: context.at, by: context.actor.user });
    let check_in = CheckIn { undone, ..(*check_in).clone() };
    patches.extend(told_owner(view, &check_in)?);
    patches.push(Patch::put(check_in));
    Ok(patches)
}

/// What the owner of the guest's customer hears of a check-in, where both are held.
fn told_owner<V: View + ?Sized>(view: &V, check_in: &CheckIn) -> Result<Option<Patch>, Stop> {
    let Some(guest) = view.get::<Guest>(check_in.guest)? else { return Ok(None) };
    Ok(view.get::<Customer>(guest.customer)?.map(|customer| arrived(check_in, &customer)))
}

/// Decides which of two check-ins counts. Those who work at the meeting's reception may; nothing is deleted.
pub(crate) fn rule_conflict<V: View + ?Sized>(view: &V, args: &RuleConflict, context: &Context<'_>) -> Decision {
    let conflict = view.need::<Conflict>(args.conflict)?;
    let meeting = view.need::<Meeting>(conflict.meeting)?;
    need_duty(view, &meeting, context)?;
    if conflict.ruling.is_some() {
        return Err(Rejection::AlreadyRuled.into());
    }
    if args.keep != conflict.first && args.keep != conflict.second {
        return Err(Rejection::NotFound { kind: Kind::CheckIn }.into());
    }
    let ruling = Some(Ruling { kept: args.keep, by: context.actor.user, at: context.at });
    Ok(vec![Patch::put(Conflict { ruling, ..(*conflict).clone() })])
}

/// Those on duty at the meeting, their supervisors and managers act at its door.
pub(crate) fn need_duty<V: View + ?Sized>(view: &V, meeting: &Meeting, context: &Context<'_>) -> Result<(), Stop> {
    context.actor.need_role(&SELLERS)?;
    if context.actor.role == Role::Manager {
        return Ok(());
    }
    for staff in &meeting.plan.staff {
        if context.actor.reaches(view, staff.user)? {
            return Ok(());
        }
    }
    Err(Rejection::Forbidden.into())
}

fn check_in_of(id: CheckInId, guest: GuestId, meeting: MeetingId, desk: &str, method: Method, context: &Context<'_>) -> CheckIn {
    let (at, by, device) = (context.at, context.actor.user, context.device);
    CheckIn { id, meeting, guest, at, by, device, desk: tidy(desk), method, undone: None }
}

/// The conflict that a check-in raises: with the one that counted until now. That is the one which raised no conflict itself; if it was taken
/// back, the earliest that still stands.
fn conflict_with_earlier<V: View + ?Sized>(view: &V, second: &CheckIn) -> Result<Option<Conflict>, Stop> {
    let mut first = None;
    for earlier in view.list::<CheckIn>(&Index::CheckInsByGuest(second.guest))? {
        if earlier.undone.is_none() {
            let raised_conflict = view.get::<Conflict>(ConflictId(earlier.id.0))?.is_some();
            let candidate = (raised_conflict, earlier.at, earlier.id);
            first = Some(first.map_or(candidate, |best| candidate.min(best)));
        }
    }
    Ok(first.map(|(_, _, first)| Conflict {
        id: ConflictId(second.id.0),
        meeting: second.meeting,
        guest: second.guest,
        first,
        second: second.id,
        ruling: None,
    }))
}

/// The conflicts of a guest: their ids are those of the guest's check-ins.
fn conflicts_of<V: View + ?Sized>(view: &V, meeting: MeetingId, guest: GuestId) -> Result<Vec<Conflict>, Stop> {
    let mut conflicts = Vec::new();
    for check_in in view.list::<CheckIn>(&Index::CheckInsByGuest(guest))? {
        if let Some(conflict) = view.get::<Conflict>(ConflictId(check_in.id.0))?
            && conflict.meeting == meeting
        {
            conflicts.push((*conflict).clone());
        }
    }
    Ok(conflicts)
}
