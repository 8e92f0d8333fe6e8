//! The outbox: reminders that are to be sent to guests, and what became of each. They are no records: no device holds them, and no command
//! changes them.
//!
//! Laws: a reminder is queued once, for its key is the reminder itself; who tries one has said so in a commit before, under the organisation's
//! lock, so that of several servers one tries it; what was being tried when its server went away is not tried again, for nobody knows whether
//! it has arrived. Neither an address nor a text is stored.

use super::Organisation;
use super::database::Row;
use super::database::tables::OUTBOX;
use chrono::TimeDelta;
use shared::Unavailable;
use shared::ids::{InvitationId, MeetingId};
use shared::invitations::reminder::{Carrier, Reminder};
use shared::time::Timestamp;
use std::collections::HashSet;
use uuid::Uuid;

/// A try that has lasted so long was cut short: its server is gone. Longer than any carrier may take.
const TRY_LASTS: TimeDelta = TimeDelta::minutes(10);
/// How long after its meeting a row is kept.
const KEPT_DAYS: i64 = 90;

/// A reminder that is being tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trying {
    pub(crate) reminder: Reminder,
    /// Names the message to carriers: the same at each try.
    pub(crate) message: Uuid,
    /// Tries, this one included.
    pub(crate) attempts: u32,
}

/// What became of a reminder in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// A carrier has taken it.
    Sent,
    /// It was refused for good, or tried too often.
    GivenUp,
    /// The guest should not be sent it any more.
    Unwanted,
}

impl Settled {
    const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::GivenUp => "given_up",
            Self::Unwanted => "unwanted",
        }
    }
}

const fn name(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Mail => "mail",
        Carrier::Sms => "sms",
    }
}

fn carrier(name: &str) -> Result<Carrier, Unavailable> {
    Carrier::ALL.into_iter().find(|carrier| self::name(*carrier) == name).ok_or_else(|| Unavailable("a carrier that is none".into()))
}

fn instant(row: &Row, column: usize) -> Result<Timestamp, Unavailable> {
    Timestamp::from_timestamp_millis(row.int(column)?).ok_or_else(|| Unavailable("an instant that is none".into()))
}

/// Out of the columns invitation, carrier and starts_at.
fn reminder(row: &Row) -> Result<Reminder, Unavailable> {
    Ok(Reminder { invitation: InvitationId(row.id(0)?), carrier: carrier(row.text(1)?)?, starts_at: instant(row, 2)? })
}

impl Organisation<'_> {
    /// What was queued for a meeting by now.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn queued(&self, meeting: MeetingId) -> Result<HashSet<Reminder>, Unavailable> {
        let sql = "SELECT invitation, carrier, starts_at FROM outbox WHERE org = ?1 AND meeting = ?2";
        let rows = self.transaction().query(sql, &[self.org().0.into(), meeting.0.into()])?;
        rows.iter().map(reminder).collect()
    }

    /// Queues a reminder, unless it was queued before.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn queue(&self, reminder: &Reminder, meeting: MeetingId, now: Timestamp) -> Result<(), Unavailable> {
        let sql = "INSERT INTO outbox (org, invitation, carrier, starts_at, meeting, message, state, attempts, next_at, queued_at) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', 0, ?7, ?7) ON CONFLICT (org, invitation, carrier, starts_at) DO NOTHING";
        let [org, invitation, carrier, starts_at] = self.outbox_key(reminder);
        let values = [org, invitation, carrier, starts_at, meeting.0.into(), Uuid::new_v4().into(), now.timestamp_millis().into()];
        self.transaction().execute(sql, &values)
    }

    /// Takes the reminder that has waited longest for its next try. Whoever takes it must try it, and say what came of it.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn take(&self, by: Carrier, now: Timestamp) -> Result<Option<Trying>, Unavailable> {
        let sql = "SELECT invitation, starts_at, message, attempts FROM outbox \
            WHERE org = ?1 AND carrier = ?2 AND state = 'waiting' AND next_at <= ?3 ORDER BY next_at, queued_at, invitation LIMIT 1";
        let found = self.transaction().query(sql, &[self.org().0.into(), name(by).into(), now.timestamp_millis().into()])?;
        let Some(row) = found.first() else { return Ok(None) };
        let reminder = Reminder { invitation: InvitationId(row.id(0)?), carrier: by, starts_at: instant(row, 1)? };
        let attempts = u32::try_from(row.number(3)?).unwrap_or(u32::MAX).saturating_add(1);
        let sql =
            "UPDATE outbox SET state = 'sending', attempts = ?5, next_at = ?6 WHERE org = ?1 AND invitation = ?2 AND carrier = ?3 AND starts_at = ?4";
        let [org, invitation, carrier, starts_at] = self.outbox_key(&reminder);
        let until = (now + TRY_LASTS).timestamp_millis();
        self.transaction().execute(sql, &[org, invitation, carrier, starts_at, i64::from(attempts).into(), until.into()])?;
        Ok(Some(Trying { reminder, message: row.id(2)?, attempts }))
    }

    /// Notes what became of a reminder in the end. `reason` is a word or a code, never what anybody has said.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn settle(&self, reminder: &Reminder, settled: Settled, reason: Option<&str>, now: Timestamp) -> Result<(), Unavailable> {
        self.move_on(reminder, settled.name(), reason, now)
    }

    /// Lets a reminder wait for another try.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn put_off(&self, reminder: &Reminder, reason: &str, until: Timestamp) -> Result<(), Unavailable> {
        self.move_on(reminder, "waiting", Some(reason), until)
    }

    fn move_on(&self, reminder: &Reminder, state: &str, reason: Option<&str>, next_at: Timestamp) -> Result<(), Unavailable> {
        let sql = "UPDATE outbox SET state = ?5, reason = ?6, next_at = ?7 WHERE org = ?1 AND invitation = ?2 AND carrier = ?3 AND starts_at = ?4";
        let [org, invitation, carrier, starts_at] = self.outbox_key(reminder);
        let reason = reason.map_or(super::Value::Null, Into::into);
        self.transaction().execute(sql, &[org, invitation, carrier, starts_at, state.into(), reason, next_at.timestamp_millis().into()])
    }

    /// Gives up what was being tried by a server that is gone; gives what that is.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn give_up_interrupted(&self, now: Timestamp) -> Result<Vec<Reminder>, Unavailable> {
        let sql = "SELECT invitation, carrier, starts_at FROM outbox WHERE org = ?1 AND state = 'sending' AND next_at <= ?2";
        let rows = self.transaction().query(sql, &[self.org().0.into(), now.timestamp_millis().into()])?;
        let interrupted: Vec<Reminder> = rows.iter().map(reminder).collect::<Result<_, _>>()?;
        interrupted.iter().try_for_each(|reminder| self.settle(reminder, Settled::GivenUp, Some("interrupted"), now))?;
        Ok(interrupted)
    }

    /// Forgets reminders of meetings that are long over.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub(crate) fn forget_reminders(&self, now: Timestamp) -> Result<(), Unavailable> {
        let before = (now - TimeDelta::days(KEPT_DAYS)).timestamp_millis();
        self.transaction().execute("DELETE FROM outbox WHERE org = ?1 AND starts_at < ?2", &[self.org().0.into(), before.into()])
    }

    fn outbox_key(&self, reminder: &Reminder) -> [super::Value; OUTBOX.key] {
        [self.org().0.into(), reminder.invitation.0.into(), name(reminder.carrier).into(), reminder.starts_at.timestamp_millis().into()]
    }
}
