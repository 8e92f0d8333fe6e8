//! One complaint: what was done, and what comes next.

use crate::components::{Button, Chips, Choice, Glyph, LinkButton, Look, Select, TextArea, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::meetings::day;
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::routes::Place;
use crate::state::complaints::{Line, handlers, usual_deadline};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::complaints::command::{AssignComplaint, NoteComplaintStep, ReopenComplaint, SettleComplaint, TellComplainant};
use shared::complaints::{Complaint, ComplaintState};
use shared::contacts::Way;
use shared::ids::UserId;
use shared::rejection::Field;
use shared::{Command, Kind, Rejection};
use std::sync::Arc;

/// Everything about one, and what the person may do.
#[component]
pub(in crate::pages) fn ComplaintSheet(line: Line, open: RwSignal<bool>) -> impl IntoView {
    let Line { complaint, works, sees_to, .. } = line;
    let (customer, deal, state) = (complaint.customer, complaint.deal, complaint.state);
    let (by, at, severity, handler, deadline) =
        (complaint.reported_by, complaint.reported_at, complaint.severity, complaint.handler, complaint.deadline);
    let steps = complaint.steps.clone();
    let has_steps = !steps.is_empty();
    let step = |step: shared::complaints::ComplaintStep| {
        let (by, at) = (step.by, step.at);
        view! {
            <li class="event">
                <span class="row-words">
                    <span class="written">{move || words::step_taken(&step.what)}</span>
                    <span class="row-note">{move || format!("{} · {}", words::person(by), words::ago(at, Utc::now()))}</span>
                </span>
            </li>
        }
    };
    view! {
        <p class="written"><strong>{complaint.what.clone()}</strong></p>
        <p class="soft">
            {move || {
                let whose = handler.map_or_else(|| t::complaints::nobody().to_owned(), words::person);
                format!("{} · {whose} · {}", words::severity(severity), t::complaints::until(words::day_of(deadline)))
            }}
        </p>
        <p class="soft">{move || t::complaints::reported_by(words::person(by), words::ago(at, Utc::now()))}</p>
        <div class="cluster">
            <LinkButton href=Place::Customer(customer) icon=Glyph::User>{t::complaints::unknown_customer}</LinkButton>
            {deal.map(|deal| view! { <LinkButton href=Place::Deal(deal) icon=Glyph::Handshake>{t::app::deals}</LinkButton> })}
        </div>
        <section class="stack">
            <h3>{t::complaints::steps}</h3>
            {(!has_steps).then(|| view! { <p class="soft">{t::complaints::no_steps}</p> })}
            <ol class="timeline" data-testid="complaint-steps">{steps.into_iter().map(step).collect_view()}</ol>
        </section>
        {works.then(|| view! { <Acts complaint=complaint.clone() state sees_to open /> })}
        {sees_to.then(|| view! {
            <details class="unfold">
                <summary data-testid="complaint-assign">{t::complaints::assign}</summary>
                <AssignForm complaint=complaint.clone() open />
            </details>
        })}
    }
}

/// What comes next, and a note at any time.
#[component]
fn Acts(complaint: Arc<Complaint>, state: ComplaintState, sees_to: bool, open: RwSignal<bool>) -> impl IntoView {
    let id = complaint.id;
    let draft = Draft::of(format!("complaint-step/{id}"));
    let said = draft.field("said", String::new());
    let way = draft.field("way", Some(Way::Call));
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let send = move |command: Command, done: &'static str| {
        refused.set(None);
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(command).await;
            finish(saved, done, busy, refused, open);
        });
    };
    let note = move || send(NoteComplaintStep { complaint: id, words: said.get_untracked() }.into(), t::complaints::noted());
    let settle = move || send(SettleComplaint { complaint: id, outcome: said.get_untracked() }.into(), t::complaints::settled_now());
    let tell = move || {
        let way = way.get_untracked().unwrap_or(Way::Call);
        send(TellComplainant { complaint: id, way, words: said.get_untracked() }.into(), t::complaints::told_now());
    };
    let reopen = move || {
        let deadline = replica::read(&[], |replica| usual_deadline(replica, complaint.severity, Utc::now())).unwrap_or(complaint.deadline);
        send(ReopenComplaint { complaint: id, reason: said.get_untracked(), deadline }.into(), t::complaints::reopened());
    };
    let error = Signal::derive(move || {
        let fields = [Field::Words, Field::Result, Field::Reason];
        fields.iter().find_map(|field| beside(refused, *field).get())
    });
    let label = move || match state {
        ComplaintState::Open => t::complaints::step(),
        ComplaintState::Settled => t::complaints::reply(),
        ComplaintState::Told => t::complaints::reopen_why(),
    };
    let ways = Signal::derive(|| Way::ALL.map(|way| Choice::new(way, words::way(way))).to_vec());
    view! {
        <div class="stack" data-testid="complaint-acts">
            <DraftNote draft />
            <Refusal refused fields=&[Field::Words, Field::Result, Field::Reason] test_id="complaint-step-refused" />
            {(state == ComplaintState::Settled).then(|| view! { <Chips label=t::complaints::tell_way options=ways value=way test_id="complaint-way" /> })}
            <TextArea label value=said error rows=2 test_id="complaint-said" />
            <div class="cluster">
                {(state == ComplaintState::Settled).then(|| view! {
                    <Button look=Look::Primary icon=Glyph::Check busy on_press=tell test_id="complaint-tell">{t::complaints::tell_now}</Button>
                })}
                {(state != ComplaintState::Told).then(|| view! {
                    <Button icon=Glyph::Pencil busy on_press=note test_id="complaint-note">{t::complaints::add_step}</Button>
                })}
                {(state != ComplaintState::Told && sees_to).then(|| view! {
                    <Button
                        look=if state == ComplaintState::Open { Look::Primary } else { Look::Quiet }
                        icon=Glyph::CircleCheck
                        busy
                        on_press=settle
                        test_id="complaint-settle"
                    >
                        {t::complaints::settle_now}
                    </Button>
                })}
                {(state != ComplaintState::Open).then(|| view! {
                    <Button icon=Glyph::Undo busy on_press=reopen test_id="complaint-reopen">{t::complaints::reopen}</Button>
                })}
            </div>
        </div>
    }
}

/// Who sees to it, and until when.
#[component]
fn AssignForm(complaint: Arc<Complaint>, open: RwSignal<bool>) -> impl IntoView {
    let id = complaint.id;
    let draft = Draft::of(format!("complaint-assign/{id}"));
    let handler = draft.field("handler", complaint.handler);
    let severity = draft.field("severity", Some(complaint.severity));
    let deadline = draft.field("deadline", complaint.deadline.to_string());
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let known = complaint.severity;
    let command = move || -> Result<AssignComplaint, Rejection> {
        let handler: UserId = handler.get_untracked().ok_or(Rejection::Required { field: Field::Owner })?;
        let (deadline, severity) = (day(&deadline.get_untracked())?, severity.get_untracked().unwrap_or(known));
        Ok(AssignComplaint { complaint: id, handler, deadline, severity })
    };
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        refused.set(None);
        match command() {
            Err(why) => refused.set(Some(NotSaved::Rejected(why))),
            Ok(command) => {
                busy.set(true);
                spawn_local(async move {
                    let saved = draft.submit(command).await;
                    finish(saved, t::complaints::assigned(), busy, refused, open);
                });
            }
        }
    };
    let people = Signal::derive(move || {
        let Some(actor) = replica::actor() else { return Vec::new() };
        let found = replica::read(&[Kind::User], |replica| handlers(replica, &actor, &complaint));
        found.into_iter().map(|user| Choice::new(user.id, user.name.clone())).collect::<Vec<_>>()
    });
    let severities = Signal::derive(|| shared::complaints::Severity::ALL.map(|severity| Choice::new(severity, words::severity(severity))).to_vec());
    view! {
        <form class="stack" novalidate on:submit=save data-testid="complaint-assign-form">
            <DraftNote draft />
            <Refusal refused fields=&[Field::Owner, Field::Due] test_id="complaint-assign-refused" />
            <Select label=t::complaints::handler options=people value=handler none=t::complaints::choose_handler error=beside(refused, Field::Owner) test_id="complaint-handler" />
            <Chips label=t::complaints::severity options=severities value=severity />
            <TextField label=t::complaints::deadline value=deadline kind="date" error=beside(refused, Field::Due) test_id="complaint-until" />
            <Button submit=true busy test_id="complaint-assign-save">{t::app::save}</Button>
        </form>
    }
}
