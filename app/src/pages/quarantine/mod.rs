//! What waits for a ruling: records that the rules could not accept. Nothing of them is lost, nothing of them counts until somebody says so.

use crate::components::{Badge, Banner, Button, EmptyState, Glyph, Look, Mood, PageHead, Sheet, TextArea, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::{self, NotSaved};
use crate::routes::Place;
use crate::state::quarantine::{Item, Outcome, items};
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
    let desk = Desk::new();
    view! {
        <PageHead title=t::quarantine::title note=t::quarantine::note back=Place::More />
        <div class="page-content">
            {move || (!desk.open.get()).then(|| not_saved(desk))}
            {move || {
                let items = list.get().unwrap_or_default();
                if items.is_empty() {
                    view! { <EmptyState glyph=Glyph::CircleCheck title=t::quarantine::none text=t::quarantine::none_help test_id="held-none" /> }.into_any()
                } else {
                    view! { <ul class="cases" role="list">{items.into_iter().map(|item| view! { <HeldCard item desk /> }).collect_view()}</ul> }.into_any()
                }
            }}
        </div>
        <Sheet title=t::quarantine::set_aside open=desk.open test_id="held-sheet">
            {move || desk.asking.get().map(|held| view! { <SetAside held desk /> })}
        </Sheet>
    }
}

/// Asks for the reason to set something aside.
#[component]
fn SetAside(held: HeldCommandId, desk: Desk) -> impl IntoView {
    let draft = Draft::of(form(held));
    let reason = draft.field("reason", String::new());
    let is_tried = RwSignal::new(false);
    let lacks_reason = Memo::new(move |_| is_tried.get() && reason.with(|reason| reason.trim().is_empty()));
    let error = Signal::derive(move || lacks_reason.get().then(|| t::quarantine::reason_needed().to_owned()));
    let set_aside = move || {
        is_tried.set(true);
        if !lacks_reason.get_untracked() {
            desk.rule(held, HeldVerdict::SetAside { reason: reason.get_untracked() });
        }
    };
    view! {
        <div class="stack">
            <p>{t::quarantine::set_aside_help}</p>
            <DraftNote draft />
            <TextArea label=t::quarantine::reason value=reason error test_id="held-reason" />
            {move || not_saved(desk)}
            <Button look=Look::Primary wide=true busy=desk.busy on_press=set_aside test_id="held-set-aside-now">
                {t::quarantine::set_aside}
            </Button>
        </div>
    }
}

fn not_saved(desk: Desk) -> impl IntoView {
    desk.why.get().map(|why| view! { <Banner mood=Mood::Bad test_id="held-not-saved">{words::not_saved(&why)}</Banner> })
}

/// What is being ruled on. It belongs to the page: the cards are made anew with every change of what they show.
#[derive(Clone, Copy)]
struct Desk {
    /// What the reason is for.
    asking: RwSignal<Option<HeldCommandId>>,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    why: RwSignal<Option<NotSaved>>,
}

impl Desk {
    fn new() -> Self {
        Self { asking: RwSignal::new(None), open: RwSignal::new(false), busy: RwSignal::new(false), why: RwSignal::new(None) }
    }

    /// Asks for the reason to set something aside.
    fn ask(self, held: HeldCommandId) {
        self.asking.set(Some(held));
        self.why.set(None);
        self.open.set(true);
    }

    fn rule(self, held: HeldCommandId, verdict: HeldVerdict) {
        self.busy.set(true);
        self.why.set(None);
        spawn_local(async move {
            let done = if verdict == HeldVerdict::Accepted { t::quarantine::done_accepted } else { t::quarantine::done_set_aside };
            // A reason that was begun means nothing any more, however it is ruled.
            let saved = replica::submit_form(form(held), RuleHeldCommand { held, verdict }, Vec::new()).await;
            self.busy.try_set(false);
            match saved {
                Ok(()) => {
                    self.open.try_set(false);
                    toast::show(untrack(done));
                }
                Err(why) => drop(self.why.try_set(Some(why))),
            }
        });
    }
}

/// The form in which the reason is typed.
fn form(held: HeldCommandId) -> String {
    format!("held/{held}")
}

#[component]
fn HeldCard(item: Item, desk: Desk) -> impl IntoView {
    let Item { id, name, about, by, has_left, occurred_at, why, mine_to_rule, outcome } = item;
    let is_open = outcome.is_none();
    let mut about = about.into_iter();
    let title = about.next();
    let rest = about.collect::<Vec<_>>().join(" · ");
    let command = name.clone();
    let act = title.is_some().then(|| view! { <p class="strong">{move || words::command(&command)}</p> });
    let waits = is_open && !mine_to_rule;
    view! {
        <li class="case" data-testid="held" data-state=if is_open { "open" } else { "ruled" }>
            <header class="case-head">
                <h2>{move || title.clone().unwrap_or_else(|| words::command(&name).to_owned())}</h2>
                <p class="soft">{rest}</p>
            </header>
            <div class="case-side">
                {act}
                <p class="cluster">
                    <span>{move || t::quarantine::recorded(words::moment(occurred_at, words::here(), Utc::now()), &by)}</span>
                    {has_left.then(|| view! { <Badge mood=Signal::stored(Mood::Warning)>{t::quarantine::has_left}</Badge> })}
                </p>
                <p>{move || t::quarantine::because(reason(&why))}</p>
                {waits.then(|| view! { <p class="cluster"><Badge mood=Signal::stored(Mood::Warning)>{t::sync::waits_for_supervisor}</Badge></p> })}
                {mine_to_rule.then(|| ways(id, desk))}
            </div>
            {outcome.map(outcome_line)}
        </li>
    }
}

/// Other refusals tell of the matter; this one would speak to whoever reads it.
fn reason(why: &Rejection) -> String {
    if *why == Rejection::Forbidden { t::quarantine::no_right().to_owned() } else { words::rejection(why) }
}

fn ways(held: HeldCommandId, desk: Desk) -> impl IntoView {
    let (accept, ask) = (move || desk.rule(held, HeldVerdict::Accepted), move || desk.ask(held));
    view! {
        <div class="held-ways">
            <Button look=Look::Primary icon=Glyph::Check busy=desk.busy on_press=accept test_id="held-accept">
                {t::quarantine::accept}
            </Button>
            <Button icon=Glyph::Ban busy=desk.busy on_press=ask test_id="held-set-aside">
                {t::quarantine::set_aside}
            </Button>
        </div>
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
