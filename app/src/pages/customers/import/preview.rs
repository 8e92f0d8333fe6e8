//! Every row with what becomes of it; a tap shows why and lets a person decide otherwise.

use super::{Desk, Phase, customer_name, save};
use crate::components::{Badge, Banner, Button, Chips, Choice, Look, Mood, Sheet, VirtualList};
use crate::state::import::{Checked, Counts, Fate};
use crate::state::phones::spoken;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::customers::import::duplicates::Of;
use shared::customers::import::{Action, By, Judgement, Problem, Reason};
use std::sync::Arc;

#[component]
pub(super) fn Preview(desk: Desk) -> impl IntoView {
    let checked = desk.checked;
    let counts = Memo::new(move |_| checked.with(|checked| checked.as_ref().map(Checked::counts).unwrap_or_default()));
    let filter = RwSignal::new(None::<Fate>);
    let rows = Memo::new(move |_| Arc::new(checked.with(|checked| checked.as_ref().map(|checked| checked.rows(filter.get())).unwrap_or_default())));
    let opened = RwSignal::new(None::<usize>);
    let open = RwSignal::new(false);
    let on_open = Callback::new(move |(index,): (usize,)| {
        opened.set(Some(index));
        open.set(true);
    });
    let nothing = Signal::derive(move || counts.get().good() == 0);
    let why_nothing = move || if counts.get().bad > 0 { t::import::nothing_good() } else { t::import::nothing_to_do() };
    view! {
        <div class="import-counts" role="group" data-testid="import-counts">{move || chips(counts.get(), filter)}</div>
        <div class="import-rows">
            <VirtualList label=t::import::title items=rows key=|index| *index row=move |index| row(desk, *index) row_height=72 on_open test_id="import-rows" />
        </div>
        <Show when=move || nothing.get()>
            <Banner mood=Mood::Info test_id="import-nothing">{why_nothing}</Banner>
        </Show>
        <div class="form-actions sheet-actions">
            <Button on_press=move || desk.phase.set(Phase::Matching) test_id="import-back">{t::import::back_to_columns}</Button>
            <Button look=Look::Primary disabled=nothing on_press=move || save(desk) test_id="import-submit">
                {move || t::import::submit(counts.get().good())}
            </Button>
        </div>
        <Sheet title=t::import::what_to_do open test_id="import-row-sheet">
            {move || opened.get().map(|index| view! { <OneRow desk index /> })}
        </Sheet>
    }
}

fn chips(counts: Counts, filter: RwSignal<Option<Fate>>) -> impl IntoView {
    let all = counts.create + counts.update + counts.same + counts.skip + counts.bad;
    let chips = [
        (None, all, t::import::all(all), "import-all"),
        (Some(Fate::Create), counts.create, t::import::create(counts.create), "import-create"),
        (Some(Fate::Update), counts.update, t::import::update(counts.update), "import-update"),
        (Some(Fate::Same), counts.same, t::import::same(counts.same), "import-same"),
        (Some(Fate::Skip), counts.skip, t::import::skip(counts.skip), "import-skip"),
        (Some(Fate::Bad), counts.bad, t::import::bad(counts.bad), "import-bad"),
    ];
    let chip = move |(fate, n, words, test_id): (Option<Fate>, usize, String, &'static str)| {
        (n > 0 || fate.is_none()).then(|| {
            view! {
                <button type="button" class="chip" aria-pressed=move || (filter.get() == fate).to_string() data-testid=test_id on:click=move |_| filter.set(fate)>
                    {words}
                </button>
            }
        })
    };
    chips.map(chip).into_iter().collect_view()
}

fn row(desk: Desk, index: usize) -> impl IntoView {
    desk.checked.with(|checked| {
        let checked = checked.as_ref()?;
        let outcome = checked.outcome(index)?;
        let (title, phone) = match &outcome.profile {
            Some(profile) => (profile.name.clone(), profile.phones.first().map(spoken).unwrap_or_else(|| profile.email.clone())),
            None => (t::import::row_n(outcome.row), String::new()),
        };
        let note = judgement_words(checked, index).or_else(|| problems_words(desk, &outcome.problems)).unwrap_or(phone);
        let fate = checked.fate(index);
        Some(view! {
            <span class="row-number number soft">{outcome.row}</span>
            <span class="row-words" data-testid="import-row">
                <span class="row-title">{title}</span>
                <span class="row-note">{note}</span>
            </span>
            <span class="row-end"><Badge mood=mood(fate)>{fate_words(fate)}</Badge></span>
        })
    })
}

/// A row in full: what it says, why it is judged so, and what can be done with it.
#[component]
fn OneRow(desk: Desk, index: usize) -> impl IntoView {
    let action =
        RwSignal::new(desk.checked.with_untracked(|checked| checked.as_ref().and_then(|checked| checked.choices(index)).map(|(_, action)| action)));
    Effect::new(move |_| {
        if let Some(now) = action.get() {
            let before = desk.checked.with_untracked(|checked| checked.as_ref().and_then(|checked| checked.choices(index)).map(|(_, action)| action));
            if before != Some(now) {
                desk.checked.update(|checked| checked.iter_mut().for_each(|checked| checked.choose(index, now)));
            }
        }
    });
    let choices = Signal::derive(move || {
        let actions = desk.checked.with(|checked| checked.as_ref().and_then(|checked| checked.choices(index)).map(|(choices, _)| choices));
        actions.unwrap_or_default().iter().map(|action| Choice::new(*action, action_words(*action))).collect::<Vec<_>>()
    });
    let told = desk.checked.with_untracked(|checked| {
        let checked = checked.as_ref()?;
        let outcome = checked.outcome(index)?.clone();
        Some((outcome, judgement_words(checked, index)))
    });
    told.map(|(outcome, judgement)| {
        let name = outcome.profile.as_ref().map(|profile| profile.name.clone());
        let phones = outcome.profile.as_ref().map(|profile| profile.phones.iter().map(spoken).collect::<Vec<_>>().join("\u{3001}"));
        let problems: Vec<_> = outcome.problems.iter().map(|problem| view! { <li>{problem_words(desk, problem)}</li> }).collect();
        let good = outcome.profile.is_some();
        view! {
            <p class="soft">{t::import::row_n(outcome.row)}</p>
            {name.map(|name| view! { <p><strong>{name}</strong></p> })}
            {phones.map(|phones| view! { <p class="number">{phones}</p> })}
            {judgement.map(|words| view! { <Banner mood=Mood::Info>{words}</Banner> })}
            {(!problems.is_empty()).then(|| view! {
                <Banner mood=if good { Mood::Warning } else { Mood::Bad }>
                    {good.then(|| view! { <strong>{t::import::left_out_of_it}</strong> })}
                    <ul>{problems}</ul>
                </Banner>
            })}
            {good.then(|| view! { <Chips label=t::import::what_to_do options=choices value=action test_id="import-row-action" /> })}
        }
    })
}

fn judgement_words(checked: &Checked, index: usize) -> Option<String> {
    let of_words = |of: Of| match of {
        Of::Customer(id) => t::import::of_customer(customer_name(id)),
        Of::Row(row) => t::import::of_row(row),
    };
    match checked.judgement(index)? {
        Judgement::New => None,
        Judgement::Same { of: Of::Customer(id) } => Some(t::import::same_as(customer_name(id))),
        Judgement::Same { of } => Some(t::import::same_as(of_words(of))),
        Judgement::Duplicate { of, by } => Some(t::import::duplicate(by_words(by), of_words(of))),
    }
}

fn problems_words(desk: Desk, problems: &[Problem]) -> Option<String> {
    let words: Vec<_> = problems.iter().take(3).map(|problem| problem_words(desk, problem)).collect();
    (!words.is_empty()).then(|| words.join(" · "))
}

fn problem_words(desk: Desk, problem: &Problem) -> String {
    let header = problem.column.and_then(|column| {
        let name =
            desk.opened.with_untracked(|opened| opened.as_ref().and_then(|opened| opened.columns().get(column).map(|column| column.header.clone())));
        name.filter(|name| !name.is_empty()).or_else(|| problem.field.is_none().then(|| t::import::column_n(column + 1)))
    });
    let column =
        header.or_else(|| problem.field.map(|field| words::field_name(field).to_owned())).unwrap_or_else(|| t::import::whole_row().to_owned());
    t::import::problem(column, reason_words(problem.reason))
}

fn reason_words(reason: Reason) -> String {
    use t::import as i;
    match reason {
        Reason::Required => i::r_required().to_owned(),
        Reason::NoWayOfContact => i::r_no_way_of_contact().to_owned(),
        Reason::TooLong { max, found } => i::r_too_long(found, max),
        Reason::TooMany { max } => i::r_too_many(max),
        Reason::NotAPhone => i::r_not_a_phone().to_owned(),
        Reason::Rounded => i::r_rounded().to_owned(),
        Reason::NotAnEmail => i::r_not_an_email().to_owned(),
        Reason::NotAYear => i::r_not_a_year().to_owned(),
        Reason::UnknownWord => i::r_unknown_word().to_owned(),
        Reason::Unreadable => i::r_unreadable().to_owned(),
        Reason::NoResult => i::r_no_result().to_owned(),
        Reason::ErrorValue => i::r_error_value().to_owned(),
        Reason::UnclosedQuote => i::r_unclosed_quote().to_owned(),
        Reason::BeyondHeader => i::r_beyond_header().to_owned(),
    }
}

fn by_words(by: By) -> &'static str {
    match by {
        By::NameAndPhone => t::import::by_name_and_phone(),
        By::NameAndEmail => t::import::by_name_and_email(),
        By::NameAndBirthYear => t::import::by_name_and_birth_year(),
        By::Phone => t::import::by_phone(),
        By::Email => t::import::by_email(),
    }
}

fn action_words(action: Action) -> &'static str {
    match action {
        Action::Create => t::import::do_create(),
        Action::Update => t::import::do_update(),
        Action::Skip => t::import::do_skip(),
    }
}

fn fate_words(fate: Fate) -> &'static str {
    match fate {
        Fate::Create => t::import::fate_create(),
        Fate::Update => t::import::fate_update(),
        Fate::Same => t::import::fate_same(),
        Fate::Skip => t::import::fate_skip(),
        Fate::Bad => t::import::fate_bad(),
    }
}

const fn mood(fate: Fate) -> Mood {
    match fate {
        Fate::Create => Mood::Good,
        Fate::Update => Mood::Info,
        Fate::Same | Fate::Skip => Mood::Warning,
        Fate::Bad => Mood::Bad,
    }
}
