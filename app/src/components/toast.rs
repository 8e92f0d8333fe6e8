//! Short notices at the edge of the screen, spoken politely; with Undo they stay for ten seconds.

use super::{Button, Look};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

/// How long something can be undone.
pub const UNDO_MS: u32 = 10_000;
const NOTICE_MS: u32 = 4_000;
/// More would cover what is to be pressed next; the oldest goes first.
const MOST: usize = 2;

#[derive(Clone)]
struct Toast {
    id: u64,
    text: String,
    undo: Option<Undo>,
}

/// Not a `Callback`: that belongs to an owner, and the page which made it may be gone before the ten seconds are over.
type Undo = Arc<dyn Fn() + Send + Sync>;

thread_local! {
    static TOASTS: ArcRwSignal<(u64, Vec<Toast>)> = ArcRwSignal::new((0, Vec::new()));
}

/// Says that something was done.
pub fn show(text: impl Into<String>) {
    add(text.into(), None, NOTICE_MS);
}

/// Says that something was done and offers to take it back for ten seconds.
pub fn show_with_undo(text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
    add(text.into(), Some(Arc::new(undo)), UNDO_MS);
}

/// Where the toasts appear; once, in the frame.
#[component]
pub fn Toasts() -> impl IntoView {
    let toasts = TOASTS.with(Clone::clone);
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.get().1 key=|toast| toast.id children=shown />
        </div>
    }
}

fn shown(toast: Toast) -> impl IntoView {
    let Toast { id, text, undo } = toast;
    view! {
        <div class="toast" data-testid="toast">
            <span>{text}</span>
            {undo
                .map(|undo| {
                    let press = move || {
                        dismiss(id);
                        undo();
                    };
                    view! {
                        <Button look=Look::Quiet on_press=press test_id="toast-undo">
                            {crate::texts::app::undo}
                        </Button>
                    }
                })}
        </div>
    }
}

fn add(text: String, undo: Option<Undo>, for_ms: u32) {
    let toasts = TOASTS.with(Clone::clone);
    let id = toasts.with_untracked(|toasts| toasts.0 + 1);
    toasts.update(|(last, list)| {
        *last = id;
        list.push(Toast { id, text, undo });
        list.drain(..list.len().saturating_sub(MOST));
    });
    spawn_local(async move {
        TimeoutFuture::new(for_ms).await;
        dismiss(id);
    });
}

fn dismiss(id: u64) {
    TOASTS.with(|toasts| toasts.update(|(_, list)| list.retain(|toast| toast.id != id)));
}
