//! Log in, with the network once; log out without losing work (clause N6).

use crate::components::{EmptyState, Glyph, PageHead};
use crate::texts as t;
use leptos::prelude::*;

/// Log in.
#[component]
pub fn LogInPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::log_in />
        <EmptyState glyph=Glyph::Key title=t::app::nothing_here />
    }
}
