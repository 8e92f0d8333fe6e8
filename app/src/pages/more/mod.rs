//! More: who I am, how the app looks and speaks, this device, and the rest.

mod devices;
mod password;

use crate::components::{Button, Chips, Choice, EmptyState, Glyph, LinkButton, List, ListRow, Look, PageHead};
use crate::pages::exports::reads_exports;
use crate::pages::follow_ups::Reminders;
use crate::pages::frame::choices::{Appearance, appearance, choose_appearance};
use crate::pages::frame::{SendUnsentWork, Sheets};
use crate::pages::session::{InstallHere, LanguageChips, LockNow, LogOut};
use crate::pages::venue::DeskName;
use crate::platform::document;
use crate::replica;
use crate::replica::status::status;
use crate::routes::Place;
use crate::state::sync::size;
use crate::texts as t;
use crate::words;
use devices::Devices;
use leptos::prelude::*;
pub(crate) use password::{PasswordSheet, Whose};
use shared::Kind;
use shared::people::{Role, User};

/// The rest.
#[component]
pub fn MorePage() -> impl IntoView {
    view! {
        <PageHead title=t::app::more />
        <div class="page-content">
            <Me />
            <section class="part">
                <h2>{t::more::records}</h2>
                <Records />
            </section>
            <section class="part">
                <h2>{t::more::looks}</h2>
                <Looks />
            </section>
            <section class="part">
                <h2>{t::more::this_device}</h2>
                <ThisDevice />
                {(!document::is_installed()).then(|| view! { <InstallHere /> })}
            </section>
            {move || {
                is_administrator()
                    .then(|| {
                        view! {
                            <section class="part">
                                <h2>{t::more::all_devices}</h2>
                                <Devices />
                            </section>
                        }
                    })
            }}
            <section class="part">
                <h2>{t::more::account}</h2>
                <Account />
            </section>
        </div>
    }
}

/// An address where nothing is.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <EmptyState glyph=Glyph::CircleHelp title=t::more::lost text=t::more::lost_note test_id="not-found">
            <LinkButton href=Place::Today look=Look::Primary icon=Glyph::Sun>
                {t::more::go_to_today}
            </LinkButton>
        </EmptyState>
    }
}

#[component]
fn Me() -> impl IntoView {
    let me = Memo::new(|_| {
        let actor = replica::actor()?;
        replica::read(&[Kind::User], |replica| replica.noun::<User>(actor.user).cloned())
    });
    view! {
        {move || {
            me.get()
                .map(|user| {
                    let first: String = user.name.chars().next().into_iter().collect();
                    let (role, login) = (user.role, user.login.clone());
                    view! {
                        <div class="me" data-testid="more-me">
                            <span class="me-mark" aria-hidden="true">{first}</span>
                            <div>
                                <h2>{user.name.clone()}</h2>
                                <p class="soft">{move || words::role(role)}" · "{login}</p>
                            </div>
                        </div>
                    }
                })
        }}
    }
}

#[component]
fn Records() -> impl IntoView {
    let reads = Memo::new(|_| replica::actor().is_some_and(|actor| reads_exports(&actor)));
    let sells = Memo::new(|_| replica::actor().is_some_and(|actor| actor.role.sells()));
    view! {
        <List label=t::more::records>
            <ListRow href=Place::Meetings icon=Glyph::Calendar test_id="more-meetings">{t::app::meetings}</ListRow>
            <ListRow href=Place::Products icon=Glyph::Package test_id="more-products">{t::app::products}</ListRow>
            <ListRow href=Place::Promotions icon=Glyph::Coins test_id="more-promotions">{t::promotions::title}</ListRow>
            {move || {
                sells.get().then(|| view! {
                    <ListRow href=Place::FollowUps icon=Glyph::PhoneCall test_id="more-follow-ups">{t::follow_ups::title}</ListRow>
                    <ListRow href=Place::Complaints icon=Glyph::Alert test_id="more-complaints">{t::complaints::title}</ListRow>
                    <ListRow href=Place::Records icon=Glyph::File test_id="more-records">{t::records::title}</ListRow>
                    <ListRow href=Place::Quarantine icon=Glyph::Shield test_id="more-held">{t::quarantine::title}</ListRow>
                })
            }}
            <ListRow href=Place::Analysis icon=Glyph::Chart test_id="more-analysis">{t::analysis::title}</ListRow>
            <ListRow href=Place::Refusals icon=Glyph::Chart test_id="more-refusals">{t::refusals::title}</ListRow>
            {move || {
                crate::pages::settings::keeps().then(|| {
                    view! { <ListRow href=Place::Settings icon=Glyph::Message test_id="more-settings">{t::settings::title}</ListRow> }
                })
            }}
            {move || {
                reads.get().then(|| view! { <ListRow href=Place::Exports icon=Glyph::Download test_id="more-exports">{t::exports::title}</ListRow> })
            }}
            {move || {
                is_administrator().then(|| view! { <ListRow href=Place::People icon=Glyph::Users test_id="more-people">{t::app::people}</ListRow> })
            }}
        </List>
    }
}

fn is_administrator() -> bool {
    replica::actor().is_some_and(|actor| actor.role == Role::Administrator)
}

#[component]
fn Looks() -> impl IntoView {
    let options = Signal::derive(|| {
        Appearance::ALL
            .map(|choice| {
                let name = match choice {
                    Appearance::System => t::more::system(),
                    Appearance::Light => t::more::light(),
                    Appearance::Dark => t::more::dark(),
                };
                Choice::new(choice, name)
            })
            .to_vec()
    });
    let chosen = RwSignal::new(Some(untrack(appearance)));
    Effect::new(move |before: Option<()>| {
        let now = chosen.get();
        if let (Some(next), Some(())) = (now, before) {
            choose_appearance(next);
        }
    });
    view! {
        <div class="card stack">
            <div class="field">
                <span class="field-label">{t::more::language}</span>
                <LanguageChips />
            </div>
            <Chips label=t::more::appearance options value=chosen test_id="more-appearance" />
        </div>
    }
}

#[component]
fn ThisDevice() -> impl IntoView {
    let sheets = expect_context::<Sheets>();
    let persisted = move || match status().persisted {
        Some(true) => t::sync::yes(),
        Some(false) => t::sync::not_kept(),
        None => t::sync::unknown(),
    };
    view! {
        <div class="card stack">
            <DeskName />
            <dl class="told-facts">
                <div>
                    <dt>{t::sync::kept_by_browser}</dt>
                    <dd>{persisted}</dd>
                </div>
                {move || status().room.map(|room| view! {
                    <div>
                        <dt>{t::sync::room}</dt>
                        <dd data-testid="more-room">{move || t::sync::room_left(size(room.free), size(room.used))}</dd>
                    </div>
                })}
                <div>
                    <dt>{t::more::version}</dt>
                    <dd>{env!("CARGO_PKG_VERSION")}</dd>
                </div>
            </dl>
            <div class="cluster">
                <Button icon=Glyph::Cloud on_press=move || sheets.sync.set(true)>
                    {t::sync::title}
                </Button>
                <Button icon=Glyph::Keyboard on_press=move || sheets.keyboard.set(true)>
                    {t::more::keyboard}
                </Button>
            </div>
            {move || replica::actor().is_some_and(|actor| actor.role.sells()).then(|| view! { <Reminders /> })}
            <SendUnsentWork />
        </div>
    }
}

#[component]
fn Account() -> impl IntoView {
    let change = RwSignal::new(false);
    view! {
        <div class="card stack">
            <div>
                <Button icon=Glyph::Key on_press=move || change.set(true) test_id="more-password">
                    {t::more::change_password}
                </Button>
            </div>
            <LockNow />
            <LogOut />
        </div>
        <PasswordSheet open=change whose=Signal::derive(|| replica::actor().map(|actor| Whose::Own(actor.user))) />
    }
}
