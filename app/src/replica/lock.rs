//! The lock on a person's data: a key by chance, wrapped by another that the passphrase makes (Argon2id).
//!
//! Laws:
//! - The key and the passphrase are never stored; what is stored opens nothing without the passphrase.
//! - Whoever tries wrong passphrases waits longer and longer, over reloads too. It slows down fingers; what slows down a copy of the device
//!   is the cost of Argon2id.

use super::StorageFailure;
use crate::platform::keysmith::{Cost, derive};
use crate::platform::storage::{from_js, to_js};
use crate::platform::vault::{Key, VaultFailure, fill_by_chance};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use shared::ids::UserId;
use shared::time::Timestamp;

/// What is stored of a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lock {
    salt: [u8; 16],
    cost: Cost,
    wrapped: Vec<u8>,
    /// When the passphrase was last typed.
    #[serde(default)]
    opened_at: Option<Timestamp>,
    /// Wrong PINs since the last right one, or the passphrase.
    #[serde(default)]
    wrong_pins: u32,
    #[serde(default)]
    wrong: Wrong,
}

/// Wrong tries since the last right one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wrong {
    tries: u32,
    last: Option<Timestamp>,
}

impl Wrong {
    /// Seconds to wait until the next try.
    pub(crate) fn wait(self, now: Timestamp) -> u32 {
        let Some(last) = self.last else { return 0 };
        // A clock that was set back does not open anything sooner, nor does it lock anybody out.
        let passed = u32::try_from((now - last).num_seconds().max(0)).unwrap_or(u32::MAX);
        pause_after(self.tries).saturating_sub(passed)
    }

    /// Somebody has tried a wrong one.
    pub(crate) fn note(&mut self, now: Timestamp) {
        *self = Self { tries: self.tries.saturating_add(1), last: Some(now) };
    }
}

/// Why a lock was neither made nor opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockFailure {
    /// The passphrase is another one.
    WrongPassphrase,
    /// The browser cannot do the arithmetic here: no secure page, no memory, or the worker's file is missing.
    NotOffered,
}

impl From<LockFailure> for StorageFailure {
    fn from(_: LockFailure) -> Self {
        Self::Broken
    }
}

impl From<VaultFailure> for LockFailure {
    fn from(failure: VaultFailure) -> Self {
        match failure {
            VaultFailure::NotOffered => Self::NotOffered,
            VaultFailure::NotOurs => Self::WrongPassphrase,
        }
    }
}

impl Lock {
    /// A new key, and its lock.
    ///
    /// # Errors
    /// [`LockFailure::NotOffered`].
    pub(crate) async fn make(user: UserId, passphrase: &str) -> Result<(Self, Key), LockFailure> {
        let mut bytes = [0; 32];
        fill_by_chance(&mut bytes)?;
        let made = Self::around(&bytes, user, passphrase).await;
        let key = Key::of(&bytes).await?;
        bytes.fill(0);
        Ok((made?, key))
    }

    async fn around(bytes: &[u8; 32], user: UserId, passphrase: &str) -> Result<Self, LockFailure> {
        let mut salt = [0; 16];
        fill_by_chance(&mut salt)?;
        let wrapping = wrapping(passphrase, &salt, Cost::NOW).await?;
        let wrapped = from_js(&wrapping.seal(&of(user), bytes).await?).ok_or(LockFailure::NotOffered)?;
        Ok(Self { salt, cost: Cost::NOW, wrapped, opened_at: Some(chrono::Utc::now()), wrong_pins: 0, wrong: Wrong::default() })
    }

    /// The lock of the same key with another passphrase.
    ///
    /// # Errors
    /// [`LockFailure`].
    pub(crate) async fn change(&self, user: UserId, former: &str, new: &str) -> Result<Self, LockFailure> {
        let mut bytes = self.unwrap(user, former).await?;
        let changed = Self::around(&bytes, user, new).await;
        bytes.fill(0);
        changed
    }

    /// The key.
    ///
    /// # Errors
    /// [`LockFailure`].
    pub(crate) async fn open(&self, user: UserId, passphrase: &str) -> Result<Key, LockFailure> {
        let mut bytes = self.unwrap(user, passphrase).await?;
        let key = Key::of(&bytes).await;
        bytes.fill(0);
        Ok(key?)
    }

    async fn unwrap(&self, user: UserId, passphrase: &str) -> Result<[u8; 32], LockFailure> {
        let wrapping = wrapping(passphrase, &self.salt, self.cost).await?;
        let bytes = wrapping.open(&of(user), &to_js(&self.wrapped)).await?;
        bytes.try_into().map_err(|_| LockFailure::WrongPassphrase)
    }

    /// Seconds to wait until the next try.
    pub(crate) fn wait(&self, now: Timestamp) -> u32 {
        self.wrong.wait(now)
    }

    /// Whether a PIN serves: the passphrase was typed lately, and not many wrong ones since. A clock that was set back does not lengthen it.
    pub(crate) fn takes_pin(&self, now: Timestamp) -> bool {
        let age = self.opened_at.map(|opened_at| now - opened_at);
        age.is_some_and(|age| age >= TimeDelta::zero() && age < PIN_SERVES) && self.wrong_pins < MOST_PINS
    }

    /// When the passphrase was last typed.
    pub(crate) const fn opened_at(&self) -> Option<Timestamp> {
        self.opened_at
    }

    /// Until when a PIN serves, if not too many wrong ones are tried.
    pub(crate) fn pin_serves_until(&self) -> Option<Timestamp> {
        self.opened_at.map(|opened_at| opened_at + PIN_SERVES)
    }

    /// Somebody has tried a wrong passphrase.
    pub(crate) fn note_wrong(&mut self, now: Timestamp) {
        self.wrong.note(now);
    }

    /// The passphrase was given.
    pub(crate) fn note_right(&mut self, now: Timestamp) {
        self.wrong = Wrong::default();
        self.wrong_pins = 0;
        self.opened_at = Some(now);
    }

    /// Somebody tries a PIN.
    pub(crate) fn note_pin(&mut self) {
        self.wrong_pins = self.wrong_pins.saturating_add(1);
    }

    /// The PIN was right.
    pub(crate) fn note_right_pin(&mut self) {
        self.wrong_pins = 0;
    }
}

/// How long a PIN serves after the passphrase was typed, and after how many wrong ones in a row it does no more.
const PIN_SERVES: TimeDelta = TimeDelta::hours(12);
const MOST_PINS: u32 = 5;

/// Seconds to wait after so many wrong tries: three are free, then 5 s, twice as long each time, an hour at most.
fn pause_after(tries: u32) -> u32 {
    const FREE: u32 = 3;
    const FIRST: u32 = 5;
    const MOST: u32 = 3_600;
    if tries < FREE { 0 } else { FIRST.saturating_mul(1_u32.checked_shl(tries - FREE).unwrap_or(u32::MAX)).min(MOST) }
}

async fn wrapping(passphrase: &str, salt: &[u8; 16], cost: Cost) -> Result<Key, LockFailure> {
    let mut bytes = derive(passphrase, salt, cost).await.ok_or(LockFailure::NotOffered)?;
    let key = Key::of(&bytes).await?;
    bytes.fill(0);
    Ok(key)
}

fn of(user: UserId) -> String {
    format!("key/{user}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn empty() -> Lock {
        Lock { salt: [0; 16], cost: Cost::NOW, wrapped: Vec::new(), opened_at: None, wrong_pins: 0, wrong: Wrong::default() }
    }

    #[test]
    fn a_pin_serves_for_some_hours_after_the_passphrase_and_a_few_tries() {
        let mut lock = empty();
        assert!(!lock.takes_pin(at(0)), "the passphrase was never typed");
        lock.note_right(at(0));
        assert!(lock.takes_pin(at(0)) && lock.takes_pin(at(12 * 3_600 - 1)) && !lock.takes_pin(at(12 * 3_600)));
        assert!(!lock.takes_pin(at(-1)), "a clock set back");
        for _ in 0..4 {
            lock.note_pin();
        }
        assert!(lock.takes_pin(at(100)));
        lock.note_pin();
        assert!(!lock.takes_pin(at(100)));
        assert_eq!(lock.wait(at(100)), 0, "the passphrase does not wait for it");
        lock.note_right_pin();
        assert!(lock.takes_pin(at(100)) && !lock.takes_pin(at(12 * 3_600)), "a right PIN does not lengthen it");
    }

    #[test]
    fn three_wrong_tries_are_free_and_each_one_after_them_costs_twice_as_much() {
        let mut lock = empty();
        let mut waits = Vec::new();
        for _ in 0..6 {
            lock.note_wrong(at(0));
            waits.push(lock.wait(at(0)));
        }
        assert_eq!(waits, [0, 0, 5, 10, 20, 40]);
        assert_eq!(lock.wait(at(15)), 25);
        assert_eq!(lock.wait(at(40)), 0);
        assert_eq!(lock.wait(at(-1_000_000)), 40, "a clock set back");
        lock.note_right(at(0));
        assert_eq!(lock.wait(at(0)), 0);
        for _ in 0..100 {
            lock.note_wrong(at(0));
        }
        assert_eq!(lock.wait(at(0)), 3_600);
    }
}
