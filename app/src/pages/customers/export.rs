//! Customers as a file (clause A7): why is asked, kept, and durable before the file is given.

use crate::components::{Banner, Button, Chips, Choice, Look, Mood, Progress, TextArea, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::exports::TableFile;
use crate::platform::clock;
use crate::platform::give::Given;
use crate::replica::{self, NotSaved};
use crate::state::customers::Filter;
use crate::state::exports::{Writing, filters};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::exports::Format;
use shared::exports::command::RecordExport;
use shared::exports::decide::exports;
use shared::exports::table::Table;
use shared::ids::{CustomerId, ExportId};
use std::sync::Arc;
use uuid::Uuid;

/// Work between two drawings of the page, in milliseconds.
const BUSY_MS: f64 = 16.0;
const CUSTOMERS_PER_STEP: usize = 50;

/// Whether whoever is here may export at all; tracked.
pub(super) fn may_export() -> bool {
    replica::actor().is_some_and(|actor| exports(&actor))
}

/// What is on the list now, and how it was chosen.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) ids: Arc<Vec<CustomerId>>,
    pub(super) words: String,
    pub(super) filter: Filter,
}

/// Why there is no file.
#[derive(Clone, Debug, PartialEq)]
enum Failed {
    NotSaved(NotSaved),
    NoClerk,
    Nobody,
    Unreadable,
    NotTaken,
}

/// Asks in which form and why, and gives the file.
#[component]
pub(super) fn ExportForm(chosen: Chosen, open: RwSignal<bool>) -> impl IntoView {
    let draft = Draft::of("export");
    let format = draft.field("format", Some(Format::Xlsx));
    let reason = draft.field("reason", String::new());
    let is_tried = RwSignal::new(false);
    let lacks_reason = Memo::new(move |_| is_tried.get() && reason.with(|reason| reason.trim().is_empty()));
    let error = Signal::derive(move || lacks_reason.get().then(|| t::exports::reason_needed().to_owned()));
    let failed = RwSignal::new(None::<Failed>);
    let (busy, stopping) = (RwSignal::new(false), RwSignal::new(false));
    let done = RwSignal::new(0_usize);
    let formats = Signal::derive(|| vec![Choice::new(Format::Xlsx, t::exports::xlsx()), Choice::new(Format::Csv, t::exports::csv())]);
    let count = chosen.ids.len();
    on_cleanup(move || {
        let _ = stopping.try_set(true);
    });
    let export = move || {
        is_tried.set(true);
        failed.set(None);
        let Some(format) = format.get_untracked().filter(|_| !lacks_reason.get_untracked()) else { return };
        busy.set(true);
        stopping.set(false);
        done.set(0);
        let (chosen, reason) = (chosen.clone(), reason.get_untracked());
        spawn_local(async move {
            let given = give(chosen, format, reason, draft, done, stopping).await;
            let _ = busy.try_set(false);
            match given {
                Ok(Some(rows)) => {
                    toast::show(t::exports::done(rows));
                    let _ = open.try_set(false);
                }
                Ok(None) => {}
                Err(why) => {
                    let _ = failed.try_set(Some(why));
                }
            }
        });
    };
    view! {
        <div class="stack">
            <strong data-testid="export-count">{move || t::exports::how_many(count)}</strong>
            <Banner mood=Mood::Warning>{t::exports::privacy}</Banner>
            <DraftNote draft />
            <Chips label=t::exports::format options=formats value=format test_id="export-format" />
            <TextArea label=t::exports::reason hint=t::exports::reason_hint value=reason error test_id="export-reason" />
            {move || failed.get().map(|why| view! { <Banner mood=Mood::Bad test_id="export-failed">{words_of(&why)}</Banner> })}
            <Show when=move || busy.get()>
                <Progress label=t::exports::writing done=done total=Signal::stored(Some(count)) on_cancel=move || stopping.set(true) />
            </Show>
            <Button look=Look::Primary wide=true busy on_press=export test_id="export-now">{t::exports::now}</Button>
        </div>
    }
}

/// Writes the file, keeps that it is given, and gives it. None if it was stopped before.
async fn give(
    chosen: Chosen,
    format: Format,
    reason: String,
    draft: Draft,
    done: RwSignal<usize>,
    stopping: RwSignal<bool>,
) -> Result<Option<u32>, Failed> {
    let goes_on = move || !stopping.try_get_untracked().unwrap_or(true);
    let Some((rows, table)) = write(&chosen, done, goes_on).await? else { return Ok(None) };
    if rows == 0 {
        return Err(Failed::Nobody);
    }
    let file = TableFile::write(t::exports::file_name(), &table, &[], format).await.ok_or(Failed::NoClerk)?;
    if !goes_on() {
        return Ok(None);
    }
    let export = RecordExport { export: ExportId(Uuid::now_v7()), reason, format, rows, filters: filters(&chosen.words, &chosen.filter) };
    draft.submit(export).await.map_err(Failed::NotSaved)?;
    let name = format!("{}-{}", t::exports::file_name(), Utc::now().format("%Y%m%d-%H%M"));
    match file.give(&name).await {
        Given::Yes => Ok(Some(rows)),
        Given::No => Err(Failed::NotTaken),
    }
}

/// In steps between which the page draws.
async fn write(chosen: &Chosen, done: RwSignal<usize>, goes_on: impl Fn() -> bool) -> Result<Option<(u32, Table)>, Failed> {
    let actor = replica::actor().ok_or(Failed::Nobody)?;
    let mut writing = Writing::begin(chosen.ids.to_vec());
    let mut until = clock::ms() + BUSY_MS;
    while !replica::read(&[], |replica| writing.step(replica, &actor, CUSTOMERS_PER_STEP)).map_err(|_| Failed::Unreadable)? {
        if clock::ms() >= until {
            let _ = done.try_set(writing.done());
            TimeoutFuture::new(0).await;
            until = clock::ms() + BUSY_MS;
        }
        if !goes_on() {
            return Ok(None);
        }
    }
    let _ = done.try_set(writing.done());
    Ok(Some(writing.finish()))
}

fn words_of(why: &Failed) -> String {
    match why {
        Failed::NotSaved(why) => words::not_saved(why),
        Failed::NoClerk => t::exports::no_clerk().to_owned(),
        Failed::Nobody => t::exports::nobody().to_owned(),
        Failed::Unreadable => t::exports::unreadable().to_owned(),
        Failed::NotTaken => t::exports::not_taken().to_owned(),
    }
}
