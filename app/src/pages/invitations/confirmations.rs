//! The day before: everybody who agreed, the reminder filled in, three results in one tap.

use super::Party;
use super::link::{GuestLink, Links};
use super::present;
use super::script::{Message, MessageToGuest};
use crate::components::{Badge, EmptyState, Glyph, Icon, Mood, PageHead, toast};
use crate::platform::deep_link;
use crate::replica;
use crate::routes::Place;
use crate::state::confirmations::{DayBefore, day_before, waiting};
use crate::state::phones::spoken;
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::customers::Customer;
use shared::ids::InvitationId;
use shared::invitations::command::ConfirmInvitation;
use shared::invitations::{Confirmation, Invitation, ReminderOutcome};
use shared::meetings::Meeting;
use shared::settings::Purpose;
use std::sync::Arc;

/// The confirmations of whoever is logged in.
#[component]
pub fn ConfirmationsPage() -> impl IntoView {
    Links::provide();
    let now = present();
    let days = Memo::new(move |_| {
        let kinds = [Kind::Invitation, Kind::Meeting];
        let rep = replica::actor().map(|actor| actor.user);
        rep.map(|rep| replica::read(&kinds, |replica| day_before(replica, rep, now.get()))).unwrap_or_default()
    });
    let left = Memo::new(move |_| days.with(|days| waiting(days)));
    let note = move || if left.get() == 0 { t::invitations::confirm_all_done().to_owned() } else { t::invitations::confirm_left(left.get()) };
    move || {
        if days.with(Vec::is_empty) {
            return view! {
                <PageHead title=t::app::confirmations back=Place::Today />
                <EmptyState glyph=Glyph::CalendarCheck title=t::invitations::confirm_empty text=t::invitations::confirm_empty_text test_id="confirmations-empty" />
            }
            .into_any();
        }
        view! {
            <PageHead title=t::app::confirmations note back=Place::Today />
            <div class="page-content" data-testid="confirmations">{move || days.get().into_iter().map(meeting).collect_view()}</div>
        }
        .into_any()
    }
}

fn meeting(day: DayBefore) -> impl IntoView {
    let DayBefore { meeting, open, unreachable, answered } = day;
    let plan = meeting.plan.clone();
    let when = move || words::opening(&words::moment(plan.starts_at, plan.utc_offset, Utc::now()));
    let section = |title: fn() -> &'static str, ids: Vec<InvitationId>| {
        let meeting = meeting.clone();
        (!ids.is_empty()).then(move || {
            let guests = ids.into_iter().map(|id| guest(id, meeting.clone())).collect_view();
            view! { <h3>{title}</h3><ul class="stack">{guests}</ul> }
        })
    };
    view! {
        <section class="stack">
            <div>
                <h2>{meeting.plan.theme.clone()}</h2>
                <p class="soft">{when}" · "{meeting.plan.venue.clone()}</p>
            </div>
            {section(t::invitations::to_confirm, open)}
            {section(t::invitations::try_again, unreachable)}
            {section(t::invitations::answered, answered.into_iter().map(|(id, _)| id).collect())}
        </section>
    }
}

fn guest(id: InvitationId, meeting: Arc<Meeting>) -> impl IntoView {
    let found = replica::read(&[Kind::Invitation, Kind::Customer], |replica| {
        let invitation = replica.noun::<Invitation>(id)?.clone();
        let customer = replica.noun::<Customer>(invitation.customer)?.clone();
        Some((invitation, customer))
    });
    found.map(|(invitation, customer)| {
        let open = RwSignal::new(matches!(invitation.confirmation, None | Some(Confirmation::Unreachable)));
        let phone = customer.profile.phones.first().map(|phone| {
            view! { <a class="confirm-phone" href=deep_link::call(phone) data-testid="confirm-phone"><Icon glyph=Glyph::Phone /><span class="number">{spoken(phone)}</span></a> }
        });
        let link = Links::of(id);
        let profile = customer.profile.clone();
        let place = meeting.plan.utc_offset;
        let message = Message { invitation: id, purpose: Purpose::Remind, customer: customer.clone(), meeting };
        let mood = match invitation.confirmation {
            Some(Confirmation::Confirmed) => Mood::Good,
            Some(Confirmation::CannotCome) => Mood::Bad,
            Some(Confirmation::Unreachable) => Mood::Warning,
            None => Mood::Info,
        };
        let reminded: Vec<_> = invitation.reminded().copied().collect();
        let reminded = reminded.into_iter().map(|reminded| {
            let mood = if reminded.outcome == ReminderOutcome::Sent { Mood::Info } else { Mood::Warning };
            view! { <Badge mood>{move || words::reminded(&reminded, place)}</Badge> }
        });
        let reminded = reminded.collect_view();
        let state = invitation.confirmation.map(|confirmation| view! { <Badge mood>{move || words::confirmation(confirmation)}</Badge> });
        view! {
            <li class="card confirm" data-testid="confirm-guest" data-invitation=id.to_string()>
                <div class="confirm-head">
                    <strong class="confirm-name">{move || words::called_by(&profile)}</strong>
                    {state}
                    {reminded}
                    {phone}
                </div>
                <Show
                    when=move || open.get()
                    fallback=move || view! { <button type="button" class="button" on:click=move |_| open.set(true)>{t::invitations::correct}</button> }
                >
                    <MessageToGuest
                        message=message.clone()
                        title=t::invitations::reminder
                        script="confirm-reminder"
                        link
                        on_use=Callback::new(|_| ())
                    />
                    <GuestLink id />
                    <Party id />
                    <Answers id />
                </Show>
            </li>
        }
    })
}

#[component]
fn Answers(id: InvitationId) -> impl IntoView {
    let note = move |confirmation: Confirmation| {
        spawn_local(async move {
            if let Err(why) = replica::submit(ConfirmInvitation { invitation: id, confirmation }).await {
                toast::show(words::not_saved(&why));
            }
        });
    };
    let answer = move |confirmation: Confirmation, glyph: Glyph, class: &'static str, words: fn() -> &'static str, test_id: &'static str| {
        view! {
            <button type="button" class=format!("result {class}") on:click=move |_| note(confirmation) data-testid=test_id>
                <Icon glyph />
                <span>{words}</span>
            </button>
        }
    };
    view! {
        <div class="results">
            {answer(Confirmation::Confirmed, Glyph::CircleCheck, "mood-good", t::invitations::will_come, "confirm-yes")}
            {answer(Confirmation::Unreachable, Glyph::PhoneMissed, "", t::invitations::unreachable, "confirm-unreachable")}
            {answer(Confirmation::CannotCome, Glyph::X, "mood-bad", t::invitations::cannot_come, "confirm-no")}
        </div>
    }
}
