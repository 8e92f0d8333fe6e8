//! One customer: how to reach them, what is known, what happened.

use super::after::{AfterActs, Complaints};
use super::consents::Consents;
use super::give::GiveSheet;
use super::list::{ChooseMeeting, intent_words};
use super::merge::{MayBeTheSame, MergedRecords};
use crate::components::{Badge, Button, EmptyState, Glyph, Icon, LinkButton, Look, Mood, PageHead, Sheet};
use crate::pages::invitations::LineBadge;
use crate::pages::products::Pitch;
use crate::pages::venue::VenueNotes;
use crate::platform::deep_link;
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::customers::{Event, Happening, living, timeline};
use crate::state::phones::spoken;
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use shared::Kind;
use shared::complaints::StepTaken;
use shared::contacts::{Came, LoggedContact, Way};
use shared::customers::{Contact, Customer, Gender, Profile};
use shared::ids::{CustomerId, MeetingId, UserId};
use shared::invitations::{Answer, Confirmation, Invitation};
use shared::meetings::Meeting;
use shared::record::{Index, Key};
use std::sync::Arc;

/// The customer of the address.
#[component]
pub fn CustomerPage() -> impl IntoView {
    let id = id_param::<CustomerId>("id");
    let customer = Memo::new(move |_| {
        let id = id.get()?;
        replica::read(&[Kind::Customer, Kind::MergedCustomer], |replica| living(replica, id))
    });
    move || match customer.get() {
        Some(customer) => view! { <Known customer /> }.into_any(),
        None => view! {
            <PageHead title=t::app::customers back=Place::Customers back_on_phone_only=true />
            <EmptyState glyph=Glyph::UserX title=t::customers::not_here text=t::customers::not_here_text test_id="customer-missing" />
        }
        .into_any(),
    }
}

#[component]
fn Known(customer: Arc<Customer>) -> impl IntoView {
    let id = customer.id;
    let profile = customer.profile.clone();
    let (name, owner) = (profile.clone(), customer.owner);
    let whose = move || owner.map_or_else(|| t::customers::nobody().to_owned(), words::person);
    let predicted = Memo::new(move |_| replica::read(&[Kind::Customer], |replica| replica.is_predicted(Key { kind: Kind::Customer, id: id.0 })));
    let refused = profile.contact == Contact::Refused;
    let for_timeline = customer.clone();
    view! {
        <PageHead title=move || words::called_by(&name) note=whose back=Place::Customers back_on_phone_only=true>
            <LinkButton href=Place::Record(id) icon=Glyph::File test_id="customer-record">{t::records::to_record}</LinkButton>
            <LinkButton href=Place::EditCustomer(id) icon=Glyph::Pencil test_id="customer-edit">{t::customers::edit}</LinkButton>
        </PageHead>
        <div class="page-content" data-testid="customer-detail">
            <div class="cluster">
                {profile.intent.map(|intent| view! { <Badge>{move || intent_words(intent)}</Badge> })}
                {refused.then(|| view! { <Badge mood=Mood::Warning icon=Glyph::Ban>{t::customers::refused_badge}</Badge> })}
                {profile.tags.clone().into_iter().map(|tag| view! { <Badge>{tag}</Badge> }).collect_view()}
                <Show when=move || predicted.get()>
                    <span class="soft on-device"><Icon glyph=Glyph::CloudUpload />{t::customers::predicted}</span>
                </Show>
            </div>
            <MayBeTheSame customer=customer.clone() />
            <Reach profile=profile.clone() />
            <WhatToDo id refused />
            <Complaints id />
            <Invitations id />
            <Facts profile=profile.clone() />
            <Consents id consents=profile.consents />
            <VenueNotes customer=for_timeline.id />
            <MergedRecords id />
            <Timeline customer=for_timeline />
        </div>
    }
}

/// Every way of contact, with the device's own apps.
#[component]
fn Reach(profile: Profile) -> impl IntoView {
    let phone = |phone: &shared::phone::Phone| {
        view! {
            <li class="reach">
                <a class="reach-main" href=deep_link::call(phone) data-testid="customer-phone">
                    <Icon glyph=Glyph::Phone />
                    <span class="number">{spoken(phone)}</span>
                </a>
                <a class="button icon-only" href=deep_link::sms(phone, "") aria-label=t::customers::message><Icon glyph=Glyph::Message /></a>
            </li>
        }
    };
    let mail = (!profile.email.is_empty()).then(|| {
        view! {
            <li class="reach">
                <a class="reach-main" href=deep_link::mail(&profile.email, "", "")>
                    <Icon glyph=Glyph::Mail />
                    <span>{profile.email.clone()}</span>
                </a>
            </li>
        }
    });
    view! { <ul class="list">{profile.phones.iter().map(phone).collect_view()}{mail}</ul> }
}

#[component]
fn WhatToDo(id: CustomerId, refused: bool) -> impl IntoView {
    let (inviting, giving) = (RwSignal::new(false), RwSignal::new(false));
    let one = Signal::stored(vec![id]);
    view! {
        <div class="cluster">
            <Button look=Look::Primary icon=Glyph::CalendarPlus disabled=refused on_press=move || inviting.set(true) test_id="customer-invite">
                {t::customers::invite}
            </Button>
            <AfterActs id />
            <Button icon=Glyph::ArrowRight on_press=move || giving.set(true) test_id="customer-give">{t::customers::give}</Button>
        </div>
        <Sheet title=t::customers::invite_to open=inviting>
            <ChooseMeeting customers=one />
        </Sheet>
        <GiveSheet open=giving customers=one on_given=Callback::new(|()| ()) />
    }
}

/// Where each invitation stands, with the way to the ticket.
#[component]
fn Invitations(id: CustomerId) -> impl IntoView {
    let invitations = Memo::new(move |_| {
        replica::read(&[Kind::Invitation], |replica| {
            let invitations = replica.nouns::<Invitation>(&Index::InvitationsByCustomer(id)).into_iter();
            invitations.filter(|invitation| invitation.same_as.is_none()).cloned().collect::<Vec<_>>()
        })
    });
    let row = |invitation: Arc<Invitation>| {
        let place = Place::Ticket(invitation.id).path();
        let (meeting, rep) = (invitation.meeting, invitation.rep);
        let state = invitation.clone();
        let words = move || match state.confirmation {
            Some(confirmation) => words::confirmation(confirmation).to_owned(),
            None => words::answer(&state.answer),
        };
        let companions = invitation.companions;
        let party = (companions > 0).then_some(move || format!(" · {}", t::invitations::with_companions(companions)));
        let ticket = invitation.comes().then(|| {
            view! { <a class="button" href=place data-testid="customer-ticket"><Icon glyph=Glyph::Ticket /><span>{t::invitations::ticket}</span></a> }
        });
        view! {
            <li class="row">
                <span class="row-words">
                    <span class="row-title">{move || theme(meeting)}</span>
                    <span class="row-note">{words}{party}" · "{move || words::person(rep)}</span>
                    <LineBadge id=invitation.id />
                </span>
                {ticket}
            </li>
        }
    };
    view! {
        <Show when=move || !invitations.with(Vec::is_empty)>
            <section class="stack">
                <h2>{t::customers::invitations}</h2>
                <ul class="list">{move || invitations.get().into_iter().map(row).collect_view()}</ul>
            </section>
        </Show>
    }
}

/// Everything else that is known; what is not known takes no room.
#[component]
fn Facts(profile: Profile) -> impl IntoView {
    let needs: Vec<_> = facts([
        (t::customers::needs as fn() -> &'static str, profile.needs.clone()),
        (t::customers::pains, profile.pains.clone()),
        (t::customers::interests, profile.interests.clone()),
        (t::customers::intent_reason, profile.intent_reason.clone()),
    ]);
    let source = if profile.source.is_empty() { String::new() } else { words::source(&profile.source) };
    let gender = profile.gender.map(gender_words).unwrap_or_default().to_owned();
    let born = profile.birth_year.map(t::customers::birth_year_text).unwrap_or_default();
    let rest: Vec<_> = facts([
        (t::customers::company as fn() -> &'static str, profile.company.clone()),
        (t::customers::occupation, profile.occupation.clone()),
        (t::customers::region, profile.region.clone()),
        (t::customers::address, profile.address.clone()),
        (t::customers::birth_year, born),
        (t::customers::gender, gender),
        (t::customers::source, source),
    ]);
    if needs.is_empty() && rest.is_empty() {
        return view! { <p class="soft">{t::customers::no_details}</p> }.into_any();
    }
    let list = |title: fn() -> &'static str, facts: Vec<(fn() -> &'static str, String)>| {
        (!facts.is_empty()).then(|| {
            let rows =
                facts.into_iter().map(|(label, value)| view! { <div class="known-fact"><dt>{label}</dt><dd>{value}</dd></div> }).collect_view();
            view! { <section class="stack"><h2>{title}</h2><dl class="known-facts card">{rows}</dl></section> }
        })
    };
    view! {
        {list(t::customers::needs_title, needs)}
        <Pitch needs=profile.needs pains=profile.pains />
        {list(t::customers::profile, rest)}
    }
    .into_any()
}

type Fact = (fn() -> &'static str, String);

fn facts<const N: usize>(all: [Fact; N]) -> Vec<Fact> {
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

pub(super) fn gender_words(gender: Gender) -> &'static str {
    match gender {
        Gender::Male => t::customers::male(),
        Gender::Female => t::customers::female(),
        Gender::Other => t::customers::other(),
    }
}

/// What happened, the latest first.
#[component]
pub(in crate::pages) fn Timeline(customer: Arc<Customer>) -> impl IntoView {
    let kinds = [
        Kind::Customer,
        Kind::MergedCustomer,
        Kind::Invitation,
        Kind::CheckIn,
        Kind::Guest,
        Kind::Deal,
        Kind::Milestone,
        Kind::Meeting,
        Kind::LoggedContact,
        Kind::Complaint,
    ];
    let events = Memo::new(move |_| replica::read(&kinds, |replica| timeline(replica, &customer)));
    let row = |event: Event| {
        let at = event.at;
        let (glyph, mood) = look(&event.what);
        let asked = match &event.what {
            Happening::Attempt { questions, .. } => questions.clone(),
            _ => Vec::new(),
        };
        let said = match &event.what {
            Happening::Contact(contact) => contact_details(contact),
            _ => None,
        };
        view! {
            <li class="event">
                <span class=format!("event-mark {mood}")><Icon glyph /></span>
                <span class="row-words">
                    <span>{move || happening(&event.what)}</span>
                    {said.map(|said| view! { <span class="row-note written">{said}</span> })}
                    {asked.into_iter().map(|question| view! { <q class="row-note">{question}</q> }).collect_view()}
                    <time class="row-note" datetime=at.to_rfc3339()>{move || words::opening(&words::moment(at, words::here(), Utc::now()))}</time>
                </span>
            </li>
        }
    };
    view! {
        <section class="stack">
            <h2>{t::customers::timeline}</h2>
            <ol class="timeline" data-testid="customer-timeline">{move || events.get().into_iter().map(row).collect_view()}</ol>
        </section>
    }
}

fn look(what: &Happening) -> (Glyph, &'static str) {
    match what {
        Happening::Added => (Glyph::UserPlus, ""),
        Happening::Given { .. } => (Glyph::ArrowRight, ""),
        Happening::Merged { .. } => (Glyph::Users, ""),
        Happening::Planned { .. } => (Glyph::CalendarPlus, ""),
        Happening::Attempt { answer: Answer::Agreed, .. } => (Glyph::CircleCheck, "mood-good"),
        Happening::Attempt { answer: Answer::NoAnswer, .. } => (Glyph::PhoneMissed, ""),
        Happening::Attempt { answer: Answer::WrongNumber | Answer::DoNotContact, .. } => (Glyph::PhoneOff, "mood-bad"),
        Happening::Attempt { .. } => (Glyph::PhoneCall, ""),
        Happening::Confirmed { confirmation: Confirmation::Confirmed, .. } => (Glyph::CircleCheck, "mood-good"),
        Happening::Confirmed { confirmation: Confirmation::CannotCome, .. } => (Glyph::UserX, "mood-bad"),
        Happening::Confirmed { confirmation: Confirmation::Unreachable, .. } => (Glyph::PhoneMissed, ""),
        Happening::Arrived { undone: true, .. } | Happening::Deal { cancelled: true, .. } => (Glyph::Undo, ""),
        Happening::Arrived { .. } => (Glyph::UserCheck, "mood-good"),
        Happening::Deal { .. } => (Glyph::Handshake, "mood-good"),
        Happening::Paid { .. } => (Glyph::Coins, "mood-good"),
        Happening::Contact(contact) => match (contact.came, contact.way) {
            (Came::NotReached, _) => (Glyph::PhoneMissed, ""),
            (Came::DoNotContact, _) => (Glyph::PhoneOff, "mood-bad"),
            (_, Way::Call) => (Glyph::PhoneCall, ""),
            (_, Way::Message) => (Glyph::Message, ""),
            (_, Way::Visit | Way::InPerson) => (Glyph::MapPin, ""),
        },
        Happening::Complaint { .. } => (Glyph::Alert, "mood-bad"),
        Happening::ComplaintStep { what: StepTaken::Told { .. }, .. } => (Glyph::CircleCheck, "mood-good"),
        Happening::ComplaintStep { .. } => (Glyph::Pencil, ""),
    }
}

fn happening(what: &Happening) -> String {
    let owner = |owner: &Option<UserId>| owner.map_or_else(|| t::customers::pool().to_owned(), words::person);
    match what {
        Happening::Added => t::customers::event_added().to_owned(),
        Happening::Attempt { answer, by_guest: true, .. } => t::customers::event_attempt_by_guest(words::answer(answer)),
        Happening::Given { by, from, to } => t::customers::event_given(words::person(*by), owner(from), owner(to)),
        Happening::Merged { by, name } => t::customers::event_merged(words::person(*by), name),
        Happening::Planned { meeting, by } => t::customers::event_planned(words::person(*by), theme(*meeting)),
        Happening::Attempt { by, channel, answer, .. } => {
            t::customers::event_attempt(words::answer(answer), words::person(*by), words::channel(*channel))
        }
        Happening::Confirmed { meeting, confirmation, .. } => t::customers::event_confirmed(words::confirmation(*confirmation), theme(*meeting)),
        Happening::Arrived { meeting, undone: false, .. } => t::customers::event_arrived(theme(*meeting)),
        Happening::Arrived { meeting, undone: true, .. } => t::customers::event_arrived_undone(theme(*meeting)),
        Happening::Deal { total, by, cancelled: false } => t::customers::event_deal(words::person(*by), words::money(*total)),
        Happening::Deal { total, by, cancelled: true } => t::customers::event_deal_cancelled(words::person(*by), words::money(*total)),
        Happening::Paid { amount } => t::customers::event_paid(words::money(*amount)),
        Happening::Contact(contact) => t::contacts::event(words::person(contact.by), words::came(contact.came), words::way(contact.way)),
        Happening::Complaint { by, what } => t::complaints::event_reported(words::person(*by), what),
        Happening::ComplaintStep { by, what } => t::complaints::event_step(words::person(*by), words::step_taken(what)),
    }
}

/// What was said in a contact, how satisfied the customer is, and what comes next.
fn contact_details(contact: &LoggedContact) -> Option<String> {
    let next = contact.next.as_ref().map(|next| t::contacts::next_of(words::day_of(next.on), &next.words));
    let score = contact.satisfaction.map(t::contacts::satisfaction_of);
    let said = Some(contact.words.clone()).filter(|words| !words.is_empty());
    let parts: Vec<_> = [said, score, next].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn theme(meeting: MeetingId) -> String {
    replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.theme.clone())).unwrap_or_default()
}
