//! Targets of the period, how far each is reached, and the form in which one is set (clause I1).

use crate::components::{Button, Choice, Glyph, List, ListRow, Look, MoneyField, Select, Sheet, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::invitations::settings;
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::state::analysis::{Goal, goals, reached};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::analysis::{Actuals, Measure, Period};
use shared::ids::TargetId;
use shared::money::{Currency, Money};
use shared::rejection::Field;
use shared::targets::command::{EditTarget, SetTarget};
use shared::targets::{Goal as Aim, TargetOf};
use shared::{Command, Kind, Rejection};
use uuid::Uuid;

/// The targets of a period, and what was sold, if that is known.
#[component]
pub(super) fn Targets(sold: Memo<Option<Actuals>>, #[prop(into)] period: Signal<Period>) -> impl IntoView {
    let currency = settings().map_or(Currency::Twd, |settings| settings.currency);
    let all = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        sold.with(|sold| replica::read(&[Kind::Target, Kind::Team, Kind::User], |replica| goals(replica, sold.as_ref(), &actor, period.get())))
    });
    let (open, chosen) = (RwSignal::new(false), RwSignal::new(None::<TargetOf>));
    let edit = move |whose: Option<TargetOf>| {
        chosen.set(whose);
        open.set(true);
    };
    let sets = Memo::new(move |_| all.with(|all| all.iter().any(|goal| goal.may_set)));
    let is_set = |goal: &Goal| goal.target.as_ref().is_some_and(|target| target.goal.is_any());
    let rows = move || all.get().into_iter().filter(is_set).map(|goal| row(goal, currency, edit)).collect_view();
    let none = move || (!all.with(|all| all.iter().any(is_set))).then(|| t::analysis::no_targets(words::period(period.get())));
    let gone = move || {
        let period = period.get();
        let (gone, days) = (period.gone(super::today()), period.days().count());
        t::analysis::gone(days, gone, u64::from(gone) * 100 / u64::from(days.max(1)))
    };
    let title = move || if chosen.get().is_some() { t::analysis::edit_target() } else { t::analysis::set_target() };
    view! {
        <section class="stack" data-testid="targets">
            <h2>{t::analysis::targets}</h2>
            <p class="soft" data-testid="targets-gone">{gone}</p>
            {move || match none() {
                Some(none) => view! { <p class="soft">{none}</p> }.into_any(),
                None => view! { <List label=t::analysis::targets test_id="target-list">{rows()}</List> }.into_any(),
            }}
            {move || sets.get().then(|| view! {
                <div class="no-print"><Button icon=Glyph::Plus on_press=move || edit(None) test_id="target-set">{t::analysis::set_target}</Button></div>
            })}
        </section>
        <Sheet title open test_id="target-sheet">
            <TargetForm all=all.get_untracked() whose=chosen.get_untracked() period=period.get_untracked() currency open />
        </Sheet>
    }
}

fn row(goal: Goal, currency: Currency, edit: impl Fn(Option<TargetOf>) + Copy + Send + Sync + 'static) -> AnyView {
    let Goal { whose, target, actual, may_set } = goal;
    let aim = target.map(|target| target.goal).unwrap_or_default();
    let note = move || {
        let amount = aim.amount.map(|goal| {
            let shown = words::money(goal);
            actual.as_ref().map_or_else(
                || t::analysis::goal_only(&shown),
                |actual| {
                    let percent = reached(actual.amount, goal.minor.into());
                    t::analysis::of_goal(words::figure(Measure::Amount, actual.amount, currency), &shown, percent)
                },
            )
        });
        let deals = aim.deals.map(|goal| {
            actual.as_ref().map_or_else(
                || t::analysis::goal_only(t::analysis::goal_deals_only(goal)),
                |actual| t::analysis::deals_of_goal(actual.deals, goal, reached(actual.deals.into(), goal.into())),
            )
        });
        amount.into_iter().chain(deals).collect::<Vec<_>>().join(" · ")
    };
    let name = move || words::target_of(whose);
    if may_set {
        view! { <ListRow note on_press=move || edit(Some(whose)) test_id="target-row">{name}</ListRow> }.into_any()
    } else {
        view! { <ListRow note test_id="target-row">{name}</ListRow> }.into_any()
    }
}

/// Sets, changes or withdraws a target of the period.
#[component]
fn TargetForm(all: Vec<Goal>, whose: Option<TargetOf>, period: Period, currency: Currency, open: RwSignal<bool>) -> impl IntoView {
    let known = all.iter().find(|goal| Some(goal.whose) == whose).and_then(|goal| goal.target.as_ref()).map(|target| target.goal).unwrap_or_default();
    let editing = whose.is_some();
    let draft = Draft::of(match whose {
        None => format!("target/{period}"),
        Some(TargetOf::Department) => format!("target/{period}/department"),
        Some(TargetOf::Team { team }) => format!("target/{period}/{team}"),
        Some(TargetOf::Rep { rep }) => format!("target/{period}/{rep}"),
    });
    let of = draft.field("whose", whose);
    let amount = draft.field("amount", known.amount.map(|amount| amount.minor));
    let deals = draft.field("deals", known.deals.map(|deals| deals.to_string()).unwrap_or_default());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    // One of whom no goal is set: a new target, or one that was withdrawn.
    let open_ones = StoredValue::new(all);
    let options = Signal::derive(move || {
        let is_open = |goal: &&Goal| goal.may_set && !goal.target.as_ref().is_some_and(|target| target.goal.is_any());
        open_ones.with_value(|all| all.iter().filter(is_open).map(|goal| Choice::new(goal.whose, words::target_of(goal.whose))).collect::<Vec<_>>())
    });
    let command = move || -> Result<Command, Rejection> {
        let whose = of.get_untracked().ok_or(Rejection::Required { field: Field::Owner })?;
        let typed = deals.get_untracked();
        let deals = match typed.trim() {
            "" => None,
            typed => Some(typed.parse().map_err(|_| Rejection::Malformed { field: Field::Quantity })?),
        };
        let goal = Aim { amount: amount.get_untracked().map(|minor| Money::new(minor, currency)), deals };
        let target = open_ones.with_value(|all| all.iter().find(|goal| goal.whose == whose).and_then(|goal| goal.target.clone()));
        Ok(match target {
            // Nothing in a new form is a mistake, in the form of a target it withdraws.
            Some(target) if editing || goal.is_any() => EditTarget { target: target.id, goal }.into(),
            _ => SetTarget { target: TargetId(Uuid::now_v7()), whose, period, goal }.into(),
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
                    finish(saved, t::analysis::target_saved(), busy, failure, open);
                });
            }
        }
    };
    let lacks = beside(failure, Field::Owner);
    let nobody = Signal::derive(move || lacks.get().map(|_| t::analysis::choose_whose().to_owned()));
    let hint = move || if editing { t::analysis::withdraw_hint() } else { t::analysis::goal_hint() };
    view! {
        <form class="stack" novalidate on:submit=save data-testid="target-form">
            <DraftNote draft />
            <Refusal refused=failure fields=&[Field::Owner, Field::Amount, Field::Quantity] test_id="target-refused" />
            <strong>{move || words::period(period)}</strong>
            {match whose {
                Some(whose) => view! { <p data-testid="target-whose">{move || words::target_of(whose)}</p> }.into_any(),
                None => view! {
                    <Select label=t::analysis::whose options value=of none=t::analysis::choose_whose error=nobody test_id="target-of" />
                }
                .into_any(),
            }}
            <MoneyField label=t::analysis::goal_amount value=amount unit=currency.code() hint error=beside(failure, Field::Amount) test_id="target-amount" />
            <TextField label=t::analysis::goal_deals value=deals inputmode="numeric" error=beside(failure, Field::Quantity) test_id="target-deals" />
            <Button submit=true look=Look::Primary wide=true busy test_id="target-save">{t::app::save}</Button>
        </form>
    }
}
