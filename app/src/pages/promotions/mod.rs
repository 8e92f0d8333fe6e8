//! Promotions (clause E3): what runs, what was, and, for those who keep them, the form. Those of a product stand on its page.

mod form;

use crate::components::{Badge, Button, EmptyState, Glyph, Look, Mood, PageHead, Sheet, toast};
use crate::pages::today::ticking;
use crate::replica;
use crate::routes::Place;
use crate::state::promotions::{Kept, Phase, of_product, promotions};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use form::PromotionForm;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::ids::{ProductId, PromotionId};
use shared::promotions::Promotion;
use shared::promotions::command::WithdrawPromotion;
use shared::promotions::decide::KEEPERS;
use std::sync::Arc;

const KINDS: &[Kind] = &[Kind::Promotion, Kind::Taking];

/// All promotions.
#[component]
pub fn PromotionsPage() -> impl IntoView {
    let now = ticking();
    let all = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        replica::read(KINDS, |replica| promotions(replica, actor.role, now.get()))
    });
    let (open, chosen) = (RwSignal::new(false), RwSignal::new(None::<Arc<Promotion>>));
    let edit = Callback::new(move |(promotion,): (Option<Arc<Promotion>>,)| {
        chosen.set(promotion);
        open.set(true);
    });
    let title = move || if chosen.with(Option::is_some) { t::promotions::edit_title() } else { t::promotions::new_title() };
    view! {
        <PageHead title=t::promotions::title back=Place::More>
            {move || keeps().then(|| view! {
                <Button look=Look::Primary icon=Glyph::Plus on_press=move || edit.run((None,)) test_id="promotion-add">{t::promotions::add}</Button>
            })}
        </PageHead>
        <div class="page-content" data-testid="promotions">
            {move || {
                let all = all.get();
                if all.is_empty() {
                    let text = move || if keeps() { t::promotions::none_keeper() } else { t::promotions::none_others() };
                    return view! { <EmptyState glyph=Glyph::Coins title=t::promotions::none text=text test_id="promotions-none" /> }.into_any();
                }
                view! { <ul class="list">{all.into_iter().map(|kept| row(&kept, Some(edit))).collect_view()}</ul> }.into_any()
            }}
        </div>
        <Sheet title open test_id="promotion-sheet">
            {move || open.get().then(|| view! { <PromotionForm before=chosen.get() open /> })}
        </Sheet>
    }
}

/// What runs, or will, for one product.
#[component]
pub(in crate::pages) fn RunningPromotions(product: ProductId) -> impl IntoView {
    let now = ticking();
    let all = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        replica::read(KINDS, |replica| of_product(replica, product, actor.role, now.get()))
    });
    move || {
        let all = all.get();
        (!all.is_empty()).then(|| {
            view! {
                <section class="stack" data-testid="product-promotions">
                    <h2>{t::promotions::of_product}</h2>
                    <ul class="list">{all.into_iter().map(|kept| row(&kept, None)).collect_view()}</ul>
                </section>
            }
        })
    }
}

/// Whether the person at this device keeps promotions; tracked.
fn keeps() -> bool {
    replica::actor().is_some_and(|actor| KEEPERS.contains(&actor.role))
}

fn row(kept: &Kept, edit: Option<Callback<(Option<Arc<Promotion>>,)>>) -> Option<impl IntoView + use<>> {
    let (promotion, phase, taken) = (Arc::clone(&kept.promotion), kept.phase, kept.taken);
    let (version, terms) = promotion.latest().map(|(version, terms)| (version, terms.clone()))?;
    let (name, first, is_bound, opens, closes) = (terms.name.clone(), terms.first, !terms.meetings.is_empty(), terms.opens, terms.closes);
    let id = promotion.id;
    let badge = move || match phase {
        Phase::Running => t::promotions::running(),
        Phase::Coming => t::promotions::coming(),
        Phase::Over => t::promotions::over(),
        Phase::Withdrawn => t::promotions::withdrawn(),
    };
    let mood = Signal::stored(if phase == Phase::Running { Mood::Good } else { Mood::Info });
    let when = move || {
        let at = |at| words::moment(at, words::here(), Utc::now());
        t::promotions::when(at(opens), at(closes))
    };
    let used = move || first.map(|first| taken.map_or_else(|| t::promotions::for_first(first), |taken| t::promotions::taken_of(first, taken)));
    let facts = move || [used(), (version > 1).then(|| t::promotions::versions(version))].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let has_facts = first.is_some() || version > 1;
    let is_kept = move || phase != Phase::Withdrawn && keeps();
    Some(view! {
        <li class="point" data-testid="promotion-row">
            <div class="cluster"><strong>{name}</strong><Badge mood>{badge}</Badge></div>
            <p data-testid="promotion-gives">{move || words::gives(&terms)}</p>
            <p class="soft">{when}{is_bound.then(|| view! { " · "{t::promotions::somewhere} })}</p>
            {has_facts.then(|| view! { <p class="soft" data-testid="promotion-used">{facts}</p> })}
            {edit.map(|edit| move || is_kept().then(|| {
                let promotion = Arc::clone(&promotion);
                view! {
                    <div class="cluster">
                        <Button icon=Glyph::Pencil on_press=move || edit.run((Some(Arc::clone(&promotion)),)) test_id="promotion-edit">{t::promotions::edit}</Button>
                        <Button look=Look::Danger icon=Glyph::Ban on_press=move || stop(id) test_id="promotion-stop">{t::promotions::stop}</Button>
                    </div>
                }
            }))}
        </li>
    })
}

fn stop(promotion: PromotionId) {
    spawn_local(async move {
        match replica::submit(WithdrawPromotion { promotion }).await {
            Ok(()) => toast::show(untrack(t::promotions::stopped)),
            Err(why) => toast::show(words::not_saved(&why)),
        }
    });
}
