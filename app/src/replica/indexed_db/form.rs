//! What the database is called, which stores it has, and how it grew.

use super::values::{count, write};
use crate::platform::storage::Step;
use idb::{IndexParams, KeyPath, ObjectStoreParams};
use shared::ids::UserId;
use shared::sync::client::Meta;
use std::rc::Rc;

pub(super) const BASE: &str = "base";
pub(super) const OUTBOX: &str = "outbox";
pub(super) const JOURNAL: &str = "journal";
pub(super) const REFUSED: &str = "refused";
pub(super) const DRAFTS: &str = "drafts";
pub(super) const BLOBS: &str = "blobs";
pub(super) const META: &str = "meta";
pub(super) const FILES: &str = "files";
pub(super) const FILE_BYTES: &str = "file_bytes";

/// In [`META`]: what the engine knows.
pub(super) const ENGINE: &str = "engine";
/// In [`META`]: which log [`BASE`] is.
pub(super) const GENERATION: &str = "generation";
/// In [`META`]: the key of [`OUTBOX`] after which the present numbering begins.
pub(super) const START: &str = "start";

/// Of [`JOURNAL`]: its indexes and fields.
pub(super) const VERSION: &str = "version";
pub(super) const AT: &str = "at";
pub(super) const ORDER: &str = "order";
pub(super) const BODY: &str = "body";

pub(super) fn name(user: UserId) -> String {
    format!("huixiao-{user}")
}

/// How the database grows. A step is never changed once it has shipped; what comes later is another step.
pub(super) fn steps(first: &Meta) -> Vec<Step> {
    let first = write(first);
    let numbered = || {
        let mut params = ObjectStoreParams::new();
        params.auto_increment(true);
        params
    };
    let begin: Step = Rc::new(move |database| {
        database.create_object_store(BASE, numbered())?;
        database.create_object_store(OUTBOX, numbered())?;
        let journal = database.create_object_store(JOURNAL, ObjectStoreParams::new())?;
        for index in [VERSION, AT] {
            journal.create_index(index, KeyPath::new_single(index), Some(IndexParams::new()))?;
        }
        for name in [REFUSED, DRAFTS, BLOBS] {
            database.create_object_store(name, ObjectStoreParams::new())?;
        }
        let meta = database.create_object_store(META, ObjectStoreParams::new())?;
        meta.put(&first, Some(&ENGINE.into()))?;
        meta.put(&count(0), Some(&GENERATION.into()))?;
        meta.put(&count(0), Some(&START.into()))?;
        Ok(())
    });
    let keep_files: Step = Rc::new(move |database| {
        database.create_object_store(FILES, numbered())?;
        database.create_object_store(FILE_BYTES, ObjectStoreParams::new()).map(drop)
    });
    vec![begin, keep_files]
}
