//! Whether this device tells when a task falls due. It is asked for by a button, never by itself.

use crate::components::{Button, Glyph};
use crate::platform::notify::{self, Permission};
use crate::platform::remembered;
use crate::texts as t;
use leptos::prelude::*;
use leptos::task::spawn_local;

const CHOICE: &str = "huixiao.reminders";

/// Whether the person has asked for it here.
pub(super) fn are_on() -> bool {
    notify::permission() == Permission::Granted && remembered::get(CHOICE).unwrap_or(false)
}

/// The button, and what the browser says.
#[component]
pub(in crate::pages) fn Reminders() -> impl IntoView {
    let (on, said) = (RwSignal::new(are_on()), RwSignal::new(notify::permission()));
    let turn_on = move || {
        spawn_local(async move {
            let permission = notify::ask().await;
            remembered::set(CHOICE, &(permission == Permission::Granted));
            said.try_set(permission);
            on.try_set(are_on());
        });
    };
    let turn_off = move || {
        remembered::set(CHOICE, &false);
        on.set(false);
    };
    view! {
        <div class="stack" data-testid="reminders">
            <strong>{t::follow_ups::reminders}</strong>
            <p class="soft">{t::follow_ups::reminders_note}</p>
            {move || match (said.get(), on.get()) {
                (Permission::Lacking, _) => view! { <p class="soft">{t::follow_ups::reminders_lacking}</p> }.into_any(),
                (Permission::Denied, _) => view! { <p class="soft">{t::follow_ups::reminders_denied}</p> }.into_any(),
                (_, true) => view! { <div><Button icon=Glyph::X on_press=turn_off test_id="reminders-off">{t::follow_ups::reminders_off}</Button></div> }.into_any(),
                (_, false) => view! { <div><Button icon=Glyph::Clock on_press=turn_on test_id="reminders-on">{t::follow_ups::reminders_on}</Button></div> }.into_any(),
            }}
        </div>
    }
}
