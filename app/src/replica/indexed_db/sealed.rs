//! What is sealed, and what each sealed value says that it is of.
//!
//! A segment begins with its place in the log: whoever exchanges two records, or puts one twice, is found out by their order. Its halves are made
//! small first (LZ4): what is sealed cannot be made small by anybody after us, and a cold start reads all of it. The second half stays small in
//! memory until a row of it is read.

use super::form::{BYTES, COMMAND, FOR_GOOD, KEY, LETTER, OUTCOME, UUID};
use super::values::{field, json, parse, uuid_key};
use crate::platform::letters::Stationery;
use crate::platform::object::object;
use crate::platform::storage::StorageFailure;
use crate::platform::vault::{Key, VaultFailure, fill_by_chance};
use crate::replica::segment::Segment;
use futures::future::join_all;
use futures::stream::{self, StreamExt, TryStreamExt};
use js_sys::Reflect;
use shared::ids::AttachmentId;
use shared::sync::letters::{self, of_file, of_file_key};
use shared::sync::protocol::Envelope;
use shared::sync::slot::Page;
use std::sync::Arc;
use uuid::Uuid;
use wasm_bindgen::JsValue;

const OF_BASE: &str = "base";

/// Where a segment stands: those of one change are numbered, and changes follow each other by revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) revision: u64,
    pub(super) number: u32,
}

/// In a place's number: the segment has halves. Those of earlier apps have none, and were made small as a whole.
const HALVES: u32 = 1 << 31;

pub(super) fn of_draft(form: &str) -> String {
    format!("draft/{form}")
}

pub(super) fn of_outcome(uuid: Uuid) -> String {
    format!("outcome/{uuid}")
}

/// The bag as it is after so many changes: a former one is not taken for it.
pub(super) fn of_bag(revision: u64) -> String {
    format!("bag/{revision}")
}

fn of_command(uuid: Uuid) -> String {
    format!("command/{uuid}")
}

/// A record of the outbox without a letter.
pub(super) fn command(uuid: Uuid, sealed: &JsValue) -> JsValue {
    object(&[(UUID, &uuid_key(uuid)), (COMMAND, sealed)]).into()
}

/// A record of the outbox with its letter.
pub(super) fn command_and_letter(uuid: Uuid, sealed: &JsValue, letter: &JsValue) -> JsValue {
    object(&[(UUID, &uuid_key(uuid)), (COMMAND, sealed), (LETTER, letter)]).into()
}

/// A record of what was refused: the command and the ruling, each sealed, and whether the server keeps nothing of it.
pub(super) fn refusal(uuid: Uuid, command: &JsValue, outcome: &JsValue, for_good: bool) -> JsValue {
    object(&[(UUID, &uuid_key(uuid)), (COMMAND, command), (OUTCOME, outcome), (FOR_GOOD, &for_good.into())]).into()
}

pub(super) async fn seal_command(key: &Key, envelope: &Envelope) -> Result<JsValue, StorageFailure> {
    Ok(key.seal(&of_command(envelope.uuid), &json(envelope)).await?)
}

/// The command as a letter to the server.
pub(super) async fn seal_letter(stationery: &Stationery, envelope: &Envelope) -> Result<JsValue, StorageFailure> {
    Ok(stationery.seal(&letters::of(envelope.uuid), &json(envelope)).await?)
}

/// None if it cannot be read any more.
pub(super) async fn open_command(key: &Key, uuid: Uuid, sealed: &JsValue) -> Option<Envelope> {
    parse(&key.open(&of_command(uuid), sealed).await.ok()?).ok()
}

/// A record of a file: its bytes under a key of their own, that key for the person, and once more as a letter to the server if its key is known.
pub(super) async fn seal_file(key: &Key, stationery: Option<&Stationery>, attachment: AttachmentId, bytes: &[u8]) -> Result<JsValue, StorageFailure> {
    let mut own = [0; 32];
    fill_by_chance(&mut own)?;
    let sealed = Key::of(&own).await?.seal(&of_file(attachment), bytes).await?;
    let of = of_file_key(attachment);
    let kept = key.seal(&of, &own).await?;
    let record = object(&[(BYTES, &sealed), (KEY, &kept)]);
    if let Some(stationery) = stationery {
        Reflect::set(&record, &LETTER.into(), &stationery.seal(&of, &own).await?).map_err(|_| StorageFailure::Broken)?;
    }
    own.fill(0);
    Ok(record.into())
}

/// The same record with a letter; none if it has one, or cannot be opened.
pub(super) async fn with_letter(
    key: &Key,
    stationery: &Stationery,
    attachment: AttachmentId,
    record: &JsValue,
) -> Result<Option<JsValue>, StorageFailure> {
    if field(record, LETTER).is_ok() {
        return Ok(None);
    }
    let Some(bytes) = open_file(key, attachment, record).await else { return Ok(None) };
    seal_file(key, Some(stationery), attachment, &bytes).await.map(Some)
}

/// The bytes of a file; none if they cannot be read any more.
pub(super) async fn open_file(key: &Key, attachment: AttachmentId, record: &JsValue) -> Option<Vec<u8>> {
    let of = of_file(attachment);
    // An app of before has sealed the bytes themselves for the person.
    let Ok(kept) = field(record, KEY) else { return key.open(&of, record).await.ok() };
    let own: [u8; 32] = key.open(&of_file_key(attachment), &kept).await.ok()?.try_into().ok()?;
    Key::of(&own).await.ok()?.open(&of, &field(record, BYTES).ok()?).await.ok()
}

/// Segments that the browser seals while the next ones are made small.
const SEALED_AT_ONCE: usize = 8;

/// Seals segments, each with its place.
pub(super) async fn seal_segments<'a>(key: &Key, segments: impl Iterator<Item = (Place, &'a Arc<Segment>)>) -> Result<Vec<JsValue>, VaultFailure> {
    let sealing = segments.map(async |(place, segment)| key.seal(OF_BASE, &packed(place, segment)).await);
    // Not all at once: making them small would keep the page from the person for as long as it takes.
    stream::iter(sealing).buffered(SEALED_AT_ONCE).try_collect().await
}

/// A segment that was opened.
pub(super) struct Opened {
    pub(super) place: Place,
    pub(super) segment: Arc<Segment>,
}

/// Opens segments; none where one does not open.
pub(super) async fn open_segments(key: &Key, sealed: &[JsValue]) -> Vec<Option<Opened>> {
    let opening = sealed.iter().map(async |sealed| unpacked(&key.open(OF_BASE, sealed).await.ok()?));
    join_all(opening).await
}

/// A segment as it is sealed: its place, how long its first half is, and both halves, made small.
fn packed(place: Place, segment: &Segment) -> Vec<u8> {
    let small = |half: &[u8]| lz4_flex::compress_prepend_size(half);
    let (heads, bodies) = (small(segment.heads()), small(segment.bodies().unwrap_or_default()));
    let length = u32::try_from(heads.len()).expect("a segment is some hundred kilobytes");
    [&place.revision.to_le_bytes()[..], &(place.number | HALVES).to_le_bytes(), &length.to_le_bytes(), &heads, &bodies].concat()
}

/// None for what is no segment.
fn unpacked(bytes: &[u8]) -> Option<Opened> {
    let (revision, rest) = bytes.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let number = u32::from_le_bytes(*number);
    let place = Place { revision: u64::from_le_bytes(*revision), number: number & !HALVES };
    let open = |small: &[u8]| lz4_flex::decompress_size_prepended(small).ok();
    let segment = if number & HALVES == 0 {
        Segment::whole(open(rest)?)
    } else {
        let (length, halves) = rest.split_first_chunk()?;
        let (heads, bodies) = halves.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        Segment::stored(open(heads)?, bodies.to_vec())
    };
    Some(Opened { place, segment: Arc::new(segment) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::segment::{Body, Entry, Packer};
    use shared::record::Scope;
    use shared::sync::protocol::RowHash;
    use shared::sync::slot::Held;

    #[test]
    fn what_is_packed_comes_out_and_what_is_cut_off_is_none_or_told_of() {
        let mut packer = Packer::default();
        let held = Held { scope: Scope::Pool, version: 9, hash: RowHash(7) };
        packer.add(Entry::Put { kind: "note", id: Uuid::nil(), held, body: Body::Text("{}"), gist: None });
        let segment = packer.finish().remove(0);
        let bytes = packed(Place { revision: 3, number: 5 }, &segment);
        let opened = unpacked(&bytes).expect("packed here");
        assert_eq!((opened.place, opened.segment), (Place { revision: 3, number: 5 }, segment));
        for length in 0..bytes.len() {
            let cut = unpacked(&bytes[..length]);
            assert!(cut.is_none_or(|cut| crate::replica::segment::unpack(&cut.segment, |_| {}).is_err() || cut.segment.bodies().is_none()));
        }
    }
}
