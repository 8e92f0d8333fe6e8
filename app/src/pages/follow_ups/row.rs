//! One task: one tap calls, one logs what came of it, one puts it off or hands it over.

use super::change::ChangeForm;
use super::log::LogForm;
use crate::components::{Badge, Button, Glyph, Icon, Mood, Sheet};
use crate::platform::deep_link;
use crate::routes::Place;
use crate::state::follow_ups::{Row, other_hands};
use crate::state::phones::spoken;
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use shared::follow_ups::tasks::Hands;

/// Which task is being logged or changed. The sheets are beside the list: a task that is done leaves it, and a sheet within its row would go with it.
#[derive(Clone, Copy)]
pub(in crate::pages) struct Acting {
    chosen: RwSignal<Option<Row>>,
    logging: RwSignal<bool>,
    changing: RwSignal<bool>,
}

impl Acting {
    /// None yet.
    pub(in crate::pages) fn new() -> Self {
        Self { chosen: RwSignal::new(None), logging: RwSignal::new(false), changing: RwSignal::new(false) }
    }

    fn log(self, row: Row) {
        self.chosen.set(Some(row));
        self.logging.set(true);
    }

    fn change(self, row: Row) {
        self.chosen.set(Some(row));
        self.changing.set(true);
    }
}

/// One task of a list.
#[component]
pub(in crate::pages) fn TaskRow(row: Row, acting: Acting) -> impl IntoView {
    let (name, salutation) = (row.name.clone(), row.salutation);
    let called = move || words::called(&name, salutation);
    let (title, to_call, to_log, to_change) = (called.clone(), called.clone(), called.clone(), called);
    let noted = row.clone();
    let note = move || note_words(&noted);
    let inside = view! {
        <span class="row-words">
            <span class="row-title">{title}</span>
            <span class="row-note">{note}</span>
        </span>
    };
    let main = if row.is_held {
        view! { <a class="task-main" data-row href=Place::Customer(row.task.customer).path()>{inside}</a> }.into_any()
    } else {
        view! { <div class="task-main">{inside}</div> }.into_any()
    };
    let with = matches!(row.task.hands, Hands::With(_));
    let call = row.phone.as_ref().filter(|_| !with).map(|phone| {
        let (href, number) = (deep_link::call(phone), spoken(phone));
        let label = move || t::follow_ups::call(to_call());
        view! { <a class="button icon-only" href=href title=number aria-label=label data-testid="follow-up-call"><Icon glyph=Glyph::Phone /></a> }
    });
    let (logged, changed) = (row.clone(), row.clone());
    view! {
        <li class="row task" data-testid="follow-up" data-overdue=row.overdue.to_string()>
            {main}
            {row.overdue.then(|| view! { <Badge mood=Signal::stored(Mood::Bad)>{t::follow_ups::overdue}</Badge> })}
            <span class="task-acts">
                {call}
                {(!with).then(move || view! {
                    <Button icon=Glyph::Check label=move || t::follow_ups::log(to_log()) on_press=move || acting.log(logged.clone()) test_id="follow-up-log" />
                })}
                <Button
                    icon=Glyph::EllipsisVertical
                    label=move || t::follow_ups::other(to_change())
                    on_press=move || acting.change(changed.clone())
                    test_id="follow-up-change"
                />
            </span>
        </li>
    }
}

fn note_words(row: &Row) -> String {
    let mut parts = vec![words::why(row.task.why, &row.about)];
    if !row.about.is_empty() && !matches!(row.task.why, shared::follow_ups::Why::Promised { .. }) {
        parts.push(row.about.clone());
    }
    if let Some(until) = row.task.snoozed {
        parts.push(t::follow_ups::asleep(words::day_of(until)));
    } else {
        // The day that ends then, not the one that begins.
        let last = row.task.due - chrono::TimeDelta::seconds(1);
        parts.push(t::follow_ups::until(words::day(last, words::here(), Utc::now())));
    }
    if let Some(user) = other_hands(&row.task) {
        let name = words::person(user);
        parts.push(if matches!(row.task.hands, Hands::From(_)) { t::follow_ups::from(name) } else { t::follow_ups::with(name) });
    }
    if !row.words.is_empty() {
        parts.push(row.words.clone());
    }
    parts.join(" · ")
}

/// The sheets of a list of tasks.
#[component]
pub(in crate::pages) fn TaskSheets(acting: Acting) -> impl IntoView {
    let Acting { chosen, logging, changing } = acting;
    let title = move || chosen.with(|row| row.as_ref().map(|row| words::called(&row.name, row.salutation))).unwrap_or_default();
    view! {
        <Sheet title=title open=logging test_id="log-sheet">
            {move || chosen.get().map(|row| view! { <LogForm customer=row.task.customer task=Some(row.task.why) open=logging /> })}
        </Sheet>
        <Sheet title=title open=changing test_id="follow-up-sheet">
            {move || chosen.get().map(|row| view! { <ChangeForm row open=changing /> })}
        </Sheet>
    }
}
