//! What else can become of a task: put off, handed over, given or taken back, dropped.

use crate::components::{Button, Choice, Glyph, Select, TextField, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::invitations::settings;
use crate::pages::meetings::day;
use crate::pages::refused::{Refusal, beside};
use crate::replica::{self, NotSaved};
use crate::state::follow_ups::{Row, colleagues};
use crate::texts as t;
use crate::words;
use chrono::{Days, NaiveDate, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::follow_ups::command::{Mark, MarkFollowUp};
use shared::follow_ups::tasks::Hands;
use shared::ids::UserId;
use shared::rejection::Field;
use shared::{Kind, Rejection};

/// How far a tap puts a task off.
const SNOOZES: [(u64, fn() -> &'static str); 3] = [(1, t::follow_ups::tomorrow), (3, t::follow_ups::in_three_days), (7, t::follow_ups::next_week)];

/// The sheet of one task.
#[component]
pub(super) fn ChangeForm(row: Row, open: RwSignal<bool>) -> impl IntoView {
    let draft = Draft::of(format!("follow-up/{}", row.id));
    let until = draft.field("until", String::new());
    let to = draft.field("to", None::<UserId>);
    let about = draft.field("words", String::new());
    let reason = draft.field("reason", String::new());
    let refused = RwSignal::new(None::<NotSaved>);
    let (customer, why, due) = (row.task.customer, row.task.why, row.task.due);
    let (is_with, is_from) = (matches!(row.task.hands, Hands::With(_)), matches!(row.task.hands, Hands::From(_)));
    let send = move |mark: Mark, said: String, undone: bool| {
        refused.set(None);
        spawn_local(async move {
            match draft.submit(MarkFollowUp { customer, why, mark }).await {
                Err(why) => drop(refused.try_set(Some(why))),
                Ok(()) => {
                    open.try_set(false);
                    let take_back = move || {
                        spawn_local(async move {
                            match replica::submit(MarkFollowUp { customer, why, mark: Mark::Open }).await {
                                Ok(()) => toast::show(t::follow_ups::taken_back()),
                                Err(why) => toast::show(words::not_saved(&why)),
                            }
                        });
                    };
                    if undone { toast::show_with_undo(said, take_back) } else { toast::show(said) }
                }
            }
        });
    };
    // Whoever has a colleague's task would give it back by that.
    let put_off = move |until: NaiveDate| send(Mark::Snoozed { until }, t::follow_ups::snoozed(words::day_of(until)), !is_from);
    let in_days = move |days: u64| {
        let today = settings().map_or_else(|| words::here().day_of(Utc::now()), |settings| settings.utc_offset.day_of(Utc::now()));
        today.checked_add_days(Days::new(days)).unwrap_or(today)
    };
    let to_day = move || match day(&until.get_untracked()) {
        Ok(until) => put_off(until),
        Err(why) => refused.set(Some(NotSaved::Rejected(why))),
    };
    let hand_over = move || match to.get_untracked() {
        None => refused.set(Some(NotSaved::Rejected(Rejection::Required { field: Field::Owner }))),
        Some(to) => {
            let mark = Mark::HandedOver { to, due, words: about.get_untracked() };
            send(mark, t::follow_ups::handed().to_owned(), true);
        }
    };
    let people = Signal::derive(move || {
        let Some(actor) = replica::actor() else { return Vec::new() };
        let found = replica::read(&[Kind::User, Kind::Customer], |replica| colleagues(replica, &actor, customer));
        found.into_iter().map(|user| Choice::new(user.id, user.name.clone())).collect::<Vec<_>>()
    });
    if is_with {
        let take = move || send(Mark::Open, t::follow_ups::taken_back().to_owned(), false);
        return view! {
            <Refusal refused fields=&[] test_id="follow-up-refused" />
            <Button icon=Glyph::Undo on_press=take test_id="follow-up-take-back">{t::follow_ups::take_back}</Button>
        }
        .into_any();
    }
    let wake = row.task.snoozed.is_some().then(|| {
        let wake = move || {
            let mark = if is_from { Mark::Snoozed { until: in_days(0) } } else { Mark::Open };
            send(mark, t::follow_ups::taken_back().to_owned(), false);
        };
        view! { <Button icon=Glyph::Refresh on_press=wake test_id="follow-up-wake">{t::follow_ups::wake}</Button> }
    });
    let give_back = match &row.task.hands {
        Hands::From(errand) => {
            let from = errand.from;
            let back = move || send(Mark::Open, t::follow_ups::given_back().to_owned(), false);
            Some(view! {
                <Button icon=Glyph::Undo on_press=back test_id="follow-up-give-back">{move || t::follow_ups::give_back(words::person(from))}</Button>
            })
        }
        Hands::Own | Hands::With(_) => None,
    };
    view! {
        <DraftNote draft />
        <Refusal refused fields=&[Field::Due, Field::Owner, Field::Reason, Field::Words] test_id="follow-up-refused" />
        {wake}
        {give_back}
        <section class="stack">
            <h3>{t::follow_ups::snooze}</h3>
            <div class="cluster">
                {SNOOZES
                    .map(|(days, label)| view! { <Button icon=Glyph::Clock on_press=move || put_off(in_days(days)) test_id="follow-up-snooze">{label}</Button> })
                    .collect_view()}
            </div>
            <TextField label=t::follow_ups::another_day value=until kind="date" error=beside(refused, Field::Due) test_id="follow-up-until" />
            <div><Button on_press=to_day test_id="follow-up-snooze-until">{t::follow_ups::snooze}</Button></div>
        </section>
        {(!is_from).then(|| view! {
            <section class="stack">
                <h3>{t::follow_ups::hand_over}</h3>
                <Select label=t::follow_ups::to options=people value=to none=t::follow_ups::choose_colleague error=beside(refused, Field::Owner) test_id="follow-up-to" />
                <TextField label=t::follow_ups::words value=about hint=t::follow_ups::shown error=beside(refused, Field::Words) test_id="follow-up-words" />
                <div><Button icon=Glyph::ArrowRight on_press=hand_over test_id="follow-up-hand-over">{t::follow_ups::hand_over}</Button></div>
            </section>
        })}
        <section class="stack">
            <h3>{t::follow_ups::drop}</h3>
            <TextField label=t::follow_ups::reason value=reason error=beside(refused, Field::Reason) test_id="follow-up-reason" />
            <div>
                <Button
                    icon=Glyph::Ban
                    on_press=move || send(Mark::Dropped { reason: reason.get_untracked() }, t::follow_ups::dropped().to_owned(), !is_from)
                    test_id="follow-up-drop"
                >
                    {t::follow_ups::drop}
                </Button>
            </div>
        </section>
    }
    .into_any()
}
