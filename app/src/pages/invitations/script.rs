//! What a rep says or sends, with the blanks filled, and the ways to send it with the device's own apps.

use crate::components::{Button, Glyph, Icon};
use crate::platform::{deep_link, share};
use crate::replica;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::customers::{Customer, Salutation};
use shared::deals::contract::fill;
use shared::invitations::Channel;
use shared::meetings::Meeting;
use shared::settings::{Settings, Texts};

/// A template of the settings filled for a customer and a meeting, in the language chosen now; tracked.
pub(super) fn filled(template: fn(&Settings) -> &Texts, customer: &Customer, meeting: &Meeting) -> String {
    let settings = replica::read(&[Kind::Settings], |replica| replica.all::<Settings>().next().cloned());
    let Some(settings) = settings else { return String::new() };
    let plan = &meeting.plan;
    let salutation = match customer.profile.salutation {
        Some(Salutation::Mr) => t::customers::mr(),
        Some(Salutation::Ms) => t::customers::ms(),
        None => "",
    };
    let rep = replica::actor().map(|actor| words::person(actor.user)).unwrap_or_default();
    let (date, time) = (words::date(plan.starts_at, plan.utc_offset), words::clock(plan.starts_at, plan.utc_offset));
    fill(
        &words::in_language(template(&settings)),
        &[
            ("customer", &customer.profile.name),
            ("salutation", salutation),
            ("rep", &rep),
            ("org", &settings.name),
            ("theme", &plan.theme),
            ("date", &date),
            ("time", &time),
            ("venue", &plan.venue),
        ],
    )
}

/// Text message, mail and share, each with the text filled in. Which one was used is told, so that the attempt names its channel.
#[component]
pub(super) fn SendButtons(customer: Customer, subject: String, #[prop(into)] text: Signal<String>, on_use: Callback<(Channel,)>) -> impl IntoView {
    let sms = customer.profile.phones.first().cloned().map(|phone| {
        view! {
            <a class="button" href=move || deep_link::sms(&phone, &text.get()) on:click=move |_| on_use.run((Channel::Sms,)) data-testid="send-sms">
                <Icon glyph=Glyph::Message />
                <span>{t::invitations::send_sms}</span>
            </a>
        }
    });
    let address = customer.profile.email.clone();
    let mail = (!address.is_empty()).then(|| {
        view! {
            <a class="button" href=move || deep_link::mail(&address, &subject, &text.get()) on:click=move |_| on_use.run((Channel::Mail,)) data-testid="send-mail">
                <Icon glyph=Glyph::Mail />
                <span>{t::invitations::send_mail}</span>
            </a>
        }
    });
    let share = share::is_offered().then(|| {
        let press = move || {
            let text = text.get_untracked();
            on_use.run((Channel::Other,));
            spawn_local(async move { share::text(&text).await });
        };
        view! { <Button icon=Glyph::Share on_press=press test_id="send-share">{t::invitations::share_text}</Button> }
    });
    view! { <div class="send-buttons">{sms}{mail}{share}</div> }
}
