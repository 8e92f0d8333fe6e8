//! Today: a work list.

use crate::components::{Badge, EmptyState, Glyph, LinkButton, List, ListRow, Look, Mood, PageHead};
use crate::pages::follow_ups::{Acting, OwnTasks, TaskRow, TaskSheets};
use crate::pages::frame::Sheets;
use crate::pages::meetings::owner_words;
use crate::pages::venue::{checks, leavings, need_words};
use crate::replica;
use crate::replica::status::status;
use crate::routes::Place;
use crate::state::preparations::noon;
use crate::state::ready;
use crate::state::today::{FirstStep, LOOK_AGAIN_MS, Near, Task, first_step, tasks};
use crate::state::venue::works_at;
use crate::texts as t;
use crate::words::{self, percent};
use chrono::Utc;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use shared::Kind;
use shared::complaints::ComplaintState;
use shared::improvements::About;
use shared::preparations::Owner;
use shared::time::Timestamp;

const KINDS: [Kind; 20] = [
    Kind::HelpCall,
    Kind::HeldCommand,
    Kind::Meeting,
    Kind::Places,
    Kind::Invitation,
    Kind::Customer,
    Kind::Conflict,
    Kind::User,
    Kind::Deal,
    Kind::Settings,
    Kind::Preparation,
    Kind::Improvement,
    Kind::Milestone,
    Kind::CheckIn,
    Kind::LoggedContact,
    Kind::FollowUp,
    Kind::Errand,
    Kind::Complaint,
    Kind::Promotion,
    Kind::Taking,
];

/// What to do next.
#[component]
pub fn TodayPage() -> impl IntoView {
    let now = ticking();
    let acting = Acting::new();
    let refused = Memo::new(|_| status().refused.len());
    let own = OwnTasks::of_here();
    let list = Memo::new(move |_| {
        let actor = replica::actor()?;
        let left = leavings();
        let has_left = |task: &Task| matches!(task, Task::Leave { meeting, .. } if left.get(meeting).is_some_and(|left| left.by == actor.user));
        let mut tasks = replica::read(&KINDS, |replica| own.with(|own| tasks(replica, &actor, own, refused.get(), now.get())));
        tasks.retain(|task| !has_left(task));
        Some(tasks)
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
                            {tasks.into_iter().map(|task| row(task, acting, now.get_untracked())).collect_view()}
                        </List>
                    }
                        .into_any()
                }
            }}
        </div>
        <TaskSheets acting />
    }
}

fn row(task: Task, acting: Acting, now: Timestamp) -> AnyView {
    match task {
        Task::FollowUp(row) => view! { <TaskRow row=*row acting /> }.into_any(),
        Task::AllFollowUps(count) => view! {
            <ListRow icon=Glyph::Users href=Place::FollowUps test_id="today-follow-ups">{move || t::follow_ups::all(count)}</ListRow>
        }
        .into_any(),
        Task::Complaint(line) => {
            let (complaint, name, salutation, overdue) = (line.complaint.clone(), line.name.clone(), line.salutation, line.overdue);
            let is_settled = complaint.state == ComplaintState::Settled;
            let title = move || {
                let name = words::called(&name, salutation);
                if is_settled { t::complaints::today_tell(name) } else { t::complaints::today_settle(name) }
            };
            let note = move || {
                let (severity, until) = (words::severity(complaint.severity), t::complaints::until(words::day_of(complaint.deadline)));
                format!("{severity} · {until} · {}", complaint.what.lines().next().unwrap_or_default())
            };
            let end = move || overdue.then(|| view! { <Badge mood=Signal::stored(Mood::Bad)>{t::complaints::overdue}</Badge> });
            view! {
                <ListRow icon=Glyph::Alert href=Place::Complaints note end test_id="today-complaint">
                    {title}
                </ListRow>
            }
            .into_any()
        }
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
        Task::CallOff(asked) => {
            let (seller, total) = (asked.seller, words::money(asked.total));
            view! {
                <ListRow icon=Glyph::Ban href=Place::Deal(asked.deal) note=move || format!("{seller} · {total}") test_id="today-call-off">
                    {move || t::today::call_off(&asked.buyer)}
                </ListRow>
            }
            .into_any()
        }
        Task::Honour(beyond) => view! {
            <ListRow icon=Glyph::Alert href=Place::Deal(beyond.deal) note=move || t::today::honour_note(&beyond.name) test_id="today-honour">
                {beyond.buyer}
            </ListRow>
        }
        .into_any(),
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
            let works = replica::actor().is_some_and(|actor| replica::read(&[Kind::User], |replica| works_at(replica, &actor, &meeting)));
            let checked = checks().get(&meeting.id).copied();
            let is_asked_for = works && replica::actor().is_some_and(|actor| ready::is_asked_for(near, checked, actor.user, now));
            let end = move || (near == Near::On).then(|| view! { <Badge mood=Signal::stored(Mood::Good)>{t::today::now}</Badge> });
            let sells = replica::actor().is_some_and(|actor| actor.role.sells());
            let href = match sells {
                true if is_asked_for => Place::Ready(meeting.id),
                true => Place::VenueDesk(meeting.id),
                false => Place::Meeting(meeting.id),
            };
            view! {
                <ListRow icon=Glyph::MapPin href note end test_id="today-meeting">
                    {title}
                </ListRow>
            }
            .into_any()
        }
        Task::Prepare(own) => {
            let (clock, due, owner) = (own.meeting.plan.utc_offset, own.task.due, own.task.owner);
            let theme = own.meeting.plan.theme.clone();
            let until = move || t::preparations::until(words::day(noon(due, clock), clock, now));
            let note = move || match owner {
                Owner::Person { .. } => format!("{} · {theme}", until()),
                Owner::Role { .. } | Owner::Duty { .. } => format!("{} · {theme} · {}", until(), owner_words(owner)),
            };
            let overdue = own.overdue;
            let end = move || overdue.then(|| view! { <Badge mood=Signal::stored(Mood::Bad)>{t::preparations::overdue}</Badge> });
            view! {
                <ListRow icon=Glyph::CircleCheck href=Place::Meeting(own.meeting.id) note end test_id="today-prepare">
                    {own.task.what.clone()}
                </ListRow>
            }
            .into_any()
        }
        Task::Improve { improvement, overdue } => {
            let until = improvement.until;
            let place = match improvement.about {
                About::RefusalReason { .. } => Place::Refusals,
                About::Report { .. } => Place::Analysis,
            };
            let note = move || t::refusals::measure_until(words::day(noon(until, words::here()), words::here(), now));
            let end = move || overdue.then(|| view! { <Badge mood=Signal::stored(Mood::Bad)>{t::preparations::overdue}</Badge> });
            view! {
                <ListRow icon=Glyph::Chart href=place note end test_id="today-improve">
                    {improvement.measure.clone()}
                </ListRow>
            }
            .into_any()
        }
        Task::OfferPlace { who, theme, count } => {
            let name = words::called(&who.name, who.salutation);
            let title = move || if count == 1 { t::today::offer_place(&name) } else { t::today::offer_places(count, &name) };
            view! {
                <ListRow icon=Glyph::UserPlus href=Place::Calls note=move || t::today::offer_note(&theme) test_id="today-offer">
                    {title}
                </ListRow>
            }
            .into_any()
        }
        Task::TellWaiting { who, theme, count } => {
            let name = words::called(&who.name, who.salutation);
            let title = move || if count == 1 { t::today::tell_waiting(&name) } else { t::today::tell_waitings(count, &name) };
            view! {
                <ListRow icon=Glyph::Users href=Place::Calls note=move || t::today::tell_note(&theme) test_id="today-tell">
                    {title}
                </ListRow>
            }
            .into_any()
        }
        Task::Asked { who, theme, count } => {
            let name = words::called(&who.name, who.salutation);
            let title = move || if count == 1 { t::today::asked(&name) } else { t::today::askeds(count, &name) };
            view! {
                <ListRow icon=Glyph::CircleHelp href=Place::Calls note=move || t::today::asked_note(&theme) test_id="today-asked">
                    {title}
                </ListRow>
            }
            .into_any()
        }
        Task::Help { meeting, need, place } => view! {
            <ListRow icon=Glyph::Users href=Place::Floor(meeting) note=t::floor::today_note test_id="today-help">
                {move || words::opening(&t::floor::today(&place, need_words(need)))}
            </ListRow>
        }
        .into_any(),
        Task::Leave { meeting, theme } => view! {
            <ListRow icon=Glyph::LogOut href=Place::Leaving(meeting) note=t::leaving::today_note test_id="today-leaving">
                {move || t::leaving::today(&theme)}
            </ListRow>
        }
        .into_any(),
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
                {move || replica::actor().is_some_and(|actor| actor.role.sells()).then(|| view! {
                    <LinkButton href=Place::Customers icon=Glyph::Users>
                        {t::today::see_customers}
                    </LinkButton>
                })}
            </EmptyState>
        }
        .into_any(),
        None => ().into_any(),
    }
}

/// The time now, looked at again every minute.
pub(in crate::pages) fn ticking() -> ReadSignal<Timestamp> {
    let (now, set_now) = signal(Utc::now());
    let interval = SendWrapper::new(Interval::new(LOOK_AGAIN_MS, move || set_now.set(Utc::now())));
    on_cleanup(move || drop(interval.take()));
    now
}
