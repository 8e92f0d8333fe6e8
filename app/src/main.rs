//! The app's first step: mount the frame and start the replica.

#![expect(unreachable_pub, reason = "a program has no outside; `pub` means for the other modules")]

mod components;
mod pages;
mod platform;
mod replica;
mod routes;
mod state;
mod texts;
mod words;

use leptos::prelude::*;
use pages::frame::App;

fn main() {
    platform::crash::tell_of_panics();
    if cfg!(feature = "measure") {
        return;
    }
    // Mounting readies the executor that the replica's tasks need.
    mount_to_body(App);
    replica::start();
}
