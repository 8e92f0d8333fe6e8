//! A PIN for this device (clause M3): set, changed, taken away.

use crate::components::{Banner, Button, Look, Mood, Sheet, TextField, toast};
use crate::replica::{StorageFailure, pin};
use crate::texts as t;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The sheet. It forgets what was typed when it closes.
#[component]
pub(crate) fn PinSheet(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Sheet title=t::session::pin open test_id="pin-sheet">
            <PinForm open />
        </Sheet>
    }
}

#[component]
fn PinForm(open: RwSignal<bool>) -> impl IntoView {
    let new = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let is_unfit = RwSignal::new(false);
    let failed = RwSignal::new(None::<StorageFailure>);
    let is_set = pin::is_set();
    let put = move |pin: Option<String>| {
        busy.set(true);
        spawn_local(async move {
            let done = pin::set(pin.as_deref()).await;
            busy.try_set(false);
            match done {
                Ok(()) => {
                    open.try_set(false);
                    toast::show(if pin.is_some() { t::session::pin_saved() } else { t::session::pin_removed() });
                }
                Err(why) => drop(failed.try_set(Some(why))),
            }
        });
    };
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        is_unfit.set(!new.with_untracked(|new| pin::is_fit(new)));
        if !busy.get_untracked() && !is_unfit.get_untracked() {
            put(Some(new.get_untracked()));
        }
    };
    let unfit = Signal::derive(move || is_unfit.get().then(|| t::session::pin_unfit().to_owned()));
    view! {
        <form class="stack" novalidate on:submit=save>
            <p class="soft">{t::session::pin_means}</p>
            {move || failed.get().map(|why| view! { <Banner mood=Mood::Bad>{move || super::storage_words(why)}</Banner> })}
            <TextField label=t::session::pin_new value=new kind="password" inputmode="numeric" error=unfit test_id="pin-new" />
            <Button look=Look::Primary submit=true busy wide=true test_id="pin-save">
                {t::app::save}
            </Button>
            {is_set
                .then(|| {
                    view! {
                        <Button look=Look::Danger wide=true busy on_press=move || put(None) test_id="pin-remove">
                            {t::session::pin_remove}
                        </Button>
                    }
                })}
        </form>
    }
}
