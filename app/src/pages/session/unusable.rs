//! Nothing can be saved or read here, so nobody can work here; and the way out where the data are damaged.

use crate::components::{Banner, Button, EmptyState, Glyph, Look, Mood};
use crate::pages::frame::TakeUnsentWork;
use crate::platform::document;
use crate::replica::StorageFailure;
use crate::replica::letters::Waiting;
use crate::replica::session::{Remains, begin_anew, remains};
use crate::state::sync::Part;
use crate::texts as t;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What has failed, and what can be done.
#[component]
pub fn UnusablePage(failure: StorageFailure) -> impl IntoView {
    let is_damaged = failure == StorageFailure::Broken;
    let title = move || if is_damaged { t::session::unreadable() } else { t::session::unusable() };
    let text = move || if is_damaged { t::session::unreadable_means() } else { Part::Storage(failure).meaning() };
    view! {
        <main class="alone">
            <div class="log-in">
                <EmptyState glyph=Glyph::HardDrive title text test_id="unusable">
                    <Button look=Look::Primary icon=Glyph::Refresh on_press=document::reload>
                        {t::sync::reload}
                    </Button>
                </EmptyState>
                {is_damaged.then(|| view! { <BeginAnew /> })}
            </div>
        </main>
    }
}

/// Removes what is damaged, after saying what would be lost with it.
#[component]
fn BeginAnew() -> impl IntoView {
    let busy = RwSignal::new(false);
    let asked = RwSignal::new(None::<Remains>);
    let failed = RwSignal::new(false);
    let ask = move || {
        busy.set(true);
        spawn_local(async move {
            let remains = remains().await;
            asked.try_set(Some(remains));
            busy.try_set(false);
        });
    };
    let begin = move || {
        busy.set(true);
        spawn_local(async move {
            match begin_anew().await {
                Ok(()) => document::reload(),
                Err(_) => drop(failed.try_set(true)),
            }
            busy.try_set(false);
        });
    };
    let sure = move |remains: Remains| {
        view! {
            <Banner mood=if remains == Remains::Nothing { Mood::Info } else { Mood::Warning } test_id="anew-remains">
                {move || words(remains)}
            </Banner>
            {matches!(remains, Remains::Waiting(_)).then(|| view! { <TakeUnsentWork of_remains=true /> })}
            <Button look=Look::Danger icon=Glyph::Trash busy on_press=begin test_id="anew-begin">
                {t::session::anew_begin}
            </Button>
        }
    };
    view! {
        <div class="stack">
            {move || failed.get().then(|| view! { <Banner mood=Mood::Bad>{t::session::anew_failed}</Banner> })}
            {move || match asked.get() {
                None => view! { <Button busy on_press=ask test_id="anew-ask">{t::session::anew_ask}</Button> }.into_any(),
                Some(remains) => sure(remains).into_any(),
            }}
        </div>
    }
}

fn words(remains: Remains) -> String {
    use t::session as s;
    match remains {
        Remains::Nothing => s::anew_nothing().to_owned(),
        Remains::Waiting(Waiting { commands, files }) => s::anew_waiting(commands + files),
        Remains::Unknown => s::anew_unknown().to_owned(),
    }
}
