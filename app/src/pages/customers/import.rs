//! Customers from a file (clause A2): choose, look, match, check, import; every step can be stopped or taken back.

use crate::components::{Banner, Button, EmptyState, Glyph, Icon, LinkButton, Look, Mood, PageHead, Progress, toast};
use crate::platform::clerk::{self, Unread};
use crate::platform::{file, remembered};
use crate::replica::{self, NotSaved};
use crate::routes::Place;
use crate::state::import::{Book, Checked, Checking, LastImport, Opened};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::customers::command::UndoImport;
use shared::customers::import::{Encoding, Mapping, Refusal, Settings, check_size, is_workbook};
use shared::ids::{CustomerId, ImportId};
use shared::phone::Country;
use std::sync::Arc;
use uuid::Uuid;

mod columns;
mod preview;

use columns::Columns;
use preview::Preview;

/// Where the import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Choose,
    Reading,
    Matching,
    Checking,
    Preview,
    Saving,
    Done,
}

/// Why a file was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    File(Refusal),
    Browser,
    /// What reads spreadsheets is not on this device yet.
    NoClerk,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Outcome {
    import: Option<ImportId>,
    saved: usize,
    created: usize,
    updated: usize,
    bad: usize,
    stopped: bool,
}

/// The whole import, shared by the steps' views.
#[derive(Clone, Copy)]
struct Desk {
    phase: RwSignal<Phase>,
    refused: RwSignal<Option<Refused>>,
    done: RwSignal<usize>,
    total: RwSignal<Option<usize>>,
    stopping: RwSignal<bool>,
    opened: RwSignal<Option<Opened>>,
    checked: RwSignal<Option<Checked>>,
    result: RwSignal<Outcome>,
    failure: RwSignal<Option<NotSaved>>,
}

const LAST: &str = "last-import";
/// Work between two drawings of the page, in milliseconds: well under a frame's 50.
const BUSY_MS: f64 = 16.0;
const ROWS_PER_STEP: usize = 50;

/// Customers from a file.
#[component]
pub fn ImportPage() -> impl IntoView {
    let desk = Desk {
        phase: RwSignal::new(Phase::Choose),
        refused: RwSignal::new(None),
        done: RwSignal::new(0),
        total: RwSignal::new(None),
        stopping: RwSignal::new(false),
        opened: RwSignal::new(None),
        checked: RwSignal::new(None),
        result: RwSignal::new(Outcome::default()),
        failure: RwSignal::new(None),
    };
    on_cleanup(move || {
        let _ = desk.stopping.try_set(true);
    });
    let may = move || replica::actor().is_some_and(|actor| actor.role.sells());
    view! {
        <PageHead title=t::import::title back=Place::Customers />
        {move || if may() {
            view! { <div class="page-content import" data-testid="import">{move || step(desk)}</div> }.into_any()
        } else {
            view! { <EmptyState glyph=Glyph::Lock title=t::import::not_for_you /> }.into_any()
        }}
    }
}

fn step(desk: Desk) -> AnyView {
    let stop = move || desk.stopping.set(true);
    let working = |label: fn() -> &'static str| view! { <Progress label done=desk.done total=desk.total on_cancel=stop /> }.into_any();
    match desk.phase.get() {
        Phase::Choose => view! { <Choose desk /> }.into_any(),
        Phase::Reading => working(t::import::reading),
        Phase::Matching => view! { <Columns desk /> }.into_any(),
        Phase::Checking => working(t::import::checking),
        Phase::Preview => view! { <Preview desk /> }.into_any(),
        Phase::Saving => working(t::import::saving),
        Phase::Done => view! { <Done desk /> }.into_any(),
    }
}

#[component]
fn Choose(desk: Desk) -> impl IntoView {
    let over = RwSignal::new(false);
    let input = NodeRef::<leptos::html::Input>::new();
    let take = move |files: Option<web_sys::FileList>| {
        if let Some(chosen) = files.and_then(|files| files.get(0)) {
            read(desk, chosen.into());
        }
    };
    let dropped = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        take(event.data_transfer().and_then(|transfer| transfer.files()));
    };
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            take(input.files());
            // The same file can be chosen again after it was mended.
            input.set_value("");
        }
    };
    view! {
        {move || desk.refused.get().map(|why| view! {
            <Banner mood=Mood::Bad test_id="import-refused">
                <span>{refused_words(why)}</span>
                <span>{t::import::x_safe}</span>
            </Banner>
        })}
        <label
            class="drop"
            class:over=move || over.get()
            on:dragover=move |event| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <span class="empty-drawing"><Icon glyph=Glyph::FileSpreadsheet /></span>
            <span class="button primary">{t::import::choose_file}</span>
            <span class="soft drop-words">{t::import::drop_here}</span>
            <input
                class="unseen"
                node_ref=input
                type="file"
                accept=".xlsx,.xlsm,.csv,.tsv,.txt,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv,text/plain,text/tab-separated-values"
                aria-label=t::import::choose_file
                data-testid="import-file"
                on:change=chosen
            />
        </label>
        <p class="soft">{t::import::lead}</p>
        <LastOne />
    }
}

/// The import before, as long as it can be taken back.
#[component]
fn LastOne() -> impl IntoView {
    let last = RwSignal::new(remembered::get::<Option<LastImport>>(LAST).flatten());
    move || {
        last.get().map(|one| {
            view! {
                <div class="card stack">
                    <strong>{move || t::import::last(one.rows, words::ago(one.at, Utc::now()))}</strong>
                    <p class="soft">{t::import::undo_text}</p>
                    <UndoButton import=one.import on_undone=Callback::new(move |()| last.set(None)) />
                </div>
            }
        })
    }
}

#[component]
fn UndoButton(import: ImportId, on_undone: Callback<()>) -> impl IntoView {
    let failure = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let undo = move || {
        busy.set(true);
        spawn_local(async move {
            let undone = replica::submit(UndoImport { import }).await;
            let _ = busy.try_set(false);
            match undone {
                Ok(()) => {
                    remembered::set(LAST, &None::<LastImport>);
                    toast::show(t::import::undone());
                    on_undone.run(());
                }
                Err(why) => {
                    let _ = failure.try_set(Some(why));
                }
            }
        });
    };
    view! {
        {move || failure.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
        <Button icon=Glyph::Undo busy on_press=undo test_id="import-undo">{t::import::undo}</Button>
    }
}

#[component]
fn Done(desk: Desk) -> impl IntoView {
    let result = desk.result.get_untracked();
    let title = move || if result.stopped { t::import::stopped(result.saved) } else { t::import::done(result.saved) };
    let undone = Callback::new(move |()| desk.phase.set(Phase::Choose));
    view! {
        {move || desk.failure.get().map(|why| view! {
            <Banner mood=Mood::Bad test_id="import-failed">
                <span>{words::not_saved(&why)}</span>
                <span>{move || t::import::failed_at(result.saved)}</span>
            </Banner>
        })}
        <div class="card stack" data-testid="import-done">
            <h2 class="cluster"><Icon glyph=Glyph::CircleCheck />{title}</h2>
            <p>{move || t::import::done_text(result.bad, result.created, result.updated)}</p>
            <div class="cluster">
                <LinkButton href=Place::Customers look=Look::Primary icon=Glyph::Users test_id="import-to-list">{t::import::to_list}</LinkButton>
                <Button icon=Glyph::Upload on_press=move || desk.phase.set(Phase::Choose) test_id="import-again">{t::import::again}</Button>
            </div>
        </div>
        {result.import.filter(|_| result.saved > 0).map(|import| view! {
            <div class="card stack">
                <p class="soft">{t::import::undo_text}</p>
                <UndoButton import on_undone=undone />
            </div>
        })}
    }
}

impl Desk {
    fn begin(self, phase: Phase, total: Option<usize>) {
        self.stopping.set(false);
        self.done.set(0);
        self.total.set(total);
        self.phase.set(phase);
    }

    /// Whether to go on; false too once the page is gone.
    fn goes_on(self) -> bool {
        !self.stopping.try_get_untracked().unwrap_or(true)
    }
}

/// Reads a chosen file: its size first, so that a huge one is refused before a byte is read.
fn read(desk: Desk, chosen: gloo_file::File) {
    desk.refused.set(None);
    desk.failure.set(None);
    if let Err(why) = check_size(chosen.size()) {
        return desk.refused.set(Some(Refused::File(why)));
    }
    desk.begin(Phase::Reading, Some(usize::try_from(chosen.size()).unwrap_or(usize::MAX) >> 10));
    spawn_local(async move {
        let read = file::read(&chosen, |bytes| {
            let _ = desk.done.try_set(usize::try_from(bytes >> 10).unwrap_or(usize::MAX));
            desk.goes_on()
        });
        let outcome = match read.await {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => match is_workbook(&bytes) {
                Ok(true) => {
                    let _ = desk.total.try_set(None);
                    open_sheet(desk, bytes.into(), None).await
                }
                Ok(false) => Opened::open(bytes, text, recall).map(Some).map_err(Refused::File),
                Err(why) => Err(Refused::File(why)),
            },
            Err(file::Unreadable) => Err(Refused::Browser),
        };
        match outcome {
            Ok(Some(opened)) => {
                let _ = desk.opened.try_set(Some(opened));
                let _ = desk.phase.try_set(Phase::Matching);
            }
            Ok(None) => {
                let _ = desk.phase.try_set(Phase::Choose);
            }
            Err(why) => {
                let _ = desk.refused.try_set(Some(why));
                let _ = desk.phase.try_set(Phase::Choose);
            }
        }
    });
}

/// Has a sheet of a workbook read: the wished one, or the first with something in it. None if it was stopped.
async fn open_sheet(desk: Desk, bytes: Arc<[u8]>, wished: Option<usize>) -> Result<Option<Opened>, Refused> {
    match clerk::read(&bytes, wished, || desk.goes_on()).await {
        Ok(found) => {
            let book = Book { sheets: found.sheets, chosen: found.chosen };
            Opened::of_sheet(bytes, text, book, found.text, recall).map(Some).map_err(Refused::File)
        }
        Err(Unread::Refused(why)) => Err(Refused::File(why)),
        Err(Unread::NoWorker) => Err(Refused::NoClerk),
        Err(Unread::Stopped) => Ok(None),
    }
}

/// Another sheet of the same workbook; the one before stays if it cannot be read.
fn choose_sheet(desk: Desk, sheet: usize) {
    let Some(opened) = desk.opened.get_untracked() else { return };
    desk.refused.set(None);
    desk.begin(Phase::Reading, None);
    spawn_local(async move {
        match open_sheet(desk, opened.bytes(), Some(sheet)).await {
            Ok(Some(opened)) => {
                let _ = desk.opened.try_set(Some(opened));
            }
            Ok(None) => {}
            Err(why) => {
                let _ = desk.refused.try_set(Some(why));
            }
        }
        let _ = desk.phase.try_set(Phase::Matching);
    });
}

fn recall(signature: &str) -> Option<Mapping> {
    remembered::get(&columns_slot(signature))
}

/// Reads and judges all rows, in steps between which the page draws.
fn check(desk: Desk) {
    let (Some(opened), Some(actor)) = (desk.opened.get_untracked(), replica::actor()) else { return };
    if let Some(signature) = opened.signature() {
        remembered::set(&columns_slot(&signature), &opened.mapping);
    }
    let country = replica::read(&[], |replica| replica.all::<shared::settings::Settings>().next().map(|settings| settings.country));
    let settings = Settings { country: country.unwrap_or(Country::Tw), at: Utc::now() };
    desk.begin(Phase::Checking, Some(100));
    spawn_local(async move {
        TimeoutFuture::new(0).await;
        let mut checking = replica::read(&[], |replica| Checking::begin(&opened, settings, replica));
        let mut until = js_sys::Date::now() + BUSY_MS;
        loop {
            match replica::read(&[], |replica| checking.step(replica, &actor, ROWS_PER_STEP)) {
                Ok(Some(checked)) => {
                    let _ = desk.checked.try_set(Some(checked));
                    let _ = desk.phase.try_set(Phase::Preview);
                    return;
                }
                Ok(None) => {}
                Err(_) => {
                    let _ = desk.phase.try_set(Phase::Matching);
                    return;
                }
            }
            if js_sys::Date::now() >= until {
                let _ = desk.done.try_set(checking.permille / 10);
                TimeoutFuture::new(0).await;
                until = js_sys::Date::now() + BUSY_MS;
            }
            if !desk.goes_on() {
                let _ = desk.phase.try_set(Phase::Matching);
                return;
            }
        }
    });
}

/// Saves the good rows part by part. Stopped or refused half-way, what is in stays in and can be undone.
fn save(desk: Desk) {
    let import = ImportId(Uuid::now_v7());
    let planned = desk.checked.with_untracked(|checked| {
        let checked = checked.as_ref()?;
        replica::read(&[], |replica| checked.plan(replica, import, || CustomerId(Uuid::now_v7()))).ok()
    });
    let Some(plan) = planned else { return };
    let all: usize = plan.commands.iter().map(|command| command.rows.len()).sum();
    desk.failure.set(None);
    desk.begin(Phase::Saving, Some(all));
    spawn_local(async move {
        let mut saved = 0;
        for command in plan.commands {
            let rows = command.rows.len();
            if let Err(why) = replica::submit(command).await {
                let _ = desk.failure.try_set(Some(why));
                break;
            }
            saved += rows;
            remembered::set(LAST, &Some(LastImport { import, at: Utc::now(), rows: saved }));
            let _ = desk.done.try_set(saved);
            TimeoutFuture::new(0).await;
            if !desk.goes_on() {
                break;
            }
        }
        let stopped = saved < all;
        let (created, updated) = if stopped { (saved.min(plan.created), saved.saturating_sub(plan.created)) } else { (plan.created, plan.updated) };
        let _ = desk.result.try_set(Outcome { import: Some(import), saved, created, updated, bad: plan.bad, stopped });
        let _ = desk.phase.try_set(Phase::Done);
    });
}

fn text(bytes: &[u8], encoding: Encoding) -> String {
    file::text(bytes, encoding.label())
}

fn columns_slot(signature: &str) -> String {
    format!("import-columns/{signature}")
}

fn refused_words(why: Refused) -> String {
    use t::import as i;
    match why {
        Refused::Browser => i::x_unreadable_file().to_owned(),
        Refused::File(Refusal::Empty) => i::x_empty().to_owned(),
        Refused::File(Refusal::TooLarge { bytes, max }) => i::x_too_large(max >> 20, bytes >> 20),
        Refused::NoClerk => i::x_no_clerk().to_owned(),
        Refused::File(Refusal::OtherSpreadsheet) => i::x_other_spreadsheet().to_owned(),
        Refused::File(Refusal::Locked) => i::x_locked().to_owned(),
        Refused::File(Refusal::Broken) => i::x_broken().to_owned(),
        Refused::File(Refusal::TooLargeInside { max }) => i::x_too_large_inside(max >> 20),
        Refused::File(Refusal::TooManySheets { max }) => i::x_too_many_sheets(max),
        Refused::File(Refusal::TooManyCells { max }) => i::x_too_many_cells(max),
        Refused::File(Refusal::NothingShown) => i::x_nothing_shown().to_owned(),
        Refused::File(Refusal::Binary) => i::x_not_text().to_owned(),
        Refused::File(Refusal::UnknownEncoding) => i::x_unknown_encoding().to_owned(),
        Refused::File(Refusal::TooManyRows { max }) => i::x_too_many_rows(max - 1),
        Refused::File(Refusal::TooManyColumns { max }) => i::x_too_many_columns(max),
    }
}

/// Something changed in the file's reading: the kinds of records do not matter here, only the file does.
fn reopened(desk: Desk, opened: Result<Opened, Refusal>) {
    match opened {
        Ok(opened) => {
            desk.refused.set(None);
            desk.opened.set(Some(opened));
        }
        Err(why) => desk.refused.set(Some(Refused::File(why))),
    }
}

/// Names of customers in the preview.
fn customer_name(id: CustomerId) -> String {
    replica::read(&[Kind::Customer], |replica| replica.noun::<shared::customers::Customer>(id).map(|customer| customer.profile.name.clone()))
        .unwrap_or_default()
}
