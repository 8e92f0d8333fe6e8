//! What to explain to a customer first (clause E2).

use crate::replica;
use crate::routes::Place;
use crate::state::products::{Said, explained};
use crate::texts as t;
use leptos::prelude::*;
use shared::Kind;

/// The approved selling points that answer what is known of a customer; nothing if none does.
#[component]
pub(crate) fn Pitch(needs: String, pains: String) -> impl IntoView {
    let said = Memo::new(move |_| replica::read(&[Kind::Product, Kind::SellingPoint], |replica| explained(replica, &needs, &pains)));
    let row = |Said { product, name, text, pains, needs }: Said| {
        let why = move || {
            let because = |words: &[String], say: fn(&str) -> String| (!words.is_empty()).then(|| say(&words.join("、")));
            [because(&pains, |words| t::products::because_pain(words)), because(&needs, |words| t::products::because_need(words))]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · ")
        };
        view! {
            <li class="pitch-row" data-testid="pitch-row">
                <p class="said">{text}</p>
                <p class="soft"><a class="link" href=Place::Product(product).path()>{name}</a>" · "{why}</p>
            </li>
        }
    };
    move || {
        let said = said.get();
        (!said.is_empty()).then(|| {
            view! {
                <section class="stack" data-testid="pitch">
                    <h2>{t::products::explain_first}</h2>
                    <ol class="pitch card">{said.into_iter().map(row).collect_view()}</ol>
                </section>
            }
        })
    }
}
