//! Where staff make a device a kiosk (clause D5): its name, its PIN, what guests may do there.

use crate::components::{Banner, Button, Chips, Choice, EmptyState, Glyph, LinkButton, Look, Mood, PageHead, Switch, TextField};
use crate::platform::{awake, desk};
use crate::replica::kiosk::{self, Kiosk};
use crate::replica::{self, pin};
use crate::routes::{Place, id_param};
use crate::state::kiosk::until;
use crate::state::venue::works_at;
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::ids::MeetingId;
use shared::meetings::Meeting;
use std::sync::Arc;

/// Make this device a kiosk.
#[component]
pub fn KioskBeginPage() -> impl IntoView {
    let id = id_param::<MeetingId>("meeting");
    let meeting = Memo::new(move |_| {
        let actor = replica::actor()?;
        replica::read(&[Kind::Meeting, Kind::User], |replica| {
            replica.noun::<Meeting>(id.get()?).filter(|meeting| works_at(replica, &actor, meeting)).cloned()
        })
    });
    let back = Signal::derive(move || id.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()));
    view! {
        <div class="kiosk-begin stage">
            <PageHead title=t::kiosk::title note=move || meeting.get().map(|meeting| meeting.plan.theme.clone()).unwrap_or_default() back />
            {move || match meeting.get() {
                Some(meeting) => view! { <Begin meeting /> }.into_any(),
                None => view! {
                    <EmptyState glyph=Glyph::CalendarPlus title=t::ready::not_on_duty text=t::ready::not_on_duty_help test_id="kiosk-not-on-duty">
                        <LinkButton href=Place::Meetings>{t::app::meetings}</LinkButton>
                    </EmptyState>
                }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Begin(meeting: Arc<Meeting>) -> impl IntoView {
    let name = untrack(desk::name);
    let name = RwSignal::new(if name.trim().is_empty() { untrack(t::kiosk::desk_default).to_owned() } else { name });
    let (new, again) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let walk_ins = RwSignal::new(false);
    let front = RwSignal::new(Some(true));
    let (unfit, differs, failed, busy) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let (id, ends) = (meeting.id, until(&meeting.plan, Utc::now()));
    let clock = meeting.plan.utc_offset;
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        unfit.set(!new.with_untracked(|new| pin::is_fit(new)));
        differs.set(new.get_untracked() != again.get_untracked());
        let Some(actor) = untrack(replica::actor) else { return };
        if busy.get_untracked() || unfit.get_untracked() || differs.get_untracked() {
            return;
        }
        awake::fill_display();
        busy.set(true);
        let desk: String = name.get_untracked().trim().chars().take(40).collect();
        let kiosk = Kiosk {
            user: actor.user,
            meeting: id,
            desk: if desk.is_empty() { untrack(t::kiosk::desk_default).to_owned() } else { desk },
            walk_ins: walk_ins.get_untracked(),
            front: front.get_untracked() == Some(true),
            since: Utc::now(),
            until: ends,
        };
        spawn_local(async move {
            // Once it is one this page is gone.
            if kiosk::begin(kiosk, &new.get_untracked()).await.is_err() {
                failed.try_set(true);
                busy.try_set(false);
            }
        });
    };
    let pin_error = Signal::derive(move || unfit.get().then(|| t::session::pin_unfit().to_owned()));
    let again_error = Signal::derive(move || differs.get().then(|| t::kiosk::pin_differs().to_owned()));
    let sides = Signal::derive(|| vec![Choice::new(true, t::kiosk::front()), Choice::new(false, t::kiosk::rear())]);
    view! {
        <form class="stack form kiosk-settings" novalidate autocomplete="off" on:submit=submit data-testid="kiosk-begin">
            <p>{t::kiosk::means}</p>
            {move || failed.get().then(|| view! { <Banner mood=Mood::Bad test_id="kiosk-failed"><p>{t::kiosk::begin_failed}</p></Banner> })}
            <TextField label=t::kiosk::desk hint=t::kiosk::desk_hint value=name test_id="kiosk-desk" />
            <TextField label=t::kiosk::pin_new hint=t::kiosk::pin_hint value=new kind="password" inputmode="numeric" error=pin_error test_id="kiosk-pin-new" />
            <TextField label=t::kiosk::pin_again value=again kind="password" inputmode="numeric" error=again_error test_id="kiosk-pin-again" />
            <Switch label=t::kiosk::walk_ins value=walk_ins test_id="kiosk-walk-ins" />
            <Chips label=t::kiosk::camera options=sides value=front test_id="kiosk-camera" />
            <Banner mood=Mood::Info>
                <p>{move || t::kiosk::open_until(words::moment(ends, clock, Utc::now()))}</p>
                <p>{t::kiosk::pin_the_app}</p>
                {(!awake::is_offered()).then(|| view! { <p>{t::kiosk::goes_dark}</p> })}
            </Banner>
            <Button look=Look::Primary submit=true wide=true busy icon=Glyph::Tablet test_id="kiosk-start-now">{t::kiosk::begin}</Button>
        </form>
    }
}
