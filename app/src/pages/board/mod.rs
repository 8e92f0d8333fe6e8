//! The live board of a meeting (clause D7): pictures, each with its age and a table that says the same.

mod heard;
mod pictures;

use crate::components::{Badge, EmptyState, Glyph, Icon, LinkButton, Mood, PageHead};
use crate::pages::seats::numbers;
use crate::replica;
use crate::replica::status::{Reach, status};
use crate::routes::{Place, id_param};
use crate::state::board::{Board, Contact, DealNumbers, DeskRow, HeardByServer, RepRow, Whose, board};
use crate::state::seats::TableCount;
use crate::state::stock::StockCount;
use crate::state::venue::settings;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use pictures::{Share, arrivals_picture, funnel_picture, shares_picture};
use shared::Kind;
use shared::ids::MeetingId;
use shared::money::Currency;
use shared::time::Timestamp;
use std::time::Duration;

const KINDS: &[Kind] = &[
    Kind::Meeting,
    Kind::Guest,
    Kind::CheckIn,
    Kind::Conflict,
    Kind::Deal,
    Kind::User,
    Kind::Settings,
    Kind::Desk,
    Kind::Table,
    Kind::Seating,
    Kind::Item,
    Kind::Handout,
];

/// Numbers that change, each with its age.
#[component]
pub fn BoardPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let now = RwSignal::new(chrono::Utc::now());
    // Ages are told in minutes.
    if let Ok(ticking) = set_interval_with_handle(move || now.set(chrono::Utc::now()), Duration::from_secs(15)) {
        on_cleanup(move || ticking.clear());
    }
    let shown = Memo::new(move |_| {
        let id = meeting.get()?;
        replica::read(KINDS, |replica| {
            let currency = settings(replica).map_or(Currency::Twd, |settings| settings.currency);
            board(replica, id, currency)
        })
    });
    let heard = heard::asked_for(meeting, now);
    let back = Signal::derive(move || meeting.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()));
    let title = move || shown.with(|shown| shown.as_ref().map_or_else(|| t::app::board().to_owned(), |board| board.meeting.plan.theme.clone()));
    view! {
        <div class="board stage" data-testid="board">
            <PageHead title note=t::app::board back />
            {move || match shown.get() {
                Some(board) => whole(board, now, heard).into_any(),
                None => {
                    view! { <EmptyState glyph=Glyph::Chart title=t::board::no_meeting text=t::board::no_meeting_help test_id="board-empty" /> }.into_any()
                }
            }}
        </div>
    }
}

fn whole(board: Board, now: RwSignal<Timestamp>, heard: Signal<Option<HeardByServer>>) -> impl IntoView {
    let conflicts = board.numbers.conflicts;
    let meeting = board.meeting.id;
    let numbers = board.numbers;
    let (last_arrival, last_deal) = (board.last_arrival, board.deals.last);
    let signed = board.deals.signed;
    let unheard = board.unheard();
    view! {
        <div class="board-body">
            <p class="board-age" data-testid="board-fresh">{move || server_age(now.get())}</p>
            {(conflicts > 0).then(|| view! {
                <a class="venue-conflicts" href=Place::Conflicts(meeting).path() data-testid="board-conflicts">
                    <Icon glyph=Glyph::Split />
                    <span>{move || t::board::open_conflicts(conflicts)}</span>
                    <Icon glyph=Glyph::ChevronRight />
                </a>
            })}
            <section class="board-figures" aria-label=t::board::guests>
                {figure(t::board::arrived, numbers.arrived, "board-arrived", true)}
                {figure(t::board::expected, numbers.expected, "board-expected", false)}
                {figure(t::board::confirmed, board.confirmed, "board-confirmed", false)}
                {figure(t::board::walk_ins, numbers.walk_ins, "board-walk-ins", false)}
            </section>
            <section class="board-part" data-testid="board-funnel">
                <h2>{t::board::funnel}</h2>
                {funnel_picture([(t::board::expected, numbers.expected), (t::board::all_arrived, numbers.arrived + numbers.walk_ins), (t::board::signed, signed)])}
            </section>
            <section class="board-part" data-testid="board-arrivals">
                <h2>{t::board::arrivals}</h2>
                <p class="board-age">{move || age(t::board::last_arrival, last_arrival, now.get())}</p>
                {if board.spans.is_empty() {
                    view! { <p class="soft">{t::board::nobody_yet}</p> }.into_any()
                } else {
                    view! { {arrivals_picture(&board.spans)} {arrivals_table(&board)} }.into_any()
                }}
            </section>
            <section class="board-part" data-testid="board-money">
                <h2>{t::board::deals}</h2>
                <p class="board-age">{move || age(t::board::last_deal, last_deal, now.get())}</p>
                {money(board.deals)}
            </section>
            <section class="board-part" data-testid="board-reps">
                <h2>{t::board::by_rep}</h2>
                {shares_picture(board.by_rep.iter().map(|row| share(row.name.clone(), row.arrived, row.expected)).collect())}
                {reps_table(&board)}
            </section>
            {(!board.tables.is_empty()).then(|| tables(&board))}
            {(!board.stock.is_empty()).then(|| stock(&board, now))}
            <section class="board-part" data-testid="board-desks">
                <h2>{t::board::desks}</h2>
                {(unheard > 0).then(|| view! {
                    <p data-testid="board-unheard"><Badge mood=Mood::Warning icon=Glyph::CloudOff>{move || t::board::unheard(unheard)}</Badge></p>
                })}
                {desks(&board, now, heard)}
            </section>
            <nav class="cluster">
                <LinkButton href=Place::VenueDesk(meeting) icon=Glyph::MapPin>{t::app::venue}</LinkButton>
                <LinkButton href=Place::Deals icon=Glyph::Handshake>{t::app::deals}</LinkButton>
            </nav>
        </div>
    }
}

fn figure(label: fn() -> &'static str, count: usize, test_id: &'static str, is_first: bool) -> impl IntoView {
    view! {
        <div class="figure" class:first=is_first>
            <span class="figure-count number" data-testid=test_id>{count}</span>
            <span class="figure-label">{label}</span>
        </div>
    }
}

fn share(name: impl IntoAny, part: usize, whole: usize) -> Share {
    Share { name: name.into_any(), part, whole }
}

/// Who is in, table by table.
fn tables(board: &Board) -> impl IntoView + use<> {
    let named = |table: &TableCount| {
        let (shape, name) = (table.shape, table.name.clone());
        move || words::table(shape, &name)
    };
    view! {
        <section class="board-part" data-testid="board-tables">
            <h2>{t::board::by_table}</h2>
            <p class="board-age">{t::board::by_table_means}</p>
            {shares_picture(board.tables.iter().map(|table| share(named(table), table.arrived, table.given)).collect())}
            <details class="board-table">
                <summary>{t::board::as_table}</summary>
                <table>{numbers(board.tables.clone())}</table>
            </details>
        </section>
    }
}

/// What was handed out of what has arrived.
fn stock(board: &Board, now: RwSignal<Timestamp>) -> impl IntoView + use<> {
    let last = board.stock.iter().filter_map(|item| item.last).max();
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    let row = |item: &StockCount| {
        view! {
            <tr>
                <th scope="row">{item.name.clone()}</th>
                <td class="number">{item.planned}</td>
                <td class="number">{item.arrived}</td>
                <td class="number">{item.handed_out}</td>
                <td class="number">{item.left}</td>
            </tr>
        }
    };
    view! {
        <section class="board-part" data-testid="board-stock">
            <h2>{t::board::stock}</h2>
            <p class="board-age">{move || age(t::board::last_handout, last, now.get())}</p>
            {shares_picture(board.stock.iter().map(|item| share(item.name.clone(), count(item.handed_out), item.arrived as usize)).collect())}
            <details class="board-table">
                <summary>{t::board::as_table}</summary>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t::board::item}</th>
                            <th scope="col">{t::board::planned}</th>
                            <th scope="col">{t::board::come}</th>
                            <th scope="col">{t::board::handed_out}</th>
                            <th scope="col">{t::board::left}</th>
                        </tr>
                    </thead>
                    <tbody>{board.stock.iter().map(row).collect_view()}</tbody>
                </table>
            </details>
        </section>
    }
}

/// How old the server's part is, and what this device has not sent: no number is newer than this.
fn server_age(now: Timestamp) -> String {
    let status = status();
    let server = match (status.reach, status.fresh_at) {
        (_, None) => t::board::never_synced().to_owned(),
        (Reach::Online, Some(at)) => t::board::online_as_of(words::ago(at, now)),
        (_, Some(at)) => t::board::offline_as_of(words::moment(at, words::here(), now)),
    };
    if status.unsent == 0 { server } else { format!("{server} · {}", t::board::unsent_here(status.unsent)) }
}

fn age(words_for: fn(String) -> String, at: Option<Timestamp>, now: Timestamp) -> Option<String> {
    at.map(|at| words_for(words::ago(at, now)))
}

fn money(deals: DealNumbers) -> impl IntoView {
    let whose: fn() -> &'static str = match deals.whose {
        Whose::Everybodys => t::board::whose_all,
        Whose::Teams => t::board::whose_team,
        Whose::Own => t::board::whose_own,
    };
    view! {
        <p><Badge mood=Mood::Info icon=Glyph::Users>{whose}</Badge></p>
        <div class="board-money">
            <div class="figure first">
                <span class="figure-count number" data-testid="board-sold">{words::money(deals.sold)}</span>
                <span class="figure-label">{move || t::board::sold(deals.signed)}</span>
            </div>
            <div class="figure">
                <span class="figure-count number" data-testid="board-received">{words::money(deals.received)}</span>
                <span class="figure-label">{t::board::received}</span>
            </div>
            <div class="figure">
                <span class="figure-count number" data-testid="board-offered">{words::money(deals.offered)}</span>
                <span class="figure-label">{move || t::board::offered(deals.quoted)}</span>
            </div>
        </div>
    }
}

fn arrivals_table(board: &Board) -> impl IntoView + use<> {
    let rows = board.spans.iter().filter(|span| span.arrived > 0);
    let rows: Vec<_> = rows
        .map(|span| view! { <tr><th scope="row">{words::clock(span.from, words::here())}</th><td class="number">{span.arrived}</td></tr> })
        .collect();
    view! {
        <details class="board-table">
            <summary>{t::board::as_table}</summary>
            <table>
                <thead><tr><th scope="col">{t::board::from}</th><th scope="col">{t::board::arrived}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
}

fn reps_table(board: &Board) -> impl IntoView + use<> {
    let row = |row: &RepRow| {
        view! {
            <tr>
                <th scope="row">{row.name.clone()}</th>
                <td class="number">{row.expected}</td>
                <td class="number">{row.arrived}</td>
                <td class="number">{row.walk_ins}</td>
                <td class="number">{row.signed}</td>
                <td class="number">{words::money(row.sold)}</td>
            </tr>
        }
    };
    view! {
        <details class="board-table">
            <summary>{t::board::as_table}</summary>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t::board::rep}</th>
                        <th scope="col">{t::board::expected}</th>
                        <th scope="col">{t::board::arrived}</th>
                        <th scope="col">{t::board::walk_ins}</th>
                        <th scope="col">{t::board::signed}</th>
                        <th scope="col">{t::board::amount}</th>
                    </tr>
                </thead>
                <tbody>{board.by_rep.iter().map(row).collect_view()}</tbody>
            </table>
        </details>
    }
}

fn desks(board: &Board, now: RwSignal<Timestamp>, heard: Signal<Option<HeardByServer>>) -> AnyView {
    if board.desks.is_empty() {
        return view! { <p class="soft">{t::board::no_desk_yet}</p> }.into_any();
    }
    let row = |row: &DeskRow| {
        let last = row.last;
        let contact = {
            let row = row.clone();
            move || heard.with(|heard| heard.as_ref().map(|heard| contact(heard.of(&row), now.get())))
        };
        view! {
            <tr>
                <th scope="row">{row.desk.clone()}</th>
                <td class="number">{row.arrived}</td>
                <td>{move || last.map_or_else(|| t::board::not_heard().to_owned(), |last| words::ago(last, now.get()))}</td>
                <td>{move || contact().unwrap_or_else(|| t::board::contact_unknown().to_owned())}</td>
            </tr>
        }
    };
    let silent = {
        let board = board.clone();
        move || heard.with(|heard| heard.as_ref().map_or(0, |heard| heard.silent(&board, now.get())))
    };
    view! {
        {move || match silent() {
            0 => None,
            silent => Some(view! {
                <p data-testid="board-silent"><Badge mood=Mood::Warning icon=Glyph::CloudOff>{move || t::board::silent(silent)}</Badge></p>
            }),
        }}
        <table class="board-desks">
            <thead>
                <tr>
                    <th scope="col">{t::board::desk}</th>
                    <th scope="col">{t::board::arrived}</th>
                    <th scope="col">{t::board::last_heard}</th>
                    <th scope="col">{t::board::contact}</th>
                </tr>
            </thead>
            <tbody>{board.desks.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn contact(contact: Contact, now: Timestamp) -> String {
    match contact {
        Contact::NoDesk => String::new(),
        Contact::NoDevice => t::board::no_device().to_owned(),
        Contact::Never => t::board::no_contact().to_owned(),
        Contact::At(at) => words::ago(at, now),
    }
}
