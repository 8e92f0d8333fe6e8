//! Keys on a desktop: `/` search, `n` new, `j` `k` move, Esc back, `1`–`5` places, `?` shows them.

use crate::components::Sheet;
use crate::platform::document;
use crate::replica;
use crate::routes::Place;
use crate::texts as t;
use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

/// Listens while the frame is shown.
pub(super) fn listen(help: RwSignal<bool>) {
    let navigate = use_navigate();
    let listening = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing() {
            return;
        }
        let done = if document::is_typing() {
            event.key() == "Escape" && leave_input()
        } else if document::all("dialog[open]").is_empty() {
            let key = event.key();
            if let Some(place) = place(&key) {
                navigate(&place.path(), Default::default());
                true
            } else if key == "?" {
                help.set(true);
                true
            } else {
                act(&key)
            }
        } else {
            false
        };
        if done {
            event.prevent_default();
        }
    });
    on_cleanup(move || listening.remove());
}

/// The sheet that shows the keys.
#[component]
pub(super) fn KeyboardHelp(open: RwSignal<bool>) -> impl IntoView {
    let row = |keys: &'static [&'static str], what: fn() -> &'static str| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view();
        view! {
            <div>
                <dt>{what}</dt>
                <dd>{keys}</dd>
            </div>
        }
    };
    view! {
        <Sheet title=t::keyboard::title open test_id="keyboard-help">
            <dl class="told-facts keys">
                {row(&["/"], t::keyboard::search)} {row(&["n"], t::keyboard::new)} {row(&["j", "k"], t::keyboard::move_rows)}
                {row(&["Enter"], t::keyboard::open)} {row(&["Esc"], t::keyboard::back)} {row(&["1", "–", "5"], t::keyboard::places)}
                {row(&["?"], t::keyboard::help)}
            </dl>
        </Sheet>
    }
}

/// The places of the person's role, counted from 1.
fn place(key: &str) -> Option<Place> {
    let number = key.parse::<usize>().ok()?.checked_sub(1)?;
    Place::homes(untrack(replica::actor)?.role).get(number).copied()
}

fn act(key: &str) -> bool {
    match key {
        "/" => press("[data-search]", |found| drop(found.focus())),
        "n" => press("[data-new]", |found| found.click()),
        "Escape" => press("[data-back]", |found| found.click()),
        "j" => move_rows(1),
        "k" => move_rows(-1),
        _ => false,
    }
}

fn press(selector: &str, act: fn(&leptos::web_sys::HtmlElement)) -> bool {
    // The last one is the innermost: a detail's way back, not the list's.
    document::all(selector).iter().rfind(|found| found.offset_parent().is_some()).inspect(|found| act(found)).is_some()
}

/// Moves the focus among rows; a long list takes it as a whole and moves by itself.
fn move_rows(step: isize) -> bool {
    let rows: Vec<_> = document::all("[data-row]").into_iter().filter(|row| row.offset_parent().is_some()).collect();
    if rows.is_empty() {
        return press("[data-virtual-list]", |found| drop(found.focus()));
    }
    let at = document::focused().and_then(|focused| rows.iter().position(|row| *row == focused));
    let next = at.map_or(0, |at| at.saturating_add_signed(step).min(rows.len() - 1));
    drop(rows[next].focus());
    true
}

fn leave_input() -> bool {
    document::focused().inspect(|focused| drop(focused.blur())).is_some()
}
