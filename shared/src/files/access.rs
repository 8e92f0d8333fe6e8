//! Who may send the bytes of a file, and who may have them.
//!
//! A command that the rules could not accept, or whose author has lost access, may name a file too: it waits with the command, and is lost
//! no more than that is.

use super::{Attachment, Content, ContentHash, FILE_MAX};
use crate::command::Command;
use crate::decide::{Actor, Unavailable, View, ViewExt};
use crate::ids::UserId;
use crate::quarantine::HeldCommand;
use crate::record::{Entity, Index, Scope};
use crate::sync::scopes::{Everyone, held_by};

/// The content that somebody may send under this name: they recorded something that names it. None otherwise.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn awaited_from<V: View + ?Sized>(view: &V, user: UserId, hash: ContentHash) -> Result<Option<Content>, Unavailable> {
    let attachments = view.list::<Attachment>(&Index::AttachmentsByContent(hash))?;
    if let Some(attachment) = attachments.iter().find(|attachment| attachment.by == user) {
        return Ok(Some(attachment.content));
    }
    held_from(view, user, hash)
}

/// The content that an actor may have under this name: a record that names it is theirs to hold. None otherwise.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn shown_to<V: View + Everyone + ?Sized>(view: &V, actor: &Actor, hash: ContentHash) -> Result<Option<Content>, Unavailable> {
    let scopes = held_by(view, actor)?;
    let attachments = view.list::<Attachment>(&Index::AttachmentsByContent(hash))?;
    if let Some(attachment) = attachments.iter().find(|attachment| scopes.contains(&attachment.scope())) {
        return Ok(Some(attachment.content));
    }
    for scope in scopes {
        if let Scope::Person(user) = scope
            && let Some(content) = held_from(view, user, hash)?
        {
            return Ok(Some(content));
        }
    }
    Ok(None)
}

/// The content of this name in what waits for a ruling, or had one, of somebody's. It is looked for in the commands themselves: a server of
/// an earlier release may have held what it could not read.
fn held_from<V: View + ?Sized>(view: &V, user: UserId, hash: ContentHash) -> Result<Option<Content>, Unavailable> {
    let held = view.list::<HeldCommand>(&Index::HeldCommandsBy(user))?;
    Ok(held.iter().find_map(|held| named(held, hash)))
}

/// A command that was refused for the size of its file is held too: no more bytes are taken for it than for others.
fn named(held: &HeldCommand, hash: ContentHash) -> Option<Content> {
    let command = Command::read(&held.command).ok()?;
    let contents = command.attachments().iter().map(|new| new.content);
    contents.into_iter().find(|content| content.sha256 == hash && (1..=FILE_MAX).contains(&content.bytes))
}
