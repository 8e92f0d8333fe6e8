//! Reporting a complaint of a customer.

use crate::components::{Button, Chips, Choice, Look, Select, TextArea, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::invitations::settings;
use crate::pages::meetings::day;
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::state::complaints::{deals, usual_deadline};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::complaints::Severity;
use shared::complaints::command::ReportComplaint;
use shared::ids::{ComplaintId, CustomerId, DealId};
use shared::rejection::Field;
use shared::{Kind, Rejection};
use uuid::Uuid;

/// The form. The day follows the severity until somebody sets another.
#[component]
pub(in crate::pages) fn ReportForm(customer: CustomerId, open: RwSignal<bool>) -> impl IntoView {
    let draft = Draft::of(format!("complaint/{customer}"));
    let what = draft.field("what", String::new());
    let severity = draft.field("severity", Some(Severity::Serious));
    let deal = draft.field("deal", None::<DealId>);
    let usual = move |severity: Severity| replica::read(&[Kind::Settings], |replica| usual_deadline(replica, severity, Utc::now()));
    let deadline = draft.field("deadline", untrack(|| usual(Severity::Serious)).map(|day| day.to_string()).unwrap_or_default());
    Effect::new(move |before: Option<Option<Severity>>| {
        let now = severity.get();
        let was_usual = before.flatten().is_some_and(|before| usual(before).map(|day| day.to_string()) == Some(deadline.get_untracked()));
        if was_usual && let Some(day) = now.and_then(usual) {
            deadline.set(day.to_string());
        }
        now
    });
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let command = move || -> Result<ReportComplaint, Rejection> {
        Ok(ReportComplaint {
            complaint: ComplaintId(Uuid::now_v7()),
            customer,
            deal: deal.get_untracked(),
            what: what.get_untracked(),
            severity: severity.get_untracked().unwrap_or(Severity::Serious),
            deadline: day(&deadline.get_untracked())?,
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
                    finish(saved, t::complaints::reported(), busy, refused, open);
                });
            }
        }
    };
    let severities = Signal::derive(|| Severity::ALL.map(|severity| Choice::new(severity, words::severity(severity))).to_vec());
    let sold = Signal::derive(move || {
        let clock = settings().map_or_else(words::here, |settings| settings.utc_offset);
        let found = replica::read(&[Kind::Deal], |replica| deals(replica, customer));
        found.iter().map(|deal| Choice::new(deal.id, format!("{} · {}", deal.number(clock), words::money(deal.total)))).collect::<Vec<_>>()
    });
    view! {
        <form class="stack" novalidate on:submit=save data-testid="complaint-form">
            <DraftNote draft />
            <Refusal refused fields=&[Field::Description, Field::Due] test_id="complaint-refused" />
            <TextArea label=t::complaints::what value=what error=beside(refused, Field::Description) rows=3 test_id="complaint-what" />
            <Chips label=t::complaints::severity options=severities value=severity test_id="complaint-severity" />
            <Show when=move || !sold.with(Vec::is_empty)>
                <Select label=t::complaints::deal options=sold value=deal none=t::complaints::no_deal test_id="complaint-deal" />
            </Show>
            <TextField label=t::complaints::deadline value=deadline kind="date" error=beside(refused, Field::Due) test_id="complaint-deadline" />
            <Button submit=true look=Look::Primary wide=true busy test_id="complaint-report">{t::complaints::send}</Button>
        </form>
    }
}
