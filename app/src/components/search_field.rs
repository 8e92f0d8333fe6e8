//! The search box of a page: `/` focuses it, Esc empties it.

use super::{Glyph, Icon};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::text_prop::TextProp;

/// Search as you type; each keystroke sets `value`.
#[component]
pub fn SearchField(#[prop(into)] label: TextProp, value: RwSignal<String>, #[prop(optional)] test_id: &'static str) -> impl IntoView {
    let hint = label.clone();
    let pressed = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !value.with_untracked(String::is_empty) {
            event.stop_propagation();
            value.set(String::new());
        }
    };
    view! {
        <div class="search" role="search">
            <Icon glyph=Glyph::Search />
            <input
                class="input"
                type="search"
                enterkeyhint="search"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                data-search
                aria-label=move || label.get().to_string()
                placeholder=move || hint.get().to_string()
                data-testid=(!test_id.is_empty()).then_some(test_id)
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
                on:keydown=pressed
            />
            <kbd class="search-key" aria-hidden="true">"/"</kbd>
        </div>
    }
}
