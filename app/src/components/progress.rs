//! Waiting with a number, and a way out.

use super::Button;
use leptos::prelude::*;
use leptos::text_prop::TextProp;

/// How far something long is. Without `total` only the number done is known.
#[component]
pub fn Progress(
    #[prop(into)] label: TextProp,
    #[prop(into)] done: Signal<usize>,
    #[prop(optional, into)] total: Signal<Option<usize>>,
    #[prop(optional, into)] on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let words = label.clone();
    let percent = move || total.get().filter(|total| *total > 0).map(|total| done.get().min(total) * 100 / total);
    view! {
        <div class="progress">
            <div class="progress-words">
                <span>{move || words.get()}</span>
                <span class="number">
                    {move || match total.get() {
                        Some(total) => format!("{} / {total}", done.get()),
                        None => done.get().to_string(),
                    }}
                </span>
            </div>
            <div
                class="progress-bar"
                class:endless=move || percent().is_none()
                role="progressbar"
                aria-label=move || label.get().to_string()
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || percent().map(|percent| percent.to_string())
            >
                <div class="progress-done" style:width=move || format!("{}%", percent().unwrap_or(30))></div>
            </div>
            {on_cancel.map(|cancel| view! { <Button on_press=cancel>{crate::texts::app::cancel}</Button> })}
        </div>
    }
}
