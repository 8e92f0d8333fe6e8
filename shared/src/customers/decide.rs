//! Rules about customers: whoever reaches the owner may work on the record; nothing but a name and one way of contact is compulsory.

use super::command::{
    AddCustomer, ClaimCustomer, ConsentWithdrawn, EditCustomer, ImportCustomers, ImportRow, ProfileChange, TransferCustomers, UndoImport,
};
use super::merging::MergedCustomer;
use super::pool::PoolCard;
use super::{Consent, Contact, Customer, Handover, ImportedChange, Profile, Withdrawal, milestones, pool};
use crate::complaints::{self, Complaint};
use crate::contacts::{self, LoggedContact};
use crate::deals::Deal;
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch, Unavailable};
use crate::floor::{GuestNote, Reader};
use crate::follow_ups::{self, FollowUp};
use crate::ids::{CustomerId, ImportId, TeamId, UserId};
use crate::invitations::Invitation;
use crate::meetings::Guest;
use crate::people::{Access, User};
use crate::record::Index;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most rows of one [`ImportCustomers`].
pub const MOST_IMPORTED: usize = 200;
/// Most customers of one [`TransferCustomers`].
pub const MOST_TRANSFERRED: usize = 500;
/// So many changes of owner are remembered of a customer.
pub const HANDOVERS_KEPT: usize = 100;
/// Most changes of one customer in one command: each field twice over.
pub const MOST_CHANGES: usize = 40;
/// Those who may have customers.
pub(crate) const SELLERS: [Role; 3] = [Role::Rep, Role::Supervisor, Role::Manager];
pub(crate) const PHONES_MAX: usize = 5;
pub(crate) const TAGS_MAX: usize = 30;
pub(crate) const CONSENTS_MAX: usize = 50;

/// Creates a customer.
pub(crate) fn add_customer<V: View + ?Sized>(view: &V, args: &AddCustomer, context: &Context<'_>) -> Decision {
    context.actor.need_role(&SELLERS)?;
    let team = owner_team(view, args.owner, context)?;
    need_new(view, args.customer)?;
    let (owner, profile) = (args.owner, tidied(args.profile.clone()));
    check_profile(&profile)?;
    let (created_at, changed_at, handovers) = (context.at, context.at, Vec::new());
    let customer = Customer { id: args.customer, owner, team, profile, import: None, handovers, created_at, changed_at };
    Ok(pool::follow(view, &customer)?.into_iter().chain([Patch::put(customer)]).collect())
}

/// Changes the fields named, and no other.
pub(crate) fn edit_customer<V: View + ?Sized>(view: &V, args: &EditCustomer, context: &Context<'_>) -> Decision {
    let customer = reached(view, args.customer, context)?;
    length(Field::Rows, args.changes.len(), 0, MOST_CHANGES as i64)?;
    let profile = changed(&customer.profile, &args.changes);
    check_profile(&profile)?;
    if profile == customer.profile {
        return Ok(Vec::new());
    }
    placed(view, Customer { profile, import: None, changed_at: context.at, ..(*customer).clone() })
}

/// Gives customers to another owner within the actor's reach, or to the pool. Their invitations go with them: whoever calls must know whom,
/// and whoever gave a customer away must not keep what they said. Out of the pool nobody calls, so that there invitations stay where they are.
pub(crate) fn transfer_customers<V: View + ?Sized>(view: &V, args: &TransferCustomers, context: &Context<'_>) -> Decision {
    length(Field::Customers, args.customers.len(), 1, MOST_TRANSFERRED as i64)?;
    if args.to.is_some_and(|to| to != context.actor.user) {
        context.actor.need_role(&[Role::Supervisor, Role::Manager])?;
    }
    let team = owner_team(view, args.to, context)?;
    let mut patches = Vec::with_capacity(args.customers.len());
    for id in args.customers.iter().collect::<BTreeSet<_>>() {
        let customer = reached(view, *id, context)?;
        if customer.owner != args.to {
            patches.extend(handed_over(view, &customer, args.to, team, context)?);
        }
    }
    Ok(patches)
}

/// Takes a customer out of the pool. A rep holds the card alone: there the card goes, and the server's rows bring the customer.
pub(crate) fn claim_customer<V: View + ?Sized>(view: &V, args: &ClaimCustomer, context: &Context<'_>) -> Decision {
    context.actor.need_role(&SELLERS)?;
    let Some(customer) = view.get::<Customer>(args.customer)? else {
        view.need::<PoolCard>(args.customer)?;
        return Ok(vec![Patch::delete::<PoolCard>(args.customer)]);
    };
    match customer.owner {
        Some(owner) if owner == context.actor.user => Ok(Vec::new()),
        Some(_) => Err(Rejection::CustomerTaken.into()),
        // Who asked not to be contacted is no prospect for anybody, and has no card.
        None if customer.profile.contact == Contact::Refused => Err(Rejection::DoNotContact { customer: customer.id }.into()),
        None => handed_over(view, &customer, Some(context.actor.user), context.actor.team, context),
    }
}

/// A customer with another owner, or in the pool, and what goes with them.
pub(crate) fn handed_over<V: View + ?Sized>(
    view: &V,
    customer: &Customer,
    to: Option<UserId>,
    team: Option<TeamId>,
    context: &Context<'_>,
) -> Decision {
    let mut patches = milestones::moved(view, customer.id, to)?;
    patches.extend(without_import(view, customer.id)?);
    for merged in view.list::<MergedCustomer>(&Index::CustomersMergedInto(customer.id))? {
        patches.push(Patch::put(MergedCustomer { owner: to, ..(*merged).clone() }));
    }
    if let Some(rep) = to {
        let invitations = view.list::<Invitation>(&Index::InvitationsByCustomer(customer.id))?;
        let others = invitations.iter().filter(|invitation| invitation.rep != rep);
        patches.extend(others.map(|invitation| Patch::put(Invitation { rep, ..(**invitation).clone() })));
        let notes = view.list::<GuestNote>(&Index::GuestNotesByCustomer(customer.id))?;
        patches.extend(notes.iter().map(|note| Patch::put(GuestNote { reader: Reader::Owner(rep), ..(**note).clone() })));
    }
    patches.extend(contacts::decide::moved(view, customer.id, to)?);
    patches.extend(complaints::decide::moved(view, customer.id, to, context)?);
    patches.extend(follow_ups::decide::moved(view, customer.id, to)?);
    let mut handovers = customer.handovers.clone();
    handovers.push(Handover { at: context.at, by: context.actor.user, from: customer.owner, to });
    handovers.drain(..handovers.len().saturating_sub(HANDOVERS_KEPT));
    let next = Customer { owner: to, team, import: None, handovers, changed_at: context.at, ..customer.clone() };
    patches.extend(pool::follow(view, &next)?);
    patches.push(Patch::put(next));
    Ok(patches)
}

/// What an import changed holds the whole profile, in the scope of the owner of that time.
pub(crate) fn without_import<V: View + ?Sized>(view: &V, customer: CustomerId) -> Result<Option<Patch>, Unavailable> {
    Ok(view.get::<ImportedChange>(customer)?.map(|_| Patch::delete::<ImportedChange>(customer)))
}

/// Takes in a part of a file: new customers become the actor's, known ones get the row's values.
pub(crate) fn import_customers<V: View + ?Sized>(view: &V, args: &ImportCustomers, context: &Context<'_>) -> Decision {
    context.actor.need_role(&SELLERS)?;
    length(Field::Rows, args.rows.len(), 1, MOST_IMPORTED as i64)?;
    let owner = Some(context.actor.user);
    let mut seen = BTreeSet::new();
    let mut patches = Vec::with_capacity(args.rows.len());
    for row in &args.rows {
        match row {
            ImportRow::Create { customer, profile } => {
                if !seen.insert(*customer) {
                    return Err(Rejection::AlreadyExists { kind: Kind::Customer }.into());
                }
                need_new(view, *customer)?;
                let profile = tidied((**profile).clone());
                check_profile(&profile)?;
                patches.push(Patch::put(Customer {
                    id: *customer,
                    owner,
                    team: context.actor.team,
                    profile,
                    import: Some(args.import),
                    handovers: Vec::new(),
                    created_at: context.at,
                    changed_at: context.at,
                }));
            }
            ImportRow::Update { customer, changes } => {
                if !seen.insert(*customer) {
                    return Err(Rejection::AlreadyExists { kind: Kind::Customer }.into());
                }
                length(Field::Rows, changes.len(), 0, MOST_CHANGES as i64)?;
                let customer = reached(view, *customer, context)?;
                patches.extend(update(view, args.import, &customer, changes, context)?);
            }
        }
    }
    Ok(patches)
}

/// One row of a file for a customer that exists. The same file again changes nothing.
fn update<V: View + ?Sized>(view: &V, import: ImportId, customer: &Customer, changes: &[ProfileChange], context: &Context<'_>) -> Decision {
    let profile = changed(&customer.profile, changes);
    check_profile(&profile)?;
    if profile == customer.profile {
        return Ok(Vec::new());
    }
    let changed = Customer { profile, changed_at: context.at, ..customer.clone() };
    // Two rows of one file about one new customer: the import as a whole can still be undone.
    if customer.import == Some(import) {
        return placed(view, changed);
    }
    let earlier = view.get::<ImportedChange>(customer.id)?.filter(|earlier| earlier.import == import && earlier.after == customer.profile);
    let before = earlier.map_or_else(|| customer.profile.clone(), |earlier| earlier.before.clone());
    let undo = ImportedChange { customer: customer.id, owner: customer.owner, import, before, after: changed.profile.clone() };
    let mut patches = placed(view, Customer { import: None, ..changed })?;
    patches.push(Patch::put(undo));
    Ok(patches)
}

/// Takes an import back. What somebody has worked with since (edited, transferred, invited, sold to) stays as it is.
pub(crate) fn undo_import<V: View + ?Sized>(view: &V, args: &UndoImport, context: &Context<'_>) -> Decision {
    context.actor.need_role(&SELLERS)?;
    let mut patches = Vec::new();
    for customer in view.list::<Customer>(&Index::CustomersByImport(args.import))? {
        if works_on(view, &context.actor, &customer)? && !has_history(view, customer.id)? {
            patches.push(Patch::delete::<Customer>(customer.id));
        }
    }
    for change in view.list::<ImportedChange>(&Index::ImportedChangesByImport(args.import))? {
        if let Some(customer) = view.get::<Customer>(change.customer)?
            && works_on(view, &context.actor, &customer)?
        {
            patches.push(Patch::delete::<ImportedChange>(change.customer));
            if customer.profile == change.after {
                patches.extend(placed(view, Customer { profile: change.before.clone(), changed_at: context.at, ..(*customer).clone() })?);
            }
        }
    }
    if patches.is_empty() { Err(Rejection::NothingToUndo { import: args.import }.into()) } else { Ok(patches) }
}

/// An id that no customer has, or had before it was merged into another one.
fn need_new<V: View + ?Sized>(view: &V, id: CustomerId) -> Result<(), Stop> {
    view.need_free::<Customer>(id)?;
    match view.get::<MergedCustomer>(id)? {
        Some(_) => Err(Rejection::AlreadyExists { kind: Kind::Customer }.into()),
        None => Ok(()),
    }
}

/// A customer that the actor may work on.
pub(crate) fn reached<V: View + ?Sized>(view: &V, id: CustomerId, context: &Context<'_>) -> Result<Arc<Customer>, Stop> {
    let customer = view.need::<Customer>(id)?;
    if works_on(view, &context.actor, &customer)? { Ok(customer) } else { Err(Rejection::Forbidden.into()) }
}

/// Whether somebody may work on a customer: those who reach the owner, and for the pool those who assign.
pub(crate) fn works_on<V: View + ?Sized>(view: &V, actor: &Actor, customer: &Customer) -> Result<bool, Unavailable> {
    match customer.owner {
        Some(owner) => actor.reaches(view, owner),
        None => Ok(matches!(actor.role, Role::Supervisor | Role::Manager)),
    }
}

/// A changed customer, with the cards that show what has changed: those of a guest, and that of the pool.
pub(crate) fn placed<V: View + ?Sized>(view: &V, customer: Customer) -> Decision {
    let mut patches = Vec::with_capacity(1);
    for card in view.list::<Guest>(&Index::GuestsByCustomer(customer.id))? {
        let next = (*card).clone().showing(&customer.profile);
        if next != *card {
            patches.push(Patch::put(next));
        }
    }
    patches.extend(follow_ups::decide::follow(view, &customer)?);
    patches.extend(pool::follow(view, &customer)?);
    patches.push(Patch::put(customer));
    Ok(patches)
}

fn has_history<V: View + ?Sized>(view: &V, customer: CustomerId) -> Result<bool, Unavailable> {
    Ok(!view.list::<Invitation>(&Index::InvitationsByCustomer(customer))?.is_empty()
        || !view.list::<Guest>(&Index::GuestsByCustomer(customer))?.is_empty()
        || !view.list::<Deal>(&Index::DealsByCustomer(customer))?.is_empty()
        || !view.list::<LoggedContact>(&Index::ContactsByCustomer(customer))?.is_empty()
        || !view.list::<Complaint>(&Index::ComplaintsByCustomer(customer))?.is_empty()
        || !view.list::<FollowUp>(&Index::FollowUpsByCustomer(customer))?.is_empty())
}

/// The team of an owner whom the actor may give customers to: somebody who sells and has access.
fn owner_team<V: View + ?Sized>(view: &V, owner: Option<UserId>, context: &Context<'_>) -> Result<Option<TeamId>, Stop> {
    let Some(owner) = owner else { return Ok(None) };
    context.actor.need_reach(view, owner)?;
    let user = view.need::<User>(owner)?;
    if user.access == Access::Granted && SELLERS.contains(&user.role) { Ok(user.team) } else { Err(Rejection::Forbidden.into()) }
}

/// What a profile must satisfy, whoever fills it in.
///
/// # Errors
/// The first [`Rejection`], in the order of the fields.
pub fn check_profile(profile: &Profile) -> Result<(), Rejection> {
    required(Field::Name, &profile.name, NAME_MAX)?;
    if profile.phones.is_empty() && profile.email.is_empty() {
        return Err(Rejection::NoWayOfContact);
    }
    if let Some(year) = profile.birth_year {
        within(Field::BirthYear, i64::from(year), 1900, 2100)?;
    }
    length(Field::Phone, profile.phones.len(), 0, PHONES_MAX as i64)?;
    email(&profile.email)?;
    line(Field::Company, &profile.company, NAME_MAX)?;
    text(Field::Address, &profile.address, 300)?;
    line(Field::Region, &profile.region, NAME_MAX)?;
    line(Field::Occupation, &profile.occupation, NAME_MAX)?;
    line(Field::Source, &profile.source, NAME_MAX)?;
    text(Field::Interests, &profile.interests, WORDS_MAX)?;
    text(Field::Needs, &profile.needs, WORDS_MAX)?;
    text(Field::Pains, &profile.pains, WORDS_MAX)?;
    text(Field::IntentReason, &profile.intent_reason, WORDS_MAX)?;
    length(Field::Tags, profile.tags.len(), 0, TAGS_MAX as i64)?;
    profile.tags.iter().try_for_each(|tag| required(Field::Tags, tag, 40))?;
    length(Field::Consent, profile.consents.len(), 0, CONSENTS_MAX as i64)?;
    profile.consents.iter().try_for_each(|consent| {
        required(Field::Consent, &consent.purpose, NAME_MAX)?;
        line(Field::Consent, &consent.how, NAME_MAX)?;
        instant(Field::Consent, consent.at)?;
        consent.withdrawn.iter().try_for_each(|withdrawal| {
            line(Field::Consent, &withdrawal.how, NAME_MAX)?;
            instant(Field::Consent, withdrawal.at)
        })
    })
}

/// The same consent twice is one.
fn give(consents: &mut Vec<Consent>, new: Consent) {
    let new = Consent { purpose: tidy(&new.purpose), how: tidy(&new.how), ..new };
    if !consents.iter().any(|known| is_same(known, &new)) {
        consents.push(new);
    }
}

/// What was taken back before stays as it was told first. A consent that is given anew later counts again.
fn withdraw(consents: &mut [Consent], taken: &ConsentWithdrawn) {
    let of_purpose = |consent: &&mut Consent| consent.purpose == taken.purpose && consent.withdrawn.is_none() && consent.at <= taken.at;
    consents.iter_mut().filter(of_purpose).for_each(|consent| consent.withdrawn = Some(Withdrawal { at: taken.at, how: tidy(&taken.how) }));
}

/// Whoever replaces the list without having heard that a consent was taken back does not bring it back.
fn still_withdrawn(known: &[Consent], mut next: Vec<Consent>) -> Vec<Consent> {
    for consent in next.iter_mut().filter(|consent| consent.withdrawn.is_none()) {
        consent.withdrawn = known.iter().find(|known| is_same(known, consent)).and_then(|known| known.withdrawn.clone());
    }
    next
}

fn is_same(one: &Consent, other: &Consent) -> bool {
    (&one.purpose, one.at, &one.how) == (&other.purpose, other.at, &other.how)
}

/// A profile as it is stored: what stands on one line is trimmed, and no phone or tag stands there twice.
#[must_use]
pub fn tidied(mut profile: Profile) -> Profile {
    for value in [&mut profile.name, &mut profile.email, &mut profile.company, &mut profile.region, &mut profile.occupation, &mut profile.source] {
        *value = tidy(value);
    }
    profile.phones = distinct(profile.phones);
    profile.tags = distinct(profile.tags.iter().map(|tag| tidy(tag)).collect());
    profile
}

fn distinct<T: PartialEq>(values: Vec<T>) -> Vec<T> {
    let mut kept = Vec::with_capacity(values.len());
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

/// A profile with some fields replaced, [`tidied`].
#[must_use]
pub fn changed(profile: &Profile, changes: &[ProfileChange]) -> Profile {
    let mut next = profile.clone();
    for change in changes.iter().cloned() {
        match change {
            ProfileChange::Name(value) => next.name = value,
            ProfileChange::Salutation(value) => next.salutation = value,
            ProfileChange::Gender(value) => next.gender = value,
            ProfileChange::BirthYear(value) => next.birth_year = value,
            ProfileChange::Phones(value) => next.phones = value,
            ProfileChange::Email(value) => next.email = value,
            ProfileChange::Company(value) => next.company = value,
            ProfileChange::Address(value) => next.address = value,
            ProfileChange::Region(value) => next.region = value,
            ProfileChange::Occupation(value) => next.occupation = value,
            ProfileChange::Interests(value) => next.interests = value,
            ProfileChange::Source(value) => next.source = value,
            ProfileChange::Needs(value) => next.needs = value,
            ProfileChange::Pains(value) => next.pains = value,
            ProfileChange::Intent(value) => next.intent = value,
            ProfileChange::IntentReason(value) => next.intent_reason = value,
            ProfileChange::Tags(value) => next.tags = value,
            ProfileChange::Consents(value) => next.consents = still_withdrawn(&next.consents, value),
            ProfileChange::ConsentGiven(value) => give(&mut next.consents, value),
            ProfileChange::ConsentWithdrawn(value) => withdraw(&mut next.consents, &value),
            ProfileChange::Contact(value) => next.contact = value,
            ProfileChange::Language(value) => next.language = value,
            ProfileChange::Reminders(value) => next.reminders = value,
        }
    }
    tidied(next)
}
