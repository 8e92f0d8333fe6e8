//! When devices were last heard of: no records, and no device is poked by them.

use super::database::Value;
use super::database::tables::HEARD;
use super::{Organisation, TokenHash};
use chrono::TimeDelta;
use shared::Unavailable;
use shared::ids::ClientId;
use shared::time::Timestamp;

/// How long a device that says nothing is remembered.
const KEPT_DAYS: i64 = 90;

impl Organisation<'_> {
    /// Notes when devices were heard of, by their sessions. Each may come once.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn note_heard(&self, heard: &[(TokenHash, ClientId, Timestamp)]) -> Result<(), Unavailable> {
        let row = |&(TokenHash(token), client, at): &(TokenHash, ClientId, Timestamp)| -> Vec<Value> {
            vec![self.org().0.into(), token.into(), client.0.into(), at.timestamp_millis().into()]
        };
        self.transaction().put(&HEARD, &heard.iter().map(row).collect::<Vec<_>>())
    }

    /// When a device was last heard of, as far as that was written.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn heard_at(&self, client: ClientId) -> Result<Option<Timestamp>, Unavailable> {
        let sql = "SELECT at FROM heard WHERE org = ?1 AND client = ?2 ORDER BY at DESC LIMIT 1";
        let rows = self.transaction().query(sql, &[self.org().0.into(), client.0.into()])?;
        rows.first().map(|row| row.int(0)).transpose().map(|at| at.and_then(Timestamp::from_timestamp_millis))
    }

    /// Forgets devices that have been silent for long.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn forget_silent(&self, now: Timestamp) -> Result<(), Unavailable> {
        let before = (now - TimeDelta::days(KEPT_DAYS)).timestamp_millis();
        self.transaction().execute("DELETE FROM heard WHERE org = ?1 AND at < ?2", &[self.org().0.into(), before.into()])
    }
}
