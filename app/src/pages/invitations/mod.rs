//! Invitations: plan, calling desk, confirmations (clauses B1, B3, B4).

use crate::components::{EmptyState, Glyph, PageHead};
use crate::texts as t;
use leptos::prelude::*;

/// The plan of a meeting.
#[component]
pub fn InvitationsPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::invitations />
        <EmptyState glyph=Glyph::Send title=t::app::nothing_here />
    }
}

/// The calling desk.
#[component]
pub fn CallsPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::calls />
        <EmptyState glyph=Glyph::Phone title=t::app::nothing_here />
    }
}

/// The day before.
#[component]
pub fn ConfirmationsPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::confirmations />
        <EmptyState glyph=Glyph::CalendarCheck title=t::app::nothing_here />
    }
}
