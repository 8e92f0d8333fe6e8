//! The tablet that gives: it looks for the other's code, then shows what the other lacks.

use super::{Frames, Lens, TroubleNote, back_to_desk, keep_screen_on, not_ready};
use crate::components::{Banner, Button, Glyph, LinkButton, Look, Mood, PageHead};
use crate::platform::camera::{Facing, Frame};
use crate::platform::clock;
use crate::replica::carry::{self, Given, NotReady};
use crate::routes::{Place, id_param};
use crate::state::carry::{Giving, Reel, Saw, Trouble, asked_here};
use crate::texts as t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::carry::hello::Heard;
use shared::ids::MeetingId;

/// How far it is.
#[derive(Clone)]
enum Stage {
    Preparing,
    NotReady(NotReady),
    Looking,
    /// This is shown until its person goes on.
    Showing(Reel, Given),
}

/// Give to another tablet.
#[component]
pub fn GivePage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let round = RwSignal::new(0_u32);
    let facing = RwSignal::new(Facing::Back);
    keep_screen_on();
    view! {
        <div class="carry stage" data-testid="carry-give">
            <PageHead title=t::carry::give back=back_to_desk(meeting) />
            {move || {
                round.track();
                meeting.get().map(|id| view! { <Round id facing round /> })
            }}
        </div>
    }
}

/// One hello, and what is given for it.
#[component]
fn Round(id: MeetingId, facing: RwSignal<Facing>, round: RwSignal<u32>) -> impl IntoView {
    let giving = Exchange { id, giving: StoredValue::new(Giving::default()), stage: RwSignal::new(Stage::Preparing), trouble: RwSignal::new(None) };
    let Exchange { stage, trouble, .. } = giving;
    spawn_local(giving.begin());
    view! {
        <div class="carry-body">
            <TroubleNote trouble />
            {move || match stage.get() {
                Stage::Preparing => view! { <p class="carry-step" role="status">{t::carry::preparing}</p> }.into_any(),
                Stage::NotReady(why) => not_ready(why, id).into_any(),
                Stage::Looking => view! {
                    <p class="carry-step">{t::carry::give_first}</p>
                    <Lens facing on_frame=move |frame: &Frame| giving.look(frame) />
                }.into_any(),
                Stage::Showing(reel, given) => shown(reel, &given, id, round).into_any(),
            }}
        </div>
    }
}

/// What the page holds of one exchange.
#[derive(Clone, Copy)]
struct Exchange {
    id: MeetingId,
    giving: StoredValue<Giving>,
    stage: RwSignal<Stage>,
    trouble: RwSignal<Option<Trouble>>,
}

impl Exchange {
    /// Whether anything can be given is known before the other is asked to show its code.
    async fn begin(self) {
        let reached = carry::ask(self.id).await.map_or_else(Stage::NotReady, |_| Stage::Looking);
        self.stage.try_set(reached);
    }

    /// What the camera sees.
    fn look(self, frame: &Frame) {
        if !self.stage.try_with_untracked(|stage| matches!(stage, Stage::Looking)).unwrap_or(false) {
            return;
        }
        let hello = match self.giving.try_update_value(|giving| giving.see(&frame.codes, clock::ms())) {
            Some(Saw::Whole(hello)) => hello,
            Some(Saw::Not(why)) => return self.trouble.set(Some(why)),
            Some(Saw::Part(_) | Saw::Nothing) | None => return,
        };
        match asked_here(carry::hear(&hello), self.id) {
            Ok(heard) => {
                self.trouble.set(None);
                self.stage.set(Stage::Preparing);
                spawn_local(self.give(heard));
            }
            Err(why) => self.trouble.set(Some(why)),
        }
    }

    async fn give(self, heard: Heard) {
        let reached = match carry::give(heard).await {
            Ok(given) => Reel::of(&given.message).map_or(Stage::Looking, |reel| Stage::Showing(reel, given)),
            Err(why) => Stage::NotReady(why),
        };
        self.stage.try_set(reached);
    }
}

fn shown(reel: Reel, given: &Given, id: MeetingId, round: RwSignal<u32>) -> impl IntoView {
    let (seconds, &Given { commands, more, left, .. }) = (reel.seconds(), given);
    view! {
        <p class="carry-step">{move || t::carry::showing(seconds)}</p>
        <Frames reel label=t::carry::parcel_code />
        <p class="carry-step number" data-testid="carry-given">
            {move || if commands > 0 { t::carry::giving(commands) } else { t::carry::nothing_to_give().to_owned() }}
        </p>
        {more.then(|| view! { <Banner mood=Mood::Warning>{t::carry::gives_more}</Banner> })}
        {(left > 0).then(|| view! { <Banner mood=Mood::Warning>{move || t::carry::stays(left)}</Banner> })}
        <p class="carry-note">{t::carry::done_there}</p>
        <div class="carry-ways">
            <LinkButton look=Look::Primary wide=true icon=Glyph::Download href=Place::Take(id) test_id="carry-to-take">{t::carry::swap_to_take}</LinkButton>
            <Button wide=true icon=Glyph::Scan on_press=move || round.update(|round| *round += 1) test_id="carry-next">{t::carry::next_code}</Button>
        </div>
    }
}
