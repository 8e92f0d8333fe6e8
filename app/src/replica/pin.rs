//! A short PIN while the device is warm (clause M3): after a lock it opens what the password has opened before, as long as this page lives.
//!
//! Laws:
//! - A PIN is stored only sealed under the person's key: a copy of the files does not tell it, nor does it open anything after a cold start.
//! - A locked page holds the key, which no script can read, and no rows. Five wrong tries, twelve hours, or the end of the page take it away;
//!   then the password is asked for.

use super::device::Device;
use super::lock::Lock;
use super::session::UnlockError;
use super::{StorageFailure, desk};
use crate::platform::storage::{from_js, to_js};
use crate::platform::vault::Key;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::UserId;
use shared::time::Timestamp;
use std::cell::RefCell;
use std::ops::RangeInclusive;

/// How many digits a PIN has.
pub const DIGITS: RangeInclusive<usize> = 4..=8;

const LOOK_MS: u32 = 60_000;

struct Warm {
    user: UserId,
    key: Key,
}

thread_local! {
    static WARM: RefCell<Option<Warm>> = const { RefCell::new(None) };
    static SERVES: ArcRwSignal<bool> = ArcRwSignal::new(false);
}

/// Whether what is locked opens with a PIN; tracked.
#[must_use]
pub fn serves() -> bool {
    SERVES.with(|serves| serves.get())
}

/// Whether the person whose data are open has one.
#[must_use]
pub fn is_set() -> bool {
    desk::opened().is_some_and(|open| desk::device().is_some_and(|device| device.pins.contains_key(&open.me.user)))
}

/// When the person whose data are open last typed the password here, and until when a PIN opens what is locked after that.
#[must_use]
pub fn password_typed() -> Option<(Timestamp, Timestamp)> {
    let (open, device) = (desk::opened()?, desk::device()?);
    let lock = device.locks.get(&open.me.user)?;
    Some((lock.opened_at()?, lock.pin_serves_until()?))
}

/// Whether it may be a PIN: digits, and not those that are tried first (1111, 1234, 8765).
#[must_use]
pub fn is_fit(pin: &str) -> bool {
    let digits: Vec<i32> = pin.chars().filter_map(|letter| letter.to_digit(10)).map(u32::cast_signed).collect();
    let mut steps = digits.windows(2).map(|pair| pair[1] - pair[0]);
    let first = steps.next().unwrap_or(0);
    let is_a_run = first.abs() <= 1 && steps.all(|step| step == first);
    digits.len() == pin.chars().count() && DIGITS.contains(&digits.len()) && !is_a_run
}

/// Gives the person whose data are open a PIN, or takes it away.
///
/// # Errors
/// [`StorageFailure`].
pub async fn set(pin: Option<&str>) -> Result<(), StorageFailure> {
    let open = desk::opened().ok_or(StorageFailure::Broken)?;
    let user = open.me.user;
    let sealed = match pin {
        Some(pin) => {
            let sealed = open.key.seal(&of(user), pin.as_bytes()).await.map_err(|_| StorageFailure::Broken)?;
            Some(from_js(&sealed).ok_or(StorageFailure::Broken)?)
        }
        None => None,
    };
    let put = |device: &mut Device| match sealed {
        Some(sealed) => drop(device.pins.insert(user, sealed)),
        None => drop(device.pins.remove(&user)),
    };
    desk::remember(put).await.map(drop)
}

/// What is open is being locked.
pub(super) fn keep(open: &desk::Open) {
    if is_set() {
        WARM.set(Some(Warm { user: open.me.user, key: open.key.clone() }));
        tell();
    }
}

/// The key is forgotten.
pub(super) fn forget() {
    if WARM.take().is_some() {
        tell();
    }
}

/// From now on the key goes as soon as the PIN serves no more, whether or not somebody tries it.
pub(super) fn watch() {
    Interval::new(LOOK_MS, || {
        if WARM.with_borrow(Option::is_some) {
            spawn_local(async {
                // Where the facts cannot be read, a try cannot either.
                let Ok(device) = desk::recall().await else { return };
                if WARM.with_borrow(|warm| warm.as_ref().is_some_and(|warm| !takes_pin(&device, warm.user, chrono::Utc::now()))) {
                    forget();
                }
            });
        }
    })
    .forget();
}

/// Whether a PIN opens a person's data: they are who works on this device, have one, and have typed the password lately.
fn takes_pin(device: &Device, user: UserId, now: Timestamp) -> bool {
    let is_theirs = device.person.as_ref().is_some_and(|person| person.user == user) && device.pins.contains_key(&user);
    is_theirs && device.locks.get(&user).is_some_and(|lock| lock.takes_pin(now))
}

/// The key, for the PIN. Wrong tries count together in all tabs.
pub(super) async fn open(pin: &str) -> Result<Key, UnlockError> {
    let Some((user, key)) = WARM.with_borrow(|warm| warm.as_ref().map(|warm| (warm.user, warm.key.clone()))) else {
        return Err(UnlockError::PinSpent);
    };
    let device = desk::recall().await.map_err(UnlockError::Storage)?;
    let now = chrono::Utc::now();
    let Some(sealed) = device.pins.get(&user).filter(|_| takes_pin(&device, user, now)) else {
        forget();
        return Err(UnlockError::PinSpent);
    };
    // Counted before it is looked at: who reloads quickly gains nothing.
    let noted = note(user, Lock::note_pin).await?;
    if key.open(&of(user), &to_js(sealed)).await.is_ok_and(|right| right == pin.as_bytes()) {
        note(user, Lock::note_right_pin).await?;
        return Ok(key);
    }
    if !takes_pin(&noted, user, now) {
        forget();
        return Err(UnlockError::PinSpent);
    }
    Err(UnlockError::Wrong { seconds: 0 })
}

async fn note(user: UserId, note: impl Fn(&mut Lock)) -> Result<Device, UnlockError> {
    let noted = desk::remember(|device| device.locks.get_mut(&user).into_iter().for_each(note)).await;
    noted.map_err(UnlockError::Storage)
}

fn tell() {
    let serves = WARM.with_borrow(Option::is_some);
    SERVES.with(|signal| signal.set(serves));
}

fn of(user: UserId) -> String {
    format!("pin/{user}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::keysmith::Cost;
    use crate::replica::device::Me;
    use chrono::TimeDelta;
    use serde_json::json;
    use shared::ids::{ClientId, OrgId};
    use shared::people::Role;
    use std::collections::{BTreeMap, BTreeSet};
    use uuid::Uuid;

    #[test]
    fn a_pin_opens_only_what_is_its_persons_on_this_device_and_only_while_it_serves() {
        let (user, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let now = Timestamp::from_timestamp(1_800_000_000, 0).expect("a time");
        let me = |user| Some(Me { user, org: OrgId(Uuid::nil()), role: Role::Rep, team: None, name: String::new() });
        let lock = json!({ "salt": vec![0; 16], "cost": Cost::NOW, "wrapped": [], "opened_at": now });
        let device = Device {
            client: ClientId(Uuid::nil()),
            person: me(user),
            secret: None,
            locks: [(user, serde_json::from_value(lock).expect("a lock"))].into(),
            pins: [(user, Vec::new())].into(),
            taken_over: BTreeSet::new(),
            clock_offset_ms: None,
            seen: BTreeMap::new(),
            kiosk: None,
        };
        assert!(takes_pin(&device, user, now));
        assert!(!takes_pin(&device, user, now + TimeDelta::hours(12)), "the password was typed long ago");
        assert!(!takes_pin(&device, other, now), "they have none");
        for person in [me(other), None] {
            assert!(!takes_pin(&Device { person, ..device.clone() }, user, now), "it was handed over, or left");
        }
        assert!(!takes_pin(&Device { pins: BTreeMap::new(), ..device.clone() }, user, now), "it was taken away");
    }

    #[test]
    fn a_pin_is_four_to_eight_digits_and_no_run() {
        for fit in ["2580", "1357", "112233", "19840612", "1210"] {
            assert!(is_fit(fit), "{fit}");
        }
        for unfit in ["", "258", "123456789", "1111", "1234", "98765", "25a0", "２５８０", "25 80"] {
            assert!(!is_fit(unfit), "{unfit}");
        }
    }
}
