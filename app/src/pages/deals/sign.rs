//! The contract as the customer reads it, what is paid in large figures, and the line to sign on. The tablet can be turned round.
//!
//! The draft holds who signs and the language. Consent and strokes are given anew after an interruption: what a customer signs is signed in one go.

use super::contract::{SignedContract, identified_words};
use super::copy::Links;
use super::pad::SignaturePad;
use crate::components::{Banner, Button, Chips, Choice, EmptyState, Glyph, LinkButton, Look, Mood, PageHead, TextField};
use crate::pages::draft::{Draft, DraftNote, hold_page};
use crate::replica::{self, NotSaved};
use crate::routes::{Place, id_param};
use crate::state::deals::contract_of;
use crate::state::signature::Drawing;
use crate::state::venue::settings;
use crate::texts::{self as t, Language};
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::deals::command::SignDeal;
use shared::deals::contract::sha256_hex;
use shared::deals::evidence::{Declared, Identified};
use shared::deals::{Contract, Deal, Stage};
use shared::ids::DealId;
use shared::money::Money;
use std::sync::Arc;

/// The contract, to be read and signed.
#[component]
pub fn SignPage() -> impl IntoView {
    let id = id_param::<DealId>("id");
    let deal = Memo::new(move |_| id.get().and_then(|id| replica::read(&[Kind::Deal], |replica| replica.noun::<Deal>(id).cloned())));
    let contract = Memo::new(move |_| id.get().and_then(|id| replica::read(&[Kind::Contract], |replica| replica.noun::<Contract>(id).cloned())));
    let back = Signal::derive(move || id.get().map_or_else(|| Place::Deals.path(), |id| Place::Deal(id).path()));
    Links::provide();
    view! {
        <div>
            <PageHead title=t::contract::title back />
            {move || match (deal.get(), contract.get()) {
                (Some(deal), Some(contract)) => signed(deal.id, contract).into_any(),
                (Some(deal), None) if deal.stage == Stage::Quoted && deal.lacks_approval() => view! {
                    <EmptyState glyph=Glyph::Clock title=t::contract::not_approved test_id="sign-not-approved">
                        <LinkButton href=Place::Deal(deal.id)>{t::contract::to_deal}</LinkButton>
                    </EmptyState>
                }.into_any(),
                (Some(deal), None) if deal.stage == Stage::Quoted => view! { <Signing deal /> }.into_any(),
                (Some(_), None) => view! { <EmptyState glyph=Glyph::File title=t::contract::not_open /> }.into_any(),
                (None, _) => view! { <EmptyState glyph=Glyph::File title=t::deals::not_here text=t::deals::not_here_help /> }.into_any(),
            }}
        </div>
    }
}

fn signed(id: DealId, contract: Arc<Contract>) -> impl IntoView {
    view! {
        <div class="sign">
            <Banner mood=Mood::Good test_id="sign-done">{t::contract::done}</Banner>
            <SignedContract contract />
            <LinkButton look=Look::Primary wide=true icon=Glyph::Coins href=Place::Deal(id) test_id="sign-to-deal">{t::contract::to_payment}</LinkButton>
        </div>
    }
}

#[component]
fn Signing(deal: Arc<Deal>) -> impl IntoView {
    let drawing = RwSignal::new(Drawing::default());
    let own_drawing = RwSignal::new(Drawing::default());
    let is_turned = RwSignal::new(false);
    let consent = RwSignal::new(false);
    let identified = RwSignal::new(None::<Identified>);
    let draft = Draft::of(format!("sign/{}", deal.id));
    let signer = draft.field("signer", deal.buyer.clone());
    let language = draft.field("language", Some(untrack(t::language)));
    let why = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    // The text is made once per language: what is read is what is signed.
    let opened_at = chrono::Utc::now();
    let total = deal.total;
    // What was paid for the contract whose place this one takes is paid.
    let paid = deal.replaces.and_then(|id| untrack(|| replica::read(&[], |replica| replica.noun::<Deal>(id).map(|before| before.paid().minor))));
    let deposit = Money { minor: (deal.deposit.minor - deal.paid().minor - paid.unwrap_or(0)).max(0), ..deal.deposit };
    let (id, terms) = (deal.id, deal.terms());
    let text = Memo::new(move |_| {
        let language = language.get().unwrap_or(Language::ZhHant);
        replica::read(&[Kind::Settings, Kind::User], |replica| {
            let settings = settings(replica)?;
            Some((contract_of(replica, settings, &deal, language, opened_at), settings.contract_template_version))
        })
    });
    hold_page(move || !(drawing.with(Drawing::is_empty) && own_drawing.with(Drawing::is_empty)));
    // A signature belongs to the text under which it was drawn. Another language was chosen by who reads; another text was not, and is told.
    let is_another = RwSignal::new(false);
    Effect::new(move |before: Option<(Option<Language>, Option<String>)>| {
        let now = (language.get(), text.with(|text| text.as_ref().map(|(text, _)| text.clone())));
        if let Some(before) = before.filter(|before| *before != now) {
            is_another.set(before.0 == now.0 && before.1.is_some());
            drawing.set(Drawing::default());
            own_drawing.set(Drawing::default());
            consent.set(false);
        }
        now
    });
    // What was refused is looked at again as the customer signs anew.
    Effect::new(move |_| {
        drawing.track();
        own_drawing.track();
        consent.track();
        why.set(None);
    });
    let page = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |before: Option<()>| {
        let is_turned = is_turned.get();
        if before.is_some()
            && let Some(page) = page.get_untracked()
        {
            // The contract begins where the reader now has the top.
            page.scroll_into_view_with_bool(!is_turned);
        }
    });
    let own_name = untrack(|| replica::actor().map(|actor| words::person(actor.user)).unwrap_or_default());
    let languages = Signal::stored(Language::ALL.map(|language| Choice::new(language, language.own_name())).to_vec());
    let ways = Signal::derive(|| {
        [Identified::Known, Identified::Document, Identified::Ticket, Identified::Word].map(|way| Choice::new(way, identified_words(way))).to_vec()
    });
    let submit = move || {
        let Some((text, template_version)) = text.get_untracked() else { return };
        let is_signed_by_both = own_drawing.with_untracked(Drawing::is_signature);
        let Some(identified) = identified.get_untracked().filter(|_| is_signed_by_both && !busy.get_untracked()) else { return };
        let spoken = language.get_untracked().unwrap_or(Language::ZhHant);
        let declared = Declared { language: spoken.into(), consent: t::speaking(spoken, t::contract::consent).to_owned(), identified };
        let command = SignDeal {
            deal: id,
            sha256: sha256_hex(&text),
            text,
            template_version,
            consent: consent.get_untracked(),
            signer: signer.get_untracked(),
            strokes: drawing.with_untracked(|drawing| drawing.strokes().to_vec()),
            witness_strokes: own_drawing.with_untracked(|drawing| drawing.strokes().to_vec()),
            terms: Some(terms.clone()),
            declared: Some(declared),
            // The device's to give, as it is saved.
            seal: None,
        };
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(command).await;
            busy.try_set(false);
            // Saved, the page shows the contract by itself; otherwise everything is still here.
            why.try_set(saved.err());
        });
    };
    let missing = move || -> Option<&'static str> {
        if drawing.with(Drawing::is_empty) {
            None
        } else if !drawing.with(Drawing::is_signature) {
            Some(t::contract::too_small())
        } else if identified.get().is_none() {
            Some(t::contract::identified_missing())
        } else if !consent.get() {
            Some(t::contract::consent_missing())
        } else if !own_drawing.with(Drawing::is_signature) {
            Some(t::contract::own_missing())
        } else {
            None
        }
    };
    view! {
        <div class="sign" node_ref=page class:turned=move || is_turned.get() data-testid="sign">
            <div class="cluster sign-tools">
                <Button icon=Glyph::Rotate on_press=move || is_turned.update(|turned| *turned = !*turned) test_id="sign-turn">{t::contract::turn}</Button>
                <Chips label=t::contract::language options=languages value=language test_id="sign-language" />
            </div>
            {move || is_another.get().then(|| view! { <Banner mood=Mood::Warning test_id="sign-another">{t::contract::another_text}</Banner> })}
            <article class="contract card">
                {move || match text.get() {
                    Some((text, _)) => view! { <pre class="contract-text" data-testid="sign-text">{text}</pre> }.into_any(),
                    None => view! { <Banner mood=Mood::Warning>{t::venue::not_ready_help}</Banner> }.into_any(),
                }}
            </article>
            <dl class="sign-amounts">
                <div><dt>{t::deals::total}</dt><dd class="number" data-testid="sign-total">{words::money(total)}</dd></div>
                {(deposit.minor > 0).then(|| view! { <div><dt>{t::contract::pay_now}</dt><dd class="number">{words::money(deposit)}</dd></div> })}
            </dl>
            <DraftNote draft />
            <TextField label=t::contract::signer value=signer required=true test_id="sign-signer" />
            <Chips label=t::contract::how_identified options=ways value=identified test_id="sign-identified" />
            <label class="consent">
                <input
                    type="checkbox"
                    data-testid="sign-consent"
                    prop:checked=move || consent.get()
                    on:change=move |event| consent.set(event_target_checked(&event))
                />
                <span data-testid="sign-consent-words">{move || t::speaking(language.get().unwrap_or(Language::ZhHant), t::contract::consent)}</span>
            </label>
            <SignaturePad drawing is_turned />
            <h2>{move || t::contract::own_signature(&own_name)}</h2>
            <SignaturePad drawing=own_drawing is_turned test_id="own-signature-pad" />
            <p class="sign-missing" role="status" data-testid="sign-missing">{missing}</p>
            {move || why.get().map(|why| view! {
                <Banner mood=Mood::Bad test_id="sign-not-saved"><strong>{t::contract::not_signed}</strong><p>{words::not_saved(&why)}</p></Banner>
            })}
            <Button
                look=Look::Primary
                wide=true
                busy
                disabled=Signal::derive(move || drawing.with(Drawing::is_empty) || own_drawing.with(Drawing::is_empty))
                icon=Glyph::Signature
                on_press=submit
                test_id="sign-submit"
            >
                {move || t::contract::sign_for(words::money(total))}
            </Button>
        </div>
    }
}
