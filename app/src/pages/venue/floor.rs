//! The hall while a meeting is on (clause D6): the agenda by taps, and calls for help to the others on duty.

use crate::components::{Badge, Banner, Button, Chips, Choice, EmptyState, Glyph, LinkButton, Look, Mood, PageHead, TextField, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::platform::feedback;
use crate::replica;
use crate::replica::status::{Reach, status};
use crate::routes::{Place, id_param};
use crate::state::floor::{Agenda, CALL_KINDS, Call, Point, Progress, agenda_of, calling, calls, others_on_duty};
use crate::state::venue::{Tone, works_at};
use crate::texts as t;
use crate::words;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::floor::command::{AnswerHelpCall, CallForHelp, CloseHelpCall, MarkAgenda, UndoAgendaMark};
use shared::floor::{Need, Step};
use shared::ids::{AgendaMarkId, HelpCallId, MeetingId};
use shared::meetings::Meeting;
use shared::time::UtcOffset;
use shared::{Command, Kind};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// Settled calls that are still shown.
const SETTLED: usize = 10;

/// What goes on.
#[component]
pub fn FloorPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let now = ticking();
    let clock = Memo::new(move |_| {
        let (id, actor) = (meeting.get()?, replica::actor()?);
        replica::read(&[Kind::Meeting, Kind::User], |replica| {
            replica.noun::<Meeting>(id).filter(|meeting| works_at(replica, &actor, meeting)).map(|meeting| meeting.plan.utc_offset)
        })
    });
    let theme = move || {
        let id = meeting.get()?;
        replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(id).map(|meeting| meeting.plan.theme.clone()))
    };
    let back = Signal::derive(move || meeting.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()));
    view! {
        <div class="floor stage" data-testid="floor">
            <PageHead title=t::floor::title note=move || theme().unwrap_or_default() back />
            {move || match meeting.get().zip(clock.get()) {
                Some((id, clock)) => view! {
                    <div class="floor-body">
                        <Calls id clock now />
                        <CallForm id />
                        <Points id clock now />
                    </div>
                }.into_any(),
                None => view! {
                    <EmptyState glyph=Glyph::CalendarPlus title=t::ready::not_on_duty text=t::ready::not_on_duty_help test_id="floor-not-on-duty">
                        <LinkButton href=Place::Meetings>{t::app::meetings}</LinkButton>
                    </EmptyState>
                }.into_any(),
            }}
        </div>
    }
}

/// Tells of new calls wherever somebody on duty is in the app.
#[component]
pub(crate) fn HelpWatch() -> impl IntoView {
    let now = ticking();
    let waiting = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        replica::read(CALL_KINDS, |replica| calling(replica, &actor, now.get()))
    });
    Effect::new(move |known: Option<BTreeSet<HelpCallId>>| {
        let calls = waiting.get();
        // What was there when the app was opened stands on Today.
        if let Some(known) = known {
            for (_, call) in calls.iter().filter(|(_, call)| !known.contains(&call.id)) {
                feedback::tell(Tone::Caution);
                toast::show(untrack(|| words::opening(&t::floor::calling(&call.place, need_words(call.need)))));
            }
            return known.into_iter().chain(calls.iter().map(|(_, call)| call.id)).collect();
        }
        calls.iter().map(|(_, call)| call.id).collect()
    });
}

#[component]
fn Calls(id: MeetingId, clock: UtcOffset, now: RwSignal<DateTime<Utc>>) -> impl IntoView {
    let list = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Vec::new() };
        let mut found = replica::read(CALL_KINDS, |replica| calls(replica, &actor, id));
        let open = found.iter().filter(|call| call.closed.is_none()).count();
        found.truncate(open + SETTLED);
        found
    });
    view! {
        <section class="stack" data-testid="floor-calls">
            <h2>{t::floor::calls}</h2>
            {move || list.with(Vec::is_empty).then(|| view! { <p class="soft">{t::floor::no_calls}</p> })}
            <ul class="floor-calls" role="list">
                {move || list.get().into_iter().map(|call| view! { <CallCard call clock now /> }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn CallCard(call: Call, clock: UtcOffset, now: RwSignal<DateTime<Utc>>) -> impl IntoView {
    let Call { id, need, place, at, by, is_mine, coming, i_come, closed, has_not_left } = call;
    let state = if closed.is_some() {
        "settled"
    } else if coming.is_empty() {
        "open"
    } else {
        "answered"
    };
    let nobody = coming.is_empty();
    view! {
        <li class="floor-call" data-testid="floor-call" data-state=state>
            <p class="floor-place">{move || words::opening(&t::floor::needed_at(&place, need_words(need)))}</p>
            <p class="soft">{move || t::floor::by(words::ago(at, now.get()), &by)}</p>
            {has_not_left.then(|| view! { <p data-testid="floor-not-left"><Badge mood=Signal::stored(Mood::Warning) icon=Glyph::CloudUpload>{t::floor::not_left}</Badge></p> })}
            {match closed {
                Some(closed) => view! { <p class="soft">{move || t::floor::settled_at(words::moment(closed, clock, now.get()))}</p> }.into_any(),
                None => view! {
                    {nobody.then(|| view! { <p>{t::floor::nobody_yet}</p> })}
                    {coming.into_iter().map(|who| view! { <p data-testid="floor-coming">{move || t::floor::comes(&who)}</p> }).collect_view()}
                    <div class="cluster">
                        {(!is_mine && !i_come).then(|| view! {
                            <Button look=if nobody { Look::Primary } else { Look::Quiet } icon=Glyph::ArrowRight on_press=move || say(AnswerHelpCall { call: id }) test_id="floor-answer">
                                {t::floor::i_come}
                            </Button>
                        })}
                        <Button icon=Glyph::Check on_press=move || say(CloseHelpCall { call: id }) test_id="floor-close">{t::floor::settled}</Button>
                    </div>
                }.into_any(),
            }}
        </li>
    }
}

#[component]
fn CallForm(id: MeetingId) -> impl IntoView {
    let draft = Draft::of(format!("help/{id}"));
    let need = draft.field("need", Some(Need::Closer));
    let place = draft.field("place", String::new());
    let (missing, busy) = (RwSignal::new(false), RwSignal::new(false));
    let others = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return 0 };
        replica::read(&[Kind::Meeting], |replica| others_on_duty(replica, &actor, id))
    });
    let is_online = Memo::new(|_| status().reach == Reach::Online);
    let needs = Signal::derive(|| {
        [Need::Closer, Need::ProductExpert, Need::Usher, Need::Supervisor].map(|need| Choice::new(need, need_words(need))).to_vec()
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (place_now, Some(need)) = (place.get_untracked().trim().to_owned(), need.get_untracked()) else { return };
        missing.set(place_now.is_empty());
        if busy.get_untracked() || missing.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(CallForHelp { call: HelpCallId(Uuid::now_v7()), meeting: id, need, place: place_now }).await;
            busy.try_set(false);
            match saved {
                Ok(()) => drop(place.try_set(String::new())),
                Err(why) => toast::show(untrack(|| words::not_saved(&why))),
            }
        });
    };
    let error = Signal::derive(move || missing.get().then(|| t::floor::place_needed().to_owned()));
    view! {
        <form class="stack card" novalidate on:submit=submit data-testid="floor-form">
            <h2>{t::floor::help}</h2>
            <DraftNote draft />
            <Chips label=t::floor::who options=needs value=need test_id="floor-need" />
            <TextField label=t::floor::place hint=t::floor::place_hint value=place error test_id="floor-place" />
            {move || (!is_online.get()).then(|| view! { <Banner mood=Mood::Warning test_id="floor-offline"><p>{t::floor::offline_now}</p></Banner> })}
            <p class="soft">{move || t::floor::goes_to(others.get())}</p>
            <Button look=Look::Primary submit=true wide=true busy icon=Glyph::Users test_id="floor-call-now">{t::floor::call}</Button>
        </form>
    }
}

#[component]
fn Points(id: MeetingId, clock: UtcOffset, now: RwSignal<DateTime<Utc>>) -> impl IntoView {
    let found = Memo::new(move |_| replica::read(&[Kind::Meeting, Kind::AgendaMark], |replica| agenda_of(replica, id, now.get())));
    view! {
        <section class="stack" data-testid="floor-agenda" data-late=move || found.with(|found| found.late)>
            <h2>{t::floor::agenda}</h2>
            {move || delay(&found.get())}
            <ol class="floor-points" role="list">
                {move || {
                    let Agenda { points, next, .. } = found.get();
                    points.into_iter().enumerate().map(|(at, point)| view! { <Row id point is_next=next == Some(at) clock /> }).collect_view()
                }}
            </ol>
        </section>
    }
}

fn delay(agenda: &Agenda) -> impl IntoView + use<> {
    let (late, is_empty) = (agenda.late, agenda.points.is_empty());
    let mood = if late > 0 { Mood::Warning } else { Mood::Good };
    let words = move || match late {
        1.. => t::floor::late(late),
        0 => t::floor::on_time().to_owned(),
        _ => t::floor::early(-late),
    };
    if is_empty {
        view! { <p class="soft">{t::floor::no_agenda}</p> }.into_any()
    } else {
        view! { <p data-testid="floor-delay"><Badge mood=Signal::stored(mood) icon=Glyph::Clock>{words}</Badge></p> }.into_any()
    }
}

#[component]
fn Row(id: MeetingId, point: Point, is_next: bool, clock: UtcOffset) -> impl IntoView {
    let Point { minute, title, speaker, planned, progress, last } = point;
    let (state, is_on) = match progress {
        Progress::On { .. } => ("on", true),
        Progress::Over => ("over", false),
        Progress::Ahead { .. } => ("ahead", false),
    };
    let named = title.clone();
    let when = move || match progress {
        Progress::On { since } => t::floor::since(words::clock(since, clock)),
        Progress::Over => t::floor::over().to_owned(),
        Progress::Ahead { expected } if expected == planned => t::floor::planned(words::clock(planned, clock)),
        Progress::Ahead { expected } => {
            format!("{} · {}", t::floor::expected(words::clock(expected, clock)), t::floor::planned(words::clock(planned, clock)))
        }
    };
    let tap = move |step: Step| {
        let title = named.clone();
        move || say(MarkAgenda { mark: AgendaMarkId(Uuid::now_v7()), meeting: id, minute, title: title.clone(), step })
    };
    let (begin, finish) = (tap(Step::Started), tap(Step::Ended));
    view! {
        <li class="floor-point" data-testid="floor-point" data-state=state aria-current=is_on.then_some("step")>
            <div class="floor-words">
                <p class="floor-title">
                    {title} " "
                    {is_on.then(|| view! { <Badge mood=Signal::stored(Mood::Good)>{t::floor::now}</Badge> })}
                    {is_next.then(|| view! { <Badge>{t::floor::next}</Badge> })}
                </p>
                <p class="soft">{when} {(!speaker.is_empty()).then(|| format!(" · {speaker}"))}</p>
            </div>
            <div class="cluster">
                {(!is_on).then(|| view! {
                    <Button look=if is_next { Look::Primary } else { Look::Quiet } on_press=begin test_id="floor-begin">{t::floor::begin}</Button>
                })}
                {is_on.then(|| view! { <Button look=Look::Primary on_press=finish test_id="floor-finish">{t::floor::finish}</Button> })}
                {last.map(|mark| view! {
                    <Button icon=Glyph::Undo label=t::floor::undo on_press=move || say(UndoAgendaMark { mark }) test_id="floor-undo" />
                })}
            </div>
        </li>
    }
}

/// Who is needed, in words.
pub(crate) fn need_words(need: Need) -> &'static str {
    match need {
        Need::Closer => t::floor::closer(),
        Need::ProductExpert => t::floor::product_expert(),
        Need::Usher => t::floor::usher(),
        Need::Supervisor => t::floor::supervisor(),
    }
}

fn say(command: impl Into<Command>) {
    let command = command.into();
    spawn_local(async move {
        if let Err(why) = replica::submit(command).await {
            toast::show(untrack(|| words::not_saved(&why)));
        }
    });
}

fn ticking() -> RwSignal<DateTime<Utc>> {
    let now = RwSignal::new(Utc::now());
    if let Ok(ticking) = set_interval_with_handle(move || now.set(Utc::now()), Duration::from_secs(15)) {
        on_cleanup(move || ticking.clear());
    }
    now
}
