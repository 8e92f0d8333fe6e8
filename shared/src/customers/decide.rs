//! Rules about customers: whoever reaches the owner may work on the record; nothing but a name and one way of contact is compulsory.

use super::command::{AddCustomer, EditCustomer, ImportCustomers, ImportRow, ProfileChange, TransferCustomers, UndoImport};
use super::{Customer, ImportedChange, Profile};
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::ids::{CustomerId, UserId};
use crate::invitations::Invitation;
use crate::people::{Access, User};
use crate::record::Index;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most rows of one [`ImportCustomers`].
pub const MOST_IMPORTED: usize = 200;
/// Most customers of one [`TransferCustomers`].
pub const MOST_TRANSFERRED: usize = 500;
const PHONES_MAX: usize = 5;
const TAGS_MAX: usize = 30;
const CONSENTS_MAX: usize = 50;

/// Creates a customer.
pub(crate) fn add_customer<V: View + ?Sized>(view: &V, args: &AddCustomer, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Rep, Role::Supervisor, Role::Manager])?;
    let team = owner_team(view, args.owner, context)?;
    view.need_free::<Customer>(args.customer)?;
    check_profile(&args.profile)?;
    let (owner, profile) = (args.owner, args.profile.clone());
    Ok(vec![Patch::put(Customer { id: args.customer, owner, team, profile, import: None, created_at: context.at, changed_at: context.at })])
}

/// Changes the fields named, and no other.
pub(crate) fn edit_customer<V: View + ?Sized>(view: &V, args: &EditCustomer, context: &Context<'_>) -> Decision {
    let customer = reached(view, args.customer, context)?;
    let profile = changed(&customer.profile, &args.changes);
    check_profile(&profile)?;
    Ok(vec![Patch::put(Customer { profile, changed_at: context.at, ..(*customer).clone() })])
}

/// Gives customers to another owner within the actor's reach, or to the pool. Their invitations stay with who made them.
pub(crate) fn transfer_customers<V: View + ?Sized>(view: &V, args: &TransferCustomers, context: &Context<'_>) -> Decision {
    length(Field::Customers, args.customers.len(), 1, MOST_TRANSFERRED as i64)?;
    if args.to.is_some_and(|to| to != context.actor.user) {
        context.actor.need_role(&[Role::Supervisor, Role::Manager])?;
    }
    let team = owner_team(view, args.to, context)?;
    let transfer = |id: &CustomerId| {
        let customer = reached(view, *id, context)?;
        Ok(Patch::put(Customer { owner: args.to, team, changed_at: context.at, ..(*customer).clone() }))
    };
    args.customers.iter().collect::<BTreeSet<_>>().into_iter().map(transfer).collect()
}

/// Takes in a part of a file: new customers become the actor's, known ones get the row's values.
pub(crate) fn import_customers<V: View + ?Sized>(view: &V, args: &ImportCustomers, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Rep, Role::Supervisor, Role::Manager])?;
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
                view.need_free::<Customer>(*customer)?;
                check_profile(profile)?;
                patches.push(Patch::put(Customer {
                    id: *customer,
                    owner,
                    team: context.actor.team,
                    profile: (**profile).clone(),
                    import: Some(args.import),
                    created_at: context.at,
                    changed_at: context.at,
                }));
            }
            ImportRow::Update { customer, changes } => {
                if !seen.insert(*customer) {
                    return Err(Rejection::AlreadyExists { kind: Kind::Customer }.into());
                }
                let before = reached(view, *customer, context)?;
                let after = changed(&before.profile, changes);
                check_profile(&after)?;
                patches.push(Patch::put(ImportedChange {
                    customer: *customer,
                    owner: before.owner,
                    import: args.import,
                    before: before.profile.clone(),
                    after: after.clone(),
                }));
                patches.push(Patch::put(Customer { profile: after, changed_at: context.at, ..(*before).clone() }));
            }
        }
    }
    Ok(patches)
}

/// Takes an import back. What somebody has worked with since (edited, transferred, invited) stays as it is.
pub(crate) fn undo_import<V: View + ?Sized>(view: &V, args: &UndoImport, context: &Context<'_>) -> Decision {
    let mut patches = Vec::new();
    for customer in view.list::<Customer>(&Index::CustomersByImport(args.import))? {
        let own = customer.owner.is_some_and(|owner| context.actor.need_reach(view, owner).is_ok());
        let untouched = customer.changed_at == customer.created_at;
        if own && untouched && view.list::<Invitation>(&Index::InvitationsByCustomer(customer.id))?.is_empty() {
            patches.push(Patch::delete::<Customer>(customer.id));
        }
    }
    for change in view.list::<ImportedChange>(&Index::ImportedChangesByImport(args.import))? {
        if let Some(customer) = view.get::<Customer>(change.customer)?
            && need_customer_reach(view, &customer, context).is_ok()
        {
            patches.push(Patch::delete::<ImportedChange>(change.customer));
            if customer.profile == change.after {
                patches.push(Patch::put(Customer { profile: change.before.clone(), changed_at: context.at, ..(*customer).clone() }));
            }
        }
    }
    if patches.is_empty() { Err(Rejection::NothingToUndo { import: args.import }.into()) } else { Ok(patches) }
}

/// A customer that the actor may work on.
pub(crate) fn reached<V: View + ?Sized>(view: &V, id: CustomerId, context: &Context<'_>) -> Result<Arc<Customer>, Stop> {
    let customer = view.need::<Customer>(id)?;
    need_customer_reach(view, &customer, context)?;
    Ok(customer)
}

fn need_customer_reach<V: View + ?Sized>(view: &V, customer: &Customer, context: &Context<'_>) -> Result<(), Stop> {
    match customer.owner {
        Some(owner) => context.actor.need_reach(view, owner),
        None => Ok(context.actor.need_role(&[Role::Supervisor, Role::Manager])?),
    }
}

/// The team of an owner whom the actor may give customers to: somebody who sells and has access.
fn owner_team<V: View + ?Sized>(view: &V, owner: Option<UserId>, context: &Context<'_>) -> Result<Option<crate::ids::TeamId>, Stop> {
    let Some(owner) = owner else { return Ok(None) };
    context.actor.need_reach(view, owner)?;
    let user = view.need::<User>(owner)?;
    if user.access == Access::Revoked || user.role == Role::Administrator {
        return Err(Rejection::Forbidden.into());
    }
    Ok(user.team)
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
    text(Field::Company, &profile.company, NAME_MAX)?;
    text(Field::Address, &profile.address, 300)?;
    text(Field::Region, &profile.region, NAME_MAX)?;
    text(Field::Occupation, &profile.occupation, NAME_MAX)?;
    text(Field::Source, &profile.source, NAME_MAX)?;
    text(Field::Interests, &profile.interests, WORDS_MAX)?;
    text(Field::Needs, &profile.needs, WORDS_MAX)?;
    text(Field::Pains, &profile.pains, WORDS_MAX)?;
    text(Field::IntentReason, &profile.intent_reason, WORDS_MAX)?;
    length(Field::Tags, profile.tags.len(), 0, TAGS_MAX as i64)?;
    profile.tags.iter().try_for_each(|tag| required(Field::Tags, tag, 40))?;
    length(Field::Consent, profile.consents.len(), 0, CONSENTS_MAX as i64)?;
    profile.consents.iter().try_for_each(|consent| {
        required(Field::Consent, &consent.purpose, NAME_MAX)?;
        text(Field::Consent, &consent.how, NAME_MAX)
    })
}

/// A profile with some fields replaced.
#[must_use]
pub fn changed(profile: &Profile, changes: &[ProfileChange]) -> Profile {
    let mut next = profile.clone();
    for change in changes.iter().cloned() {
        match change {
            ProfileChange::Name(value) => next.name = value.trim().to_owned(),
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
            ProfileChange::Consents(value) => next.consents = value,
            ProfileChange::Contact(value) => next.contact = value,
        }
    }
    next
}
