//! The pool: what its customers are like, and the claim that makes one of them one's own (clause A5).

use super::list::{intent_mark, intent_words};
use crate::components::{Button, ChipsMany, Choice, EmptyState, Glyph, Look, PageHead, Select, Sheet, VirtualList, toast};
use crate::replica;
use crate::routes::Place;
use crate::state::customers::{PoolFilter, pool};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::customers::Intent;
use shared::customers::command::ClaimCustomer;
use shared::customers::pool::PoolCard;
use shared::ids::CustomerId;
use std::sync::Arc;

/// How many there are to claim; tracked.
pub(super) fn in_pool() -> usize {
    replica::read(&[Kind::PoolCard], |replica| replica.all::<PoolCard>().count())
}

/// Who is in the pool.
#[component]
pub fn PoolPage() -> impl IntoView {
    let (region, source) = (RwSignal::new(None), RwSignal::new(None));
    let intents = RwSignal::new(Vec::<Intent>::new());
    let shown = Memo::new(move |_| {
        let filter = PoolFilter { region: region.get(), source: source.get(), intents: intents.get() };
        replica::read(&[Kind::PoolCard], |replica| pool(replica, &filter))
    });
    let regions =
        Signal::derive(move || shown.with(|pool| pool.regions.iter().map(|region| Choice::new(region.clone(), region)).collect::<Vec<_>>()));
    let sources =
        Signal::derive(move || shown.with(|pool| pool.sources.iter().map(|code| Choice::new(code.clone(), words::source(code))).collect::<Vec<_>>()));
    let intent_choices = Signal::derive(|| [Intent::A, Intent::B, Intent::C, Intent::D].map(|it| Choice::new(it, intent_words(it))).to_vec());
    let items = Signal::derive(move || shown.with(|pool| pool.cards.clone()));
    let is_empty = Memo::new(move |_| shown.with(|pool| pool.total == 0));
    let nobody_matches = Memo::new(move |_| shown.with(|pool| pool.cards.is_empty()));
    let (chosen, asking) = (RwSignal::new(None::<Arc<PoolCard>>), RwSignal::new(false));
    let ask = Callback::new(move |(card,): (Arc<PoolCard>,)| {
        chosen.set(Some(card));
        asking.set(true);
    });
    let claim = move || {
        asking.set(false);
        let Some(card) = chosen.get_untracked() else { return };
        spawn_local(async move {
            match replica::submit(ClaimCustomer { customer: card.customer }).await {
                Ok(()) => toast::show(t::customers::claimed().to_owned()),
                Err(why) => toast::show(words::not_saved(&why)),
            }
        });
    };
    view! {
        <PageHead title=t::customers::pool back=Place::Customers back_on_phone_only=true />
        <Show
            when=move || !is_empty.get()
            fallback=|| view! { <EmptyState glyph=Glyph::Users title=t::customers::pool_empty text=t::customers::pool_empty_text test_id="pool-empty" /> }
        >
            <div class="pool-tools">
                <p class="soft">{t::customers::pool_text}</p>
                <ChipsMany label=t::customers::intent options=intent_choices value=intents test_id="pool-intents" />
                <div class="pool-selects">
                    <Select label=t::customers::region options=regions value=region none=t::customers::any test_id="pool-region" />
                    <Select label=t::customers::source options=sources value=source none=t::customers::any test_id="pool-source" />
                </div>
            </div>
            <Show
                when=move || !nobody_matches.get()
                fallback=|| view! { <EmptyState glyph=Glyph::Search title=t::customers::pool_nobody_matches /> }
            >
                <VirtualList
                    label=t::customers::pool
                    items
                    key=whose
                    row=row
                    row_height=72
                    on_open=ask
                    test_id="pool-list"
                />
            </Show>
        </Show>
        <Sheet title=t::customers::claim_title open=asking test_id="claim-sheet">
            {move || chosen.get().map(|card| view! { <p>{known(&card)}</p> })}
            <p class="soft">{t::customers::pool_text}</p>
            <Button look=Look::Primary icon=Glyph::UserPlus on_press=claim test_id="claim">{t::customers::claim}</Button>
        </Sheet>
    }
}

fn whose(card: &Arc<PoolCard>) -> CustomerId {
    card.customer
}

fn row(card: &Arc<PoolCard>) -> impl IntoView + use<> {
    let since = t::customers::pool_since(words::ago(card.since, chrono::Utc::now()));
    view! {
        <span class="row-words" data-testid="pool-row">
            <span class="row-title">{known(card)}</span>
            <span class="row-note">{since}</span>
        </span>
        <span class="row-end">{card.intent.map(intent_mark)}</span>
    }
}

/// What is known of somebody without a name.
fn known(card: &PoolCard) -> String {
    let source = if card.source.is_empty() { String::new() } else { words::source(&card.source) };
    let known: Vec<_> = [card.region.clone(), card.occupation.clone(), source].into_iter().filter(|part| !part.is_empty()).collect();
    if known.is_empty() { t::customers::pool_unknown().to_owned() } else { known.join(" · ") }
}
