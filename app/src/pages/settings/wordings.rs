//! The wordings that are marked in texts to guests: what is wrong with each, and why.

use super::keeps;
use crate::components::{Button, Chips, Choice, Glyph, List, ListRow, Look, Sheet, TextArea, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::invitations::settings;
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::rejection::Field;
use shared::settings::command::{PutWording, RemoveWording};
use shared::settings::{Fault, Texts, Wording};
use uuid::Uuid;

/// The list and its form.
#[component]
pub(super) fn WordingsCard() -> impl IntoView {
    let wordings = Memo::new(|_| settings().map(|settings| settings.wordings.clone()).unwrap_or_default());
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(None::<Wording>);
    let edit = move |wording: Option<Wording>| {
        chosen.set(wording);
        open.set(true);
    };
    let row = move |wording: Wording| {
        let (phrase, fault, why) = (wording.phrase.clone(), wording.fault, wording.why.clone());
        let note = move || format!("{} · {}", words::fault(fault), words::in_language(&why));
        if keeps() {
            view! { <ListRow note on_press=move || edit(Some(wording.clone())) test_id="wording-row">{phrase}</ListRow> }.into_any()
        } else {
            view! { <ListRow note>{phrase}</ListRow> }.into_any()
        }
    };
    view! {
        <section class="stack">
            <h2>{t::settings::wordings}</h2>
            <p class="soft">{t::settings::wordings_note}</p>
            <List label=t::settings::wordings test_id="wording-list">{move || wordings.get().into_iter().map(row).collect_view()}</List>
            {move || keeps().then(|| view! { <div><Button icon=Glyph::Plus on_press=move || edit(None) test_id="wording-add">{t::settings::add_wording}</Button></div> })}
        </section>
        <Sheet title=t::settings::wordings open test_id="wording-sheet">
            <WordingForm wording=chosen.get_untracked() open />
        </Sheet>
    }
}

#[component]
fn WordingForm(wording: Option<Wording>, open: RwSignal<bool>) -> impl IntoView {
    let draft = Draft::of(wording.as_ref().map_or_else(|| "wording".to_owned(), |wording| format!("wording/{}", wording.code)));
    let phrase = draft.field("phrase", wording.as_ref().map(|wording| wording.phrase.clone()).unwrap_or_default());
    let fault = draft.field("fault", Some(wording.as_ref().map_or(Fault::Pushy, |wording| wording.fault)));
    let known = wording.as_ref().map(|wording| wording.why.clone()).unwrap_or_default();
    let hant = draft.field("zh_hant", known.zh_hant);
    let hans = draft.field("zh_hans", known.zh_hans);
    let en = draft.field("en", known.en);
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let faults = Signal::derive(|| Fault::ALL.map(|fault| Choice::new(fault, words::fault(fault))).to_vec());
    let code = wording.as_ref().map(|wording| wording.code.clone());
    let removed = code.clone();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let why = Texts { zh_hant: hant.get_untracked(), zh_hans: hans.get_untracked(), en: en.get_untracked() };
        let code = code.clone().unwrap_or_else(|| Uuid::now_v7().simple().to_string());
        let command = PutWording { code, phrase: phrase.get_untracked(), fault: fault.get_untracked().unwrap_or(Fault::Pushy), why };
        failure.set(None);
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(command).await;
            finish(saved, t::settings::saved(), busy, failure, open);
        });
    };
    let remove = move |code: String| {
        busy.set(true);
        spawn_local(async move {
            let saved = replica::submit(RemoveWording { code }).await;
            if saved.is_ok() {
                draft.forget();
            }
            finish(saved, t::settings::saved(), busy, failure, open);
        });
    };
    view! {
        <form class="stack" novalidate on:submit=save>
            <DraftNote draft />
            <Refusal refused=failure fields=&[Field::Wording] test_id="settings-refused" />
            <TextField label=t::fields::wording value=phrase hint=t::settings::phrase_hint error=beside(failure, Field::Wording) test_id="wording-phrase" />
            <Chips label=t::settings::fault options=faults value=fault test_id="wording-fault" />
            <TextArea label=move || t::settings::why_in(crate::texts::Language::ZhHant.own_name()) value=hant rows=2 test_id="wording-why-hant" />
            <TextArea label=move || t::settings::why_in(crate::texts::Language::ZhHans.own_name()) value=hans rows=2 />
            <TextArea label=move || t::settings::why_in(crate::texts::Language::En.own_name()) value=en hint=t::settings::one_language rows=2 />
            <Button submit=true look=Look::Primary wide=true busy test_id="wording-save">{t::app::save}</Button>
        </form>
        {removed.map(|code| view! { <Button icon=Glyph::Trash on_press=move || remove(code.clone()) test_id="wording-remove">{t::settings::remove_wording}</Button> })}
    }
}
