//! Everything about the sync state: what, since when, why, what to do (clause N2).

use super::sync_chip::glyph;
use super::unsent_work::TakeUnsentWork;
use crate::components::{Badge, Banner, Button, Glyph, Icon, LinkButton, Look, Mood, Sheet};
use crate::platform::{document, page, service_worker};
use crate::replica;
use crate::replica::drafts;
use crate::replica::status::{Refused, Status, status};
use crate::routes::Place;
use crate::state::sync::{Part, Urgency, clock_error, megabytes, parts};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

/// The sheet behind the chip.
#[component]
pub(super) fn SyncSheet(open: RwSignal<bool>) -> impl IntoView {
    // What stands apart is not made anew with every word of the state: it may be under a finger.
    let refused = Memo::new(|_| status().refused);
    let has_unsent = Memo::new(|_| status().unsent + status().files.count > 0);
    view! {
        <Sheet title=t::sync::title open test_id="sync-sheet">
            {move || {
                let status = status();
                view! {
                    {status.update_waiting.then(update)}
                    {parts(&status).into_iter().map(told).collect_view()}
                    {clock_error(&status).map(|minutes| view! { <Banner mood=Mood::Warning>{move || t::sync::clock_wrong(minutes)}</Banner> })}
                    {facts(&status)}
                }
            }}
            <Button icon=Glyph::Refresh on_press=replica::sync_now test_id="sync-now">
                {t::sync::sync_now}
            </Button>
            {move || has_unsent.get().then(|| view! { <TakeUnsentWork /> })}
            {move || refusals(refused.get())}
        </Sheet>
    }
}

fn update() -> impl IntoView {
    view! {
        <Banner test_id="update-waiting">
            <strong>{t::sync::update_waiting}</strong>
            <p>{t::sync::update_means}</p>
            {accept_button}
        </Banner>
    }
}

/// Never in the middle of a signature or a photo: those are in no draft.
fn accept_button() -> impl IntoView {
    move || {
        if page::is_held() {
            view! { <p data-testid="update-held">{t::sync::update_held}</p> }.into_any()
        } else {
            view! {
                <div>
                    <Button look=Look::Primary icon=Glyph::Refresh on_press=accept_update test_id="update-accept">
                        {t::sync::update_now}
                    </Button>
                </div>
            }
            .into_any()
        }
    }
}

/// What was typed a moment ago goes with it too.
fn accept_update() {
    spawn_local(async {
        drafts::stored().await;
        service_worker::accept_update();
    });
}

fn told(part: Part) -> impl IntoView {
    let mood = match part.urgency() {
        Urgency::Needed => Mood::Bad,
        Urgency::Waiting => Mood::Warning,
        Urgency::Calm if part == Part::Synced => Mood::Good,
        Urgency::Calm => Mood::Info,
    };
    let short = move || part.short(words::here(), Utc::now());
    view! {
        <div class=format!("told {}", mood.class())>
            <span class="told-drawing">
                <Icon glyph=glyph(part) />
            </span>
            <div class="told-words">
                <h3>{short}</h3>
                <p>{move || part.meaning()}</p>
                {remedy(part)}
            </div>
        </div>
    }
}

/// What can be done about it here and now.
fn remedy(part: Part) -> Option<AnyView> {
    match part {
        Part::LoggedOut => {
            let path: Signal<String> = Place::LogIn.into();
            Some(view! { <LinkButton href=path look=Look::Primary icon=Glyph::Key>{t::app::log_in}</LinkButton> }.into_any())
        }
        Part::UpdateNeeded => Some(accept_button().into_any()),
        Part::Storage(_) => Some(view! { <Button on_press=document::reload>{t::sync::reload}</Button> }.into_any()),
        Part::Evicted => Some(
            view! { <Button icon=Glyph::Check on_press=replica::know_of_eviction test_id="evicted-known">{t::sync::evicted_known}</Button> }
                .into_any(),
        ),
        _ => None,
    }
}

fn facts(status: &Status) -> impl IntoView + use<> {
    let (unsent, since, fresh_at, persisted) = (status.unsent, status.unsent_since, status.fresh_at, status.persisted);
    let only_here = move || match since {
        Some(at) if unsent > 0 => t::sync::only_here_since(unsent, words::ago(at, Utc::now())),
        _ if unsent > 0 => t::sync::unsent(unsent),
        _ => t::sync::only_here_none().to_owned(),
    };
    let as_of = move || fresh_at.map_or_else(|| t::sync::never().to_owned(), |at| words::opening(&words::moment(at, words::here(), Utc::now())));
    let files = status.files;
    let kept = move |kept: bool| if kept { t::sync::yes() } else { t::sync::not_kept() };
    view! {
        <dl class="told-facts">
            <div>
                <dt>{t::sync::only_here}</dt>
                <dd>{only_here}</dd>
            </div>
            {(files.count > 0)
                .then(|| {
                    view! {
                        <div>
                            <dt>{t::sync::photos_here}</dt>
                            <dd data-testid="sync-photos">{move || t::sync::photos_size(megabytes(files.bytes), files.count)}</dd>
                        </div>
                    }
                })}
            <div>
                <dt>{t::sync::data_as_of}</dt>
                <dd>{as_of}</dd>
            </div>
            {persisted
                .map(|promised| {
                    view! {
                        <div>
                            <dt>{t::sync::kept_by_browser}</dt>
                            <dd>{move || kept(promised)}</dd>
                        </div>
                    }
                })}
        </dl>
    }
}

/// What cannot be taken off the list stays on it, so a failure needs no words of its own.
fn dismiss(refusal: Uuid) {
    spawn_local(async move {
        let _stays_listed = replica::dismiss_refused(refusal).await;
    });
}

fn refusals(refused: Vec<Refused>) -> Option<impl IntoView> {
    let one = |refused: Refused| {
        let name = refused.name.clone();
        view! {
            <li class="refusal" data-testid="sync-refusal">
                <div class="refusal-head">
                    <strong>{move || words::command(&name)}</strong>
                    <span class="soft">{move || words::opening(&words::moment(refused.at, words::here(), Utc::now()))}</span>
                </div>
                <p>{move || words::rejection(&refused.rejection)}</p>
                {refused
                    .quarantined
                    .then(|| view! { <Badge mood=Signal::stored(Mood::Warning)>{t::sync::waits_for_supervisor}</Badge> })}
                <Button icon=Glyph::Check on_press=move || dismiss(refused.uuid) test_id="refusal-dismiss">
                    {t::sync::refusal_seen}
                </Button>
            </li>
        }
    };
    (!refused.is_empty()).then(|| {
        view! {
            <section class="stack">
                <h3>{t::sync::refused_head}</h3>
                <ul class="refusals">{refused.into_iter().map(one).collect_view()}</ul>
            </section>
        }
    })
}
