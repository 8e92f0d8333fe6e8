//! Accounts (whose password hash) and sessions (whose token's and secret's hashes). They are no records: they never leave the server, and no command
//! changes them.

use super::Transaction;
use super::database::Value;
use super::database::tables::{ACCOUNTS, SESSIONS};
use super::organisation::organisations;
use chrono::Duration;
use shared::ids::{OrgId, UserId};
use shared::people::User;
use shared::record::Stored;
use shared::time::Timestamp;
use shared::{Index, Unavailable, View};
use std::sync::Arc;

/// A session ends when it was not used for so many days.
pub const SESSION_DAYS: i64 = 30;
/// Use is noted this seldom, so that reading costs no write.
const NOTED_EVERY: Duration = Duration::hours(1);

/// SHA-256 of a session token. The token itself is only in the cookie.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// SHA-256 of a session's second secret. The secret itself is only on the device, sealed under its person's key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash(pub [u8; 32]);

/// A session as found by its token.
#[derive(Clone, Copy)]
pub struct StoredSession {
    /// The organisation.
    pub org: OrgId,
    /// Whose.
    pub user: UserId,
    /// Its second secret; none of a session that was begun without.
    pub secret: Option<SecretHash>,
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
        let sql = "SELECT password_hash FROM accounts WHERE org = ?1 AND user_id = ?2";
        let found = self.query(sql, &[org.0.into(), user.0.into()])?;
        found.first().map(|row| row.text(0).map(str::to_owned)).transpose()
    }

    /// Sets a user's password hash.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn set_password_hash(&self, org: OrgId, user: UserId, hash: &str, now: Timestamp) -> Result<(), Unavailable> {
        self.put(&ACCOUNTS, &[vec![org.0.into(), user.0.into(), hash.into(), now.timestamp_millis().into()]])
    }

    /// Begins a session, and forgets those that have run out.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn begin_session(&self, token: TokenHash, secret: Option<SecretHash>, org: OrgId, user: UserId, now: Timestamp) -> Result<(), Unavailable> {
        self.execute("DELETE FROM sessions WHERE expires_at < ?1", &[now.timestamp_millis().into()])?;
        let now_ms = now.timestamp_millis();
        let secret = secret.map_or(Value::Null, |secret| secret.0.into());
        self.insert(&SESSIONS, vec![token.0.into(), org.0.into(), user.0.into(), now_ms.into(), now_ms.into(), expiry(now).into(), secret])
    }

    /// The session of a token, unless it has run out.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn session(&self, token: TokenHash, now: Timestamp) -> Result<Option<StoredSession>, Unavailable> {
        let sql = "SELECT org, user_id, last_seen_at, secret_hash FROM sessions WHERE token_hash = ?1 AND expires_at >= ?2";
        let found = self.query(sql, &[token.0.into(), now.timestamp_millis().into()])?;
        let Some(row) = found.first() else { return Ok(None) };
        let stale = now.timestamp_millis() - row.int(2)? > NOTED_EVERY.num_milliseconds();
        let secret = row.optional_bytes(3)?.map(SecretHash);
        Ok(Some(StoredSession { org: OrgId(row.id(0)?), user: UserId(row.id(1)?), secret, stale }))
    }

    /// Notes that a session was used: it lives on from now.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn note_session(&self, token: TokenHash, now: Timestamp) -> Result<(), Unavailable> {
        let sql = "UPDATE sessions SET last_seen_at = ?2, expires_at = ?3 WHERE token_hash = ?1";
        self.execute(sql, &[token.0.into(), now.timestamp_millis().into(), expiry(now).into()])
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn end_session(&self, token: TokenHash) -> Result<(), Unavailable> {
        self.execute("DELETE FROM sessions WHERE token_hash = ?1", &[token.0.into()])
    }

    /// Ends all sessions of a user but one.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn end_other_sessions(&self, org: OrgId, user: UserId, kept: Option<TokenHash>) -> Result<(), Unavailable> {
        // No token has an empty hash.
        let kept = kept.map_or_else(|| [].into(), |token| token.0.into());
        self.execute("DELETE FROM sessions WHERE org = ?1 AND user_id = ?2 AND token_hash <> ?3", &[org.0.into(), user.0.into(), kept])
    }
}

fn expiry(now: Timestamp) -> i64 {
    (now + Duration::days(SESSION_DAYS)).timestamp_millis()
}
