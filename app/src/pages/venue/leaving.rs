//! Leaving the venue (clause D10): what is still open, what the meeting came to, tomorrow's calls, by rep.

use super::door;
use crate::components::{Badge, Banner, Button, EmptyState, Glyph, Icon, LinkButton, List, ListRow, Look, Mood, PageHead};
use crate::pages::frame::Sheets;
use crate::platform::remembered;
use crate::replica;
use crate::replica::status::status;
use crate::routes::{Place, id_param};
use crate::state::board::Whose;
use crate::state::leaving::{Call, Leaving, Open, Rep, Verdict, Why, leaving, open, verdict};
use crate::state::ready::{Checked, Memory, remember};
use crate::state::venue::settings;
use crate::texts as t;
use crate::words;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use shared::Kind;
use shared::analysis::Funnel;
use shared::ids::MeetingId;
use shared::money::Currency;
use shared::time::{Timestamp, UtcOffset};
use std::time::Duration;

const KINDS: &[Kind] = &[
    Kind::Meeting,
    Kind::Guest,
    Kind::CheckIn,
    Kind::Conflict,
    Kind::Deal,
    Kind::User,
    Kind::Settings,
    Kind::Invitation,
    Kind::Customer,
    Kind::HeldCommand,
];
const REMEMBERED: &str = "huixiao.left";
/// So many calls are shown for each rep; the others are counted.
const SHOWN: usize = 60;

/// The meetings that were left properly, as this browser remembers.
pub(crate) fn memory() -> Memory {
    remembered::get(REMEMBERED).unwrap_or_default()
}

/// Before leaving.
#[component]
pub fn LeavingPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let now = RwSignal::new(Utc::now());
    if let Ok(ticking) = set_interval_with_handle(move || now.set(Utc::now()), Duration::from_secs(15)) {
        on_cleanup(move || ticking.clear());
    }
    // What the server has by now counts.
    replica::sync_now();
    let evening = Memo::new(move |_| {
        let (id, actor) = (meeting.get()?, replica::actor()?);
        replica::read(KINDS, |replica| {
            let currency = settings(replica).map_or(Currency::Twd, |settings| settings.currency);
            leaving(replica, &actor, id, currency, now.get())
        })
    });
    let items =
        Memo::new(move |_| evening.with(|evening| evening.as_ref().map(|evening| open(evening, &status(), door::unsaved().len(), now.get()))));
    let said = Memo::new(move |_| items.with(|items| items.as_deref().map(verdict)));
    Effect::new(move |_| {
        if let (Some(Verdict::Done), Some(id), Some(actor)) = (said.get(), meeting.get(), replica::actor()) {
            remembered::set(REMEMBERED, &remember(memory(), id, Checked { by: actor.user, at: Utc::now(), open: 0 }));
        }
    });
    let theme = move || evening.with(|evening| evening.as_ref().map(|evening| evening.meeting.plan.theme.clone()).unwrap_or_default());
    let back = Signal::derive(move || meeting.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()));
    view! {
        <div class="leaving stage" data-testid="leaving">
            <PageHead title=t::leaving::title note=theme back />
            {move || match said.get() {
                None => view! { <EmptyState glyph=Glyph::Calendar title=t::board::no_meeting text=t::board::no_meeting_help test_id="leaving-empty" /> }.into_any(),
                Some(said) => view! {
                    <div class="leaving-body">
                        {told(said)}
                        {move || meeting.get().map(|id| view! { <StillOpen id items now /> })}
                        {move || evening.get().map(|evening| whole(evening, now))}
                    </div>
                }.into_any(),
            }}
        </div>
    }
}

fn told(said: Verdict) -> impl IntoView {
    let name = match said {
        Verdict::Done => "done",
        Verdict::AsFarAsKnown => "as-far-as-known",
        Verdict::Open(_) => "open",
    };
    let words = match said {
        Verdict::Done => view! { <Banner mood=Mood::Good><strong>{t::leaving::done}</strong><p>{t::leaving::done_means}</p></Banner> }.into_any(),
        Verdict::AsFarAsKnown => {
            view! { <Banner mood=Mood::Info><strong>{t::leaving::as_known}</strong><p>{t::leaving::as_known_means}</p></Banner> }.into_any()
        }
        Verdict::Open(n) => view! { <Banner mood=Mood::Warning><strong>{move || t::leaving::open(n)}</strong></Banner> }.into_any(),
    };
    view! { <div data-testid="leaving-verdict" data-verdict=name>{words}</div> }
}

#[component]
fn StillOpen(id: MeetingId, items: Memo<Option<Vec<Open>>>, now: RwSignal<DateTime<Utc>>) -> impl IntoView {
    move || {
        let items = items.get().unwrap_or_default();
        (!items.is_empty()).then(|| {
            view! {
                <section class="stack">
                    <h2>{t::leaving::still_here}</h2>
                    <ul class="ready-lines" role="list">{items.into_iter().map(|item| row(id, item, now)).collect_view()}</ul>
                </section>
            }
        })
    }
}

fn row(id: MeetingId, item: Open, now: RwSignal<DateTime<Utc>>) -> impl IntoView {
    let sheets = expect_context::<Sheets>();
    let moment = move |at: Timestamp| words::moment(at, words::here(), now.get());
    let title = move || match item {
        Open::Unsaved(n) => t::leaving::unsaved(n),
        Open::Storage => t::leaving::storage().to_owned(),
        Open::Refused(n) => t::leaving::refused(n),
        Open::Unsent { count, .. } => t::leaving::unsent(count),
        Open::Photos(n) => t::leaving::photos(n),
        Open::Conflicts(n) => t::leaving::conflicts(n),
        Open::Held(n) => t::leaving::held(n),
        Open::Unheard { since: Some(at) } => t::leaving::unheard(moment(at)),
        Open::Unheard { since: None } => t::leaving::unheard_never().to_owned(),
    };
    let note = move || match item {
        Open::Unsent { since: Some(at), .. } => Some(t::leaving::unsent_since(moment(at))),
        _ => None,
    };
    let (name, glyph) = match item {
        Open::Unsaved(_) => ("unsaved", Glyph::Alert),
        Open::Storage => ("storage", Glyph::HardDrive),
        Open::Refused(_) => ("refused", Glyph::CircleX),
        Open::Unsent { .. } => ("unsent", Glyph::CloudUpload),
        Open::Photos(_) => ("photos", Glyph::Camera),
        Open::Conflicts(_) => ("conflicts", Glyph::Split),
        Open::Held(_) => ("held", Glyph::Shield),
        Open::Unheard { .. } => ("unheard", Glyph::WifiOff),
    };
    let mood = if matches!(item, Open::Unheard { .. }) { Mood::Info } else { Mood::Warning };
    let remedy = match item {
        Open::Unsaved(_) => view! { <LinkButton look=Look::Primary href=Place::VenueDesk(id)>{t::leaving::do_desk}</LinkButton> }.into_any(),
        Open::Storage | Open::Refused(_) => {
            view! { <Button look=Look::Primary on_press=move || sheets.sync.set(true)>{t::leaving::do_see}</Button> }.into_any()
        }
        Open::Unsent { .. } | Open::Photos(_) => {
            view! { <Button look=Look::Primary on_press=replica::sync_now test_id="leaving-sync">{t::leaving::do_sync}</Button> }.into_any()
        }
        Open::Conflicts(_) => view! { <LinkButton look=Look::Primary href=Place::Conflicts(id)>{t::leaving::do_rule}</LinkButton> }.into_any(),
        Open::Held(_) => view! { <LinkButton look=Look::Primary href=Place::Quarantine>{t::leaving::do_rule}</LinkButton> }.into_any(),
        Open::Unheard { .. } => view! { <Button on_press=replica::sync_now test_id="leaving-connect">{t::leaving::do_connect}</Button> }.into_any(),
    };
    view! {
        <li class="ready-line" data-testid=format!("leaving-{name}")>
            <span class=format!("ready-mark {}", mood.class())><Icon glyph /></span>
            <div class="ready-words"><h3>{title}</h3> {move || note().map(|note| view! { <p class="soft">{note}</p> })}</div>
            {remedy}
        </li>
    }
}

fn whole(evening: Leaving, now: RwSignal<DateTime<Utc>>) -> impl IntoView {
    let clock = evening.meeting.plan.utc_offset;
    let desks = evening.desks;
    let is_all = evening.whose == Whose::Everybodys;
    let rows = evening.reps.clone();
    let lists: Vec<_> = evening.reps.into_iter().filter(|rep| !rep.calls.is_empty()).collect();
    let no_calls = lists.is_empty();
    view! {
        <section class="stack" data-testid="leaving-calls">
            <h2>{t::leaving::calls}</h2>
            {no_calls.then(|| view! { <p class="soft">{t::leaving::no_calls}</p> })}
            {lists.into_iter().map(|rep| calls(rep, clock, now)).collect_view()}
        </section>
        <section class="stack" data-testid="leaving-funnel">
            <h2>{t::leaving::funnel}</h2>
            {funnel(evening.funnel)}
        </section>
        <section class="stack" data-testid="leaving-reps">
            <h2>{t::leaving::by_rep}</h2>
            {reps(&rows)}
        </section>
        <section class="stack" data-testid="leaving-unknown">
            <h2>{t::leaving::not_known}</h2>
            <p>{t::leaving::others_unsent}</p>
            {(!is_all).then(|| view! { <p>{t::leaving::others_deals}</p> })}
            {(!desks.is_empty()).then(|| {
                let desk = move |(desk, last): (String, Option<Timestamp>)| {
                    let heard = move || match last {
                        Some(last) => t::leaving::desk_last(words::moment(last, clock, now.get())),
                        None => t::board::not_heard().to_owned(),
                    };
                    view! { <li class="leaving-desk"><span>{desk}</span><span class="soft">{heard}</span></li> }
                };
                view! { <h3>{t::leaving::desks}</h3> <ul role="list">{desks.into_iter().map(desk).collect_view()}</ul> }
            })}
        </section>
    }
}

fn funnel(funnel: Funnel) -> impl IntoView {
    let figure = |label: fn() -> &'static str, count: usize, test_id: &'static str| {
        view! { <div><dt>{label}</dt><dd class="number" data-testid=test_id>{count}</dd></div> }
    };
    view! {
        <dl class="leaving-funnel">
            {figure(t::leaving::invited, funnel.planned, "leaving-invited")}
            {figure(t::leaving::agreed, funnel.agreed, "leaving-agreed")}
            {figure(t::leaving::confirmed, funnel.confirmed, "leaving-confirmed")}
            {figure(t::leaving::arrived, funnel.arrived, "leaving-arrived")}
            {figure(t::leaving::walk_ins, funnel.walk_ins, "leaving-walk-ins")}
            {figure(t::leaving::quoted, funnel.quoted, "leaving-quoted")}
            {figure(t::leaving::signed, funnel.signed, "leaving-signed")}
            {figure(t::leaving::paid, funnel.paid, "leaving-paid")}
        </dl>
    }
}

fn reps(reps: &[Rep]) -> impl IntoView + use<> {
    let row = |rep: &Rep| {
        view! {
            <tr>
                <th scope="row">{rep.row.name.clone()}</th>
                <td class="number">{rep.row.expected}</td>
                <td class="number">{rep.row.arrived}</td>
                <td class="number">{rep.row.walk_ins}</td>
                <td class="number">{rep.row.signed}</td>
                <td class="number">{words::money(rep.row.sold)}</td>
                <td class="number">{rep.calls.len()}</td>
            </tr>
        }
    };
    view! {
        <div class="leaving-table" tabindex="0" role="region" aria-label=t::leaving::by_rep>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t::leaving::rep}</th>
                        <th scope="col">{t::leaving::expected}</th>
                        <th scope="col">{t::leaving::arrived}</th>
                        <th scope="col">{t::leaving::walk_ins}</th>
                        <th scope="col">{t::leaving::signed}</th>
                        <th scope="col">{t::leaving::amount}</th>
                        <th scope="col">{t::leaving::calls}</th>
                    </tr>
                </thead>
                <tbody>{reps.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn calls(rep: Rep, clock: UtcOffset, now: RwSignal<DateTime<Utc>>) -> impl IntoView {
    let (name, count) = (rep.row.name.clone(), rep.calls.len());
    let label = name.clone();
    let more = count.saturating_sub(SHOWN);
    let row = move |call: Call| {
        let title = move || words::called(&call.name, call.salutation);
        let why = call.why;
        let note = move || match why {
            Why::Promised(at) => t::leaving::why_promised(words::moment(at, clock, now.get())),
            Why::Offer => t::leaving::why_offer().to_owned(),
            Why::CameOnly => t::leaving::why_came().to_owned(),
            Why::StayedAway => t::leaving::why_stayed_away().to_owned(),
        };
        let end = move || matches!(why, Why::Offer).then(|| view! { <Badge mood=Signal::stored(Mood::Warning)>{t::leaving::quoted}</Badge> });
        if call.is_held {
            view! { <ListRow icon=Glyph::Phone href=Place::Customer(call.customer) note end test_id="leaving-call">{title}</ListRow> }.into_any()
        } else {
            view! { <ListRow icon=Glyph::Phone note end test_id="leaving-call">{title}</ListRow> }.into_any()
        }
    };
    view! {
        <h3>{move || t::leaving::calls_of(count, &name)}</h3>
        <List label=move || t::leaving::calls_of(count, &label)>{rep.calls.into_iter().take(SHOWN).map(row).collect_view()}</List>
        {(more > 0).then(|| view! { <p class="soft">{move || t::leaving::more(more)}</p> })}
    }
}
