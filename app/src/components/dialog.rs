//! A sheet: from below on a phone, at the side on a tablet. The browser's own dialog keeps focus inside and closes on Esc.

use super::{Button, Glyph};
use leptos::html::{Dialog, Div};
use leptos::prelude::*;
use leptos::text_prop::TextProp;

/// A sheet that is shown while `open` is true. Its content exists only then.
#[component]
pub fn Sheet(#[prop(into)] title: TextProp, open: RwSignal<bool>, #[prop(optional)] test_id: &'static str, children: ChildrenFn) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let content = NodeRef::<Div>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if open.get() && !dialog.open() {
            drop(dialog.show_modal());
            // Where the one before was scrolled to is no place to begin.
            if let Some(content) = content.get_untracked() {
                content.set_scroll_top(0);
            }
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let title_for_label = title.clone();
    let outside = move |event: leptos::ev::MouseEvent| {
        if dialog.get_untracked().is_some_and(|dialog| event.target().as_ref() == Some(dialog.as_ref())) {
            open.set(false);
        }
    };
    view! {
        <dialog
            class="sheet"
            node_ref=dialog
            aria-label=move || title_for_label.get().to_string()
            data-testid=(!test_id.is_empty()).then_some(test_id)
            on:close=move |_| open.set(false)
            on:click=outside
        >
            <div class="sheet-body">
                <header class="sheet-head">
                    <h2>{move || title.get()}</h2>
                    <Button icon=Glyph::X label=crate::texts::app::close on_press=move || open.set(false) />
                </header>
                <div class="sheet-content" node_ref=content>{move || open.get().then(|| children())}</div>
            </div>
        </dialog>
    }
}
