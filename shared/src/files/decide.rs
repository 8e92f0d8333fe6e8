//! Rules about files: what may be attached, and what the arrival of bytes changes.

use super::{Attachment, ContentHash, FILE_MAX, NewAttachment};
use crate::deals::Deal;
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::record::Index;
use crate::time::Timestamp;

/// Attaches a file to a deal. The bytes may still be under way.
pub(crate) fn attach<V: View + ?Sized>(view: &V, new: &NewAttachment, deal: &Deal, context: &Context<'_>) -> Result<Patch, Stop> {
    within(Field::Photo, i64::from(new.content.bytes), 1, i64::from(FILE_MAX))?;
    view.need_free::<Attachment>(new.attachment)?;
    Ok(Patch::put(Attachment {
        id: new.attachment,
        content: new.content,
        deal: deal.id,
        owner: deal.seller,
        by: context.actor.user,
        at: context.at,
        stored_at: None,
    }))
}

/// What changes when the server has the bytes of a content: every attachment that waited for them says so.
///
/// # Errors
/// [`crate::Unavailable`] if the store cannot be read.
pub fn stored<V: View + ?Sized>(view: &V, content: ContentHash, at: Timestamp) -> Result<Vec<Patch>, crate::Unavailable> {
    let attachments = view.list::<Attachment>(&Index::AttachmentsByContent(content))?;
    let waiting = attachments.iter().filter(|attachment| attachment.stored_at.is_none());
    Ok(waiting.map(|attachment| Patch::put(Attachment { stored_at: Some(at), ..(**attachment).clone() })).collect())
}
