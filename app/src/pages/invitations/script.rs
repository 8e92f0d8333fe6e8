//! What a rep says or sends, in the guest's language, with the blanks filled and doubtful wording marked, and the ways to send it with the device's own apps.

use super::link::enclosing;
use crate::components::{Banner, Button, Chips, Choice, Glyph, Icon, Mood, Sheet, TextArea};
use crate::pages::draft::{Draft, DraftNote};
use crate::platform::{deep_link, share};
use crate::replica;
use crate::state::script::{Piece, Review, review};
use crate::texts as t;
use crate::words::{self, Blanks};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::customers::Customer;
use shared::ids::InvitationId;
use shared::invitations::Channel;
use shared::invitations::sms::{Alphabet, SmsLength};
use shared::meetings::Meeting;
use shared::settings::{Language, Purpose, Settings};
use std::sync::Arc;

/// To whom something is written, about what and what for.
#[derive(Clone, PartialEq)]
pub(super) struct Message {
    pub(super) invitation: InvitationId,
    pub(super) purpose: Purpose,
    pub(super) customer: Arc<Customer>,
    pub(super) meeting: Arc<Meeting>,
}

impl Message {
    /// The text of a channel in a language, with the blanks filled; tracked.
    fn text(&self, channel: Channel, language: Language) -> String {
        let Some(settings) = settings() else { return String::new() };
        let rep = replica::actor().map(|actor| words::person(actor.user)).unwrap_or_default();
        let blanks = Blanks { profile: &self.customer.profile, rep: &rep, plan: &self.meeting.plan };
        words::script(settings.text_for(self.purpose, channel, language), language, &settings, blanks)
    }

    /// The language in which the guest is written to at first: their own, else that of the app; tracked.
    fn first_language(&self) -> Language {
        self.customer.profile.reads().unwrap_or_else(|| t::language().into())
    }

    /// The name of what is typed into the text of a channel.
    fn draft(&self, channel: Channel, language: Language) -> String {
        let purpose = match self.purpose {
            Purpose::Invite => "invite",
            Purpose::Remind => "remind",
        };
        let channel = match channel {
            Channel::Phone => "phone",
            Channel::Sms => "sms",
            Channel::Mail => "mail",
            Channel::Other => "other",
        };
        format!("message/{}/{purpose}/{channel}/{}", self.invitation, t::Language::from(language).tag())
    }
}

/// The settings of the organisation; tracked.
pub(in crate::pages) fn settings() -> Option<Arc<Settings>> {
    replica::read(&[Kind::Settings], |replica| replica.all::<Settings>().next().cloned())
}

/// Looks at a text with the organisation's list, in the app's language; tracked.
pub(in crate::pages) fn reviewed(text: &str) -> Review {
    let settings = settings();
    review(text, settings.as_deref().map(|settings| settings.wordings.as_slice()).unwrap_or_default(), t::language().into())
}

/// The script, and the ways to send a text. `script` names the call script's paragraph for tests. Which way was used is told, so that the attempt names
/// its channel.
#[component]
pub(super) fn MessageToGuest(
    message: Message,
    title: fn() -> &'static str,
    #[prop(optional)] open: bool,
    script: &'static str,
    link: Signal<Option<String>>,
    on_use: Callback<(Channel,)>,
) -> impl IntoView {
    let language = RwSignal::new(Some(untrack(|| message.first_language())));
    let spoken = Signal::derive(move || language.get().unwrap_or(Language::ZhHant));
    let languages = Signal::derive(|| Language::ALL.map(|language| Choice::new(language, t::Language::from(language).own_name())).to_vec());
    let writing = RwSignal::new(false);
    let text = Memo::new({
        let message = message.clone();
        move |_| message.text(Channel::Phone, spoken.get())
    });
    let for_sheet = message.clone();
    view! {
        <details class="desk-script" open=open>
            <summary>{title}</summary>
            <Chips label=t::settings::language options=languages value=language test_id="script-language" />
            <div lang=move || t::Language::from(spoken.get()).tag()><MarkedText text test_id=script /></div>
            <WordingNotes text />
        </details>
        <SendButtons message=message.clone() language=spoken link on_use />
        <div>
            <Button icon=Glyph::Pencil on_press=move || writing.set(true) test_id="message-write">{t::settings::write}</Button>
        </div>
        <Sheet title=t::settings::write open=writing test_id="message-sheet">
            <WriteMessage message=for_sheet.clone() language=spoken link on_use />
        </Sheet>
    }
}

/// A text, its marked wordings told apart by more than colour.
#[component]
pub(in crate::pages) fn MarkedText(#[prop(into)] text: Signal<String>, test_id: &'static str) -> impl IntoView {
    let piece = |piece: Piece| match piece {
        Piece::Plain(text) => text.into_any(),
        Piece::Marked { text, fault, why } => {
            let title = move || format!("{} {why}", words::fault(fault));
            view! { <mark class="wording" title=title>{text}</mark> }.into_any()
        }
    };
    view! { <p class="written" data-testid=test_id>{move || reviewed(&text.get()).pieces.into_iter().map(piece).collect_view()}</p> }
}

/// What is doubtful in a text, and why; nothing if nothing is.
#[component]
pub(in crate::pages) fn WordingNotes(#[prop(into)] text: Signal<String>) -> impl IntoView {
    move || {
        let found = reviewed(&text.get());
        let notes: Vec<_> = found
            .marked()
            .into_iter()
            .map(|(words, fault, why)| {
                let (words, why) = (words.to_owned(), why.to_owned());
                view! { <li><strong>{words}</strong>" "<span>{move || words::fault(fault)}</span>{(!why.is_empty()).then(|| view! { <span class="soft">" "{why}</span> })}</li> }
            })
            .collect();
        (!notes.is_empty()).then(|| {
            view! {
                <Banner mood=Mood::Warning test_id="wording-notes">
                    <div><p>{t::settings::doubtful}</p><ul class="wording-list">{notes}</ul></div>
                </Banner>
            }
        })
    }
}

/// What a text costs as a text message: in words, with the sign that makes it dearer.
pub(in crate::pages) fn sms_words(length: SmsLength) -> String {
    let left = t::settings::sms_left(length.left);
    let cost = t::settings::sms_segments(length.segments);
    match length.alphabet {
        Alphabet::Gsm => format!("{cost} {left}"),
        Alphabet::Ucs2 { because_of } => format!("{cost} {left} {}", t::settings::sms_unicode(because_of)),
    }
}

/// Text message, mail and share, each with its channel's text filled in.
#[component]
fn SendButtons(message: Message, language: Signal<Language>, link: Signal<Option<String>>, on_use: Callback<(Channel,)>) -> impl IntoView {
    let message = StoredValue::new(message);
    let text = move |channel| enclosing(&message.with_value(|message| message.text(channel, language.get())), link.get().as_deref());
    let (first, address, subject) = message.with_value(|message| {
        let profile = &message.customer.profile;
        (profile.phones.first().cloned(), profile.email.clone(), message.meeting.plan.theme.clone())
    });
    let sms = first.map(|phone| {
        view! {
            <a class="button" href=move || deep_link::sms(&phone, &text(Channel::Sms)) on:click=move |_| on_use.run((Channel::Sms,)) data-testid="send-sms">
                <Icon glyph=Glyph::Message />
                <span>{t::invitations::send_sms}</span>
            </a>
        }
    });
    let mail = (!address.is_empty()).then(|| {
        view! {
            <a class="button" href=move || deep_link::mail(&address, &subject, &text(Channel::Mail)) on:click=move |_| on_use.run((Channel::Mail,)) data-testid="send-mail">
                <Icon glyph=Glyph::Mail />
                <span>{t::invitations::send_mail}</span>
            </a>
        }
    });
    let share = share::is_offered().then(|| {
        let press = move || {
            let text = untrack(|| text(Channel::Other));
            on_use.run((Channel::Other,));
            spawn_local(async move { share::text(&text).await });
        };
        view! { <Button icon=Glyph::Share on_press=press test_id="send-share">{t::invitations::share_text}</Button> }
    });
    view! { <div class="send-buttons">{sms}{mail}{share}</div> }
}

/// The text of one channel, changed for this guest before it is sent.
#[component]
fn WriteMessage(message: Message, language: Signal<Language>, link: Signal<Option<String>>, on_use: Callback<(Channel,)>) -> impl IntoView {
    let profile = &message.customer.profile;
    let (phone, mail) = (!profile.phones.is_empty(), !profile.email.is_empty());
    let offered: Vec<Channel> = [(Channel::Sms, phone), (Channel::Mail, mail), (Channel::Other, share::is_offered())]
        .into_iter()
        .filter_map(|(channel, can)| can.then_some(channel))
        .collect();
    let channel = RwSignal::new(offered.first().copied());
    let options =
        Signal::derive(move || offered.iter().map(|channel| Choice::new(*channel, words::text_of_channel(Some(*channel)))).collect::<Vec<_>>());
    view! {
        <Chips label=t::invitations::channel options value=channel test_id="message-channel" />
        {move || channel.get().map(|channel| view! { <Writing message=message.clone() channel language=language.get() link on_use /> })}
    }
}

#[component]
fn Writing(message: Message, channel: Channel, language: Language, link: Signal<Option<String>>, on_use: Callback<(Channel,)>) -> impl IntoView {
    let draft = Draft::of(message.draft(channel, language));
    let text = draft.field("text", untrack(|| message.text(channel, language)));
    let profile = message.customer.profile.clone();
    let subject = message.meeting.plan.theme.clone();
    let used = move || {
        on_use.run((channel,));
        draft.forget();
    };
    // The link is enclosed in what is sent, and kept in no draft.
    let sent = move || enclosing(&text.get(), link.get().as_deref());
    let cost = move || reviewed(&sent()).sms;
    let send = match channel {
        Channel::Sms => profile.phones.first().cloned().map(|phone| {
            view! {
                <a class="button primary wide" href=move || deep_link::sms(&phone, &sent()) on:click=move |_| used() data-testid="message-send">
                    <Icon glyph=Glyph::Message />
                    <span>{t::invitations::send_sms}</span>
                </a>
            }
            .into_any()
        }),
        Channel::Mail => Some(
            view! {
                <a class="button primary wide" href=move || deep_link::mail(&profile.email, &subject, &sent()) on:click=move |_| used() data-testid="message-send">
                    <Icon glyph=Glyph::Mail />
                    <span>{t::invitations::send_mail}</span>
                </a>
            }
            .into_any(),
        ),
        Channel::Phone | Channel::Other => {
            let press = move || {
                let text = untrack(sent);
                used();
                spawn_local(async move { share::text(&text).await });
            };
            Some(view! { <Button icon=Glyph::Share wide=true on_press=press test_id="message-send">{t::invitations::share_text}</Button> }.into_any())
        }
    };
    view! {
        <DraftNote draft />
        <div lang=t::Language::from(language).tag()>
            <TextArea label=t::settings::text value=text rows=8 test_id="message-text" />
        </div>
        {(channel == Channel::Sms).then(|| view! { <p class="soft" data-testid="message-length" role="status">{move || sms_words(cost())}</p> })}
        <WordingNotes text />
        {send}
    }
}
