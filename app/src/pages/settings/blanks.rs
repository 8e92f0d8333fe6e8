//! The blanks of a text that is written once and filled often: put in by a tap, and told when one is none.

use crate::components::{Banner, Mood};
use crate::platform::document;
use crate::state::script::put_in;
use crate::texts as t;
use leptos::prelude::*;
use shared::settings::template::unknown_variables;

/// A button for each variable that puts it in where the cursor of the field `into` stands, and below them what stands in braces and is none.
#[component]
pub(super) fn PutIn(variables: &'static [&'static str], name: fn(&str) -> &'static str, text: RwSignal<String>, into: &'static str) -> impl IntoView {
    let unknown = Memo::new(move |_| text.with(|text| unknown_variables(text, variables).join(" ")));
    let variable = move |variable: &'static str| {
        let press = move |_| {
            let cursor = document::cursor_in(&format!("[data-testid={into}]"));
            text.update(|text| *text = put_in(text, &format!("{{{variable}}}"), cursor));
        };
        view! { <button type="button" class="chip" on:click=press data-testid="template-variable">{move || name(variable)}</button> }
    };
    view! {
        <div class="field">
            <span class="field-label" id="template-variables">{t::settings::put_in}</span>
            <div class="chips" role="group" aria-labelledby="template-variables">{variables.iter().map(|name| variable(name)).collect_view()}</div>
        </div>
        {move || {
            unknown.with(|unknown| !unknown.is_empty()).then(|| {
                view! { <Banner mood=Mood::Bad test_id="template-unknown">{move || unknown.with(|unknown| t::settings::unknown(unknown))}</Banner> }
            })
        }}
    }
}
