//! The picture of the camera on a page, which is on while this stands there.

use crate::platform::camera::{Camera, CameraTrouble, Facing, Frame};
use crate::texts as t;
use leptos::html::Video;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::rc::Rc;

/// What the camera does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Watching {
    Starting,
    On,
    Not(CameraTrouble),
}

/// Shows what the camera sees; `on_frame` hears of every frame that has a picture.
#[component]
pub(super) fn Viewfinder(facing: Facing, watching: RwSignal<Watching>, on_frame: impl Fn(&Frame) + 'static) -> impl IntoView {
    let video = NodeRef::<Video>::new();
    let camera = Rc::new(RefCell::new(Slot::Waiting));
    let open = Rc::clone(&camera);
    let on_frame = Rc::new(on_frame);
    Effect::new(move |_| {
        let Some(video) = video.get() else { return };
        let (picture, on_frame) = (video.clone(), Rc::clone(&on_frame));
        let on_frame = move |frame: Result<Frame, CameraTrouble>| match frame {
            Ok(frame) if picture.video_width() > 0 => on_frame(&frame),
            Ok(_) => {}
            Err(trouble) => drop(watching.try_set(Watching::Not(trouble))),
        };
        let slot = Rc::clone(&open);
        spawn_local(async move {
            match Camera::open(facing, video, on_frame).await {
                Ok(camera) => {
                    // Whoever left the page while the camera was starting does not want it on.
                    if slot.borrow_mut().take_in(camera) {
                        watching.try_set(Watching::On);
                    }
                }
                Err(trouble) => drop(watching.try_set(Watching::Not(trouble))),
            }
        });
    });
    let camera = send_wrapper::SendWrapper::new(camera);
    on_cleanup(move || *camera.borrow_mut() = Slot::Left);
    view! { <video class="scan-video" node_ref=video autoplay muted playsinline aria-label=t::venue::camera_picture></video> }
}

/// Where the camera is kept while the page stands.
enum Slot {
    Waiting,
    On { _camera: Camera },
    Left,
}

impl Slot {
    fn take_in(&mut self, camera: Camera) -> bool {
        let waits = !matches!(self, Self::Left);
        if waits {
            *self = Self::On { _camera: camera };
        }
        waits
    }
}
