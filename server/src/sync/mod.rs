//! The sync endpoints: they read a request, run the state machines of `shared::sync::server` on a transaction, and answer.
//! Who acts is the session's user; a request's body cannot name anybody.

mod certificate;
mod events;
mod letters;
mod pull;
mod push;

pub(crate) use certificate::certificate;
pub(crate) use events::events;
pub(crate) use letters::letters;
pub(crate) use pull::pull;
pub(crate) use push::{is_shallow, push};

impl From<crate::auth::Session> for shared::sync::server::Session {
    fn from(session: crate::auth::Session) -> Self {
        Self { org: session.org, user: session.user }
    }
}
