//! The sync state, small, at the same place on every screen (clause N2).

use crate::components::{Glyph, Icon};
use crate::replica::drafts;
use crate::replica::status::status;
use crate::state::sync::{Part, Urgency, parts};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;

/// What is on the server and what is not, in a few words; a tap tells everything.
#[component]
pub(super) fn SyncChip(open: RwSignal<bool>) -> impl IntoView {
    let said = Memo::new(|_| parts(&status()));
    let update = Memo::new(|_| status().update_waiting);
    let words = move || {
        let (clock, now) = (words::here(), Utc::now());
        let words: Vec<_> = said.get().into_iter().take(2).map(|part| part.short(clock, now)).collect();
        words.join(" · ")
    };
    let first = Memo::new(move |_| said.with(|parts| parts.first().copied().unwrap_or(Part::Unknown)));
    view! {
        <button
            type="button"
            class="sync-chip"
            class:waiting=move || first.get().urgency() == Urgency::Waiting
            class:needed=move || first.get().urgency() == Urgency::Needed
            aria-haspopup="dialog"
            data-testid="sync-chip"
            data-synced=move || said.with(|parts| parts.contains(&Part::Synced)).to_string()
            data-drafts-stored=move || drafts::are_stored().to_string()
            on:click=move |_| open.set(true)
        >
            {move || view! { <Icon glyph=glyph(first.get()) /> }}
            <span aria-live="polite">{words}</span>
            {move || update.get().then(|| view! { <span class="sync-news">{t::sync::update_waiting}</span> })}
        </button>
    }
}

/// The drawing of a part.
pub(super) const fn glyph(part: Part) -> Glyph {
    match part {
        Part::Synced => Glyph::CloudCheck,
        Part::Unsent(_) | Part::UnsentPhotos(_) => Glyph::CloudUpload,
        Part::Offline(_) | Part::Failing => Glyph::CloudOff,
        Part::Captive => Glyph::WifiOff,
        Part::Receiving(_) => Glyph::Download,
        Part::Unknown => Glyph::Cloud,
        Part::Evicted | Part::Refused(_) | Part::DamagedPhotos(_) => Glyph::Alert,
        Part::LoggedOut | Part::Revoked => Glyph::Key,
        Part::UpdateNeeded => Glyph::Refresh,
        Part::Storage(_) | Part::NearlyFull(_) => Glyph::HardDrive,
    }
}
