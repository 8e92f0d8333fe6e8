//! Logging a contact in seconds: how, what came of it, and if one likes words, a next step, another time (clause G2).

use crate::components::{Button, Chips, Choice, DateTimeField, Glyph, Look, TextArea, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::meetings::day;
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::state::follow_ups::has_bought;
use crate::texts as t;
use crate::words;
use chrono::{NaiveDateTime, TimeDelta};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::contacts::command::LogContact;
use shared::contacts::decide::SATISFACTION;
use shared::contacts::{Came, NextStep, Way};
use shared::follow_ups::Why;
use shared::ids::{ContactId, CustomerId};
use shared::rejection::Field;
use shared::{Kind, Rejection};
use uuid::Uuid;

/// The form. With a task, the contact does it.
#[component]
pub(in crate::pages) fn LogForm(customer: CustomerId, task: Option<Why>, open: RwSignal<bool>) -> impl IntoView {
    let draft = Draft::of(format!("contact/{customer}"));
    let way = draft.field("way", Some(Way::Call));
    let came = draft.field("came", None::<Came>);
    let said = draft.field("words", String::new());
    let satisfaction = draft.field("satisfaction", None::<u8>);
    let (next_on, next_what) = (draft.field("next_on", String::new()), draft.field("next_what", String::new()));
    let at = draft.field("at", None::<NaiveDateTime>);
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let asks = task.is_some_and(Why::is_care) || replica::read(&[Kind::Milestone], |replica| has_bought(replica, customer));
    let command = move || -> Result<LogContact, Rejection> {
        let came = came.get_untracked().ok_or(Rejection::Required { field: Field::Result })?;
        let (on, what) = (next_on.get_untracked(), next_what.get_untracked());
        let next = if on.trim().is_empty() && what.trim().is_empty() { None } else { Some(NextStep { on: day(&on)?, words: what }) };
        let clock = TimeDelta::minutes(words::here().minutes().into());
        Ok(LogContact {
            contact: ContactId(Uuid::now_v7()),
            customer,
            at: at.get_untracked().map(|local| local.and_utc() - clock),
            way: way.get_untracked().unwrap_or(Way::Call),
            came,
            words: said.get_untracked(),
            next,
            satisfaction: satisfaction.get_untracked(),
            task,
        })
    };
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        refused.set(None);
        match command() {
            Err(why) => refused.set(Some(NotSaved::Rejected(why))),
            Ok(command) => {
                busy.set(true);
                spawn_local(async move {
                    let saved = draft.submit(command).await;
                    finish(saved, t::contacts::saved(), busy, refused, open);
                });
            }
        }
    };
    let ways = Signal::derive(|| Way::ALL.map(|way| Choice::new(way, words::way(way))).to_vec());
    let results = Signal::derive(|| Came::ALL.map(|came| Choice::new(came, words::came(came))).to_vec());
    let scores = Signal::derive(|| SATISFACTION.map(|score| Choice::new(score, score.to_string())).collect::<Vec<_>>());
    let unchosen = Signal::derive(move || {
        let is_it = |why: NotSaved| matches!(why, NotSaved::Rejected(Rejection::Required { field: Field::Result }));
        refused.get().is_some_and(is_it).then(|| t::contacts::choose_came().to_owned())
    });
    view! {
        <form class="stack" novalidate on:submit=save data-testid="log-form">
            <DraftNote draft />
            <Refusal refused fields=&[Field::Result, Field::Words, Field::Due, Field::StartsAt, Field::Satisfaction] test_id="log-refused" />
            <Chips label=t::contacts::way options=ways value=way test_id="log-way" />
            <Chips label=t::contacts::came options=results value=came error=unchosen test_id="log-came" />
            <Show when=move || came.get() == Some(Came::DoNotContact)>
                <p class="soft">{t::contacts::do_not_contact_hint}</p>
            </Show>
            {asks.then(|| view! {
                <Chips label=t::contacts::satisfaction options=scores value=satisfaction optional=true error=beside(refused, Field::Satisfaction) test_id="log-satisfaction" />
            })}
            <TextArea label=t::contacts::words value=said error=beside(refused, Field::Words) rows=2 test_id="log-words" />
            <details class="unfold">
                <summary data-testid="log-more">{t::contacts::more}</summary>
                <div class="stack">
                    <TextField label=t::contacts::next_on value=next_on kind="date" error=beside(refused, Field::Due) test_id="log-next-on" />
                    <TextField label=t::contacts::next_what value=next_what test_id="log-next-what" />
                    <DateTimeField label=t::contacts::earlier value=at error=beside(refused, Field::StartsAt) test_id="log-at" />
                </div>
            </details>
            <Button submit=true look=Look::Primary icon=Glyph::Check wide=true busy test_id="log-save">{t::contacts::save}</Button>
        </form>
    }
}
