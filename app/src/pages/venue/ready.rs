//! The check before leaving for a meeting (clause C5): everything is tried here, now, on this device; what lacks has its remedy beside it.

use super::viewfinder::{Viewfinder, Watching};
use crate::components::{Badge, Banner, Button, EmptyState, Glyph, Icon, LinkButton, Look, Mood, PageHead, modules};
use crate::pages::frame::Sheets;
use crate::pages::session::PinSheet;
use crate::platform::camera::{self, Facing};
use crate::platform::{battery, clock, document, remembered, service_worker, vault};
use crate::replica::session::lock;
use crate::replica::status::status;
use crate::replica::{self, drafts, pin};
use crate::routes::{Place, id_param};
use crate::state::ready::{
    AppFiles, Blind, Check, Checked, Facts, Ground, Guard, Line, Mark, Memory, Practice, Remedy, Step, ground, lines, own_ticket_is_good, remember,
    whole,
};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::ids::MeetingId;
use shared::meetings::Meeting;
use shared::{Kind, Scope};
use std::time::Duration;

const REMEMBERED: &str = "huixiao.ready";
/// A camera that is on shows something by then.
const PICTURE_MS: u32 = 8_000;

/// The checks that this browser remembers.
pub(crate) fn memory() -> Memory {
    remembered::get(REMEMBERED).unwrap_or_default()
}

/// Whether this device is ready for a meeting.
#[component]
pub fn ReadyPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let facts = RwSignal::new(Facts::default());
    let watching = RwSignal::new(Watching::Starting);
    let round = RwSignal::new(0_u32);
    let pin_open = RwSignal::new(false);
    let now = RwSignal::new(Utc::now());
    if let Ok(ticking) = set_interval_with_handle(move || now.set(Utc::now()), Duration::from_secs(15)) {
        on_cleanup(move || ticking.clear());
    }
    let here = Memo::new(move |_| {
        let (id, actor) = (meeting.get()?, replica::actor()?);
        let holds = status().fresh_at.is_some() && replica::holds(Scope::Meeting(id));
        replica::read(&[Kind::Meeting, Kind::Guest, Kind::User, Kind::Settings], |replica| ground(replica, &actor, id, holds))
    });
    let guard = Memo::new(move |_| {
        round.track();
        pin_open.track();
        Guard { has_pin: pin::is_set(), pin_until: pin::password_typed().map(|(_, until)| until) }
    });
    let found = Memo::new(move |_| here.with(|here| here.as_ref().map(|here| lines(&facts.get(), &status(), guard.get(), here, now.get()))));
    let is_here = Memo::new(move |_| here.with(Option::is_some));
    Effect::new(move |_| {
        round.track();
        if let Some(id) = meeting.get()
            && is_here.get()
        {
            now.set(Utc::now());
            watching.set(Watching::Starting);
            facts.update(|facts| *facts = Facts { battery_confirmed: facts.battery_confirmed, ..Facts::default() });
            look(id, facts);
        }
    });
    Effect::new(move |_| match watching.get() {
        Watching::Starting => {}
        Watching::On => spawn_local(async move {
            TimeoutFuture::new(PICTURE_MS).await;
            facts.try_update(|facts| facts.camera = facts.camera.or(Some(Err(Blind::NoPicture))));
        }),
        Watching::Not(trouble) => facts.update(|facts| facts.camera = Some(Err(Blind::Trouble(trouble)))),
    });
    let before = RwSignal::new(untrack(|| meeting.get()).and_then(|id| memory().get(&id).copied()));
    Effect::new(move |_| {
        let Some((id, by)) = meeting.get().zip(replica::actor().map(|actor| actor.user)) else { return };
        let open = found.with(|found| found.as_ref().filter(|lines| whole(lines) != Mark::Looking).map(|lines| open(lines)));
        let Some(open) = open else { return };
        let checked = Checked { by, at: Utc::now(), open };
        remembered::set(REMEMBERED, &remember(memory(), id, checked));
        before.set(Some(checked));
    });
    let theme = move || {
        let id = meeting.get()?;
        replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(id).map(|meeting| meeting.plan.theme.clone()))
    };
    let back = Signal::derive(move || meeting.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()));
    let ways = Ways { facts, round, pin_open };
    view! {
        <div class="ready stage" data-testid="ready">
            <PageHead title=t::ready::title note=move || theme().unwrap_or_default() back>
                <Button icon=Glyph::Refresh on_press=move || round.update(|round| *round += 1) test_id="ready-again">{t::ready::again}</Button>
            </PageHead>
            {move || if is_here.get() {
                view! {
                    <div class="ready-body">
                        <Verdict found before now />
                        {move || facts.with(|facts| facts.camera.is_none()).then(|| view! { <CameraTrial facts watching /> })}
                        <ul class="ready-lines" role="list">{ALL.map(|check| view! { <Row check found here now ways /> }).collect_view()}</ul>
                    </div>
                }.into_any()
            } else {
                view! {
                    <EmptyState glyph=Glyph::CalendarPlus title=t::ready::not_on_duty text=t::ready::not_on_duty_help test_id="ready-not-on-duty">
                        <LinkButton href=Place::Meetings>{t::app::meetings}</LinkButton>
                    </EmptyState>
                }.into_any()
            }}
            <PinSheet open=pin_open />
        </div>
    }
}

const ALL: [Check; 11] = [
    Check::App,
    Check::Data,
    Check::Unsent,
    Check::Lease,
    Check::Lock,
    Check::Clock,
    Check::Storage,
    Check::Room,
    Check::Camera,
    Check::Rehearsal,
    Check::Battery,
];

/// What remedies need.
#[derive(Clone, Copy)]
struct Ways {
    facts: RwSignal<Facts>,
    round: RwSignal<u32>,
    pin_open: RwSignal<bool>,
}

type Found = Memo<Option<Vec<Line>>>;

fn open(lines: &[Line]) -> usize {
    lines.iter().filter(|line| line.mark >= Mark::Ask).count()
}

/// The verdict on the whole, and what was found the last time.
#[component]
fn Verdict(found: Found, before: RwSignal<Option<Checked>>, now: RwSignal<chrono::DateTime<Utc>>) -> impl IntoView {
    let verdict = Memo::new(move |_| {
        found.with(|found| {
            let lines = found.as_deref().unwrap_or_default();
            (whole(lines), open(lines), lines.iter().filter(|line| line.mark == Mark::Better).count())
        })
    });
    let last = move || match before.get() {
        None => t::ready::never().to_owned(),
        Some(Checked { at, open: 0, .. }) => t::ready::last_ready(words::moment(at, words::here(), now.get())),
        Some(Checked { at, open, .. }) => t::ready::last_open(open, words::moment(at, words::here(), now.get())),
    };
    view! {
        <div data-testid="ready-verdict" data-verdict=move || mark_name(verdict.get().0)>
            {move || {
                let (mark, open, better) = verdict.get();
                match mark {
                    Mark::Looking => view! { <Banner mood=Mood::Info><strong>{t::ready::checking}</strong></Banner> }.into_any(),
                    Mark::Good => view! { <Banner mood=Mood::Good><strong>{t::ready::ready}</strong><p>{t::ready::ready_means}</p></Banner> }.into_any(),
                    Mark::Better => view! {
                        <Banner mood=Mood::Good><strong>{move || t::ready::ready_better(better)}</strong><p>{t::ready::ready_means}</p></Banner>
                    }.into_any(),
                    Mark::Ask | Mark::Bad => view! { <Banner mood=Mood::Warning><strong>{move || t::ready::not_ready(open)}</strong></Banner> }.into_any(),
                }
            }}
            <p class="soft" data-testid="ready-last">{last}</p>
        </div>
    }
}

/// The camera, on for as long as it takes to see something.
#[component]
fn CameraTrial(facts: RwSignal<Facts>, watching: RwSignal<Watching>) -> impl IntoView {
    let seen = move |_: &camera::Frame| {
        facts.try_update(|facts| facts.camera = Some(Ok(())));
    };
    view! {
        <figure class="ready-camera">
            <div class="ready-picture"><Viewfinder facing=Facing::Back watching on_frame=seen /></div>
            <figcaption class="soft">{t::ready::camera_trial}</figcaption>
        </figure>
    }
}

#[component]
fn Row(check: Check, found: Found, here: Memo<Option<Ground>>, now: RwSignal<chrono::DateTime<Utc>>, ways: Ways) -> impl IntoView {
    let line = Memo::new(move |_| found.with(|found| found.as_ref().and_then(|lines| lines.iter().find(|line| line.check == check).cloned())));
    let place = move || here.with(|here| here.as_ref().map_or_else(words::here, |here| here.plan.utc_offset));
    let mark = Memo::new(move |_| line.with(|line| line.as_ref().map_or(Mark::Looking, |line| line.mark)));
    let remedy = Memo::new(move |_| line.with(|line| line.as_ref().and_then(|line| line.remedy)));
    view! {
        <li class="ready-line" data-testid=format!("ready-{}", check.name()) data-mark=move || mark_name(mark.get())>
            <span class=move || format!("ready-mark {}", mood(mark.get()).class())><Icon glyph=glyph(check) /></span>
            <div class="ready-words">
                <h3>{move || check.title()} " " <Badge mood=Signal::derive(move || mood(mark.get()))>{move || mark_words(mark.get())}</Badge></h3>
                <p>{move || line.get().map(|line| line.told.words(place(), now.get()))}</p>
            </div>
            {move || remedy.get().map(|remedy| view! { <Remedied remedy ways /> })}
        </li>
    }
}

/// The button beside a line.
#[component]
fn Remedied(remedy: Remedy, ways: Ways) -> impl IntoView {
    let navigate = use_navigate();
    let sheets = expect_context::<Sheets>();
    let press = move || match remedy {
        Remedy::Update => spawn_local(async {
            drafts::stored().await;
            service_worker::accept_update();
        }),
        Remedy::Reload => document::reload(),
        Remedy::Sync => replica::sync_now(),
        Remedy::SyncSheet => sheets.sync.set(true),
        Remedy::LogIn => navigate(&Place::LogIn.path(), NavigateOptions::default()),
        Remedy::Keep => {
            let navigate = navigate.clone();
            spawn_local(async move {
                replica::look_at_storage().await;
                // Where asking does not help, the way to the home screen does.
                if untrack(|| status().persisted) != Some(true) {
                    navigate(&Place::More.path(), NavigateOptions::default());
                }
            });
        }
        Remedy::Again => ways.round.update(|round| *round += 1),
        Remedy::Pin => ways.pin_open.set(true),
        Remedy::Lock => lock(),
        Remedy::Confirm => ways.facts.update(|facts| facts.battery_confirmed = true),
    };
    view! { <Button look=Look::Primary on_press=press test_id="ready-remedy">{move || remedy.words()}</Button> }
}

/// Looks at everything that must be waited for.
fn look(id: MeetingId, facts: RwSignal<Facts>) {
    replica::sync_now();
    let put = move |put: &dyn Fn(&mut Facts)| {
        facts.try_update(|facts| put(facts));
    };
    spawn_local(replica::look_at_storage());
    spawn_local(async move {
        let held = service_worker::check_files().await.map_or(AppFiles::NotKept, AppFiles::Held);
        put(&|facts| facts.app = Some(held));
    });
    spawn_local(async move {
        let news = service_worker::look_for_news().await;
        put(&|facts| facts.news = Some(news));
    });
    spawn_local(async move {
        let told = battery::look().await;
        put(&|facts| facts.battery = Some(told));
    });
    spawn_local(async move {
        let rehearsed = rehearse(id).await;
        put(&|facts| facts.rehearsal = Some(rehearsed));
    });
}

/// A trial check-in with a practice ticket, at a door that exists in memory only; the scanner reads the ticket from a drawing.
async fn rehearse(id: MeetingId) -> Result<u32, Step> {
    let mut chance = [0; 32];
    vault::fill_by_chance(&mut chance).map_err(|_| Step::NotHere)?;
    let began = clock::ms();
    let actor = untrack(replica::actor).ok_or(Step::NotHere)?;
    let practice = untrack(|| {
        replica::read(&[], |replica| {
            if own_ticket_is_good(replica, id) { Practice::at(replica, &actor, id, &chance, Utc::now()) } else { Err(Step::OwnTicket) }
        })
    })?;
    let drawn = modules(practice.ticket()).ok_or(Step::Scan)?;
    let codes = camera::read_drawn(&drawn).await.ok_or(Step::Scan)?;
    practice.rehearse(&codes)?;
    Ok((clock::ms() - began) as u32)
}

const fn mood(mark: Mark) -> Mood {
    match mark {
        Mark::Good => Mood::Good,
        Mark::Looking => Mood::Info,
        Mark::Better | Mark::Ask => Mood::Warning,
        Mark::Bad => Mood::Bad,
    }
}

fn mark_words(mark: Mark) -> &'static str {
    match mark {
        Mark::Good => t::ready::mark_good(),
        Mark::Looking => t::ready::mark_looking(),
        Mark::Better => t::ready::mark_better(),
        Mark::Ask => t::ready::mark_ask(),
        Mark::Bad => t::ready::mark_bad(),
    }
}

const fn mark_name(mark: Mark) -> &'static str {
    match mark {
        Mark::Good => "good",
        Mark::Looking => "looking",
        Mark::Better => "better",
        Mark::Ask => "ask",
        Mark::Bad => "bad",
    }
}

const fn glyph(check: Check) -> Glyph {
    match check {
        Check::App => Glyph::Smartphone,
        Check::Data => Glyph::Users,
        Check::Unsent => Glyph::CloudUpload,
        Check::Lease => Glyph::CloudOff,
        Check::Lock => Glyph::Lock,
        Check::Clock => Glyph::Clock,
        Check::Storage => Glyph::HardDrive,
        Check::Room => Glyph::Package,
        Check::Camera => Glyph::Camera,
        Check::Rehearsal => Glyph::Scan,
        Check::Battery => Glyph::Sun,
    }
}
