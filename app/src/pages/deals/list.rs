//! The deals on this device, and the chosen one beside them.

use crate::components::{Badge, Chips, Choice, EmptyState, Glyph, LinkButton, Look, Mood, PageHead, SplitView, VirtualList};
use crate::replica;
use crate::routes::Place;
use crate::state::deals::{DealRow, Which, deals};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_navigate, use_params_map};
use shared::Kind;
use shared::deals::{ApprovalState, Stage};
use shared::ids::DealId;
use std::sync::Arc;

/// The list, and the deal beside it.
#[component]
pub fn DealsPage() -> impl IntoView {
    let params = use_params_map();
    let selected = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<DealId>().ok())));
    let open = Signal::derive(move || selected.get().is_some());
    view! {
        <SplitView open list=move || view! { <DealList selected /> }>
            <Outlet />
        </SplitView>
    }
}

#[component]
fn DealList(#[prop(into)] selected: Signal<Option<DealId>>) -> impl IntoView {
    let which = RwSignal::new(Some(Which::Open));
    let rows = Memo::new(move |_| {
        let today = super::payments::today();
        replica::read(&[Kind::Deal], |replica| Arc::new(deals(replica, which.get().unwrap_or_default(), today)))
    });
    let is_empty = Memo::new(move |_| rows.with(|rows| rows.is_empty()));
    let choices = Signal::derive(|| {
        vec![
            Choice::new(Which::Open, t::deals::open_ones()),
            Choice::new(Which::Sold, t::deals::sold_ones()),
            Choice::new(Which::All, t::deals::all_ones()),
        ]
    });
    let navigate = use_navigate();
    let on_open = Callback::new(move |(row,): (DealRow,)| navigate(&Place::Deal(row.id).path(), leptos_router::NavigateOptions::default()));
    view! {
        <div class="deals">
            <PageHead title=t::app::deals>
                <LinkButton look=Look::Primary icon=Glyph::Plus href=Place::NewDeal test_id="deal-new">{t::deals::new}</LinkButton>
            </PageHead>
            <div class="deals-filter">
                <Chips label=t::deals::shown options=choices value=which test_id="deal-filter" />
            </div>
            {move || {
                if is_empty.get() {
                    view! {
                        <EmptyState glyph=Glyph::Handshake title=t::deals::none text=t::deals::none_help test_id="deals-empty">
                            <LinkButton look=Look::Primary icon=Glyph::Plus href=Place::NewDeal>{t::deals::new}</LinkButton>
                        </EmptyState>
                    }
                    .into_any()
                } else {
                    view! {
                        <VirtualList label=t::app::deals items=rows key=|row: &DealRow| row.id row=deal_row row_height=76 on_open selected test_id="deal-list" />
                    }
                    .into_any()
                }
            }}
        </div>
    }
}

fn deal_row(row: &DealRow) -> impl IntoView + use<> {
    let (total, open, opened_at) = (row.total, row.open, row.opened_at);
    let (overdue, to_refund, is_unwanted) = (row.overdue, row.to_refund, row.is_unwanted);
    let (stage, approval) = (row.stage.clone(), row.approval.clone());
    view! {
        <span class="row-words" data-testid="deal-row">
            <span class="row-title">{row.buyer.clone()}</span>
            <span class="row-note">{move || words::opening(&words::moment(opened_at, words::here(), chrono::Utc::now()))}</span>
        </span>
        <span class="deal-row-end">
            <span class="number strong">{words::money(total)}</span>
            {if is_unwanted {
                view! { <Badge mood=Mood::Warning icon=Glyph::Ban>{t::deals::cancellation_waiting}</Badge> }.into_any()
            } else if to_refund.minor > 0 {
                view! { <span class="deal-row-open number">{move || t::deals::row_to_refund(words::money(to_refund))}</span> }.into_any()
            } else if overdue.minor > 0 {
                view! { <span class="deal-row-late number">{move || t::deals::row_late(words::money(overdue))}</span> }.into_any()
            } else if stage == Stage::Signed {
                view! { <span class="deal-row-open number">{move || t::deals::still_open(words::money(open))}</span> }.into_any()
            } else {
                deal_badge(&stage, approval.as_ref()).into_any()
            }}
        </span>
    }
}

/// How far a deal is, as a mark.
pub(in crate::pages) fn deal_badge(stage: &Stage, approval: Option<&ApprovalState>) -> impl IntoView + use<> {
    let (mood, glyph, words): (Mood, Glyph, fn() -> &'static str) = match stage {
        Stage::Quoted if approval == Some(&ApprovalState::Waiting) => (Mood::Warning, Glyph::Clock, t::deals::waiting),
        Stage::Quoted if matches!(approval, Some(ApprovalState::Refused { .. })) => (Mood::Bad, Glyph::CircleX, t::deals::refused),
        Stage::Quoted => (Mood::Info, Glyph::File, t::deals::quoted),
        Stage::Signed => (Mood::Warning, Glyph::Signature, t::deals::signed),
        Stage::Paid => (Mood::Good, Glyph::CircleCheck, t::deals::paid),
        Stage::Cancelled { .. } => (Mood::Bad, Glyph::Ban, t::deals::cancelled),
        Stage::Replaced { .. } => (Mood::Info, Glyph::File, t::deals::replaced),
    };
    view! { <Badge mood icon=glyph>{words}</Badge> }
}

/// What stands beside the list until one is chosen.
#[component]
pub fn NoDealChosen() -> impl IntoView {
    view! { <EmptyState glyph=Glyph::Handshake title=t::deals::choose /> }
}
