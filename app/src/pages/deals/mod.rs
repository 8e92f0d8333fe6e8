//! Deals, contracts and signatures (clauses F1, F2).

use crate::components::{EmptyState, Glyph, PageHead, SplitView};
use crate::texts as t;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_params_map;

/// The list, and the deal beside it.
#[component]
pub fn DealsPage() -> impl IntoView {
    let id = use_params_map();
    let open = Signal::derive(move || id.with(|params| params.get("id").is_some()));
    let list = || view! { <PageHead title=t::app::deals /> };
    view! {
        <SplitView open list>
            <Outlet />
        </SplitView>
    }
}

/// What stands beside the list until one is chosen.
#[component]
pub fn NoDealChosen() -> impl IntoView {
    view! { <EmptyState glyph=Glyph::Handshake title=t::app::choose_one /> }
}

/// One deal.
#[component]
pub fn DealPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::deals />
        <EmptyState glyph=Glyph::Handshake title=t::app::nothing_here />
    }
}

/// A new deal.
#[component]
pub fn NewDealPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::deals />
        <EmptyState glyph=Glyph::Handshake title=t::app::nothing_here />
    }
}

/// The contract, to be read and signed.
#[component]
pub fn SignPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::deals />
        <EmptyState glyph=Glyph::Signature title=t::app::nothing_here />
    }
}
