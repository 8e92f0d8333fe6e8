//! Files 檔案: what is seen rather than read, as the photo of a card slip (clause F3). An [`Attachment`] says that it exists and travels with
//! the records; the bytes travel by themselves, named by their SHA-256, and may come hours later (docs/sync.md, "Files").
//!
//! Law: bytes are taken only from whoever recorded an attachment of that content, and given only to those who may hold one.

pub mod access;
pub mod content;
pub mod decide;
#[cfg(test)]
mod tests;

pub use content::{Content, ContentHash, Media};

use crate::ids::{AttachmentId, DealId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most bytes of one file: a photo that a device has made smaller has a tenth of that.
pub const FILE_MAX: u32 = 4 << 20;

/// A file that belongs to a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Identifier.
    pub id: AttachmentId,
    /// Which bytes.
    pub content: Content,
    /// The deal to whose payment it belongs.
    pub deal: DealId,
    /// Whose work that deal is.
    pub owner: UserId,
    /// Who attached it, and has the bytes on a device.
    pub by: UserId,
    /// When, on that person's clock.
    pub at: Timestamp,
    /// Since when the server has the bytes, on its clock; none while it waits for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_at: Option<Timestamp>,
}

/// A file that a command brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAttachment {
    /// Identifier, made by the caller.
    pub attachment: AttachmentId,
    /// Which bytes.
    pub content: Content,
}

impl Entity for Attachment {
    fn id(&self) -> AttachmentId {
        self.id
    }
    /// Who may see the deal may see its slips.
    fn scope(&self) -> Scope {
        Scope::Person(self.owner)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::AttachmentsByContent(self.content.sha256));
        if self.stored_at.is_none() {
            out.push(Index::AttachmentsAwaited);
        }
    }
}
