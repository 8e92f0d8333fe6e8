//! Drawing tables and rows: many at once, in ranks below those that are there.

use super::Page;
use crate::components::{Banner, Button, Chips, Choice, Glyph, Look, Mood, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::NotSaved;
use crate::state::floor_plan::{Batch, laid_out};
use crate::state::stock::number;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::TableId;
use shared::seating::Shape;
use shared::seating::command::PutTables;
use shared::seating::decide::{MOST_AT_ONCE, MOST_SEATS};
use shared::{Field, Rejection};
use std::sync::Arc;
use uuid::Uuid;

/// The form for new tables.
#[component]
pub(super) fn AddTables(page: Page) -> impl IntoView {
    let draft = Draft::of(format!("tables/{}", page.meeting));
    let shape = draft.field("shape", Some(Shape::Round));
    let count = draft.field("count", "10".to_owned());
    let seats = draft.field("seats", "10".to_owned());
    let why = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let shapes = Signal::derive(|| vec![Choice::new(Shape::Round, t::seats::round()), Choice::new(Shape::Row, t::seats::row())]);
    let is_number = |field: RwSignal<String>| Signal::derive(move || number(&field.get()).is_none().then(|| t::seats::not_a_number().to_owned()));
    let (count_error, seats_error) = (is_number(count), is_number(seats));
    let draw = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(tables), Some(each)) = (number(&count.get_untracked()), number(&seats.get_untracked())) else { return };
        let bound = |field, value: u32, max: i64| {
            let within = (1..=max).contains(&i64::from(value));
            if within { Ok(u16::try_from(value).unwrap_or(u16::MAX)) } else { Err(NotSaved::Rejected(Rejection::OutOfRange { field, min: 1, max })) }
        };
        let batch = bound(Field::Table, tables, MOST_AT_ONCE as i64).and_then(|tables| Ok((tables, bound(Field::Seat, each, MOST_SEATS)?)));
        let (tables, seats) = match batch {
            Ok(batch) => batch,
            Err(refused) => return why.set(Some(refused)),
        };
        let there: Vec<_> = page.tables.with_untracked(|tables| tables.values().map(|view| Arc::clone(&view.table)).collect());
        let batch = Batch { shape: shape.get_untracked().unwrap_or(Shape::Round), tables, seats };
        let tables = laid_out(batch, &there, || TableId(Uuid::now_v7()));
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(PutTables { meeting: page.meeting, tables }).await;
            busy.try_set(false);
            why.try_set(saved.err());
        });
    };
    view! {
        <form class="stack card hall-add" novalidate on:submit=draw data-testid="tables-form">
            <h2>{t::seats::add_tables}</h2>
            <DraftNote draft />
            <Chips label=t::seats::shape options=shapes value=shape test_id="tables-shape" />
            <div class="hall-add-numbers">
                <TextField label=t::seats::how_many value=count error=count_error inputmode="numeric" test_id="tables-count" />
                <TextField label=t::seats::seats_each value=seats error=seats_error inputmode="numeric" test_id="tables-seats" />
            </div>
            {move || why.get().map(|why| view! { <Banner mood=Mood::Bad test_id="tables-not-saved">{words::not_saved(&why)}</Banner> })}
            <Button look=Look::Primary submit=true wide=true busy icon=Glyph::Plus test_id="tables-draw">{t::seats::draw}</Button>
        </form>
    }
}
