//! The venue's first page: today's meeting, this desk's name, three large ways to let somebody in, and the numbers.

use super::verdict::VerdictScreen;
use crate::components::{EmptyState, Glyph, Icon, LinkButton, List, ListRow, PageHead, TextField};
use crate::pages::seats;
use crate::platform::desk;
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::seats::open_clashes;
use crate::state::venue::{Doors, doors, numbers};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shared::Kind;
use shared::ids::MeetingId;
use shared::meetings::Meeting;
use std::sync::Arc;

/// The meetings of today; if there is one only, its desk.
#[component]
pub fn VenuePage() -> impl IntoView {
    let query = use_query_map();
    let doors = Memo::new(move |_| {
        let Some(actor) = replica::actor() else { return Doors::default() };
        replica::read(&[Kind::Meeting, Kind::User], |replica| doors(replica, &actor, chrono::Utc::now()))
    });
    let the_one = Memo::new(move |_| {
        let all = query.with(|query| query.get("all").is_some());
        doors.with(|doors| if let ([only], false) = (&doors.today[..], all) { Some(only.id) } else { None })
    });
    move || match the_one.get() {
        Some(id) => view! { <Desk id /> }.into_any(),
        None => choice(doors.get()).into_any(),
    }
}

/// A desk of a meeting.
#[component]
pub fn DeskPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    move || match meeting.get() {
        Some(id) => view! { <Desk id /> }.into_any(),
        None => choice(Doors::default()).into_any(),
    }
}

fn choice(doors: Doors) -> impl IntoView {
    let is_empty = doors.today.is_empty() && doors.others.is_empty();
    let list = |label: fn() -> &'static str, meetings: Vec<Arc<Meeting>>| {
        (!meetings.is_empty()).then(|| {
            view! {
                <section class="venue-part">
                    <h2>{label}</h2>
                    <List label=label test_id="venue-meetings">{meetings.into_iter().map(meeting_row).collect_view()}</List>
                </section>
            }
        })
    };
    view! {
        <div class="venue stage">
            <PageHead title=t::app::venue note=t::venue::choose_meeting />
            {is_empty.then(|| view! {
                <EmptyState glyph=Glyph::CalendarPlus title=t::venue::no_meeting text=t::venue::no_meeting_help test_id="venue-empty">
                    <LinkButton href=Place::Meetings>{t::app::meetings}</LinkButton>
                </EmptyState>
            })}
            {list(t::venue::todays, doors.today)}
            {list(t::venue::others, doors.others)}
        </div>
    }
}

fn meeting_row(meeting: Arc<Meeting>) -> impl IntoView {
    let plan = meeting.plan.clone();
    let when =
        move || format!("{} · {}", words::opening(&words::span(plan.starts_at, plan.ends_at, plan.utc_offset, chrono::Utc::now())), plan.venue);
    view! { <ListRow href=Place::VenueDesk(meeting.id) icon=Glyph::Calendar note=when test_id="venue-meeting">{meeting.plan.theme.clone()}</ListRow> }
}

/// One meeting's door.
#[component]
fn Desk(id: MeetingId) -> impl IntoView {
    let meeting = Memo::new(move |_| replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(id).cloned()));
    let counted = Memo::new(move |_| replica::read(&[Kind::Guest, Kind::CheckIn, Kind::Conflict], |replica| numbers(replica, id)));
    let when = move || {
        meeting.get().map_or_else(String::new, |meeting| {
            let plan = &meeting.plan;
            format!("{} · {}", words::opening(&words::span(plan.starts_at, plan.ends_at, plan.utc_offset, chrono::Utc::now())), plan.venue)
        })
    };
    let theme = move || meeting.get().map_or_else(|| t::app::venue().to_owned(), |meeting| meeting.plan.theme.clone());
    let conflicts = Memo::new(move |_| counted.get().conflicts);
    let clashes = Memo::new(move |_| replica::read(seats::KINDS, |replica| open_clashes(replica, id)));
    view! {
        <div class="venue stage" data-testid="venue-desk">
            <PageHead title=theme note=when>
                <LinkButton href=Signal::stored(format!("{}?all=1", Place::Venue.path())) icon=Glyph::Calendar>{t::venue::other_meeting}</LinkButton>
            </PageHead>
            <div class="venue-body">
                {move || {
                    (conflicts.get() > 0).then(|| {
                        view! {
                            <a class="venue-conflicts" href=Place::Conflicts(id).path() data-testid="venue-conflicts">
                                <Icon glyph=Glyph::Split />
                                <span>{move || t::venue::open_conflicts(conflicts.get())}</span>
                                <Icon glyph=Glyph::ChevronRight />
                            </a>
                        }
                    })
                }}
                {move || {
                    (clashes.get() > 0).then(|| {
                        view! {
                            <a class="venue-conflicts" href=Place::Seats(id).path() data-testid="venue-clashes">
                                <Icon glyph=Glyph::Split />
                                <span>{move || t::seats::clash_count(clashes.get())}</span>
                                <Icon glyph=Glyph::ChevronRight />
                            </a>
                        }
                    })
                }}
                <div class="venue-ways">
                    {way(Place::Scan(id), Glyph::Scan, t::app::scan, "way primary", "venue-scan")}
                    {way(Place::FindGuest(id), Glyph::Search, t::venue::search, "way", "venue-search")}
                    {way(Place::WalkIn(id), Glyph::UserPlus, t::venue::walk_in, "way", "venue-walk-in")}
                </div>
                <dl class="venue-numbers" data-testid="venue-numbers">
                    <div>
                        <dt>{t::venue::arrived}</dt>
                        <dd class="number" data-testid="venue-arrived">{move || counted.get().arrived}</dd>
                    </div>
                    <div>
                        <dt>{t::venue::expected}</dt>
                        <dd class="number" data-testid="venue-expected">{move || counted.get().expected}</dd>
                    </div>
                    <div>
                        <dt>{t::venue::walk_ins}</dt>
                        <dd class="number" data-testid="venue-walk-ins">{move || counted.get().walk_ins}</dd>
                    </div>
                </dl>
                <DeskName />
                <nav class="cluster">
                    <LinkButton href=Place::Board(id) icon=Glyph::Chart test_id="venue-board">{t::app::board}</LinkButton>
                    <LinkButton href=Place::Conflicts(id) icon=Glyph::Split test_id="venue-to-conflicts">{t::app::conflicts}</LinkButton>
                    <LinkButton href=Place::Seats(id) icon=Glyph::Users test_id="venue-seats">{t::seats::title}</LinkButton>
                    <LinkButton href=Place::Stock(id) icon=Glyph::Package test_id="venue-stock">{t::stock::title}</LinkButton>
                    <LinkButton href=Place::Desks(id) icon=Glyph::Tablet test_id="venue-desks">{t::seats::desks}</LinkButton>
                    <LinkButton href=Place::Ready(id) icon=Glyph::CircleCheck test_id="venue-ready">{t::ready::get_ready}</LinkButton>
                    <LinkButton href=Place::Floor(id) icon=Glyph::Clock test_id="venue-floor">{t::floor::title}</LinkButton>
                    <LinkButton href=Place::Labels(id) icon=Glyph::Printer test_id="venue-labels">{t::labels::to_labels}</LinkButton>
                    <LinkButton href=Place::Kiosk(id) icon=Glyph::Tablet test_id="venue-kiosk">{t::kiosk::to_kiosk}</LinkButton>
                    <LinkButton href=Place::Give(id) icon=Glyph::Send test_id="venue-give">{t::carry::give}</LinkButton>
                    <LinkButton href=Place::Take(id) icon=Glyph::Download test_id="venue-take">{t::carry::take}</LinkButton>
                    <LinkButton href=Place::Leaving(id) icon=Glyph::LogOut test_id="venue-leaving">{t::leaving::leave}</LinkButton>
                </nav>
            </div>
            <VerdictScreen />
        </div>
    }
}

fn way(place: Place, glyph: Glyph, words: fn() -> &'static str, class: &'static str, test_id: &'static str) -> impl IntoView {
    view! {
        <a class=class href=place.path() data-testid=test_id>
            <Icon glyph />
            <span>{words}</span>
        </a>
    }
}

/// How this desk is called; kept as it is typed. Asked here and under More, in the same words.
#[component]
pub(crate) fn DeskName() -> impl IntoView {
    let name = RwSignal::new(untrack(desk::name));
    Effect::new(move |before: Option<()>| {
        let name = name.get();
        if before.is_some() {
            desk::set_name(name.chars().take(40).collect());
        }
    });
    view! {
        <div class="desk-name">
            <TextField label=t::venue::desk hint=t::venue::desk_hint placeholder=t::venue::desk_unnamed value=name test_id="desk-name" />
        </div>
    }
}
