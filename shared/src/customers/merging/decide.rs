//! Rules about merging: whoever may work on both may merge them, and take it back.

use super::{MergedCustomer, follow, guests};
use crate::complaints::Complaint;
use crate::contacts::LoggedContact;
use crate::customers::command::{MergeCustomers, UndoMerge};
use crate::customers::decide::{CONSENTS_MAX, PHONES_MAX, SELLERS, TAGS_MAX, check_profile, handed_over, placed, reached, tidied, without_import};
use crate::customers::{Contact, Customer, Profile};
use crate::deals::{Deal, Stage};
use crate::decide::ahead::Ahead;
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch};
use crate::floor::GuestNote;
use crate::follow_ups::{Errand, FollowUp};
use crate::ids::{CustomerId, DealId, UserId};
use crate::invitations::Invitation;
use crate::meetings::Guest;
use crate::people::User;
use crate::record::{Index, Key, Record};
use crate::validation::WORDS_MAX;
use std::sync::Arc;

/// Makes one customer of two. Whoever merged the same two before is right.
pub(crate) fn merge_customers<V: View + ?Sized>(view: &V, args: &MergeCustomers, context: &Context<'_>) -> Decision {
    context.actor.need_role(&SELLERS)?;
    let (kept, was) = (reached(view, args.kept, context)?, reached(view, args.merged, context)?);
    if kept.id == was.id {
        return Ok(Vec::new());
    }
    let mut ahead = Ahead::of(view);
    // Nobody loses a customer to the pool by merging.
    let (owner, team) = if kept.owner.is_some() { (kept.owner, kept.team) } else { (was.owner, was.team) };
    for customer in [&kept, &was] {
        ahead.take(without_import(&ahead, customer.id)?);
        if customer.owner != owner {
            ahead.take(handed_over(&ahead, customer, owner, team, context)?);
        }
    }
    let after = joined(&kept.profile, &was.profile);
    check_profile(&after)?;
    ahead.take([Patch::delete::<Customer>(was.id)]);
    let moved = move_all(&mut ahead, was.id, kept.id)?;
    let led = guests::lead(&mut ahead, kept.id, &moved, context)?;
    ahead.take(crate::customers::pool::gone(&ahead, was.id)?);
    let next = Customer { profile: after.clone(), import: None, changed_at: context.at, ..(*ahead.need::<Customer>(kept.id)?).clone() };
    ahead.take(placed(&ahead, next)?);
    let (was, before) = ((*was).clone(), kept.profile.clone());
    ahead.take([Patch::put(MergedCustomer { was, into: kept.id, owner, at: context.at, by: context.actor.user, before, after, moved, led })]);
    Ok(ahead.into_patches())
}

/// Makes two customers of one again: what was the one's is the one's. What was recorded since stays with the one that had stayed.
pub(crate) fn undo_merge<V: View + ?Sized>(view: &V, args: &UndoMerge, context: &Context<'_>) -> Decision {
    context.actor.need_role(&SELLERS)?;
    let merged = view.get::<MergedCustomer>(args.merged)?.ok_or(Rejection::NotMerged)?;
    let kept = reached(view, follow::customer(view, merged.into)?, context)?;
    let mut ahead = Ahead::of(view);
    ahead.take([Patch::delete::<MergedCustomer>(merged.was.id)]);
    let mut was = Customer { owner: kept.owner, team: kept.team, import: None, changed_at: context.at, ..merged.was.clone() };
    // Whoever said no while the two were one meant both.
    for (now, before, field) in [
        (kept.profile.contact, merged.after.contact, &mut was.profile.contact),
        (kept.profile.reminders, merged.after.reminders, &mut was.profile.reminders),
    ] {
        if now == Contact::Refused && before != Contact::Refused {
            *field = Contact::Refused;
        }
    }
    ahead.take(placed(&ahead, was.clone())?);
    for key in with_versions(&ahead, &merged.moved, kept.id)? {
        ahead.take(moved_back(&ahead, key, kept.id, &was)?);
    }
    guests::part(&mut ahead, &merged.led, context)?;
    if kept.profile == merged.after {
        ahead.take(placed(&ahead, Customer { profile: merged.before.clone(), changed_at: context.at, ..(*kept).clone() })?);
    }
    // Whose it was, unless that person sells no more.
    let owner = merged.was.owner;
    if owner != kept.owner && (owner.is_none() || still_sells(view, owner, context)?) {
        ahead.take(handed_over(&ahead, &was, owner, merged.was.team, context)?);
    }
    Ok(ahead.into_patches())
}

fn still_sells<V: View + ?Sized>(view: &V, owner: Option<UserId>, context: &Context<'_>) -> Result<bool, Stop> {
    let user = owner.map(|owner| view.get::<User>(owner)).transpose()?.flatten();
    Ok(user.and_then(|user| Actor::of(context.actor.org, &user)).is_some_and(|actor| SELLERS.contains(&actor.role)))
}

/// What one profile says, with what only the other one does. Whoever refused to be contacted under either record has refused.
#[must_use]
pub fn joined(kept: &Profile, other: &Profile) -> Profile {
    let mut next = kept.clone();
    for (field, value) in [
        (&mut next.email, &other.email),
        (&mut next.company, &other.company),
        (&mut next.address, &other.address),
        (&mut next.region, &other.region),
        (&mut next.occupation, &other.occupation),
        (&mut next.interests, &other.interests),
        (&mut next.source, &other.source),
    ] {
        if field.is_empty() {
            field.clone_from(value);
        }
    }
    for (field, value) in [(&mut next.needs, &other.needs), (&mut next.pains, &other.pains)] {
        add_words(field, value);
    }
    if next.intent.is_none() {
        (next.intent, next.intent_reason) = (other.intent, other.intent_reason.clone());
    }
    next.salutation = next.salutation.or(other.salutation);
    next.gender = next.gender.or(other.gender);
    next.birth_year = next.birth_year.or(other.birth_year);
    next.language = next.language.or(other.language);
    next.phones.extend(other.phones.iter().cloned());
    next.tags.extend(other.tags.iter().cloned());
    next.consents.extend(other.consents.iter().filter(|consent| !kept.consents.contains(consent)).cloned());
    let refused = |one: Contact, other: Contact| if one == Contact::Refused { one } else { other };
    next.contact = refused(kept.contact, other.contact);
    next.reminders = refused(kept.reminders, other.reminders);
    next = tidied(next);
    next.phones.truncate(PHONES_MAX);
    next.tags.truncate(TAGS_MAX);
    next.consents.truncate(CONSENTS_MAX);
    next
}

/// Words below words, where there is room for both.
fn add_words(field: &mut String, more: &str) {
    let has_room = || field.chars().count() + more.chars().count() < WORDS_MAX;
    if field.is_empty() {
        more.clone_into(field);
    } else if field != more && !more.is_empty() && has_room() {
        field.push('\n');
        field.push_str(more);
    }
}

/// Everything that names one customer names another one from now on. Gives what has moved.
fn move_all<V: View + ?Sized>(ahead: &mut Ahead<'_, V>, from: CustomerId, to: CustomerId) -> Result<Vec<Key>, Stop> {
    let mut found = Vec::new();
    for index in [
        Index::InvitationsByCustomer(from),
        Index::GuestsByCustomer(from),
        Index::DealsByCustomer(from),
        Index::MilestonesByCustomer(from),
        Index::GuestNotesByCustomer(from),
        Index::ContactsByCustomer(from),
        Index::ComplaintsByCustomer(from),
        Index::FollowUpsByCustomer(from),
        Index::ErrandsByCustomer(from),
        Index::CustomersMergedInto(from),
    ] {
        found.extend(ahead.records(&index)?);
    }
    let cards: Vec<_> = found.iter().filter_map(<Guest as crate::record::Stored>::of).map(|card| card.id).collect();
    for card in cards {
        found.extend(ahead.records(&Index::GuestNotesByGuest(card))?);
    }
    let moved: Vec<Patch> = found.iter().filter_map(|record| named(record, from, to)).map(Patch::Put).collect();
    let keys = moved.iter().map(Patch::key).collect();
    ahead.take(moved);
    Ok(keys)
}

/// What moves back, and the versions that have followed what moves: a contract and the one that takes its place are the same customer's.
fn with_versions<V: View + ?Sized>(view: &V, moved: &[Key], kept: CustomerId) -> Result<Vec<Key>, Stop> {
    let mut keys = moved.to_vec();
    let deals = view.list::<Deal>(&Index::DealsByCustomer(kept))?;
    let key = |id: DealId| Key { kind: Kind::Deal, id: id.0 };
    // A version stands after what it replaces, but for those of a chain that was signed in another order.
    for _ in 0..deals.len() {
        let follows = |deal: &&Arc<Deal>| deal.replaces.is_some_and(|replaced| keys.contains(&key(replaced))) && !keys.contains(&key(deal.id));
        let replaces = |deal: &&Arc<Deal>| matches!(deal.stage, Stage::Replaced { by } if keys.contains(&key(by))) && !keys.contains(&key(deal.id));
        let Some(next) = deals.iter().find(|deal| follows(deal) || replaces(deal)).map(|deal| key(deal.id)) else { break };
        keys.push(next);
        keys.push(Key { kind: Kind::Milestone, id: next.id });
    }
    Ok(keys)
}

fn moved_back<V: View + ?Sized>(view: &V, key: Key, from: CustomerId, to: &Customer) -> Result<Option<Patch>, Stop> {
    let back = view.record(key)?.and_then(|record| named(&record, from, to.id));
    Ok(back.map(|record| match record {
        Record::Guest(card) => Patch::put((*card).clone().showing(&to.profile)),
        Record::Errand(errand) => Patch::put((*errand).clone().showing(to)),
        other => Patch::Put(other),
    }))
}

/// A record with another customer's name; none if it does not name the first one.
fn named(record: &Record, from: CustomerId, to: CustomerId) -> Option<Record> {
    Some(match record {
        Record::Invitation(invitation) if invitation.customer == from => Invitation { customer: to, ..(**invitation).clone() }.into(),
        Record::Guest(card) if card.customer == from => Guest { customer: to, ..(**card).clone() }.into(),
        Record::Deal(deal) if deal.customer == from => Deal { customer: to, ..(**deal).clone() }.into(),
        Record::Milestone(milestone) if milestone.customer == from => {
            crate::customers::milestones::Milestone { customer: to, ..(**milestone).clone() }.into()
        }
        Record::GuestNote(note) if note.customer == from => GuestNote { customer: to, ..(**note).clone() }.into(),
        Record::LoggedContact(contact) if contact.customer == from => LoggedContact { customer: to, ..(**contact).clone() }.into(),
        Record::Complaint(complaint) if complaint.customer == from => Complaint { customer: to, ..(**complaint).clone() }.into(),
        Record::FollowUp(mark) if mark.customer == from => FollowUp { customer: to, ..(**mark).clone() }.into(),
        Record::Errand(errand) if errand.customer == from => Errand { customer: to, ..(**errand).clone() }.into(),
        Record::MergedCustomer(merged) if merged.into == from => MergedCustomer { into: to, ..(**merged).clone() }.into(),
        _ => return None,
    })
}
