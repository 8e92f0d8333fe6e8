//! Two tablets without a network give each other what the other lacks, by codes from screen to camera (clause D9).

mod give;
mod take;

pub use give::GivePage;
pub use take::TakePage;

use super::viewfinder::{Viewfinder, Watching};
use crate::components::{Banner, Button, EmptyState, Glyph, LinkButton, Mood, Qr};
use crate::platform::awake::Awake;
use crate::platform::camera::{Facing, Frame};
use crate::replica::carry::NotReady;
use crate::routes::Place;
use crate::state::carry::{FRAME_MS, Reel, Trouble};
use crate::texts as t;
use fast_qr::ECL;
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use send_wrapper::SendWrapper;
use shared::ids::MeetingId;
use std::time::Duration;

/// The screen stays on for as long as this page stands: the other tablet looks at it.
fn keep_screen_on() {
    let awake = SendWrapper::new(Awake::keep());
    on_cleanup(move || drop(awake.take()));
}

fn back_to_desk(meeting: Memo<Option<MeetingId>>) -> Signal<String> {
    Signal::derive(move || meeting.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()))
}

/// The frames of a message, one after the other.
#[component]
fn Frames(reel: Reel, #[prop(into)] label: TextProp) -> impl IntoView {
    let mut reel = reel;
    let text = RwSignal::new(reel.next());
    let reel = StoredValue::new(reel);
    let turn = move || {
        if let Some(next) = reel.try_update_value(Reel::next) {
            text.try_set(next);
        }
    };
    if let Ok(ticking) = set_interval_with_handle(turn, Duration::from_millis(FRAME_MS.into())) {
        on_cleanup(move || ticking.clear());
    }
    view! { <div class="carry-code"><Qr text level=ECL::M label test_id="carry-code" /></div> }
}

/// The camera, which looks at the other's screen: the one at the back, or the one beside the screen, for two tablets face to face.
#[component]
fn Lens<F: Fn(&Frame) + Clone + 'static>(facing: RwSignal<Facing>, on_frame: F) -> impl IntoView {
    let watching = RwSignal::new(Watching::Starting);
    let on_frame = SendWrapper::new(on_frame);
    let turn = move || {
        facing.update(|facing| {
            *facing = match facing {
                Facing::Back => Facing::Front,
                Facing::Front => Facing::Back,
            };
        });
    };
    view! {
        <div class="carry-lens scan-window" data-testid="carry-camera" data-state=move || if watching.get() == Watching::On { "on" } else { "off" }>
            {move || {
                watching.set(Watching::Starting);
                view! { <Viewfinder facing=facing.get() watching on_frame=(*on_frame).clone() /> }
            }}
            {move || match watching.get() {
                Watching::Starting => Some(view! { <p class="scan-note" role="status">{t::venue::camera_starting}</p> }.into_any()),
                Watching::On => None,
                Watching::Not(_) => {
                    let told = view! { <EmptyState glyph=Glyph::Camera title=t::venue::no_camera text=t::carry::no_camera_means test_id="carry-no-camera" /> };
                    Some(view! { <div class="scan-trouble">{told}</div> }.into_any())
                }
            }}
        </div>
        <Button wide=true icon=Glyph::Rotate on_press=turn test_id="carry-turn-camera">{t::carry::turn_camera}</Button>
    }
}

/// Why the exchange does not go on; the camera keeps looking.
#[component]
fn TroubleNote(trouble: RwSignal<Option<Trouble>>) -> impl IntoView {
    move || {
        trouble.get().map(|trouble| {
            let (name, words): (_, fn() -> &'static str) = match trouble {
                Trouble::Foreign => ("foreign", t::carry::foreign),
                Trouble::NotOnDuty => ("not-on-duty", t::carry::not_on_duty),
                Trouble::NotForUs => ("not-for-us", t::carry::not_for_us),
                Trouble::Damaged => ("damaged", t::carry::damaged),
                Trouble::BothTake => ("both-take", t::carry::both_take),
                Trouble::BothGive => ("both-give", t::carry::both_give),
                Trouble::OtherMeeting => ("other-meeting", t::carry::other_meeting),
            };
            view! { <div data-testid="carry-trouble" data-why=name role="alert"><Banner mood=Mood::Warning>{words}</Banner></div> }
        })
    }
}

fn not_ready(why: NotReady, meeting: MeetingId) -> impl IntoView {
    let words: fn() -> &'static str = match why {
        NotReady::NotCertified => t::carry::not_certified,
        NotReady::NoData => t::carry::no_data,
        NotReady::Storage(_) => t::carry::storage,
    };
    view! {
        <EmptyState glyph=Glyph::Tablet title=t::carry::not_ready text=words test_id="carry-not-ready">
            <LinkButton href=Place::VenueDesk(meeting)>{t::app::back}</LinkButton>
        </EmptyState>
    }
}
