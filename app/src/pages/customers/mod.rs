//! Customers: list, detail, import (clauses A1–A4).

use crate::components::{EmptyState, Glyph, PageHead, SplitView};
use crate::texts as t;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_params_map;

/// The list, and the customer beside it.
#[component]
pub fn CustomersPage() -> impl IntoView {
    let id = use_params_map();
    let open = Signal::derive(move || id.with(|params| params.get("id").is_some()));
    let list = || view! { <PageHead title=t::app::customers /> };
    view! {
        <SplitView open list>
            <Outlet />
        </SplitView>
    }
}

/// What stands beside the list until one is chosen.
#[component]
pub fn NoCustomerChosen() -> impl IntoView {
    view! { <EmptyState glyph=Glyph::Users title=t::app::choose_one /> }
}

/// One customer.
#[component]
pub fn CustomerPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::customers />
        <EmptyState glyph=Glyph::User title=t::app::nothing_here />
    }
}

/// Customers from a file.
#[component]
pub fn ImportPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::import />
        <EmptyState glyph=Glyph::FileSpreadsheet title=t::app::nothing_here />
    }
}
