//! The verdict that fills the screen: colour, shape and word say the same, the name is large, and the next scan is never kept waiting.

use super::door::{self, Saving, Shown, UNDO_MS};
use super::for_guest::{self, BriefInShort, ForGuestLines, GuestSheet, Of};
use crate::components::{Button, Glyph, LinkButton, Look};
use crate::routes::Place;
use crate::state::venue::{Arrival, Tone, Verdict, Who};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::customers::Salutation;
use shared::ids::{CustomerId, MeetingId};
use shared::meetings::Meeting;
use std::sync::Arc;

/// How long a verdict stays after its code has left the camera's view.
const fn stays_ms(tone: Tone) -> f64 {
    match tone {
        Tone::Welcome => 3_500.0,
        Tone::Caution | Tone::Refusal => 6_500.0,
    }
}

/// The verdict over the whole screen, and after that a strip with the last guest.
#[component]
pub(super) fn VerdictScreen() -> impl IntoView {
    door::run_clock();
    let is_large =
        Memo::new(move |_| door::shown().is_some_and(|shown| !shown.is_put_away && door::clock() - shown.seen_at < stays_ms(shown.verdict.tone())));
    let current = Memo::new(move |_| door::shown().map(|shown| Shown { seen_at: 0.0, ..shown }));
    view! {
        {move || if is_large.get() { current.get().map(|shown| large(shown).into_any()) } else { current.get().and_then(strip).map(IntoAny::into_any) }}
        <UnsavedNotice />
        <GuestSheet />
    }
}

fn large(shown: Shown) -> impl IntoView {
    let tone = shown.verdict.tone();
    let (class, name) = match tone {
        Tone::Welcome => ("verdict welcome", "welcome"),
        Tone::Caution => ("verdict caution", "caution"),
        Tone::Refusal => ("verdict refusal", "refusal"),
    };
    let kind = kind_of(&shown.verdict);
    let word = word_of(&shown.verdict);
    view! {
        <section class=class role="alert" data-testid="verdict" data-verdict=kind data-tone=name on:click=move |_| door::put_away()>
            <div class="verdict-shape">{shape(tone)}</div>
            <div class="verdict-words">
                <p class="verdict-word" data-testid="verdict-word">{word}</p>
                {details(&shown)}
                {saving(&shown)}
            </div>
            <div
                class="verdict-actions"
                on:click=|event| {
                    event.stop_propagation();
                    // Whoever presses here is still at work with this guest.
                    door::keep_showing();
                }
            >
                {actions(&shown)}
            </div>
        </section>
    }
}

fn details(shown: &Shown) -> AnyView {
    match shown.verdict.clone() {
        Verdict::Welcome(who) | Verdict::Revoked(who) => guest(who, shown.meeting).into_any(),
        Verdict::AlreadyIn { who, arrival } => view! { {guest(who, shown.meeting)} {earlier(arrival)} }.into_any(),
        Verdict::WrongMeeting { name, meeting } => view! { <p class="verdict-name">{name}</p> {meeting.map(other_meeting)} }.into_any(),
        Verdict::NotOnList => view! { <p class="verdict-line">{t::venue::not_on_list_help}</p> }.into_any(),
        Verdict::Unreadable => view! { <p class="verdict-line">{t::venue::unreadable_help}</p> }.into_any(),
        Verdict::Forged => view! { <p class="verdict-line">{t::venue::forged_help}</p> }.into_any(),
        Verdict::NotReady => view! { <p class="verdict-line">{t::venue::not_ready_help}</p> }.into_any(),
    }
}

fn guest(who: Who, meeting: MeetingId) -> impl IntoView {
    let of = Of { meeting, guest: who.guest };
    let facts: Vec<String> = [who.company, who.phone_tail].into_iter().filter(|fact| !fact.is_empty()).collect();
    let inviter = who.inviter;
    view! {
        <p class="verdict-name" data-testid="verdict-name">
            {who.name}
            {who.salutation.map(|salutation| view! { <span class="verdict-salutation">{move || salutation_word(salutation)}</span> })}
        </p>
        {(!facts.is_empty()).then(|| view! { <p class="verdict-line">{facts.join(" · ")}</p> })}
        {(!inviter.is_empty()).then(|| view! { <p class="verdict-line">{move || t::venue::invited_by(&inviter)}</p> })}
        {who.customer.is_none().then(|| view! { <p class="verdict-line">{t::venue::only_ticket_known}</p> })}
        <BriefInShort of />
    }
}

fn earlier(arrival: Arrival) -> impl IntoView {
    view! {
        <p class="verdict-line strong" data-testid="verdict-earlier">
            {move || {
                let at = words::moment(arrival.at, words::here(), chrono::Utc::now());
                t::venue::in_since(at, &arrival.by, &arrival.desk)
            }}
        </p>
    }
}

fn other_meeting(meeting: Arc<Meeting>) -> impl IntoView {
    let plan = meeting.plan.clone();
    view! {
        <p class="verdict-line strong">{plan.theme}</p>
        <p class="verdict-line">{move || words::opening(&words::moment(plan.starts_at, plan.utc_offset, chrono::Utc::now()))}" · "{plan.venue}</p>
    }
}

fn saving(shown: &Shown) -> AnyView {
    match shown.saving.clone() {
        Saving::Nothing => ().into_any(),
        Saving::UnderWay => view! { <p class="verdict-saving" data-testid="verdict-saving">{t::venue::saving}</p> }.into_any(),
        Saving::Saved => view! { <p class="verdict-saving" data-testid="verdict-saved">{t::venue::saved_here}</p> }.into_any(),
        Saving::NotSaved(why) => view! {
            <p class="verdict-not-saved" data-testid="verdict-not-saved">
                <strong>{t::venue::not_saved}</strong>
                " "
                {move || words::not_saved(&why)}
            </p>
        }
        .into_any(),
    }
}

fn actions(shown: &Shown) -> AnyView {
    match (&shown.verdict, &shown.saving) {
        (Verdict::Welcome(_), Saving::NotSaved(_)) => {
            view! { <Button look=Look::Primary on_press=door::save_again test_id="verdict-save-again">{t::venue::save_again}</Button> }.into_any()
        }
        (Verdict::Welcome(who), _) => {
            let of = Of { meeting: shown.meeting, guest: who.guest };
            view! { <ForGuestLines of /> {undo_button(shown)} {deal_button(shown.meeting, door::customer_of(shown))} }.into_any()
        }
        (Verdict::Revoked(who), _) => {
            let (meeting, who) = (shown.meeting, who.clone());
            view! {
                <Button icon=Glyph::UserCheck on_press=move || door::admit_anyway(meeting, who.clone()) test_id="verdict-admit-anyway">
                    {t::venue::admit_anyway}
                </Button>
            }
            .into_any()
        }
        (Verdict::AlreadyIn { who, .. }, _) => {
            let of = Of { meeting: shown.meeting, guest: who.guest };
            view! { <ForGuestLines of /> {deal_button(shown.meeting, door::customer_of(shown))} }.into_any()
        }
        (Verdict::WrongMeeting { .. } | Verdict::NotOnList | Verdict::Unreadable | Verdict::Forged, _) => view! {
            <LinkButton href=Place::FindGuest(shown.meeting) icon=Glyph::Search>{t::venue::search}</LinkButton>
            <LinkButton href=Place::WalkIn(shown.meeting) icon=Glyph::UserPlus>{t::venue::walk_in}</LinkButton>
        }
        .into_any(),
        (Verdict::NotReady, _) => ().into_any(),
    }
}

fn undo_button(shown: &Shown) -> impl IntoView + use<> {
    let shown = StoredValue::new(shown.clone());
    let can_undo = Memo::new(move |_| shown.with_value(|shown| shown.saving == Saving::Saved && door::clock() - shown.let_in_at < UNDO_MS));
    move || {
        can_undo.get().then(|| {
            view! { <Button icon=Glyph::Undo on_press=move || door::undo(shown.get_value()) test_id="verdict-undo">{t::app::undo}</Button> }
        })
    }
}

fn deal_button(meeting: MeetingId, customer: Option<CustomerId>) -> impl IntoView {
    customer.map(|customer| {
        let href = Signal::stored(format!("{}?customer={customer}&meeting={meeting}", Place::NewDeal.path()));
        view! { <LinkButton href icon=Glyph::Handshake test_id="verdict-deal">{t::venue::make_deal}</LinkButton> }
    })
}

/// The last guest, while there is still something to take back.
fn strip(shown: Shown) -> Option<impl IntoView> {
    let who = shown.verdict.who()?;
    let (name, of) = (who.name.clone(), Of { meeting: shown.meeting, guest: who.guest });
    shown.check_in?;
    let is_saved = shown.saving == Saving::Saved;
    Some(view! {
        <div class="verdict-strip" role="status" data-testid="last-guest">
            <span class="verdict-strip-name">{name}</span>
            <span class="soft">{is_saved.then(|| view! { <span data-testid="verdict-saved">{t::venue::saved_here}</span> })}</span>
            <Button icon=Glyph::Package on_press=move || for_guest::show_all(of) test_id="last-guest-all">{t::seats::seat_and_gifts}</Button>
            {undo_button(&shown)}
        </div>
    })
}

/// What could not be saved, loud and kept, until it is saved or let go.
#[component]
fn UnsavedNotice() -> impl IntoView {
    let row = |unsaved: door::Unsaved| {
        let id = unsaved.id;
        view! {
            <li class="unsaved-row">
                <span class="unsaved-words">
                    <strong>{unsaved.name}</strong>
                    <span>{move || words::not_saved(&unsaved.why)}</span>
                </span>
                <Button icon=Glyph::X label=t::venue::let_go on_press=move || door::let_go(id) />
            </li>
        }
    };
    move || {
        let unsaved = door::unsaved();
        let count = unsaved.len();
        (count > 0).then(|| {
            view! {
                <section class="unsaved" role="alert" data-testid="unsaved">
                    <p class="unsaved-head">{move || t::venue::unsaved_count(count)}</p>
                    <ul>{unsaved.into_iter().map(row).collect_view()}</ul>
                    <Button look=Look::Primary wide=true on_press=door::save_again test_id="save-again">{t::venue::save_again}</Button>
                </section>
            }
        })
    }
}

/// Round, diamond, square: told apart without colour.
pub(super) fn shape(tone: Tone) -> AnyView {
    match tone {
        Tone::Welcome => view! {
            <svg viewBox="0 0 100 100" aria-hidden="true">
                <circle cx="50" cy="50" r="46" />
                <path d="M28 52 44 68 74 34" />
            </svg>
        }
        .into_any(),
        Tone::Caution => view! {
            <svg viewBox="0 0 100 100" aria-hidden="true">
                <path class="body" d="M50 3 97 50 50 97 3 50Z" />
                <path d="M50 28v28M50 70v2" />
            </svg>
        }
        .into_any(),
        Tone::Refusal => view! {
            <svg viewBox="0 0 100 100" aria-hidden="true">
                <rect x="5" y="5" width="90" height="90" rx="4" />
                <path d="M32 32 68 68M68 32 32 68" />
            </svg>
        }
        .into_any(),
    }
}

fn word_of(verdict: &Verdict) -> fn() -> &'static str {
    match verdict {
        Verdict::Welcome(_) => t::venue::welcome,
        Verdict::AlreadyIn { .. } => t::venue::already_in,
        Verdict::WrongMeeting { .. } => t::venue::wrong_meeting,
        Verdict::NotOnList => t::venue::not_on_list,
        Verdict::Revoked(_) => t::venue::revoked,
        Verdict::Unreadable => t::venue::unreadable,
        Verdict::Forged => t::venue::forged,
        Verdict::NotReady => t::venue::not_ready,
    }
}

const fn kind_of(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Welcome(_) => "welcome",
        Verdict::AlreadyIn { .. } => "already-in",
        Verdict::WrongMeeting { .. } => "wrong-meeting",
        Verdict::NotOnList => "not-on-list",
        Verdict::Revoked(_) => "revoked",
        Verdict::Unreadable => "unreadable",
        Verdict::Forged => "forged",
        Verdict::NotReady => "not-ready",
    }
}

/// 先生 or 女士.
pub(super) fn salutation_word(salutation: Salutation) -> &'static str {
    match salutation {
        Salutation::Mr => t::venue::mr(),
        Salutation::Ms => t::venue::ms(),
    }
}
