//! List and detail: side by side on a tablet, one over the other on a phone.

use super::{Glyph, Icon};
use leptos::prelude::*;
use leptos::text_prop::TextProp;

/// The list at the left, the detail at the right. On a phone only one is shown: the detail while `open` is true.
#[component]
pub fn SplitView(
    /// Whether a detail is chosen.
    #[prop(into)]
    open: Signal<bool>,
    #[prop(into)] list: ViewFn,
    /// The detail, or what stands there while none is chosen.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="split" class:detail-open=move || open.get()>
            <section class="split-list">{list.run()}</section>
            <section class="split-detail">{children()}</section>
        </div>
    }
}

/// The head of a page: title, what can be done here, and the way back (also by Esc). `back` is shown on a phone only if `back_on_phone_only`.
#[component]
pub fn PageHead(
    #[prop(into)] title: TextProp,
    #[prop(optional, into)] note: Option<TextProp>,
    /// Where back leads.
    #[prop(optional, into)]
    back: Option<Signal<String>>,
    /// In a [`SplitView`] the list stays visible on a tablet, so that back is needed on a phone only.
    #[prop(optional)]
    back_on_phone_only: bool,
    #[prop(optional, into)] back_label: Option<TextProp>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let back_label = back_label.unwrap_or_else(|| TextProp::from(crate::texts::app::back));
    view! {
        <header class="page-head">
            {back
                .map(|href| {
                    view! {
                        <a class="button icon-only back" class:phone-only=back_on_phone_only href=move || href.get() data-back aria-label=move || back_label.get().to_string()>
                            <Icon glyph=Glyph::ArrowLeft />
                        </a>
                    }
                })}
            <div class="page-title">
                <h1>{move || title.get()}</h1>
                {note.map(|note| view! { <p class="page-note">{move || note.get()}</p> })}
            </div>
            <div class="page-actions">{children.map(|children| children())}</div>
        </header>
    }
}
