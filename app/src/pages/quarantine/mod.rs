//! What waits for a ruling: records that the rules could not accept. Nothing of them is lost, nothing of them counts until somebody says so.

use crate::components::{Badge, Button, EmptyState, Glyph, Look, Mood, PageHead, Sheet, TextArea, toast};
use crate::replica;
use crate::routes::Place;
use crate::state::quarantine::{Fact, Item, Outcome, items};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::HeldCommandId;
use shared::quarantine::HeldVerdict;
use shared::quarantine::command::RuleHeldCommand;
use shared::{Kind, Rejection};

const KINDS: [Kind; 5] = [Kind::HeldCommand, Kind::User, Kind::Guest, Kind::Meeting, Kind::Deal];

/// Records that wait, and below them those that were ruled on.
#[component]
pub fn QuarantinePage() -> impl IntoView {
    let list = Memo::new(|_| {
        let actor = replica::actor()?;
        Some(replica::read(&KINDS, |replica| items(replica, &actor)))
    });
    view! {
        <PageHead title=t::quarantine::title note=t::quarantine::note back=Place::More />
        <div class="page-content">
            {move || {
                let items = list.get().unwrap_or_default();
                if items.is_empty() {
                    view! { <EmptyState glyph=Glyph::CircleCheck title=t::quarantine::none text=t::quarantine::none_help test_id="held-none" /> }.into_any()
                } else {
                    view! { <ul class="cases" role="list">{items.into_iter().map(|item| view! { <HeldCard item /> }).collect_view()}</ul> }.into_any()
                }
            }}
        </div>
    }
}

#[component]
fn HeldCard(item: Item) -> impl IntoView {
    let Item { id, name, about, by, has_left, occurred_at, why, mine_to_rule, outcome } = item;
    let is_open = outcome.is_none();
    let about: Vec<String> = about
        .into_iter()
        .map(|fact| match fact {
            Fact::Words(words) => words,
            Fact::Amount(amount) => words::money(amount),
        })
        .collect();
    let title = about.first().cloned();
    let rest = about.get(1..).unwrap_or_default().join(" · ");
    let command = name.clone();
    let waits = is_open && !mine_to_rule;
    view! {
        <li class="case" data-testid="held" data-state=if is_open { "open" } else { "ruled" }>
            <header class="case-head">
                <h2>{title.unwrap_or_else(|| words::command(&name).to_owned())}</h2>
                <p class="soft">{rest}</p>
            </header>
            <div class="case-side">
                <p class="strong">{move || words::command(&command)}</p>
                <p class="cluster">
                    <span>{move || t::quarantine::recorded(words::moment(occurred_at, words::here(), Utc::now()), &by)}</span>
                    {has_left.then(|| view! { <Badge mood=Signal::stored(Mood::Warning)>{t::quarantine::has_left}</Badge> })}
                </p>
                <p>{move || t::quarantine::because(reason(&why))}</p>
                {waits.then(|| view! { <p class="cluster"><Badge mood=Signal::stored(Mood::Warning)>{t::sync::waits_for_supervisor}</Badge></p> })}
                {mine_to_rule.then(|| view! { <Ways held=id /> })}
            </div>
            {outcome.map(outcome_line)}
        </li>
    }
}

/// Other refusals tell of the matter; this one would speak to whoever reads it.
fn reason(why: &Rejection) -> String {
    if *why == Rejection::Forbidden { t::quarantine::no_right().to_owned() } else { words::rejection(why) }
}

#[component]
fn Ways(held: HeldCommandId) -> impl IntoView {
    let busy = RwSignal::new(false);
    let asking = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let too_short = RwSignal::new(false);
    let error = Signal::derive(move || (too_short.get() && reason.get().trim().is_empty()).then(|| t::quarantine::reason_needed().to_owned()));
    let set_aside = move || {
        too_short.set(true);
        let reason = reason.get_untracked();
        if !reason.trim().is_empty() {
            rule(held, HeldVerdict::SetAside { reason }, busy);
        }
    };
    view! {
        <div class="held-ways">
            <Button look=Look::Primary icon=Glyph::Check busy on_press=move || rule(held, HeldVerdict::Accepted, busy) test_id="held-accept">
                {t::quarantine::accept}
            </Button>
            <Button icon=Glyph::Ban busy on_press=move || asking.set(true) test_id="held-set-aside">
                {t::quarantine::set_aside}
            </Button>
        </div>
        <Sheet title=t::quarantine::set_aside open=asking test_id="held-sheet">
            <div class="stack">
                <p>{t::quarantine::set_aside_help}</p>
                <TextArea label=t::quarantine::reason value=reason error test_id="held-reason" />
                <Button look=Look::Primary wide=true busy on_press=set_aside test_id="held-set-aside-now">
                    {t::quarantine::set_aside}
                </Button>
            </div>
        </Sheet>
    }
}

fn outcome_line(outcome: Outcome) -> impl IntoView {
    let Outcome { by, at, reason } = outcome;
    let said = move || {
        let at = words::moment(at, words::here(), Utc::now());
        match &reason {
            None => t::quarantine::accepted(at, &by),
            Some(reason) => t::quarantine::was_set_aside(at, &by, reason),
        }
    };
    view! { <p class="case-outcome" data-testid="held-outcome">{said}</p> }
}

fn rule(held: HeldCommandId, verdict: HeldVerdict, busy: RwSignal<bool>) {
    busy.set(true);
    spawn_local(async move {
        let accepted = verdict == HeldVerdict::Accepted;
        let said = match replica::submit(RuleHeldCommand { held, verdict }).await {
            Ok(()) if accepted => untrack(|| t::quarantine::done_accepted().to_owned()),
            Ok(()) => untrack(|| t::quarantine::done_set_aside().to_owned()),
            Err(why) => untrack(|| words::not_saved(&why)),
        };
        // The card may be gone with the ruling.
        busy.try_set(false);
        toast::show(said);
    });
}
