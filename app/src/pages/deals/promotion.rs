//! Promotions of an order and of a deal: what applies shows by itself, one tap takes it; what is beyond the first N waits for a manager's word.

use crate::components::{Banner, Button, Glyph, Look, Mood, Sheet, TextArea, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::{self, NotSaved};
use crate::state::deals::Basket;
use crate::state::promotions::{Offered, to_honour};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::deals::Deal;
use shared::ids::{DealId, PromotionId};
use shared::promotions::command::HonourPromotion;

/// The promotions that there are for what is in a basket, and those that it had (`no_more`).
pub(super) fn offered(offers: Vec<Offered>, no_more: Vec<String>, basket: RwSignal<Basket>) -> impl IntoView {
    let gone = no_more.into_iter().map(|name| {
        view! { <Banner mood=Mood::Warning test_id="offer-no-more">{move || t::promotions::no_more(&name)}</Banner> }
    });
    let has_offers = !offers.is_empty();
    view! {
        <section class="stack" data-testid="offers">
            {has_offers.then(|| view! { <h2>{t::promotions::offers}</h2> })}
            {gone.collect_view()}
            {has_offers.then(|| view! {
                <ul class="products" role="list">{offers.into_iter().map(|offered| row(offered, basket)).collect_view()}</ul>
            })}
        </section>
    }
}

fn row(offered: Offered, basket: RwSignal<Basket>) -> impl IntoView {
    let Offered { offer, is_taken, first } = offered;
    let (id, name, missing, saves) = (offer.promotion, offer.name.clone(), offer.missing.clone(), offer.saves);
    let is_near = !missing.is_empty();
    let note = move || if is_near { t::promotions::missing(words::parts_of(&missing)) } else { t::promotions::saves(words::money(saves)) };
    let press = move || {
        basket.update(|basket| if is_taken { basket.promotions.retain(|taken| *taken != id) } else { basket.take(&offer) });
    };
    let label = move || match (is_taken, is_near) {
        (true, _) => t::promotions::leave(),
        (false, true) => t::promotions::take_with(),
        (false, false) => t::promotions::take(),
    };
    let look = if is_taken { Look::default() } else { Look::Primary };
    view! {
        <li class="product" class:taken=is_taken data-testid="offer">
            <span class="row-words">
                <span class="row-title">{name}</span>
                <span class="row-note" data-testid="offer-note">{note}</span>
                {first.map(|(first, taken)| view! { <span class="row-note">{move || t::promotions::taken_of(first, taken)}</span> })}
            </span>
            <Button look on_press=press test_id="offer-take">{label}</Button>
        </li>
    }
}

/// What of a deal is beyond the first N of a promotion, for whoever rules on it; and what was ruled.
pub(super) fn beyond(deal: &Deal) -> impl IntoView + use<> {
    let id = deal.id;
    let waiting = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        let mut all = replica::read(&[Kind::Promotion, Kind::Taking, Kind::Deal], |replica| to_honour(replica, &actor));
        all.retain(|beyond| beyond.deal == id);
        all
    });
    let honoured = deal.honoured.clone();
    let ruled = honoured.into_iter().map(|word| {
        let said = move || t::promotions::honoured(words::promotion(word.promotion), words::person(word.by), &word.reason);
        view! { <Banner mood=Mood::Good test_id="honoured">{said}</Banner> }
    });
    view! {
        {move || waiting.get().into_iter().map(|beyond| view! { <Ruling deal=id promotion=beyond.promotion name=beyond.name /> }).collect_view()}
        {ruled.collect_view()}
    }
}

/// Honour it, with a reason.
#[component]
fn Ruling(deal: DealId, promotion: PromotionId, name: String) -> impl IntoView {
    let open = RwSignal::new(false);
    let draft = Draft::of(format!("honour/{deal}/{promotion}"));
    let reason = draft.field("reason", String::new());
    let (busy, why) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let honour = move || {
        let command = HonourPromotion { promotion, deal, reason: reason.get_untracked() };
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(command).await;
            busy.try_set(false);
            match saved {
                Ok(()) => toast::show(untrack(t::promotions::honoured_now)),
                Err(not_saved) => drop(why.try_set(Some(not_saved))),
            }
        });
    };
    let error = Signal::derive(move || why.get().map(|why| words::not_saved(&why)));
    view! {
        <Banner mood=Mood::Warning test_id="beyond">
            <strong>{move || t::promotions::beyond(&name)}</strong>
            <p>{t::promotions::beyond_help}</p>
        </Banner>
        <div><Button look=Look::Primary icon=Glyph::Check on_press=move || open.set(true) test_id="honour">{t::promotions::honour}</Button></div>
        <Sheet title=t::promotions::honour open test_id="honour-sheet">
            <DraftNote draft />
            <TextArea label=t::promotions::honour_reason value=reason error test_id="honour-reason" />
            <Button look=Look::Primary wide=true busy on_press=honour test_id="honour-confirm">{t::promotions::honour}</Button>
        </Sheet>
    }
}
