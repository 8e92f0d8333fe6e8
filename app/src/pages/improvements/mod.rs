//! What is done about what the numbers show: measures with who, until when, how far, and what came of them. They stand on the page that shows the
//! numbers: refusals (B5), reports (I4).

use crate::components::{Badge, Button, Choice, Glyph, List, ListRow, Look, Mood, Select, Sheet, TextArea, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::invitations::settings;
use crate::pages::meetings::day;
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::state::analysis::is_of_report;
use crate::state::improvements::{may_carry_out, measures};
use crate::state::order::InOrder;
use crate::state::preparations::noon;
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::analysis::{By, Group, Measure, Period};
use shared::ids::{ImprovementId, UserId};
use shared::improvements::command::{AddImprovement, EditImprovement, ImprovementProgress, SetImprovementState};
use shared::improvements::decide::{may_add, may_change, may_tell};
use shared::improvements::{About, Improvement, ImprovementState};
use shared::people::User;
use shared::rejection::Field;
use shared::settings::Dictionary;
use shared::{Command, Kind, Rejection};
use std::sync::Arc;
use uuid::Uuid;

/// What the numbers on the page are.
#[derive(Clone, PartialEq)]
pub(in crate::pages) enum Topic {
    /// Refusals.
    Refusals,
    /// A report, and what is looked at in it; nothing where somebody has measures to carry out and holds no figures.
    Report(Option<Looked>),
}

/// What is looked at in a report.
#[derive(Clone, PartialEq)]
pub(in crate::pages) struct Looked {
    pub(in crate::pages) by: By,
    pub(in crate::pages) measure: Measure,
    pub(in crate::pages) period: Period,
    /// The group that is opened; none for the whole.
    pub(in crate::pages) group: Option<Group>,
}

impl Topic {
    fn has(&self, improvement: &Improvement) -> bool {
        // What somebody has to carry out is found from Today, whatever the report shows.
        let is_own = || improvement.state.is_open() && replica::actor().is_some_and(|actor| actor.user == improvement.owner);
        match (self, &improvement.about) {
            (Self::Refusals, About::RefusalReason { .. }) | (Self::Report(None), About::Report { .. }) => true,
            (Self::Report(Some(looked)), About::Report { .. }) => is_of_report(improvement, looked.by) || is_own(),
            (Self::Report(Some(_)), About::RefusalReason { .. }) => false,
            (Self::Refusals, About::Report { .. }) | (Self::Report(None), About::RefusalReason { .. }) => false,
        }
    }

    const fn can_add(&self) -> bool {
        !matches!(self, Self::Report(None))
    }
}

/// The measures about something, and their sheets.
#[component]
pub(in crate::pages) fn Measures(#[prop(into)] topic: Signal<Topic>) -> impl IntoView {
    let all = Memo::new(move |_| {
        let mut all = replica::read(&[Kind::Improvement, Kind::Settings], |replica| measures(replica, Utc::now()));
        topic.with(|topic| all.retain(|(improvement, _)| topic.has(improvement)));
        all
    });
    let (adding, looking) = (RwSignal::new(false), RwSignal::new(false));
    let chosen = RwSignal::new(None::<ImprovementId>);
    let look = move |id| {
        chosen.set(Some(id));
        looking.set(true);
    };
    let one = Memo::new(move |_| chosen.get().and_then(|id| all.with(|all| all.iter().find(|(one, _)| one.id == id).map(|(one, _)| one.clone()))));
    let adds = move || topic.with(Topic::can_add) && replica::actor().is_some_and(|actor| may_add(actor.role));
    let add = move || if topic.with(|topic| *topic == Topic::Refusals) { t::refusals::add_measure() } else { t::analysis::keep_finding() };
    view! {
        <section class="stack" data-testid="measures">
            <h2>{t::refusals::measures}</h2>
            {move || {
                let all = all.get();
                if all.is_empty() {
                    return view! { <p class="soft">{t::refusals::no_measures}</p> }.into_any();
                }
                let rows = all.into_iter().map(|(one, late)| row(one, late, look)).collect_view();
                view! { <List label=t::refusals::measures test_id="measure-list">{rows}</List> }.into_any()
            }}
            {move || adds().then(|| view! { <div><Button icon=Glyph::Plus on_press=move || adding.set(true) test_id="measure-add">{add}</Button></div> })}
        </section>
        <Sheet title=add open=adding test_id="measure-sheet">
            <MeasureForm topic=topic.get_untracked() measure=None open=adding />
        </Sheet>
        <Sheet title=t::refusals::measures open=looking test_id="measure-sheet">
            {move || one.get().map(|measure| view! { <MeasureSheet topic=topic.get_untracked() measure open=looking /> })}
        </Sheet>
    }
}

fn row(one: Arc<Improvement>, late: bool, look: impl Fn(ImprovementId) + Copy + Send + Sync + 'static) -> impl IntoView {
    let (id, owner, until, about, state) = (one.id, one.owner, one.until, one.about.clone(), one.state.clone());
    let note = move || {
        let until = t::refusals::measure_until(words::day(noon(until, words::here()), words::here(), Utc::now()));
        format!("{} · {} · {until}", about_words(&about), words::person(owner))
    };
    let end = move || {
        if late {
            return view! { <Badge mood=Signal::stored(Mood::Bad)>{t::preparations::overdue}</Badge> }.into_any();
        }
        let mood = Signal::stored(if matches!(state, ImprovementState::Done { .. }) { Mood::Good } else { Mood::Info });
        let words = state_words(&state);
        view! { <Badge mood>{words}</Badge> }.into_any()
    };
    view! { <ListRow note end on_press=move || look(id) test_id="measure-row">{one.measure.clone()}</ListRow> }
}

/// What a measure is about, in words; tracked.
fn about_words(about: &About) -> String {
    match about {
        About::RefusalReason { code } => words::refusal_reason(code),
        About::Report { measure, group, period, .. } => report_words(*measure, group.as_ref(), *period),
    }
}

fn report_words(measure: Measure, group: Option<&Group>, period: Period) -> String {
    let group = group.map_or_else(|| t::analysis::whole().to_owned(), words::group);
    t::analysis::about(group, words::measure(measure), words::period(period))
}

fn state_words(state: &ImprovementState) -> &'static str {
    match state {
        ImprovementState::Open => t::preparations::open(),
        ImprovementState::Doing { .. } => t::preparations::doing(),
        ImprovementState::Done { .. } => t::preparations::done(),
        ImprovementState::Dropped { .. } => t::refusals::given_up(),
    }
}

/// One measure: what came of it, how far it is, and, for whoever may, what it is.
#[component]
fn MeasureSheet(topic: Topic, measure: Arc<Improvement>, open: RwSignal<bool>) -> impl IntoView {
    let actor = replica::actor();
    let tells = actor.as_ref().is_some_and(|actor| may_tell(actor, &measure));
    let changes = actor.as_ref().is_some_and(|actor| may_change(actor, &measure));
    let (decided_by, decided_at) = (measure.decided_by, measure.decided_at);
    let outcome = match &measure.state {
        ImprovementState::Done { by, at, result } => Some((*by, *at, result.clone())),
        ImprovementState::Dropped { by, at, reason } => Some((*by, *at, reason.clone())),
        ImprovementState::Open | ImprovementState::Doing { .. } => None,
    };
    let state = measure.state.clone();
    let about = measure.about.clone();
    let finding = match &about {
        About::Report { finding, .. } => Some(finding.clone()),
        About::RefusalReason { .. } => None,
    };
    view! {
        <p class="soft">{move || about_words(&about)}</p>
        {finding.map(|finding| view! { <p data-testid="measure-finding">{move || t::analysis::found(&finding)}</p> })}
        <p><strong>{measure.measure.clone()}</strong></p>
        <p class="soft">{move || t::refusals::decided(words::person(decided_by), words::ago(decided_at, Utc::now()))}</p>
        <p class="soft" data-testid="measure-state">
            {move || state_words(&state)}
            {outcome.map(|(by, at, said)| move || format!(" · {} · {} · {said}", words::person(by), words::ago(at, Utc::now())))}
        </p>
        {tells.then(|| view! { <HowFar measure=measure.clone() open /> })}
        {changes.then(|| view! { <details class="unfold"><summary data-testid="measure-edit">{t::preparations::change}</summary><MeasureForm topic=topic.clone() measure=Some(measure.clone()) open /></details> })}
    }
}

#[component]
fn HowFar(measure: Arc<Improvement>, open: RwSignal<bool>) -> impl IntoView {
    let id = measure.id;
    let draft = Draft::of(format!("measure-state/{id}"));
    let said = draft.field("said", String::new());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let send = move |progress: ImprovementProgress| {
        failure.set(None);
        busy.set(true);
        let command = SetImprovementState { improvement: id, progress };
        spawn_local(async move {
            let saved = draft.submit(command).await;
            finish(saved, t::preparations::saved(), busy, failure, open);
        });
    };
    let is_open = measure.state.is_open();
    let begun = matches!(measure.state, ImprovementState::Doing { .. });
    let error = Signal::derive(move || failure.get().map(|why| words::not_saved(&why)));
    view! {
        <DraftNote draft />
        {is_open.then(|| view! { <TextArea label=t::refusals::what_came value=said error rows=2 test_id="measure-said" /> })}
        <div class="cluster">
            {(is_open && !begun).then(|| view! { <Button on_press=move || send(ImprovementProgress::Doing) test_id="measure-doing">{t::preparations::begin}</Button> })}
            {is_open.then(|| view! {
                <Button look=Look::Primary icon=Glyph::Check on_press=move || send(ImprovementProgress::Done { result: said.get_untracked() }) test_id="measure-done">{t::preparations::finish}</Button>
                <Button icon=Glyph::Ban on_press=move || send(ImprovementProgress::Dropped { reason: said.get_untracked() }) test_id="measure-drop">{t::refusals::give_up}</Button>
            })}
            {(!is_open).then(|| view! { <Button icon=Glyph::Undo on_press=move || send(ImprovementProgress::Open) test_id="measure-reopen">{t::preparations::reopen}</Button> })}
        </div>
    }
}

/// The form of a measure.
#[component]
fn MeasureForm(topic: Topic, measure: Option<Arc<Improvement>>, open: RwSignal<bool>) -> impl IntoView {
    let editing = measure.as_ref().map(|measure| measure.id);
    let looked = match topic {
        Topic::Report(looked) => looked,
        Topic::Refusals => None,
    };
    // What was found about one person's figures is not brought back where everybody's are looked at.
    let new = looked.as_ref().map_or_else(
        || "measure".to_owned(),
        |looked| {
            let about = serde_json::to_string(&(&looked.measure, &looked.period, &looked.group)).expect("names and numbers always serialise");
            format!("finding/{about}")
        },
    );
    let draft = Draft::of(editing.map_or(new, |id| format!("measure/{id}")));
    let finding = draft.field("finding", String::new());
    let reason = draft.field("reason", None::<String>);
    let what = draft.field("measure", measure.as_ref().map(|measure| measure.measure.clone()).unwrap_or_default());
    let owner = draft.field("owner", measure.as_ref().map(|measure| measure.owner));
    let until = draft.field("until", measure.as_ref().map(|measure| measure.until.to_string()).unwrap_or_default());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let with = StoredValue::new(looked.clone());
    let command = move || -> Result<Command, Rejection> {
        let owner = owner.get_untracked().ok_or(Rejection::Required { field: Field::Owner })?;
        let (measure, until) = (what.get_untracked(), day(&until.get_untracked())?);
        Ok(match editing {
            Some(improvement) => EditImprovement { improvement, measure, owner, until }.into(),
            None => {
                let about = match with.get_value() {
                    Some(Looked { measure, group, period, .. }) => About::Report { measure, group, period, finding: finding.get_untracked() },
                    None => About::RefusalReason { code: reason.get_untracked().ok_or(Rejection::Required { field: Field::Reason })? },
                };
                AddImprovement { improvement: ImprovementId(Uuid::now_v7()), about, measure, owner, until }.into()
            }
        })
    };
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        failure.set(None);
        match command() {
            Err(why) => failure.set(Some(NotSaved::Rejected(why))),
            Ok(command) => {
                busy.set(true);
                spawn_local(async move {
                    let saved = draft.submit(command).await;
                    finish(saved, t::preparations::saved(), busy, failure, open);
                });
            }
        }
    };
    let reasons = Signal::derive(|| {
        let settings = settings();
        let entries = settings.iter().flat_map(|settings| settings.dictionary(Dictionary::RefusalReasons));
        entries.map(|entry| Choice::new(entry.code.clone(), words::in_language(&entry.texts))).collect::<Vec<_>>()
    });
    let about_rep = match (&measure, &looked) {
        (Some(measure), _) => measure.about.rep(),
        (None, Some(Looked { group: Some(Group::Rep(rep)), .. })) => Some(*rep),
        (None, _) => None,
    };
    let people = Signal::derive(move || people(about_rep));
    let asks_reason = editing.is_none() && looked.is_none();
    let asked_of = looked.filter(|_| editing.is_none());
    view! {
        <form class="stack" novalidate on:submit=save data-testid="measure-form">
            <DraftNote draft />
            <Refusal refused=failure fields=&[Field::Finding, Field::Measure, Field::Reason, Field::Owner, Field::Due] test_id="measure-refused" />
            {asked_of.map(|Looked { measure, group, period, .. }| view! {
                <p class="soft" data-testid="measure-about">{move || report_words(measure, group.as_ref(), period)}</p>
                <TextArea label=t::analysis::finding value=finding hint=t::analysis::finding_hint error=beside(failure, Field::Finding) rows=2 test_id="measure-finding-text" />
            })}
            {asks_reason.then(|| view! {
                <Select label=t::refusals::by_reason options=reasons value=reason none=t::refusals::choose_reason error=beside(failure, Field::Reason) test_id="measure-reason" />
            })}
            <TextArea label=t::fields::measure value=what hint=t::preparations::no_customers error=beside(failure, Field::Measure) rows=3 test_id="measure-what" />
            <Select label=t::refusals::who options=people value=owner none=t::refusals::choose_person error=beside(failure, Field::Owner) test_id="measure-owner" />
            <TextField label=t::preparations::due value=until kind="date" error=beside(failure, Field::Due) test_id="measure-until" />
            <Button submit=true look=Look::Primary wide=true busy test_id="measure-save">{t::app::save}</Button>
        </form>
    }
}

/// Who can carry a measure out.
fn people(about_rep: Option<UserId>) -> Vec<Choice<UserId>> {
    replica::read(&[Kind::User], |replica| {
        let mut users: Vec<_> = replica.all::<User>().filter(|user| may_carry_out(replica, user, about_rep)).collect();
        users.order_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        users.into_iter().map(|user| Choice::new(user.id, user.name.clone())).collect()
    })
}
