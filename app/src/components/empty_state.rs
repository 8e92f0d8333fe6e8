//! Nothing here yet: says why, and teaches the first step.

use super::{Glyph, Icon};
use leptos::prelude::*;
use leptos::text_prop::TextProp;

/// A calm page with a drawing, one sentence and the first thing to do (children: buttons).
#[component]
pub fn EmptyState(
    glyph: Glyph,
    #[prop(into)] title: TextProp,
    #[prop(optional, into)] text: Option<TextProp>,
    #[prop(optional)] test_id: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty" data-testid=(!test_id.is_empty()).then_some(test_id)>
            <span class="empty-drawing"><Icon glyph /></span>
            <h2>{move || title.get()}</h2>
            {text.map(|text| view! { <p>{move || text.get()}</p> })}
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </div>
    }
}
