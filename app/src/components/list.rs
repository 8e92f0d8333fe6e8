//! Short lists (up to a few hundred rows). Longer ones take [`super::VirtualList`].

use super::{Glyph, Icon};
use leptos::prelude::*;
use leptos::text_prop::TextProp;

/// A list of [`ListRow`]s with a name for screen readers.
#[component]
pub fn List(#[prop(into)] label: TextProp, #[prop(optional)] test_id: &'static str, children: Children) -> impl IntoView {
    view! {
        <ul class="list" role="list" aria-label=move || label.get().to_string() data-testid=(!test_id.is_empty()).then_some(test_id)>
            {children()}
        </ul>
    }
}

/// One row: a link (`href`) or a button (`on_press`), or neither. `j` and `k` move between rows.
#[component]
pub fn ListRow(
    #[prop(optional, into)] href: Option<Signal<String>>,
    #[prop(optional, into)] on_press: Option<Callback<()>>,
    #[prop(optional)] icon: Option<Glyph>,
    /// Second, quieter line.
    #[prop(optional, into)]
    note: Option<TextProp>,
    /// What stands at the end of the row.
    #[prop(optional, into)]
    end: Option<ViewFn>,
    #[prop(optional)] test_id: &'static str,
    children: Children,
) -> impl IntoView {
    let leads = href.is_some() || on_press.is_some();
    let inside = view! {
        {icon.map(|glyph| view! { <span class="row-icon"><Icon glyph /></span> })}
        <span class="row-words">
            <span class="row-title">{children()}</span>
            {note.map(|note| view! { <span class="row-note">{move || note.get()}</span> })}
        </span>
        {end.map(|end| view! { <span class="row-end">{end.run()}</span> })}
        {leads.then(|| view! { <span class="row-more"><Icon glyph=Glyph::ChevronRight /></span> })}
    };
    let test_id = (!test_id.is_empty()).then_some(test_id);
    let row = match (href, on_press) {
        (Some(href), _) => view! { <a class="row" data-row href=move || href.get() data-testid=test_id>{inside}</a> }.into_any(),
        (None, Some(press)) => {
            view! { <button type="button" class="row" data-row on:click=move |_| press.run(()) data-testid=test_id>{inside}</button> }.into_any()
        }
        (None, None) => view! { <div class="row" data-testid=test_id>{inside}</div> }.into_any(),
    };
    view! { <li>{row}</li> }
}
