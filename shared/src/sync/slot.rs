//! A record as the replica holds it: read, or not looked at yet.
//!
//! Law: whoever asks for the record gets what its JSON says; until then only its gist is looked at.

use crate::gist::Gist;
use crate::record::{Index, Kind, Record, Scope};
use crate::sync::protocol::RowHash;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Many records as they lie in the device's storage.
pub trait Page: Send + Sync {
    /// Where their gists stand.
    fn heads(&self) -> &[u8];
    /// Where their JSON stands; none if it cannot be read any more.
    fn bodies(&self) -> Option<&[u8]>;
    /// The JSON at a place.
    fn text(&self, place: &Range<u32>) -> Option<&str> {
        std::str::from_utf8(cut(self.bodies()?, place)?).ok()
    }
}

/// A record that was not read yet: where it stands in a page.
#[derive(Clone)]
pub struct Unread {
    kind: Kind,
    page: Arc<dyn Page>,
    body: Range<u32>,
    gist: Range<u32>,
}

impl Unread {
    /// A record whose JSON and gist stand at these places of the page's bodies and heads.
    #[must_use]
    pub fn new(kind: Kind, page: Arc<dyn Page>, body: Range<u32>, gist: Range<u32>) -> Self {
        Self { kind, page, body, gist }
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    fn gist(&self) -> Gist<'_> {
        Gist::new(cut(self.page.heads(), &self.gist).unwrap_or_default())
    }

    /// The record; none if this is not its JSON.
    fn read(&self) -> Option<Record> {
        Record::decode(self.kind, self.page.text(&self.body)?).ok()
    }
}

fn cut<'a>(bytes: &'a [u8], place: &Range<u32>) -> Option<&'a [u8]> {
    bytes.get(place.start as usize..place.end as usize)
}

/// What is known of a base row besides its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The scope that brought it.
    pub scope: Scope,
    /// The version at which it changed.
    pub version: u64,
    /// Its hash.
    pub hash: RowHash,
}

#[derive(Clone)]
pub(super) struct Slot {
    record: OnceLock<Option<Record>>,
    unread: Option<Unread>,
    /// What is known of a row of the server's.
    pub(super) held: Option<Held>,
}

impl Slot {
    pub(super) fn read(record: Option<Record>, held: Option<Held>) -> Self {
        Self { record: OnceLock::from(record), unread: None, held }
    }

    pub(super) const fn unread(unread: Unread, held: Held) -> Self {
        Self { record: OnceLock::new(), unread: Some(unread), held: Some(held) }
    }

    /// The record, read now if it was not. None if it cannot be read.
    pub(super) fn record(&self) -> Option<&Record> {
        self.record.get_or_init(|| self.unread.as_ref()?.read()).as_ref()
    }

    /// Reads the record, and lets go of the page. Says whether there is a record.
    pub(super) fn read_through(&mut self) -> bool {
        let is_read = self.record().is_some();
        if is_read {
            self.unread = None;
        }
        is_read
    }

    pub(super) fn gist(&self) -> Option<Gist<'_>> {
        self.unread.as_ref().map(Unread::gist)
    }

    /// Under which keys the record is found.
    pub(super) fn indexes(&self) -> Vec<Index> {
        match self.gist() {
            Some(gist) => gist.indexes().collect(),
            None => self.record().map(Record::indexes).unwrap_or_default(),
        }
    }
}
