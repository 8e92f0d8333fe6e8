//! Promotions (clause E3): which run, what they do for a basket, who is beyond the first N, and the form in which one is kept.
//!
//! Law: what a promotion takes off comes from `shared`. How many of the first N are taken is what this device knows, and keeps nobody from taking one.

use crate::state::customers::local;
use crate::state::deals::{Basket, on_sale};
use crate::state::order::InOrder;
use chrono::{NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};
use shared::Rejection;
use shared::deals::{Deal, Line};
use shared::decide::Actor;
use shared::ids::{DealId, MeetingId, ProductId, PromotionId};
use shared::meetings::Meeting;
use shared::money::{Money, MoneyError};
use shared::people::Role;
use shared::products::Product;
use shared::promotions::reduce::{Item, Offer, offer, running};
use shared::promotions::{Applied, Gives, Part, Promotion, Reduction, Taking, Terms, beyond};
use shared::record::Index;
use shared::rejection::Field;
use shared::settings::Settings;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::sync::Arc;

/// A promotion for what is in a basket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Offered {
    pub(crate) offer: Offer,
    /// Whether it is taken, and takes something off.
    pub(crate) is_taken: bool,
    /// For how many it is, and how many have taken it as far as this device knows.
    pub(crate) first: Option<(u32, usize)>,
}

/// Puts the promotions that a basket takes onto its lines, and says which others there are for it: those that can be had at once first.
///
/// # Errors
/// [`MoneyError`] on overflow or mixed currencies.
pub(crate) fn promote(replica: &Replica, lines: &mut [Line], basket: &Basket, now: Timestamp) -> Result<Vec<Offered>, MoneyError> {
    let items: Vec<Item> = lines.iter().map(Line::item).collect();
    let mut promotions: Vec<_> = replica.all::<Promotion>().collect();
    // Those taken first, in the order in which they were: they have the lines.
    let place = |promotion: &Promotion| basket.promotions.iter().position(|id| *id == promotion.id).unwrap_or(usize::MAX);
    promotions.order_by_key(|promotion| (place(promotion), promotion.id));
    let mut offered = Vec::new();
    for promotion in promotions {
        let Some(runs) = running(promotion, &basket.agreed, basket.meeting, now) else { continue };
        let Some(offer) = offer(runs, &items, |at| lines[at].promotion.is_some())? else { continue };
        let is_taken = basket.promotions.contains(&promotion.id) && offer.missing.is_empty();
        if is_taken {
            for (at, off) in &offer.off {
                let (promotion, version, name) = (offer.promotion, offer.version, offer.name.clone());
                lines[*at].promotion = Some(Applied { promotion, version, name, off: *off });
            }
        }
        let first = runs.terms.first.map(|first| (first, takings(replica, promotion.id).len()));
        offered.push(Offered { offer, is_taken, first });
    }
    offered.order_by_key(|offered| (!offered.is_taken, !offered.offer.missing.is_empty(), offered.offer.promotion));
    Ok(offered)
}

/// The names of the promotions that a basket takes and that may be taken no more: their time is over, they were withdrawn, or are for other meetings.
pub(crate) fn no_more(replica: &Replica, basket: &Basket, now: Timestamp) -> Vec<String> {
    let taken = basket.promotions.iter().filter_map(|id| replica.noun::<Promotion>(*id));
    let gone = taken.filter(|promotion| running(promotion, &basket.agreed, basket.meeting, now).is_none());
    gone.filter_map(|promotion| promotion.latest().map(|(_, terms)| terms.name.clone())).collect()
}

/// What each promotion takes off a deal: its name as it was agreed on, and the amount.
///
/// # Errors
/// [`MoneyError`] on overflow or mixed currencies.
pub(crate) fn saved(deal: &Deal) -> Result<Vec<(String, Money)>, MoneyError> {
    let mut saved: Vec<(PromotionId, String, Money)> = Vec::new();
    for applied in deal.lines.iter().filter_map(|line| line.promotion.as_ref()) {
        match saved.iter_mut().find(|(id, ..)| *id == applied.promotion) {
            Some((.., off)) => *off = off.plus(applied.off)?,
            None => saved.push((applied.promotion, applied.name.clone(), applied.off)),
        }
    }
    Ok(saved.into_iter().map(|(_, name, off)| (name, off)).collect())
}

/// How far a promotion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Running,
    Coming,
    Over,
    Withdrawn,
}

/// A promotion in the list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kept {
    pub(crate) promotion: Arc<Promotion>,
    pub(crate) phase: Phase,
    /// How many have taken it of the first so many that it is for, as far as this device knows. Only devices of people who sell are told of any.
    pub(crate) taken: Option<usize>,
}

/// All promotions: those that run first, those withdrawn last.
pub(crate) fn promotions(replica: &Replica, role: Role, now: Timestamp) -> Vec<Kept> {
    let kept = |promotion: &Arc<Promotion>| {
        let (_, terms) = promotion.latest()?;
        let is_known = role.sells() && terms.first.is_some();
        let taken = is_known.then(|| takings(replica, promotion.id).len());
        Some(Kept { promotion: Arc::clone(promotion), phase: phase(promotion, terms, now), taken })
    };
    let mut all: Vec<_> = replica.all::<Promotion>().filter_map(kept).collect();
    all.order_by_key(|kept| (kept.phase, kept.promotion.latest().map(|(_, terms)| terms.closes), kept.promotion.id));
    all
}

/// The promotions of a product that run now or will.
pub(crate) fn of_product(replica: &Replica, product: ProductId, role: Role, now: Timestamp) -> Vec<Kept> {
    let names = |kept: &Kept| kept.promotion.latest().is_some_and(|(_, terms)| terms.gives.products().contains(&product));
    let mut all = promotions(replica, role, now);
    all.retain(|kept| matches!(kept.phase, Phase::Running | Phase::Coming) && names(kept));
    all
}

fn phase(promotion: &Promotion, terms: &Terms, now: Timestamp) -> Phase {
    match () {
        () if promotion.withdrawn.is_some() => Phase::Withdrawn,
        () if now < terms.opens => Phase::Coming,
        () if now >= terms.closes => Phase::Over,
        () => Phase::Running,
    }
}

fn takings(replica: &Replica, promotion: PromotionId) -> Vec<Arc<Taking>> {
    replica.nouns::<Taking>(&Index::TakingsByPromotion(promotion)).into_iter().cloned().collect()
}

/// A deal beyond the first N of a promotion.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Beyond {
    pub(crate) deal: DealId,
    pub(crate) buyer: String,
    pub(crate) promotion: PromotionId,
    pub(crate) name: String,
}

/// The deals beyond the first N that a manager has yet to rule on. Others do not rule, and hear nothing.
pub(crate) fn to_honour(replica: &Replica, actor: &Actor) -> Vec<Beyond> {
    if actor.role != Role::Manager {
        return Vec::new();
    }
    let of = |promotion: &Arc<Promotion>| {
        let name = promotion.latest().map(|(_, terms)| terms.name.clone()).unwrap_or_default();
        let promotion_id = promotion.id;
        let open = move |id: DealId| {
            let deal = replica.noun::<Deal>(id).filter(|deal| deal.seller != actor.user && !deal.is_honoured(promotion_id))?;
            Some(Beyond { deal: id, buyer: deal.buyer.clone(), promotion: promotion_id, name: name.clone() })
        };
        beyond(promotion, &takings(replica, promotion.id)).into_iter().filter_map(open).collect::<Vec<_>>()
    };
    replica.all::<Promotion>().flat_map(of).collect()
}

/// What a promotion gives, as the form asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Giving {
    #[default]
    Percent,
    Amount,
    Bundle,
    Gift,
}

/// What is typed about a promotion.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Typed {
    pub(crate) name: String,
    /// On the organisation's clock.
    pub(crate) opens: Option<NaiveDateTime>,
    pub(crate) closes: Option<NaiveDateTime>,
    pub(crate) meetings: Vec<MeetingId>,
    pub(crate) giving: Giving,
    /// The products of a reduction or a bundle.
    pub(crate) products: Vec<ProductId>,
    /// How many of them: together for a reduction, of each otherwise. Empty for a bundle that keeps the quantities it has.
    pub(crate) quantity: String,
    /// A bundle as it was, if its quantities differ: the form cannot ask for them, and keeps them.
    pub(crate) unequal: Vec<Part>,
    /// Hundredths of a percent taken off.
    pub(crate) percent: Option<i64>,
    /// Minor units taken off.
    pub(crate) amount: Option<i64>,
    /// Minor units that a bundle costs.
    pub(crate) price: Option<i64>,
    /// What has to be bought for a gift.
    pub(crate) bought: Option<ProductId>,
    pub(crate) gift: Option<ProductId>,
    pub(crate) gifts: String,
    /// For the first so many; empty for all.
    pub(crate) first: String,
}

impl Typed {
    /// A promotion as it is kept.
    pub(crate) fn of(terms: &Terms, settings: &Settings) -> Self {
        let here = |at: Timestamp| Some((at + TimeDelta::minutes(settings.utc_offset.minutes().into())).naive_utc());
        let mut typed = Self {
            name: terms.name.clone(),
            opens: here(terms.opens),
            closes: here(terms.closes),
            meetings: terms.meetings.clone(),
            first: terms.first.map(|first| first.to_string()).unwrap_or_default(),
            gifts: "1".into(),
            ..Self::default()
        };
        match &terms.gives {
            Gives::Off { products, least, off } => {
                (typed.products, typed.quantity) = (products.clone(), least.to_string());
                match off {
                    Reduction::Percent { off } => (typed.giving, typed.percent) = (Giving::Percent, Some(i64::from(*off))),
                    Reduction::Amount { off } => (typed.giving, typed.amount) = (Giving::Amount, Some(off.minor)),
                }
            }
            Gives::Bundle { parts, price } => {
                (typed.giving, typed.price) = (Giving::Bundle, Some(price.minor));
                typed.products = terms.gives.products();
                match parts.as_slice() {
                    [first, rest @ ..] if rest.iter().all(|part| part.quantity == first.quantity) => typed.quantity = first.quantity.to_string(),
                    _ => typed.unequal.clone_from(parts),
                }
            }
            Gives::Gift { bought, gift } => {
                (typed.giving, typed.bought) = (Giving::Gift, Some(bought.product));
                typed.quantity = bought.quantity.to_string();
                (typed.gift, typed.gifts) = (Some(gift.product), gift.quantity.to_string());
            }
        }
        typed
    }

    /// The terms that were typed.
    ///
    /// # Errors
    /// [`Rejection`]: which field is missing or cannot be read.
    pub(crate) fn terms(&self, settings: &Settings) -> Result<Terms, Rejection> {
        let instant = |at: Option<NaiveDateTime>, field| at.map(|at| local(at, settings.utc_offset)).ok_or(Rejection::Required { field });
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| Rejection::Malformed { field: Field::Quantity });
        let quantity = if self.quantity.trim().is_empty() { 1 } else { number(&self.quantity)? };
        let products = || if self.products.is_empty() { Err(Rejection::Required { field: Field::Item }) } else { Ok(self.products.clone()) };
        let money = |minor: Option<i64>, field| minor.map(|minor| Money::new(minor, settings.currency)).ok_or(Rejection::Required { field });
        let gives = match self.giving {
            Giving::Percent => {
                let off = self.percent.ok_or(Rejection::Required { field: Field::Discount })?;
                let off = u16::try_from(off).map_err(|_| Rejection::Malformed { field: Field::Discount })?;
                Gives::Off { products: products()?, least: quantity, off: Reduction::Percent { off } }
            }
            Giving::Amount => {
                Gives::Off { products: products()?, least: quantity, off: Reduction::Amount { off: money(self.amount, Field::Amount)? } }
            }
            Giving::Bundle => {
                // What a quantity was typed for has that; what came to a bundle of several quantities has one.
                let unequal = if self.quantity.trim().is_empty() { self.unequal.as_slice() } else { &[] };
                let kept = |product| unequal.iter().find(|part| part.product == product).map_or(quantity, |part| part.quantity);
                let parts = products()?.into_iter().map(|product| Part { product, quantity: kept(product) }).collect();
                Gives::Bundle { parts, price: money(self.price, Field::Price)? }
            }
            Giving::Gift => {
                let bought = self.bought.ok_or(Rejection::Required { field: Field::Item })?;
                let gift = self.gift.ok_or(Rejection::Required { field: Field::Item })?;
                let gifts = if self.gifts.trim().is_empty() { 1 } else { number(&self.gifts)? };
                Gives::Gift { bought: Part { product: bought, quantity }, gift: Part { product: gift, quantity: gifts } }
            }
        };
        let first = if self.first.trim().is_empty() { None } else { Some(number(&self.first)?) };
        Ok(Terms {
            name: self.name.clone(),
            opens: instant(self.opens, Field::StartsAt)?,
            closes: instant(self.closes, Field::EndsAt)?,
            meetings: self.meetings.clone(),
            gives,
            first,
        })
    }
}

/// Something to choose in the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choosable<T> {
    pub(crate) id: T,
    pub(crate) name: String,
    /// It would not be offered, and is only because it was chosen before: so that it can be seen and taken out.
    pub(crate) is_past: bool,
}

/// The products on sale, by name, and those of `chosen` that are not.
pub(crate) fn products_to_choose(replica: &Replica, chosen: &[ProductId]) -> Vec<Choosable<ProductId>> {
    let on_sale: Vec<_> = on_sale(replica).iter().map(|product| Choosable { id: product.id, name: product.name.clone(), is_past: false }).collect();
    with_chosen(on_sale, chosen, |id| replica.noun::<Product>(id).map(|product| product.name.clone()))
}

/// The meetings that are not over, the next one first, and those of `chosen` that are.
pub(crate) fn meetings_to_choose(replica: &Replica, chosen: &[MeetingId], now: Timestamp) -> Vec<Choosable<MeetingId>> {
    let mut planned: Vec<_> = replica.all::<Meeting>().filter(|meeting| meeting.plan.ends_at > now).collect();
    planned.order_by_key(|meeting| (meeting.plan.starts_at, meeting.id));
    let planned = planned.into_iter().map(|meeting| Choosable { id: meeting.id, name: meeting.plan.theme.clone(), is_past: false }).collect();
    with_chosen(planned, chosen, |id| replica.noun::<Meeting>(id).map(|meeting| meeting.plan.theme.clone()))
}

fn with_chosen<T: Copy + PartialEq>(mut all: Vec<Choosable<T>>, chosen: &[T], name: impl Fn(T) -> Option<String>) -> Vec<Choosable<T>> {
    for &id in chosen {
        if !all.iter().any(|one| one.id == id) {
            all.push(Choosable { id, name: name(id).unwrap_or_else(|| "—".to_owned()), is_past: true });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::deals::quote;
    use crate::state::venue::settings;
    use shared::products::Listing;
    use shared::promotions::command::PutPromotion;
    use shared::testing::World;

    fn put(world: &mut World, gives: Gives, first: Option<u32>) -> PromotionId {
        let promotion = world.id();
        let (opens, closes) = (world.now - TimeDelta::days(1), world.now + TimeDelta::days(1));
        let terms = Terms { name: "年終優惠".into(), opens, closes, meetings: Vec::new(), gives, first };
        world.apply(world.manager, PutPromotion { promotion, version: 1, terms }).expect("within the rules");
        promotion
    }

    fn part(product: ProductId, quantity: u32) -> Part {
        Part { product, quantity }
    }

    #[test]
    fn e3_an_offer_tells_what_is_missing_and_one_tap_takes_it_at_the_price_that_the_rules_sign() {
        let mut world = World::new();
        let gives = Gives::Gift { bought: part(world.course, 1), gift: part(world.book, 1) };
        let promotion = put(&mut world, gives, Some(10));
        let mut basket = Basket::default();
        basket.set(world.course, 1);
        let (replica, now) = (world.replica(world.rep), world.now);
        let priced = |basket: &Basket| quote(&replica, settings(&replica).expect("held"), Role::Rep, basket, None, now);
        let near = priced(&basket);
        assert_eq!((near.offers[0].offer.missing.clone(), near.offers[0].first), (vec![part(world.book, 1)], Some((10, 0))));
        assert_eq!(near.total.minor, 1_280_000, "nothing is taken by itself");
        basket.take(&near.offers[0].offer);
        let taken = priced(&basket);
        assert!(taken.offers[0].is_taken);
        assert_eq!((taken.total.minor, taken.offers[0].offer.saves.minor), (1_280_000, 35_050));
        let id = world.id();
        world.apply(world.rep, taken.open(id, world.customer, "王小明", None, "")).expect("the rules take what was shown");
        let again = Basket::of(&world.replica(world.rep), &world.get::<Deal>(id));
        assert_eq!(again.promotions, [promotion], "a change begins with what was agreed on");
        basket.set(world.book, 0);
        assert!(!priced(&basket).offers[0].is_taken, "without the gift there is nothing to take off");
    }

    #[test]
    fn e3_a_line_has_one_promotion_and_the_first_one_taken_has_it() {
        let mut world = World::new();
        let off = |share| Gives::Off { products: vec![world.course], least: 1, off: Reduction::Percent { off: share } };
        let (less, more) = (off(500), off(1_000));
        let (less, more) = (put(&mut world, less, None), put(&mut world, more, None));
        let mut basket = Basket::default();
        basket.set(world.course, 1);
        let (replica, now) = (world.replica(world.rep), world.now);
        let priced = |basket: &Basket| quote(&replica, settings(&replica).expect("held"), Role::Rep, basket, None, now);
        assert_eq!(priced(&basket).offers.len(), 2);
        basket.promotions = vec![less, more];
        let quote = priced(&basket);
        assert_eq!((quote.offers.len(), quote.total.minor), (1, 1_216_000));
        basket.promotions = vec![more, less];
        assert_eq!(priced(&basket).total.minor, 1_152_000);
    }

    #[test]
    fn e3_the_manager_alone_sees_who_is_beyond_the_first() {
        let mut world = World::new();
        let gives = Gives::Off { products: vec![world.course], least: 1, off: Reduction::Percent { off: 1_000 } };
        let promotion = put(&mut world, gives, Some(1));
        let mut basket = Basket { promotions: vec![promotion], ..Basket::default() };
        basket.set(world.course, 1);
        let mut sold = Vec::new();
        for _ in 0..2 {
            let replica = world.replica(world.rep);
            let quote = quote(&replica, settings(&replica).expect("held"), Role::Rep, &basket, None, world.now);
            let id = world.id();
            world.apply(world.rep, quote.open(id, world.customer, "王小明", None, "")).expect("within the rules");
            world.apply(world.rep, world.sign(id)).expect("signed");
            world.now += TimeDelta::minutes(1);
            sold.push(id);
        }
        let of = |world: &World, user| {
            let actor = Actor::of(world.org, &world.get(user)).expect("has access");
            to_honour(&world.replica(user), &actor).into_iter().map(|beyond| beyond.deal).collect::<Vec<_>>()
        };
        assert_eq!(of(&world, world.manager), [sold[1]]);
        assert_eq!((of(&world, world.rep), of(&world, world.supervisor)), (vec![], vec![]));
        let known =
            |user, role| promotions(&world.replica(user), role, world.now).into_iter().map(|kept| (kept.phase, kept.taken)).collect::<Vec<_>>();
        assert_eq!(known(world.colleague, Role::Rep), [(Phase::Running, Some(2))], "all who sell see how many are gone");
        for role in Role::ALL.into_iter().filter(|role| !role.sells()) {
            assert_eq!(known(world.administrator, role), [(Phase::Running, None)], "{role:?} is told of none, and not that there are none");
        }
        let honour = shared::promotions::command::HonourPromotion { promotion, deal: sold[1], reason: "已答應客戶".into() };
        world.apply(world.manager, honour).expect("within the rules");
        assert!(of(&world, world.manager).is_empty());
    }

    #[test]
    fn e3_a_form_means_the_organisations_clock_and_comes_back_as_it_was_typed() {
        let world = World::new();
        let replica = world.replica(world.manager);
        let settings = settings(&replica).expect("held");
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok();
        for giving in [Giving::Percent, Giving::Amount, Giving::Bundle, Giving::Gift] {
            let is = |what| giving == what;
            let typed = Typed {
                name: "年終優惠".into(),
                opens: at("2026-12-01T00:00"),
                closes: at("2027-01-01T00:00"),
                meetings: vec![world.meeting],
                giving,
                products: if is(Giving::Gift) { vec![] } else { vec![world.course] },
                quantity: "2".into(),
                unequal: Vec::new(),
                percent: is(Giving::Percent).then_some(1_500),
                amount: is(Giving::Amount).then_some(1_000),
                price: is(Giving::Bundle).then_some(1_000),
                bought: is(Giving::Gift).then_some(world.course),
                gift: is(Giving::Gift).then_some(world.book),
                gifts: "1".into(),
                first: "10".into(),
            };
            let terms = typed.terms(settings).expect("whole");
            assert_eq!(terms.opens.to_rfc3339(), "2026-11-30T16:00:00+00:00", "midnight in Taipei");
            assert_eq!(Typed::of(&terms, settings), typed);
        }
        let percent = Typed { opens: at("2026-12-01T00:00"), closes: at("2027-01-01T00:00"), percent: Some(1_500), ..Typed::default() };
        let amount = Typed { giving: Giving::Amount, products: vec![world.course], ..percent.clone() };
        assert_eq!(amount.terms(settings), Err(Rejection::Required { field: Field::Amount }), "15 % is not NT$15");
        let gift = Typed { giving: Giving::Gift, products: vec![world.course], gift: Some(world.book), ..percent };
        assert_eq!(gift.terms(settings), Err(Rejection::Required { field: Field::Item }), "one product is bought for a gift, and it is asked for");
        let empty = Typed { quantity: "x".into(), ..Typed::default() };
        assert_eq!(empty.terms(settings), Err(Rejection::Malformed { field: Field::Quantity }));
        assert_eq!(Typed::default().terms(settings), Err(Rejection::Required { field: Field::Discount }));
    }

    #[test]
    fn e3_a_bundle_of_several_quantities_keeps_them_when_its_name_changes() {
        let world = World::new();
        let replica = world.replica(world.manager);
        let settings = settings(&replica).expect("held");
        let parts = vec![part(world.course, 1), part(world.book, 2)];
        let gives = Gives::Bundle { parts: parts.clone(), price: Money::new(1_300_000, settings.currency) };
        let terms =
            Terms { name: "開業組".into(), opens: world.now, closes: world.now + TimeDelta::days(1), meetings: Vec::new(), gives, first: None };
        let known = Typed::of(&terms, settings);
        let parts_of = |typed: &Typed| match typed.terms(settings).expect("whole").gives {
            Gives::Bundle { parts, .. } => parts,
            other => panic!("a bundle: {other:?}"),
        };
        assert_eq!(parts_of(&Typed { name: "開業禮".into(), ..known.clone() }), parts);
        assert_eq!(parts_of(&Typed { products: vec![world.book], ..known.clone() }), [part(world.book, 2)], "what was taken out is out");
        assert_eq!(parts_of(&Typed { quantity: "3".into(), ..known }), [part(world.course, 3), part(world.book, 3)], "what was typed counts");
    }

    #[test]
    fn e3_what_was_chosen_can_be_seen_and_taken_out_whatever_became_of_it() {
        let mut world = World::new();
        let mut book = (*world.get::<Product>(world.book)).clone();
        book.listing = Listing::Withdrawn;
        let (book_id, book_name) = (book.id, book.name.clone());
        world.put(book);
        let replica = world.replica(world.manager);
        let past = |id, name| Choosable { id, name, is_past: true };
        assert!(products_to_choose(&replica, &[world.course]).iter().all(|product| !product.is_past && product.id != book_id));
        let products = products_to_choose(&replica, &[book_id, world.course, book_id]);
        assert_eq!(products.last(), Some(&past(book_id, book_name)));
        assert_eq!(products.iter().filter(|product| product.id == book_id || product.id == world.course).count(), 2, "each once");

        let plan = &world.get::<Meeting>(world.meeting).plan;
        let before = |chosen: &[MeetingId]| meetings_to_choose(&replica, chosen, plan.ends_at - TimeDelta::seconds(1));
        assert!(before(&[world.meeting]).iter().any(|meeting| meeting.id == world.meeting && !meeting.is_past));
        let after = |chosen: &[MeetingId]| meetings_to_choose(&replica, chosen, plan.ends_at);
        assert!(after(&[]).iter().all(|meeting| meeting.id != world.meeting));
        assert_eq!(after(&[world.meeting]).last(), Some(&Choosable { id: world.meeting, name: plan.theme.clone(), is_past: true }));
    }

    #[test]
    fn e3_what_is_taken_and_runs_no_more_is_named_and_counts_for_nothing() {
        let mut world = World::new();
        let gives = Gives::Off { products: vec![world.course], least: 1, off: Reduction::Percent { off: 1_000 } };
        let promotion = put(&mut world, gives, None);
        let mut basket = Basket { promotions: vec![promotion], ..Basket::default() };
        basket.set(world.course, 1);
        let replica = world.replica(world.rep);
        let priced = |basket: &Basket, now| quote(&replica, settings(&replica).expect("held"), Role::Rep, basket, None, now);
        let closes = world.get::<Promotion>(promotion).latest().expect("put").1.closes;
        let last = priced(&basket, closes - TimeDelta::seconds(1));
        assert_eq!((last.total.minor, last.no_more), (1_152_000, vec![]));
        let over = priced(&basket, closes);
        assert_eq!((over.total.minor, over.no_more.as_slice(), over.offers.len()), (1_280_000, ["年終優惠".to_owned()].as_slice(), 0));
        let agreed = Basket { agreed: vec![(promotion, 1)], ..basket.clone() };
        assert_eq!(priced(&agreed, closes).no_more, Vec::<String>::new(), "what was agreed on stays");
        basket.promotions.clear();
        assert_eq!(priced(&basket, closes).no_more, Vec::<String>::new(), "what is not taken is not missed");
    }

    #[test]
    fn e3_a_receipt_names_each_promotion_once_with_what_it_takes_off_all_lines() {
        let mut world = World::new();
        let gives = Gives::Off { products: vec![world.course, world.book], least: 1, off: Reduction::Percent { off: 1_000 } };
        let promotion = put(&mut world, gives, None);
        let mut basket = Basket { promotions: vec![promotion], ..Basket::default() };
        basket.set(world.course, 1);
        basket.set(world.book, 1);
        let replica = world.replica(world.rep);
        let quote = quote(&replica, settings(&replica).expect("held"), Role::Rep, &basket, None, world.now);
        let offs: Vec<_> = quote.lines.iter().filter_map(|line| line.promotion.as_ref()).map(|applied| applied.off.minor).collect();
        assert_eq!(offs.len(), 2);
        let id = world.id();
        world.apply(world.rep, quote.open(id, world.customer, "王小明", None, "")).expect("within the rules");
        let saved = saved(&world.get::<Deal>(id)).expect("one currency");
        assert_eq!(saved.iter().map(|(name, off)| (name.as_str(), off.minor)).collect::<Vec<_>>(), [("年終優惠", offs.iter().sum())]);
    }
}
