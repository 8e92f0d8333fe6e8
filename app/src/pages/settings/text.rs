//! One text to guests, written in one language at a time, with a preview for somebody who is invited.

use super::blanks::PutIn;
use super::keeps;
use crate::components::{Banner, Button, Chips, Choice, EmptyState, Glyph, Look, Mood, PageHead, Select, TextArea, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::invitations::{MarkedText, WordingNotes, reviewed, settings, sms_words, upcoming};
use crate::replica::{self, NotSaved};
use crate::routes::{Place, text_param};
use crate::texts as t;
use crate::words::{self, Blanks};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::customers::{Customer, Profile, Salutation};
use shared::ids::{CustomerId, MeetingId};
use shared::invitations::{Channel, Invitation};
use shared::meetings::{Meeting, Plan};
use shared::record::Index;
use shared::rejection::Field;
use shared::settings::command::SetTemplate;
use shared::settings::template::VARIABLES;
use shared::settings::{Language, Purpose};
use std::sync::Arc;

/// Most guests who are offered for the preview.
const MOST_OFFERED: usize = 30;

/// The text of the address.
#[component]
pub fn TextPage() -> impl IntoView {
    let which = text_param();
    move || match which.get().filter(|_| keeps()) {
        Some((purpose, channel)) => view! { <Known purpose channel /> }.into_any(),
        None => view! {
            <PageHead title=t::settings::title back=Place::Settings />
            <EmptyState glyph=Glyph::Message title=t::settings::only_managers test_id="text-missing" />
        }
        .into_any(),
    }
}

#[component]
fn Known(purpose: Purpose, channel: Option<Channel>) -> impl IntoView {
    let language = RwSignal::new(Some(Language::from(untrack(t::language))));
    let languages = Signal::derive(|| Language::ALL.map(|language| Choice::new(language, t::Language::from(language).own_name())).to_vec());
    let title = move || t::settings::text_title(words::text_of_channel(channel), words::purpose(purpose));
    view! {
        <PageHead title back=Place::Settings />
        <div class="page-content">
            <Chips label=t::settings::language options=languages value=language test_id="text-language" />
            {move || language.get().map(|language| view! { <Editor purpose channel language /> })}
        </div>
    }
}

/// The form of one language: each has a draft of its own.
#[component]
fn Editor(purpose: Purpose, channel: Option<Channel>, language: Language) -> impl IntoView {
    let draft = Draft::of(format!("template{}", Place::SettingsText(purpose, channel).path()) + "/" + t::Language::from(language).tag());
    let text = draft.field("text", untrack(|| stored(purpose, channel, language)));
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        failure.set(None);
        busy.set(true);
        let command = SetTemplate { purpose, channel, language, text: text.get_untracked() };
        spawn_local(async move {
            let saved = draft.submit(command).await;
            busy.try_set(false);
            match saved {
                Ok(()) => toast::show(t::settings::saved()),
                Err(why) => drop(failure.try_set(Some(why))),
            }
        });
    };
    let beside = Signal::derive(move || {
        failure.get().and_then(|why| match why {
            NotSaved::Rejected(why) => (words::field_of(&why) == Some(Field::Template)).then(|| words::rejection(&why)),
            NotSaved::Storage(_) => None,
        })
    });
    let apart = move || failure.get().filter(|_| beside.get().is_none());
    let hint = move || if channel.is_some() { t::settings::own_hint() } else { t::settings::common_hint() };
    view! {
        <form class="stack" novalidate on:submit=save data-testid="template-form">
            <DraftNote draft />
            {move || apart().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
            <div lang=t::Language::from(language).tag()>
                <TextArea label=t::settings::text value=text hint error=beside rows=8 test_id="template-text" />
            </div>
            <PutIn variables=&VARIABLES name=words::variable text into="template-text" />
            <Button submit=true look=Look::Primary busy test_id="template-save">{t::settings::save}</Button>
        </form>
        <Preview purpose channel language text />
    }
}

/// What is written now; empty for a channel that says what all say.
fn stored(purpose: Purpose, channel: Option<Channel>, language: Language) -> String {
    let Some(settings) = settings() else { return String::new() };
    match channel {
        None => settings.common_text(purpose).of(language),
        Some(channel) => settings.own_text(purpose, channel, language),
    }
    .to_owned()
}

/// The text as a guest gets it, while it is written: a real one who is invited to the meeting, or, where this device holds none, an invented one.
#[component]
fn Preview(purpose: Purpose, channel: Option<Channel>, language: Language, text: RwSignal<String>) -> impl IntoView {
    let meeting = RwSignal::new(untrack(upcoming).first().map(|meeting| meeting.id));
    let guest = RwSignal::new(None::<CustomerId>);
    let meetings = Signal::derive(|| upcoming().into_iter().map(|meeting| Choice::new(meeting.id, meeting.plan.theme.clone())).collect::<Vec<_>>());
    let guests = Memo::new(move |_| meeting.get().map(guests).unwrap_or_default());
    let offered = Signal::derive(move || guests.get().iter().map(|guest| Choice::new(guest.id, guest.profile.name.clone())).collect::<Vec<_>>());
    Effect::new(move |_| {
        let known = guests.get();
        if !known.iter().any(|one| Some(one.id) == guest.get_untracked()) {
            guest.set(known.first().map(|one| one.id));
        }
    });
    let filled = Memo::new(move |_| {
        let settings = settings()?;
        let chosen = guests.with(|guests| guests.iter().find(|one| Some(one.id) == guest.get()).map(|one| one.profile.clone()));
        let profile = chosen.unwrap_or_else(|| invented(language));
        let plan = meeting.get().and_then(plan)?;
        let rep = replica::actor().map(|actor| words::person(actor.user)).unwrap_or_default();
        let typed = text.get();
        let template = match channel {
            Some(channel) if typed.trim().is_empty() => settings.text_for(purpose, channel, language).to_owned(),
            _ => typed,
        };
        Some(words::script(&template, language, &settings, Blanks { profile: &profile, rep: &rep, plan: &plan }))
    });
    let shown = Signal::derive(move || filled.get().unwrap_or_default());
    let is_sms = channel == Some(Channel::Sms);
    view! {
        <section class="stack">
            <h2>{t::settings::preview}</h2>
            {move || filled.with(Option::is_none).then(|| view! { <p class="soft">{t::settings::preview_needs_meeting}</p> })}
            <div class="pair">
                <Select label=t::app::meetings options=meetings value=meeting none=t::settings::no_meeting test_id="preview-meeting" />
                <Select label=t::app::customers options=offered value=guest none=t::settings::invented test_id="preview-guest" />
            </div>
            <div class="card" lang=t::Language::from(language).tag()><MarkedText text=shown test_id="template-preview" /></div>
            {is_sms.then(|| view! { <p class="soft" role="status" data-testid="template-length">{move || sms_words(reviewed(&shown.get()).sms)}</p> })}
            <WordingNotes text=shown />
        </section>
    }
}

/// Some who are invited to a meeting, as far as this device holds them.
fn guests(meeting: MeetingId) -> Vec<Arc<Customer>> {
    replica::read(&[Kind::Invitation, Kind::Customer], |replica| {
        let invited = replica.nouns::<Invitation>(&Index::InvitationsByMeeting(meeting));
        invited.iter().filter_map(|invitation| replica.noun::<Customer>(invitation.customer).cloned()).take(MOST_OFFERED).collect()
    })
}

fn plan(meeting: MeetingId) -> Option<Plan> {
    replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.clone()))
}

/// Somebody invented, for those who hold no customers.
fn invented(language: Language) -> Profile {
    let (name, company) = t::speaking(language.into(), || (t::settings::invented_name(), t::settings::invented_company()));
    Profile { name: name.into(), company: company.into(), salutation: Some(Salutation::Mr), ..Profile::default() }
}
