//! How people are called.

use crate::replica;
use crate::texts as t;
use shared::Kind;
use shared::customers::{Profile, Salutation};
use shared::ids::UserId;
use shared::people::{Role, User};

/// A colleague's name; tracked.
#[must_use]
pub fn person(id: UserId) -> String {
    replica::read(&[Kind::User], |replica| replica.noun::<User>(id).map(|user| user.name.clone())).unwrap_or_else(|| "—".to_owned())
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
        Role::Administrator => t::people::administrator(),
    }
}
