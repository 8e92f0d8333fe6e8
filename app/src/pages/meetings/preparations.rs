//! What is to be done before a meeting: the list on its page, and the sheets of a task (clause C2).

use super::detail::duty_words;
use crate::components::{Badge, Banner, Button, Choice, Glyph, List, ListRow, Look, Mood, Select, Sheet, TextArea, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::state::preparations::{Line, noon, owners, tasks_of};
use crate::texts as t;
use crate::words;
use chrono::{NaiveDate, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::{MeetingId, PreparationId};
use shared::meetings::{Meeting, MeetingState};
use shared::people::Role;
use shared::preparations::command::{AddPreparation, EditPreparation, Progress, SetPreparationState};
use shared::preparations::decide::may_add;
use shared::preparations::{Owner, Preparation, PreparationState};
use shared::rejection::Field;
use shared::time::UtcOffset;
use shared::{Command, Kind, Rejection};
use std::sync::Arc;
use uuid::Uuid;

const KINDS: [Kind; 3] = [Kind::Preparation, Kind::Meeting, Kind::User];

/// The tasks of a meeting.
#[component]
pub(super) fn Preparations(meeting: Arc<Meeting>) -> impl IntoView {
    let (id, clock) = (meeting.id, meeting.plan.utc_offset);
    let takes_place = meeting.state == MeetingState::Planned;
    let lines = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        replica::read(&KINDS, |replica| tasks_of(replica, &actor, &meeting, Utc::now()))
    });
    let adds = move || takes_place && replica::actor().is_some_and(|actor| may_add(actor.role));
    let (adding, looking) = (RwSignal::new(false), RwSignal::new(false));
    let chosen = RwSignal::new(None::<PreparationId>);
    let look = move |id| {
        chosen.set(Some(id));
        looking.set(true);
    };
    let line = Memo::new(move |_| chosen.get().and_then(|id| lines.with(|lines| lines.iter().find(|line| line.task.id == id).cloned())));
    view! {
        <section class="stack" data-testid="preparations">
            <h2>{t::preparations::title}</h2>
            {move || {
                let lines = lines.get();
                if lines.is_empty() {
                    return view! { <p class="soft">{t::preparations::none}</p> }.into_any();
                }
                let rows = lines.into_iter().map(|line| row(line, clock, look)).collect_view();
                view! { <List label=t::preparations::title test_id="preparation-list">{rows}</List> }.into_any()
            }}
            {move || adds().then(|| view! { <div><Button icon=Glyph::Plus on_press=move || adding.set(true) test_id="preparation-add">{t::preparations::add}</Button></div> })}
        </section>
        <Sheet title=t::preparations::add open=adding test_id="preparation-sheet">
            <TaskForm meeting=id clock task=None open=adding />
        </Sheet>
        <Sheet title=t::preparations::task open=looking test_id="preparation-sheet">
            {move || line.get().map(|line| view! { <TaskSheet line meeting=id clock open=looking /> })}
        </Sheet>
    }
}

fn row(line: Line, clock: UtcOffset, look: impl Fn(PreparationId) + Copy + Send + Sync + 'static) -> impl IntoView {
    let task = line.task;
    let id = task.id;
    let (icon, note_of) = (state_icon(&task.state), task.clone());
    let note =
        move || format!("{} · {}", owner_words(note_of.owner), t::preparations::until(words::day(noon(note_of.due, clock), clock, Utc::now())));
    let state = task.state.clone();
    let end = move || {
        let state = state.clone();
        match (&state, line.overdue) {
            (_, true) => Some(view! { <Badge mood=Signal::stored(Mood::Bad)>{t::preparations::overdue}</Badge> }.into_any()),
            (PreparationState::Open, false) => None,
            _ => {
                let mood = Signal::stored(if matches!(state, PreparationState::Done { .. }) { Mood::Good } else { Mood::Info });
                Some(view! { <Badge mood>{state_words(&state)}</Badge> }.into_any())
            }
        }
    };
    view! { <ListRow icon note end on_press=move || look(id) test_id="preparation-row">{task.what.clone()}</ListRow> }
}

const fn state_icon(state: &PreparationState) -> Glyph {
    match state {
        PreparationState::Open => Glyph::Clock,
        PreparationState::Doing { .. } => Glyph::Pencil,
        PreparationState::Done { .. } => Glyph::CircleCheck,
        PreparationState::Dropped { .. } => Glyph::Ban,
    }
}

fn state_words(state: &PreparationState) -> &'static str {
    match state {
        PreparationState::Open => t::preparations::open(),
        PreparationState::Doing { .. } => t::preparations::doing(),
        PreparationState::Done { .. } => t::preparations::done(),
        PreparationState::Dropped { .. } => t::preparations::dropped(),
    }
}

/// Whose task it is, in words; tracked.
pub(in crate::pages) fn owner_words(owner: Owner) -> String {
    match owner {
        Owner::Person { user } => words::person(user),
        Owner::Role { role: Role::Rep } => t::preparations::all_reps().to_owned(),
        Owner::Role { role } => words::role(role).to_owned(),
        Owner::Duty { duty } => t::preparations::on_duty(duty_words(duty)),
    }
}

/// One task: how far it is, and, for whoever may, what it is.
#[component]
fn TaskSheet(line: Line, meeting: MeetingId, clock: UtcOffset, open: RwSignal<bool>) -> impl IntoView {
    let Line { task, may_tell, may_change, .. } = line;
    let told = match &task.state {
        PreparationState::Open => None,
        PreparationState::Doing { by, at } | PreparationState::Done { by, at } | PreparationState::Dropped { by, at, .. } => Some((*by, *at)),
    };
    let reason = match &task.state {
        PreparationState::Dropped { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    let state = task.state.clone();
    let shown = task.clone();
    view! {
        <p><strong>{task.what.clone()}</strong></p>
        {(!task.note.is_empty()).then(|| view! { <p class="written">{task.note.clone()}</p> })}
        <p class="soft">
            {move || format!("{} · {}", owner_words(shown.owner), t::preparations::until(words::day(noon(shown.due, clock), clock, Utc::now())))}
        </p>
        <p class="soft" data-testid="preparation-state">
            {move || state_words(&state)}
            {told.map(|(by, at)| move || format!(" · {} · {}", words::person(by), words::ago(at, Utc::now())))}
            {reason.map(|reason| format!(" · {reason}"))}
        </p>
        {may_tell.then(|| view! { <HowFar task=task.clone() open /> })}
        {may_change.then(|| view! { <details class="unfold"><summary data-testid="preparation-edit">{t::preparations::change}</summary><TaskForm meeting clock task=Some(task.clone()) open /></details> })}
    }
}

/// Begun, done, not needed, open again: one tap each, but for the reason.
#[component]
fn HowFar(task: Arc<Preparation>, open: RwSignal<bool>) -> impl IntoView {
    let id = task.id;
    let draft = Draft::of(format!("preparation-dropped/{id}"));
    let reason = draft.field("reason", String::new());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let send = move |progress: Progress| {
        failure.set(None);
        busy.set(true);
        let drops = matches!(progress, Progress::Dropped { .. });
        let command = SetPreparationState { preparation: id, progress };
        spawn_local(async move {
            let saved = if drops { draft.submit(command).await } else { replica::submit(command).await };
            finish(saved, t::preparations::saved(), busy, failure, open);
        });
    };
    let is_open = task.state.is_open();
    let begun = matches!(task.state, PreparationState::Doing { .. });
    view! {
        {move || failure.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
        <div class="cluster">
            {(is_open && !begun).then(|| view! { <Button on_press=move || send(Progress::Doing) test_id="preparation-doing">{t::preparations::begin}</Button> })}
            {is_open.then(|| view! { <Button look=Look::Primary icon=Glyph::Check on_press=move || send(Progress::Done) test_id="preparation-done">{t::preparations::finish}</Button> })}
            {(!is_open).then(|| view! { <Button icon=Glyph::Undo on_press=move || send(Progress::Open) test_id="preparation-reopen">{t::preparations::reopen}</Button> })}
        </div>
        {is_open.then(|| {
            let drop_it = move || send(Progress::Dropped { reason: reason.get_untracked() });
            view! {
                <details class="unfold">
                    <summary data-testid="preparation-drop">{t::preparations::drop}</summary>
                    <div class="stack">
                        <DraftNote draft />
                        <TextField label=t::fields::reason value=reason test_id="preparation-reason" />
                        <Button icon=Glyph::Ban on_press=drop_it busy test_id="preparation-drop-now">{t::preparations::drop_now}</Button>
                    </div>
                </details>
            }
        })}
    }
}

/// The form of a task.
#[component]
fn TaskForm(meeting: MeetingId, clock: UtcOffset, task: Option<Arc<Preparation>>, open: RwSignal<bool>) -> impl IntoView {
    let editing = task.as_ref().map(|task| task.id);
    let draft = Draft::of(editing.map_or_else(|| format!("preparation-of/{meeting}"), |id| format!("preparation/{id}")));
    let what = draft.field("what", task.as_ref().map(|task| task.what.clone()).unwrap_or_default());
    let note = draft.field("note", task.as_ref().map(|task| task.note.clone()).unwrap_or_default());
    let owner = draft.field("owner", task.as_ref().map(|task| task.owner));
    let due = draft.field("due", task.as_ref().map(|task| task.due.to_string()).unwrap_or_default());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let command = move || -> Result<Command, Rejection> {
        let (what, note) = (what.get_untracked(), note.get_untracked());
        let owner = owner.get_untracked().ok_or(Rejection::Required { field: Field::Owner })?;
        let due = day(&due.get_untracked())?;
        Ok(match editing {
            Some(preparation) => EditPreparation { preparation, what, note, owner, due }.into(),
            None => AddPreparation { preparation: PreparationId(Uuid::now_v7()), meeting, what, note, owner, due }.into(),
        })
    };
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        failure.set(None);
        match command() {
            Err(why) => failure.set(Some(NotSaved::Rejected(why))),
            Ok(command) => {
                busy.set(true);
                spawn_local(async move {
                    let saved = draft.submit(command).await;
                    finish(saved, t::preparations::saved(), busy, failure, open);
                });
            }
        }
    };
    let choices =
        Signal::derive(|| replica::read(&[Kind::User], owners).into_iter().map(|owner| Choice::new(owner, owner_words(owner))).collect::<Vec<_>>());
    view! {
        <form class="stack" novalidate on:submit=save data-testid="preparation-form">
            <DraftNote draft />
            <Refusal refused=failure fields=&[Field::Task, Field::Description, Field::Owner, Field::Due] test_id="preparation-refused" />
            <TextField label=t::fields::task value=what hint=t::preparations::no_customers error=beside(failure, Field::Task) test_id="preparation-what" />
            <Select label=t::preparations::whose options=choices value=owner none=t::preparations::choose_owner error=beside(failure, Field::Owner) test_id="preparation-owner" />
            <TextField label=t::preparations::due value=due kind="date" hint=move || clock_hint(clock) error=beside(failure, Field::Due) test_id="preparation-due" />
            <TextArea label=t::preparations::note value=note error=beside(failure, Field::Description) rows=3 test_id="preparation-note" />
            <Button submit=true look=Look::Primary wide=true busy test_id="preparation-save">{t::app::save}</Button>
        </form>
    }
}

/// Says whose clock a day counts on, where it is not this device's.
fn clock_hint(clock: UtcOffset) -> String {
    if clock == words::here() { String::new() } else { t::meetings::on_clock().to_owned() }
}

/// A day as a date field gives it.
pub(in crate::pages) fn day(typed: &str) -> Result<NaiveDate, Rejection> {
    match typed.trim() {
        "" => Err(Rejection::Required { field: Field::Due }),
        typed => NaiveDate::parse_from_str(typed, "%Y-%m-%d").map_err(|_| Rejection::Malformed { field: Field::Due }),
    }
}
