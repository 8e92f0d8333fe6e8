//! How far guests came (clause I3): of the meetings that began in the period, by meeting, rep or source.

use crate::components::{Bar, BarChart, Chips, Choice};
use crate::replica;
use crate::state::analysis::{Asked, WayBy, ways};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::Kind;
use shared::analysis::{By, Funnel, Group};

const KINDS: [Kind; 7] = [Kind::Meeting, Kind::Invitation, Kind::Guest, Kind::CheckIn, Kind::Deal, Kind::Customer, Kind::User];

/// The steps, as they follow each other; walk-ins stand beside.
const STEPS: [(fn() -> &'static str, fn(&Funnel) -> usize); 8] = [
    (t::analysis::planned, |funnel| funnel.planned),
    (t::analysis::reached, |funnel| funnel.reached),
    (t::analysis::agreed, |funnel| funnel.agreed),
    (t::analysis::confirmed, |funnel| funnel.confirmed),
    (t::analysis::arrived, |funnel| funnel.arrived),
    (t::analysis::walk_ins, |funnel| funnel.walk_ins),
    (t::analysis::signed, |funnel| funnel.signed),
    (t::analysis::paid, |funnel| funnel.paid),
];

/// The picture and the table.
#[component]
pub(super) fn Way(#[prop(into)] asked: Signal<Asked>) -> impl IntoView {
    let by = RwSignal::new(Some(WayBy::Meeting));
    let counted = Memo::new(move |_| replica::read(&KINDS, |replica| ways(replica, &asked.get(), by.get().unwrap_or(WayBy::Meeting))));
    let options = Signal::derive(|| {
        let of = |by| match by {
            WayBy::Meeting => By::Meeting,
            WayBy::Rep => By::Rep,
            WayBy::Channel => By::Channel,
        };
        WayBy::ALL.map(|by| Choice::new(by, words::grouped_by(of(by)))).to_vec()
    });
    let period = move || words::period(asked.get().period);
    view! {
        <section class="stack" data-testid="analysis-way">
            <h2>{t::analysis::way}</h2>
            <p class="soft">{move || t::analysis::way_note(period())}</p>
            {move || match counted.get() {
                None => view! { <p class="soft">{t::analysis::way_not_by_product}</p> }.into_any(),
                Some((whole, groups)) if groups.is_empty() && whole == Funnel::default() => {
                    view! { <p class="soft" data-testid="analysis-way-none">{move || t::analysis::way_none(period())}</p> }.into_any()
                }
                Some((whole, groups)) => view! {
                    <div class="no-print"><Chips label=t::analysis::way_by options value=by test_id="analysis-way-by" /></div>
                    <div class="card stack">{picture(&whole)}</div>
                    <div class="analysis-table" tabindex="0" role="region" aria-label=t::analysis::way>{table(&whole, groups)}</div>
                }
                .into_any(),
            }}
        </section>
    }
}

fn picture(whole: &Funnel) -> impl IntoView + use<> {
    let bar = |(label, count): (fn() -> &'static str, fn(&Funnel) -> usize)| {
        let count = count(whole);
        Bar { label: label().to_owned(), value: count as i128, part: 0, mark: None, shown: count.to_string() }
    };
    view! { <BarChart name=t::analysis::way_picture bars=STEPS.map(bar).to_vec() test_id="analysis-way-picture" /> }
}

fn table(whole: &Funnel, groups: Vec<(Group, Funnel)>) -> impl IntoView + use<> {
    let cells = |funnel: &Funnel| STEPS.map(|(_, count)| view! { <td class="number">{count(funnel)}</td> });
    let row = move |(group, funnel): (Group, Funnel)| {
        view! { <tr><th scope="row">{move || words::group(&group)}</th>{cells(&funnel)}</tr> }
    };
    view! {
        <table class="figures-table" data-testid="analysis-way-table">
            <thead>
                <tr>
                    <th scope="col">{t::analysis::what}</th>
                    {STEPS.map(|(label, _)| view! { <th scope="col">{label}</th> })}
                </tr>
            </thead>
            <tbody>{groups.into_iter().map(row).collect_view()}</tbody>
            <tfoot>
                <tr data-testid="analysis-way-whole"><th scope="row">{t::analysis::whole}</th>{cells(whole)}</tr>
            </tfoot>
        </table>
    }
}
