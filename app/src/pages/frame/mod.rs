//! The frame around every page: places, sync state, toasts, keyboard; before it, who works here.

pub(crate) mod choices;
mod first_sync;
mod keyboard;
mod lease;
mod places;
mod sync_chip;
mod sync_sheet;
mod unsent_work;

use crate::components::toast::Toasts;
use crate::components::{EmptyState, Glyph, PageHead};
use crate::pages::analysis;
use crate::pages::follow_ups::{FollowUpWatch, OwnTasks};
use crate::pages::session::{LogInPage, UnlockPage, UnusablePage};
use crate::pages::venue::{HelpWatch, KioskLocked, KioskPage};
use crate::platform::{document, install, service_worker};
use crate::replica::session::{Standing, standing};
use crate::replica::{self, kiosk, status};
use crate::routes::{Pages, Place};
use crate::texts as t;
use first_sync::FirstSyncPage;
use keyboard::{KeyboardHelp, listen};
use lease::LeasePage;
use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::hooks::use_location;
use places::Places;
use sync_chip::SyncChip;
use sync_sheet::SyncSheet;
pub(crate) use unsent_work::{SendUnsentWork, TakeUnsentWork};

/// Sheets of the frame that any page may open.
#[derive(Clone, Copy)]
pub(crate) struct Sheets {
    /// Everything about the sync state.
    pub(crate) sync: RwSignal<bool>,
    /// The keys.
    pub(crate) keyboard: RwSignal<bool>,
}

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    choices::follow();
    install::watch();
    service_worker::register(|| status::change(|status| status.update_waiting = true));
    let sheets = Sheets { sync: RwSignal::new(false), keyboard: RwSignal::new(false) };
    provide_context(sheets);
    let stands = Memo::new(|_| standing());
    // At every address, in every tab, and after a reload.
    let kiosk = Memo::new(|_| kiosk::stands());
    Effect::new(move |_| {
        if stands.get() != Standing::Opening {
            document::remove_shell();
        }
    });
    view! {
        <Router>
            {move || match (stands.get(), kiosk.get()) {
                (Standing::Opening, _) => ().into_any(),
                (Standing::Nobody, _) => view! { <main id="page"><LogInPage /></main> }.into_any(),
                (Standing::Locked(person), Some(_)) => view! { <KioskLocked person /> }.into_any(),
                (Standing::Locked(person), None) => view! { <main id="page"><UnlockPage person /></main> }.into_any(),
                (Standing::Open(_), Some(kiosk)) => view! { <KioskPage kiosk /> }.into_any(),
                (Standing::Open(_), None) => view! { <Frame sheets /> }.into_any(),
                (Standing::Unusable(failure), _) => view! { <UnusablePage failure /> }.into_any(),
            }}
            <Toasts />
        </Router>
    }
}

#[component]
fn Frame(sheets: Sheets) -> impl IntoView {
    listen(sheets.keyboard);
    OwnTasks::provide();
    analysis::watch();
    let path = use_location().pathname;
    // A page begins at its top: the panes stay, and with them how far they were scrolled.
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            document::all("#page, .split-detail").iter().for_each(|pane| pane.set_scroll_top(0));
        }
        now
    });
    let hidden = Memo::new(move |_| replica::lease::has_run_out() && !path.with(|path| Place::shows_no_customers(path)));
    let is_to_come = Memo::new(move |_| first_sync::is_to_come() && path.get() != Place::More.path());
    let not_theirs = Memo::new(move |_| replica::actor().is_some_and(|actor| !actor.role.sells()) && path.with(|path| Place::is_for_sellers(path)));
    view! {
        <a class="skip-link" href="#page">
            {t::app::skip_to_content}
        </a>
        <div class="frame">
            <Places />
            <div class="frame-bar">
                <SyncChip open=sheets.sync />
            </div>
            <main id="page" class="page" tabindex="-1">
                {move || match (is_to_come.get(), hidden.get(), not_theirs.get()) {
                    (true, ..) => view! { <FirstSyncPage /> }.into_any(),
                    (false, true, _) => view! { <LeasePage /> }.into_any(),
                    (false, false, true) => view! { <NotTheirs /> }.into_any(),
                    (false, false, false) => view! { <Pages /> }.into_any(),
                }}
            </main>
        </div>
        <SyncSheet open=sheets.sync />
        <KeyboardHelp open=sheets.keyboard />
        <HelpWatch />
        <FollowUpWatch />
    }
}

/// An address that somebody of another role gave, or that was kept from before the person's role changed.
#[component]
fn NotTheirs() -> impl IntoView {
    view! {
        <PageHead title=t::app::customers back=Place::Today />
        <EmptyState glyph=Glyph::Lock title=t::people::not_theirs text=t::people::not_theirs_note test_id="not-theirs" />
    }
}
