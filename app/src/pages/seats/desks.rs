//! The desks of a meeting: which device each is, and which seats it may give.

use super::table::say;
use super::{KINDS, plans};
use crate::components::{Badge, Banner, Button, ChipsMany, Choice, EmptyState, Glyph, LinkButton, Look, Mood, PageHead, Sheet, TextField, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::platform::desk;
use crate::replica::{self, NotSaved};
use crate::routes::{Place, id_param};
use crate::state::seats::{BlockView, DeskView, desks, tables};
use crate::texts as t;
use crate::words;
use chrono::{TimeDelta, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::ids::{DeskId, MeetingId, TableId};
use shared::meetings::Meeting;
use shared::seating::command::{EditDesk, LeaseSeats, OpenDesk, ReturnSeats, StaffDesk};
use shared::seating::{Desk, DeskStanding, SeatRange};
use std::sync::Arc;
use uuid::Uuid;

/// How long after the meeting's end a lease runs on.
const AFTER_THE_END: TimeDelta = TimeDelta::hours(1);

/// The desks of the address.
#[component]
pub fn DesksPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    move || meeting.get().map(|meeting| view! { <Desks meeting /> })
}

#[component]
fn Desks(meeting: MeetingId) -> impl IntoView {
    let all = Memo::new(move |_| replica::read(KINDS, |replica| desks(replica, meeting, Utc::now())));
    let leasing = RwSignal::new(None::<DeskId>);
    let is_open = RwSignal::new(false);
    let lease = Callback::new(move |(desk,): (DeskId,)| {
        leasing.set(Some(desk));
        is_open.set(true);
    });
    view! {
        <div class="desks-page" data-testid="desks">
            <PageHead title=t::seats::desks back=Signal::stored(Place::VenueDesk(meeting).path())>
                <LinkButton href=Place::Seats(meeting) icon=Glyph::Users test_id="desks-seats">{t::seats::to_seats}</LinkButton>
            </PageHead>
            <div class="page-content">
                {move || {
                    let desks = all.get();
                    if desks.is_empty() {
                        view! { <EmptyState glyph=Glyph::Tablet title=t::seats::desk_none text=t::seats::desk_none_help test_id="desks-none" /> }.into_any()
                    } else {
                        view! { <ul class="cases" role="list">{desks.into_iter().map(|view| desk_card(view, lease)).collect_view()}</ul> }.into_any()
                    }
                }}
                <AddDesk meeting />
            </div>
            <Sheet title=t::seats::block_give open=is_open test_id="lease-sheet">
                {move || leasing.get().map(|desk| view! { <Lease meeting desk on_done=Callback::new(move |()| is_open.set(false)) /> })}
            </Sheet>
        </div>
    }
}

fn desk_card(view: DeskView, lease: Callback<(DeskId,)>) -> impl IntoView {
    let DeskView { desk, staffed_by, is_here, is_predicted, block } = view;
    let id = desk.id;
    let is_closed = desk.standing == DeskStanding::Closed;
    let is_somebodys = desk.staffed.is_some() && !is_here;
    let runs = block.as_ref().is_some_and(|block| block.runs);
    let (asks_take_over, sure) = (is_somebodys && runs, RwSignal::new(false));
    let take = {
        let desk = Arc::clone(&desk);
        move |take_over: bool| become_desk(&desk, take_over)
    };
    let (take_now, take_over) = (take.clone(), take);
    let stand = {
        let name = desk.name.clone();
        move |standing: DeskStanding| say(EditDesk { desk: id, name: name.clone(), standing }, || t::seats::saved().to_owned())
    };
    let (close, open) = (stand.clone(), stand);
    let by = staffed_by.clone();
    let staffed = if is_here {
        view! { <Badge mood=Mood::Good icon=Glyph::Tablet>{t::seats::desk_here}</Badge> }.into_any()
    } else if desk.staffed.is_some() {
        view! { <Badge icon=Glyph::Tablet>{move || t::seats::desk_of(&staffed_by)}</Badge> }.into_any()
    } else {
        view! { <span class="soft">{t::seats::desk_nobody}</span> }.into_any()
    };
    view! {
        <li class="case" data-testid="desk" data-here=is_here.to_string()>
            <header class="case-head">
                <h2>{desk.name.clone()}</h2>
                <p class="cluster">
                    {is_closed.then(|| view! { <Badge icon=Glyph::Ban>{t::seats::desk_closed}</Badge> })}
                    {(!is_closed).then_some(staffed)}
                    {(is_here && is_predicted).then(|| view! { <Badge mood=Mood::Warning icon=Glyph::Clock>{t::seats::desk_waiting}</Badge> })}
                </p>
                <p>{block_words(block.as_ref())}</p>
            </header>
            <div class="case-side">
                {move || sure.get().then(|| {
                    let (by, take_over) = (by.clone(), take_over.clone());
                    view! {
                        <Banner mood=Mood::Warning test_id="desk-sure">
                            <p>{move || t::seats::desk_take_over_sure(&by)}</p>
                            <Button look=Look::Danger on_press=move || take_over(true) test_id="desk-take-over">{t::seats::desk_take_over}</Button>
                        </Banner>
                    }
                })}
                <div class="cluster">
                    {(!is_here && !is_closed).then(|| {
                        let press = move || if asks_take_over { sure.set(true) } else { take_now(false) };
                        let words = if asks_take_over { t::seats::desk_take_over } else { t::seats::desk_take };
                        view! { <Button look=Look::Primary icon=Glyph::Tablet on_press=press test_id="desk-take">{words}</Button> }
                    })}
                    {move || (plans() && !is_closed).then(|| view! {
                        <Button icon=Glyph::Users on_press=move || lease.run((id,)) test_id="desk-lease">{t::seats::block_give}</Button>
                    })}
                    {(block.is_some() && (is_here || !is_somebodys)).then(|| view! {
                        <Button icon=Glyph::Undo on_press=move || say(ReturnSeats { desk: id }, || t::seats::block_returned().to_owned()) test_id="desk-return">
                            {t::seats::block_return}
                        </Button>
                    })}
                    {(!is_closed).then(|| view! {
                        <Button icon=Glyph::Ban on_press=move || close(DeskStanding::Closed) test_id="desk-close">{t::seats::desk_close}</Button>
                    })}
                    {is_closed.then(|| view! { <Button on_press=move || open(DeskStanding::Open) test_id="desk-reopen">{t::seats::desk_open}</Button> })}
                </div>
            </div>
        </li>
    }
}

fn block_words(block: Option<&BlockView>) -> String {
    let Some(block) = block else { return t::seats::block_none().to_owned() };
    let name = |(name, part): &(String, Option<(u16, u16)>)| part.map_or_else(|| name.clone(), |(from, to)| t::seats::block_part(from, name, to));
    let tables = block.tables.iter().map(name).collect::<Vec<_>>().join(", ");
    let at = words::moment(block.until, words::here(), Utc::now());
    let until = if block.runs { t::seats::block_until(at) } else { t::seats::block_over(at) };
    format!("{} · {until}", t::seats::block_of(block.free, block.seats, tables))
}

/// This device becomes a desk, and is called so where a guest is let in.
fn become_desk(to_be: &Desk, take_over: bool) {
    let (command, name) = (StaffDesk { desk: to_be.id, take_over }, to_be.name.clone());
    spawn_local(async move {
        let said = match replica::submit(command).await {
            Ok(()) => {
                desk::set_name(name.clone());
                untrack(|| t::seats::desk_taken(name))
            }
            Err(why) => untrack(|| words::not_saved(&why)),
        };
        toast::show(said);
    });
}

#[component]
fn AddDesk(meeting: MeetingId) -> impl IntoView {
    let draft = Draft::of(format!("desk/{meeting}"));
    let name = draft.field("name", String::new());
    let (why, busy) = (RwSignal::new(None::<NotSaved>), RwSignal::new(false));
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(OpenDesk { desk: DeskId(Uuid::now_v7()), meeting, name: name.get_untracked() }).await;
            busy.try_set(false);
            if saved.is_ok() {
                name.try_set(String::new());
            }
            why.try_set(saved.err());
        });
    };
    let error = Signal::derive(move || why.get().map(|why| words::not_saved(&why)));
    view! {
        <form class="stack card" novalidate on:submit=add data-testid="desk-form">
            <DraftNote draft />
            <TextField label=t::seats::desk_name value=name error test_id="desk-new-name" />
            <Button submit=true busy icon=Glyph::Plus test_id="desk-add">{t::seats::desk_add}</Button>
        </form>
    }
}

/// Which tables a desk gives. Parts of a table stay as they are while its table stays chosen.
#[component]
fn Lease(meeting: MeetingId, desk: DeskId, on_done: Callback<()>) -> impl IntoView {
    let (known, all) = untrack(|| replica::read(KINDS, |replica| (replica.noun::<Desk>(desk).cloned(), tables(replica, meeting))));
    let before: Vec<SeatRange> = known.as_ref().and_then(|desk| desk.block.as_ref()).map(|block| block.seats.clone()).unwrap_or_default();
    let draft = Draft::of(format!("lease/{desk}"));
    let mut chosen: Vec<TableId> = before.iter().map(|range| range.table).collect();
    chosen.dedup();
    let chosen = draft.field("tables", chosen);
    let options = {
        let all = all.clone();
        Signal::derive(move || all.iter().map(|table| Choice::new(table.id, words::table(table.shape, &table.name))).collect::<Vec<_>>())
    };
    let (why, busy) = (RwSignal::new(None::<NotSaved>), RwSignal::new(false));
    let save = move || {
        let part = |table: &TableId| before.iter().filter(|range| range.table == *table).copied().collect::<Vec<_>>();
        let whole =
            |table: &TableId| all.iter().find(|known| known.id == *table).map(|known| SeatRange { table: known.id, from: 1, to: known.seats });
        let seats: Vec<SeatRange> = chosen.with_untracked(|chosen| {
            let of = |table: &TableId| if part(table).is_empty() { whole(table).into_iter().collect() } else { part(table) };
            chosen.iter().flat_map(of).collect()
        });
        let ends = untrack(|| replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.ends_at)));
        let until = ends.unwrap_or_else(Utc::now).max(Utc::now()) + AFTER_THE_END;
        let name = known.as_ref().map(|desk| desk.name.clone()).unwrap_or_default();
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(LeaseSeats { desk, seats, until }).await;
            busy.try_set(false);
            match saved {
                Ok(()) => {
                    toast::show(untrack(|| t::seats::block_saved(name)));
                    on_done.run(());
                }
                Err(failure) => drop(why.try_set(Some(failure))),
            }
        });
    };
    view! {
        <div class="stack" data-testid="lease-form">
            <DraftNote draft />
            <ChipsMany label=t::seats::block_choose options value=chosen test_id="lease-tables" />
            <p class="soft">{t::seats::block_hours}</p>
            {move || why.get().map(|why| view! { <Banner mood=Mood::Bad test_id="lease-not-saved">{words::not_saved(&why)}</Banner> })}
            <Button look=Look::Primary wide=true busy on_press=save test_id="lease-save">{t::seats::block_save}</Button>
        </div>
    }
}
