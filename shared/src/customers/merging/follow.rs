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
    let mut next = command.clone();
    match &mut next {
        Command::EditCustomer(args) => {
            let of = customer(view, args.customer)?;
            if of != args.customer {
                args.customer = of;
                add_to_lists(view, of, &mut args.changes)?;
            }
        }
        Command::TransferCustomers(args) => args.customers.iter_mut().try_for_each(|id| follow_customer(view, id))?,
        Command::ClaimCustomer(args) => follow_customer(view, &mut args.customer)?,
        Command::MergeCustomers(args) => {
            follow_customer(view, &mut args.kept)?;
            follow_customer(view, &mut args.merged)?;
        }
        Command::ImportCustomers(args) => args.rows = rows(view, std::mem::take(&mut args.rows))?,
        Command::OpenDeal(args) => follow_customer(view, &mut args.customer)?,
        Command::RegisterWalkIn(args) => follow_customer(view, &mut args.customer)?,
        Command::PlanInvitations(args) => {
            args.planned.iter_mut().try_for_each(|plan| follow_customer(view, &mut plan.customer))?;
            // Who was chosen under both names is invited once.
            if !matches!(command, Command::PlanInvitations(asked) if asked.planned == args.planned) {
                let mut seen = BTreeSet::new();
                args.planned.retain(|plan| seen.insert(plan.customer));
            }
        }
        Command::RecordAnswer(args) => follow_invitation(view, &mut args.invitation)?,
        Command::ConfirmInvitation(args) => follow_invitation(view, &mut args.invitation)?,
        Command::ChangeParty(args) => follow_invitation(view, &mut args.invitation)?,
        Command::TellWaiting(args) => follow_invitation(view, &mut args.invitation)?,
        Command::MakeLink(args) => follow_invitation(view, &mut args.invitation)?,
        Command::AskQuestion(args) => follow_invitation(view, &mut args.invitation)?,
        Command::CheckInGuest(args) => follow_guest(view, &mut args.guest)?,
        Command::NoteGuest(args) => follow_guest(view, &mut args.guest)?,
        Command::GiveSeats(args) => args.given.iter_mut().try_for_each(|given| follow_guest(view, &mut given.guest))?,
        Command::HandOut(args) => follow_guest(view, &mut args.guest)?,
        _ => return Ok(None),
    }
    Ok((next != *command).then_some(next))
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
