//! Rules about deals until they are signed and paid: exact totals, discounts within limits or approved by somebody else, a signature that is one, and no
//! payment above the total. What comes after that is in [`super::after`].

use super::command::{ApproveDiscount, CancelDeal, ChangeDeal, OpenDeal, OrderLine, RecordPayment, RefuseDiscount, SignDeal};
use super::contract::{is_signature, sha256_hex};
use super::evidence::{self, ByDevice};
use super::schedule::{Instalment, MOST_INSTALMENTS};
use super::{Approval, ApprovalState, Contract, Deal, Line, Payment, Stage, Stroke, after};
use crate::check_ins::decide::need_duty;
use crate::customers::decide::{SELLERS, works_on};
use crate::customers::{Customer, milestones};
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch};
use crate::files::decide::attach;
use crate::ids::{CustomerId, DealId, MeetingId};
use crate::meetings::{Guest, Meeting};
use crate::money::{BasisPoints, Money, MoneyError, WHOLE};
use crate::preparations::decide::is_plausible_day;
use crate::products::decide::PRICE_MAX;
use crate::products::{Listing, Product};
use crate::promotions::Honoured;
use crate::promotions::decide::{Buying, free_places, promote, take_places};
use crate::record::Index;
use crate::settings::Settings;
use std::sync::Arc;

/// Most lines of a deal.
pub const MOST_LINES: usize = 100;
/// Most of one product in a line.
pub const QUANTITY_MAX: i64 = 9_999;
/// Longest contract, in characters.
pub const CONTRACT_MAX: usize = 50_000;
const MOST_POINTS: usize = 20_000;
const MOST_STROKES: usize = 1_000;
const MOST_PAYMENTS: usize = 100;

/// Opens a deal. Prices must be those of the list: what the customer saw is what is signed.
pub(crate) fn open_deal<V: View + ?Sized>(view: &V, args: &OpenDeal, context: &Context<'_>) -> Decision {
    context.actor.need_role(&SELLERS)?;
    view.need_free::<Deal>(args.deal)?;
    required(Field::Name, &args.buyer, NAME_MAX)?;
    // Of a version, whoever reaches the deal whose place it takes; and it stays its seller's.
    let before = args.replaces.map(|replaced| after::need_replaceable(view, replaced, args.customer, context)).transpose()?;
    if before.is_none() {
        need_buyer(view, args.customer, args.meeting, context)?;
    }
    let settings = context.settings(view)?;
    let approval = approval_needed(&settings, args.discount, args.approval_reason.as_deref(), context)?;
    let mut lines = priced(view, &args.lines)?;
    // A version corrects a sale, and is none at another meeting.
    let meeting = before.as_ref().map_or(args.meeting, |before| before.meeting);
    promote(view, &mut lines, &args.lines, &Buying { customer: args.customer, meeting, before: before.as_deref() }, context)?;
    let total = agreed(&settings, &lines, &args.into())?;
    let deal = Deal {
        id: args.deal,
        customer: args.customer,
        buyer: tidy(&args.buyer),
        meeting,
        seller: before.map_or(context.actor.user, |before| before.seller),
        lines,
        discount: args.discount,
        total,
        deposit: args.deposit,
        instalments: args.instalments.clone(),
        payments: Vec::new(),
        refunds: Vec::new(),
        stage: Stage::Quoted,
        opened_at: context.at,
        approval,
        signed_at: None,
        replaces: args.replaces,
        delivered: None,
        cancellation: None,
        copies: Vec::new(),
        honoured: Vec::new(),
    };
    told(view, deal)
}

/// Changes what a deal is about, at today's prices. [`keeps_approval`] says whether it must be approved anew.
pub(crate) fn change_deal<V: View + ?Sized>(view: &V, args: &ChangeDeal, context: &Context<'_>) -> Decision {
    let deal = quoted(view, args.deal, context)?;
    // An app that knows no instalments does not say them: it would drop what was agreed on.
    if args.total.is_none() && !deal.instalments.is_empty() {
        return Err(Rejection::DealChanged { deal: deal.id }.into());
    }
    let settings = context.settings(view)?;
    let approval = if keeps_approval(&deal, &args.lines, args.discount, args.approval_reason.is_some()) {
        deal.approval.clone()
    } else {
        approval_needed(&settings, args.discount, args.approval_reason.as_deref(), context)?
    };
    let mut lines = priced(view, &args.lines)?;
    promote(view, &mut lines, &args.lines, &Buying { customer: deal.customer, meeting: deal.meeting, before: Some(&deal) }, context)?;
    let total = agreed(&settings, &lines, &args.into())?;
    if total.minor < deal.paid().minor {
        return Err(Rejection::PaidAboveTotal { paid: deal.paid() }.into());
    }
    let (discount, deposit, instalments) = (args.discount, args.deposit, args.instalments.clone());
    told(view, Deal { lines, discount, total, deposit, instalments, approval, ..(*deal).clone() })
}

/// Approves a discount: the first ruling counts.
pub(crate) fn approve_discount<V: View + ?Sized>(view: &V, args: &ApproveDiscount, context: &Context<'_>) -> Decision {
    rule_discount(view, args.deal, &args.terms, ApprovalState::Granted { by: context.actor.user, at: context.at }, context)
}

/// Refuses a discount: the first ruling counts.
pub(crate) fn refuse_discount<V: View + ?Sized>(view: &V, args: &RefuseDiscount, context: &Context<'_>) -> Decision {
    required_text(Field::Reason, &args.reason, WORDS_MAX)?;
    let state = ApprovalState::Refused { by: context.actor.user, at: context.at, reason: args.reason.trim().to_owned() };
    rule_discount(view, args.deal, &args.terms, state, context)
}

/// Signs: the evidence becomes a record of its own that no command changes.
pub(crate) fn sign_deal<V: View + ?Sized>(view: &V, args: &SignDeal, context: &Context<'_>) -> Decision {
    let deal = quoted(view, args.deal, context)?;
    if deal.lacks_approval() {
        return Err(Rejection::DiscountNotApproved { deal: deal.id }.into());
    }
    if args.terms.as_ref().is_some_and(|terms| *terms != deal.terms()) {
        return Err(Rejection::DealChanged { deal: deal.id }.into());
    }
    required(Field::SignerName, &args.signer, NAME_MAX)?;
    required_text(Field::ContractText, &args.text, CONTRACT_MAX)?;
    if sha256_hex(&args.text) != args.sha256 {
        return Err(Rejection::ContractTextAltered.into());
    }
    if !args.consent {
        return Err(Rejection::ConsentMissing.into());
    }
    check_strokes(&args.strokes)?;
    if !args.witness_strokes.is_empty() {
        check_strokes(&args.witness_strokes)?;
    }
    if args.seal.as_ref().is_some_and(|seal| !seal.link.is_well_formed()) {
        return Err(Rejection::SealBroken.into());
    }
    if let Some(declared) = &args.declared {
        required_text(Field::Consent, &declared.consent, WORDS_MAX)?;
    }
    view.need_free::<Contract>(args.deal)?;
    let mut contract = Contract {
        deal: deal.id,
        text: args.text.clone(),
        sha256: args.sha256.clone(),
        template_version: args.template_version,
        signer: tidy(&args.signer),
        strokes: args.strokes.clone(),
        witness_strokes: args.witness_strokes.clone(),
        signed_at: context.at,
        rep: deal.seller,
        // Ruled on later by somebody else, it is still whoever held the device that saw it.
        witness: args.seal.as_ref().map_or(context.actor.user, |seal| seal.witness),
        device: context.device,
        declared: args.declared.clone(),
        seal: args.seal.clone(),
        received: None,
    };
    let org = context.actor.org;
    match evidence::by_device(&contract, org, &context.settings(view)?.ticket_key) {
        ByDevice::Signed => {}
        // Without a signature one speaks for oneself, or as who rules on what somebody else has recorded.
        ByDevice::Unsigned if contract.witness == context.actor.user => {}
        ByDevice::Unsigned if matches!(context.actor.role, Role::Supervisor | Role::Manager) => {}
        ByDevice::Unsigned | ByDevice::Bad => return Err(Rejection::SealBroken.into()),
    }
    contract.received = context.authority.map(|server| evidence::countersign(&contract, org, server.signer, server.now));
    let mut next = Deal { signed_at: Some(context.at), ..(*deal).clone() };
    let mut patches = Vec::new();
    let mut replaced = None;
    if let Some(id) = deal.replaces {
        let before = after::need_replaceable(view, id, deal.customer, context)?;
        replaced = Some(before.id);
        next.payments.splice(..0, before.payments.iter().cloned());
        next.refunds.splice(..0, before.refunds.iter().cloned());
        next.signed_at = before.signed_at;
        // A ruling stands for what it was made for, and not for more.
        let stands = |honoured: &&Honoured| (1..=before.reduced_by(honoured.promotion)).contains(&deal.reduced_by(honoured.promotion));
        next.honoured = before.honoured.iter().filter(stands).cloned().collect();
        patches = told(view, Deal { stage: Stage::Replaced { by: deal.id }, ..(*before).clone() })?;
    }
    next.stage = stage_after(&next);
    patches.extend(take_places(view, &next, replaced, context)?);
    patches.extend(told(view, next)?);
    patches.push(Patch::put(contract));
    Ok(patches)
}

/// A drawing within bounds that passes for a signature.
pub(crate) fn check_strokes(strokes: &[Stroke]) -> Result<(), Stop> {
    length(Field::Signature, strokes.len(), 0, MOST_STROKES as i64)?;
    length(Field::Signature, strokes.iter().map(|stroke| stroke.0.len()).sum(), 0, MOST_POINTS as i64)?;
    if is_signature(strokes) { Ok(()) } else { Err(Rejection::SignatureTooSmall.into()) }
}

/// Records money received; for a deal that has another version by now, it belongs to that. What came for one that was called off meanwhile is to be given
/// back, and is recorded first.
pub(crate) fn record_payment<V: View + ?Sized>(view: &V, args: &RecordPayment, context: &Context<'_>) -> Decision {
    let deal = after::latest(view, own(view, args.deal, context)?)?;
    if deal.payments.iter().any(|payment| payment.id == args.payment) {
        return Err(Rejection::AlreadyExists { kind: Kind::Deal }.into());
    }
    if args.amount.currency != deal.total.currency {
        return Err(Rejection::CurrencyMixed.into());
    }
    within(Field::Amount, args.amount.minor, 1, i64::MAX)?;
    let open = Money { minor: deal.total.minor.saturating_sub(deal.paid().minor).max(0), ..deal.total };
    if args.amount.minor > open.minor {
        return Err(Rejection::PaymentAboveTotal { open }.into());
    }
    length(Field::Rows, deal.payments.len() + 1, 1, MOST_PAYMENTS as i64)?;
    let mut next = (*deal).clone();
    next.payments.push(Payment {
        id: args.payment,
        amount: args.amount,
        method: args.method,
        at: context.at,
        by: context.actor.user,
        photo: args.photo.as_ref().map(|photo| photo.attachment),
        voided: None,
    });
    if next.stage == Stage::Signed {
        next.stage = stage_after(&next);
    }
    let photo = args.photo.as_ref().map(|photo| attach(view, photo, &deal, context)).transpose()?;
    Ok(photo.into_iter().chain(told(view, next)?).collect())
}

/// Calls a deal off that nobody has signed. What was paid for it is to be given back.
pub(crate) fn cancel_deal<V: View + ?Sized>(view: &V, args: &CancelDeal, context: &Context<'_>) -> Decision {
    let deal = quoted(view, args.deal, context)?;
    required_text(Field::Reason, &args.reason, WORDS_MAX)?;
    told(view, Deal { stage: Stage::Cancelled { reason: args.reason.clone() }, ..(*deal).clone() })
}

/// A changed deal, what the owner of its customer hears of it, and what colleagues need to do no more.
pub(super) fn told<V: View + ?Sized>(view: &V, deal: Deal) -> Decision {
    let milestone = milestones::dealt(view, &deal)?;
    let mut patches = crate::follow_ups::decide::dealt(view, &deal)?;
    let freed = free_places(view, &deal)?;
    patches.extend([Some(Patch::put(deal)), milestone, freed].into_iter().flatten());
    Ok(patches)
}

/// The sum of lines less what promotions take off them, exactly.
///
/// # Errors
/// [`MoneyError`] on overflow or mixed currencies.
pub fn total(zero: Money, lines: &[Line]) -> Result<Money, MoneyError> {
    lines.iter().try_fold(zero, |sum, line| sum.plus(line.amount()?))
}

/// Whether a change leaves a deal's approval, or that it needs none, as it is: the same offer, that does not ask again for what was refused.
#[must_use]
pub fn keeps_approval(deal: &Deal, lines: &[OrderLine], discount: BasisPoints, asks: bool) -> bool {
    // Lines and discount; the deposit may change.
    let is_same_offer = discount == deal.discount && deal.lines.iter().map(OrderLine::from).eq(lines.iter().copied());
    is_same_offer && !(asks && deal.is_refused())
}

/// Whether somebody may rule on a discount: they reach its seller, have a limit that covers it, and neither sell nor asked.
///
/// # Errors
/// Why not, as a [`Stop`].
pub fn need_ruler<V: View + ?Sized>(view: &V, deal: &Deal, approval: &Approval, actor: &Actor) -> Result<(), Stop> {
    actor.need_reach(view, deal.seller)?;
    if [deal.seller, approval.asked_by].contains(&actor.user) {
        return Err(Rejection::NotYourOwn.into());
    }
    let limit = view.need::<Settings>(actor.org)?.discount_limits.of(actor.role).min(WHOLE);
    if deal.discount > limit {
        return Err(Rejection::DiscountAboveLimit { limit, asked: deal.discount }.into());
    }
    Ok(())
}

fn rule_discount<V: View + ?Sized>(view: &V, id: DealId, terms: &str, state: ApprovalState, context: &Context<'_>) -> Decision {
    let deal = quoted(view, id, context)?;
    let Some(approval) = &deal.approval else { return Err(Rejection::DealNotOpen { deal: id }.into()) };
    need_ruler(view, &deal, approval, &context.actor)?;
    if terms != deal.terms() {
        return Err(Rejection::DealChanged { deal: id }.into());
    }
    match approval.state {
        ApprovalState::Granted { by, .. } | ApprovalState::Refused { by, .. } => Err(Rejection::DiscountRuled { by }.into()),
        ApprovalState::Waiting => Ok(vec![Patch::put(Deal { approval: Some(Approval { state, ..approval.clone() }), ..(*deal).clone() })]),
    }
}

/// The approval that a discount needs: none within the actor's limit. Beyond what anybody may approve there is none to be had.
fn approval_needed(settings: &Settings, discount: BasisPoints, reason: Option<&str>, context: &Context<'_>) -> Result<Option<Approval>, Stop> {
    let limit = settings.discount_limits.of(context.actor.role).min(WHOLE);
    if discount <= limit {
        return Ok(None);
    }
    let Some(reason) = reason else { return Err(Rejection::DiscountAboveLimit { limit, asked: discount }.into()) };
    let most = settings.discount_limits.most_approved().min(WHOLE);
    if discount > most {
        return Err(Rejection::DiscountAboveAll { most, asked: discount }.into());
    }
    required_text(Field::Reason, reason, WORDS_MAX)?;
    let (asked_by, asked_at) = (context.actor.user, context.at);
    Ok(Some(Approval { reason: reason.trim().to_owned(), asked_by, asked_at, state: ApprovalState::Waiting }))
}

/// The lines with the names and prices of the list.
fn priced<V: View + ?Sized>(view: &V, asked: &[OrderLine]) -> Result<Vec<Line>, Stop> {
    if asked.is_empty() {
        return Err(Rejection::DealEmpty.into());
    }
    length(Field::Rows, asked.len(), 1, MOST_LINES as i64)?;
    let mut lines = Vec::with_capacity(asked.len());
    for line in asked {
        within(Field::Quantity, i64::from(line.quantity), 1, QUANTITY_MAX)?;
        within(Field::Price, line.unit_price.minor, 1, PRICE_MAX)?;
        let product = view.need::<Product>(line.product)?;
        if product.listing == Listing::Withdrawn || product.price != line.unit_price {
            return Err(Rejection::PriceMismatch.into());
        }
        lines.push(Line { product: line.product, name: product.name.clone(), unit_price: line.unit_price, quantity: line.quantity, promotion: None });
    }
    Ok(lines)
}

/// What is agreed on about the money, as it was asked for.
struct Asked<'a> {
    discount: BasisPoints,
    deposit: Money,
    total: Option<Money>,
    instalments: &'a [Instalment],
}

impl<'a> From<&'a OpenDeal> for Asked<'a> {
    fn from(OpenDeal { discount, deposit, total, instalments, .. }: &'a OpenDeal) -> Self {
        Self { discount: *discount, deposit: *deposit, total: *total, instalments }
    }
}

impl<'a> From<&'a ChangeDeal> for Asked<'a> {
    fn from(ChangeDeal { discount, deposit, total, instalments, .. }: &'a ChangeDeal) -> Self {
        Self { discount: *discount, deposit: *deposit, total: *total, instalments }
    }
}

/// The total of lines less a discount: the one that was shown. The deposit lies within it, and instalments make the rest.
fn agreed(settings: &Settings, lines: &[Line], asked: &Asked<'_>) -> Result<Money, Stop> {
    let sum = total(Money::new(0, settings.currency), lines)?;
    let total = match asked.total {
        None => sum.less_to_the_cent(asked.discount)?,
        Some(shown) => {
            let total = sum.less(asked.discount)?;
            if shown != total {
                return Err(Rejection::PriceMismatch.into());
            }
            total
        }
    };
    let deposit = asked.deposit;
    if deposit.currency != total.currency {
        return Err(Rejection::CurrencyMixed.into());
    }
    within(Field::Deposit, deposit.minor, 0, total.minor)?;
    let rest = total.minus(deposit)?;
    need_rest(rest, asked.instalments)?;
    Ok(total)
}

/// Instalments, if there are any, lie on growing days and make the rest.
fn need_rest(rest: Money, instalments: &[Instalment]) -> Result<(), Stop> {
    length(Field::Instalments, instalments.len(), 0, MOST_INSTALMENTS as i64)?;
    let mut sum = Money { minor: 0, ..rest };
    for part in instalments {
        within(Field::Instalments, part.amount.minor, 1, i64::MAX)?;
        sum = sum.plus(part.amount)?;
    }
    let is_in_order = instalments.windows(2).all(|pair| pair[0].due < pair[1].due);
    if !is_in_order || instalments.iter().any(|part| !is_plausible_day(part.due)) {
        return Err(Rejection::Malformed { field: Field::Instalments }.into());
    }
    if !instalments.is_empty() && sum != rest {
        return Err(Rejection::InstalmentsOff { rest }.into());
    }
    Ok(())
}

/// A deal within reach that nobody has signed.
fn quoted<V: View + ?Sized>(view: &V, id: DealId, context: &Context<'_>) -> Result<Arc<Deal>, Stop> {
    let deal = own(view, id, context)?;
    if deal.stage == Stage::Quoted { Ok(deal) } else { Err(Rejection::DealNotOpen { deal: id }.into()) }
}

pub(super) fn stage_after(deal: &Deal) -> Stage {
    if deal.open().minor == 0 { Stage::Paid } else { Stage::Signed }
}

pub(super) fn own<V: View + ?Sized>(view: &V, id: DealId, context: &Context<'_>) -> Result<Arc<Deal>, Stop> {
    let deal = view.need::<Deal>(id)?;
    context.actor.need_reach(view, deal.seller)?;
    Ok(deal)
}

/// The buyer is a customer within reach, or a guest of a meeting where the actor works: a closer sells to guests whom a colleague invited.
fn need_buyer<V: View + ?Sized>(view: &V, customer: CustomerId, meeting: Option<MeetingId>, context: &Context<'_>) -> Result<(), Stop> {
    let meeting = meeting.map(|id| view.need::<Meeting>(id)).transpose()?;
    if let Some(customer) = view.get::<Customer>(customer)?
        && works_on(view, &context.actor, &customer)?
    {
        return Ok(());
    }
    let meeting = meeting.ok_or(Rejection::NotFound { kind: Kind::Customer })?;
    need_duty(view, &meeting, context)?;
    let guests = view.list::<Guest>(&Index::GuestsByCustomer(customer))?;
    if guests.iter().any(|guest| guest.meeting == meeting.id) { Ok(()) } else { Err(Rejection::NotFound { kind: Kind::Customer }.into()) }
}
