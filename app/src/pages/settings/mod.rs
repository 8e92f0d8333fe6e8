//! What is said to guests, and the words that the organisation chooses from: texts per channel, dictionaries, marked wordings (clauses B2, B5, O4).
//! Managers and administrators keep them; each save changes one entry.

mod blanks;
mod contract;
mod dictionary;
mod rules;
mod text;
mod wordings;

pub use contract::ContractTemplatePage;
pub use text::TextPage;

use crate::components::{Badge, Banner, List, ListRow, Mood, PageHead};
use crate::pages::invitations::settings;
use crate::replica;
use crate::routes::{Place, TEXT_CHANNELS};
use crate::texts as t;
use crate::words;
use dictionary::DictionaryCard;
use leptos::prelude::*;
use rules::RulesCard;
use shared::invitations::Channel;
use shared::people::Role;
use shared::settings::{Dictionary, Language, Purpose};
use wordings::WordingsCard;

/// Whether the person at this device keeps them; tracked.
pub(in crate::pages) fn keeps() -> bool {
    replica::actor().is_some_and(|actor| matches!(actor.role, Role::Manager | Role::Administrator))
}

/// Whether the person at this device says which follow-up tasks come by themselves; tracked.
fn sets_rules() -> bool {
    replica::actor().is_some_and(|actor| actor.role == Role::Administrator)
}

/// Texts, dictionaries, wordings, and the rules of follow-up.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <PageHead title=t::settings::title back=Place::More />
        <div class="page-content" data-testid="settings">
            {move || (!keeps()).then(|| view! { <Banner mood=Mood::Info>{t::settings::only_managers}</Banner> })}
            {Purpose::ALL.map(|purpose| view! { <Texts purpose /> }).collect_view()}
            <section class="stack">
                <h2>{t::contract::title}</h2>
                <List label=t::contract::title><ListRow href=Place::ContractTemplate test_id="settings-contract">{t::settings::contract}</ListRow></List>
            </section>
            {Dictionary::ALL.map(|dictionary| view! { <DictionaryCard dictionary /> }).collect_view()}
            <WordingsCard />
            {move || sets_rules().then(|| view! { <RulesCard /> })}
        </div>
    }
}

/// The texts of a purpose, one row for each channel.
#[component]
fn Texts(purpose: Purpose) -> impl IntoView {
    let row = move |channel: Option<Channel>| {
        let note = move || beginning(purpose, channel);
        let end = move || {
            let languages = own_languages(purpose, channel);
            (!languages.is_empty()).then(|| view! { <Badge>{languages.clone()}</Badge> })
        };
        view! { <ListRow href=Place::SettingsText(purpose, channel) note end test_id="settings-text">{move || words::text_of_channel(channel)}</ListRow> }
    };
    view! {
        <section class="stack">
            <h2>{move || words::purpose(purpose)}</h2>
            <List label=move || words::purpose(purpose)>{TEXT_CHANNELS.map(row).collect_view()}</List>
        </section>
    }
}

/// How a text begins in the app's language; for a channel without one of its own that it says what all channels say.
fn beginning(purpose: Purpose, channel: Option<Channel>) -> String {
    let Some(settings) = settings() else { return String::new() };
    let language: Language = t::language().into();
    let text = match channel {
        None => settings.common_text(purpose).nearest(language),
        Some(channel) => settings.own_text(purpose, channel, language),
    };
    if text.is_empty() { t::settings::as_on_all().to_owned() } else { text.lines().next().unwrap_or_default().chars().take(60).collect() }
}

/// The languages in which a text is written.
fn own_languages(purpose: Purpose, channel: Option<Channel>) -> String {
    let Some(settings) = settings() else { return String::new() };
    let is_written = |language: &Language| match channel {
        None => !settings.common_text(purpose).of(*language).is_empty(),
        Some(channel) => !settings.own_text(purpose, channel, *language).is_empty(),
    };
    Language::ALL.into_iter().filter(is_written).map(short).collect::<Vec<_>>().join(" ")
}

/// A language in a character or two.
const fn short(language: Language) -> &'static str {
    match language {
        Language::ZhHant => "繁",
        Language::ZhHans => "简",
        Language::En => "EN",
    }
}
