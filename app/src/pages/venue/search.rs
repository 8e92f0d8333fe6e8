//! A guest found by name, initials, phone tail or company, and checked in by a tap.

use super::door::{self, KINDS};
use super::for_guest::{BriefLines, ForGuestLines, Of};
use super::notes::NoteChips;
use super::verdict::{VerdictScreen, salutation_word};
use super::walk_in::call_walk_in;
use crate::components::{Badge, Button, EmptyState, Glyph, LinkButton, Look, Mood, PageHead, SearchField, Sheet};
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::guest_search::{FoundGuests, GuestRow, GuestSearch};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::Kind;
use shared::ids::{GuestId, MeetingId};
use shared::meetings::Standing;

/// Find a guest.
#[component]
pub fn FindGuestPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let query = RwSignal::new(String::new());
    let chosen = RwSignal::new(None::<GuestId>);
    let open = RwSignal::new(false);
    let search = StoredValue::new(GuestSearch::default());
    let guests = Memo::new(move |before: Option<&u32>| {
        if let Some(id) = meeting.get() {
            let kinds = [Kind::Guest, Kind::Invitation, Kind::Customer];
            replica::read(&kinds, |replica| search.update_value(|search| search.follow_with_unanswered(replica, id)));
        }
        before.map_or(0, |count| count.wrapping_add(1))
    });
    let found = Memo::new(move |_| {
        guests.get();
        let query = query.get();
        replica::read(KINDS, |replica| search.try_update_value(|search| search.find(replica, &query))).unwrap_or_default()
    });
    let row = Memo::new(move |_| chosen.get().and_then(|id| found.with(|found| found.rows.iter().find(|row| row.who.guest == id).cloned())));
    let choose = Callback::new(move |(id,): (GuestId,)| {
        chosen.set(Some(id));
        open.set(true);
    });
    let admitted = Callback::new(move |()| {
        open.set(false);
        query.set(String::new());
    });
    // A ticket's text, pasted or typed by a reader, is a ticket held before the camera; also one that was there before the data.
    Effect::new(move |_| {
        let code = query.with(|query| query.trim().to_owned());
        if let Some(meeting) = meeting.get_untracked().filter(|_| door::is_ticket(&code)) {
            query.set(String::new());
            door::judge_code(meeting, code);
        }
    });
    let back = Signal::derive(move || meeting.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()));
    view! {
        <div class="find stage">
            <PageHead title=t::venue::search back />
            <div class="find-field">
                <SearchField label=t::venue::search_hint value=query test_id="guest-search" />
            </div>
            <div class="find-results" data-testid="guest-results" aria-live="polite">
                {move || results(found.get(), meeting.get(), query, choose)}
            </div>
            <Sheet title=t::venue::guest open test_id="guest-sheet">
                {move || row.get().zip(meeting.get()).map(|(row, meeting)| view! { <GuestBrief row meeting on_done=admitted /> })}
            </Sheet>
            <VerdictScreen />
        </div>
    }
}

fn results(found: FoundGuests, meeting: Option<MeetingId>, query: RwSignal<String>, choose: Callback<(GuestId,)>) -> AnyView {
    if found.rows.is_empty() {
        return view! {
            <EmptyState glyph=Glyph::Search title=t::venue::nobody_found text=t::venue::nobody_found_help test_id="guest-none">
                {meeting
                    .map(|id| {
                        let take_along = move |_| call_walk_in(&query.get_untracked());
                        view! {
                            <span on:click=take_along>
                                <LinkButton look=Look::Primary icon=Glyph::UserPlus href=Place::WalkIn(id)>{t::venue::walk_in}</LinkButton>
                            </span>
                        }
                    })}
            </EmptyState>
        }
        .into_any();
    }
    let more = found.total.saturating_sub(found.rows.len());
    view! {
        <ul class="guests" role="list">
            {found.rows.into_iter().map(|row| view! { <GuestButton row choose /> }).collect_view()}
        </ul>
        {(more > 0).then(|| view! { <p class="soft find-more">{move || t::venue::more_guests(more)}</p> })}
    }
    .into_any()
}

#[component]
fn GuestButton(row: GuestRow, choose: Callback<(GuestId,)>) -> impl IntoView {
    let id = row.who.guest;
    let facts = [row.who.company.clone(), row.who.phone_tail.clone(), row.who.inviter.clone()];
    let facts: Vec<_> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    view! {
        <li>
            <button type="button" class="guest" data-row data-testid="guest-row" on:click=move |_| choose.run((id,))>
                <span class="guest-name">
                    {row.who.name.clone()}
                    {row.who.salutation.map(|salutation| view! { <span class="guest-salutation">{move || salutation_word(salutation)}</span> })}
                </span>
                <span class="guest-facts">{facts.join(" · ")}</span>
                <span class="guest-state">{state(&row)}</span>
            </button>
        </li>
    }
}

fn state(row: &GuestRow) -> AnyView {
    match (&row.arrival, row.standing) {
        (Some(arrival), _) => {
            let (at, desk) = (arrival.at, arrival.desk.clone());
            view! { <Badge mood=Mood::Good icon=Glyph::Check>{move || t::venue::in_at(words::clock(at, words::here()), &desk)}</Badge> }.into_any()
        }
        (None, Standing::Revoked) => view! { <Badge mood=Mood::Bad icon=Glyph::UserX>{t::venue::said_no}</Badge> }.into_any(),
        (None, _) if !row.has_card => view! { <Badge icon=Glyph::Clock>{t::venue::no_ticket}</Badge> }.into_any(),
        (None, Standing::Confirmed) => view! { <Badge mood=Mood::Info icon=Glyph::Check>{t::venue::confirmed}</Badge> }.into_any(),
        (None, Standing::Agreed) => ().into_any(),
    }
}

/// What is good to know, and the button that lets the guest in.
#[component]
fn GuestBrief(row: GuestRow, meeting: MeetingId, on_done: Callback<()>) -> impl IntoView {
    let guest = row.who.guest;
    let of = Of { meeting, guest };
    let who = StoredValue::new(row.who.clone());
    let facts = [row.who.company.clone(), row.who.phone_tail.clone()];
    let facts: Vec<_> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    let inviter = row.who.inviter.clone();
    let is_in = row.arrival.is_some();
    let has_card = row.has_card;
    let is_revoked = row.standing == Standing::Revoked;
    let admit = move || {
        on_done.run(());
        if is_revoked { door::admit_anyway(meeting, who.get_value()) } else { door::admit(meeting, guest) }
    };
    view! {
        <div class="brief">
            <p class="brief-name">
                {row.who.name.clone()}
                {row.who.salutation.map(|salutation| view! { <span class="guest-salutation">{move || salutation_word(salutation)}</span> })}
            </p>
            <p>{facts.join(" · ")}</p>
            <p>{state(&row)}</p>
            {(!inviter.is_empty()).then(|| view! { <p class="soft">{move || t::venue::invited_by(&inviter)}</p> })}
            <ForGuestLines of />
            <BriefLines of />
            {row.arrival.clone().map(|arrival| {
                let (check_in, name) = (arrival.check_in, row.who.name.clone());
                let take_back = move || {
                    on_done.run(());
                    door::take_back(check_in, name.clone());
                };
                view! {
                    <p>
                        {move || t::venue::in_since(words::moment(arrival.at, words::here(), chrono::Utc::now()), &arrival.by, &arrival.desk)}
                    </p>
                    <Button wide=true icon=Glyph::Undo on_press=take_back test_id="guest-take-back">{t::venue::take_back}</Button>
                    <p class="soft">{t::venue::take_back_note}</p>
                }
            })}
            {(!is_in).then(|| {
                view! {
                    <Button look=Look::Primary wide=true icon=Glyph::UserCheck on_press=admit test_id="guest-check-in">
                        {if is_revoked { t::venue::admit_anyway } else { t::venue::check_in }}
                    </Button>
                }
            })}
            {has_card.then(|| view! { <NoteChips meeting guest /> })}
            {row.who.customer.map(|customer| {
                let href = Signal::stored(format!("{}?customer={customer}&meeting={meeting}", Place::NewDeal.path()));
                view! { <LinkButton wide=true href icon=Glyph::Handshake test_id="guest-deal">{t::venue::make_deal}</LinkButton> }
            })}
        </div>
    }
}
