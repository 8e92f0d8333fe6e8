//! Whom a command means that names a customer, an invitation or a guest that another one stands for by now.

use super::MergedCustomer;
use crate::command::Command;
use crate::customers::Customer;
use crate::customers::command::{ImportRow, ProfileChange};
use crate::decide::{Unavailable, View, ViewExt};
use crate::ids::{CustomerId, GuestId, InvitationId};
use crate::invitations::Invitation;
use crate::meetings::Guest;
use std::collections::BTreeSet;

/// The customer that an id stands for today; the id itself where nothing is known.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn customer<V: View + ?Sized>(view: &V, id: CustomerId) -> Result<CustomerId, Unavailable> {
    let is_one = view.get::<Customer>(id)?.is_some();
    let merged = if is_one { None } else { view.get::<MergedCustomer>(id)? };
    Ok(merged.map_or(id, |merged| merged.into))
}

/// The guest that an id stands for today. One who has a card and is led by somebody without one is found as they are.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn guest<V: View + ?Sized>(view: &V, id: GuestId) -> Result<GuestId, Unavailable> {
    let (mut at, mut seen) = (id, BTreeSet::new());
    while seen.insert(at) {
        let card = view.get::<Guest>(at)?;
        let leader = match &card {
            Some(card) => card.same_as,
            None => view.get::<Invitation>(InvitationId(at.0))?.and_then(|invitation| invitation.same_as).map(|leader| GuestId(leader.0)),
        };
        match leader {
            Some(leader) if card.is_none() || view.get::<Guest>(leader)?.is_some() => at = leader,
            _ => break,
        }
    }
    Ok(at)
}

/// The invitation that an id stands for today. One that is led by somebody who walked in is found as it is.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn invitation<V: View + ?Sized>(view: &V, id: InvitationId) -> Result<InvitationId, Unavailable> {
    let (mut at, mut seen) = (id, BTreeSet::new());
    while seen.insert(at)
        && let Some(leader) = view.get::<Invitation>(at)?.and_then(|invitation| invitation.same_as)
        && view.get::<Invitation>(leader)?.is_some()
    {
        at = leader;
    }
    Ok(at)
}

/// What a command asks for today; none if it names nothing that another one stands for.
pub(crate) fn followed<V: View + ?Sized>(view: &V, command: &Command) -> Result<Option<Command>, Unavailable> {
    match command {
        Command::EditCustomer(args) => changed(args, |next| {
            next.customer = customer(view, args.customer)?;
            if next.customer == args.customer { Ok(()) } else { add_to_lists(view, next.customer, &mut next.changes) }
        }),
        Command::TransferCustomers(args) => changed(args, |next| next.customers.iter_mut().try_for_each(|id| follow_customer(view, id))),
        Command::ClaimCustomer(args) => changed(args, |next| follow_customer(view, &mut next.customer)),
        Command::MergeCustomers(args) => changed(args, |next| {
            follow_customer(view, &mut next.kept)?;
            follow_customer(view, &mut next.merged)
        }),
        Command::ImportCustomers(args) => changed(args, |next| {
            next.rows = rows(view, std::mem::take(&mut next.rows))?;
            Ok(())
        }),
        Command::OpenDeal(args) => changed(args, |next| follow_customer(view, &mut next.customer)),
        Command::LogContact(args) => changed(args, |next| follow_customer(view, &mut next.customer)),
        Command::ReportComplaint(args) => changed(args, |next| follow_customer(view, &mut next.customer)),
        Command::MarkFollowUp(args) => changed(args, |next| follow_customer(view, &mut next.customer)),
        Command::RegisterWalkIn(args) => changed(args, |next| follow_customer(view, &mut next.customer)),
        Command::PlanInvitations(args) => changed(args, |next| {
            next.planned.iter_mut().try_for_each(|plan| follow_customer(view, &mut plan.customer))?;
            // Who was chosen under both names is invited once.
            if next.planned != args.planned {
                let mut seen = BTreeSet::new();
                next.planned.retain(|plan| seen.insert(plan.customer));
            }
            Ok(())
        }),
        Command::RecordAnswer(args) => changed(args, |next| follow_invitation(view, &mut next.invitation)),
        Command::ConfirmInvitation(args) => changed(args, |next| follow_invitation(view, &mut next.invitation)),
        Command::ChangeParty(args) => changed(args, |next| follow_invitation(view, &mut next.invitation)),
        Command::TellWaiting(args) => changed(args, |next| follow_invitation(view, &mut next.invitation)),
        Command::MakeLink(args) => changed(args, |next| follow_invitation(view, &mut next.invitation)),
        Command::AskQuestion(args) => changed(args, |next| follow_invitation(view, &mut next.invitation)),
        Command::CheckInGuest(args) => changed(args, |next| follow_guest(view, &mut next.guest)),
        Command::NoteGuest(args) => changed(args, |next| follow_guest(view, &mut next.guest)),
        Command::GiveSeats(args) => changed(args, |next| next.given.iter_mut().try_for_each(|given| follow_guest(view, &mut given.guest))),
        Command::HandOut(args) => changed(args, |next| follow_guest(view, &mut next.guest)),
        _ => Ok(None),
    }
}

/// The command with what `follow` makes of its arguments; none if they stay as they are.
fn changed<A, F>(args: &A, follow: F) -> Result<Option<Command>, Unavailable>
where
    A: Clone + PartialEq + Into<Command>,
    F: FnOnce(&mut A) -> Result<(), Unavailable>,
{
    let mut next = args.clone();
    follow(&mut next)?;
    Ok((next != *args).then(|| next.into()))
}

fn follow_customer<V: View + ?Sized>(view: &V, id: &mut CustomerId) -> Result<(), Unavailable> {
    customer(view, *id).map(|of| *id = of)
}

fn follow_invitation<V: View + ?Sized>(view: &V, id: &mut InvitationId) -> Result<(), Unavailable> {
    invitation(view, *id).map(|of| *id = of)
}

fn follow_guest<V: View + ?Sized>(view: &V, id: &mut GuestId) -> Result<(), Unavailable> {
    guest(view, *id).map(|of| *id = of)
}

/// Whoever changed a list of the one that was merged away knew nothing of the other one's: nothing goes from that.
fn add_to_lists<V: View + ?Sized>(view: &V, of: CustomerId, changes: &mut [ProfileChange]) -> Result<(), Unavailable> {
    let Some(customer) = view.get::<Customer>(of)? else { return Ok(()) };
    for change in changes {
        match change {
            ProfileChange::Phones(phones) => phones.splice(0..0, customer.profile.phones.iter().cloned()).for_each(drop),
            ProfileChange::Tags(tags) => tags.splice(0..0, customer.profile.tags.iter().cloned()).for_each(drop),
            ProfileChange::Consents(consents) => consents.splice(0..0, customer.profile.consents.iter().cloned()).for_each(drop),
            _ => {}
        }
    }
    Ok(())
}

/// Rows of a file about one person under two names are one row.
fn rows<V: View + ?Sized>(view: &V, before: Vec<ImportRow>) -> Result<Vec<ImportRow>, Unavailable> {
    let (mut rows, mut of_two_names) = (Vec::<ImportRow>::with_capacity(before.len()), BTreeSet::new());
    for row in before {
        let ImportRow::Update { customer: named, mut changes } = row else {
            rows.push(row);
            continue;
        };
        let of = customer(view, named)?;
        if of != named {
            of_two_names.insert(of);
            add_to_lists(view, of, &mut changes)?;
        }
        let same = rows.iter_mut().find_map(|row| match row {
            ImportRow::Update { customer, changes } if *customer == of => Some(changes),
            _ => None,
        });
        match same {
            Some(known) if of_two_names.contains(&of) => known.append(&mut changes),
            _ => rows.push(ImportRow::Update { customer: of, changes }),
        }
    }
    Ok(rows)
}
