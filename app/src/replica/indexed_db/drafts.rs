//! What was typed and not saved, by form.

use super::form::DRAFTS;
use super::{IndexedDb, sealed};
use crate::platform::storage::{Durable, StorageFailure};
use futures::future::{join_all, try_join};
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;

impl IndexedDb {
    /// What was typed and not saved, by form.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn drafts(&self) -> Result<BTreeMap<String, String>, StorageFailure> {
        let reader = self.reader()?;
        let [drafts] = reader.stores([DRAFTS])?;
        let (values, forms) = try_join(drafts.get_all(None, None), drafts.get_all_keys(None, None)).await?;
        let opening = values.iter().zip(&forms).map(async |(sealed, form)| {
            let form = form.as_string()?;
            // One that does not open is no draft any more.
            let draft = self.key.open(&sealed::of_draft(&form), sealed).await.ok()?;
            Some((form, String::from_utf8(draft).ok()?))
        });
        Ok(join_all(opening).await.into_iter().flatten().collect())
    }

    /// Keeps or forgets the draft of a form.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn keep_draft(&self, form: &str, draft: Option<&str>) -> Result<(), StorageFailure> {
        let sealed = match draft {
            Some(draft) => Some(self.key.seal(&sealed::of_draft(form), draft.as_bytes()).await?),
            None => None,
        };
        let tx = Durable::begin(&self.writer, &[DRAFTS])?;
        let drafts = tx.store(DRAFTS)?;
        match sealed {
            Some(sealed) => drop(drafts.put(&sealed, Some(&form.into()))?),
            None => drop(drafts.delete(JsValue::from_str(form))?),
        }
        tx.done().await
    }

    /// Forgets all drafts.
    ///
    /// # Errors
    /// [`StorageFailure`].
    pub(crate) async fn forget_drafts(&self) -> Result<(), StorageFailure> {
        let tx = Durable::begin(&self.writer, &[DRAFTS])?;
        tx.store(DRAFTS)?.clear()?;
        tx.done().await
    }
}
