//! More: who I am, how the app looks and speaks, this device, and the rest.

use crate::components::{EmptyState, Glyph, PageHead};
use crate::texts as t;
use leptos::prelude::*;

/// The rest.
#[component]
pub fn MorePage() -> impl IntoView {
    view! {
        <PageHead title=t::app::more />
        <EmptyState glyph=Glyph::Ellipsis title=t::app::nothing_here />
    }
}

/// An address where nothing is.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::not_found />
        <EmptyState glyph=Glyph::CircleHelp title=t::app::nothing_here />
    }
}
