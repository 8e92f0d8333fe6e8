//! The product list (clause E1).

use crate::components::{EmptyState, Glyph, PageHead};
use crate::texts as t;
use leptos::prelude::*;

/// Products and prices.
#[component]
pub fn ProductsPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::products />
        <EmptyState glyph=Glyph::Package title=t::app::nothing_here />
    }
}
