//! Rules about promotions: managers and administrators keep them; what a deal has of them is checked against the version that it names.

use super::command::{HonourPromotion, PutPromotion, WithdrawPromotion};
use super::reduce::{Item, reductions};
use super::{Applied, Gives, Honoured, Part, Promotion, Reduction, Taking, Terms, Took, Version, Withdrawn};
use crate::deals::command::OrderLine;
use crate::deals::decide::QUANTITY_MAX;
use crate::deals::{Deal, Line, after};
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::ids::{CustomerId, DealId, MeetingId, ProductId, PromotionId};
use crate::meetings::{Guest, Meeting};
use crate::money::{Money, WHOLE};
use crate::people::Role;
use crate::products::Product;
use crate::products::decide::PRICE_MAX;
use crate::record::{Index, Key};
use crate::time::Timestamp;
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// Who keeps promotions.
pub const KEEPERS: [Role; 2] = [Role::Manager, Role::Administrator];
/// Most versions of a promotion.
const MOST_VERSIONS: i64 = 100;
/// Most meetings that a promotion is bound to, and most products that it names.
const MOST_NAMED: i64 = 50;
/// Highest N of the first N.
const FIRST_MAX: i64 = 1_000_000;

/// Offers a promotion, or changes one.
pub(crate) fn put_promotion<V: View + ?Sized>(view: &V, args: &PutPromotion, context: &Context<'_>) -> Decision {
    context.actor.need_role(&KEEPERS)?;
    let before = view.get::<Promotion>(args.promotion)?;
    let mut versions = before.as_ref().map(|before| before.versions.clone()).unwrap_or_default();
    if before.is_some_and(|before| before.withdrawn.is_some()) {
        return Err(Rejection::AlreadyEnded.into());
    }
    length(Field::Rows, versions.len() + 1, 1, MOST_VERSIONS)?;
    if usize::try_from(args.version).ok() != Some(versions.len() + 1) {
        return Err(Rejection::TextChanged.into());
    }
    check(view, &args.terms, context)?;
    let terms = Terms { name: tidy(&args.terms.name), ..args.terms.clone() };
    versions.push(Version { terms, by: context.actor.user, at: context.at });
    Ok(vec![Patch::put(Promotion { id: args.promotion, versions, withdrawn: None })])
}

/// Offers a promotion no more; said twice, the first time counts.
pub(crate) fn withdraw_promotion<V: View + ?Sized>(view: &V, args: &WithdrawPromotion, context: &Context<'_>) -> Decision {
    context.actor.need_role(&KEEPERS)?;
    let promotion = view.need::<Promotion>(args.promotion)?;
    if promotion.withdrawn.is_some() {
        return Ok(Vec::new());
    }
    let withdrawn = Some(Withdrawn { by: context.actor.user, at: context.at });
    Ok(vec![Patch::put(Promotion { withdrawn, ..(*promotion).clone() })])
}

/// Keeps to a promotion: the first word counts. Whether a deal is beyond the first N is for whoever looks at all of them.
pub(crate) fn honour_promotion<V: View + ?Sized>(view: &V, args: &HonourPromotion, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager])?;
    let deal = view.need::<Deal>(args.deal)?;
    context.actor.need_reach(view, deal.seller)?;
    // Said of a contract that has another version by now, it is said of that.
    let deal = after::latest(view, deal)?;
    if deal.seller == context.actor.user {
        return Err(Rejection::NotYourOwn.into());
    }
    required_text(Field::Reason, &args.reason, WORDS_MAX)?;
    if !deal.is_sold() || !deal.promotions().contains(&args.promotion) {
        return Err(Rejection::DealNotOpen { deal: deal.id }.into());
    }
    if deal.honoured.iter().any(|honoured| honoured.promotion == args.promotion) {
        return Err(Rejection::AlreadyRuled.into());
    }
    let mut next = (*deal).clone();
    next.honoured.push(Honoured { promotion: args.promotion, by: context.actor.user, at: context.at, reason: tidy(&args.reason) });
    Ok(vec![Patch::put(next)])
}

/// The places among the first N that a deal has, as it is signed.
pub(crate) fn take_places<V: View + ?Sized>(view: &V, deal: &Deal, replaced: Option<DealId>, context: &Context<'_>) -> Result<Option<Patch>, Stop> {
    // What the contract had whose place it takes, it has had since then.
    let before = replaced.map(|replaced| view.get::<Taking>(replaced)).transpose()?.flatten();
    let since = |promotion| before.as_ref()?.took.iter().find(|took| took.promotion == promotion).map(|took| took.at);
    let mut took = Vec::new();
    for (promotion, version) in deal.agreed_promotions() {
        if view.get::<Promotion>(promotion)?.and_then(|known| known.version(version)?.first).is_some() {
            took.push(Took { promotion, version, at: since(promotion).unwrap_or(context.at) });
        }
    }
    Ok((!took.is_empty()).then(|| Patch::put(Taking { deal: deal.id, took })))
}

/// The places of a deal that counts no more are free again.
pub(crate) fn free_places<V: View + ?Sized>(view: &V, deal: &Deal) -> Result<Option<Patch>, Stop> {
    let holds = deal.sold_at().is_none() && view.get::<Taking>(deal.id)?.is_some();
    Ok(holds.then(|| Patch::Delete(Key { kind: Kind::Taking, id: deal.id.into() })))
}

/// Whose deal promotions are asked for.
pub(crate) struct Buying<'a> {
    /// To whom.
    pub(crate) customer: CustomerId,
    /// At which meeting.
    pub(crate) meeting: Option<MeetingId>,
    /// The deal as it was agreed on before, if it was.
    pub(crate) before: Option<&'a Deal>,
}

/// Puts what was asked of promotions onto priced lines. What the deal has already it keeps, whatever became of the promotion, as long as no more is taken
/// off. One that was changed or withdrawn is taken as it was for as long as a device may go on without having heard of it: a desk that could not know has
/// promised it.
pub(crate) fn promote<V: View + ?Sized>(
    view: &V,
    lines: &mut [Line],
    asked: &[OrderLine],
    buying: &Buying<'_>,
    context: &Context<'_>,
) -> Result<(), Stop> {
    let named: BTreeSet<_> = asked.iter().filter_map(|line| line.promotion).map(|taken| (taken.promotion, taken.version)).collect();
    let once: BTreeSet<_> = named.iter().map(|(id, _)| *id).collect();
    if once.len() < named.len() {
        return Err(Rejection::PriceMismatch.into());
    }
    for (id, version) in named {
        let promotion = view.need::<Promotion>(id)?;
        let terms = promotion.version(version).ok_or(Rejection::NotFound { kind: Kind::Promotion })?;
        let runs = is_on(view, &promotion, version, buying, context)?;
        let bears: Vec<_> = (0..asked.len()).filter(|&at| asked[at].promotion.is_some_and(|taken| taken.promotion == id)).collect();
        let items: Vec<_> = bears.iter().map(|&at| lines[at].item()).collect();
        let off = reductions(&terms.gives, &items)?.ok_or(Rejection::PriceMismatch)?;
        let had = buying.before.filter(|before| before.agreed_promotions().contains(&(id, version))).map(|before| before.reduced_by(id));
        let sum: i128 = off.iter().map(|off| i128::from(off.minor)).sum();
        if !runs && had.is_none_or(|had| sum > had) {
            return Err(Rejection::PromotionNotOn { promotion: id }.into());
        }
        for (at, off) in bears.into_iter().zip(off) {
            if asked[at].promotion.is_none_or(|taken| taken.off != off) {
                return Err(Rejection::PriceMismatch.into());
            }
            lines[at].promotion = Some(Applied { promotion: id, version, name: terms.name.clone(), off });
        }
    }
    Ok(())
}

/// Whether a version of a promotion can be agreed on anew.
fn is_on<V: View + ?Sized>(view: &V, promotion: &Promotion, version: u32, buying: &Buying<'_>, context: &Context<'_>) -> Result<bool, Stop> {
    let Some(terms) = promotion.version(version).filter(|terms| terms.runs(buying.meeting, context.at)) else { return Ok(false) };
    let unheard = TimeDelta::hours(context.settings(view)?.devices.lease_hours.into());
    let is_known_to_be_over = |since: Timestamp| context.at - since > unheard;
    if promotion.over_since(version).is_some_and(is_known_to_be_over) {
        return Ok(false);
    }
    if terms.meetings.is_empty() {
        return Ok(true);
    }
    let guests = view.list::<Guest>(&Index::GuestsByCustomer(buying.customer))?;
    Ok(guests.iter().any(|guest| Some(guest.meeting) == buying.meeting))
}

impl Line {
    /// What promotions look at.
    #[must_use]
    pub const fn item(&self) -> Item {
        Item { product: self.product, unit_price: self.unit_price, quantity: self.quantity }
    }
}

fn check<V: View + ?Sized>(view: &V, terms: &Terms, context: &Context<'_>) -> Result<(), Stop> {
    required(Field::Name, &terms.name, NAME_MAX)?;
    if terms.closes <= terms.opens {
        return Err(Rejection::EndsBeforeStart.into());
    }
    length(Field::Rows, terms.meetings.len(), 0, MOST_NAMED)?;
    for meeting in &terms.meetings {
        view.need::<Meeting>(*meeting)?;
    }
    if let Some(first) = terms.first {
        within(Field::Quantity, i64::from(first), 1, FIRST_MAX)?;
    }
    let products = terms.gives.products();
    length(Field::Rows, products.len(), 1, MOST_NAMED)?;
    // Named twice, a product would count twice.
    if products.iter().collect::<BTreeSet<&ProductId>>().len() < products.len() {
        return Err(Rejection::Malformed { field: Field::Item }.into());
    }
    for product in products {
        view.need::<Product>(product)?;
    }
    let quantity = |part: &Part| within(Field::Quantity, i64::from(part.quantity), 1, QUANTITY_MAX);
    match &terms.gives {
        Gives::Off { least, off, .. } => {
            within(Field::Quantity, i64::from(*least), 1, QUANTITY_MAX)?;
            match off {
                Reduction::Percent { off } => within(Field::Discount, i64::from(*off), 1, i64::from(WHOLE))?,
                Reduction::Amount { off } => amount(view, Field::Amount, *off, context)?,
            }
        }
        Gives::Bundle { parts, price } => {
            parts.iter().try_for_each(quantity)?;
            amount(view, Field::Price, *price, context)?;
        }
        Gives::Gift { bought, gift } => [bought, gift].into_iter().try_for_each(quantity)?,
    }
    Ok(())
}

/// An amount above zero and within measure, in the organisation's currency.
fn amount<V: View + ?Sized>(view: &V, field: Field, money: Money, context: &Context<'_>) -> Result<(), Stop> {
    within(field, money.minor, 1, PRICE_MAX)?;
    if money.currency == context.settings(view)?.currency { Ok(()) } else { Err(Rejection::CurrencyMixed.into()) }
}

impl Deal {
    /// The promotions that it has, each once.
    #[must_use]
    pub fn promotions(&self) -> BTreeSet<PromotionId> {
        self.agreed_promotions().into_iter().map(|(id, _)| id).collect()
    }

    /// The promotions that it has, with their versions, in the order of its lines.
    #[must_use]
    pub fn agreed_promotions(&self) -> Vec<(PromotionId, u32)> {
        let mut named = Vec::new();
        for applied in self.lines.iter().filter_map(|line| line.promotion.as_ref()) {
            if !named.contains(&(applied.promotion, applied.version)) {
                named.push((applied.promotion, applied.version));
            }
        }
        named
    }

    /// What a promotion takes off its lines, in minor units.
    #[must_use]
    pub fn reduced_by(&self, promotion: PromotionId) -> i128 {
        let applied = self.lines.iter().filter_map(|line| line.promotion.as_ref()).filter(|applied| applied.promotion == promotion);
        applied.map(|applied| i128::from(applied.off.minor)).sum()
    }

    /// Whether a manager keeps to a promotion for it.
    #[must_use]
    pub fn is_honoured(&self, promotion: PromotionId) -> bool {
        self.honoured.iter().any(|honoured| honoured.promotion == promotion)
    }
}
