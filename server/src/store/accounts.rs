//! Accounts (whose password hash) and sessions (whose token hash). They are no records: they never leave the server, and no command
//! changes them.

use super::Transaction;
use super::organisation::{blob, organisations};
use chrono::Duration;
use rusqlite::params;
use shared::ids::{OrgId, UserId};
use shared::people::User;
use shared::record::Stored;
use shared::time::Timestamp;
use shared::{Index, Unavailable, View};
use std::sync::Arc;
use uuid::Uuid;

/// A session ends when it was not used for so many days.
pub const SESSION_DAYS: i64 = 30;
/// Use is noted this seldom, so that reading costs no write.
const NOTED_EVERY: Duration = Duration::hours(1);

/// SHA-256 of a session token. The token itself is only in the cookie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

/// A session as found by its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// The organisation.
    pub org: OrgId,
    /// Whose.
    pub user: UserId,
    /// Whether its use should be noted now.
    pub stale: bool,
}

/// An account found by a login.
pub struct FoundAccount {
    /// The organisation.
    pub org: OrgId,
    /// The user's record.
    pub user: Arc<User>,
    /// Argon2id in the PHC string format; none until an administrator sets a password.
    pub password_hash: Option<String>,
}

impl Transaction<'_> {
    /// The accounts with a login, of every organisation in the database.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn accounts_by_login(&self, login: &str) -> Result<Vec<FoundAccount>, Unavailable> {
        let mut found = Vec::new();
        for org in organisations(self)? {
            for record in self.of(org)?.records(&Index::UserByLogin(login.to_owned()))? {
                if let Some(user) = User::of(&record) {
                    found.push(FoundAccount { org, user: Arc::clone(user), password_hash: self.password_hash(org, user.id)? });
                }
            }
        }
        Ok(found)
    }

    /// A user's password hash.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn password_hash(&self, org: OrgId, user: UserId) -> Result<Option<String>, Unavailable> {
        let sql = "SELECT password_hash FROM accounts WHERE org = ?1 AND user = ?2";
        self.one(sql, params![blob(org.0), blob(user.0)], |row| row.get(0))
    }

    /// Sets a user's password hash.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn set_password_hash(&self, org: OrgId, user: UserId, hash: &str, now: Timestamp) -> Result<(), Unavailable> {
        let sql = "INSERT INTO accounts (org, user, password_hash, changed_at) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (org, user) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at";
        self.execute(sql, params![blob(org.0), blob(user.0), hash, now.timestamp_millis()]).map(drop)
    }

    /// Begins a session, and forgets those that have run out.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn begin_session(&self, token: TokenHash, org: OrgId, user: UserId, now: Timestamp) -> Result<(), Unavailable> {
        self.execute("DELETE FROM sessions WHERE expires_at < ?1", [now.timestamp_millis()])?;
        let sql = "INSERT INTO sessions (token_hash, org, user, created_at, last_seen_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?4, ?5)";
        self.execute(sql, params![token.0, blob(org.0), blob(user.0), now.timestamp_millis(), expiry(now)]).map(drop)
    }

    /// The session of a token, unless it has run out.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn session(&self, token: TokenHash, now: Timestamp) -> Result<Option<StoredSession>, Unavailable> {
        let sql = "SELECT org, user, last_seen_at FROM sessions WHERE token_hash = ?1 AND expires_at >= ?2";
        self.one(sql, params![token.0, now.timestamp_millis()], |row| {
            let last_seen: i64 = row.get(2)?;
            Ok(StoredSession {
                org: OrgId(Uuid::from_bytes(row.get(0)?)),
                user: UserId(Uuid::from_bytes(row.get(1)?)),
                stale: now.timestamp_millis() - last_seen > NOTED_EVERY.num_milliseconds(),
            })
        })
    }

    /// Notes that a session was used: it lives on from now.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn note_session(&self, token: TokenHash, now: Timestamp) -> Result<(), Unavailable> {
        let sql = "UPDATE sessions SET last_seen_at = ?2, expires_at = ?3 WHERE token_hash = ?1";
        self.execute(sql, params![token.0, now.timestamp_millis(), expiry(now)]).map(drop)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn end_session(&self, token: TokenHash) -> Result<(), Unavailable> {
        self.execute("DELETE FROM sessions WHERE token_hash = ?1", [token.0]).map(drop)
    }

    /// Ends all sessions of a user but one.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn end_other_sessions(&self, org: OrgId, user: UserId, kept: Option<TokenHash>) -> Result<(), Unavailable> {
        let kept = kept.map(|token| token.0.to_vec()).unwrap_or_default();
        let sql = "DELETE FROM sessions WHERE org = ?1 AND user = ?2 AND token_hash <> ?3";
        self.execute(sql, params![blob(org.0), blob(user.0), kept]).map(drop)
    }
}

fn expiry(now: Timestamp) -> i64 {
    (now + Duration::days(SESSION_DAYS)).timestamp_millis()
}
