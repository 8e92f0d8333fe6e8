//! People who work with the system; administrators add them, change them and give passwords (clause O4).

mod form;

use crate::components::{Badge, Banner, Button, EmptyState, Glyph, List, ListRow, Look, Mood, PageHead, Sheet};
use crate::pages::more::{PasswordSheet, Whose};
use crate::replica;
use crate::routes::Place;
use crate::state::order::InOrder;
use crate::texts as t;
use crate::words;
use form::{PersonForm, TeamForm};
use leptos::prelude::*;
use shared::Kind;
use shared::ids::{TeamId, UserId};
use shared::people::{Access, Role, Team, User};
use std::sync::Arc;

/// Users and teams.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let may_change = Memo::new(|_| replica::actor().is_some_and(|actor| actor.role == Role::Administrator));
    let (adding, adding_team, editing) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let chosen = RwSignal::new(None::<UserId>);
    let setting = RwSignal::new(None::<Whose>);
    let password = RwSignal::new(false);
    let users = Memo::new(|_| {
        let mut users: Vec<Arc<User>> = replica::read(&[Kind::User, Kind::Team], |replica| replica.all::<User>().cloned().collect());
        users.order_by(|a, b| (a.access == Access::Revoked, a.team, a.role, &a.name).cmp(&(b.access == Access::Revoked, b.team, b.role, &b.name)));
        users
    });
    let edit = move |id| {
        chosen.set(Some(id));
        editing.set(true);
    };
    let set_password = move |id: UserId| {
        editing.set(false);
        let own = replica::actor().is_some_and(|actor| actor.user == id);
        setting.set(Some(if own { Whose::Own(id) } else { Whose::Other(id) }));
        password.set(true);
    };
    let back: Signal<String> = Place::More.into();
    view! {
        <PageHead title=t::app::people back>
            {move || {
                may_change
                    .get()
                    .then(|| {
                        view! {
                            <Button on_press=move || adding_team.set(true) test_id="people-add-team">{t::people::add_team}</Button>
                            <Button look=Look::Primary icon=Glyph::Plus is_new=true on_press=move || adding.set(true) test_id="people-add">
                                {t::people::add}
                            </Button>
                        }
                    })
            }}
        </PageHead>
        <div class="page-content">
            {move || (!may_change.get()).then(|| view! { <Banner mood=Mood::Info>{t::people::only_administrators}</Banner> })}
            {move || {
                let users = users.get();
                if users.is_empty() {
                    view! { <EmptyState glyph=Glyph::Users title=t::app::nothing_here /> }.into_any()
                } else {
                    let rows = users.into_iter().map(|user| row(user, may_change.get(), edit)).collect_view();
                    view! { <List label=t::app::people test_id="people-list">{rows}</List> }.into_any()
                }
            }}
        </div>
        <Sheet title=t::people::add open=adding test_id="person-sheet">
            <PersonForm person=None open=adding />
        </Sheet>
        <Sheet title=t::people::edit open=editing test_id="person-sheet">
            {move || {
                let user = chosen.get().and_then(|id| replica::read(&[], |replica| replica.noun::<User>(id).cloned()));
                user.map(|user| {
                    let id = user.id;
                    view! {
                        <PersonForm person=Some(user) open=editing />
                        <Button icon=Glyph::Key wide=true on_press=move || set_password(id) test_id="person-password">
                            {t::people::set_password}
                        </Button>
                    }
                })
            }}
        </Sheet>
        <Sheet title=t::people::add_team open=adding_team test_id="team-sheet">
            <TeamForm open=adding_team />
        </Sheet>
        <PasswordSheet open=password whose=setting />
    }
}

fn row(user: Arc<User>, may_change: bool, edit: impl Fn(UserId) + Copy + Send + Sync + 'static) -> AnyView {
    let (id, role, login) = (user.id, user.role, user.login.clone());
    let team = user.team.map(team_name).unwrap_or_default();
    let note = move || {
        let parts = [words::role(role), team.as_str(), login.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    };
    let revoked = user.access == Access::Revoked;
    let end = move || revoked.then(|| view! { <Badge mood=Signal::stored(Mood::Bad)>{t::people::no_access}</Badge> });
    let name = user.name.clone();
    if may_change {
        view! { <ListRow icon=Glyph::User note end on_press=move || edit(id) test_id="people-row">{name}</ListRow> }.into_any()
    } else {
        view! { <ListRow icon=Glyph::User note end>{name}</ListRow> }.into_any()
    }
}

fn team_name(id: TeamId) -> String {
    replica::read(&[Kind::Team], |replica| replica.noun::<Team>(id).map(|team| team.name.clone())).unwrap_or_default()
}
