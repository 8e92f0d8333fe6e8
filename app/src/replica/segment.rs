//! Segments: rows from the server packed many to a record, because IndexedDB is paid per record and not per byte (docs/decisions).
//!
//! Laws:
//! - The segments of a device, unpacked in their order, give the rows that the server sent. A later entry wins over an earlier one.
//! - A segment has two halves: heads, which say of each row what a start must know, and bodies, which are looked at when a row is read. Beside a
//!   row's head may stand its gist, made when the log is tidied (docs/decisions/0014-records-read-late.md).
//!
//! Layout of the heads: length of the header (u32), header (JSON: version, the scopes and kinds named, the build that made the gists), entries.
//! Numbers are little-endian. The bodies stand one after the other. In version 1 each body stands in its entry, and there is no second half.

use serde::{Deserialize, Serialize};
use shared::gist::{self, Gist};
use shared::record::{Kind, Record, Scope};
use shared::sync::protocol::{Row, RowHash};
use shared::sync::replica::Replica;
use shared::sync::slot::Held;
use shared::sync::slot::{Page, Unread};
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// Most entries of one segment.
pub(crate) const MOST_ENTRIES: usize = 256;
/// A segment is closed once its bodies are so many bytes.
const ENOUGH_BYTES: usize = 512 * 1024;
const VERSION: u8 = 2;
/// Bodies stand in their entries.
const BODIES_WITHIN: u8 = 1;

/// Rows as they lie in the log.
#[derive(Default)]
pub(crate) struct Segment {
    heads: Vec<u8>,
    bodies: Bodies,
}

/// The second half.
#[derive(Default)]
enum Bodies {
    /// There is none.
    #[default]
    Within,
    Here(Vec<u8>),
    /// Made small, and opened when somebody looks at a row.
    Small {
        small: Vec<u8>,
        opened: OnceLock<Option<Vec<u8>>>,
    },
}

impl Segment {
    /// A segment of an app before the halves, or what is none.
    pub(crate) const fn whole(bytes: Vec<u8>) -> Self {
        Self { heads: bytes, bodies: Bodies::Within }
    }

    /// A segment as it comes from the storage.
    pub(crate) const fn stored(heads: Vec<u8>, small: Vec<u8>) -> Self {
        Self { heads, bodies: Bodies::Small { small, opened: OnceLock::new() } }
    }

    /// Heads that say nothing, without bodies.
    #[cfg(all(test, target_arch = "wasm32"))]
    pub(crate) const fn of_heads(heads: Vec<u8>) -> Self {
        Self { heads, bodies: Bodies::Here(Vec::new()) }
    }

    /// How many bytes the second half says that it has; none if there is no second half.
    fn bodies_length(&self) -> Option<usize> {
        match &self.bodies {
            Bodies::Within => None,
            Bodies::Here(bodies) => Some(bodies.len()),
            // As LZ4 is told before it begins.
            Bodies::Small { small, .. } => Some(u32::from_le_bytes(*small.first_chunk()?) as usize),
        }
    }
}

impl Page for Segment {
    fn heads(&self) -> &[u8] {
        &self.heads
    }

    fn bodies(&self) -> Option<&[u8]> {
        match &self.bodies {
            Bodies::Within => Some(&self.heads),
            Bodies::Here(bodies) => Some(bodies),
            Bodies::Small { small, opened } => opened.get_or_init(|| lz4_flex::decompress_size_prepended(small).ok()).as_deref(),
        }
    }
}

impl PartialEq for Segment {
    fn eq(&self, other: &Self) -> bool {
        self.heads == other.heads && self.bodies() == other.bodies()
    }
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segment").field("heads", &self.heads.len()).finish_non_exhaustive()
    }
}

/// What a segment says of the rows before it.
#[derive(Clone, Debug, PartialEq)]
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
        body: Body<'a>,
        /// The record's gist, if this build has made one.
        gist: Option<Gist<'a>>,
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

/// A record's JSON, or where it stands.
#[derive(Clone)]
pub(crate) enum Body<'a> {
    Text(&'a str),
    In(&'a Arc<Segment>, Range<u32>),
}

impl Body<'_> {
    /// The JSON; none if it cannot be read any more.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::In(segment, place) => segment.text(place),
        }
    }

    /// The record; none if it is of another shape than this build knows.
    pub(crate) fn read(&self, kind: Kind) -> Option<Record> {
        Record::decode(kind, self.text()?).ok()
    }
}

impl PartialEq for Body<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl std::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Body(…)")
    }
}

impl Entry<'_> {
    /// Stores or removes the row in memory. One with a gist is not read yet. Says whether a record was read that could have a gist and has none.
    pub(crate) fn take_into(self, replica: &mut Replica) -> bool {
        match self {
            Entry::Drop(scope) => {
                replica.drop_scope(scope);
            }
            Entry::Delete { kind, id, scope } => replica.delete_row(kind, id, scope),
            Entry::Put { kind, id, held, body, gist } => {
                let known = Kind::from_name(kind);
                if let (Some(kind), Some(gist), Body::In(segment, place)) = (known, gist, &body)
                    && let Some(gist) = place_in(&segment.heads, gist.bytes())
                {
                    replica.put_unread(id, held, Unread::new(kind, Arc::<Segment>::clone(segment), place.clone(), gist));
                    return false;
                }
                let record = known.and_then(|kind| body.read(kind));
                let is_bare = record.is_some() && gist.is_none();
                replica.put_row(kind, id, held, record);
                return is_bare;
            }
        }
        false
    }
}

/// Where a part of bytes stands in them.
fn place_in(bytes: &[u8], part: &[u8]) -> Option<Range<u32>> {
    let start = part.as_ptr().addr().checked_sub(bytes.as_ptr().addr())?;
    let end = start.checked_add(part.len()).filter(|end| *end <= bytes.len())?;
    Some(u32::try_from(start).ok()?..u32::try_from(end).ok()?)
}

/// The bytes are not a segment, or one of a newer app. Rows can be fetched again, so the cure is to forget them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Fills segments one after the other.
#[derive(Default)]
pub(crate) struct Packer {
    full: Vec<Arc<Segment>>,
    header: Header<String>,
    entries: Vec<u8>,
    bodies: Vec<u8>,
    count: usize,
}

impl Packer {
    /// Appends an entry. A body that cannot be read any more leaves none.
    pub(crate) fn add(&mut self, entry: Entry<'_>) {
        match entry {
            Entry::Drop(scope) => {
                self.entries.push(DROP);
                self.name_scope(scope);
            }
            Entry::Put { kind, id, held, body, gist } => {
                let Some(body) = body.text() else { return };
                self.entries.push(if gist.is_some() { PUT_WITH_GIST } else { PUT });
                self.name_scope(held.scope);
                self.name_kind(kind);
                self.entries.extend_from_slice(id.as_bytes());
                self.entries.extend_from_slice(&held.version.to_le_bytes());
                self.entries.extend_from_slice(&held.hash.0.to_le_bytes());
                self.push_length(body.len());
                self.bodies.extend_from_slice(body.as_bytes());
                if let Some(gist) = gist {
                    self.header.gists = Some(gist::BUILD.to_owned());
                    self.push_length(gist.bytes().len());
                    self.entries.extend_from_slice(gist.bytes());
                }
            }
            Entry::Delete { kind, id, scope } => {
                self.entries.push(DELETE);
                self.name_scope(scope);
                self.name_kind(kind);
                self.entries.extend_from_slice(id.as_bytes());
            }
        }
        self.count += 1;
        if self.count >= MOST_ENTRIES || self.bodies.len() >= ENOUGH_BYTES {
            self.close();
        }
    }

    /// Appends a row as the server sent it.
    pub(crate) fn add_row(&mut self, row: &Row) {
        let (kind, id) = (&*row.kind, row.id);
        match &row.body {
            Some(body) => {
                let hash = RowHash::of(kind, id, row.version, body.get());
                let held = Held { scope: row.scope, version: row.version, hash };
                self.add(Entry::Put { kind, id, held, body: Body::Text(body.get()), gist: None });
            }
            None => self.add(Entry::Delete { kind, id, scope: row.scope }),
        }
    }

    /// The segments, in order.
    pub(crate) fn finish(mut self) -> Vec<Arc<Segment>> {
        if self.count > 0 {
            self.close();
        }
        self.full
    }

    fn close(&mut self) {
        let header = serde_json::to_vec(&std::mem::take(&mut self.header)).expect("texts always serialise");
        let mut heads = Vec::with_capacity(4 + header.len() + self.entries.len());
        heads.extend_from_slice(&u32::try_from(header.len()).expect("a few hundred names are short").to_le_bytes());
        heads.extend_from_slice(&header);
        heads.append(&mut self.entries);
        // What was packed is kept as long as it takes to store it, and what grew with it is used again.
        let bodies = self.bodies.as_slice().to_vec();
        self.bodies.clear();
        self.full.push(Arc::new(Segment { heads, bodies: Bodies::Here(bodies) }));
        self.count = 0;
    }

    fn push_length(&mut self, length: usize) {
        self.entries.extend_from_slice(&u32::try_from(length).expect("a page of the protocol is far below 4 GB").to_le_bytes());
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
pub(crate) fn unpack<'a>(segment: &'a Arc<Segment>, mut take: impl FnMut(Entry<'a>)) -> Result<usize, Unreadable> {
    let mut rest = Reader(&segment.heads);
    let length = rest.u32()? as usize;
    let header = std::str::from_utf8(rest.bytes(length)?).map_err(|_| Unreadable)?;
    let Header::<&str> { version, scopes, kinds, gists } = serde_json::from_str(header).map_err(|_| Unreadable)?;
    if version != VERSION && version != BODIES_WITHIN {
        return Err(Unreadable);
    }
    let is_ours = gists == Some(gist::BUILD);
    let (mut count, mut end) = (0, 0);
    while !rest.0.is_empty() {
        let tag = rest.array::<1>()?[0];
        let scope = *scopes.get(usize::from(rest.u16()?)).ok_or(Unreadable)?;
        let entry = match tag {
            DROP => Entry::Drop(scope),
            PUT | PUT_WITH_GIST => {
                let kind = *kinds.get(usize::from(rest.u16()?)).ok_or(Unreadable)?;
                let id = Uuid::from_bytes(rest.array()?);
                let version_of_row = u64::from_le_bytes(rest.array()?);
                let hash = RowHash(u128::from_le_bytes(rest.array()?));
                let length = rest.u32()?;
                if version == BODIES_WITHIN {
                    end = u32::try_from(segment.heads.len() - rest.0.len()).map_err(|_| Unreadable)?;
                    rest.bytes(length as usize)?;
                }
                let start = end;
                end = start.checked_add(length).ok_or(Unreadable)?;
                let gist = if tag == PUT_WITH_GIST {
                    let length = rest.u32()? as usize;
                    Some(rest.bytes(length)?).filter(|_| is_ours).map(Gist::new)
                } else {
                    None
                };
                Entry::Put { kind, id, held: Held { scope, version: version_of_row, hash }, body: Body::In(segment, start..end), gist }
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
    if version == VERSION && segment.bodies_length() != Some(end as usize) {
        return Err(Unreadable);
    }
    Ok(count)
}

const DROP: u8 = 0;
const PUT: u8 = 1;
const DELETE: u8 = 2;
const PUT_WITH_GIST: u8 = 3;

#[derive(Serialize, Deserialize)]
struct Header<K> {
    version: u8,
    scopes: Vec<Scope>,
    kinds: Vec<K>,
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    gists: Option<K>,
}

impl<K> Default for Header<K> {
    fn default() -> Self {
        Self { version: VERSION, scopes: Vec::new(), kinds: Vec::new(), gists: None }
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

    fn pack(entries: &[Entry<'_>]) -> Vec<Arc<Segment>> {
        let mut packer = Packer::default();
        for entry in entries {
            packer.add(entry.clone());
        }
        packer.finish()
    }

    #[test]
    fn what_was_packed_comes_out_in_its_order() {
        let person = Scope::Person(shared::ids::UserId(Uuid::from_u128(5)));
        let entries = [
            Entry::Drop(Scope::Pool),
            Entry::Put {
                kind: "customer",
                id: Uuid::from_u128(1),
                held: held(person, 3),
                body: Body::Text(r#"{"name":"王小明"}"#),
                gist: Some(Gist::new(&[0, 7])),
            },
            Entry::Put { kind: "of a newer app", id: Uuid::from_u128(2), held: held(Scope::Org, u64::MAX), body: Body::Text("[]"), gist: None },
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
        let small = Entry::Put { kind: "customer", id: Uuid::nil(), held: held(Scope::Org, 1), body: Body::Text(&body), gist: None };
        let long = "x".repeat(ENOUGH_BYTES);
        let large = Entry::Put { kind: "contract", id: Uuid::nil(), held: held(Scope::Org, 1), body: Body::Text(&long), gist: None };
        let counts = |entries: Vec<Entry<'_>>| pack(&entries).iter().map(|segment| unpack(segment, |_| {}).expect("packed")).collect::<Vec<_>>();
        assert_eq!(counts(vec![small; 300]), [256, 44]);
        assert_eq!(counts(vec![large; 3]), [1, 1, 1]);
        assert_eq!(counts(vec![]), [0_usize; 0]);
    }

    #[test]
    fn a_damaged_segment_is_unreadable_and_never_a_panic() {
        let entries = [Entry::Put {
            kind: "customer",
            id: Uuid::nil(),
            held: held(Scope::Pool, 9),
            body: Body::Text(r#"{"name":"陳"}"#),
            gist: Some(Gist::new(&[0])),
        }];
        let segment = pack(&entries).remove(0);
        for length in 0..segment.heads.len() {
            // Cut between header and entries it is a segment without entries, which says nothing false.
            let cut = Arc::new(Segment { heads: segment.heads[..length].to_vec(), bodies: Bodies::Within });
            assert!(unpack(&cut, |entry| panic!("{entry:?} from {length} bytes")).is_err() || length == header_end(&segment.heads));
        }
        for place in 0..segment.heads.len() {
            let mut heads = segment.heads.clone();
            heads[place] ^= 0x55;
            for bodies in [Bodies::Within, Bodies::Here(vec![7; 5]), Bodies::Small { small: vec![7; 5], opened: OnceLock::new() }] {
                let mut replica = Replica::new(shared::ids::ClientId(Uuid::nil()), None);
                let _either = unpack(&Arc::new(Segment { heads: heads.clone(), bodies }), |entry| {
                    entry.take_into(&mut replica);
                });
                let _either = replica.screen();
            }
        }
    }

    #[test]
    fn a_segment_is_the_same_out_of_the_storage() {
        let segment =
            pack(&[Entry::Put { kind: "customer", id: Uuid::nil(), held: held(Scope::Pool, 9), body: Body::Text("{}"), gist: None }]).remove(0);
        let small = lz4_flex::compress_prepend_size(segment.bodies().expect("it has a second half"));
        let stored = Arc::new(Segment::stored(segment.heads.clone(), small));
        assert_eq!(stored, segment);
        unpack(&stored, |entry| assert!(matches!(entry, Entry::Put { body, .. } if body.text() == Some("{}")))).expect("packed here");
    }

    #[test]
    fn halves_that_do_not_belong_together_are_unreadable() {
        let one = Entry::Put { kind: "customer", id: Uuid::nil(), held: held(Scope::Pool, 9), body: Body::Text("{}"), gist: None };
        let segment = pack(&[one]).remove(0);
        for bodies in
            [Bodies::Within, Bodies::Here(vec![7; 5]), Bodies::Small { small: lz4_flex::compress_prepend_size(b"{ }"), opened: OnceLock::new() }]
        {
            assert_eq!(unpack(&Arc::new(Segment { heads: segment.heads.clone(), bodies }), |_| {}), Err(Unreadable));
        }
    }

    /// Another build may mean something else by the same bytes.
    #[test]
    fn gists_of_another_build_are_not_believed() {
        let gist = Some(Gist::new(&[0, 0]));
        let segment = pack(&[Entry::Put { kind: "customer", id: Uuid::nil(), held: held(Scope::Pool, 9), body: Body::Text("{}"), gist }]).remove(0);
        let build = gist::BUILD.as_bytes();
        let place = segment.heads.windows(build.len()).position(|bytes| bytes == build).expect("named in the header");
        let mut heads = segment.heads.clone();
        heads[place] = if heads[place] == b'0' { b'1' } else { b'0' };
        let other = Arc::new(Segment { heads, bodies: Bodies::Here(b"{}".to_vec()) });
        let given = |segment| {
            let mut gists = Vec::new();
            unpack(segment, |entry| gists.extend(if let Entry::Put { gist, .. } = entry { Some(gist) } else { None })).expect("packed here");
            gists
        };
        assert_eq!((given(&segment), given(&other)), (vec![gist], vec![None]));
    }

    /// What apps before the halves have stored is read until it is tidied.
    #[test]
    fn bodies_within_their_entries_are_read() {
        let header = br#"{"version":1,"scopes":["pool"],"kinds":["note"]}"#;
        let entry = |id: u8, body: &[u8]| [&[PUT, 0, 0, 0, 0], &[id; 16][..], &[0; 24], &[body.len() as u8, 0, 0, 0], body].concat();
        let bytes = [&(header.len() as u32).to_le_bytes()[..], header, &entry(1, b"{}"), &entry(2, b"[2]")].concat();
        let (segment, mut bodies) = (Arc::new(Segment::whole(bytes)), Vec::new());
        let read = unpack(&segment, |entry| bodies.extend(if let Entry::Put { body, .. } = entry { body.text().map(str::to_owned) } else { None }));
        assert_eq!((read, bodies), (Ok(2), vec!["{}".to_owned(), "[2]".to_owned()]));
    }

    fn header_end(segment: &[u8]) -> usize {
        4 + u32::from_le_bytes(segment[..4].try_into().expect("four bytes")) as usize
    }
}
