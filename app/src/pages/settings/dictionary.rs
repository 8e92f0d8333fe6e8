//! A dictionary: its entries in their order, added, reworded, moved, withdrawn and brought back. Entries are never removed, because records name them.

use super::keeps;
use crate::components::{Badge, Button, Glyph, List, ListRow, Look, Sheet, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::invitations::settings;
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Command;
use shared::rejection::Field;
use shared::settings::command::{MoveEntry, PutEntry, SetEntryState};
use shared::settings::{Dictionary, Entry, EntryState, Texts};
use uuid::Uuid;

/// A dictionary and its form.
#[component]
pub(super) fn DictionaryCard(dictionary: Dictionary) -> impl IntoView {
    let entries = Memo::new(move |_| settings().map(|settings| settings.dictionary(dictionary).to_vec()).unwrap_or_default());
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(None::<Entry>);
    let edit = move |entry: Option<Entry>| {
        chosen.set(entry);
        open.set(true);
    };
    let row = move |entry: Entry| {
        let (shown, retired) = (entry.clone(), entry.state == EntryState::Retired);
        let end = move || retired.then(|| view! { <Badge>{t::settings::retired}</Badge> });
        if keeps() {
            view! { <ListRow end on_press=move || edit(Some(entry.clone())) test_id="entry-row">{move || words::in_language(&shown.texts)}</ListRow> }
                .into_any()
        } else {
            view! { <ListRow end>{move || words::in_language(&shown.texts)}</ListRow> }.into_any()
        }
    };
    let (add_id, sheet_id) = match dictionary {
        Dictionary::RefusalReasons => ("entry-add-reason", "entry-sheet-reason"),
        Dictionary::Sources => ("entry-add-source", "entry-sheet-source"),
    };
    view! {
        <section class="stack">
            <h2>{move || name(dictionary)}</h2>
            <p class="soft">{move || used_for(dictionary)}</p>
            <List label=move || name(dictionary) test_id="entry-list">{move || entries.get().into_iter().map(row).collect_view()}</List>
            {move || keeps().then(|| view! { <div><Button icon=Glyph::Plus on_press=move || edit(None) test_id=add_id>{t::settings::add_entry}</Button></div> })}
        </section>
        <Sheet title=move || name(dictionary) open test_id=sheet_id>
            <EntryForm dictionary entry=chosen.get_untracked() open />
        </Sheet>
    }
}

fn name(dictionary: Dictionary) -> &'static str {
    match dictionary {
        Dictionary::RefusalReasons => t::settings::refusal_reasons(),
        Dictionary::Sources => t::settings::sources(),
    }
}

fn used_for(dictionary: Dictionary) -> &'static str {
    match dictionary {
        Dictionary::RefusalReasons => t::settings::refusal_reasons_note(),
        Dictionary::Sources => t::settings::sources_note(),
    }
}

/// The words of an entry, and what can be done with one that is there.
#[component]
fn EntryForm(dictionary: Dictionary, entry: Option<Entry>, open: RwSignal<bool>) -> impl IntoView {
    let which = match dictionary {
        Dictionary::RefusalReasons => "refusal_reasons",
        Dictionary::Sources => "sources",
    };
    let known = entry.clone().map(|entry| entry.texts).unwrap_or_default();
    let draft = Draft::of(entry.as_ref().map_or_else(|| format!("entry/{which}"), |entry| format!("entry/{which}/{}", entry.code)));
    let hant = draft.field("zh_hant", known.zh_hant);
    let hans = draft.field("zh_hans", known.zh_hans);
    let en = draft.field("en", known.en);
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let code = entry.as_ref().map(|entry| entry.code.clone());
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let texts = Texts { zh_hant: hant.get_untracked(), zh_hans: hans.get_untracked(), en: en.get_untracked() };
        let code = code.clone().unwrap_or_else(|| Uuid::now_v7().simple().to_string());
        let command = PutEntry { dictionary, code, texts };
        failure.set(None);
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(command).await;
            finish(saved, t::settings::saved(), busy, failure, open);
        });
    };
    let error = beside(failure, Field::Entry);
    view! {
        <form class="stack" novalidate on:submit=save>
            <DraftNote draft />
            <Refusal refused=failure fields=&[Field::Entry] test_id="settings-refused" />
            <TextField label=|| crate::texts::Language::ZhHant.own_name() value=hant error test_id="entry-zh-hant" />
            <TextField label=|| crate::texts::Language::ZhHans.own_name() value=hans test_id="entry-zh-hans" />
            <TextField label=|| crate::texts::Language::En.own_name() value=en hint=t::settings::one_language test_id="entry-en" />
            <Button submit=true look=Look::Primary wide=true busy test_id="entry-save">{t::app::save}</Button>
        </form>
        {entry.map(|entry| view! { <WhatElse dictionary entry busy failure open /> })}
    }
}

/// Up, down, withdrawn, back.
#[component]
fn WhatElse(dictionary: Dictionary, entry: Entry, busy: RwSignal<bool>, failure: RwSignal<Option<NotSaved>>, open: RwSignal<bool>) -> impl IntoView {
    let send = move |command: Command| {
        failure.set(None);
        busy.set(true);
        spawn_local(async move {
            let saved = replica::submit(command).await;
            finish(saved, t::settings::saved(), busy, failure, open);
        });
    };
    let codes: Vec<String> =
        settings().map(|settings| settings.dictionary(dictionary).iter().map(|entry| entry.code.clone()).collect()).unwrap_or_default();
    let place = codes.iter().position(|code| *code == entry.code).unwrap_or_default();
    let up = place.checked_sub(1).map(|above| MoveEntry { dictionary, code: entry.code.clone(), before: codes.get(above).cloned() });
    let down = (place + 1 < codes.len()).then(|| MoveEntry { dictionary, code: entry.code.clone(), before: codes.get(place + 2).cloned() });
    let (state, words): (_, fn() -> &'static str) = match entry.state {
        EntryState::InUse => (EntryState::Retired, t::settings::retire),
        EntryState::Retired => (EntryState::InUse, t::settings::bring_back),
    };
    let command = SetEntryState { dictionary, code: entry.code, state };
    view! {
        <div class="cluster">
            {up.map(|up| view! { <Button on_press=move || send(up.clone().into()) test_id="entry-up">{t::settings::up}</Button> })}
            {down.map(|down| view! { <Button on_press=move || send(down.clone().into()) test_id="entry-down">{t::settings::down}</Button> })}
            <Button on_press=move || send(command.clone().into()) test_id="entry-state">{words}</Button>
        </div>
    }
}
