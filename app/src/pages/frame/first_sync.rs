//! Instead of a page, as long as this device has never had everything that its person may see: without settings, colleagues and meetings
//! nothing can be recorded rightly.

use crate::components::{Button, EmptyState, Glyph, Look, Progress};
use crate::replica;
use crate::replica::status::{Reach, status};
use crate::texts as t;
use leptos::prelude::*;

/// Whether that is so; tracked.
pub(super) fn is_to_come() -> bool {
    let status = status();
    status.fresh_at.is_none() && status.reach != Reach::Revoked
}

/// How far the first download is, or why it does not begin.
#[component]
pub(super) fn FirstSyncPage() -> impl IntoView {
    let received = Memo::new(|_| status().receiving);
    let is_stuck = Memo::new(|_| !matches!(status().reach, Reach::Unknown | Reach::Online));
    let text = move || if is_stuck.get() { t::first_sync::stuck() } else { t::first_sync::means() };
    view! {
        <EmptyState glyph=Glyph::Download title=t::first_sync::title text test_id="first-sync">
            {move || is_stuck.get().then(|| view! {
                <Button look=Look::Primary icon=Glyph::Refresh on_press=replica::sync_now>
                    {t::sync::sync_now}
                </Button>
            })}
        </EmptyState>
        {move || (!is_stuck.get()).then(|| view! {
            <div class="page-content">
                <Progress label=t::first_sync::received done=Signal::derive(move || received.get().unwrap_or_default()) />
            </div>
        })}
    }
}
