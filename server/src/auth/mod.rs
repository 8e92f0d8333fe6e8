//! Who is asking: log-in, session cookies, passwords.
//!
//! Laws: the actor comes from the session and the stored user, never from a request's body. A session's token and its second secret are
//! stored as hashes only. The token alone, which lies in the browser's files, gives nobody any customers' data. How long a log-in takes says
//! nothing about whether the login exists.

pub(crate) mod limit;
pub(crate) mod passwords;
mod session;
mod set_password;

pub(crate) use session::{Session, Unlocked, begin, end, sender, who_am_i};
pub(crate) use set_password::set_password;
