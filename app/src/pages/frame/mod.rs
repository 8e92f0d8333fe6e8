//! The frame around every page: places, sync state, toasts, keyboard.

mod places;
mod sync_chip;

use crate::components::toast::Toasts;
use crate::routes::Pages;
use crate::texts as t;
use leptos::prelude::*;
use leptos_router::components::Router;
use places::Places;
use sync_chip::SyncChip;

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <a class="skip-link" href="#page">
                {t::app::skip_to_content}
            </a>
            <div class="frame">
                <Places />
                <div class="frame-bar">
                    <SyncChip />
                </div>
                <main id="page" class="page" tabindex="-1">
                    <Pages />
                </main>
            </div>
            <Toasts />
        </Router>
    }
}
