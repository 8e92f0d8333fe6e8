//! Meetings (clause C1).

use crate::components::{EmptyState, Glyph, PageHead, SplitView};
use crate::texts as t;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_params_map;

/// The list, and the meeting beside it.
#[component]
pub fn MeetingsPage() -> impl IntoView {
    let id = use_params_map();
    let open = Signal::derive(move || id.with(|params| params.get("id").is_some()));
    let list = || view! { <PageHead title=t::app::meetings /> };
    view! {
        <SplitView open list>
            <Outlet />
        </SplitView>
    }
}

/// What stands beside the list until one is chosen.
#[component]
pub fn NoMeetingChosen() -> impl IntoView {
    view! { <EmptyState glyph=Glyph::Calendar title=t::app::choose_one /> }
}

/// One meeting.
#[component]
pub fn MeetingPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::meetings />
        <EmptyState glyph=Glyph::Calendar title=t::app::nothing_here />
    }
}
