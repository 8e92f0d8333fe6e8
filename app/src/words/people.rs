//! How people are called.

use crate::replica;
use crate::state::people::name_of;
use crate::texts as t;
use shared::Kind;
use shared::customers::{Profile, Salutation};
use shared::ids::UserId;
use shared::people::Role;

/// A colleague's name; tracked. A dash if this device does not know the person.
#[must_use]
pub fn person(id: UserId) -> String {
    name(id).unwrap_or_else(|| "—".to_owned())
}

/// A colleague's name, if this device knows the person; tracked.
pub(super) fn name(id: UserId) -> Option<String> {
    let name = replica::read(&[Kind::User], |replica| name_of(replica, id));
    Some(name).filter(|name| !name.is_empty())
}

/// A name with its salutation, as one speaks to the person: 王小明先生, Mr David Chen.
#[must_use]
pub fn called(name: &str, salutation: Option<Salutation>) -> String {
    match salutation {
        Some(Salutation::Mr) => t::customers::called_mr(name),
        Some(Salutation::Ms) => t::customers::called_ms(name),
        None => name.to_owned(),
    }
}

/// A customer's name with its salutation.
#[must_use]
pub fn called_by(profile: &Profile) -> String {
    called(&profile.name, profile.salutation)
}

/// What a role is called.
#[must_use]
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Rep => t::people::rep(),
        Role::Supervisor => t::people::supervisor(),
        Role::Manager => t::people::manager(),
        Role::Director => t::people::director(),
        Role::Marketing => t::people::marketing(),
        Role::Office => t::people::office(),
        Role::Finance => t::people::finance(),
        Role::Administrator => t::people::administrator(),
    }
}
