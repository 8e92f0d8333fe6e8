//! The live board of a meeting (clause D7).

use crate::components::{EmptyState, Glyph, PageHead};
use crate::texts as t;
use leptos::prelude::*;

/// Numbers that change, each with its age.
#[component]
pub fn BoardPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::board />
        <EmptyState glyph=Glyph::Chart title=t::app::nothing_here />
    }
}
