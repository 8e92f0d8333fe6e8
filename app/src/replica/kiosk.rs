//! A device on a stand, where guests check themselves in (clause D5): which meeting it serves, and how staff get it back.
//!
//! Laws (decision 0020):
//! - While it stands, every page of this browser is the kiosk: it is a fact of the device, not of a page.
//! - During its meeting the lock that comes after a while without a touch (clause M3) waits, since guests come and go. It ends then, and after
//!   [`LONGEST`] at most, whoever left it standing.
//! - The PIN ends the kiosk and opens nothing: what is open is locked with it. It is stored only sealed under the person's key.
//! - Whoever tries wrong PINs waits longer and longer, over reloads too.

use super::device::Device;
use super::lock::{LockFailure, Wrong};
use super::session::{self, UnlockError};
use super::{StorageFailure, apart, desk};
use crate::platform::storage::{from_js, to_js};
use crate::platform::tabs::Channel;
use chrono::TimeDelta;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::ids::{MeetingId, UserId};
use shared::time::Timestamp;
use std::cell::RefCell;
use wasm_bindgen_futures::spawn_local;

/// For so long at most the device stays open without a touch of its staff.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);

/// What a kiosk is set to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kiosk {
    /// Whose data serve it.
    pub user: UserId,
    /// Whose door it is.
    pub meeting: MeetingId,
    /// Its name among the desks.
    pub desk: String,
    /// Whether guests without an invitation may enter themselves.
    pub walk_ins: bool,
    /// Whether the camera on the side of the screen looks.
    pub front: bool,
    /// Since when it stands.
    pub since: Timestamp,
    /// Until when it stays open.
    pub until: Timestamp,
}

/// A kiosk as the device knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stand {
    kiosk: Kiosk,
    /// The PIN, sealed under the person's key.
    pin: Vec<u8>,
    #[serde(default)]
    wrong: Wrong,
}

impl Stand {
    pub(crate) const fn user(&self) -> UserId {
        self.kiosk.user
    }
}

thread_local! {
    static STANDS: ArcRwSignal<Option<Kiosk>> = ArcRwSignal::new(None);
    static CHANNEL: RefCell<Option<Channel>> = const { RefCell::new(None) };
}

/// What this device serves as a kiosk, if it is one now; tracked.
#[must_use]
pub fn stands() -> Option<Kiosk> {
    STANDS.with(|stands| stands.get())
}

/// Hears from other tabs that they have made this device a kiosk, or ended it.
pub(super) fn watch() {
    let hear = |_| {
        spawn_local(async {
            // A storage that cannot be read is told of by what works with it.
            let _told = desk::recall().await;
        });
    };
    CHANNEL.set(Channel::open("huixiao-kiosk", hear));
}

/// The device's facts were read.
pub(super) fn told(device: &Device) {
    let now = of(device).map(|stand| stand.kiosk.clone());
    STANDS.with(|stands| {
        if stands.with_untracked(|before| *before != now) {
            stands.set(now);
        }
    });
}

/// Whether the device stays open though nobody has touched it for a while.
pub(super) fn keeps_open(now: Timestamp) -> bool {
    STANDS.with(|stands| stands.with_untracked(|kiosk| kiosk.as_ref().is_some_and(|kiosk| is_open_at(kiosk, now))))
}

/// A clock that was set back opens nothing longer: what lies before its beginning does not count.
fn is_open_at(kiosk: &Kiosk, now: Timestamp) -> bool {
    kiosk.since <= now && now < kiosk.until && now - kiosk.since < LONGEST
}

/// Makes this device a kiosk.
///
/// # Errors
/// [`StorageFailure`]: it is none.
pub async fn begin(kiosk: Kiosk, pin: &str) -> Result<(), StorageFailure> {
    let open = desk::opened().filter(|open| open.me.user == kiosk.user).ok_or(StorageFailure::Broken)?;
    let sealed = open.key.seal(&place(kiosk.user), pin.as_bytes()).await.map_err(|_| StorageFailure::Broken)?;
    let pin = from_js(&sealed).ok_or(StorageFailure::Broken)?;
    let stand = Stand { kiosk, pin, wrong: Wrong::default() };
    desk::remember(|device| device.kiosk = Some(stand)).await?;
    say();
    Ok(())
}

/// Ends it with its PIN; what was open is locked.
///
/// # Errors
/// [`UnlockError`]; it still stands.
pub async fn end_with_pin(pin: &str) -> Result<(), UnlockError> {
    let pin = pin.to_owned();
    apart(async move {
        let open = desk::opened().ok_or(UnlockError::PinSpent)?;
        let device = desk::recall().await.map_err(UnlockError::Storage)?;
        let stand = of(&device).ok_or(UnlockError::PinSpent)?;
        let now = chrono::Utc::now();
        let seconds = stand.wrong.wait(now);
        if seconds > 0 {
            return Err(UnlockError::Wait { seconds });
        }
        // Counted before it is looked at: who reloads quickly gains nothing.
        let noted = desk::remember(|device| device.kiosk.iter_mut().for_each(|stand| stand.wrong.note(now))).await.map_err(UnlockError::Storage)?;
        if open.key.open(&place(stand.kiosk.user), &to_js(&stand.pin)).await.is_ok_and(|right| right == pin.as_bytes()) {
            end().await?;
            session::lock();
            return Ok(());
        }
        Err(UnlockError::Wrong { seconds: of(&noted).map_or(0, |stand| stand.wrong.wait(now)) })
    })
    .await
    .unwrap_or(Err(UnlockError::Storage(StorageFailure::Broken)))
}

/// Ends it with the person's password, for whoever has forgotten the PIN. What is open stays so.
///
/// # Errors
/// [`UnlockError`]; it still stands.
pub async fn end_with_password(password: &str) -> Result<(), UnlockError> {
    let password = password.to_owned();
    apart(async move {
        let device = desk::recall().await.map_err(UnlockError::Storage)?;
        let user = of(&device).ok_or(UnlockError::PinSpent)?.kiosk.user;
        let lock = device.locks.get(&user).ok_or(UnlockError::Storage(StorageFailure::Broken))?;
        let now = chrono::Utc::now();
        let seconds = lock.wait(now);
        if seconds > 0 {
            return Err(UnlockError::Wait { seconds });
        }
        match lock.open(user, &password).await {
            Ok(_) => {
                desk::remember(|device| device.locks.get_mut(&user).into_iter().for_each(|lock| lock.note_right(now)))
                    .await
                    .map_err(UnlockError::Storage)?;
                end().await
            }
            Err(LockFailure::WrongPassphrase) => {
                let note = |device: &mut Device| device.locks.get_mut(&user).into_iter().for_each(|lock| lock.note_wrong(now));
                let device = desk::remember(note).await.map_err(UnlockError::Storage)?;
                Err(UnlockError::Wrong { seconds: device.locks.get(&user).map_or(0, |lock| lock.wait(now)) })
            }
            Err(LockFailure::NotOffered) => Err(UnlockError::NoLock),
        }
    })
    .await
    .unwrap_or(Err(UnlockError::Storage(StorageFailure::Broken)))
}

async fn end() -> Result<(), UnlockError> {
    desk::remember(|device| device.kiosk = None).await.map_err(UnlockError::Storage)?;
    say();
    Ok(())
}

/// The stand of whoever has the device; that of somebody who has left it is none.
fn of(device: &Device) -> Option<&Stand> {
    let person = device.person.as_ref()?.user;
    device.kiosk.as_ref().filter(|stand| stand.kiosk.user == person)
}

fn say() {
    CHANNEL.with_borrow(|channel| channel.iter().for_each(|channel| channel.say("changed")));
}

fn place(user: UserId) -> String {
    format!("kiosk/{user}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn kiosk(hours: i64) -> Kiosk {
        let (user, meeting) = (UserId(Uuid::from_u128(1)), MeetingId(Uuid::from_u128(2)));
        Kiosk { user, meeting, desk: "A".into(), walk_ins: false, front: true, since: at(0), until: at(hours * 3_600) }
    }

    #[test]
    fn d5_the_idle_lock_waits_during_the_kiosks_time_and_not_longer() {
        assert!(is_open_at(&kiosk(4), at(0)));
        assert!(is_open_at(&kiosk(4), at(4 * 3_600 - 1)));
        assert!(!is_open_at(&kiosk(4), at(4 * 3_600)), "the meeting is over");
        assert!(is_open_at(&kiosk(40), at(12 * 3_600 - 1)));
        assert!(!is_open_at(&kiosk(40), at(12 * 3_600)), "half a day at most, whatever was planned");
        assert!(!is_open_at(&kiosk(4), at(-1)), "a clock that was set back opens nothing longer");
    }

    #[test]
    fn d5_wrong_pins_slow_down_and_are_kept_with_the_device() {
        let mut stand = Stand { kiosk: kiosk(4), pin: vec![1], wrong: Wrong::default() };
        for _ in 0..2 {
            stand.wrong.note(at(0));
            assert_eq!(stand.wrong.wait(at(0)), 0);
        }
        stand.wrong.note(at(0));
        assert_eq!((stand.wrong.wait(at(0)), stand.wrong.wait(at(4)), stand.wrong.wait(at(5))), (5, 1, 0));
        stand.wrong.note(at(5));
        assert_eq!(stand.wrong.wait(at(5)), 10);
        let stored = serde_json::to_vec(&stand).expect("serialises");
        assert_eq!(serde_json::from_slice::<Stand>(&stored).expect("reads"), stand);
    }

    #[test]
    fn d5_a_stand_is_that_of_whoever_has_the_device() {
        let mut facts = json!({ "client": Uuid::nil(), "person": null, "clock_offset_ms": null });
        facts["kiosk"] = serde_json::to_value(Stand { kiosk: kiosk(4), pin: vec![1], wrong: Wrong::default() }).expect("serialises");
        let person = |id: u128| json!({ "user": Uuid::from_u128(id), "org": Uuid::nil(), "role": "rep", "team": null, "name": "" });
        let stands = |facts: &serde_json::Value| of(&serde_json::from_value::<Device>(facts.clone()).expect("facts")).is_some();
        assert!(!stands(&facts), "nobody");
        facts["person"] = person(2);
        assert!(!stands(&facts), "it was handed over");
        facts["person"] = person(1);
        assert!(stands(&facts));
        let mut device: Device = serde_json::from_value(facts).expect("facts");
        device.forget(UserId(Uuid::from_u128(1)));
        assert!(of(&device).is_none(), "nothing of a person's stays");
    }
}
