//! What is bought, with which discount, deposit and instalments; the total large and exact all the while. A discount above the seller's limit asks
//! for approval with a reason. A new deal, a changed one and another version of a signed one share it.

use super::promotion::offered;
use crate::components::{Banner, Button, Chips, Choice, EmptyState, Glyph, LinkButton, Look, MoneyField, Mood, TextArea, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::today::ticking;
use crate::replica::{self, NotSaved};
use crate::routes::Place;
use crate::state::buyers::Buyer;
use crate::state::deals::{Basket, Problem, Quote, is_on_sale, next_month, on_sale, quote};
use crate::state::venue::settings;
use crate::texts as t;
use crate::words::{self, percent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use shared::deals::Deal;
use shared::ids::{CustomerId, DealId, MeetingId, ProductId};
use shared::money::BasisPoints;
use shared::products::Product;
use shared::{Command, Kind};
use std::sync::Arc;
use uuid::Uuid;

const KINDS: &[Kind] = &[Kind::Product, Kind::Settings, Kind::Promotion, Kind::Taking];

/// What an order becomes.
#[derive(Clone)]
pub(super) enum Purpose {
    /// A new deal with this customer, who is the buyer as long as there is one.
    Open(CustomerId, Memo<Option<Buyer>>),
    /// This deal, changed.
    Change(Arc<Deal>),
    /// Another version of this one, which was signed.
    Version(Arc<Deal>),
}

impl Purpose {
    /// What the form begins with.
    fn before(&self) -> Option<&Deal> {
        match self {
            Self::Open(..) => None,
            Self::Change(deal) | Self::Version(deal) => Some(deal),
        }
    }

    /// The deal whose approval and payments count for what is saved. A version is another deal, and may cost less than was paid.
    fn changed(&self) -> Option<&Deal> {
        if let Self::Change(deal) = self { Some(deal) } else { None }
    }

    /// Where a new deal is sold; tracked.
    fn meeting(&self) -> Option<MeetingId> {
        if let Self::Open(_, buyer) = self { buyer.with(|buyer| buyer.as_ref().and_then(|buyer| buyer.meeting)) } else { None }
    }

    fn draft(&self) -> Draft {
        Draft::of(match self {
            Self::Open(customer, _) => format!("order/{customer}"),
            Self::Change(deal) => format!("deal/{}", deal.id),
            Self::Version(deal) => format!("version/{}", deal.id),
        })
    }

    /// The command, and the place to go to once it is saved: whoever may sign at once reads the contract next.
    fn command(&self, quote: &Quote, reason: &str) -> Option<(Command, Place)> {
        let next = |deal| if quote.needs_approval.is_some() { Place::Deal(deal) } else { Place::SignDeal(deal) };
        match self {
            Self::Open(customer, buyer) => {
                let (buyer, deal) = (buyer.get_untracked()?, DealId(Uuid::now_v7()));
                Some((quote.open(deal, *customer, &buyer.name, buyer.meeting, reason).into(), next(deal)))
            }
            Self::Version(of) => {
                let deal = DealId(Uuid::now_v7());
                Some((quote.version(deal, of, reason).into(), next(deal)))
            }
            Self::Change(deal) => Some((quote.change(deal.id, reason).into(), Place::Deal(deal.id))),
        }
    }
}

/// Products, discount and deposit, with the total they make.
#[component]
pub(super) fn Order(purpose: Purpose) -> impl IntoView {
    let start = match &purpose {
        Purpose::Open(..) => Basket::default(),
        Purpose::Change(deal) => untrack(|| replica::read(KINDS, |replica| Basket::of(replica, deal))),
        Purpose::Version(deal) => untrack(|| replica::read(KINDS, |replica| Basket::of_version(replica, deal))),
    };
    let has_withdrawn = purpose.before().is_some_and(|deal| deal.lines.iter().any(|line| start.quantity(line.product) == 0));
    let given = |value: i64| Some(value).filter(|value| *value != 0);
    let draft = purpose.draft();
    let discount = draft.field("discount", given(i64::from(start.discount)));
    let deposit = draft.field("deposit", given(start.deposit));
    let reason = draft.field("reason", String::new());
    let parts = draft.field("parts", Some(start.parts));
    let usual = next_month(words::here().day_of(chrono::Utc::now()));
    let first_due = draft.field("first_due", start.first_due.unwrap_or(usual).to_string());
    let (lines, taken, parts_before) = (start.lines.clone(), start.promotions.clone(), start.parts);
    let basket = RwSignal::new(start);
    // What is on sale no more cannot be taken out of the basket either.
    let put = move |lines: Vec<(ProductId, u32)>| {
        let lines = replica::read(&[], |replica| lines.into_iter().filter(|(id, _)| is_on_sale(replica, *id)).collect());
        let _gone = basket.try_update(|basket| basket.lines = lines);
    };
    draft.follow("lines", lines, move || basket.with(|basket| basket.lines.clone()), put);
    draft.follow(
        "promotions",
        taken,
        move || basket.with(|basket| basket.promotions.clone()),
        move |ids| {
            let _gone = basket.try_update(|basket| basket.promotions = ids);
        },
    );
    let is_reason_missing = RwSignal::new(false);
    let asking = NodeRef::<leptos::html::Section>::new();
    let why = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let products = Memo::new(move |_| replica::read(KINDS, on_sale));
    let (for_quote, is_change) = (purpose.clone(), purpose.changed().is_some());
    let tick = ticking();
    let priced = Memo::new(move |_| {
        // Promotions end while an order is open, and what was refused may have ended just now.
        tick.track();
        why.track();
        let actor = replica::actor()?;
        // A percentage is typed with two places: 2.5 means 250 basis points.
        let discount = u16::try_from(discount.get().unwrap_or(0)).unwrap_or(u16::MAX);
        let (parts, first_due) = (parts.get().unwrap_or(0), first_due.with(|day| day.parse().ok()));
        let basket = basket.get();
        let meeting = for_quote.meeting().or(basket.meeting);
        let basket = Basket { discount, deposit: deposit.get().unwrap_or(0), parts, first_due, meeting, ..basket };
        let now = chrono::Utc::now();
        replica::read(KINDS, |replica| Some(quote(replica, settings(replica)?, actor.role, &basket, for_quote.changed(), now)))
    });
    let offers =
        Memo::new(move |_| priced.with(|priced| priced.as_ref().map(|quote| (quote.offers.clone(), quote.no_more.clone())).unwrap_or_default()));
    let needs_approval = Memo::new(move |_| priced.with(|priced| priced.as_ref().and_then(|quote| quote.needs_approval)));
    let navigate = use_navigate();
    let buyer = if let Purpose::Open(_, buyer) = &purpose { Some(*buyer) } else { None };
    let save = move || {
        let Some(quote) = priced.get_untracked() else { return };
        let reason = reason.get_untracked();
        is_reason_missing.set(quote.needs_approval.is_some() && reason.trim().is_empty());
        if is_reason_missing.get_untracked()
            && let Some(section) = asking.get_untracked()
        {
            // On a phone the sum covers it.
            section.scroll_into_view_with_bool(true);
        }
        if !quote.problems.is_empty() || is_reason_missing.get_untracked() || busy.get_untracked() {
            return;
        }
        let Some((command, next)) = purpose.command(&quote, &reason) else { return };
        let navigate = navigate.clone();
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(command).await;
            busy.try_set(false);
            match saved {
                Ok(()) => navigate(&next.path(), leptos_router::NavigateOptions::default()),
                Err(not_saved) => drop(why.try_set(Some(not_saved))),
            }
        });
    };
    let problem = move |which: fn(&Problem) -> Option<String>| {
        Signal::derive(move || priced.with(|priced| priced.as_ref().and_then(|quote| quote.problems.iter().find_map(which))))
    };
    let discount_error =
        problem(|problem| if let Problem::Discount(most) = problem { Some(t::deals::discount_above_all(percent(*most))) } else { None });
    let deposit_error = problem(|problem| (*problem == Problem::Deposit).then(|| t::deals::deposit_wrong().to_owned()));
    let parts_error = problem(|problem| (*problem == Problem::Instalments).then(|| t::deals::instalments_wrong().to_owned()));
    let choices = Signal::derive(move || {
        let mut offered = vec![0, 2, 3, 6, 12, 24];
        if !offered.contains(&parts_before) {
            offered.push(parts_before);
        }
        offered
            .into_iter()
            .map(|n| Choice::new(n, if n == 0 { t::deals::no_instalments().to_owned() } else { t::deals::instalments_of(n) }))
            .collect()
    });
    let cannot = Signal::derive(move || priced.with(|priced| priced.as_ref().is_none_or(|quote| !quote.problems.is_empty())));
    view! {
        <div class="form stack">
            {buyer.map(|buyer| move || buyer.get().map(buyer_card))}
            <DraftNote draft />
            {has_withdrawn.then(|| view! { <Banner mood=Mood::Warning>{t::deals::some_withdrawn}</Banner> })}
            <section class="stack">
                <h2>{t::deals::what}</h2>
                {move || {
                    let products = products.get();
                    if products.is_empty() {
                        view! { <EmptyState glyph=Glyph::Package title=t::deals::no_products text=t::deals::no_products_help>
                            <LinkButton href=Place::Products>{t::app::products}</LinkButton>
                        </EmptyState> }.into_any()
                    } else {
                        view! { <ul class="products" role="list">{products.into_iter().map(|product| view! { <ProductRow product basket /> }).collect_view()}</ul> }.into_any()
                    }
                }}
            </section>
            {move || {
                let (offers, no_more) = offers.get();
                (!offers.is_empty() || !no_more.is_empty()).then(|| offered(offers, no_more, basket))
            }}
            <div class="deal-terms">
                <MoneyField label=t::deals::discount unit="%" value=discount error=discount_error test_id="deal-discount" />
                <MoneyField label=t::deals::deposit value=deposit error=deposit_error test_id="deal-deposit" />
            </div>
            <Chips label=t::deals::rest_when options=choices value=parts error=parts_error test_id="deal-parts" />
            <Show when=move || parts.get().is_some_and(|parts| parts > 0)>
                <TextField label=t::deals::first_due value=first_due kind="date" test_id="deal-first-due" />
            </Show>
            {move || needs_approval.get().map(|limit| ask_for_approval(limit, reason, is_reason_missing, asking))}
            {move || why.get().map(|why| view! {
                <Banner mood=Mood::Bad test_id="deal-not-saved"><strong>{t::venue::not_saved}</strong><p>{words::not_saved(&why)}</p></Banner>
            })}
            {move || priced.get().map(|quote| sum(&quote))}
            <div class="deal-sum" data-testid="deal-sum">
                {move || priced.get().map(|quote| total(&quote))}
                <Button look=Look::Primary wide=true busy disabled=cannot on_press=save test_id="deal-open">
                    {move || if why.get().is_some() {
                        t::venue::save_again()
                    } else if needs_approval.get().is_some() {
                        t::deals::ask_for_approval()
                    } else if is_change {
                        t::deals::change_save()
                    } else {
                        t::deals::to_contract()
                    }}
                </Button>
            </div>
        </div>
    }
}

/// The discount is above the seller's own limit: why should it be approved?
fn ask_for_approval(
    limit: BasisPoints,
    reason: RwSignal<String>,
    is_missing: RwSignal<bool>,
    section: NodeRef<leptos::html::Section>,
) -> impl IntoView {
    let error = Signal::derive(move || {
        let is_still_missing = is_missing.get() && reason.with(|reason| reason.trim().is_empty());
        is_still_missing.then(|| t::deals::approval_reason_missing().to_owned())
    });
    view! {
        <section class="stack" node_ref=section data-testid="deal-needs-approval">
            <Banner mood=Mood::Warning>{move || t::deals::needs_approval(percent(limit))}</Banner>
            <TextArea label=t::deals::approval_reason hint=t::deals::approval_reason_hint value=reason error rows=2 test_id="deal-approval-reason" />
        </section>
    }
}

fn buyer_card(buyer: Buyer) -> impl IntoView {
    let facts = [buyer.company, buyer.phone_tail].into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · ");
    view! {
        <div class="buyer card" data-testid="deal-buyer">
            <span class="row-words">
                <span class="buyer-name">{buyer.name}</span>
                <span class="soft">{facts}</span>
            </span>
            <LinkButton href=Place::NewDeal test_id="deal-other-buyer">{t::deals::other_buyer}</LinkButton>
        </div>
    }
}

#[component]
fn ProductRow(product: Arc<Product>, basket: RwSignal<Basket>) -> impl IntoView {
    let id = product.id;
    let quantity = Memo::new(move |_| basket.with(|basket| basket.quantity(id)));
    let set = move |quantity: u32| basket.update(|basket| basket.set(id, quantity));
    let is_taken = move || quantity.get() > 0;
    let (name, description) = (product.name.clone(), product.description.clone());
    let label = name.clone();
    view! {
        <li class="product" class:taken=is_taken data-testid="product-row">
            <span class="row-words">
                <span class="row-title">{name}</span>
                {(!description.is_empty()).then(|| view! { <span class="row-note">{description}</span> })}
                <span class="number strong">{words::money(product.price)}</span>
            </span>
            <span class="stepper">
                <Button
                    icon=Glyph::Minus
                    label=t::deals::one_less
                    disabled=Signal::derive(move || quantity.get() == 0)
                    on_press=move || set(quantity.get_untracked().saturating_sub(1))
                    test_id="product-less"
                />
                <input
                    class="input stepper-value number"
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    aria-label=move || t::deals::quantity_of(&label)
                    data-testid="product-quantity"
                    prop:value=move || quantity.get().to_string()
                    on:change=move |event| set(event_target_value(&event).trim().parse().unwrap_or_else(|_| quantity.get_untracked()))
                />
                <Button icon=Glyph::Plus label=t::deals::one_more on_press=move || set(quantity.get_untracked().saturating_add(1)) test_id="product-more" />
            </span>
        </li>
    }
}

/// How the total comes about, and what remains after the deposit.
fn sum(quote: &Quote) -> impl IntoView + use<> {
    let has_discount = quote.off.minor != 0;
    let has_deposit = quote.deposit.minor != 0 && !quote.problems.contains(&Problem::Deposit);
    let (sum, off, deposit, rest) = (quote.sum, quote.off, quote.deposit, quote.rest);
    let parts = quote.instalments.clone();
    let taken: Vec<_> =
        quote.offers.iter().filter(|offered| offered.is_taken).map(|offered| (offered.offer.name.clone(), offered.offer.saves)).collect();
    let line = |label: fn() -> &'static str, amount: String| view! { <div><dt>{label}</dt><dd class="number">{amount}</dd></div> };
    view! {
        <dl class="sum">
            {taken.into_iter().map(|(name, saves)| view! {
                <div data-testid="deal-saved"><dt>{name}</dt><dd class="number">{format!("−{}", words::money(saves))}</dd></div>
            }).collect_view()}
            {has_discount.then(|| line(t::deals::sum, words::money(sum)))}
            {has_discount.then(|| line(t::deals::discount, format!("−{}", words::money(off))))}
            {has_deposit.then(|| line(t::deals::deposit, words::money(deposit)))}
            {has_deposit.then(|| line(t::deals::rest, words::money(rest)))}
            {parts.into_iter().map(|part| view! {
                <div data-testid="deal-part"><dt>{move || words::calendar_day(part.due)}</dt><dd class="number">{words::money(part.amount)}</dd></div>
            }).collect_view()}
        </dl>
    }
}

/// The total, always in view, and what keeps it from becoming a deal.
fn total(quote: &Quote) -> impl IntoView + use<> {
    let total = quote.total;
    let note = quote.problems.iter().find_map(|problem| match problem {
        Problem::Empty => Some(t::deals::basket_empty().to_owned()),
        Problem::Withdrawn => Some(t::deals::withdrawn().to_owned()),
        Problem::Money => Some(t::deals::too_much().to_owned()),
        Problem::Paid(paid) => Some(t::deals::paid_above(words::money(*paid))),
        Problem::Discount(_) | Problem::Deposit | Problem::Instalments => None,
    });
    view! {
        <p class="sum-total">
            <span>{t::deals::total}</span>
            <strong class="number" data-testid="deal-total">{words::money(total)}</strong>
        </p>
        {note.map(|note| view! { <p class="soft" role="status">{note}</p> })}
    }
}
