//! At the venue: desk, scanner, conflicts (clauses D1–D3).

use crate::components::{EmptyState, Glyph, PageHead};
use crate::texts as t;
use leptos::prelude::*;

/// The meetings of today.
#[component]
pub fn VenuePage() -> impl IntoView {
    view! {
        <PageHead title=t::app::venue />
        <EmptyState glyph=Glyph::MapPin title=t::app::nothing_here />
    }
}

/// A desk of a meeting.
#[component]
pub fn DeskPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::venue />
        <EmptyState glyph=Glyph::UserCheck title=t::app::nothing_here />
    }
}

/// Scan tickets.
#[component]
pub fn ScanPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::scan />
        <EmptyState glyph=Glyph::Scan title=t::app::nothing_here />
    }
}

/// Guests who arrived twice.
#[component]
pub fn ConflictsPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::conflicts />
        <EmptyState glyph=Glyph::Split title=t::app::nothing_here />
    }
}
