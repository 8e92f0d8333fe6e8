//! Refusals counted and pictured, each count opened down to its rows, and what is done about each reason (clause B5).

use crate::components::{self as chart, BarChart, Chips, Choice, EmptyState, Glyph, List, ListRow, PageHead};
use crate::pages::improvements::{Measures, Topic};
use crate::replica;
use crate::routes::Place;
use crate::state::improvements::{about, measures as all_measures};
use crate::state::preparations::noon;
use crate::state::refusals::{Bar, By, Group, Refusal, bars, monday, of_last_weeks, refusals, rows};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use shared::Kind;
use shared::customers::Customer;
use shared::meetings::Meeting;

const KINDS: [Kind; 2] = [Kind::Invitation, Kind::Meeting];
/// The periods that can be chosen, in weeks.
const PERIODS: [Option<u32>; 4] = [Some(4), Some(12), Some(52), None];
/// Most rows that are shown of one count.
const MOST_ROWS: usize = 200;

/// Pictures, rows and measures.
#[component]
pub fn RefusalsPage() -> impl IntoView {
    let by = RwSignal::new(Some(By::Reason));
    let weeks = RwSignal::new(Some(Some(12)));
    let chosen = RwSignal::new(None::<Group>);
    let all = Memo::new(|_| replica::read(&KINDS, refusals));
    let shown = Memo::new(move |_| {
        let this_week = monday(Utc::now(), words::here());
        all.with(|all| of_last_weeks(all, weeks.get().flatten(), this_week))
    });
    let counted = Memo::new(move |_| shown.with(|shown| bars(shown, by.get().unwrap_or(By::Reason))));
    // What was opened belongs to what was counted before.
    Effect::new(move |before: Option<Option<By>>| {
        let now = by.get();
        if before.is_some_and(|before| before != now) {
            chosen.set(None);
        }
        now
    });
    let ways = Signal::derive(|| By::ALL.map(|by| Choice::new(by, by_words(by))).to_vec());
    let periods = Signal::derive(|| PERIODS.map(|weeks| Choice::new(weeks, period_words(weeks))).to_vec());
    let note = move || t::refusals::total(shown.with(Vec::len));
    view! {
        <PageHead title=t::refusals::title note back=Place::More />
        <div class="page-content" data-testid="refusals">
            <Chips label=t::refusals::count_by options=ways value=by test_id="refusals-by" />
            <Chips label=t::refusals::period options=periods value=weeks test_id="refusals-period" />
            {move || {
                if counted.with(Vec::is_empty) {
                    return view! { <EmptyState glyph=Glyph::Chart title=t::refusals::none text=t::refusals::none_note test_id="refusals-none" /> }.into_any();
                }
                view! {
                    <div class="card stack">{move || picture(&counted.get())}</div>
                    {move || table(counted.get(), chosen)}
                }
                .into_any()
            }}
            {move || chosen.get().map(|group| {
                let found = shown.with(|shown| rows(shown, &group));
                view! { <Opened group found /> }
            })}
            <Measures topic=Topic::Refusals />
        </div>
    }
}

fn by_words(by: By) -> &'static str {
    match by {
        By::Reason => t::refusals::by_reason(),
        By::Rep => t::refusals::by_rep(),
        By::Channel => t::refusals::by_channel(),
        By::Meeting => t::refusals::by_meeting(),
        By::Week => t::refusals::by_week(),
    }
}

fn period_words(weeks: Option<u32>) -> String {
    weeks.map_or_else(|| t::refusals::all_time().to_owned(), t::refusals::last_weeks)
}

/// What refusals have in common, in words; tracked.
fn group_words(group: &Group) -> String {
    match group {
        Group::Reason(code) => words::refusal_reason(code),
        Group::Rep(user) => words::person(*user),
        Group::Channel(channel) => words::opening(words::channel(*channel)),
        Group::Meeting(id) => replica::read(&[Kind::Meeting], |replica| {
            replica.noun::<Meeting>(*id).map_or_else(|| "—".to_owned(), |meeting| meeting.plan.theme.clone())
        }),
        Group::Week(monday) => t::refusals::week_of(words::date(noon(*monday, words::here()), words::here())),
    }
}

/// A bar for each count, the part that was won back told apart. The table below says the same.
fn picture(bars: &[Bar]) -> impl IntoView + use<> {
    let drawn = |bar: &Bar| chart::Bar {
        label: group_words(&bar.group),
        value: bar.count as i128,
        part: bar.won_back as i128,
        mark: None,
        shown: bar.count.to_string(),
    };
    view! {
        <BarChart name=t::refusals::picture bars=bars.iter().map(drawn).collect() test_id="refusals-picture" />
        <p class="soft">{t::refusals::legend}</p>
    }
}

fn table(bars: Vec<Bar>, chosen: RwSignal<Option<Group>>) -> impl IntoView {
    let sum = bars.iter().map(|bar| bar.count).sum::<usize>().max(1);
    let row = move |bar: Bar| {
        let (label, group, open) = (bar.group.clone(), bar.group.clone(), bar.group.clone());
        let pressed = move || (chosen.get().as_ref() == Some(&open)).to_string();
        let press = move |_| chosen.update(|chosen| *chosen = if chosen.as_ref() == Some(&group) { None } else { Some(group.clone()) });
        view! {
            <tr>
                <th scope="row">
                    <button type="button" class="link" aria-expanded=pressed on:click=press data-testid="refusals-open">{move || group_words(&label)}</button>
                </th>
                <td class="number">{bar.count}</td>
                <td class="number">{format!("{} %", bar.count * 100 / sum)}</td>
                <td class="number">{bar.won_back}</td>
            </tr>
        }
    };
    view! {
        <table class="figures-table" data-testid="refusals-table">
            <thead>
                <tr>
                    <th scope="col">{t::refusals::what}</th>
                    <th scope="col">{t::refusals::count}</th>
                    <th scope="col">{t::refusals::share}</th>
                    <th scope="col">{t::refusals::won_back}</th>
                </tr>
            </thead>
            <tbody>{bars.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

/// The rows of one count, each leading to its customer.
#[component]
fn Opened(group: Group, found: Vec<Refusal>) -> impl IntoView {
    let count = found.len();
    let title = {
        let group = group.clone();
        move || t::refusals::rows_of(group_words(&group), count)
    };
    let done = match &group {
        Group::Reason(code) => {
            let (open, all) = replica::read(&[Kind::Improvement], |replica| about(&all_measures(replica, Utc::now()), code));
            Some(view! { <p class="soft">{move || t::refusals::measures_of(all, open)}</p> })
        }
        _ => None,
    };
    let row = |refusal: Refusal| {
        let name = replica::read(&[Kind::Customer], |replica| {
            replica.noun::<Customer>(refusal.customer).map_or_else(|| "—".to_owned(), |customer| customer.profile.name.clone())
        });
        let (reason, said, at, rep) = (refusal.reason, refusal.words, refusal.at, refusal.rep);
        let note = move || {
            let said = if said.is_empty() { String::new() } else { format!(" · {said}") };
            format!("{}{said} · {} · {}", words::refusal_reason(&reason), words::person(rep), words::ago(at, Utc::now()))
        };
        let won = refusal.won_back;
        let end = move || won.then(t::refusals::won_back);
        view! { <ListRow href=Place::Customer(refusal.customer) note end test_id="refusals-row">{name}</ListRow> }
    };
    view! {
        <section class="stack" data-testid="refusals-opened">
            <h2>{title}</h2>
            {done}
            <List label=t::refusals::title>{found.into_iter().take(MOST_ROWS).map(row).collect_view()}</List>
            {(count > MOST_ROWS).then(|| view! { <p class="soft">{move || t::refusals::more_rows(count - MOST_ROWS)}</p> })}
        </section>
    }
}
