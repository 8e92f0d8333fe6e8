//! The text that contracts are made from, written in one language at a time, with the contract of a real deal beside it (clause F2).

use super::blanks::PutIn;
use super::keeps;
use crate::components::{Banner, Button, Chips, Choice, EmptyState, Glyph, Look, Mood, PageHead, Select, TextArea, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::invitations::settings;
use crate::replica::status::{Reach, status};
use crate::replica::{self, NotSaved};
use crate::routes::Place;
use crate::state::contract_template::{invented, offered, preview};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::deals::Deal;
use shared::deals::contract::sha256_hex;
use shared::ids::DealId;
use shared::rejection::{Field, Rejection};
use shared::settings::Language;
use shared::settings::command::SetContractTemplate;
use shared::settings::template::{CONTRACT_VARIABLES, missing_variables};

/// The contract's template.
#[component]
pub fn ContractTemplatePage() -> impl IntoView {
    let language = RwSignal::new(Some(Language::from(untrack(t::language))));
    let languages = Signal::derive(|| Language::ALL.map(|language| Choice::new(language, t::Language::from(language).own_name())).to_vec());
    // A text that was saved, or given up for a colleague's, begins anew with what is stored.
    let begun = RwSignal::new(0_u32);
    let version = move || settings().map(|settings| t::settings::contract_version(settings.contract_template_version));
    view! {
        <PageHead title=t::settings::contract back=Place::Settings />
        {move || if keeps() {
            view! {
                <div class="page-content" data-testid="contract-template">
                    <p class="soft"><strong data-testid="contract-version">{version}</strong>" · "{t::settings::contract_note}</p>
                    <Chips label=t::settings::language options=languages value=language test_id="text-language" />
                    {move || {
                        begun.track();
                        language.get().map(|language| view! { <Editor language begun /> })
                    }}
                </div>
            }
            .into_any()
        } else {
            view! { <EmptyState glyph=Glyph::File title=t::settings::only_managers test_id="text-missing" /> }.into_any()
        }}
    }
}

/// The form of one language: each has a draft of its own.
#[component]
fn Editor(language: Language, begun: RwSignal<u32>) -> impl IntoView {
    let draft = Draft::of(format!("contract-template/{}", t::Language::from(language).tag()));
    let stored = untrack(settings).map(|settings| settings.contract_template.of(language).to_owned()).unwrap_or_default();
    let before = RwSignal::new(sha256_hex(&stored));
    let text = RwSignal::new(stored.clone());
    // What was typed is kept with what it was typed over.
    let known = (stored, before.get_untracked());
    draft.follow(
        "text",
        known,
        move || (text.get(), before.get()),
        move |(typed, over)| {
            drop(text.try_set(typed));
            drop(before.try_set(over));
        },
    );
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let begin_anew = move || {
        begun.try_update(|begun| *begun = begun.wrapping_add(1));
    };
    // A colleague may have changed it meanwhile: then the server refuses, and what was written must not be gone by then.
    let is_online = Memo::new(|_| status().reach == Reach::Online);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !is_online.get_untracked() {
            return;
        }
        failure.set(None);
        busy.set(true);
        let command = SetContractTemplate { language, text: text.get_untracked(), before: before.get_untracked() };
        spawn_local(async move {
            let saved = draft.submit(command).await;
            busy.try_set(false);
            match saved {
                Ok(()) => {
                    toast::show(t::settings::saved());
                    begin_anew();
                }
                Err(why) => drop(failure.try_set(Some(why))),
            }
        });
    };
    let is_beside = |why: &NotSaved| matches!(why, NotSaved::Rejected(why) if words::field_of(why) == Some(Field::ContractText));
    let beside = Signal::derive(move || failure.get().filter(is_beside).map(|why| words::not_saved(&why)));
    let apart = move || failure.get().filter(|why| !is_beside(why));
    let was_changed = move || failure.with(|why| matches!(why, Some(NotSaved::Rejected(Rejection::TextChanged))));
    let give_up = move || {
        draft.forget();
        begin_anew();
    };
    let missing = Memo::new(move |_| text.with(|text| missing_variables(text)));
    let lacks = move || {
        let names = missing.with(|missing| missing.iter().map(|name| words::contract_variable(name)).collect::<Vec<_>>().join(t::import::comma()));
        t::settings::contract_lacks(&names)
    };
    view! {
        <form class="stack" novalidate on:submit=save data-testid="template-form">
            <DraftNote draft />
            {move || apart().map(|why| view! { <Banner mood=Mood::Bad test_id="template-not-saved">{words::not_saved(&why)}</Banner> })}
            {move || was_changed().then(|| view! { <Button on_press=give_up test_id="template-theirs">{t::settings::contract_theirs}</Button> })}
            <div lang=t::Language::from(language).tag()>
                <TextArea label=t::settings::contract_text value=text error=beside rows=18 test_id="template-text" />
            </div>
            <PutIn variables=&CONTRACT_VARIABLES name=words::contract_variable text into="template-text" />
            {move || missing.with(|missing| !missing.is_empty()).then(|| view! { <Banner mood=Mood::Warning test_id="template-lacks">{lacks}</Banner> })}
            {move || (!is_online.get()).then(|| view! { <Banner mood=Mood::Info test_id="template-offline">{t::settings::contract_offline}</Banner> })}
            <Button submit=true look=Look::Primary busy disabled=Signal::derive(move || !is_online.get()) test_id="template-save">
                {t::settings::save}
            </Button>
        </form>
        <Preview language text />
    }
}

/// The contract as a customer reads it, while its text is written.
#[component]
fn Preview(language: Language, text: RwSignal<String>) -> impl IntoView {
    let deals = Memo::new(|_| replica::read(&[Kind::Deal], offered));
    let chosen = RwSignal::new(untrack(|| deals.with(|deals| deals.first().map(|deal| deal.id))));
    let options = Signal::derive(move || {
        let named = |deal: &Deal| Choice::new(deal.id, format!("{} · {}", deal.buyer, words::money(deal.total)));
        deals.with(|deals| deals.iter().map(|deal| named(deal)).collect::<Vec<Choice<DealId>>>())
    });
    let now = chrono::Utc::now();
    let shown = Memo::new(move |_| {
        let settings = settings()?;
        replica::read(&[Kind::Deal, Kind::User, Kind::Product], |replica| {
            let real = deals.with(|deals| deals.iter().find(|deal| Some(deal.id) == chosen.get()).cloned());
            let seller = replica::actor()?.user;
            let buyer = t::speaking(language.into(), t::settings::invented_name);
            let deal = real.map(|deal| (*deal).clone()).or_else(|| invented(replica, &settings, seller, buyer, now))?;
            Some(text.with(|text| preview(replica, &settings, text, &deal, language.into(), now)))
        })
    });
    view! {
        <section class="stack">
            <h2>{t::settings::contract_preview}</h2>
            <Select label=t::settings::contract_of options value=chosen none=t::settings::contract_invented test_id="preview-deal" />
            {move || match shown.get() {
                Some(text) => view! {
                    <article class="contract card" lang=t::Language::from(language).tag()>
                        <pre class="contract-text" data-testid="template-preview">{text}</pre>
                    </article>
                }
                .into_any(),
                None => view! { <p class="soft">{t::settings::contract_no_products}</p> }.into_any(),
            }}
        </section>
    }
}
