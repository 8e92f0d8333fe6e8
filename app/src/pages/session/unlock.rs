//! Unlock what is on the device (clause M3): no network is needed.

use super::{LanguageChips, LogInPage, count_down, storage_words};
use crate::components::{Banner, Button, Look, Mood, TextField};
use crate::platform::service_worker;
use crate::replica::letters::{self, Waiting};
use crate::replica::pin;
use crate::replica::session::{Person, UnlockError, unlock, unlock_with_pin};
use crate::texts as t;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Unlock, or let somebody else log in, unless the device stands alone among guests.
#[component]
pub fn UnlockPage(person: Person, #[prop(optional)] alone: bool) -> impl IntoView {
    let somebody_else = RwSignal::new(false);
    let person = StoredValue::new(person);
    move || {
        if somebody_else.get() {
            view! { <LogInPage /> }.into_any()
        } else {
            view! { <Unlock person=person.get_value() somebody_else alone /> }.into_any()
        }
    }
}

#[component]
fn Unlock(person: Person, somebody_else: RwSignal<bool>, alone: bool) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let missing = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<UnlockError>);
    let wait = RwSignal::new(0_u32);
    let by_password = RwSignal::new(false);
    let by_pin = Memo::new(move |_| pin::serves() && !by_password.get());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        missing.set(password.with(String::is_empty));
        if busy.get() || wait.get() > 0 || missing.get() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let typed = password.get_untracked();
            let result = if by_pin.get_untracked() { unlock_with_pin(&typed).await } else { unlock(&typed).await };
            // Once it succeeded the page is gone, and its signals with it.
            busy.try_set(false);
            let Err(why) = result else { return };
            failed.try_set(Some(why));
            password.try_set(String::new());
            if let UnlockError::Wrong { seconds } | UnlockError::Wait { seconds } = why {
                count_down(wait, seconds).await;
            }
        });
    };
    let missing_words = move |words: fn() -> &'static str| Signal::derive(move || missing.get().then(|| words().to_owned()));
    view! {
        <div class="alone">
            <div class="log-in">
                <div class="log-in-head">
                    <img class="log-in-mark" src="/icons/icon.svg" alt="" width="56" height="56" />
                    <h1>{move || t::session::locked(&person.name)}</h1>
                    <p class="soft">{move || if by_pin.get() { t::session::locked_means_pin() } else { t::session::locked_means() }}</p>
                </div>
                {waiting_here}
                {move || failed.get().map(|why| view! { <Banner mood=Mood::Bad test_id="unlock-error">{move || words(why, wait.get(), by_pin.get())}</Banner> })}
                <form class="stack" novalidate on:submit=send>
                    {move || {
                        if by_pin.get() {
                            view! {
                                <TextField
                                    label=t::session::pin
                                    value=password
                                    kind="password"
                                    inputmode="numeric"
                                    error=missing_words(t::session::pin_missing)
                                    autofocus=true
                                    test_id="unlock-pin"
                                />
                            }
                                .into_any()
                        } else {
                            view! {
                                <TextField
                                    label=t::session::password
                                    value=password
                                    kind="password"
                                    autocomplete="current-password"
                                    error=missing_words(t::session::password_missing)
                                    autofocus=true
                                    test_id="unlock-password"
                                />
                            }
                                .into_any()
                        }
                    }}
                    <Button look=Look::Primary submit=true wide=true busy disabled=Signal::derive(move || wait.get() > 0) test_id="unlock-submit">
                        {t::session::unlock}
                    </Button>
                    {move || by_pin.get().then(|| {
                        let change = move || {
                            password.set(String::new());
                            missing.set(false);
                            by_password.set(true);
                        };
                        view! { <Button wide=true on_press=change test_id="unlock-by-password">{t::session::by_password}</Button> }
                    })}
                    {(!alone).then(|| view! {
                        <Button wide=true on_press=move || somebody_else.set(true) test_id="unlock-somebody-else">
                            {t::session::somebody_else}
                        </Button>
                    })}
                </form>
                <LanguageChips />
            </div>
        </div>
    }
}

/// What of the locked person's work is on this device only, if any is, and when it is sent.
fn waiting_here() -> Option<impl IntoView> {
    let Waiting { commands, files } = letters::waiting();
    if !service_worker::is_offered() {
        let all = commands + files;
        return (all > 0).then(|| {
            view! { <div class="stack soft"><p data-testid="unlock-waiting">{move || t::session::locked_waiting_without_worker(all)}</p></div> }
                .into_any()
        });
    }
    let commands = (commands > 0).then(|| view! { <p data-testid="unlock-waiting">{move || t::session::locked_waiting(commands)}</p> });
    let files = (files > 0).then(|| view! { <p>{move || t::session::locked_waiting_files(files)}</p> });
    (commands.is_some() || files.is_some()).then(|| view! { <div class="stack soft">{commands} {files}</div> }.into_any())
}

fn words(why: UnlockError, wait: u32, by_pin: bool) -> String {
    use t::session as s;
    match why {
        UnlockError::Wrong { .. } | UnlockError::Wait { .. } if wait > 0 => s::unlock_wait(wait),
        UnlockError::Wrong { .. } | UnlockError::Wait { .. } if by_pin => s::pin_wrong().to_owned(),
        UnlockError::Wrong { .. } | UnlockError::Wait { .. } => s::unlock_wrong().to_owned(),
        UnlockError::PinSpent => s::pin_spent().to_owned(),
        UnlockError::NoLock => s::no_lock().to_owned(),
        UnlockError::Storage(why) => storage_words(why).to_owned(),
    }
}
