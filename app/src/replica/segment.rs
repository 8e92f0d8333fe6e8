//! Segments: rows from the server packed many to a record, because IndexedDB is paid per record and not per byte (docs/decisions).
//!
//! Law: the segments of a device, unpacked in their order, give the rows that the server sent. A later entry wins over an earlier one.
//!
//! Layout: length of the header (u32), header (JSON: version, the scopes and kinds named), entries. Numbers are little-endian.

use serde::{Deserialize, Serialize};
use shared::record::{Kind, Record, Scope};
use shared::sync::protocol::{Row, RowHash};
use shared::sync::replica::{Held, Replica};
use uuid::Uuid;

/// Most entries of one segment.
pub(crate) const MOST_ENTRIES: usize = 256;
/// A segment is closed once it holds this many bytes.
const ENOUGH_BYTES: usize = 512 * 1024;
const VERSION: u8 = 1;

/// What a segment says of the rows before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    /// All rows of a scope are gone.
    Drop(Scope),
    /// A row is now this.
    Put {
        /// Which noun.
        kind: &'a str,
        /// Which one.
        id: Uuid,
        /// What is known of it.
        held: Held,
        /// The record's JSON.
        body: &'a str,
    },
    /// A row is gone from a scope.
    Delete {
        /// Which noun.
        kind: &'a str,
        /// Which one.
        id: Uuid,
        /// From which scope.
        scope: Scope,
    },
}

impl Entry<'_> {
    /// Stores or removes the row in memory.
    pub(crate) fn take_into(self, replica: &mut Replica) {
        match self {
            Entry::Drop(scope) => {
                replica.drop_scope(scope);
            }
            Entry::Delete { kind, id, scope } => replica.delete_row(kind, id, scope),
            Entry::Put { kind, id, held, body } => {
                let record = Kind::from_name(kind).and_then(|kind| Record::decode(kind, body).ok());
                replica.put_row(kind, id, held, record);
            }
        }
    }
}

/// The bytes are not a segment, or one of a newer app. Rows can be fetched again, so the cure is to forget them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Fills segments one after the other.
#[derive(Default)]
pub(crate) struct Packer {
    full: Vec<Vec<u8>>,
    header: Header<String>,
    entries: Vec<u8>,
    count: usize,
}

impl Packer {
    /// Appends an entry.
    pub(crate) fn add(&mut self, entry: Entry<'_>) {
        match entry {
            Entry::Drop(scope) => {
                self.entries.push(DROP);
                self.name_scope(scope);
            }
            Entry::Put { kind, id, held, body } => {
                self.entries.push(PUT);
                self.name_scope(held.scope);
                self.name_kind(kind);
                self.entries.extend_from_slice(id.as_bytes());
                self.entries.extend_from_slice(&held.version.to_le_bytes());
                self.entries.extend_from_slice(&held.hash.0.to_le_bytes());
                self.entries.extend_from_slice(&u32::try_from(body.len()).expect("a page of the protocol is far below 4 GB").to_le_bytes());
                self.entries.extend_from_slice(body.as_bytes());
            }
            Entry::Delete { kind, id, scope } => {
                self.entries.push(DELETE);
                self.name_scope(scope);
                self.name_kind(kind);
                self.entries.extend_from_slice(id.as_bytes());
            }
        }
        self.count += 1;
        if self.count >= MOST_ENTRIES || self.entries.len() >= ENOUGH_BYTES {
            self.close();
        }
    }

    /// Appends a row as the server sent it.
    pub(crate) fn add_row(&mut self, row: &Row) {
        let (kind, id) = (&*row.kind, row.id);
        match &row.body {
            Some(body) => {
                let hash = RowHash::of(kind, id, row.version, body.get());
                self.add(Entry::Put { kind, id, held: Held { scope: row.scope, version: row.version, hash }, body: body.get() });
            }
            None => self.add(Entry::Delete { kind, id, scope: row.scope }),
        }
    }

    /// The segments, in order.
    pub(crate) fn finish(mut self) -> Vec<Vec<u8>> {
        if self.count > 0 {
            self.close();
        }
        self.full
    }

    fn close(&mut self) {
        let header = serde_json::to_vec(&std::mem::take(&mut self.header)).expect("texts always serialise");
        let mut segment = Vec::with_capacity(4 + header.len() + self.entries.len());
        segment.extend_from_slice(&u32::try_from(header.len()).expect("a few hundred names are short").to_le_bytes());
        segment.extend_from_slice(&header);
        segment.append(&mut self.entries);
        self.full.push(segment);
        self.count = 0;
    }

    fn name_scope(&mut self, scope: Scope) {
        let place = place_of(&mut self.header.scopes, |known| *known == scope, || scope);
        self.entries.extend_from_slice(&place.to_le_bytes());
    }

    fn name_kind(&mut self, kind: &str) {
        let place = place_of(&mut self.header.kinds, |known| known == kind, || kind.to_owned());
        self.entries.extend_from_slice(&place.to_le_bytes());
    }
}

/// Gives the entries of a segment, in order, and returns how many they were.
///
/// # Errors
/// [`Unreadable`]; entries before the damage were given.
pub(crate) fn unpack<'a>(segment: &'a [u8], mut take: impl FnMut(Entry<'a>)) -> Result<usize, Unreadable> {
    let mut rest = Reader(segment);
    let length = rest.u32()? as usize;
    let header = std::str::from_utf8(rest.bytes(length)?).map_err(|_| Unreadable)?;
    let Header::<&str> { version, scopes, kinds } = serde_json::from_str(header).map_err(|_| Unreadable)?;
    if version != VERSION {
        return Err(Unreadable);
    }
    let mut count = 0;
    while !rest.0.is_empty() {
        let tag = rest.array::<1>()?[0];
        let scope = *scopes.get(usize::from(rest.u16()?)).ok_or(Unreadable)?;
        let entry = match tag {
            DROP => Entry::Drop(scope),
            PUT => {
                let kind = *kinds.get(usize::from(rest.u16()?)).ok_or(Unreadable)?;
                let id = Uuid::from_bytes(rest.array()?);
                let version = u64::from_le_bytes(rest.array()?);
                let hash = RowHash(u128::from_le_bytes(rest.array()?));
                let length = rest.u32()? as usize;
                let body = std::str::from_utf8(rest.bytes(length)?).map_err(|_| Unreadable)?;
                Entry::Put { kind, id, held: Held { scope, version, hash }, body }
            }
            DELETE => {
                let kind = *kinds.get(usize::from(rest.u16()?)).ok_or(Unreadable)?;
                Entry::Delete { kind, id: Uuid::from_bytes(rest.array()?), scope }
            }
            _ => return Err(Unreadable),
        };
        take(entry);
        count += 1;
    }
    Ok(count)
}

const DROP: u8 = 0;
const PUT: u8 = 1;
const DELETE: u8 = 2;

#[derive(Serialize, Deserialize)]
struct Header<K> {
    version: u8,
    scopes: Vec<Scope>,
    kinds: Vec<K>,
}

impl<K> Default for Header<K> {
    fn default() -> Self {
        Self { version: VERSION, scopes: Vec::new(), kinds: Vec::new() }
    }
}

/// Rows come ordered by scope, so the one looked for is mostly the last one named.
fn place_of<T>(names: &mut Vec<T>, is: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> u16 {
    let place = names.iter().rposition(is).unwrap_or_else(|| {
        names.push(make());
        names.len() - 1
    });
    u16::try_from(place).expect("a segment names no more than it has entries")
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Unreadable> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(Unreadable)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        self.bytes(N)?.try_into().map_err(|_| Unreadable)
    }

    fn u16(&mut self) -> Result<u16, Unreadable> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, Unreadable> {
        self.array().map(u32::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(scope: Scope, version: u64) -> Held {
        Held { scope, version, hash: RowHash(u128::from(version) << 64 | 7) }
    }

    fn pack(entries: &[Entry<'_>]) -> Vec<Vec<u8>> {
        let mut packer = Packer::default();
        for entry in entries {
            packer.add(*entry);
        }
        packer.finish()
    }

    #[test]
    fn what_was_packed_comes_out_in_its_order() {
        let person = Scope::Person(shared::ids::UserId(Uuid::from_u128(5)));
        let entries = [
            Entry::Drop(Scope::Pool),
            Entry::Put { kind: "customer", id: Uuid::from_u128(1), held: held(person, 3), body: r#"{"name":"王小明"}"# },
            Entry::Put { kind: "of a newer app", id: Uuid::from_u128(2), held: held(Scope::Org, u64::MAX), body: "[]" },
            Entry::Delete { kind: "customer", id: Uuid::from_u128(1), scope: person },
        ];
        let segments = pack(&entries);
        let mut found = Vec::new();
        assert_eq!(unpack(&segments[0], |entry| found.push(entry)), Ok(4));
        assert_eq!(found, entries);
        assert_eq!(segments.len(), 1);
    }

    #[test]
    fn a_segment_is_closed_by_rows_or_by_bytes() {
        let body = "x".repeat(1_000);
        let small = Entry::Put { kind: "customer", id: Uuid::nil(), held: held(Scope::Org, 1), body: &body };
        let long = "x".repeat(ENOUGH_BYTES);
        let large = Entry::Put { kind: "contract", id: Uuid::nil(), held: held(Scope::Org, 1), body: &long };
        let counts = |entries: Vec<Entry<'_>>| pack(&entries).iter().map(|segment| unpack(segment, |_| {}).expect("packed")).collect::<Vec<_>>();
        assert_eq!(counts(vec![small; 300]), [256, 44]);
        assert_eq!(counts(vec![large; 3]), [1, 1, 1]);
        assert_eq!(counts(vec![]), [0_usize; 0]);
    }

    #[test]
    fn a_damaged_segment_is_unreadable_and_never_a_panic() {
        let entries = [Entry::Put { kind: "customer", id: Uuid::nil(), held: held(Scope::Pool, 9), body: r#"{"name":"陳"}"# }];
        let segment = pack(&entries).remove(0);
        for length in 0..segment.len() {
            // Cut between header and entries it is a segment without entries, which says nothing false.
            assert!(unpack(&segment[..length], |entry| panic!("{entry:?} from {length} bytes")).is_err() || length == header_end(&segment));
        }
        for place in 0..segment.len() {
            let mut damaged = segment.clone();
            damaged[place] ^= 0x55;
            let _either = unpack(&damaged, |_| {});
        }
    }

    fn header_end(segment: &[u8]) -> usize {
        4 + u32::from_le_bytes(segment[..4].try_into().expect("four bytes")) as usize
    }
}
