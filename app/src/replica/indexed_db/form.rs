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
pub(super) const META: &str = "meta";
pub(super) const FILES: &str = "files";
pub(super) const FILE_BYTES: &str = "file_bytes";

/// In [`META`]: what the engine knows.
pub(super) const ENGINE: &str = "engine";
/// In [`META`]: which log [`BASE`] is.
pub(super) const GENERATION: &str = "generation";
/// In [`META`]: the key of [`OUTBOX`] after which the present numbering begins.
pub(super) const START: &str = "start";

/// In [`META`]: nothing, sealed. Only the key of the store opens it.
pub(super) const PROOF: &str = "proof";
/// In [`META`]: what was taken in of other devices, sealed, and how often it has changed. It needs no step: an app of before leaves it alone.
pub(super) const BAG: &str = "bag";
pub(super) const REVISION: &str = "revision";
pub(super) const SEALED: &str = "sealed";
/// In [`META`]: the device's own key and its certificate, sealed.
pub(super) const CREDENTIAL: &str = "credential";
/// In [`META`]: where the next signature will stand in the device's chain, sealed. It needs no step: an app of before leaves it alone.
pub(super) const CHAIN: &str = "chain";
/// In [`META`], written by the service worker: how far it has sent letters, of which numbering and history.
pub(super) const POSTED: &str = "posted";
/// In [`META`], written by the service worker: which files it has sent, in which history.
pub(super) const POSTED_FILES: &str = "posted_files";

/// Of [`OUTBOX`]: whose command it is. Keys of the other stores are uuids themselves.
pub(super) const UUID: &str = "uuid";
/// Of [`OUTBOX`], [`JOURNAL`] and [`REFUSED`]: the command, sealed. It goes from one to the other as it is.
pub(super) const COMMAND: &str = "command";
/// Of [`OUTBOX`]: the command once more, as a letter to the server, which the service worker sends while nobody can read it here. None of what
/// was saved before the server's key was known. Of [`FILE_BYTES`]: the key of the bytes, the same way.
pub(super) const LETTER: &str = "letter";
/// Of [`FILE_BYTES`]: the bytes, sealed under a key of their own, and that key, sealed for the person. An app of before has stored only the bytes,
/// sealed for the person.
pub(super) const BYTES: &str = "bytes";
pub(super) const KEY: &str = "key";
/// Of [`JOURNAL`]: its indexes and fields.
pub(super) const VERSION: &str = "version";
pub(super) const AT: &str = "at";
pub(super) const ORDER: &str = "order";
/// Of [`REFUSED`]: the ruling, sealed, and whether the server keeps nothing of the command.
pub(super) const OUTCOME: &str = "outcome";
pub(super) const FOR_GOOD: &str = "for_good";

pub(super) fn name(user: UserId) -> String {
    format!("huixiao-sealed-{user}")
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
        database.create_object_store(FILES, numbered())?;
        for name in [REFUSED, DRAFTS, FILE_BYTES] {
            database.create_object_store(name, ObjectStoreParams::new())?;
        }
        let meta = database.create_object_store(META, ObjectStoreParams::new())?;
        meta.put(&first, Some(&ENGINE.into()))?;
        meta.put(&count(0), Some(&GENERATION.into()))?;
        meta.put(&count(0), Some(&START.into()))?;
        Ok(())
    });
    // Segments have halves: an app of before, in another tab, lets go of the database, and is loaded anew. It would take them for damage.
    let halves: Step = Rc::new(|_| Ok(()));
    vec![begin, halves]
}
