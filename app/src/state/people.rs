//! Colleagues, as this device knows them.

use shared::ids::UserId;
use shared::people::User;
use shared::sync::replica::Replica;

/// The name of a colleague; empty if this device does not know the person.
pub(crate) fn name_of(replica: &Replica, user: UserId) -> String {
    replica.noun::<User>(user).map(|user| user.name.clone()).unwrap_or_default()
}
