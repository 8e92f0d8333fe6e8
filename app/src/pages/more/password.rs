//! Setting a password: one's own with the old one, or anybody's for an administrator. It goes to the server and nowhere else.

use crate::components::{Banner, Button, Look, Mood, Sheet, TextField, toast};
use crate::platform::network::{self, NoAnswer};
use crate::replica::session::change_lock;
use crate::texts as t;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use shared::ids::UserId;

/// The server takes no shorter one.
const SHORTEST: usize = 8;
const TIMEOUT_MS: u32 = 20_000;

/// Whose password is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// One's own: the old one is asked for.
    Own(UserId),
    /// Somebody else's, by an administrator.
    Other(UserId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    Wrong,
    Unfit,
    Unknown,
    TooMany(u32),
    Offline,
    Captive,
    Failed,
}

/// The sheet. It forgets what was typed when it closes.
#[component]
pub(crate) fn PasswordSheet(open: RwSignal<bool>, #[prop(into)] whose: Signal<Option<Whose>>) -> impl IntoView {
    view! {
        <Sheet title=t::more::change_password open test_id="password-sheet">
            {move || whose.get().map(|whose| view! { <PasswordForm whose open /> })}
        </Sheet>
    }
}

#[component]
fn PasswordForm(whose: Whose, open: RwSignal<bool>) -> impl IntoView {
    let (old, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<Refused>);
    let is_own = matches!(whose, Whose::Own(_));
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        if new.with_untracked(|new| new.chars().count() < SHORTEST) {
            refused.set(Some(Refused::Unfit));
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let result = set(whose, &new.get_untracked(), &old.get_untracked()).await;
            busy.try_set(false);
            match result {
                Ok(()) => {
                    open.try_set(false);
                    toast::show(t::more::password_set());
                }
                Err(why) => drop(refused.try_set(Some(why))),
            }
        });
    };
    let beside = move |field: Refused| Signal::derive(move || refused.get().filter(|why| *why == field).map(words));
    let apart = move || refused.get().filter(|why| !matches!(why, Refused::Wrong | Refused::Unfit));
    view! {
        <form class="stack" novalidate on:submit=send>
            {move || apart().map(|why| view! { <Banner mood=Mood::Bad>{move || words(why)}</Banner> })}
            {is_own
                .then(|| {
                    view! {
                        <TextField
                            label=t::more::password_now
                            value=old
                            kind="password"
                            autocomplete="current-password"
                            error=beside(Refused::Wrong)
                            test_id="password-old"
                        />
                    }
                })}
            <TextField
                label=t::more::password_new
                hint=move || t::more::password_hint(SHORTEST)
                value=new
                kind="password"
                autocomplete="new-password"
                error=beside(Refused::Unfit)
                test_id="password-new"
            />
            <Button look=Look::Primary submit=true busy wide=true test_id="password-save">
                {t::app::save}
            </Button>
        </form>
    }
}

async fn set(whose: Whose, new: &str, old: &str) -> Result<(), Refused> {
    #[derive(Serialize)]
    struct NewPassword<'a> {
        password: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        old: Option<&'a str>,
    }
    let (user, old) = match whose {
        Whose::Own(user) => (user, Some(old)),
        Whose::Other(user) => (user, None),
    };
    let body = serde_json::to_string(&NewPassword { password: new, old }).expect("two texts always serialise");
    let answer = network::post(&format!("/api/users/{user}/password"), &body, TIMEOUT_MS).await.map_err(|failure| match failure {
        NoAnswer::Offline => Refused::Offline,
        NoAnswer::Captive => Refused::Captive,
    })?;
    match answer.status {
        200..=299 => {
            if matches!(whose, Whose::Own(_)) {
                // A lock that could not be changed opens with the old password, and says so.
                change_lock(old.unwrap_or_default(), new).await;
            }
            Ok(())
        }
        400 => Err(Refused::Unfit),
        403 => Err(Refused::Wrong),
        404 => Err(Refused::Unknown),
        429 => Err(Refused::TooMany(answer.retry_after.unwrap_or(60))),
        _ => Err(Refused::Failed),
    }
}

fn words(why: Refused) -> String {
    match why {
        Refused::Wrong => t::more::password_wrong().to_owned(),
        Refused::Unfit => t::more::password_unfit().to_owned(),
        Refused::Unknown => t::more::password_unsynced().to_owned(),
        Refused::TooMany(seconds) => t::session::too_many_tries(seconds),
        Refused::Offline => t::more::password_offline().to_owned(),
        Refused::Captive => t::session::captive().to_owned(),
        Refused::Failed => t::more::password_failed().to_owned(),
    }
}
