//! The camera (clause D1). It keeps looking while a verdict is shown. A reader that types what it reads is heard, too.

use super::door;
use super::verdict::VerdictScreen;
use super::viewfinder::{Viewfinder, Watching};
use crate::components::{Button, EmptyState, Glyph, LinkButton, Look, PageHead};
use crate::platform::camera::{CameraTrouble, Facing, Frame};
use crate::platform::clock;
use crate::platform::keys::Keys;
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::order::InOrder;
use crate::state::typed::{Key, Typed};
use crate::state::venue::{Gate, Seen, first_arrivals};
use crate::texts as t;
use leptos::prelude::*;
use shared::Kind;
use shared::ids::MeetingId;
use std::cell::RefCell;

/// Scan tickets.
#[component]
pub fn ScanPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let watching = RwSignal::new(Watching::Starting);
    let milliseconds = RwSignal::new(Vec::<f64>::new());
    let attempt = RwSignal::new(0_u32);
    let back = Signal::derive(move || meeting.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()));
    let arrived = Memo::new(move |_| {
        let id = meeting.get()?;
        Some(replica::read(&[Kind::CheckIn], |replica| first_arrivals(replica, id).len()))
    });
    let reader = RefCell::new(Typed::default());
    let keys = Keys::watch(move |key, ms| match reader.borrow_mut().press(key, ms) {
        Key::Plain => false,
        Key::Part => true,
        Key::End(code) => {
            meeting.get_untracked().inspect(|meeting| door::judge_code(*meeting, code));
            true
        }
    });
    let keys = StoredValue::new_local(keys);
    on_cleanup(move || drop(keys.try_update_value(Option::take)));
    view! {
        <div class="scan stage">
            <PageHead title=t::app::scan back>
                <span class="scan-count number" data-testid="scan-arrived">{move || arrived.get().map(t::venue::arrived_count)}</span>
            </PageHead>
            <div
                class="scan-window"
                data-testid="scan-camera"
                data-state=move || if watching.get() == Watching::On { "on" } else { "off" }
                data-decode-ms=move || median(&milliseconds.get()).map(|ms| format!("{ms:.2}"))
            >
                {move || {
                    attempt.track();
                    meeting.get().map(|id| view! { <Viewfinder facing=Facing::Back watching on_frame=scanning(id, milliseconds) /> })
                }}
                {move || match watching.get() {
                    Watching::Starting => Some(view! { <p class="scan-note" role="status">{t::venue::camera_starting}</p> }.into_any()),
                    Watching::On => Some(view! { <p class="scan-note">{t::venue::hold_code}</p> }.into_any()),
                    Watching::Not(trouble) => Some(camera_trouble(trouble, meeting.get(), attempt).into_any()),
                }}
            </div>
            {move || meeting.get().map(other_ways)}
            <VerdictScreen />
        </div>
    }
}

/// Judges the codes of every frame.
fn scanning(meeting: MeetingId, milliseconds: RwSignal<Vec<f64>>) -> impl Fn(&Frame) + 'static {
    let gate = RefCell::new(Gate::new());
    move |frame| look(&mut gate.borrow_mut(), meeting, frame, milliseconds)
}

fn look(gate: &mut Gate, meeting: MeetingId, frame: &Frame, milliseconds: RwSignal<Vec<f64>>) {
    if !frame.codes.is_empty() {
        milliseconds.try_update(|all| {
            if all.len() >= 60 {
                all.remove(0);
            }
            all.push(frame.ms);
        });
    }
    match gate.see(&frame.codes, clock::ms()) {
        Seen::New(code) => door::judge_code(meeting, code),
        Seen::Again(code) => door::show_again(meeting, code),
        Seen::Same => door::keep_showing(),
        Seen::Nothing => {}
    }
}

fn camera_trouble(trouble: CameraTrouble, meeting: Option<MeetingId>, attempt: RwSignal<u32>) -> impl IntoView {
    let words: fn() -> &'static str = match trouble {
        CameraTrouble::Refused => t::venue::camera_refused,
        CameraTrouble::Absent => t::venue::camera_absent,
        CameraTrouble::Busy => t::venue::camera_busy,
        CameraTrouble::NotOffered => t::venue::camera_not_offered,
        CameraTrouble::NoScanner => t::venue::camera_no_scanner,
    };
    view! {
        <div class="scan-trouble">
            <EmptyState glyph=Glyph::Camera title=t::venue::no_camera text=words test_id="scan-trouble">
                {meeting
                    .map(|id| {
                        view! {
                            <LinkButton look=Look::Primary icon=Glyph::Search href=Place::FindGuest(id) test_id="scan-trouble-search">
                                {t::venue::search}
                            </LinkButton>
                        }
                    })}
                <Button icon=Glyph::Refresh on_press=move || attempt.update(|n| *n += 1) test_id="scan-retry">{t::venue::try_again}</Button>
            </EmptyState>
        </div>
    }
}

fn other_ways(id: MeetingId) -> impl IntoView {
    view! {
        <nav class="scan-ways" aria-label=t::venue::other_ways>
            <LinkButton wide=true icon=Glyph::Search href=Place::FindGuest(id) test_id="scan-to-search">{t::venue::search}</LinkButton>
            <LinkButton wide=true icon=Glyph::UserPlus href=Place::WalkIn(id) test_id="scan-to-walk-in">{t::venue::walk_in}</LinkButton>
        </nav>
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.order_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}
