//! The report (clauses I1 to I4): what was sold in a month, a quarter or a year, against target and earlier times, each number opened down to its
//! deals; how far guests came; what is done about it.

mod opened;
mod target;
mod totals;
mod way;

use crate::components::{Banner, Bar, BarChart, Button, Chips, Choice, EmptyState, Glyph, LineChart, Mood, PageHead, Select, Stop, toast};
use crate::pages::exports::TableFile;
use crate::pages::improvements::{Looked, Measures, Topic};
use crate::platform::give::Given;
use crate::platform::print;
use crate::replica;
use crate::replica::status::status;
use crate::routes::Place;
use crate::state::analysis::{Asked, FIGURES, Sales, actuals, change, choices, report, sales, table};
use crate::state::board::{Whose, whose};
use crate::state::order::InOrder;
use crate::texts as t;
use crate::words;
use chrono::{NaiveDate, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use opened::Opened;
use shared::Kind;
use shared::analysis::{Answer, By, Facts, Figures, Filter, Group, Length, Line, Measure, Period};
use shared::exports::Format;
use shared::money::Currency;
use shared::people::Role;
use std::collections::BTreeSet;
use std::sync::Arc;
use target::Targets;
use totals::Totals;
use way::Way;

const KINDS: [Kind; 6] = [Kind::Deal, Kind::Customer, Kind::Milestone, Kind::User, Kind::Settings, Kind::Meeting];
/// Most bars of the picture; the table has all.
const MOST_BARS: usize = 20;

/// What the person looks at.
#[derive(Clone, Copy)]
struct Choosing {
    period: RwSignal<Period>,
    by: RwSignal<Option<By>>,
    measure: RwSignal<Option<Measure>>,
    narrowed: RwSignal<Vec<Group>>,
    /// The group that is opened.
    chosen: RwSignal<Option<Group>>,
}

impl Choosing {
    fn new(by: By) -> Self {
        Self {
            period: RwSignal::new(Period::of(Length::Month, today())),
            by: RwSignal::new(Some(by)),
            measure: RwSignal::new(Some(Measure::Amount)),
            narrowed: RwSignal::new(Vec::new()),
            chosen: RwSignal::new(None),
        }
    }

    fn asked(self) -> Asked {
        Asked {
            period: self.period.get(),
            by: self.by.get().unwrap_or(By::Rep),
            measure: self.measure.get().unwrap_or(Measure::Amount),
            narrowed: self.narrowed.get(),
            today: today(),
        }
    }
}

/// Forgets, at every address, what the person may know no longer.
pub fn watch() {
    totals::forget_when_not_told();
}

/// The report.
#[component]
pub fn AnalysisPage() -> impl IntoView {
    let role = Memo::new(|_| replica::actor().map(|actor| actor.role));
    view! {
        <PageHead title=t::analysis::title note=made_of back=Place::More>
            <Button icon=Glyph::Printer label=t::analysis::print on_press=print::print test_id="analysis-print" />
        </PageHead>
        <div class="page-content analysis" data-testid="analysis">
            {move || match role.get() {
                Some(role) if role.sells() => view! { <Figured /> }.into_any(),
                Some(Role::Director) => view! { <Totals /> }.into_any(),
                _ => view! { <Unfigured /> }.into_any(),
            }}
        </div>
    }
}

/// For those whose devices hold no deals: what they are to carry out.
#[component]
fn Unfigured() -> impl IntoView {
    view! {
        <EmptyState glyph=Glyph::Chart title=t::analysis::not_held text=t::analysis::not_held_note test_id="analysis-not-held" />
        <Measures topic=Topic::Report(None) />
    }
}

#[component]
fn Figured() -> impl IntoView {
    let facts = StoredValue::new(Facts::default());
    let held = Memo::new(move |_| {
        let follow = |facts: &mut Facts| replica::read(&KINDS, |replica| sales(facts, replica));
        facts.try_update_value(follow).flatten().map(Arc::new)
    });
    let actor = replica::actor();
    let is_rep = actor.as_ref().is_some_and(|actor| actor.role == Role::Rep);
    // The whole that a supervisor sees is the team's.
    let whole = StoredValue::new(actor.filter(|actor| actor.role == Role::Supervisor).map(|actor| Group::Team(actor.team)));
    let choosing = Choosing::new(if is_rep { By::Product } else { By::Rep });
    // What was opened belongs to what was asked before.
    Effect::new(move |before: Option<(Period, Option<By>, Vec<Group>)>| {
        let now = (choosing.period.get(), choosing.by.get(), choosing.narrowed.get());
        if before.is_some_and(|before| before != now) {
            choosing.chosen.set(None);
        }
        now
    });
    let shown = Memo::new(move |_| {
        let asked = choosing.asked();
        held.with(|held| held.as_ref().map(|held| (report(held, &asked), asked)))
    });
    let topic = Signal::derive(move || {
        let Asked { period, by, measure, .. } = choosing.asked();
        Topic::Report(Some(Looked { by, measure, period, group: choosing.chosen.get().or_else(|| whole.get_value()) }))
    });
    let groups = Callback::new(move |by| held.with(|held| held.as_ref().map(|held| choices(held, by)).unwrap_or_default()));
    let sold = Memo::new(move |_| held.with(|held| held.as_ref().map(|held| actuals(held, choosing.period.get()))));
    view! {
        <Choices choosing groups />
        <Targets sold period=choosing.period />
        {move || match (held.get(), shown.get()) {
            (Some(held), Some((shown, asked))) if shown.trend.iter().any(|(_, figures)| figures.deals > 0) || shown.year_before.deals > 0 => {
                view! { <Counted currency=held.currency held=Some(held) shown asked chosen=choosing.chosen /> }.into_any()
            }
            (Some(_), _) => {
                let title = move || t::analysis::none(words::period(choosing.period.get()));
                view! { <EmptyState glyph=Glyph::Chart title text=t::analysis::none_note test_id="analysis-none" /> }.into_any()
            }
            (None, _) => view! { <EmptyState glyph=Glyph::Chart title=t::analysis::none_here text=t::analysis::none_here_note /> }.into_any(),
        }}
        <Way asked=Signal::derive(move || choosing.asked()) />
        <p class="soft no-print">{t::analysis::measures_note}</p>
        <Measures topic />
    }
}

/// The period, what is looked at, and how it is grouped and narrowed down.
#[component]
fn Choices(choosing: Choosing, groups: Callback<By, Vec<Group>>) -> impl IntoView {
    let length = RwSignal::new(Some(Length::Month));
    Effect::new(move |before: Option<()>| {
        if let (Some(length), Some(())) = (length.get(), before) {
            choosing.period.update(|period| *period = Period::of(length, period.days().last.min(today())));
        }
    });
    // Somebody may come back to a report of another length.
    Effect::new(move |_| {
        let shown = Some(choosing.period.get().length());
        if length.get_untracked() != shown {
            length.set(shown);
        }
    });
    let lengths = Signal::derive(|| {
        let of = |length| match length {
            Length::Month => t::analysis::month(),
            Length::Quarter => t::analysis::quarter(),
            Length::Year => t::analysis::year(),
        };
        Length::ALL.map(|length| Choice::new(length, of(length))).to_vec()
    });
    let measures = Signal::derive(|| Measure::ALL.map(|measure| Choice::new(measure, words::measure(measure))).to_vec());
    let ways = Signal::derive(|| By::ALL.map(|by| Choice::new(by, words::grouped_by(by))).to_vec());
    // What can be chosen is counted when somebody wants to choose.
    let narrows = RwSignal::new(false);
    let is_last = Signal::derive(move || choosing.period.get().days().last >= today());
    let narrowed = move || {
        let groups = choosing.narrowed.get();
        (!groups.is_empty()).then(|| t::analysis::narrowed(groups.iter().map(words::group).collect::<Vec<_>>().join(" · ")))
    };
    view! {
        <div class="stack no-print">
            <Chips label=t::analysis::period options=lengths value=length test_id="analysis-length" />
            <Chips label=t::analysis::measure options=measures value=choosing.measure test_id="analysis-measure" />
            <Chips label=t::analysis::group_by options=ways value=choosing.by test_id="analysis-by" />
            <details class="unfold">
                <summary on:click=move |_| narrows.set(true) data-testid="analysis-narrow">{t::analysis::narrow}</summary>
                {move || narrows.get().then(|| view! { <div class="analysis-narrow">{By::ALL.map(|by| view! { <Narrow by choosing groups /> })}</div> })}
            </details>
        </div>
        <div class="analysis-period">
            <Button icon=Glyph::ArrowLeft label=t::analysis::earlier on_press=move || choosing.period.update(|it| *it = it.previous()) test_id="analysis-earlier" />
            <h2 data-testid="analysis-period">{move || words::period(choosing.period.get())}</h2>
            <Button icon=Glyph::ArrowRight label=t::analysis::later disabled=is_last on_press=move || choosing.period.update(|it| *it = it.next()) test_id="analysis-later" />
        </div>
        {move || narrowed().map(|words| view! { <p class="soft" data-testid="analysis-narrowed">{words}</p> })}
    }
}

#[component]
fn Narrow(by: By, choosing: Choosing, groups: Callback<By, Vec<Group>>) -> impl IntoView {
    let held = Memo::new(move |_| choosing.narrowed.with(|narrowed| narrowed.iter().find(|group| group.by() == by).cloned()));
    let value = RwSignal::new(held.get_untracked());
    Effect::new(move |_| {
        let chosen = value.get();
        if chosen != held.get_untracked() {
            choosing.narrowed.update(|narrowed| {
                narrowed.retain(|group| group.by() != by);
                narrowed.extend(chosen);
            });
        }
    });
    // Somebody may come back to a report that was narrowed down.
    Effect::new(move |_| {
        let held = held.get();
        if value.get_untracked() != held {
            value.set(held);
        }
    });
    let options = Signal::derive(move || {
        // What it is narrowed down to can be seen and taken off, even if nothing of the kind is known any more.
        let groups: BTreeSet<Group> = groups.run(by).into_iter().chain(held.get()).collect();
        let mut options: Vec<_> = groups.into_iter().map(|group| (words::group(&group), group)).collect();
        options.order_by(|a, b| a.0.cmp(&b.0));
        options.into_iter().map(|(label, group)| Choice::new(group, label)).collect::<Vec<_>>()
    });
    view! { <Select label=move || words::grouped_by(by) options value none=t::analysis::all /> }
}

/// Figures, pictures, tables. Numbers are opened down to their deals where those are held.
#[component]
fn Counted(held: Option<Arc<Sales>>, currency: Currency, shown: Answer, asked: Asked, chosen: RwSignal<Option<Group>>) -> impl IntoView {
    let Asked { period, by, measure, narrowed, .. } = asked;
    let opens = held.is_some();
    let filter = Filter { days: Some(period.days()), groups: narrowed };
    let (for_file, is_cut) = (shown.clone(), shown.is_cut);
    let opened = move || {
        let (held, group) = (held.clone()?, chosen.get()?);
        Some(view! { <Opened held group=group.clone() filter=filter.clone().and(group) /> })
    };
    view! {
        <section class="stack" aria-label=t::analysis::figures data-testid="analysis-figures">
            <div class="analysis-figures">
                {Measure::ALL.map(|measure| figure(measure, &shown, currency))}
            </div>
            {is_cut.then(|| view! { <p class="soft">{t::analysis::cut}</p> })}
        </section>
        <section class="stack">
            <h2>{move || t::analysis::shares_by(words::grouped_by(by))}</h2>
            <div class="card stack">{picture(&shown, measure, currency)}</div>
            <div class="analysis-table" tabindex="0" role="region" aria-label=move || words::grouped_by(by)>{figures_table(&shown, measure, currency, opens.then_some(chosen))}</div>
            {matches!(by, By::Product | By::Rep | By::Team | By::Meeting).then(|| view! { <p class="soft">{t::analysis::table_note}</p> })}
            <Files shown=for_file period by currency_code=currency.code() />
        </section>
        {opened}
        <section class="stack" data-testid="analysis-trend">
            <h2>{t::analysis::over_time}</h2>
            <div class="card stack">{trend_picture(&shown, measure, currency)}</div>
            <div class="analysis-table" tabindex="0" role="region" aria-label=t::analysis::over_time>{trend_table(&shown, measure, currency)}</div>
        </section>
    }
}

fn figure(measure: Measure, shown: &Answer, currency: Currency) -> impl IntoView + use<> {
    let [now, before, year_before] = [&shown.now, &shown.before, &shown.year_before].map(|figures| figures.of(measure));
    let against = move |other: i128, words: fn(String, String) -> String| {
        let change = change(now, other).map(t::analysis::change).unwrap_or_default();
        words(change, words::figure(measure, other, currency))
    };
    view! {
        <div class="figure">
            <span class="figure-count number">{words::figure(measure, now, currency)}</span>
            <span class="figure-label">{move || words::measure(measure)}</span>
            <span class="soft">{move || against(before, t::analysis::before_value)}</span>
            <span class="soft">{move || against(year_before, t::analysis::year_before_value)}</span>
        </div>
    }
}

fn picture(shown: &Answer, measure: Measure, currency: Currency) -> impl IntoView + use<> {
    let drawn = |row: &Line| {
        let value = row.now.of(measure);
        Bar { label: words::group(&row.group), value, part: 0, mark: Some(row.before.of(measure)), shown: words::figure(measure, value, currency) }
    };
    let says =
        most(shown, measure).map(|row| t::analysis::picture_says(words::group(&row.group), words::figure(measure, row.now.of(measure), currency)));
    let mut rows: Vec<_> = shown.lines.iter().collect();
    rows.order_by_key(|row| std::cmp::Reverse(row.now.of(measure)));
    let bars: Vec<_> = rows.into_iter().take(MOST_BARS).map(drawn).collect();
    view! {
        <BarChart name=move || t::analysis::picture(words::measure(measure)) says=says.unwrap_or_default() bars test_id="analysis-picture" />
        <p class="soft">{t::analysis::legend}</p>
    }
}

fn most(shown: &Answer, measure: Measure) -> Option<&Line> {
    shown.lines.iter().max_by_key(|row| row.now.of(measure))
}

fn figures_table(shown: &Answer, measure: Measure, currency: Currency, chosen: Option<RwSignal<Option<Group>>>) -> impl IntoView + use<> {
    let whole = shown.now.of(measure).max(1);
    let cells = move |figures: &Figures| {
        let cell = |measure: Measure| view! { <td class="number">{words::figure(measure, figures.of(measure), currency)}</td> };
        Measure::ALL.map(cell)
    };
    let row = move |row: &Line| {
        let before = [&row.before, &row.year_before].map(|figures| figures.of(measure));
        view! {
            <tr data-testid="analysis-row">
                <th scope="row">{name(row.group.clone(), chosen)}</th>
                {cells(&row.now)}
                <td class="number">{format!("{} %", row.now.of(measure) * 100 / whole)}</td>
                {before.map(|value| view! { <td class="number">{words::figure(measure, value, currency)}</td> })}
            </tr>
        }
    };
    let totals = [&shown.before, &shown.year_before].map(|figures| figures.of(measure));
    view! {
        <table class="figures-table" data-testid="analysis-table">
            <thead>
                <tr>
                    <th scope="col">{t::analysis::what}</th>
                    {Measure::ALL.map(|measure| view! { <th scope="col">{move || words::measure(measure)}</th> })}
                    <th scope="col">{t::analysis::share}</th>
                    <th scope="col">{t::analysis::before}</th>
                    <th scope="col">{t::analysis::year_before}</th>
                </tr>
            </thead>
            <tbody>{shown.lines.iter().map(row).collect_view()}</tbody>
            <tfoot>
                <tr data-testid="analysis-whole">
                    <th scope="row">{t::analysis::whole}</th>
                    {cells(&shown.now)}
                    <td class="number">"100 %"</td>
                    {totals.map(|value| view! { <td class="number">{words::figure(measure, value, currency)}</td> })}
                </tr>
            </tfoot>
        </table>
    }
}

/// The name of a line, which opens it where there is something to open.
fn name(group: Group, chosen: Option<RwSignal<Option<Group>>>) -> AnyView {
    let label = group.clone();
    let Some(chosen) = chosen else { return (move || words::group(&label)).into_any() };
    let open = group.clone();
    let pressed = move || (chosen.get().as_ref() == Some(&open)).to_string();
    let press = move |_| chosen.update(|chosen| *chosen = if chosen.as_ref() == Some(&group) { None } else { Some(group.clone()) });
    view! {
        <button type="button" class="link" aria-expanded=pressed on:click=press data-testid="analysis-open">{move || words::group(&label)}</button>
    }
    .into_any()
}

fn trend_picture(shown: &Answer, measure: Measure, currency: Currency) -> impl IntoView + use<> {
    let stops =
        shown.trend.iter().map(|(period, figures)| Stop { label: words::short_period(*period), value: figures.of(measure) }).collect::<Vec<_>>();
    let says = shown.trend.first().zip(shown.trend.last()).map(|(first, last)| {
        let value = |figures: &Figures| words::figure(measure, figures.of(measure), currency);
        t::analysis::over_time_says(words::period(first.0), value(&first.1), words::period(last.0), value(&last.1))
    });
    view! {
        <LineChart
            name=move || t::analysis::over_time_picture(words::measure(measure))
            says=says.unwrap_or_default()
            stops
            shown=move |value| words::figure(measure, value, currency)
            test_id="analysis-trend-picture"
        />
    }
}

fn trend_table(shown: &Answer, measure: Measure, currency: Currency) -> impl IntoView + use<> {
    let row = |(period, figures): &(Period, Figures)| {
        let (period, value) = (*period, words::figure(measure, figures.of(measure), currency));
        view! { <tr><th scope="row">{move || words::period(period)}</th><td class="number">{value}</td></tr> }
    };
    view! {
        <table class="figures-table" data-testid="analysis-trend-table">
            <thead>
                <tr>
                    <th scope="col">{t::analysis::period}</th>
                    <th scope="col">{move || words::measure(measure)}</th>
                </tr>
            </thead>
            <tbody>{shown.trend.iter().map(row).collect_view()}</tbody>
        </table>
    }
}

/// The table as a file. It names no customer, so that no reason is asked for.
#[component]
fn Files(shown: Answer, period: Period, by: By, currency_code: &'static str) -> impl IntoView {
    let (busy, failed) = (RwSignal::new(false), RwSignal::new(false));
    let give = move |format: Format| {
        let amount = t::analysis::file_amount(currency_code, t::analysis::amount());
        let counts = [Measure::Deals, Measure::Quantity, Measure::Customers, Measure::NewCustomers].map(|measure| words::measure(measure).to_owned());
        let before = [t::analysis::before(), t::analysis::year_before()].map(|measure| t::analysis::file_amount(currency_code, measure));
        let by = words::grouped_by(by).to_owned();
        let header: Vec<_> = [by, amount].into_iter().chain(counts).chain(before).collect();
        let table = untrack(|| table(&shown, header, t::analysis::whole().to_owned(), words::group));
        let name = format!("{}-{period}", t::analysis::file_name());
        busy.set(true);
        failed.set(false);
        spawn_local(async move {
            match TableFile::write(t::analysis::file_name(), &table, &FIGURES, format).await {
                Some(file) => {
                    if file.give(&name).await == Given::Yes {
                        toast::show(t::analysis::file_given());
                    }
                }
                None => drop(failed.try_set(true)),
            }
            let _ = busy.try_set(false);
        });
    };
    let give = StoredValue::new(give);
    view! {
        <div class="cluster no-print">
            <Button icon=Glyph::FileSpreadsheet busy on_press=move || give.with_value(|give| give(Format::Xlsx)) test_id="analysis-xlsx">{t::analysis::xlsx}</Button>
            <Button icon=Glyph::Download busy on_press=move || give.with_value(|give| give(Format::Csv)) test_id="analysis-csv">{t::analysis::csv}</Button>
        </div>
        {move || failed.get().then(|| view! { <Banner mood=Mood::Bad>{t::exports::no_clerk}</Banner> })}
    }
}

/// What the figures are made of, and how old they are; tracked.
fn made_of() -> String {
    let fresh = status()
        .fresh_at
        .map_or_else(|| t::analysis::fresh_never().to_owned(), |at| t::analysis::fresh(words::moment(at, words::here(), Utc::now())));
    match replica::actor().map(|actor| actor.role) {
        Some(role) if role.sells() => {}
        // Of what moment the totals are stands beside them.
        Some(Role::Director) => return t::analysis::made_of_totals().to_owned(),
        _ => return fresh,
    }
    let made_of = match replica::read(&[Kind::User], whose) {
        Whose::Everybodys => t::analysis::made_of_all(),
        Whose::Teams => t::analysis::made_of_team(),
        Whose::Own => t::analysis::made_of_own(),
    };
    format!("{made_of} · {fresh}")
}

/// The day on the organisation's clock; tracked.
fn today() -> NaiveDate {
    crate::pages::invitations::settings().map_or_else(words::here, |settings| settings.utc_offset).day_of(Utc::now())
}
