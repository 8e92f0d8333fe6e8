//! The forms of a person and of a team. What the rules refuse stands beside its field until it is mended.

use crate::components::{Button, Choice, Look, Select, Switch, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::state::order::InOrder;
use crate::texts as t;
use crate::words;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::{TeamId, UserId};
use shared::people::command::{AddTeam, AddUser, EditUser};
use shared::people::{Access, Role, Team, User};
use shared::rejection::Field;
use shared::{Command, Kind};
use std::sync::Arc;
use uuid::Uuid;

/// Adds a person, or changes one.
#[component]
pub(super) fn PersonForm(person: Option<Arc<User>>, open: RwSignal<bool>) -> impl IntoView {
    let draft = Draft::of(person.as_ref().map_or_else(|| "person".to_owned(), |user| format!("person/{}", user.id)));
    let of = |name, field: fn(&User) -> String| draft.field(name, person.as_deref().map(field).unwrap_or_default());
    let (name, login) = (of("name", |user| user.name.clone()), of("login", |user| user.login.clone()));
    let role = draft.field("role", Some(person.as_ref().map_or(Role::Rep, |user| user.role)));
    let team = draft.field("team", person.as_ref().and_then(|user| user.team));
    let access = draft.field("access", person.as_ref().is_none_or(|user| user.access == Access::Granted));
    let editing = person.as_ref().map(|user| user.id);
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let command = move || -> Command {
        let (name, role, team) = (name.get_untracked(), role.get_untracked().unwrap_or(Role::Rep), team.get_untracked());
        match editing {
            Some(user) => {
                let access = if access.get_untracked() { Access::Granted } else { Access::Revoked };
                EditUser { user, name, role, team, access }.into()
            }
            None => AddUser { user: UserId(Uuid::now_v7()), name, login: login.get_untracked(), role, team }.into(),
        }
    };
    let done = move || if editing.is_some() { t::people::saved().to_owned() } else { t::people::added(name.get_untracked().trim()) };
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        save(command(), done(), draft, busy, refused, open);
    };
    let roles = Signal::derive(|| Role::ALL.map(|role| Choice::new(role, words::role(role))).to_vec());
    view! {
        <form class="stack" novalidate on:submit=send>
            <DraftNote draft />
            <Refusal refused fields=&[Field::Name, Field::Login, Field::Role, Field::Team] test_id="person-refused" />
            <TextField label=|| words::field_name(Field::Name) value=name error=beside(refused, Field::Name) test_id="person-name" />
            {editing
                .is_none()
                .then(|| {
                    view! {
                        <TextField
                            label=|| words::field_name(Field::Login)
                            hint=t::people::login_hint
                            value=login
                            error=beside(refused, Field::Login)
                            test_id="person-login"
                        />
                    }
                })}
            <Select label=|| words::field_name(Field::Role) options=roles value=role error=beside(refused, Field::Role) test_id="person-role" />
            <Select
                label=|| words::field_name(Field::Team)
                options=Signal::derive(teams)
                value=team
                none=t::people::no_team
                error=beside(refused, Field::Team)
                test_id="person-team"
            />
            {editing.map(|_| view! { <Switch label=t::people::access value=access test_id="person-access" /> })}
            <Button look=Look::Primary submit=true busy wide=true test_id="person-save">
                {t::app::save}
            </Button>
        </form>
    }
}

/// Adds a team.
#[component]
pub(super) fn TeamForm(open: RwSignal<bool>) -> impl IntoView {
    let draft = Draft::of("team");
    let name = draft.field("name", String::new());
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let command = AddTeam { team: TeamId(Uuid::now_v7()), name: name.get_untracked() };
        save(command.into(), t::people::saved().to_owned(), draft, busy, refused, open);
    };
    view! {
        <form class="stack" novalidate on:submit=send>
            <DraftNote draft />
            <Refusal refused fields=&[Field::Team] test_id="person-refused" />
            <TextField label=t::people::team_name value=name error=beside(refused, Field::Team) test_id="team-name" />
            <Button look=Look::Primary submit=true busy wide=true test_id="team-save">
                {t::app::save}
            </Button>
        </form>
    }
}

fn save(command: Command, done: String, draft: Draft, busy: RwSignal<bool>, refused: RwSignal<Option<NotSaved>>, open: RwSignal<bool>) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    spawn_local(async move {
        finish(draft.submit(command).await, done, busy, refused, open);
    });
}

fn teams() -> Vec<Choice<TeamId>> {
    let mut teams: Vec<_> =
        replica::read(&[Kind::Team], |replica| replica.all::<Team>().map(|team| Choice::new(team.id, team.name.clone())).collect());
    teams.order_by(|a: &Choice<_>, b| a.label.cmp(&b.label));
    teams
}
