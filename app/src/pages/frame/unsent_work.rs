//! What is on this device only, taken to another one in a file; and such a file sent.

use crate::components::{Banner, Button, Glyph, Icon, Mood, toast};
use crate::platform::{file, give};
use crate::replica::StorageFailure;
use crate::replica::session::take_remains;
use crate::replica::unsent_work::{self, NotSent, NotTaken, Sent};
use crate::texts::sync as t;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Longer than any: a thousand commands have a few hundred kilobytes.
const LONGEST: u64 = 64 << 20;

/// Takes what waits here along; `of_remains` of data that cannot be opened any more.
#[component]
pub(crate) fn TakeUnsentWork(#[prop(optional)] of_remains: bool) -> impl IntoView {
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<NotTaken>);
    let take = move || {
        busy.set(true);
        spawn_local(async move {
            let taken = if of_remains { take_remains().await } else { unsent_work::take().await };
            match taken {
                Ok((text, taken)) => {
                    let name = chrono::Utc::now().format("huixiao-%Y%m%d-%H%M%S.txt").to_string();
                    if give::text(&name, &text).await == give::Given::Yes {
                        toast::show(untrack(|| of_both(t::carry_taken(taken.commands), taken.files, t::carry_taken_photos)));
                    }
                    failed.try_set(None);
                }
                Err(why) => drop(failed.try_set(Some(why))),
            }
            busy.try_set(false);
        });
    };
    let words = |why| match why {
        NotTaken::NoKey => t::carry_no_key(),
        NotTaken::Storage(StorageFailure::Full | StorageFailure::Broken | StorageFailure::Newer | StorageFailure::Held) => t::carry_storage(),
    };
    view! {
        <div class="stack">
            <p class="soft">{t::carry_means}</p>
            {move || failed.get().map(|why| view! { <Banner mood=Mood::Bad test_id="carry-not-taken">{move || words(why)}</Banner> })}
            <Button icon=Glyph::Download busy on_press=take test_id="carry-take">
                {t::carry_take}
            </Button>
        </div>
    }
}

/// Sends a file that was taken from another device.
#[component]
pub(crate) fn SendUnsentWork() -> impl IntoView {
    let busy = RwSignal::new(false);
    let became = RwSignal::new(None::<Result<Sent, NotSent>>);
    let input = NodeRef::<leptos::html::Input>::new();
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else { return };
        let Some(chosen) = input.files().and_then(|files| files.get(0)).filter(|_| !busy.get_untracked()) else { return };
        // The same file can be chosen again.
        input.set_value("");
        busy.set(true);
        spawn_local(async move {
            let sent = send(chosen.into()).await;
            busy.try_set(false);
            became.try_set(Some(sent));
        });
    };
    view! {
        <div class="stack">
            {move || became.get().map(|became| {
                let mood = if became.is_ok() { Mood::Good } else { Mood::Bad };
                view! { <Banner mood test_id="carry-sent">{move || words(became)}</Banner> }
            })}
            <div>
                <label class="button" class:busy=move || busy.get()>
                    <Icon glyph=Glyph::Upload />
                    {t::carry_send}
                    <input class="unseen" node_ref=input type="file" accept=".txt,text/plain" data-testid="carry-file" on:change=chosen />
                </label>
            </div>
            <p class="soft">{t::carry_send_means}</p>
        </div>
    }
}

async fn send(chosen: gloo_file::File) -> Result<Sent, NotSent> {
    if chosen.size() > LONGEST {
        return Err(NotSent::Other);
    }
    let bytes = file::read(&chosen, |_| true).await.ok().flatten().ok_or(NotSent::Other)?;
    unsent_work::send(&String::from_utf8(bytes).map_err(|_| NotSent::Other)?).await
}

fn words(became: Result<Sent, NotSent>) -> String {
    match became {
        Ok(Sent { applied, refused, files, files_refused }) => {
            let records = if refused == 0 { t::carry_sent(applied) } else { t::carry_sent_refused(applied, refused) };
            of_both(of_both(records, files, t::carry_sent_photos), files_refused, t::carry_refused_photos)
        }
        Err(NotSent::Other) => t::carry_other().to_owned(),
        Err(NotSent::Newer) => t::carry_newer().to_owned(),
        Err(NotSent::SomebodyElses) => t::carry_somebody_elses().to_owned(),
        Err(NotSent::NotNow) => t::carry_not_now().to_owned(),
        Err(NotSent::LoggedOut) => t::carry_logged_out().to_owned(),
        Err(NotSent::OnlyThere) => t::carry_only_there().to_owned(),
    }
}

/// What there is to say of records, and of photos if there are any.
fn of_both(records: String, photos: usize, words: fn(usize) -> String) -> String {
    if photos == 0 { records } else { format!("{records} {}", words(photos)) }
}
