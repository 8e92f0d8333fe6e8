//! The log of segments: read in pieces, emptied.

use super::form::{BASE, GENERATION, META};
use super::sealed::open_segments;
use super::values::{count, number};
use crate::platform::storage::{Durable, StorageFailure};
use crate::platform::vault::Key;
use crate::replica::segment::MOST_ENTRIES;
use crate::replica::store::{Mark, Piece};
use futures::StreamExt;
use futures::channel::mpsc::unbounded;
use futures::future::try_join;
use idb::KeyRange;
use wasm_bindgen::JsValue;

/// Segments read by one request while the ones before are unpacked.
const SEGMENTS_AT_ONCE: usize = 8_192 / MOST_ENTRIES;

/// How many such requests the browser opens at once.
const OPENED_AHEAD: usize = 2;

/// Reads the segments of these keys, some at a time; while the database reads and the browser opens, those before are unpacked.
pub(super) async fn give_segments(key: &Key, base: &rexie::Store, keys: &[JsValue], take: &mut dyn FnMut(Piece)) -> Result<(), StorageFailure> {
    let (read, to_open) = unbounded();
    let reading = async {
        for keys in keys.chunks(SEGMENTS_AT_ONCE) {
            let range = KeyRange::bound(&keys[0], &keys[keys.len() - 1], None, None)?;
            // It never waits for anything but the database, or the transaction would end.
            let _nobody = read.unbounded_send(base.get_all(Some(range), None).await?);
        }
        read.close_channel();
        Ok(())
    };
    let opening = async {
        // The browser opens what comes next while this thread unpacks.
        let mut opened = to_open.map(async |values: Vec<JsValue>| open_segments(key, &values).await).buffered(OPENED_AHEAD);
        let mut before = None;
        while let Some(segments) = opened.next().await {
            for segment in segments {
                // What cannot be read, or stands in the wrong place, is given as nothing: the one who unpacks it knows the cure.
                let segment = segment.filter(|opened| before.replace(opened.place).is_none_or(|before| before < opened.place));
                take(Piece::Segment(segment.map(|opened| opened.segment).unwrap_or_default()));
            }
        }
        Ok(())
    };
    try_join(reading, opening).await.map(drop)
}

/// Empties the log, which then is another one.
pub(super) async fn clear_log(tx: &Durable) -> Result<Mark, StorageFailure> {
    let metas = tx.store(META)?;
    tx.store(BASE)?.clear()?;
    let generation = number(metas.get(JsValue::from(GENERATION))?.await?.as_ref())? + 1;
    metas.put(&count(generation), Some(&GENERATION.into()))?;
    Ok(Mark { generation, last: 0 })
}
