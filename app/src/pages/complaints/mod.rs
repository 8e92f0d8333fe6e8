//! Complaints 客訴: those of the team for whoever sees to them, the own ones for a rep; reported from the customer's page (clause G3).

mod report;
mod sheet;

pub(in crate::pages) use report::ReportForm;
pub(in crate::pages) use sheet::ComplaintSheet;

use crate::components::{Badge, EmptyState, Glyph, List, ListRow, Mood, PageHead, Sheet};
use crate::pages::today::ticking;
use crate::replica;
use crate::routes::Place;
use crate::state::complaints::{Line, lines};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::Kind;
use shared::complaints::{ComplaintState, Severity};
use shared::ids::ComplaintId;

/// What the lists are made of.
pub(in crate::pages) const KINDS: [Kind; 4] = [Kind::Complaint, Kind::Customer, Kind::User, Kind::Settings];

/// Everything that the person may see: what is late first.
#[component]
pub fn ComplaintsPage() -> impl IntoView {
    let now = ticking();
    let all = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        replica::read(&KINDS, |replica| lines(replica, &actor, now.get()))
    });
    let looking = RwSignal::new(false);
    let chosen = RwSignal::new(None::<ComplaintId>);
    let part = move |title: fn() -> &'static str, is_open: bool, test_id: &'static str| {
        move || {
            let rows: Vec<_> = all.with(|all| all.iter().filter(|line| line.complaint.is_open() == is_open).cloned().collect());
            (!rows.is_empty()).then(|| {
                view! {
                    <section class="stack" data-testid=test_id>
                        <h2>{title}</h2>
                        <List label=title>{rows.into_iter().map(|line| row(line, true, chosen, looking)).collect_view()}</List>
                    </section>
                }
            })
        }
    };
    view! {
        <PageHead title=t::complaints::title back=Place::More />
        <div class="page-content" data-testid="complaints">
            {part(t::complaints::all_open, true, "complaints-open")}
            {part(t::complaints::all_closed, false, "complaints-closed")}
            <Show when=move || all.with(Vec::is_empty)>
                <EmptyState glyph=Glyph::Check title=t::complaints::none text=t::complaints::none_note test_id="complaints-none" />
            </Show>
        </div>
        <OneComplaint all chosen open=looking />
    }
}

/// The sheet of the one that was chosen, as it is now.
#[component]
pub(in crate::pages) fn OneComplaint(all: Memo<Vec<Line>>, chosen: RwSignal<Option<ComplaintId>>, open: RwSignal<bool>) -> impl IntoView {
    let line = Memo::new(move |_| chosen.get().and_then(|id| all.with(|all| all.iter().find(|line| line.complaint.id == id).cloned())));
    let title = move || line.with(|line| line.as_ref().map_or_else(|| t::complaints::title().to_owned(), name_of));
    view! {
        <Sheet title open test_id="complaint-sheet">
            {move || line.get().map(|line| view! { <ComplaintSheet line open /> })}
        </Sheet>
    }
}

/// A row that opens the sheet; with whom it is about, or, on that one's own page, with what.
pub(in crate::pages) fn row(line: Line, of_many: bool, chosen: RwSignal<Option<ComplaintId>>, looking: RwSignal<bool>) -> impl IntoView {
    let look = move |id| {
        chosen.set(Some(id));
        looking.set(true);
    };
    let complaint = line.complaint.clone();
    let (id, state, overdue, handler, deadline) = (complaint.id, complaint.state, line.overdue, complaint.handler, complaint.deadline);
    let what = complaint.what.lines().next().unwrap_or_default().to_owned();
    let (title, about) = (line.clone(), what.clone());
    let note = move || {
        let whose = handler.map_or_else(|| t::complaints::nobody().to_owned(), words::person);
        let rest = format!("{} · {whose} · {}", words::severity(complaint.severity), t::complaints::until(words::day_of(deadline)));
        if of_many { format!("{about} · {rest}") } else { rest }
    };
    let end = move || {
        let (mood, said) = match (state, overdue) {
            (_, true) => (Mood::Bad, t::complaints::overdue()),
            (ComplaintState::Open, false) => (Mood::Info, t::complaints::open()),
            (ComplaintState::Settled, false) => (Mood::Warning, t::complaints::settled()),
            (ComplaintState::Told, false) => (Mood::Good, t::complaints::told()),
        };
        view! { <Badge mood=Signal::stored(mood)>{said}</Badge> }
    };
    let icon = if line.complaint.severity == Severity::Urgent { Glyph::Alert } else { Glyph::Message };
    view! {
        <ListRow icon note end on_press=move || look(id) test_id="complaint-row">
            {move || if of_many { name_of(&title) } else { what.clone() }}
        </ListRow>
    }
}

fn name_of(line: &Line) -> String {
    if line.name.is_empty() { t::complaints::unknown_customer().to_owned() } else { words::called(&line.name, line.salutation) }
}
