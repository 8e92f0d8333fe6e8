//! Rules about deals after the signature: mistakes in payments, money given back, delivery, calling off with somebody else's approval, another version
//! in the place of a signed one, and the customer's copy (clauses F1 to F3).

use super::command::{AskCancellation, ConfirmDelivery, RecordRefund, RuleCancellation, ShareContract, VoidPayment, WithdrawCopies};
use super::decide::{own, stage_after, told};
use super::{Approval, ApprovalState, Contract, Deal, Delivered, Payment, Refund, Stage, Voided};
use crate::decide::Actor;
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::ids::{CustomerId, DealId};
use crate::invitations::link::MOST_LINKS;
use crate::record::Index;
use crate::settings::Settings;
use crate::time::Timestamp;
use std::sync::Arc;

/// Who rules on what others have sold.
const RULERS: [Role; 2] = [Role::Supervisor, Role::Manager];
/// Most times that money is given back for one deal.
const MOST_REFUNDS: usize = 100;
/// Most versions that follow each other.
pub(crate) const MOST_VERSIONS: usize = 100;

/// Marks a payment as recorded by mistake. What was paid for a version before this one is looked for here.
pub(crate) fn void_payment<V: View + ?Sized>(view: &V, args: &VoidPayment, context: &Context<'_>) -> Decision {
    let deal = latest(view, own(view, args.deal, context)?)?;
    required_text(Field::Reason, &args.reason, WORDS_MAX)?;
    let mut next = (*deal).clone();
    let payment = next.payments.iter_mut().find(|payment| payment.id == args.payment).ok_or(Rejection::DealChanged { deal: deal.id })?;
    if !payment.counts() {
        return Err(Rejection::AlreadyEnded.into());
    }
    if !may_void(&context.actor, payment, context.at, &*context.settings(view)?) {
        return Err(Rejection::Forbidden.into());
    }
    payment.voided = Some(Voided { by: context.actor.user, at: context.at, reason: tidy(&args.reason) });
    // What was given back was there to be given.
    if next.paid().minor < 0 {
        return Err(Rejection::DealNotOpen { deal: deal.id }.into());
    }
    if next.is_sold() {
        next.stage = stage_after(&next);
    }
    told(view, next)
}

/// Whether somebody may say that a payment was recorded by mistake: whoever recorded it on the same day, supervisors and managers always.
#[must_use]
pub fn may_void(actor: &Actor, payment: &Payment, now: Timestamp, settings: &Settings) -> bool {
    let day = |at| settings.utc_offset.day_of(at);
    RULERS.contains(&actor.role) || payment.by == actor.user && day(payment.at) == day(now)
}

/// Records money given back: for a deal that was called off, or what was paid above the total of its last version. That one nobody else has approved, so
/// those who rule on others' deals give it back.
pub(crate) fn record_refund<V: View + ?Sized>(view: &V, args: &RecordRefund, context: &Context<'_>) -> Decision {
    let deal = latest(view, own(view, args.deal, context)?)?;
    required_text(Field::Reason, &args.reason, WORDS_MAX)?;
    if deal.refunds.iter().any(|refund| refund.id == args.refund) {
        return Err(Rejection::AlreadyExists { kind: Kind::Deal }.into());
    }
    if args.amount.currency != deal.total.currency {
        return Err(Rejection::CurrencyMixed.into());
    }
    within(Field::Amount, args.amount.minor, 1, i64::MAX)?;
    let due = deal.to_refund();
    if args.amount.minor > due.minor {
        return Err(Rejection::RefundAboveDue { due }.into());
    }
    if !may_refund(&context.actor, &deal) {
        return Err(Rejection::Forbidden.into());
    }
    length(Field::Rows, deal.refunds.len() + 1, 1, MOST_REFUNDS as i64)?;
    let mut next = (*deal).clone();
    let (by, at, reason) = (context.actor.user, context.at, tidy(&args.reason));
    next.refunds.push(Refund { id: args.refund, amount: args.amount, method: args.method, at, by, reason });
    if next.is_sold() {
        next.stage = stage_after(&next);
    }
    told(view, next)
}

/// Whether somebody who reaches a deal may give back what is to be given back for it.
#[must_use]
pub fn may_refund(actor: &Actor, deal: &Deal) -> bool {
    RULERS.contains(&actor.role) || matches!(deal.stage, Stage::Cancelled { .. })
}

/// Asks to call off what was signed. Once refused, it can be asked for again.
pub(crate) fn ask_cancellation<V: View + ?Sized>(view: &V, args: &AskCancellation, context: &Context<'_>) -> Decision {
    let deal = sold(view, args.deal, context)?;
    required_text(Field::Reason, &args.reason, WORDS_MAX)?;
    if deal.cancellation_waiting().is_some() {
        return Err(Rejection::DealChanged { deal: deal.id }.into());
    }
    let (asked_by, asked_at) = (context.actor.user, context.at);
    let request = Approval { reason: args.reason.trim().to_owned(), asked_by, asked_at, state: ApprovalState::Waiting };
    told(view, Deal { cancellation: Some(request), ..(*deal).clone() })
}

/// Rules on a request to call off: the first ruling counts.
pub(crate) fn rule_cancellation<V: View + ?Sized>(view: &V, args: &RuleCancellation, context: &Context<'_>) -> Decision {
    let deal = sold(view, args.deal, context)?;
    let Some(request) = deal.cancellation_waiting() else { return Err(Rejection::AlreadyRuled.into()) };
    if request.asked_at != args.asked_at {
        return Err(Rejection::DealChanged { deal: deal.id }.into());
    }
    need_canceller(view, &deal, request, &context.actor)?;
    let (by, at) = (context.actor.user, context.at);
    let mut next = (*deal).clone();
    let state = match &args.refusal {
        None => {
            next.stage = Stage::Cancelled { reason: request.reason.clone() };
            ApprovalState::Granted { by, at }
        }
        Some(reason) => {
            required_text(Field::Reason, reason, WORDS_MAX)?;
            ApprovalState::Refused { by, at, reason: reason.trim().to_owned() }
        }
    };
    next.cancellation = Some(Approval { state, ..request.clone() });
    told(view, next)
}

/// Whether somebody may rule on a request to call off: a supervisor or manager who reaches the seller, and neither sold nor asked.
///
/// # Errors
/// Why not, as a [`Stop`].
pub fn need_canceller<V: View + ?Sized>(view: &V, deal: &Deal, request: &Approval, actor: &Actor) -> Result<(), Stop> {
    actor.need_role(&RULERS)?;
    actor.need_reach(view, deal.seller)?;
    if [deal.seller, request.asked_by].contains(&actor.user) { Err(Rejection::NotYourOwn.into()) } else { Ok(()) }
}

/// Notes that everything was handed over; said twice, the first time counts.
pub(crate) fn confirm_delivery<V: View + ?Sized>(view: &V, args: &ConfirmDelivery, context: &Context<'_>) -> Decision {
    let deal = latest(view, own(view, args.deal, context)?)?;
    need_sold(&deal)?;
    if deal.delivered.is_some() {
        return Ok(Vec::new());
    }
    let delivered = Some(Delivered { by: context.actor.user, at: context.at });
    Ok(vec![Patch::put(Deal { delivered, ..(*deal).clone() })])
}

/// Lets the customer read a copy with a link.
pub(crate) fn share_contract<V: View + ?Sized>(view: &V, args: &ShareContract, context: &Context<'_>) -> Decision {
    let deal = own(view, args.deal, context)?;
    view.need::<Contract>(args.deal)?;
    // Somebody else's link, by whatever chance, stays theirs.
    let others = view.list::<Deal>(&Index::DealByCopy(args.link))?;
    if others.iter().any(|other| other.id != deal.id) {
        return Err(Rejection::AlreadyExists { kind: Kind::Deal }.into());
    }
    let mut next = (*deal).clone();
    if !next.copies.contains(&args.link) {
        let too_many = (next.copies.len() + 1).saturating_sub(MOST_LINKS);
        next.copies.drain(..too_many);
        next.copies.push(args.link);
    }
    Ok(vec![Patch::put(next)])
}

/// Takes back all links to a copy.
pub(crate) fn withdraw_copies<V: View + ?Sized>(view: &V, args: &WithdrawCopies, context: &Context<'_>) -> Decision {
    let deal = own(view, args.deal, context)?;
    Ok(vec![Patch::put(Deal { copies: Vec::new(), ..(*deal).clone() })])
}

/// A deal within reach whose place another one may take: it was signed by the same customer. What has become of it meanwhile (another version, called off) is
/// no reason to refuse what the customer signs now: the last version and all its money are then replaced.
pub(super) fn need_replaceable<V: View + ?Sized>(view: &V, id: DealId, customer: CustomerId, context: &Context<'_>) -> Result<Arc<Deal>, Stop> {
    let deal = latest(view, own(view, id, context)?)?;
    if deal.customer == customer && deal.signed_at.is_some() { Ok(deal) } else { Err(Rejection::DealNotOpen { deal: id }.into()) }
}

/// The version that stands in the place of a deal now.
///
/// # Errors
/// The store's failure, as a [`Stop`].
pub(crate) fn latest<V: View + ?Sized>(view: &V, mut deal: Arc<Deal>) -> Result<Arc<Deal>, Stop> {
    for _ in 0..MOST_VERSIONS {
        let Stage::Replaced { by } = deal.stage else { break };
        deal = view.need::<Deal>(by)?;
    }
    Ok(deal)
}

fn sold<V: View + ?Sized>(view: &V, id: DealId, context: &Context<'_>) -> Result<Arc<Deal>, Stop> {
    let deal = own(view, id, context)?;
    need_sold(&deal)?;
    Ok(deal)
}

fn need_sold(deal: &Deal) -> Result<(), Stop> {
    if deal.is_sold() { Ok(()) } else { Err(Rejection::DealNotOpen { deal: deal.id }.into()) }
}
