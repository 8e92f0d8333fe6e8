//! The frame around an input: label above, hint below, error beside it until it is mended. What was typed is kept.

use super::{Glyph, Icon};
use leptos::prelude::*;
use leptos::text_prop::TextProp;

/// A label, the input inside, its hint and its error. `id` is the input's; the error has the id `{id}-error`, the hint `{id}-hint`.
#[component]
pub fn Field(
    #[prop(into)] id: String,
    #[prop(into)] label: TextProp,
    #[prop(optional, into)] hint: TextProp,
    #[prop(optional, into)] error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    view! {
        <div class="field" class:wrong=move || error.get().is_some()>
            <label class="field-label" for=id>
                {move || label.get()}
            </label>
            {children()}
            <p class="field-hint" id=hint_id>{move || hint.get()}</p>
            <p class="field-error" id=error_id role="alert">
                {move || error.get().map(|text| view! { <Icon glyph=Glyph::Alert /><span>{text}</span> })}
            </p>
        </div>
    }
}
