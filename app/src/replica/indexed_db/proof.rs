//! That a store is opened with the key under which it is sealed.

use super::Reader;
use super::commands::uuid_of;
use super::form::{BASE, COMMAND, JOURNAL, META, OUTBOX, PROOF};
use super::sealed::{open_command, open_segments};
use super::values::field;
use crate::platform::storage::{Durable, StorageFailure};
use crate::platform::vault::Key;
use futures::future::{join_all, try_join3};
use web_sys::IdbDatabase;

/// That this is the key under which a store is sealed: under another one everything would be taken for damaged. What is sealed as a proof is
/// nothing. A store of before has none yet, and a proof may be damaged as everything else: then anything that opens is one.
pub(super) async fn prove(key: &Key, reader: &Reader, writer: &IdbDatabase) -> Result<(), StorageFailure> {
    let [meta] = reader.stores([META])?;
    let proof = meta.get(PROOF.into()).await?;
    if let Some(proof) = &proof
        && key.open(PROOF, proof).await.is_ok()
    {
        return Ok(());
    }
    let [base, outbox, journal] = reader.stores([BASE, OUTBOX, JOURNAL])?;
    let some = Some(SOME);
    let (segments, waiting, acknowledged) = try_join3(base.get_all(None, Some(1)), outbox.get_all(None, some), journal.get_all(None, some)).await?;
    let commands = waiting.iter().chain(&acknowledged);
    let opening = commands.map(async |record| Some(open_command(key, uuid_of(record).ok()?, &field(record, COMMAND).ok()?).await.is_some()));
    let segments = open_segments(key, &segments).await.into_iter().map(|opened| opened.is_some());
    let opened: Vec<bool> = join_all(opening).await.into_iter().flatten().chain(segments).collect();
    let is_new = proof.is_none() && opened.is_empty();
    if !is_new && !opened.contains(&true) {
        return Err(StorageFailure::Broken);
    }
    let proof = key.seal(PROOF, &[]).await?;
    let tx = Durable::begin(writer, &[META])?;
    tx.store(META)?.put(&proof, Some(&PROOF.into()))?;
    match tx.done().await {
        // A device without room is opened all the same.
        Ok(()) | Err(StorageFailure::Full) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Commands of which one at least must open, or none is there.
const SOME: u32 = 20;
