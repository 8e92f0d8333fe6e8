//! Rules about follow-up tasks: whoever works on the customer says what becomes of them, and whoever one was handed to.

use super::command::{Mark, MarkFollowUp, SetFollowUpRule};
use super::{Errand, FollowUp, FollowUpState, Why};
use crate::customers::decide::{SELLERS, works_on};
use crate::customers::{Contact, Customer};
use crate::deals::{Deal, Stage};
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch, Unavailable};
use crate::ids::{ContactId, CustomerId, OrgId, UserId};
use crate::people::User;
use crate::preparations::decide::is_plausible_day;
use crate::record::Index;
use crate::settings::Settings;
use crate::time::{Timestamp, UtcOffset};
use std::sync::Arc;

/// Longest reason for dropping a task, and longest words for whoever gets one.
pub const WORDS_ABOUT_MAX: usize = 300;

/// Says what becomes of a task. Whoever got it from a colleague may not hold the customer: there it changes the errand alone, and the server the rest.
pub(crate) fn mark_follow_up<V: View + ?Sized>(view: &V, args: &MarkFollowUp, context: &Context<'_>) -> Decision {
    context.actor.need_role(&SELLERS)?;
    let customer = view.get::<Customer>(args.customer)?;
    let reaches = customer.as_ref().map_or(Ok(false), |customer| works_on(view, &context.actor, customer))?;
    let errands = errands_of(view, args.customer, Some(&args.why), &context.actor)?;
    if !reaches && errands.is_empty() {
        return Err(if customer.is_some() { Rejection::Forbidden } else { Rejection::NotFound { kind: Kind::Customer } }.into());
    }
    let state = match &args.mark {
        Mark::Open => None,
        Mark::Snoozed { until } if !is_plausible_day(*until) => return Err(Rejection::Malformed { field: Field::Due }.into()),
        // It stays with whoever has it, and wakes there.
        Mark::Snoozed { until } if !errands.is_empty() => {
            return Ok(errands.iter().map(|errand| Patch::put(Errand { snoozed: Some(*until), ..(**errand).clone() })).collect());
        }
        Mark::Snoozed { until } => Some(FollowUpState::Snoozed { until: *until }),
        Mark::Dropped { reason } => {
            required_text(Field::Reason, reason, WORDS_ABOUT_MAX)?;
            Some(FollowUpState::Dropped { reason: tidy(reason) })
        }
        Mark::HandedOver { to, due, words } => {
            text(Field::Words, words, WORDS_ABOUT_MAX)?;
            instant(Field::Due, *due)?;
            Some(FollowUpState::HandedOver { to: *to })
        }
    };
    let Some(customer) = customer else {
        return match args.mark {
            Mark::HandedOver { .. } => Err(Rejection::Forbidden.into()),
            Mark::Open | Mark::Snoozed { .. } | Mark::Dropped { .. } => Ok(errands.iter().map(|errand| Patch::delete::<Errand>(errand.id)).collect()),
        };
    };
    let errand = match &args.mark {
        Mark::HandedOver { to, due, words } => {
            if !reaches || !may_take_over(view, context.actor.org, &*view.need::<User>(*to)?, &context.actor, customer.owner)? {
                return Err(Rejection::Forbidden.into());
            }
            if customer.profile.contact == Contact::Refused {
                return Err(Rejection::DoNotContact { customer: customer.id }.into());
            }
            let errand = Errand {
                id: args.why.id(customer.id),
                customer: customer.id,
                why: args.why,
                to: *to,
                from: context.actor.user,
                at: context.at,
                due: *due,
                words: tidy(words),
                snoozed: None,
                name: String::new(),
                salutation: None,
                phones: Vec::new(),
            };
            Some(errand.showing(&customer))
        }
        Mark::Open | Mark::Snoozed { .. } | Mark::Dropped { .. } => None,
    };
    Ok(become_of(view, &customer, args.why, state, errand, context)?)
}

/// Switches a rule on or off.
pub(crate) fn set_follow_up_rule<V: View + ?Sized>(view: &V, args: &SetFollowUpRule, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Administrator])?;
    let limits = args.rule.limits();
    if let Some(after) = args.after {
        within(Field::Due, after.into(), (*limits.start()).into(), (*limits.end()).into())?;
    }
    let settings = context.settings(view)?;
    let follow_ups = settings.follow_ups.with(args.rule, args.after);
    // The second time comes after the first, or the first would never come.
    if let (Some(first), Some(second)) = (follow_ups.first_care, follow_ups.second_care)
        && first >= second
    {
        return Err(Rejection::Malformed { field: Field::Due }.into());
    }
    Ok(vec![Patch::put(Settings { follow_ups, ..(*settings).clone() })])
}

/// A contact has done a task, whoever had it.
pub(crate) fn closed_by<V: View + ?Sized>(
    view: &V,
    customer: &Customer,
    why: &Why,
    contact: ContactId,
    context: &Context<'_>,
) -> Result<Vec<Patch>, Unavailable> {
    become_of(view, customer, *why, Some(FollowUpState::Done { contact }), None, context)
}

/// What is stored of a task from now on. One that is done stays done: whoever put it off had not heard.
///
/// Two customers who were merged may bring two records of one task: one is left.
fn become_of<V: View + ?Sized>(
    view: &V,
    customer: &Customer,
    why: Why,
    state: Option<FollowUpState>,
    errand: Option<Errand>,
    context: &Context<'_>,
) -> Result<Vec<Patch>, Unavailable> {
    let id = why.id(customer.id);
    let marks = view.list::<FollowUp>(&Index::FollowUpsByCustomer(customer.id))?;
    let known: Vec<_> = marks.iter().filter(|mark| mark.why == why).collect();
    let is_done = known.iter().any(|mark| matches!(mark.state, FollowUpState::Done { .. }));
    if is_done && !matches!(state, Some(FollowUpState::Done { .. })) {
        return Ok(Vec::new());
    }
    let stays = |other| state.is_some() && other == id;
    let mut patches: Vec<_> = known.iter().filter(|mark| !stays(mark.id)).map(|mark| Patch::delete::<FollowUp>(mark.id)).collect();
    let errands = view.list::<Errand>(&Index::ErrandsByCustomer(customer.id))?;
    let others = errands.iter().filter(|other| other.why == why && errand.as_ref().is_none_or(|errand| errand.id != other.id));
    patches.extend(others.map(|other| Patch::delete::<Errand>(other.id)));
    let (by, at) = (context.actor.user, context.at);
    patches.extend(state.map(|state| Patch::put(FollowUp { id, customer: customer.id, owner: customer.owner, why, state, by, at })));
    patches.extend(errand.map(Patch::put));
    Ok(patches)
}

/// What somebody, or whoever they answer for, was handed of a customer's tasks: the one that is named.
pub(crate) fn errands_of<V: View + ?Sized>(
    view: &V,
    customer: CustomerId,
    why: Option<&Why>,
    actor: &Actor,
) -> Result<Vec<Arc<Errand>>, Unavailable> {
    let Some(why) = why else { return Ok(Vec::new()) };
    let mut errands = view.list::<Errand>(&Index::ErrandsByCustomer(customer))?;
    let mut of_actor = Vec::with_capacity(errands.len());
    for errand in errands.drain(..).filter(|errand| errand.why == *why) {
        if actor.reaches(view, errand.to)? {
            of_actor.push(errand);
        }
    }
    Ok(of_actor)
}

/// Whoever was reached is called by nobody for what they were to be called about before: the colleagues' errands go, whoever has called. What was promised
/// for a later day stays.
pub(crate) fn reached<V: View + ?Sized>(view: &V, customer: CustomerId, at: Timestamp, clock: UtcOffset) -> Result<Vec<Patch>, Unavailable> {
    let is_done =
        |errand: &Arc<Errand>| errand.at <= at && (!matches!(errand.why, Why::Promised { .. }) || clock.day_of(errand.due) <= clock.day_of(at));
    taken_from(view, view.list::<Errand>(&Index::ErrandsByCustomer(customer))?.into_iter().filter(is_done))
}

/// What a deal ends for colleagues: whoever has bought is not asked why they did not, and what was called off needs no care.
pub(crate) fn dealt<V: View + ?Sized>(view: &V, deal: &Deal) -> Result<Vec<Patch>, Unavailable> {
    let errands = view.list::<Errand>(&Index::ErrandsByCustomer(deal.customer))?;
    let is_over = |errand: &Arc<Errand>| match errand.why {
        Why::CameOnly { .. } => deal.is_sold(),
        Why::FirstCare { deal: of } | Why::SecondCare { deal: of } => of == deal.id && matches!(deal.stage, Stage::Cancelled { .. }),
        Why::Promised { .. } | Why::StayedAway { .. } | Why::Rhythm { .. } => false,
    };
    taken_from(view, errands.into_iter().filter(is_over))
}

/// What somebody has in hand who sells no more, or has gone to another team: it is the owners' again.
pub(crate) fn left_behind<V: View + ?Sized>(view: &V, user: UserId) -> Result<Vec<Patch>, Unavailable> {
    taken_from(view, view.list::<Errand>(&Index::ErrandsTo(user))?.into_iter())
}

/// Errands go, and with them that somebody has them in hand.
fn taken_from<V: View + ?Sized>(view: &V, errands: impl Iterator<Item = Arc<Errand>>) -> Result<Vec<Patch>, Unavailable> {
    let mut patches = Vec::new();
    for errand in errands {
        patches.push(Patch::delete::<Errand>(errand.id));
        let marks = view.list::<FollowUp>(&Index::FollowUpsByCustomer(errand.customer))?;
        let in_hand = marks.iter().filter(|mark| mark.why == errand.why && matches!(mark.state, FollowUpState::HandedOver { .. }));
        patches.extend(in_hand.map(|mark| Patch::delete::<FollowUp>(mark.id)));
    }
    Ok(patches)
}

/// Whether somebody can be handed a task: sells, has access, and is in the team of whoever hands it over, or within their reach. The owner has it already.
///
/// # Errors
/// The store's failure.
pub fn may_take_over<V: View + ?Sized>(view: &V, org: OrgId, user: &User, actor: &Actor, owner: Option<UserId>) -> Result<bool, Unavailable> {
    let sells = Actor::of(org, user).is_some_and(|it| SELLERS.contains(&it.role));
    let is_near = actor.team.is_some() && user.team == actor.team;
    Ok(sells && Some(user.id) != owner && (is_near || actor.reaches(view, user.id)?))
}

/// What becomes of a customer's tasks when the customer gets another owner: what is done stays done, and what a colleague had is the new owner's.
pub(crate) fn moved<V: View + ?Sized>(view: &V, customer: CustomerId, to: Option<UserId>) -> Result<Vec<Patch>, Unavailable> {
    let marks = view.list::<FollowUp>(&Index::FollowUpsByCustomer(customer))?;
    let errands = view.list::<Errand>(&Index::ErrandsByCustomer(customer))?;
    let of_mark = |mark: &Arc<FollowUp>| match mark.state {
        FollowUpState::HandedOver { .. } => Patch::delete::<FollowUp>(mark.id),
        _ => Patch::put(FollowUp { owner: to, ..(**mark).clone() }),
    };
    Ok(marks.iter().map(of_mark).chain(errands.iter().map(|errand| Patch::delete::<Errand>(errand.id))).collect())
}

/// What colleagues were handed shows the customer as they are now; whoever asked not to be contacted is nobody's errand.
pub(crate) fn follow<V: View + ?Sized>(view: &V, customer: &Customer) -> Result<Vec<Patch>, Unavailable> {
    let mut patches = Vec::new();
    for errand in view.list::<Errand>(&Index::ErrandsByCustomer(customer.id))? {
        if customer.profile.contact == Contact::Refused {
            patches.push(Patch::delete::<Errand>(errand.id));
            continue;
        }
        let next = (*errand).clone().showing(customer);
        if next != *errand {
            patches.push(Patch::put(next));
        }
    }
    Ok(patches)
}
