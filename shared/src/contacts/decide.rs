//! Rules about contacts: whoever may work on the customer logs them, and whoever a task was handed to.

use super::command::LogContact;
use super::{Came, LoggedContact, NextStep};
use crate::customers::command::ProfileChange;
use crate::customers::decide::{changed, placed, works_on};
use crate::customers::{Contact, Customer};
use crate::decide::prelude::*;
use crate::decide::{Patch, Unavailable};
use crate::follow_ups::decide::{closed_by, errands_of, reached};
use crate::ids::{CustomerId, UserId};
use crate::preparations::decide::is_plausible_day;
use crate::record::Index;

/// Longest words about what is to be done next.
pub const NEXT_MAX: usize = 200;
/// The scores that a customer can give.
pub const SATISFACTION: std::ops::RangeInclusive<u8> = 1..=5;

/// Logs a contact, and closes the task that it was about. A device to which a task was handed does not hold the customer: there the errand goes, and the
/// server's rows bring the rest to whoever owns the customer.
pub(crate) fn log_contact<V: View + ?Sized>(view: &V, args: &LogContact, context: &Context<'_>) -> Decision {
    context.actor.need_role(&crate::customers::decide::SELLERS)?;
    let customer = view.get::<Customer>(args.customer)?;
    let reaches = customer.as_ref().map_or(Ok(false), |customer| works_on(view, &context.actor, customer))?;
    let errands = errands_of(view, args.customer, args.task.as_ref(), &context.actor)?;
    // A device may have lost the errand while its person was on the phone. What was said is kept, and the server decides.
    let is_late = args.task.is_some() && customer.is_none() && context.authority.is_none();
    if !reaches && errands.is_empty() && !is_late {
        return Err(if customer.is_some() { Rejection::Forbidden } else { Rejection::NotFound { kind: Kind::Customer } }.into());
    }
    view.need_free::<LoggedContact>(args.contact)?;
    check(args)?;
    // Nobody was reached tomorrow: a year typed wrong would silence a customer until then.
    let at = args.at.map_or(context.at, |at| at.min(context.at));
    let Some(customer) = customer else {
        let done = args.came.is_reached();
        return Ok(errands.iter().filter(|_| done).map(|errand| Patch::delete::<crate::follow_ups::Errand>(errand.id)).collect());
    };
    let logged = LoggedContact {
        id: args.contact,
        customer: customer.id,
        owner: customer.owner,
        at,
        by: context.actor.user,
        way: args.way,
        came: args.came,
        words: args.words.trim().to_owned(),
        next: args.next.as_ref().map(|next| NextStep { on: next.on, words: tidy(&next.words) }),
        satisfaction: args.satisfaction,
    };
    let mut patches = vec![Patch::put(logged)];
    if let Some(why) = &args.task
        && args.came.is_reached()
    {
        patches.extend(closed_by(view, &customer, why, args.contact, context)?);
    }
    if args.came.is_reached() {
        let known: Vec<_> = patches.iter().map(Patch::key).collect();
        let others = reached(view, customer.id, at, context.settings(view)?.utc_offset)?;
        patches.extend(others.into_iter().filter(|patch| !known.contains(&patch.key())));
    }
    if args.came == Came::DoNotContact {
        let profile = changed(&customer.profile, &[ProfileChange::Contact(Contact::Refused)]);
        let refused = placed(view, Customer { profile, import: None, changed_at: context.at, ..(*customer).clone() })?;
        // The task's errand is gone by then already.
        let known: Vec<_> = patches.iter().map(Patch::key).collect();
        patches.extend(refused.into_iter().filter(|patch| !known.contains(&patch.key())));
    }
    Ok(patches)
}

fn check(args: &LogContact) -> Result<(), Rejection> {
    text(Field::Words, &args.words, WORDS_MAX)?;
    if let Some(at) = args.at {
        instant(Field::StartsAt, at)?;
    }
    if let Some(next) = &args.next {
        text(Field::Words, &next.words, NEXT_MAX)?;
        if !is_plausible_day(next.on) {
            return Err(Rejection::Malformed { field: Field::Due });
        }
    }
    args.satisfaction.map_or(Ok(()), |score| within(Field::Satisfaction, score.into(), (*SATISFACTION.start()).into(), (*SATISFACTION.end()).into()))
}

/// The contacts of a customer, who has another owner now.
pub(crate) fn moved<V: View + ?Sized>(view: &V, customer: CustomerId, to: Option<UserId>) -> Result<Vec<Patch>, Unavailable> {
    let contacts = view.list::<LoggedContact>(&Index::ContactsByCustomer(customer))?;
    Ok(contacts.iter().map(|contact| Patch::put(LoggedContact { owner: to, ..(**contact).clone() })).collect())
}
