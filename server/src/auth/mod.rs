//! Who is asking: log-in, session cookies, passwords.
//!
//! Laws: the actor comes from the session and the stored user, never from a request's body. A session token is stored as its hash only.
//! How long a log-in takes says nothing about whether the login exists.

pub(crate) mod limit;
pub(crate) mod passwords;
mod session;
mod set_password;

pub(crate) use session::{Session, begin, end, who_am_i};
pub(crate) use set_password::set_password;
