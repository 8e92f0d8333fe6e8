//! The deals of which a number is made, each leading to its deal.

use crate::components::{Badge, List, ListRow, Mood};
use crate::replica;
use crate::routes::Place;
use crate::state::analysis::{DealShown, Sales, deals_of};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use shared::Kind;
use shared::analysis::{Filter, Group};
use shared::deals::Deal;
use shared::money::{Currency, Money};
use std::sync::Arc;

/// Most rows that are shown of one number.
const MOST_ROWS: usize = 200;

/// The deals of a group.
#[component]
pub(super) fn Opened(held: Arc<Sales>, group: Group, filter: Filter) -> impl IntoView {
    let found = deals_of(&held, &filter);
    let (count, currency) = (found.len(), held.currency);
    let title = move || t::analysis::rows_of(words::group(&group), count);
    view! {
        <section class="stack" data-testid="analysis-opened">
            <h2>{title}</h2>
            <List label=t::app::deals>{found.into_iter().take(MOST_ROWS).map(|deal| row(deal, currency)).collect_view()}</List>
            {(count > MOST_ROWS).then(|| view! { <p class="soft">{move || t::analysis::more_rows(count - MOST_ROWS)}</p> })}
        </section>
    }
}

fn row(shown: DealShown, currency: Currency) -> impl IntoView {
    let buyer = replica::read(&[Kind::Deal], |replica| replica.noun::<Deal>(shown.deal).map_or_else(|| "—".to_owned(), |deal| deal.buyer.clone()));
    let note = move || format!("{} · {}", words::person(shown.seller), words::day(shown.at, words::here(), Utc::now()));
    let end = move || {
        view! {
            {shown.is_first.then(|| view! { <Badge mood=Signal::stored(Mood::Good)>{t::analysis::new_here}</Badge> })}
            <span class="number strong">{words::money(Money::new(shown.amount, currency))}</span>
        }
        .into_any()
    };
    view! { <ListRow href=Place::Deal(shown.deal) note end test_id="analysis-deal">{buyer}</ListRow> }
}
