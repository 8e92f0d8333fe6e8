//! The conflict inbox (clause D2): both check-ins side by side, and one tap that says which counts.

use super::verdict::salutation_word;
use crate::components::{Badge, Button, EmptyState, Glyph, Look, Mood, PageHead, toast};
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::conflicts::{Case, Outcome, Side, cases};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::check_ins::Method;
use shared::check_ins::command::RuleConflict;
use shared::ids::{CheckInId, ConflictId, MeetingId};

/// Guests who were let in twice.
#[component]
pub fn ConflictsPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let cases = Memo::new(move |_| {
        let id = meeting.get()?;
        Some(replica::read(&[Kind::Conflict, Kind::CheckIn, Kind::Guest, Kind::User], |replica| cases(replica, id, replica.device())))
    });
    let back = Signal::derive(move || meeting.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()));
    view! {
        <div class="conflicts stage">
            <PageHead title=t::app::conflicts note=t::conflicts::note back />
            {move || {
                let cases = cases.get().unwrap_or_default();
                if cases.is_empty() {
                    view! { <EmptyState glyph=Glyph::CircleCheck title=t::conflicts::none text=t::conflicts::none_help test_id="conflicts-none" /> }.into_any()
                } else {
                    view! { <ul class="cases" role="list">{cases.into_iter().map(|case| view! { <CaseCard case /> }).collect_view()}</ul> }.into_any()
                }
            }}
        </div>
    }
}

#[component]
fn CaseCard(case: Case) -> impl IntoView {
    let Case { conflict, who, sides, outcome, .. } = case;
    let kept = outcome.as_ref().map(|outcome| outcome.kept);
    let missing = 2_usize.saturating_sub(sides.len());
    let facts: Vec<_> = who.iter().flat_map(|who| [who.company.clone(), who.phone_tail.clone()]).filter(|fact| !fact.is_empty()).collect();
    view! {
        <li class="case" data-testid="conflict" data-state=if kept.is_some() { "ruled" } else { "open" }>
            <header class="case-head">
                <h2>
                    {who.as_ref().map(|who| who.name.clone())}
                    {who.as_ref().and_then(|who| who.salutation).map(|salutation| {
                        view! { <span class="guest-salutation">{move || salutation_word(salutation)}</span> }
                    })}
                    {who.is_none().then_some(t::conflicts::unknown_guest)}
                </h2>
                <p class="soft">{facts.join(" · ")}</p>
            </header>
            <div class="case-sides">
                {sides.into_iter().map(|side| side_card(conflict, side, kept)).collect_view()}
                {(missing > 0).then(|| view! { <p class="case-side soft">{t::conflicts::side_missing}</p> })}
            </div>
            {outcome.map(outcome_line)}
        </li>
    }
}

fn side_card(conflict: ConflictId, side: Side, kept: Option<CheckInId>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let counts = kept == Some(side.check_in);
    let (at, desk, by) = (side.at, side.desk.clone(), side.by.clone());
    let method: fn() -> &'static str = match side.method {
        Method::Ticket => t::conflicts::by_ticket,
        Method::Search => t::conflicts::by_search,
        Method::WalkIn => t::conflicts::by_walk_in,
    };
    let keep = side.check_in;
    view! {
        <section class="case-side" class:counts=counts>
            <p class="case-time number">{words::clock(at, words::here())}</p>
            <p>{move || words::opening(&words::day(at, words::here(), chrono::Utc::now()))}</p>
            <p class="strong">{move || t::conflicts::desk(&desk)}</p>
            <p>{by}" · "{method}</p>
            <p class="cluster">
                {side.on_this_device.then(|| view! { <Badge icon=Glyph::Tablet>{t::conflicts::this_device}</Badge> })}
                {side.undone.then(|| view! { <Badge mood=Mood::Warning icon=Glyph::Undo>{t::conflicts::taken_back}</Badge> })}
                {counts.then(|| view! { <Badge mood=Mood::Good icon=Glyph::Check>{t::conflicts::counts}</Badge> })}
            </p>
            {kept.is_none().then(|| {
                view! {
                    <Button look=Look::Primary wide=true busy on_press=move || rule(conflict, keep, busy) test_id="conflict-keep">
                        {t::conflicts::keep}
                    </Button>
                }
            })}
        </section>
    }
}

fn outcome_line(outcome: Outcome) -> impl IntoView {
    view! {
        <p class="case-outcome" data-testid="conflict-outcome">
            {move || t::conflicts::ruled(words::moment(outcome.at, words::here(), chrono::Utc::now()), &outcome.by)}
        </p>
    }
}

fn rule(conflict: ConflictId, keep: CheckInId, busy: RwSignal<bool>) {
    busy.set(true);
    spawn_local(async move {
        let said = match replica::submit(RuleConflict { conflict, keep }).await {
            Ok(()) => untrack(|| t::conflicts::done().to_owned()),
            Err(why) => untrack(|| words::not_saved(&why)),
        };
        busy.try_set(false);
        toast::show(said);
    });
}
