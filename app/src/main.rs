//! The app's first step: mount the frame and start the replica.

mod platform;
mod replica;
mod state;
mod texts;
mod words;

use leptos::prelude::*;
use texts as t;

fn main() {
    mount_to_body(|| view! { <h1>{t::app::today}</h1> });
}
