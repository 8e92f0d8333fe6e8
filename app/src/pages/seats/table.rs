//! One table: each seat with who has it, and what can be done with it. While it is arranged: its name, its number of seats, turning, taking away.

use super::{KINDS, Page, floor};
use crate::components::{Badge, Banner, Button, Glyph, Look, Mood, SearchField, TextArea, TextField, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::{self, NotSaved};
use crate::state::floor_plan::{QUARTER, drawn};
use crate::state::guest_search::GuestSearch;
use crate::state::seats::{SeatName, SeatState, SeatView, TableView, guest_name, seat_of, seating_of, waiting};
use crate::state::stock::number;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::ids::{GuestId, MeetingId, SeatingId, TableId};
use shared::seating::command::{BlockSeats, GiveSeats, GivenSeat, PutTables, RemoveTables, TakeBackSeat};
use shared::seating::{Desk, Seat};
use std::sync::Arc;
use uuid::Uuid;

/// Most guests proposed for a seat.
const MOST_PROPOSED: usize = 30;

/// What the sheet asks for.
#[derive(Clone, Copy, PartialEq)]
enum Ask {
    Nothing,
    /// For whom a seat is.
    Guest(u16),
    /// Why a seat is taken back.
    Reason(SeatingId, GuestId),
}

/// The sheet of the chosen table.
#[component]
pub(super) fn TableSheet(page: Page) -> impl IntoView {
    let view = Memo::new(move |_| page.chosen.get().and_then(|id| page.tables.with(|tables| tables.get(&id).cloned())));
    let ask = RwSignal::new(Ask::Nothing);
    let id = Memo::new(move |_| view.get().map(|view| view.table.id));
    move || {
        let id = id.get()?;
        Some(match ask.get() {
            Ask::Guest(number) => view! { <ChooseGuest page seat=Seat { table: id, number } ask /> }.into_any(),
            Ask::Reason(seating, guest) => view! { <TakeBack seating guest ask /> }.into_any(),
            Ask::Nothing => view! {
                <div class="stack">
                    {move || page.is_arranging.get().then(|| view! { <TableForm page id /> })}
                    <ul class="list" role="list" data-testid="table-seats">
                        {move || view.get().map(|view| seats(page, &view, ask))}
                    </ul>
                </div>
            }
            .into_any(),
        })
    }
}

fn seats(page: Page, view: &Arc<TableView>, ask: RwSignal<Ask>) -> impl IntoView + use<> {
    let table = Arc::clone(&view.table);
    view.seats.iter().cloned().map(move |seat| view! { <SeatRow page table=Arc::clone(&table) seat ask /> }).collect_view()
}

#[component]
fn SeatRow(page: Page, table: Arc<shared::seating::Table>, seat: SeatView, ask: RwSignal<Ask>) -> impl IntoView {
    let SeatView { number, state, leased } = seat;
    let here = Seat { table: table.id, number };
    let block = {
        let blocked = table.blocked.clone();
        move |on: bool| {
            let mut blocked: Vec<u16> = blocked.iter().copied().filter(|other| *other != number).collect();
            if on {
                blocked.push(number);
            }
            say(BlockSeats { table: here.table, blocked }, || t::seats::saved().to_owned());
        }
    };
    let unblock = block.clone();
    let desk = leased.map(|desk| {
        let name = move || replica::read(&[Kind::Desk], |replica| replica.noun::<Desk>(desk).map(|desk| desk.name.clone())).unwrap_or_default();
        view! { <Badge icon=Glyph::Tablet>{move || t::seats::leased_to(name())}</Badge> }
    });
    let (what, actions) = match state {
        SeatState::Free => {
            let give = move || match page.guest.get_untracked() {
                Some(guest) => give_one(page, guest, here),
                None => ask.set(Ask::Guest(number)),
            };
            (
                view! { <span class="soft">{t::seats::free}</span> }.into_any(),
                view! {
                    <Button look=Look::Primary icon=Glyph::UserPlus on_press=give test_id="seat-give">{t::seats::give}</Button>
                    <Button icon=Glyph::Ban label=t::seats::block on_press=move || block(true) test_id="seat-block" />
                }
                .into_any(),
            )
        }
        SeatState::Blocked => (
            view! { <Badge icon=Glyph::Ban>{t::seats::blocked}</Badge> }.into_any(),
            view! { <Button on_press=move || unblock(false) test_id="seat-unblock">{t::seats::unblock}</Button> }.into_any(),
        ),
        SeatState::Taken { guest, name, seating, has_come, is_disputed } => (
            view! {
                <span class="row-title">{name}</span>
                {has_come.then(|| view! { <Badge mood=Mood::Good icon=Glyph::Check>{t::seats::has_come}</Badge> })}
                {is_disputed.then(|| view! { <Badge mood=Mood::Bad icon=Glyph::Split>{t::seats::disputed}</Badge> })}
            }
            .into_any(),
            view! {
                <Button icon=Glyph::Undo label=t::seats::take_back on_press=move || ask.set(Ask::Reason(seating, guest)) test_id="seat-take-back" />
            }
            .into_any(),
        ),
    };
    view! {
        <li class="row seat-row" data-testid="seat-row" data-number=number.to_string()>
            <span class="seat-number number">{number}</span>
            <span class="row-words">{what} {desk}</span>
            <span class="row-end">{actions}</span>
        </li>
    }
}

/// For whom a seat is: those who wait first, others by a search.
#[component]
fn ChooseGuest(page: Page, seat: Seat, ask: RwSignal<Ask>) -> impl IntoView {
    let meeting = page.meeting;
    let query = RwSignal::new(String::new());
    let search = StoredValue::new(GuestSearch::default());
    let rows = Memo::new(move |_| {
        let query = query.get();
        replica::read(KINDS, |replica| {
            let with_seat = |guest: GuestId| seat_of(replica, guest);
            if query.trim().is_empty() {
                let waiting = waiting(replica, meeting).into_iter().take(MOST_PROPOSED);
                return waiting.map(|one| (one.who, None::<SeatName>)).collect::<Vec<_>>();
            }
            let found = search.try_update_value(|search| {
                search.follow(replica, meeting);
                search.find(replica, &query)
            });
            found.unwrap_or_default().rows.into_iter().map(|row| (row.who.clone(), with_seat(row.who.guest))).collect()
        })
    });
    let leased = Memo::new(move |_| {
        page.tables.with(|tables| tables.get(&seat.table).and_then(|view| view.seats.iter().find(|one| one.number == seat.number)?.leased))
    });
    let choose = move |guest: GuestId| {
        ask.set(Ask::Nothing);
        give_one(page, guest, seat);
    };
    view! {
        <div class="stack">
            {move || leased.get().map(|desk| {
                let name = replica::read(&[Kind::Desk], |replica| replica.noun::<Desk>(desk).map(|desk| desk.name.clone())).unwrap_or_default();
                view! { <Banner mood=Mood::Warning test_id="seat-leased">{t::seats::leased_note(name)}</Banner> }
            })}
            <SearchField label=t::venue::search_hint value=query test_id="seat-guest-search" />
            <ul class="list" role="list" data-testid="seat-guests">
                {move || rows.get().into_iter().map(|(who, sits)| {
                    let guest = who.guest;
                    view! {
                        <li>
                            <button type="button" class="row" data-row data-testid="seat-guest" on:click=move |_| choose(guest)>
                                <span class="row-words">
                                    <span class="row-title">{who.name}</span>
                                    <span class="row-note">{[who.company, who.phone_tail, who.inviter].into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · ")}</span>
                                </span>
                                {sits.map(|seat| view! { <span class="row-end"><Badge>{words::seat(&seat)}</Badge></span> })}
                            </button>
                        </li>
                    }
                }).collect_view()}
            </ul>
            <Button icon=Glyph::ArrowLeft on_press=move || ask.set(Ask::Nothing)>{t::app::back}</Button>
        </div>
    }
}

#[component]
fn TakeBack(seating: SeatingId, guest: GuestId, ask: RwSignal<Ask>) -> impl IntoView {
    let draft = Draft::of(format!("take-back/{seating}"));
    let reason = draft.field("reason", String::new());
    let is_tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let why = RwSignal::new(None::<NotSaved>);
    let lacks = Memo::new(move |_| is_tried.get() && reason.with(|reason| reason.trim().is_empty()));
    let error = Signal::derive(move || lacks.get().then(|| t::seats::reason_needed().to_owned()));
    let take_back = move || {
        is_tried.set(true);
        if lacks.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(TakeBackSeat { seating, reason: reason.get_untracked() }).await;
            busy.try_set(false);
            match saved {
                Ok(()) => {
                    let name = replica::read(&[], |replica| guest_name(replica, guest));
                    toast::show(untrack(|| t::seats::taken_back(name)));
                    ask.try_set(Ask::Nothing);
                }
                Err(failure) => drop(why.try_set(Some(failure))),
            }
        });
    };
    view! {
        <div class="stack">
            <DraftNote draft />
            <TextArea label=t::seats::why_back value=reason error test_id="seat-reason" />
            {move || why.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
            <Button look=Look::Primary wide=true busy on_press=take_back test_id="seat-take-back-now">{t::seats::take_back}</Button>
            <Button icon=Glyph::ArrowLeft on_press=move || ask.set(Ask::Nothing)>{t::app::back}</Button>
        </div>
    }
}

#[component]
fn TableForm(page: Page, id: TableId) -> impl IntoView {
    let known = page.tables.with_untracked(|tables| tables.get(&id).map(|view| Arc::clone(&view.table)));
    let draft = Draft::of(format!("table/{id}"));
    let name = draft.field("name", known.as_ref().map(|table| table.name.clone()).unwrap_or_default());
    let seats = draft.field("seats", known.as_ref().map(|table| table.seats.to_string()).unwrap_or_default());
    let why = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let error = Signal::derive(move || number(&seats.get()).is_none().then(|| t::seats::not_a_number().to_owned()));
    let guests = Memo::new(move |_| page.tables.with(|tables| tables.get(&id).map_or(0, |view| view.taken())));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let table = page.tables.with_untracked(|tables| tables.get(&id).map(|view| drawn(&view.table)));
        let (Some(mut table), Some(count)) = (table, number(&seats.get_untracked())) else { return };
        (table.name, table.seats) = (name.get_untracked(), u16::try_from(count).unwrap_or(u16::MAX));
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(PutTables { meeting: page.meeting, tables: vec![table] }).await;
            busy.try_set(false);
            if saved.is_ok() {
                toast::show(untrack(t::seats::saved));
            }
            why.try_set(saved.err());
        });
    };
    let remove = move || {
        let called =
            page.tables.with_untracked(|tables| tables.get(&id).map(|view| words::table(view.table.shape, &view.table.name))).unwrap_or_default();
        let meeting = page.meeting;
        let before = page.tables.with_untracked(|tables| tables.get(&id).map(|view| drawn(&view.table)));
        spawn_local(async move {
            match replica::submit(RemoveTables { meeting, tables: vec![id] }).await {
                Ok(()) => {
                    page.is_open.try_set(false);
                    draft.forget();
                    // Drawn again under its own id, it has its guests again.
                    let bring_back = move || floor::save(meeting, before.clone().into_iter().collect(), || ());
                    toast::show_with_undo(untrack(|| t::seats::removed(called)), bring_back);
                }
                Err(failure) => drop(why.try_set(Some(failure))),
            }
        });
    };
    view! {
        <form class="stack" novalidate on:submit=save data-testid="table-form">
            <DraftNote draft />
            <div class="hall-add-numbers">
                <TextField label=t::seats::name value=name required=true test_id="table-name" />
                <TextField label=t::seats::seats_each value=seats error inputmode="numeric" test_id="table-count" />
            </div>
            {move || why.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
            <div class="cluster">
                <Button look=Look::Primary submit=true busy test_id="table-save">{t::seats::save}</Button>
                <Button icon=Glyph::Rotate on_press=move || floor::put(page, id, |table| table.turn = (table.turn + QUARTER) % 360, || ()) test_id="table-turn">
                    {t::seats::turn}
                </Button>
                <Button look=Look::Danger icon=Glyph::Trash on_press=remove test_id="table-remove">{t::seats::remove}</Button>
            </div>
            {move || (guests.get() > 0).then(|| view! { <p class="soft">{t::seats::remove_guests(guests.get())}</p> })}
        </form>
    }
}

/// Gives a seat in the office: the guest's earlier one is given up for it.
fn give_one(page: Page, guest: GuestId, seat: Seat) {
    page.guest.set(None);
    let meeting = page.meeting;
    let (instead_of, name) = untrack(|| replica::read(KINDS, |replica| (seating_of(replica, guest), guest_name(replica, guest))));
    let called =
        untrack(|| replica::read(KINDS, |replica| crate::state::seats::named(replica, seat))).map(|seat| words::seat(&seat)).unwrap_or_default();
    let given = vec![GivenSeat { seating: SeatingId(Uuid::now_v7()), guest, seat, instead_of, no_show: None }];
    say(GiveSeats { meeting, desk: desk_here(meeting), given }, move || t::seats::given(name, called));
}

/// The desk that this device is; untracked.
fn desk_here(meeting: MeetingId) -> Option<shared::ids::DeskId> {
    untrack(|| replica::read(&[Kind::Desk], |replica| crate::state::seats::desk_here(replica, meeting).map(|desk| desk.id)))
}

/// Saves, and says that it is saved, or why not.
pub(super) fn say(command: impl Into<shared::Command>, done: impl FnOnce() -> String + 'static) {
    let command = command.into();
    spawn_local(async move {
        let said = match replica::submit(command).await {
            Ok(()) => untrack(done),
            Err(why) => untrack(|| words::not_saved(&why)),
        };
        toast::show(said);
    });
}
