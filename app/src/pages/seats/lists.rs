//! Beside the floor: what was given twice, who has no seat, and the seats of no-shows.

use super::table::say;
use super::{KINDS, Page, plans};
use crate::components::{Badge, Button, DateTimeField, Glyph, Look, Mood, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica;
use crate::state::seats::{About, Clash, ClashSide, SeatName, TableCount, Waiting, by_table, clashes, filled, no_shows, waiting};
use crate::texts as t;
use crate::words;
use chrono::{TimeDelta, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::ids::SeatingId;
use shared::meetings::Meeting;
use shared::seating::command::{GiveSeats, ReleaseNoShows, RuleSeats, SetNoShowTime};
use shared::seating::count::Why;
use uuid::Uuid;

/// Guests shown before the rest is a number.
const MOST_SHOWN: usize = 60;

/// Seats given twice, each settled by a tap.
#[component]
pub(super) fn Clashes(page: Page) -> impl IntoView {
    let all = Memo::new(move |_| replica::read(KINDS, |replica| clashes(replica, page.meeting, replica.device())));
    move || {
        let all = all.get();
        (!all.is_empty()).then(|| {
            view! {
                <section class="stack" data-testid="seat-clashes">
                    <h2>{t::seats::clashes}</h2>
                    <ul class="cases" role="list">{all.into_iter().map(case).collect_view()}</ul>
                </section>
            }
        })
    }
}

fn case(clash: Clash) -> impl IntoView {
    let title = match &clash.about {
        About::OneSeat(seat) => seat.as_ref().map(words::seat).unwrap_or_default(),
        About::OneGuest(name) => t::seats::clash_guest(name),
    };
    view! {
        <li class="case" data-testid="seat-clash">
            <header class="case-head"><h3>{title}</h3></header>
            <div class="case-sides">{clash.sides.map(side).into_iter().collect_view()}</div>
        </li>
    }
}

fn side(side: ClashSide) -> impl IntoView {
    let (keep, at) = (side.seating, side.at);
    let place = if side.desk.is_empty() { t::seats::office().to_owned() } else { side.desk };
    view! {
        <section class="case-side">
            <p class="case-time">{side.guest}</p>
            <p class="strong">{side.seat.as_ref().map(words::seat)}</p>
            <p>{words::opening(&words::moment(at, words::here(), Utc::now()))}</p>
            <p>{place}" · "{side.by}</p>
            <p class="cluster">
                {side.on_this_device.then(|| view! { <Badge icon=Glyph::Tablet>{t::conflicts::this_device}</Badge> })}
                {side.has_come.then(|| view! { <Badge mood=Mood::Good icon=Glyph::Check>{t::seats::has_come}</Badge> })}
            </p>
            <Button look=Look::Primary wide=true on_press=move || say(RuleSeats { keep }, || t::seats::clash_done().to_owned()) test_id="seat-keep">
                {t::seats::clash_keep}
            </Button>
        </section>
    }
}

/// Who has no seat; a planner seats them all by a tap.
#[component]
pub(super) fn Without(page: Page) -> impl IntoView {
    let all = Memo::new(move |_| replica::read(KINDS, |replica| waiting(replica, page.meeting)));
    let fill = move || {
        let given = untrack(|| replica::read(KINDS, |replica| filled(replica, page.meeting, Utc::now(), || SeatingId(Uuid::now_v7()))));
        let count = given.len();
        if count == 0 {
            return toast::show(untrack(t::seats::fill_none));
        }
        say(GiveSeats { meeting: page.meeting, desk: None, given }, move || t::seats::fill_done(count));
    };
    view! {
        <section class="stack" data-testid="seats-without">
            <div class="cluster">
                <h2>{move || if all.with(Vec::is_empty) { t::seats::everybody_sits().to_owned() } else { t::seats::without_count(all.with(Vec::len)) }}</h2>
                {move || (plans() && !all.with(Vec::is_empty)).then(|| view! {
                    <Button icon=Glyph::Users on_press=fill test_id="seats-fill">{t::seats::fill}</Button>
                })}
            </div>
            <ul class="list" role="list">
                {move || all.get().into_iter().take(MOST_SHOWN).map(|one| waits(page, one)).collect_view()}
            </ul>
            {move || {
                let more = all.with(Vec::len).saturating_sub(MOST_SHOWN);
                (more > 0).then(|| view! { <p class="soft">{t::venue::more_guests(more)}</p> })
            }}
        </section>
    }
}

fn waits(page: Page, one: Waiting) -> impl IntoView {
    let Waiting { who, has_come, lost } = one;
    let guest = who.guest;
    let why = lost.map(|(seat, why)| lost_words(seat.as_ref(), why));
    let note = why.unwrap_or_else(|| [who.company, who.inviter].into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · "));
    let is_chosen = move || page.guest.get() == Some(guest);
    view! {
        <li>
            <button
                type="button"
                class="row"
                data-row
                data-testid="seats-waiting"
                aria-pressed=move || is_chosen().to_string()
                on:click=move |_| page.guest.set(if is_chosen() { None } else { Some(guest) })
            >
                <span class="row-words"><span class="row-title">{who.name}</span><span class="row-note">{note}</span></span>
                <span class="row-end">
                    {has_come.then(|| view! { <Badge mood=Mood::Good icon=Glyph::Check>{t::seats::has_come}</Badge> })}
                    {move || is_chosen().then(|| view! { <Badge mood=Mood::Info icon=Glyph::MapPin>{t::seats::choose_seat}</Badge> })}
                </span>
            </button>
        </li>
    }
}

/// Why somebody's seat is theirs no more.
fn lost_words(seat: Option<&SeatName>, why: Why) -> String {
    let seat = seat.map(words::seat).unwrap_or_default();
    match why {
        Why::Blocked => t::seats::lost_blocked(seat),
        Why::Taken { .. } | Why::HasAnother { .. } => t::seats::lost_taken(seat),
        Why::Gone => t::seats::lost_gone().to_owned(),
    }
}

/// From when on others may have the seats of those who do not come, or now.
#[component]
pub(super) fn NoShows(page: Page) -> impl IntoView {
    let meeting = page.meeting;
    let now = Memo::new(move |_| replica::read(KINDS, |replica| no_shows(replica, meeting)));
    let offset = untrack(|| replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.utc_offset)))
        .unwrap_or_else(words::here);
    let shift = TimeDelta::minutes(i64::from(offset.minutes()));
    let draft = Draft::of(format!("no-shows/{meeting}"));
    let after = draft.field("after", now.get_untracked().0.map(|at| (at + shift).naive_utc()));
    let busy = RwSignal::new(false);
    let set = move || {
        let after = after.get_untracked().map(|local| local.and_utc() - shift);
        busy.set(true);
        spawn_local(async move {
            let said = match draft.submit(SetNoShowTime { meeting, after }).await {
                Ok(()) => untrack(|| t::seats::saved().to_owned()),
                Err(why) => untrack(|| words::not_saved(&why)),
            };
            busy.try_set(false);
            toast::show(said);
        });
    };
    let release = move || {
        let seatings: Vec<_> = now.get_untracked().1.into_iter().take(shared::seating::decide::MOST_AT_ONCE).collect();
        say(ReleaseNoShows { meeting, seatings }, || t::seats::no_shows_done().to_owned());
    };
    view! {
        <section class="stack card" data-testid="no-shows">
            <h2>{t::seats::no_shows}</h2>
            <DraftNote draft />
            <DateTimeField label=t::seats::no_shows_after value=after hint=t::seats::no_shows_hint test_id="no-shows-after" />
            <div class="cluster">
                <Button busy on_press=set icon=Glyph::Clock test_id="no-shows-set">{t::seats::no_shows_set}</Button>
                {move || {
                    let count = now.with(|(_, seatings)| seatings.len());
                    (count > 0).then(|| view! { <Button icon=Glyph::UserX on_press=release test_id="no-shows-now">{t::seats::no_shows_now(count)}</Button> })
                }}
            </div>
        </section>
    }
}

/// The picture in numbers, for whoever cannot see it or wants to read it.
#[component]
pub(super) fn InNumbers(page: Page) -> impl IntoView {
    let all = Memo::new(move |_| replica::read(KINDS, |replica| by_table(replica, page.meeting)));
    view! {
        <details class="card" data-testid="seats-in-numbers">
            <summary>{t::seats::in_numbers}</summary>
            <table class="figures">{move || numbers(all.get())}</table>
        </details>
    }
}

/// Places, seats given and guests who have come, table by table: the head and the rows.
pub(in crate::pages) fn numbers(tables: Vec<TableCount>) -> impl IntoView {
    let row = |count: TableCount| {
        view! {
            <tr>
                <th scope="row">{move || words::table(count.shape, &count.name)}</th>
                <td class="number">{count.usable}</td>
                <td class="number">{count.given}</td>
                <td class="number">{count.arrived}</td>
            </tr>
        }
    };
    view! {
        <thead>
            <tr>
                <th scope="col">{t::seats::table}</th>
                <th scope="col">{t::seats::places}</th>
                <th scope="col">{t::seats::given_count}</th>
                <th scope="col">{t::seats::come_count}</th>
            </tr>
        </thead>
        <tbody>{tables.into_iter().map(row).collect_view()}</tbody>
    }
}
