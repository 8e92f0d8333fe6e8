//! Consents (clause A1): for what, when and how; recorded with the form, shown on the page, and taken back there.

use crate::components::{Badge, Banner, Button, DateTimeField, Glyph, Icon, LinkButton, Look, Mood, Sheet, TextField, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::NotSaved;
use crate::routes::Place;
use crate::state::customers::local;
use crate::texts as t;
use crate::words;
use chrono::{NaiveDateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::text_prop::TextProp;
use shared::customers::Consent;
use shared::customers::command::{ConsentWithdrawn, EditCustomer, ProfileChange};
use shared::ids::CustomerId;

type Words = fn() -> &'static str;

/// What one consent is recorded by; part of the customer's form.
#[component]
pub(super) fn ConsentFields(
    purpose: RwSignal<String>,
    how: RwSignal<String>,
    at: RwSignal<Option<NaiveDateTime>>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let purposes: [Words; 3] = [t::customers::purpose_contact, t::customers::purpose_mail, t::customers::purpose_data];
    view! {
        <fieldset class="group stack" data-testid="consent-fields">
            <legend>{t::customers::consent_new}</legend>
            <Suggested
                label=t::customers::consent_purpose
                hint=t::customers::consent_hint
                value=purpose
                suggestions=purposes.to_vec()
                error
                test_id="consent-purpose"
            />
            <Show when=move || purpose.with(|purpose| !purpose.trim().is_empty())>
                <How how test_id="consent-how" />
                <DateTimeField label=t::customers::consent_at hint=t::customers::consent_now value=at test_id="consent-at" />
            </Show>
        </fieldset>
    }
}

/// How it was given, or taken back.
#[component]
fn How(how: RwSignal<String>, test_id: &'static str) -> impl IntoView {
    let ways: [Words; 3] = [t::customers::how_paper, t::customers::how_phone, t::customers::how_online];
    view! { <Suggested label=t::customers::consent_how value=how suggestions=ways.to_vec() test_id /> }
}

/// A text with words that are often meant, each one tap away.
#[component]
fn Suggested(
    #[prop(into)] label: TextProp,
    #[prop(optional, into)] hint: TextProp,
    value: RwSignal<String>,
    suggestions: Vec<Words>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    test_id: &'static str,
) -> impl IntoView {
    let chip = move |words: Words| {
        let pressed = move || value.with(|value| value == words()).to_string();
        view! {
            <button type="button" class="chip" aria-pressed=pressed on:click=move |_| value.set(words().to_owned())>{words}</button>
        }
    };
    view! {
        <div class="stack">
            <TextField label hint value error test_id />
            <div class="chips">{suggestions.into_iter().map(chip).collect_view()}</div>
        </div>
    }
}

/// All that are known of a customer, the latest first; those that were taken back stay to be seen.
#[component]
pub(super) fn Consents(id: CustomerId, consents: Vec<Consent>) -> impl IntoView {
    let withdrawing = RwSignal::new(None::<String>);
    let open = RwSignal::new(false);
    let row = move |consent: Consent| {
        let (purpose, given) = (consent.purpose.clone(), consent.clone());
        let end = match consent.withdrawn {
            Some(withdrawn) => {
                let words = move || t::customers::withdrawn_on(words::date(withdrawn.at, words::here()), how_words(&withdrawn.how));
                view! { <Badge mood=Mood::Warning>{words}</Badge> }.into_any()
            }
            None => {
                let press = move || {
                    withdrawing.set(Some(purpose.clone()));
                    open.set(true);
                };
                view! { <Button icon=Glyph::Undo on_press=press test_id="consent-withdraw">{t::customers::withdraw}</Button> }.into_any()
            }
        };
        let when = move || t::customers::given_on(words::date(given.at, words::here()), how_words(&given.how));
        view! {
            <li class="row" data-testid="consent">
                <span class="row-words">
                    <span class="row-title">{consent.purpose}</span>
                    <span class="row-note">{when}</span>
                </span>
                <span class="row-end">{end}</span>
            </li>
        }
    };
    let list = if consents.is_empty() {
        view! { <p class="soft">{t::customers::no_consents}</p> }.into_any()
    } else {
        view! { <ul class="list">{consents.into_iter().rev().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="stack" data-testid="consents">
            <h2>{t::customers::consents}</h2>
            {list}
            <div>
                <LinkButton href=Place::EditCustomer(id) icon=Glyph::Plus test_id="consent-add">{t::customers::consent_new}</LinkButton>
            </div>
        </section>
        <Sheet title=t::customers::withdraw_title open test_id="withdraw-sheet">
            {move || withdrawing.get().map(|purpose| view! { <Withdraw id purpose open /> })}
        </Sheet>
    }
}

/// Asks how and when a consent was taken back.
#[component]
fn Withdraw(id: CustomerId, purpose: String, open: RwSignal<bool>) -> impl IntoView {
    let draft = Draft::of(format!("withdraw/{id}"));
    let how = draft.field("how", String::new());
    let at = draft.field("at", None::<NaiveDateTime>);
    let (busy, why) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let shown = purpose.clone();
    let save = move || {
        busy.set(true);
        why.set(None);
        let at = at.get_untracked().map_or_else(Utc::now, |at| local(at, words::here()));
        let withdrawn = ConsentWithdrawn { purpose: purpose.clone(), at, how: how.get_untracked() };
        let edit = EditCustomer { customer: id, changes: vec![ProfileChange::ConsentWithdrawn(withdrawn)] };
        spawn_local(async move {
            let saved = draft.submit(edit).await;
            let _ = busy.try_set(false);
            match saved {
                Ok(()) => {
                    let _ = open.try_set(false);
                    toast::show(t::customers::withdrawn_saved());
                }
                Err(failed) => {
                    let _ = why.try_set(Some(failed));
                }
            }
        });
    };
    view! {
        <div class="stack">
            <p class="cluster"><Icon glyph=Glyph::Undo /><strong>{shown}</strong></p>
            <p class="soft">{t::customers::withdraw_text}</p>
            <DraftNote draft />
            <How how test_id="withdraw-how" />
            <DateTimeField label=t::customers::consent_at hint=t::customers::consent_now value=at test_id="withdraw-at" />
            {move || why.get().map(|why| view! { <Banner mood=Mood::Bad test_id="withdraw-failed">{words::not_saved(&why)}</Banner> })}
            <Button look=Look::Primary wide=true busy on_press=save test_id="withdraw-save">{t::customers::withdraw}</Button>
        </div>
    }
}

fn how_words(how: &str) -> String {
    if how.is_empty() { String::new() } else { format!(" · {how}") }
}
