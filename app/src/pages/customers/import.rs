//! Customers from a file.

use crate::components::{EmptyState, Glyph, PageHead};
use crate::texts as t;
use leptos::prelude::*;

/// Customers from a file.
#[component]
pub fn ImportPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::import />
        <EmptyState glyph=Glyph::FileSpreadsheet title=t::app::nothing_here />
    }
}
