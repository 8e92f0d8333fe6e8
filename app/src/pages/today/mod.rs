//! Today: a work list.

use crate::components::{EmptyState, Glyph, PageHead};
use crate::texts as t;
use leptos::prelude::*;

/// What to do next.
#[component]
pub fn TodayPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::today />
        <EmptyState glyph=Glyph::Sun title=t::app::nothing_here />
    }
}
