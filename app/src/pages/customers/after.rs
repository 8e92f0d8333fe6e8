//! What comes after a meeting, on the customer's page: logging a contact, reporting a complaint, and the complaints there are (clauses G2, G3).

use crate::components::{Button, Glyph, List, Sheet};
use crate::pages::complaints::{KINDS, OneComplaint, ReportForm, row};
use crate::pages::follow_ups::LogForm;
use crate::replica;
use crate::state::complaints::of_customer;
use crate::texts as t;
use chrono::Utc;
use leptos::prelude::*;
use shared::ids::{ComplaintId, CustomerId};

/// The two buttons, with their sheets.
#[component]
pub(super) fn AfterActs(id: CustomerId) -> impl IntoView {
    let (logging, reporting) = (RwSignal::new(false), RwSignal::new(false));
    view! {
        <Button icon=Glyph::PhoneCall on_press=move || logging.set(true) test_id="customer-log">{t::contacts::log}</Button>
        <Button icon=Glyph::Alert on_press=move || reporting.set(true) test_id="customer-complain">{t::complaints::report}</Button>
        <Sheet title=t::contacts::log open=logging test_id="log-sheet">
            <LogForm customer=id task=None open=logging />
        </Sheet>
        <Sheet title=t::complaints::report open=reporting test_id="complaint-report-sheet">
            <ReportForm customer=id open=reporting />
        </Sheet>
    }
}

/// The customer's complaints, those that are not closed first.
#[component]
pub(super) fn Complaints(id: CustomerId) -> impl IntoView {
    let all = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        replica::read(&KINDS, |replica| of_customer(replica, &actor, id, Utc::now()))
    });
    let looking = RwSignal::new(false);
    let chosen = RwSignal::new(None::<ComplaintId>);
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <section class="stack" data-testid="customer-complaints">
                <h2>{t::complaints::title}</h2>
                <List label=t::complaints::title>
                    {move || all.get().into_iter().map(|line| row(line, false, chosen, looking)).collect_view()}
                </List>
            </section>
        </Show>
        <OneComplaint all chosen open=looking />
    }
}
