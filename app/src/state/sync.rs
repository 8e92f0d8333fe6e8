//! The sync state in words (clause N2): what is on the server, what is not, since when, and what to do about it.
//!
//! Law: what loses or blocks work is said before what only waits, and nothing is called synced while something is unsent or unknown.

use crate::replica::StorageFailure;
use crate::replica::status::{Reach, Status};
use crate::texts::sync as t;
use crate::words;
use chrono::TimeDelta;
use shared::time::{Timestamp, UtcOffset};

/// One thing to say about the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The device cannot save.
    Storage(StorageFailure),
    /// What was on this device had gone.
    Evicted,
    /// Commands were refused.
    Refused(usize),
    /// The person has no access any more.
    Revoked,
    /// The session has ended.
    LoggedOut,
    /// The app is too old for the server.
    UpdateNeeded,
    /// The device is nearly full: so many bytes are left.
    NearlyFull(u64),
    /// A captive portal answers.
    Captive,
    /// No network; how old the data are.
    Offline(Option<Timestamp>),
    /// The server cannot do it now.
    Failing,
    /// A download runs.
    Receiving(usize),
    /// Photos on this device cannot be sent any more.
    DamagedPhotos(usize),
    /// Commands are on this device only.
    Unsent(usize),
    /// Photos are on this device only.
    UnsentPhotos(usize),
    /// Not tried yet.
    Unknown,
    /// Everything is on the server.
    Synced,
}

/// How urgent a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// In order.
    Calm,
    /// Waits by itself.
    Waiting,
    /// Cannot go on without the person.
    Needed,
}

/// What there is to say, the most urgent first; never empty.
#[must_use]
pub fn parts(status: &Status) -> Vec<Part> {
    let mut parts = Vec::new();
    parts.extend(status.storage.map(Part::Storage));
    if status.evicted {
        parts.push(Part::Evicted);
    }
    if !status.refused.is_empty() {
        parts.push(Part::Refused(status.refused.len()));
    }
    if !status.damaged_files.is_empty() {
        parts.push(Part::DamagedPhotos(status.damaged_files.len()));
    }
    let room = status.room.filter(|room| room.free < LEAST_ROOM && status.storage.is_none());
    let nearly_full = room.map(|room| Part::NearlyFull(room.free));
    match status.reach {
        Reach::Online => {}
        Reach::Unknown => parts.push(Part::Unknown),
        Reach::Offline => parts.push(Part::Offline(status.fresh_at)),
        Reach::Captive => parts.push(Part::Captive),
        Reach::LoggedOut => parts.push(Part::LoggedOut),
        Reach::UpdateNeeded => parts.push(Part::UpdateNeeded),
        Reach::Failing => parts.push(Part::Failing),
        Reach::Revoked => parts.push(Part::Revoked),
    }
    parts.extend(status.receiving.map(Part::Receiving));
    if status.unsent > 0 {
        parts.push(Part::Unsent(status.unsent));
    }
    if status.files.count > 0 {
        parts.push(Part::UnsentPhotos(status.files.count));
    }
    if parts.is_empty() {
        parts.push(Part::Synced);
    }
    // Behind what needs the person, before what only waits.
    let at = parts.iter().position(|part| part.urgency() < Urgency::Needed).unwrap_or(parts.len());
    parts.splice(at..at, nearly_full);
    parts
}

/// With less than this it is said: some dozens of photos, or the rows of a large company.
const LEAST_ROOM: u64 = 50_000_000;

impl Part {
    /// In a few words, for the chip.
    #[must_use]
    pub fn short(self, clock: UtcOffset, now: Timestamp) -> String {
        match self {
            Self::Storage(StorageFailure::Full) => t::storage_full().to_owned(),
            Self::Storage(StorageFailure::Broken | StorageFailure::Newer | StorageFailure::Held) => t::storage_broken().to_owned(),
            Self::Evicted => t::evicted().to_owned(),
            Self::Refused(n) => t::refused(n),
            Self::Revoked => t::revoked().to_owned(),
            Self::LoggedOut => t::logged_out().to_owned(),
            Self::UpdateNeeded => t::update_needed().to_owned(),
            Self::NearlyFull(free) => t::nearly_full(megabytes(free)),
            Self::Captive => t::captive().to_owned(),
            Self::Offline(None) => t::offline().to_owned(),
            Self::Offline(Some(at)) if clock.day_of(at) == clock.day_of(now) => t::offline_since(words::clock(at, clock)),
            Self::Offline(Some(at)) => t::offline_since(words::moment(at, clock, now)),
            Self::Failing => t::failing().to_owned(),
            Self::Receiving(0) => t::receiving_begins().to_owned(),
            Self::Receiving(n) => t::receiving(n),
            Self::DamagedPhotos(n) => t::damaged_photos(n),
            Self::Unsent(n) => t::unsent(n),
            Self::UnsentPhotos(n) => t::unsent_photos(n),
            Self::Unknown => t::unknown().to_owned(),
            Self::Synced => t::synced().to_owned(),
        }
    }

    /// What it means, what is safe, what to do.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Storage(StorageFailure::Full) => t::storage_full_means(),
            Self::Storage(StorageFailure::Broken) => t::storage_broken_means(),
            Self::Storage(StorageFailure::Newer) => t::storage_newer_means(),
            Self::Storage(StorageFailure::Held) => t::storage_held_means(),
            Self::Evicted => t::evicted_means(),
            Self::Refused(_) => t::refused_means(),
            Self::Revoked => t::revoked_means(),
            Self::LoggedOut => t::logged_out_means(),
            Self::UpdateNeeded => t::update_needed_means(),
            Self::NearlyFull(_) => t::nearly_full_means(),
            Self::Captive => t::captive_means(),
            Self::Offline(_) => t::offline_means(),
            Self::Failing => t::failing_means(),
            Self::Receiving(_) => t::receiving_means(),
            Self::DamagedPhotos(_) => t::damaged_photos_means(),
            Self::Unsent(_) => t::unsent_means(),
            Self::UnsentPhotos(_) => t::unsent_photos_means(),
            Self::Unknown => t::unknown_means(),
            Self::Synced => t::synced_means(),
        }
    }

    /// How urgent it is.
    #[must_use]
    pub const fn urgency(self) -> Urgency {
        match self {
            Self::Storage(_) | Self::Evicted | Self::Refused(_) | Self::DamagedPhotos(_) | Self::Revoked | Self::LoggedOut | Self::UpdateNeeded => {
                Urgency::Needed
            }
            Self::NearlyFull(_) | Self::Captive | Self::Offline(_) | Self::Failing | Self::Unsent(_) | Self::UnsentPhotos(_) => Urgency::Waiting,
            Self::Receiving(_) | Self::Unknown | Self::Synced => Urgency::Calm,
        }
    }
}

/// Bytes in megabytes, as people say them: with one decimal, and never none of something.
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    const TENTH: u64 = 100_000;
    let tenths = bytes.div_ceil(TENTH);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Bytes with the unit that fits them.
#[must_use]
pub fn size(bytes: u64) -> String {
    if bytes < 1_000_000_000 { format!("{} MB", megabytes(bytes)) } else { format!("{} GB", megabytes(bytes.div_ceil(1_000))) }
}

/// By how many minutes this device's clock is off, if it is enough to matter.
#[must_use]
pub fn clock_error(status: &Status) -> Option<i64> {
    let offset = TimeDelta::milliseconds(status.clock_offset_ms?).abs();
    (offset >= TimeDelta::minutes(2)).then(|| offset.num_minutes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::status::{FilesWaiting, Refused, Room};
    use crate::texts::{Language, set_language};
    use shared::Rejection;
    use uuid::Uuid;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("valid")
    }

    fn chip(status: &Status) -> String {
        let words: Vec<_> = parts(status).into_iter().map(|part| part.short(UtcOffset::EAST_8, at("2026-11-23T08:00:00Z"))).collect();
        words.join(" · ")
    }

    #[test]
    fn synced_is_said_only_when_nothing_is_unsent_refused_or_unknown() {
        set_language(Language::ZhHant);
        let status = Status { reach: Reach::Online, ..Status::default() };
        assert_eq!(chip(&status), "已同步");
        assert_eq!(chip(&Status::default()), "連線中");
        assert_eq!(chip(&Status { unsent: 3, ..status.clone() }), "3 筆待上傳");
        assert!(!chip(&Status { reach: Reach::Captive, ..status }).contains("已同步"));
    }

    #[test]
    fn photos_that_wait_or_cannot_go_are_told_and_nothing_is_called_synced() {
        set_language(Language::ZhHant);
        let files = FilesWaiting { count: 2, bytes: 410_000 };
        let status = Status { reach: Reach::Online, files, ..Status::default() };
        assert_eq!(chip(&status), "2 張照片待上傳");
        let damaged = Status { damaged_files: [shared::ids::AttachmentId(Uuid::nil())].into(), unsent: 1, ..status };
        assert_eq!(chip(&damaged), "1 張照片損壞 · 1 筆待上傳 · 2 張照片待上傳");
        assert_eq!([0, 1, 100_000, 100_001, 12_340_000].map(megabytes), ["0.0", "0.1", "0.1", "0.2", "12.4"]);
        assert_eq!([0, 999_900_000, 1_000_000_000, 63_456_000_000].map(size), ["0.0 MB", "999.9 MB", "1.0 GB", "63.5 GB"]);
    }

    #[test]
    fn before_the_first_contact_nothing_is_counted() {
        set_language(Language::ZhHant);
        assert_eq!(chip(&Status { receiving: Some(0), ..Status::default() }), "連線中 · 開始下載");
        assert_eq!(chip(&Status { reach: Reach::Online, receiving: Some(120), ..Status::default() }), "下載中\u{ff0c}已收 120 筆");
    }

    #[test]
    fn offline_says_how_old_the_data_are_and_what_waits() {
        set_language(Language::ZhHant);
        let status = Status { reach: Reach::Offline, unsent: 3, fresh_at: Some(at("2026-11-23T02:42:00Z")), ..Status::default() };
        assert_eq!(chip(&status), "離線\u{ff0c}資料為 10:42 · 3 筆待上傳");
        let status = Status { fresh_at: Some(at("2026-11-22T02:42:00Z")), unsent: 0, ..status };
        assert_eq!(chip(&status), "離線\u{ff0c}資料為 昨天 10:42");
    }

    #[test]
    fn what_needs_the_person_comes_first() {
        let refused = Refused {
            uuid: Uuid::nil(),
            name: "add_customer_v1".into(),
            at: at("2026-11-23T02:42:00Z"),
            rejection: Rejection::Forbidden,
            quarantined: false,
        };
        let status = Status { reach: Reach::Offline, unsent: 1, refused: vec![refused], storage: Some(StorageFailure::Full), ..Status::default() };
        let parts = parts(&status);
        assert_eq!(parts, [Part::Storage(StorageFailure::Full), Part::Refused(1), Part::Offline(None), Part::Unsent(1)]);
        assert!(parts.windows(2).all(|pair| pair[0].urgency() >= pair[1].urgency()));
    }

    #[test]
    fn little_room_is_told_and_does_not_make_what_is_synced_unsynced() {
        set_language(Language::ZhHant);
        let room = |free| Status { reach: Reach::Online, room: Some(Room { used: 1_000_000, free }), ..Status::default() };
        assert_eq!(chip(&room(50_000_000)), "已同步");
        assert_eq!(chip(&room(12_300_000)), "空間只剩 12.3 MB · 已同步");
        let refused = Status { reach: Reach::LoggedOut, ..room(0) };
        assert_eq!(parts(&refused), [Part::LoggedOut, Part::NearlyFull(0)]);
        let full = Status { storage: Some(StorageFailure::Full), ..room(0) };
        assert_eq!(parts(&full), [Part::Storage(StorageFailure::Full)], "that says it already");
    }

    #[test]
    fn a_clock_is_called_wrong_from_two_minutes_on() {
        let off = |ms| clock_error(&Status { clock_offset_ms: Some(ms), ..Status::default() });
        assert_eq!((off(-119_000), off(-120_000), off(600_000)), (None, Some(2), Some(10)));
    }
}
