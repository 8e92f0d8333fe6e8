//! A signed contract: the text, the signature as drawn, and what was looked at to believe it. It is never changed; it can be printed, and taken along
//! as a file that proves itself.

use super::copy::CustomersCopy;
use super::pad::signature_picture;
use crate::components::{Banner, Button, Glyph, Icon, Mood, toast};
use crate::platform::give::{self, Given};
use crate::platform::print;
use crate::replica;
use crate::state::evidence::{ByServer, Checks, Place, checks};
use crate::state::people::name_of;
use crate::state::venue::settings;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::deals::evidence::{ByDevice, Identified, file};
use shared::deals::{Contract, Deal};
use std::sync::Arc;

/// The evidence of one signature.
#[component]
pub(super) fn SignedContract(contract: Arc<Contract>) -> impl IntoView {
    let looked_at = {
        let contract = Arc::clone(&contract);
        Memo::new(move |_| {
            let actor = replica::actor()?;
            replica::read(&[Kind::Contract, Kind::Settings], |replica| Some(checks(replica, &contract, actor.org, &settings(replica)?.ticket_key)))
        })
    };
    let identified = contract.declared.as_ref().map(|declared| declared.identified);
    let to_give = Arc::clone(&contract);
    let (rep, witness) = untrack(|| replica::read(&[Kind::User], |replica| (name_of(replica, contract.rep), name_of(replica, contract.witness))));
    let (by, for_company) = (contract.signer.clone(), witness.clone());
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
            {(!contract.witness_strokes.is_empty()).then(|| view! {
                <figure class="contract-signature">
                    {signature_picture(&contract.witness_strokes)}
                    <figcaption data-testid="contract-witnessed">{move || t::contract::signed_for_company(&for_company)}</figcaption>
                </figure>
            })}
            {move || looked_at.get().map(told)}
            <dl class="evidence">
                <div><dt>"SHA-256"</dt><dd class="hash" data-testid="contract-hash">{contract.sha256.clone()}</dd></div>
                <div><dt>{t::contract::rep}</dt><dd>{rep.clone()}</dd></div>
                {(witness != rep).then(|| view! { <div><dt>{t::contract::witness}</dt><dd>{witness.clone()}</dd></div> })}
                {identified.map(|identified| view! {
                    <div><dt>{t::contract::identified}</dt><dd data-testid="contract-identified">{move || identified_words(identified)}</dd></div>
                })}
                <div><dt>{t::contract::template}</dt><dd class="number">{contract.template_version}</dd></div>
                <div><dt>{t::contract::device}</dt><dd class="hash">{contract.device.to_string()}</dd></div>
            </dl>
            <div class="cluster no-print">
                <Button icon=Glyph::Printer on_press=print::print test_id="contract-print">{t::contract::print}</Button>
                <Button icon=Glyph::Download on_press=move || give_evidence(&to_give) test_id="contract-file">{t::contract::evidence_file}</Button>
            </div>
            <CustomersCopy id=contract.deal has_arrived=contract.received.is_some() />
        </article>
    }
}

/// Everything that was looked at, each with what was found; what is wrong stands above it.
fn told(checks: Checks) -> impl IntoView {
    let is_altered = !checks.text || checks.device == ByDevice::Bad || checks.server == ByServer::Bad;
    let line = |mood: Mood, test_id: &'static str, words: Box<dyn Fn() -> String + Send>| {
        let (class, glyph) = match mood {
            Mood::Good => ("good", Glyph::Check),
            Mood::Bad => ("bad", Glyph::X),
            _ => ("open", Glyph::Clock),
        };
        view! { <li class=class data-testid=test_id data-found=class><Icon glyph /><span>{words}</span></li> }
    };
    let plain = |words: fn() -> &'static str| -> Box<dyn Fn() -> String + Send> { Box::new(move || words().to_owned()) };
    let text = if checks.text { (Mood::Good, plain(t::contract::unchanged)) } else { (Mood::Bad, plain(t::contract::text_differs)) };
    let device = match checks.device {
        ByDevice::Signed => (Mood::Good, plain(t::contract::device_signed)),
        ByDevice::Unsigned if checks.place == Place::None => (Mood::Info, plain(t::contract::device_none)),
        ByDevice::Unsigned => (Mood::Info, plain(t::contract::device_unsigned)),
        ByDevice::Bad => (Mood::Bad, plain(t::contract::device_bad)),
    };
    let server: (Mood, Box<dyn Fn() -> String + Send>) = match checks.server {
        ByServer::Received(at) => (Mood::Good, Box::new(move || t::contract::server_signed(words::moment(at, words::here(), chrono::Utc::now())))),
        ByServer::NotYet => (Mood::Info, plain(t::contract::server_not_yet)),
        ByServer::Never => (Mood::Info, plain(t::contract::server_never)),
        ByServer::Bad => (Mood::Bad, plain(t::contract::server_bad)),
    };
    let place: Option<(Mood, Box<dyn Fn() -> String + Send>)> = match checks.place {
        Place::None => None,
        Place::Follows(position) => Some((Mood::Good, Box::new(move || t::contract::chain_follows(position)))),
        Place::NotHere(position) => Some((Mood::Info, Box::new(move || t::contract::chain_not_here(position)))),
        Place::Broken(position) => Some((Mood::Bad, Box::new(move || t::contract::chain_broken(position)))),
    };
    let clock = checks.clock_ahead.map(|minutes| {
        let words: Box<dyn Fn() -> String + Send> =
            if minutes > 0 { Box::new(move || t::contract::clock_ahead(minutes)) } else { Box::new(move || t::contract::clock_behind(-minutes)) };
        (Mood::Info, words)
    });
    view! {
        {is_altered.then(|| view! { <Banner mood=Mood::Bad test_id="contract-altered">{t::contract::altered}</Banner> })}
        <ul class="contract-checks" role="list" aria-label=t::contract::checked data-testid="contract-checks">
            {line(text.0, "check-text", text.1)}
            {line(device.0, "check-device", device.1)}
            {line(server.0, "check-server", server.1)}
            {place.map(|(mood, words)| line(mood, "check-chain", words))}
            {clock.map(|(mood, words)| line(mood, "check-clock", words))}
        </ul>
    }
}

/// How somebody was known, in words.
pub(super) fn identified_words(identified: Identified) -> &'static str {
    match identified {
        Identified::Known => t::contract::known(),
        Identified::Document => t::contract::by_document(),
        Identified::Ticket => t::contract::by_ticket(),
        Identified::Word => t::contract::by_word(),
    }
}

/// The evidence as a file, named by the contract's number.
fn give_evidence(contract: &Contract) {
    let Some(actor) = replica::actor() else { return };
    let number = replica::read(&[], |replica| Some(replica.noun::<Deal>(contract.deal)?.number(settings(replica)?.utc_offset)));
    let (name, text) = (format!("{}.hxe.txt", number.unwrap_or_else(|| contract.deal.to_string())), file(contract, actor.org));
    let has_arrived = contract.received.is_some();
    let is_on_its_way = contract.received.is_none() && contract.seal.is_some();
    spawn_local(async move {
        if give::text(&name, &text).await == Given::Yes {
            toast::show(untrack(match (has_arrived, is_on_its_way) {
                (true, _) => t::contract::file_given,
                (false, true) => t::contract::file_not_countersigned,
                (false, false) => t::contract::server_never,
            }));
        }
    });
}
