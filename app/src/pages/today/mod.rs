//! Today: a work list.

use crate::components::{Badge, EmptyState, Glyph, LinkButton, List, ListRow, Look, Mood, PageHead};
use crate::pages::frame::Sheets;
use crate::replica;
use crate::replica::status::status;
use crate::routes::Place;
use crate::state::today::{FirstStep, LOOK_AGAIN_MS, Near, Task, first_step, tasks};
use crate::texts as t;
use crate::words::{self, percent};
use chrono::Utc;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use shared::Kind;
use shared::time::Timestamp;

const KINDS: [Kind; 8] = [Kind::HeldCommand, Kind::Meeting, Kind::Invitation, Kind::Customer, Kind::Conflict, Kind::User, Kind::Deal, Kind::Settings];

/// What to do next.
#[component]
pub fn TodayPage() -> impl IntoView {
    let now = ticking();
    let refused = Memo::new(|_| status().refused.len());
    let list = Memo::new(move |_| {
        let actor = replica::actor()?;
        Some(replica::read(&KINDS, |replica| tasks(replica, &actor, refused.get(), now.get())))
    });
    let date = move || words::date(now.get(), words::here());
    view! {
        <PageHead title=t::app::today note=date />
        <div class="page-content">
            {move || match list.get() {
                None => ().into_any(),
                Some(tasks) if tasks.is_empty() => view! { <NothingToDo /> }.into_any(),
                Some(tasks) => {
                    view! {
                        <List label=t::today::to_do test_id="today-list">
                            {tasks.into_iter().map(|task| row(task, now.get_untracked())).collect_view()}
                        </List>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

fn row(task: Task, now: Timestamp) -> AnyView {
    match task {
        Task::Refused(count) => {
            let sheet = expect_context::<Sheets>().sync;
            let open = move || sheet.set(true);
            view! {
                <ListRow icon=Glyph::Alert on_press=open note=t::today::refused_note test_id="today-refused">
                    {move || t::today::refused(count)}
                </ListRow>
            }
            .into_any()
        }
        Task::Rule(count) => view! {
            <ListRow icon=Glyph::Shield href=Place::Quarantine note=t::today::rule_note test_id="today-held">
                {move || t::today::rule(count)}
            </ListRow>
        }
        .into_any(),
        Task::Conflicts { meeting, theme, count } => view! {
            <ListRow icon=Glyph::Split href=Place::Conflicts(meeting) note=theme test_id="today-conflicts">
                {move || t::today::conflicts(count)}
            </ListRow>
        }
        .into_any(),
        Task::Approve(asked) => {
            let (title, note) = (asked.clone(), asked.seller);
            let amounts = (percent(asked.discount), words::money(asked.total));
            view! {
                <ListRow
                    icon=Glyph::Shield
                    href=Place::Deal(title.deal)
                    note=move || t::today::approve_note(&amounts.0, &note, &amounts.1)
                    test_id="today-approve"
                >
                    {move || t::today::approve(&title.buyer)}
                </ListRow>
            }
            .into_any()
        }
        Task::Approved(asked) => {
            let note = percent(asked.discount);
            view! {
                <ListRow icon=Glyph::Signature href=Place::Deal(asked.deal) note=move || t::today::approved_note(&note) test_id="today-approved">
                    {move || t::today::approved(&asked.buyer)}
                </ListRow>
            }
            .into_any()
        }
        Task::NotApproved(asked) => {
            let note = percent(asked.discount);
            view! {
                <ListRow icon=Glyph::Pencil href=Place::Deal(asked.deal) note=move || t::today::not_approved_note(&note) test_id="today-not-approved">
                    {move || t::today::not_approved(&asked.buyer)}
                </ListRow>
            }
            .into_any()
        }
        Task::Meeting { meeting, near } => {
            let plan = meeting.plan.clone();
            let theme = plan.theme.clone();
            let title = move || match near {
                Near::On => t::today::meeting_on(&theme),
                Near::Soon => t::today::meeting_soon(&theme),
                Near::Later => t::today::meeting_later(&theme),
            };
            let note = move || match near {
                Near::On => t::today::until(&plan.venue, words::clock(plan.ends_at, plan.utc_offset)),
                Near::Soon | Near::Later => t::today::starts(&plan.venue, words::from_now(plan.starts_at, now)),
            };
            let end = move || (near == Near::On).then(|| view! { <Badge mood=Signal::stored(Mood::Good)>{t::today::now}</Badge> });
            view! {
                <ListRow icon=Glyph::MapPin href=Place::VenueDesk(meeting.id) note end test_id="today-meeting">
                    {title}
                </ListRow>
            }
            .into_any()
        }
        Task::CallBack { who, promised, count } => {
            let name = words::called(&who.name, who.salutation);
            let title = move || if count == 1 { t::today::call_back(&name) } else { t::today::call_backs(count, &name) };
            let note = move || t::today::promised(words::moment(promised, words::here(), now));
            let end = || view! { <Badge mood=Signal::stored(Mood::Warning)>{t::today::overdue}</Badge> };
            view! {
                <ListRow icon=Glyph::PhoneCall href=Place::Calls note end test_id="today-call-back">
                    {title}
                </ListRow>
            }
            .into_any()
        }
        Task::Confirm { count, theme } => view! {
            <ListRow icon=Glyph::CalendarCheck href=Place::Confirmations note=theme test_id="today-confirm">
                {move || t::today::confirm(count)}
            </ListRow>
        }
        .into_any(),
        Task::NextCall { who, theme, count } => {
            let title = move || t::today::next_call(words::called(&who.name, who.salutation));
            view! {
                <ListRow icon=Glyph::Phone href=Place::Calls note=move || t::today::calls_left(count, &theme) test_id="today-next-call">
                    {title}
                </ListRow>
            }
            .into_any()
        }
    }
}

#[component]
fn NothingToDo() -> impl IntoView {
    let step = move || replica::actor().map(|actor| replica::read(&KINDS, |replica| first_step(replica, &actor)));
    move || match step() {
        Some(FirstStep::Customers) => view! {
            <EmptyState glyph=Glyph::Users title=t::today::start_with_customers text=t::today::start_with_customers_note test_id="today-empty">
                <LinkButton href=Place::ImportCustomers look=Look::Primary icon=Glyph::Upload>
                    {t::today::import_customers}
                </LinkButton>
            </EmptyState>
        }
        .into_any(),
        Some(FirstStep::People) => view! {
            <EmptyState glyph=Glyph::UserPlus title=t::today::start_with_people text=t::today::start_with_people_note test_id="today-empty">
                <LinkButton href=Place::People look=Look::Primary icon=Glyph::UserPlus>
                    {t::today::add_people}
                </LinkButton>
            </EmptyState>
        }
        .into_any(),
        Some(FirstStep::Nothing) => view! {
            <EmptyState glyph=Glyph::Check title=t::today::all_done text=t::today::all_done_note test_id="today-empty">
                <LinkButton href=Place::Meetings icon=Glyph::Calendar>
                    {t::today::see_meetings}
                </LinkButton>
                <LinkButton href=Place::Customers icon=Glyph::Users>
                    {t::today::see_customers}
                </LinkButton>
            </EmptyState>
        }
        .into_any(),
        None => ().into_any(),
    }
}

/// The time now, looked at again every minute.
fn ticking() -> ReadSignal<Timestamp> {
    let (now, set_now) = signal(Utc::now());
    let interval = SendWrapper::new(Interval::new(LOOK_AGAIN_MS, move || set_now.set(Utc::now())));
    on_cleanup(move || drop(interval.take()));
    now
}
