//! The floor: every table where it stands, drawn and dragged by finger, pen, mouse and keys. A table that moves is drawn anew, and no other.

use super::Page;
use crate::components::{Button, Glyph, toast};
use crate::replica;
use crate::state::floor_plan::{QUARTER, SEAT_RADIUS, drawn, half_size, moved_by_key, seat_places, snapped, table_radius, view_box};
use crate::state::seats::{SeatState, TableView};
use crate::texts as t;
use crate::words;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::{KeyboardEvent, PointerEvent};
use shared::ids::{MeetingId, TableId};
use shared::seating::Shape;
use shared::seating::command::{DrawnTable, PutTables};
use std::sync::Arc;

/// A table under way.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Drag {
    table: TableId,
    /// From the pointer to the table's middle.
    grip: (f64, f64),
    at: (i32, i32),
    has_moved: bool,
}

/// The floor under a finger.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hand {
    Empty,
    /// The page beneath is pushed; where the finger was last.
    Pushes(f64, f64),
    Holds(Drag),
}

/// The hall's floor.
#[component]
pub(super) fn Floor(page: Page) -> impl IntoView {
    let Page { tables, is_arranging, .. } = page;
    let ids = Memo::new(move |_| tables.with(|tables| tables.keys().copied().collect::<Vec<_>>()));
    let frame = Memo::new(move |_| tables.with(|tables| view_box(&tables.values().map(|view| Arc::clone(&view.table)).collect::<Vec<_>>())));
    let hand = RwSignal::new(Hand::Empty);
    let zoom = RwSignal::new(100_u16);
    let (floor, window) = (NodeRef::<Div>::new(), NodeRef::<Div>::new());
    // Centimetres of the hall under the pointer.
    let place = move |event: &PointerEvent| {
        let rect = floor.get_untracked()?.get_bounding_client_rect();
        let [left, top, width, _] = frame.get_untracked().map(f64::from);
        let scale = width / rect.width().max(1.0);
        Some((left + (f64::from(event.client_x()) - rect.left()) * scale, top + (f64::from(event.client_y()) - rect.top()) * scale))
    };
    let capture = move |event: &PointerEvent| {
        if let Some(floor) = floor.get_untracked() {
            // Without capture, a table that leaves the floor would be held for ever.
            drop(floor.set_pointer_capture(event.pointer_id()));
        }
    };
    let grip = Callback::new(move |(id, event): (TableId, PointerEvent)| {
        if !is_arranging.get_untracked() || !event.is_primary() || event.button() != 0 {
            return;
        }
        let Some((x, y)) = place(&event) else { return };
        let Some((tx, ty)) = tables.with_untracked(|tables| tables.get(&id).map(|view| (view.table.x, view.table.y))) else { return };
        event.prevent_default();
        event.stop_propagation();
        capture(&event);
        hand.set(Hand::Holds(Drag { table: id, grip: (f64::from(tx) - x, f64::from(ty) - y), at: (tx, ty), has_moved: false }));
    });
    let down = move |event: PointerEvent| {
        if is_arranging.get_untracked() && event.is_primary() {
            capture(&event);
            hand.set(Hand::Pushes(f64::from(event.client_x()), f64::from(event.client_y())));
        }
    };
    let moved = move |event: PointerEvent| match hand.get_untracked() {
        Hand::Holds(drag) if event.is_primary() => {
            let Some((x, y)) = place(&event) else { return };
            let at = snapped(x + drag.grip.0, y + drag.grip.1);
            if at != drag.at {
                hand.set(Hand::Holds(Drag { at, has_moved: true, ..drag }));
            }
        }
        Hand::Pushes(x, y) if event.is_primary() => {
            let (now_x, now_y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            if let Some(window) = window.get_untracked() {
                window.set_scroll_left(window.scroll_left() - (now_x - x).round() as i32);
                window.set_scroll_top(window.scroll_top() - (now_y - y).round() as i32);
            }
            hand.set(Hand::Pushes(now_x, now_y));
        }
        Hand::Holds(_) | Hand::Pushes(..) | Hand::Empty => {}
    };
    let up = move |_: PointerEvent| match hand.get_untracked() {
        Hand::Holds(drag) if drag.has_moved => put(page, drag.table, move |table| (table.x, table.y) = drag.at, move || hand.set(Hand::Empty)),
        Hand::Holds(drag) => {
            hand.set(Hand::Empty);
            page.open(drag.table);
        }
        Hand::Pushes(..) | Hand::Empty => hand.set(Hand::Empty),
    };
    let steps = move |by: i32| zoom.update(|zoom| *zoom = (i32::from(*zoom) + by).clamp(50, 400).unsigned_abs() as u16);
    view! {
        <section class="hall">
            <div class="cluster">
                <Button icon=Glyph::Plus label=t::seats::larger on_press=move || steps(50) test_id="hall-larger" />
                <Button icon=Glyph::Minus label=t::seats::smaller on_press=move || steps(-50) test_id="hall-smaller" />
                {move || is_arranging.get().then(|| view! { <p class="soft">{t::seats::arrange_help}</p> })}
            </div>
            <div class="hall-window" node_ref=window tabindex="0" role="group" aria-label=t::seats::title>
                <div
                    class="hall-floor"
                    class:arranging=move || is_arranging.get()
                    node_ref=floor
                    style:width=move || format!("{}%", zoom.get())
                    data-testid="hall-floor"
                    on:pointerdown=down
                    on:pointermove=moved
                    on:pointerup=up
                    on:pointercancel=move |_| hand.set(Hand::Empty)
                >
                    <svg viewBox=move || frame.get().map(|side| side.to_string()).join(" ")>
                        {stage(frame)}
                        <For each=move || ids.get() key=|id| *id children=move |id| view! { <OneTable page id hand grip /> } />
                    </svg>
                </div>
            </div>
        </section>
    }
}

fn stage(frame: Memo<[i32; 4]>) -> impl IntoView {
    let across = move |part: fn(i32, i32) -> i32| {
        let [left, _, width, _] = frame.get();
        part(left, width).to_string()
    };
    view! {
        <g class="hall-stage" aria-hidden="true">
            <rect x=move || across(|left, width| left + width / 4) y="-130" width=move || across(|_, width| width / 2) height="80" rx="12" />
            <text x=move || across(|left, width| left + width / 2) y="-90">{t::seats::stage}</text>
        </g>
    }
}

#[component]
fn OneTable(page: Page, id: TableId, hand: RwSignal<Hand>, grip: Callback<(TableId, PointerEvent)>) -> impl IntoView {
    let view = Memo::new(move |_| page.tables.with(|tables| tables.get(&id).cloned()));
    // Only the table that is held follows the hand.
    let held = Memo::new(move |_| match hand.get() {
        Hand::Holds(drag) if drag.table == id => Some(drag.at),
        _ => None,
    });
    let by_key = RwSignal::new(None::<(i32, i32)>);
    let stands = Memo::new(move |_| {
        let view = view.get()?;
        let (x, y) = held.get().or(by_key.get()).unwrap_or((view.table.x, view.table.y));
        Some((x, y, view.table.turn))
    });
    let transform = move || stands.get().map(|(x, y, turn)| format!("translate({x} {y}) rotate({turn})"));
    let upright = move || stands.get().map(|(_, _, turn)| format!("rotate({})", -i32::from(turn)));
    let label = move || {
        let view = view.get()?;
        Some(t::seats::table_label(words::table(view.table.shape, &view.table.name), view.usable(), view.taken()))
    };
    let keys = move |event: KeyboardEvent| {
        let key = event.key();
        if key == "Enter" || key == " " {
            event.prevent_default();
            page.open(id);
        }
        if !page.is_arranging.get_untracked() {
            return;
        }
        if let Some((x, y, _)) = stands.get_untracked()
            && let Some(next) = moved_by_key(&key, event.shift_key(), (x, y))
        {
            event.prevent_default();
            by_key.set(Some(next));
        } else if key == "r" || key == "R" {
            event.prevent_default();
            put(page, id, |table| table.turn = (table.turn + QUARTER) % 360, || ());
        }
    };
    // A key that is held down moves on; the place is saved when it is let go.
    let keys_up = move |_: KeyboardEvent| {
        if let Some(at) = by_key.get_untracked() {
            put(page, id, move |table| (table.x, table.y) = at, move || by_key.set(None));
        }
    };
    view! {
        <g transform=transform>
            <g
                class="hall-table"
                class:held=move || held.get().is_some()
                tabindex="0"
                role="button"
                aria-label=label
                data-testid="hall-table"
                data-table=id.to_string()
                on:pointerdown=move |event| grip.run((id, event))
                on:click=move |_| if !page.is_arranging.get_untracked() { page.open(id) }
                on:keydown=keys
                on:keyup=keys_up
                on:blur=move |_| if let Some(at) = by_key.get_untracked() {
                    put(page, id, move |table| (table.x, table.y) = at, move || by_key.set(None));
                }
            >
                {move || view.get().map(|view| drawing(&view))}
            </g>
            // Beside the button: its label says the same, in whole words.
            <g class="hall-words" transform=upright aria-hidden="true">{move || view.get().map(|view| drawn_words(&view))}</g>
        </g>
    }
}

fn drawing(view: &TableView) -> impl IntoView + use<> {
    let table = &view.table;
    let (half_x, half_y) = half_size(table.shape, table.seats);
    let body = match table.shape {
        Shape::Round => view! { <circle class="hall-body" r=table_radius(table.seats).round().to_string() /> }.into_any(),
        Shape::Row => view! {
            <rect class="hall-body" x=(-half_x).to_string() y=(-half_y).to_string() width=(2 * half_x).to_string() height=(2 * half_y).to_string() rx="14" />
        }
        .into_any(),
    };
    let places = seat_places(table.shape, table.seats);
    let seat = |((x, y), seat): ((i32, i32), &crate::state::seats::SeatView)| {
        let class = match &seat.state {
            SeatState::Free if seat.leased.is_some() => "seat leased",
            SeatState::Free => "seat free",
            SeatState::Blocked => "seat blocked",
            SeatState::Taken { is_disputed: true, .. } => "seat disputed",
            SeatState::Taken { has_come: true, .. } => "seat come",
            SeatState::Taken { .. } => "seat taken",
        };
        // A blocked seat is crossed out, a disputed one pointed: told apart without colour.
        let mark = match &seat.state {
            SeatState::Blocked => Some(view! { <path class="seat-mark" d=format!("M{} {}l20 20m0 -20l-20 20", x - 10, y - 10) /> }.into_any()),
            SeatState::Taken { is_disputed: true, .. } => Some(view! { <path class="seat-mark" d=format!("M{x} {}v14m0 6v2", y - 12) /> }.into_any()),
            SeatState::Taken { has_come: true, .. } => Some(view! { <path class="seat-mark" d=format!("M{} {y}l7 8l13 -15", x - 10) /> }.into_any()),
            SeatState::Free | SeatState::Taken { .. } => None,
        };
        view! { <circle class=class cx=x.to_string() cy=y.to_string() r=SEAT_RADIUS.to_string() /> {mark} }
    };
    let seats = places.into_iter().zip(&view.seats).map(seat).collect_view();
    view! { {body} {seats} }
}

fn drawn_words(view: &TableView) -> AnyView {
    let table = &view.table;
    let (name, filled) = (table.name.clone(), t::seats::filled(view.usable(), view.taken()));
    match table.shape {
        Shape::Round => view! { <text class="hall-name" y="-6">{name}</text> <text class="hall-count" y="26">{filled}</text> }.into_any(),
        Shape::Row => {
            let (half_x, _) = half_size(table.shape, table.seats);
            view! { <text class="hall-name" x=(-half_x - 34).to_string() y="6">{name}</text> }.into_any()
        }
    }
}

/// Saves a changed table; `done` runs when it is saved or refused.
pub(super) fn put(page: Page, id: TableId, change: impl FnOnce(&mut DrawnTable), done: impl FnOnce() + 'static) {
    let Some(mut table) = page.tables.with_untracked(|tables| tables.get(&id).map(|view| drawn(&view.table))) else { return done() };
    change(&mut table);
    save(page.meeting, vec![table], done);
}

/// Saves tables as drawn.
pub(super) fn save(meeting: MeetingId, tables: Vec<DrawnTable>, done: impl FnOnce() + 'static) {
    spawn_local(async move {
        if let Err(why) = replica::submit(PutTables { meeting, tables }).await {
            toast::show(untrack(|| words::not_saved(&why)));
        }
        done();
    });
}
