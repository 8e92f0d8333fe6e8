//! Rules about promotions: managers and administrators keep them; what a deal has of them is checked against the version that it names.

use super::command::{HonourPromotion, PutPromotion, WithdrawPromotion};
use super::reduce::{Item, reductions};
use super::{Applied, Gives, Honoured, Part, Promotion, Reduction, Taking, Terms, Version, Withdrawn};
use crate::deals::command::OrderLine;
use crate::deals::decide::QUANTITY_MAX;
use crate::deals::{Deal, Line};
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::ids::{MeetingId, ProductId, PromotionId};
use crate::meetings::Meeting;
use crate::money::{Money, WHOLE};
use crate::people::Role;
use crate::products::Product;
use crate::products::decide::PRICE_MAX;
use crate::record::Key;
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

/// What all who sell see of a deal that takes promotions, or took them.
pub(crate) fn taken<V: View + ?Sized>(view: &V, deal: &Deal) -> Result<Option<Patch>, Stop> {
    let promotions: Vec<_> = deal.promotions().into_iter().collect();
    if promotions.is_empty() {
        return Ok(None);
    }
    let before = view.get::<Taking>(deal.id)?;
    Ok(match deal.sold_at() {
        Some(at) => Some(Taking { deal: deal.id, promotions, at }).filter(|now| before.is_none_or(|before| *before != *now)).map(Patch::put),
        None => before.map(|_| Patch::Delete(Key { kind: Kind::Taking, id: deal.id.into() })),
    })
}

/// Puts what was asked of promotions onto priced lines. What the deal has already, whatever became of the promotion, it keeps. One that was changed or
/// withdrawn meanwhile is taken as it was: a desk that could not know has promised it.
pub(crate) fn promote<V: View + ?Sized>(
    view: &V,
    lines: &mut [Line],
    asked: &[OrderLine],
    agreed: &[(PromotionId, u32)],
    meeting: Option<MeetingId>,
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
        if !agreed.contains(&(id, version)) && !terms.runs(meeting, context.at) {
            return Err(Rejection::PromotionNotOn { promotion: id }.into());
        }
        let bears: Vec<_> = (0..asked.len()).filter(|&at| asked[at].promotion.is_some_and(|taken| taken.promotion == id)).collect();
        let items: Vec<_> = bears.iter().map(|&at| lines[at].item()).collect();
        let off = reductions(&terms.gives, &items)?.ok_or(Rejection::PriceMismatch)?;
        for (at, off) in bears.into_iter().zip(off) {
            if asked[at].promotion.is_none_or(|taken| taken.off != off) {
                return Err(Rejection::PriceMismatch.into());
            }
            lines[at].promotion = Some(Applied { promotion: id, version, name: terms.name.clone(), off });
        }
    }
    Ok(())
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

    /// The promotions that it has, with their versions.
    #[must_use]
    pub fn agreed_promotions(&self) -> Vec<(PromotionId, u32)> {
        let named: BTreeSet<_> =
            self.lines.iter().filter_map(|line| line.promotion.as_ref()).map(|applied| (applied.promotion, applied.version)).collect();
        named.into_iter().collect()
    }

    /// Whether a manager keeps to a promotion for it.
    #[must_use]
    pub fn is_honoured(&self, promotion: PromotionId) -> bool {
        self.honoured.iter().any(|honoured| honoured.promotion == promotion)
    }
}
