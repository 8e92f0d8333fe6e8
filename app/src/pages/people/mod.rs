//! People who work with the system; for administrators (clause O4).

use crate::components::{EmptyState, Glyph, PageHead};
use crate::texts as t;
use leptos::prelude::*;

/// Users and teams.
#[component]
pub fn PeoplePage() -> impl IntoView {
    view! {
        <PageHead title=t::app::people />
        <EmptyState glyph=Glyph::Users title=t::app::nothing_here />
    }
}
