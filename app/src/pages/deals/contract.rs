//! A signed contract: the text, its SHA-256, the signature as drawn. It is never changed, and it can be printed.

use super::pad::signature_picture;
use crate::components::{Badge, Banner, Button, Glyph, Mood};
use crate::replica;
use crate::state::people::name_of;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::Kind;
use shared::deals::Contract;
use shared::deals::contract::sha256_hex;
use std::sync::Arc;

/// The evidence of one signature.
#[component]
pub(super) fn SignedContract(contract: Arc<Contract>) -> impl IntoView {
    let is_whole = sha256_hex(&contract.text) == contract.sha256;
    let (rep, witness) = untrack(|| replica::read(&[Kind::User], |replica| (name_of(replica, contract.rep), name_of(replica, contract.witness))));
    let by = contract.signer.clone();
    let at = contract.signed_at;
    view! {
        <article class="contract card" data-testid="contract">
            <pre class="contract-text" data-testid="contract-text">{contract.text.clone()}</pre>
            <figure class="contract-signature">
                {signature_picture(&contract.strokes)}
                <figcaption data-testid="contract-signed">
                    {move || t::contract::signed(words::moment(at, words::here(), chrono::Utc::now()), &by)}
                </figcaption>
            </figure>
            {if is_whole {
                view! { <p><Badge mood=Mood::Good icon=Glyph::Shield>{t::contract::unchanged}</Badge></p> }.into_any()
            } else {
                view! { <Banner mood=Mood::Bad test_id="contract-altered">{t::contract::altered}</Banner> }.into_any()
            }}
            <dl class="evidence">
                <div><dt>"SHA-256"</dt><dd class="hash" data-testid="contract-hash">{contract.sha256.clone()}</dd></div>
                <div><dt>{t::contract::rep}</dt><dd>{rep.clone()}</dd></div>
                {(witness != rep).then(|| view! { <div><dt>{t::contract::witness}</dt><dd>{witness.clone()}</dd></div> })}
                <div><dt>{t::contract::template}</dt><dd class="number">{contract.template_version}</dd></div>
                <div><dt>{t::contract::device}</dt><dd class="hash">{contract.device.to_string()}</dd></div>
            </dl>
            <div class="cluster no-print">
                <Button icon=Glyph::Printer on_press=print test_id="contract-print">{t::contract::print}</Button>
            </div>
        </article>
    }
}

fn print() {
    if let Some(window) = web_sys::window() {
        // A browser without printing says so itself.
        drop(window.print());
    }
}
