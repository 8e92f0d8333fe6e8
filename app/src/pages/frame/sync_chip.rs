//! The sync state, small, at the same place on every screen (clause N2).

use crate::components::{Glyph, Icon};
use crate::replica::status::{Reach, status};
use crate::texts as t;
use leptos::prelude::*;

/// What is on the server, what is not, in a few words.
#[component]
pub(super) fn SyncChip() -> impl IntoView {
    let words = move || {
        let status = status();
        match status.reach {
            Reach::Online if status.unsent == 0 => t::app::synced().to_owned(),
            _ => t::app::unsent(status.unsent),
        }
    };
    view! {
        <div class="sync-chip" data-testid="sync-chip">
            <Icon glyph=Glyph::Cloud />
            <span>{words}</span>
        </div>
    }
}
