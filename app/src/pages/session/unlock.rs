//! Unlock what is on the device (clause M3): no network is needed.

use super::{LanguageChips, LogInPage, count_down};
use crate::components::{Banner, Button, Look, Mood, TextField};
use crate::replica::StorageFailure;
use crate::replica::letters::{self, Waiting};
use crate::replica::session::{Person, UnlockError, unlock};
use crate::texts as t;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Unlock, or let somebody else log in.
#[component]
pub fn UnlockPage(person: Person) -> impl IntoView {
    let somebody_else = RwSignal::new(false);
    let person = StoredValue::new(person);
    move || {
        if somebody_else.get() { view! { <LogInPage /> }.into_any() } else { view! { <Unlock person=person.get_value() somebody_else /> }.into_any() }
    }
}

#[component]
fn Unlock(person: Person, somebody_else: RwSignal<bool>) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let missing = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<UnlockError>);
    let wait = RwSignal::new(0_u32);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        missing.set(password.with(String::is_empty));
        if busy.get() || wait.get() > 0 || missing.get() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let result = unlock(&password.get_untracked()).await;
            // Once it succeeded the page is gone, and its signals with it.
            busy.try_set(false);
            let Err(why) = result else { return };
            failed.try_set(Some(why));
            password.try_set(String::new());
            if let UnlockError::WrongPassword { seconds } | UnlockError::Wait { seconds } = why {
                count_down(wait, seconds).await;
            }
        });
    };
    let missing_words = Signal::derive(move || missing.get().then(|| t::session::password_missing().to_owned()));
    view! {
        <div class="alone">
            <div class="log-in">
                <div class="log-in-head">
                    <img class="log-in-mark" src="/icons/icon.svg" alt="" width="56" height="56" />
                    <h1>{move || t::session::locked(&person.name)}</h1>
                    <p class="soft">{t::session::locked_means}</p>
                </div>
                {waiting_here}
                {move || failed.get().map(|why| view! { <Banner mood=Mood::Bad test_id="unlock-error">{move || words(why, wait.get())}</Banner> })}
                <form class="stack" novalidate on:submit=send>
                    <TextField
                        label=t::session::password
                        value=password
                        kind="password"
                        autocomplete="current-password"
                        error=missing_words
                        autofocus=true
                        test_id="unlock-password"
                    />
                    <Button look=Look::Primary submit=true wide=true busy disabled=Signal::derive(move || wait.get() > 0) test_id="unlock-submit">
                        {t::session::unlock}
                    </Button>
                    <Button wide=true on_press=move || somebody_else.set(true) test_id="unlock-somebody-else">
                        {t::session::somebody_else}
                    </Button>
                </form>
                <LanguageChips />
            </div>
        </div>
    }
}

/// What of the locked person's work is on this device only, if any is.
fn waiting_here() -> Option<impl IntoView> {
    let Waiting { commands, files } = letters::waiting();
    let commands = (commands > 0).then(|| view! { <p data-testid="unlock-waiting">{move || t::session::locked_waiting(commands)}</p> });
    let files = (files > 0).then(|| view! { <p>{move || t::session::locked_waiting_files(files)}</p> });
    (commands.is_some() || files.is_some()).then(|| view! { <div class="stack soft">{commands} {files}</div> })
}

fn words(why: UnlockError, wait: u32) -> String {
    use t::session as s;
    match why {
        UnlockError::WrongPassword { .. } | UnlockError::Wait { .. } if wait > 0 => s::unlock_wait(wait),
        UnlockError::WrongPassword { .. } | UnlockError::Wait { .. } => s::unlock_wrong().to_owned(),
        UnlockError::NoLock => s::no_lock().to_owned(),
        UnlockError::Storage(StorageFailure::Full) => s::storage_full().to_owned(),
        UnlockError::Storage(StorageFailure::Broken) => s::storage_broken().to_owned(),
    }
}
