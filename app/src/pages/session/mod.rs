//! Log in, with the network once; lock and unlock without it; log out without losing work (clause N6).

mod install;
mod pin;
mod unlock;
mod unusable;

pub use install::{InstallFirst, InstallHere};
pub use unlock::UnlockPage;
pub use unusable::UnusablePage;

pub(crate) use self::pin::PinSheet;
use crate::components::{Banner, Button, Glyph, Look, Mood, TextField};
use crate::pages::frame::choices::choose_language;
use crate::platform::{self, document, service_worker};
use crate::replica;
use crate::replica::session::{Former, LogInError, LogOutError, lock, log_in, log_out};
use crate::replica::{StorageFailure, eviction, revocation};
use crate::routes::Place;
use crate::state::venue::settings;
use crate::texts::{self as t, Language};
use gloo_timers::future::TimeoutFuture;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use shared::Kind;

/// Log in.
#[component]
pub fn LogInPage() -> impl IntoView {
    let (login, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (login_missing, password_missing) = (RwSignal::new(false), RwSignal::new(false));
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<LogInError>);
    let (former, asks_former, may_give_up) = (RwSignal::new(String::new()), RwSignal::new(false), RwSignal::new(false));
    let wait = RwSignal::new(0_u32);
    let navigate = use_navigate();
    let asked_for = use_location().pathname.get_untracked();
    let apart = platform::install::way().stores_apart();
    let send = move |gives_up: bool| {
        login_missing.set(login.with(|login| login.trim().is_empty()));
        password_missing.set(password.with(String::is_empty));
        if busy.get() || wait.get() > 0 || login_missing.get() || password_missing.get() {
            return;
        }
        busy.set(true);
        let (navigate, asked_for) = (navigate.clone(), asked_for.clone());
        spawn_local(async move {
            let of_before = former.get_untracked();
            let of_before = match (gives_up, of_before.is_empty()) {
                (true, _) => Former::Forgotten,
                (false, true) => Former::Unasked,
                (false, false) => Former::Known(of_before),
            };
            let result = log_in(login.get_untracked().trim(), &password.get_untracked(), of_before).await;
            // Once it succeeded the page is gone, and its signals with it.
            busy.try_set(false);
            // Whoever has logged out stood at More, which the next one has not asked for.
            let unasked = [Place::LogIn, Place::More].iter().any(|place| asked_for == place.path());
            if result.is_ok() && unasked {
                navigate(&Place::Today.path(), NavigateOptions::default());
            }
            if let Err(why) = result {
                failed.try_set(Some(why));
                if let LogInError::FormerPassword { .. } | LogInError::NotSentYet { .. } = why {
                    asks_former.try_set(true);
                    may_give_up.try_set(matches!(why, LogInError::FormerPassword { .. }));
                }
                if let LogInError::TooManyTries { seconds } = why {
                    count_down(wait, seconds).await;
                }
            }
        });
    };
    let give_up = send.clone();
    let missing = |is_missing: RwSignal<bool>, text: fn() -> &'static str| Signal::derive(move || is_missing.get().then(|| text().to_owned()));
    let refused = move || match failed.get() {
        Some(LogInError::TooManyTries { .. }) if wait.get() == 0 => None,
        why => why,
    };
    view! {
        <div class="alone">
            <div class="log-in">
                <div class="log-in-head">
                    <img class="log-in-mark" src="/icons/icon.svg" alt="" width="56" height="56" />
                    <h1>{t::session::welcome}</h1>
                    <p class="soft">{t::session::once}</p>
                </div>
                {move || (!service_worker::is_offered()).then(|| view! { <Banner mood=Mood::Warning test_id="login-no-worker">{t::session::no_worker}</Banner> })}
                {move || eviction::has_taken_all().then(|| view! { <Banner mood=Mood::Warning test_id="login-evicted">{t::session::evicted}</Banner> })}
                {move || revocation::has_removed().then(|| view! { <Banner mood=Mood::Info test_id="login-removed">{t::session::removed}</Banner> })}
                // Where a log-in here would be none at the home screen, the steps come before the form.
                {(!document::is_installed() && apart).then(|| view! { <InstallFirst /> })}
                {move || refused().map(|why| view! { <Banner mood=Mood::Bad test_id="login-error">{move || failure(why, wait.get())}</Banner> })}
                <form
                    class="stack"
                    novalidate
                    on:submit=move |event: SubmitEvent| {
                        event.prevent_default();
                        send(false);
                    }
                >
                    <TextField
                        label=t::session::login
                        value=login
                        autocomplete="username"
                        error=missing(login_missing, t::session::login_missing)
                        autofocus=true
                        test_id="login-name"
                    />
                    <TextField
                        label=t::session::password
                        value=password
                        kind="password"
                        autocomplete="current-password"
                        error=missing(password_missing, t::session::password_missing)
                        test_id="login-password"
                    />
                    {move || {
                        asks_former
                            .get()
                            .then(|| view! { <TextField label=t::session::former value=former kind="password" autocomplete="off" test_id="login-former" /> })
                    }}
                    <Button look=Look::Primary submit=true wide=true busy disabled=Signal::derive(move || wait.get() > 0) test_id="login-submit">
                        {t::session::log_in}
                    </Button>
                    {move || {
                        let send = give_up.clone();
                        may_give_up
                            .get()
                            .then(|| {
                                view! {
                                    <Button look=Look::Danger wide=true busy on_press=move || send(true) test_id="login-give-up">
                                        {t::session::give_up}
                                    </Button>
                                }
                            })
                    }}
                </form>
                {(!document::is_installed() && !apart).then(|| view! { <InstallFirst /> })}
                <LanguageChips />
            </div>
        </div>
    }
}

/// The three languages, each by its own name.
#[component]
pub fn LanguageChips() -> impl IntoView {
    let chip = |language: Language| {
        let on = move || (t::language() == language).to_string();
        view! {
            <button type="button" class="chip" lang=language.tag() aria-pressed=on data-testid=format!("language-{}", language.tag()) on:click=move |_| choose_language(language)>
                {language.own_name()}
            </button>
        }
    };
    view! {
        <div class="chips" role="group" aria-label=t::more::language>
            {Language::ALL.map(chip).collect_view()}
        </div>
    }
}

/// Lock now: whoever picks the device up has to know the password, or the PIN.
#[component]
pub fn LockNow() -> impl IntoView {
    let pin = RwSignal::new(false);
    let idle = Memo::new(|_| {
        replica::read(&[Kind::Settings], |replica| settings(replica).map(|settings| settings.devices).unwrap_or_default().idle_minutes)
    });
    view! {
        <div class="stack">
            <p class="soft">{move || t::session::lock_means(idle.get())}</p>
            <div class="cluster">
                <Button icon=Glyph::Lock on_press=lock test_id="lock">
                    {t::session::lock}
                </Button>
                <Button icon=Glyph::Key on_press=move || pin.set(true) test_id="more-pin">
                    {t::session::pin}
                </Button>
            </div>
        </div>
        <PinSheet open=pin />
    }
}

/// Log out, or say why not yet.
#[component]
pub fn LogOut() -> impl IntoView {
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<LogOutError>);
    let press = move || {
        busy.set(true);
        spawn_local(async move {
            let result = log_out().await;
            busy.try_set(false);
            refused.try_set(result.err());
        });
    };
    let words = |why| match why {
        LogOutError::UnsentWork { count } => t::session::log_out_unsent(count),
        LogOutError::UnsentFiles { count } => t::session::log_out_unsent_files(count),
        LogOutError::NoNetwork => t::session::log_out_no_network().to_owned(),
        LogOutError::Storage(_) => t::session::log_out_storage().to_owned(),
    };
    view! {
        <div class="stack">
            <p class="soft">{t::session::log_out_means}</p>
            {move || refused.get().map(|why| view! { <Banner mood=Mood::Warning test_id="logout-refused">{move || words(why)}</Banner> })}
            <div>
                <Button look=Look::Danger icon=Glyph::LogOut busy on_press=press test_id="logout">
                    {t::session::log_out}
                </Button>
            </div>
        </div>
    }
}

fn failure(why: LogInError, wait: u32) -> String {
    use t::session as s;
    match why {
        LogInError::WrongPassword => s::wrong_password().to_owned(),
        LogInError::TooManyTries { .. } => s::too_many_tries(wait),
        LogInError::NoNetwork => s::no_network().to_owned(),
        LogInError::Captive => s::captive().to_owned(),
        LogInError::Server => s::server().to_owned(),
        LogInError::OthersUnsentWork { count } => s::others_unsent(count),
        LogInError::OthersUnsentFiles { count } => s::others_unsent_files(count),
        LogInError::FormerPassword { count } => s::former_password(count),
        LogInError::NotSentYet { count } => s::not_sent_yet(count),
        LogInError::WrongFormer => s::wrong_former().to_owned(),
        LogInError::NoLock => s::no_lock().to_owned(),
        LogInError::Storage(why) => storage_words(why).to_owned(),
    }
}

fn storage_words(why: StorageFailure) -> &'static str {
    match why {
        StorageFailure::Full => t::session::storage_full(),
        StorageFailure::Broken => t::session::storage_broken(),
        StorageFailure::Newer => t::sync::storage_newer_means(),
        StorageFailure::Held => t::sync::storage_held_means(),
    }
}

async fn count_down(wait: RwSignal<u32>, seconds: u32) {
    for left in (0..=seconds).rev() {
        if wait.try_set(left).is_some() {
            return;
        }
        TimeoutFuture::new(1_000).await;
    }
}
