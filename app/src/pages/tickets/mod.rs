//! A guest's ticket, to show or print (clause D1).

use crate::components::{EmptyState, Glyph, PageHead};
use crate::texts as t;
use leptos::prelude::*;

/// The ticket of an invitation.
#[component]
pub fn TicketPage() -> impl IntoView {
    view! {
        <PageHead title=t::app::ticket />
        <EmptyState glyph=Glyph::Ticket title=t::app::nothing_here />
    }
}
