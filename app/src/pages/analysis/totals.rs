//! The report for whoever is told totals and holds no deals: asked of the server, of the whole organisation; without a network what was told last,
//! with the moment that it is of.

use super::target::Targets;
use super::{Choices, Choosing, Counted};
use crate::components::{Banner, Button, EmptyState, Glyph, Mood};
use crate::pages::improvements::{Looked, Measures, Topic};
use crate::platform::network;
use crate::replica::status::{Reach, status};
use crate::replica::{self, kept};
use crate::state::analysis::told::{Answers, LastAsked, is_due};
use crate::state::analysis::{Asked, in_order};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::analysis::{self, By, Question, ServersAnswer};
use shared::time::Timestamp;

const TIMEOUT_MS: u32 = 60_000;
/// Under which name answers are kept.
const ANSWERS: &str = "analysis";
const NAMED: [Kind; 5] = [Kind::User, Kind::Team, Kind::Product, Kind::Meeting, Kind::Settings];

/// Forgets what the server has told as soon as the person is told totals no more.
pub(super) fn forget_when_not_told() {
    let is_told = Memo::new(|_| replica::actor().map(|actor| analysis::Reach::of(&actor) == Some(analysis::Reach::Totals)));
    Effect::new(move |_| {
        if is_told.get() == Some(false) {
            kept::forget(ANSWERS);
        }
    });
}

/// Totals of the whole organisation.
#[component]
pub(super) fn Totals() -> impl IntoView {
    let choosing = Choosing::new(By::Team);
    let answers = RwSignal::new(kept::of::<Answers>(ANSWERS).unwrap_or_default());
    let unanswered = RwSignal::new(None::<Question>);
    let question = Memo::new(move |_| choosing.asked().question());
    // Each time the device has heard what is new, the figures may be others.
    let heard = Memo::new(|_| {
        let status = status();
        (status.reach == Reach::Online, status.fresh_at)
    });
    Effect::new(move |before: Option<(bool, Option<LastAsked>)>| {
        let (question, (is_online, _), now) = (question.get(), heard.get(), Utc::now());
        let (was_online, last) = before.unwrap_or_default();
        if !is_online || !is_due(last.as_ref(), &question, !was_online, now) {
            return (is_online, last);
        }
        let asked = LastAsked { question: question.clone(), at: now };
        spawn_local(async move {
            let told = ask(&question).await;
            let _ = unanswered.try_set(told.is_none().then(|| question.clone()));
            if let Some(told) = told
                && answers.try_update(|answers| answers.take(question, told)).is_some()
            {
                answers.with_untracked(|answers| kept::keep(ANSWERS, answers));
            }
        });
        (true, Some(asked))
    });
    let told = Memo::new(move |_| answers.with(|answers| answers.of(&question.get()).cloned()));
    let sold = Memo::new(move |_| told.with(|told| told.as_ref().map(|told| told.actuals.clone())));
    let shown = Memo::new(move |_| {
        let Asked { measure, .. } = choosing.asked();
        told.with(|told| told.as_ref().map(|told| (in_order(told.answer.clone(), measure), told.currency)))
    });
    let groups = Callback::new(move |by| replica::read(&NAMED, |replica| answers.with(|answers| answers.choices(replica, by))));
    let topic = Signal::derive(move || {
        let Asked { period, by, measure, .. } = choosing.asked();
        Topic::Report(Some(Looked { by, measure, period, group: None }))
    });
    view! {
        <Choices choosing groups />
        <Moment told choosing answers is_online=Signal::derive(move || heard.get().0) is_unanswered=Signal::derive(move || unanswered.get().is_some_and(|unanswered| unanswered == question.get())) />
        <Targets sold period=choosing.period />
        {move || shown.get().map(|(shown, currency)| {
            if shown.trend.iter().any(|(_, figures)| figures.deals > 0) || shown.year_before.deals > 0 {
                view! { <Counted held=None currency shown asked=choosing.asked() chosen=choosing.chosen /> }.into_any()
            } else {
                let title = move || t::analysis::none(words::period(choosing.period.get()));
                view! { <EmptyState glyph=Glyph::Chart title text=t::analysis::none_note test_id="analysis-none" /> }.into_any()
            }
        })}
        <p class="soft">{t::analysis::totals_note}</p>
        <Measures topic />
    }
}

/// Of what moment the figures are; what to do where there are none.
#[component]
fn Moment(
    told: Memo<Option<ServersAnswer>>,
    choosing: Choosing,
    answers: RwSignal<Answers>,
    is_online: Signal<bool>,
    is_unanswered: Signal<bool>,
) -> impl IntoView {
    let when = |at: Timestamp| words::moment(at, words::here(), Utc::now());
    let as_of = Memo::new(move |_| told.with(|told| told.as_ref().map(|told| told.as_of)));
    move || match (as_of.get(), is_online.get()) {
        (Some(at), true) => view! { <p class="soft" data-testid="analysis-as-of">{move || t::analysis::totals_as_of(when(at))}</p> }.into_any(),
        (Some(at), false) => {
            view! { <Banner mood=Mood::Info test_id="analysis-as-of">{move || t::analysis::totals_kept(when(at))}</Banner> }.into_any()
        }
        (None, true) if is_unanswered.get() => {
            view! { <Banner mood=Mood::Warning test_id="analysis-not-told">{t::analysis::totals_not_told}</Banner> }.into_any()
        }
        (None, true) => view! { <p class="soft" role="status">{t::analysis::totals_asking}</p> }.into_any(),
        (None, false) => {
            let latest = move || answers.with(|answers| answers.latest().map(|kept| (kept.question.clone(), kept.told.as_of)));
            let back = move |(question, at): (Question, Timestamp)| {
                let name = words::period(question.period);
                let look = move || {
                    choosing.period.set(question.period);
                    choosing.by.set(Some(question.by));
                    choosing.narrowed.set(question.narrowed.clone());
                };
                view! { <Button on_press=look test_id="analysis-last">{move || t::analysis::totals_last(&name, when(at))}</Button> }
            };
            view! {
                <Banner mood=Mood::Info test_id="analysis-offline">{t::analysis::totals_offline}</Banner>
                {move || latest().map(back)}
            }
            .into_any()
        }
    }
}

async fn ask(question: &Question) -> Option<ServersAnswer> {
    let answer = network::post("/api/analysis", &serde_json::to_string(question).ok()?, TIMEOUT_MS).await.ok()?;
    if answer.status == 200 { answer.read() } else { None }
}
