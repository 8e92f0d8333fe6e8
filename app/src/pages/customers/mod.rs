//! Customers: list, detail, form, import, merging (clauses A1–A5, A7, A6 in its first form).

mod after;
mod consents;
mod detail;
mod export;
mod filter;
mod form;
mod give;
mod import;
mod list;
mod merge;
mod pool;

pub use detail::CustomerPage;
pub(in crate::pages) use detail::Timeline;
pub(in crate::pages) use filter::FilterFields;
pub use form::{EditCustomerPage, NewCustomerPage};
pub use import::ImportPage;
pub(in crate::pages) use list::{in_use, matching};
pub use merge::MergePage;
pub use pool::PoolPage;

use crate::components::{EmptyState, Glyph, SplitView};
use crate::texts as t;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;
use list::ListPane;

/// The list, and the customer or the form beside it.
#[component]
pub fn CustomersPage() -> impl IntoView {
    let location = use_location();
    let open = Signal::derive(move || location.pathname.with(|path| path.trim_end_matches('/') != "/customers"));
    view! {
        <SplitView open list=|| view! { <ListPane /> }>
            <Outlet />
        </SplitView>
    }
}

/// What stands beside the list until one is chosen.
#[component]
pub fn NoCustomerChosen() -> impl IntoView {
    view! { <EmptyState glyph=Glyph::Users title=t::customers::choose_one /> }
}
