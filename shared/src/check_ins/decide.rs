//! Rules about check-ins: every one is kept; a second one of the same guest raises a conflict for a person.

use super::command::{CheckInGuest, RegisterWalkIn, RuleConflict, UndoCheckIn};
use super::{CheckIn, Conflict, Method, Ruling, Undone};
use crate::customers::decide::check_profile;
use crate::customers::{Customer, Profile};
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::ids::{ConflictId, GuestId, MeetingId};
use crate::invitations::ticket::{BadTicket, Ticket};
use crate::meetings::decide::planned;
use crate::meetings::{Guest, GuestOrigin, Meeting, Standing};
use crate::record::Index;

const DESK_MAX: usize = 40;

/// Lets a guest in.
pub(crate) fn check_in<V: View + ?Sized>(view: &V, args: &CheckInGuest, context: &Context<'_>) -> Decision {
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    text(Field::Desk, &args.desk, DESK_MAX)?;
    view.need_free::<CheckIn>(args.check_in)?;
    if let Some(code) = &args.ticket {
        let ticket = Ticket::verify(code, &context.settings(view)?.ticket_key).map_err(|bad| match bad {
            BadTicket::NotATicket => Rejection::Malformed { field: Field::Ticket },
            BadTicket::Forged => Rejection::TicketForged,
        })?;
        if ticket.meeting != meeting.id || ticket.guest != args.guest {
            return Err(Rejection::TicketOfAnotherMeeting.into());
        }
    }
    match view.get::<Guest>(args.guest)? {
        Some(guest) if guest.meeting != meeting.id => return Err(Rejection::TicketOfAnotherMeeting.into()),
        Some(guest) if guest.standing == Standing::Revoked && args.method == Method::Ticket => return Err(Rejection::TicketRevoked.into()),
        Some(_) => {}
        // A good ticket proves a guest whose card has not reached this device.
        None if args.ticket.is_some() => {}
        None => return Err(Rejection::NotFound { kind: Kind::Guest }.into()),
    }
    let check_in = CheckIn {
        id: args.check_in,
        meeting: meeting.id,
        guest: args.guest,
        at: context.at,
        by: context.actor.user,
        device: context.device,
        desk: args.desk.trim().to_owned(),
        method: args.method,
        undone: None,
    };
    let conflict = conflict_with_earlier(view, &check_in)?;
    Ok([Some(Patch::put(check_in)), conflict.map(Patch::put)].into_iter().flatten().collect())
}

/// Lets in somebody who was not invited. The customer becomes the actor's.
pub(crate) fn register_walk_in<V: View + ?Sized>(view: &V, args: &RegisterWalkIn, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Rep, Role::Supervisor, Role::Manager])?;
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    text(Field::Desk, &args.desk, DESK_MAX)?;
    view.need_free::<CheckIn>(args.check_in)?;
    view.need_free::<Guest>(args.guest)?;
    view.need_free::<Customer>(args.customer)?;
    let profile = Profile {
        name: args.name.trim().to_owned(),
        salutation: args.salutation,
        phones: args.phone.iter().cloned().collect(),
        email: args.email.trim().to_owned(),
        company: args.company.trim().to_owned(),
        ..Profile::default()
    };
    check_profile(&profile)?;
    let guest = Guest {
        id: args.guest,
        meeting: meeting.id,
        customer: args.customer,
        name: profile.name.clone(),
        salutation: args.salutation,
        phone_masked: args.phone.as_ref().map(crate::phone::Phone::masked).unwrap_or_default(),
        company: profile.company.clone(),
        inviter: context.actor.user,
        origin: GuestOrigin::WalkIn,
        standing: Standing::Confirmed,
    };
    let check_in = CheckIn {
        id: args.check_in,
        meeting: meeting.id,
        guest: args.guest,
        at: context.at,
        by: context.actor.user,
        device: context.device,
        desk: args.desk.trim().to_owned(),
        method: Method::WalkIn,
        undone: None,
    };
    let customer = Customer {
        id: args.customer,
        owner: Some(context.actor.user),
        team: context.actor.team,
        profile,
        import: None,
        created_at: context.at,
        changed_at: context.at,
    };
    Ok(vec![Patch::put(customer), Patch::put(guest), Patch::put(check_in)])
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
    patches.push(Patch::put(CheckIn { undone, ..(*check_in).clone() }));
    Ok(patches)
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
    if context.actor.role == Role::Manager {
        return Ok(());
    }
    context.actor.need_role(&[Role::Rep, Role::Supervisor])?;
    for staff in &meeting.plan.staff {
        if context.actor.need_reach(view, staff.user).is_ok() {
            return Ok(());
        }
    }
    Err(Rejection::Forbidden.into())
}

/// The conflict that a check-in raises: with the earliest known one of the same guest that still stands, on another desk or by another tap.
fn conflict_with_earlier<V: View + ?Sized>(view: &V, second: &CheckIn) -> Result<Option<Conflict>, Stop> {
    let earlier = view.list::<CheckIn>(&Index::CheckInsByGuest(second.guest))?;
    let first = earlier.iter().filter(|check_in| check_in.undone.is_none()).min_by_key(|check_in| (check_in.at, check_in.id));
    Ok(first.map(|first| Conflict {
        id: ConflictId(second.id.0),
        meeting: second.meeting,
        guest: second.guest,
        first: first.id,
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
