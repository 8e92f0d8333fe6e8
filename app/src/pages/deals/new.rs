//! A new deal: who buys, then what ([`Order`]). The buyer stands in the address, so a page that is loaded again still knows.

use super::order::{Order, Purpose};
use crate::components::{EmptyState, Glyph, PageHead, SearchField};
use crate::replica;
use crate::routes::Place;
use crate::state::buyers::{Buyer, BuyerSearch, buyer};
use crate::texts as t;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use shared::Kind;
use shared::ids::{CustomerId, MeetingId};

/// A new deal.
#[component]
pub fn NewDealPage() -> impl IntoView {
    let query = use_query_map();
    // The card may come a moment later; whoever was chosen stays, even if it goes.
    let chosen = Memo::new(move |before: Option<&Option<Buyer>>| {
        let asked = query.with(|query| query.get("customer").and_then(|id| id.parse::<CustomerId>().ok()))?;
        let meeting = query.with(|query| query.get("meeting").and_then(|id| id.parse::<MeetingId>().ok()));
        let found = replica::read(&[Kind::Customer, Kind::Guest], |replica| buyer(replica, asked, chrono::Utc::now()));
        let found = found.map(|found| Buyer { meeting: meeting.or(found.meeting), ..found });
        found.or_else(|| before.cloned().flatten().filter(|before| before.customer == asked))
    });
    let customer = Memo::new(move |_| chosen.with(|chosen| chosen.as_ref().map(|buyer| buyer.customer)));
    view! {
        <div class="new-deal">
            <PageHead title=t::deals::new back=Place::Deals />
            {move || match customer.get() {
                Some(customer) => view! { <Order purpose=Purpose::Open(customer, chosen) /> }.into_any(),
                None => view! { <BuyerPicker /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn BuyerPicker() -> impl IntoView {
    let query = RwSignal::new(String::new());
    let search = StoredValue::new(BuyerSearch::default());
    let ready = Memo::new(move |before: Option<&u32>| {
        if let Some(actor) = replica::actor() {
            replica::read(&[Kind::Customer, Kind::Guest, Kind::Meeting], |replica| search.set_value(BuyerSearch::new(replica, &actor)));
        }
        before.map_or(0, |count| count.wrapping_add(1))
    });
    let found = Memo::new(move |_| {
        ready.get();
        let query = query.get();
        let find = |replica: &_| search.try_update_value(|search| search.find(replica, &query, chrono::Utc::now())).unwrap_or_default();
        untrack(|| replica::read(&[], find))
    });
    let navigate = StoredValue::new_local(use_navigate());
    let row = move |buyer: Buyer| {
        let address = format!("{}?customer={}", Place::NewDeal.path(), buyer.customer);
        let choose = move |_| navigate.with_value(|navigate| navigate(&address, NavigateOptions::default()));
        let facts = [buyer.company.clone(), buyer.phone_tail.clone()].into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · ");
        let name = buyer.name;
        view! {
            <li>
                <button type="button" class="guest" data-row data-testid="buyer-row" on:click=choose>
                    <span class="guest-name">{name}</span>
                    <span class="guest-facts">{facts}</span>
                </button>
            </li>
        }
    };
    view! {
        <div class="form">
            <h2>{t::deals::who_buys}</h2>
            <SearchField label=t::venue::search_hint value=query test_id="buyer-search" />
            {move || {
                let found = found.get();
                if found.is_empty() {
                    view! { <EmptyState glyph=Glyph::Search title=t::deals::no_buyer text=t::deals::no_buyer_help /> }.into_any()
                } else {
                    view! { <ul class="guests" role="list">{found.into_iter().map(row).collect_view()}</ul> }.into_any()
                }
            }}
        </div>
    }
}
