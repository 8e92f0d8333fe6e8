//! Photos of records in words: where their bytes are, and why they cannot be shown.
//!
//! Law: nothing is said to be on the server before the server has said so itself.

use crate::replica::files::NoBytes;
use crate::texts::photos as t;
use shared::files::Attachment;
use shared::ids::AttachmentId;
use std::collections::BTreeSet;

/// Where the bytes of a photo are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// On this device, where they were damaged.
    Damaged,
    /// On this device, and to be sent.
    WaitsHere,
    /// On another device, and to be sent.
    WaitsElsewhere,
    /// On the server.
    Stored,
}

/// Where the bytes are, as far as this device knows; `is_here` says whether it has them.
#[must_use]
pub fn standing(attachment: &Attachment, is_here: bool, damaged: &BTreeSet<AttachmentId>) -> Standing {
    match attachment.stored_at {
        Some(_) => Standing::Stored,
        None if damaged.contains(&attachment.id) => Standing::Damaged,
        None if is_here => Standing::WaitsHere,
        None => Standing::WaitsElsewhere,
    }
}

impl Standing {
    /// In a few words; `name` is whose photo it is.
    #[must_use]
    pub fn words(self, name: &str) -> String {
        match self {
            Self::Damaged => t::damaged().to_owned(),
            Self::WaitsHere => t::waits_here().to_owned(),
            Self::WaitsElsewhere => t::waits_elsewhere(name),
            Self::Stored => t::stored().to_owned(),
        }
    }
}

/// Why a photo is not shown, and what to do.
#[must_use]
pub fn why_not(why: NoBytes) -> &'static str {
    match why {
        NoBytes::Offline => t::offline(),
        NoBytes::Captive => t::captive(),
        NoBytes::LoggedOut => t::logged_out(),
        NoBytes::NotThere => t::not_there(),
        NoBytes::Server => t::server(),
        NoBytes::Storage(_) => t::storage(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::at;
    use crate::texts::{Language, set_language};
    use shared::files::{Content, Media};
    use uuid::Uuid;

    #[test]
    fn a_photo_is_on_the_server_only_when_the_server_says_so() {
        set_language(Language::ZhHant);
        let content = Content::of(b"slip", Media::Jpeg).expect("a few bytes");
        let (deal, person) = (Uuid::nil().into(), Uuid::nil().into());
        let id = AttachmentId(Uuid::nil());
        let waiting = Attachment { id, content, deal, owner: person, by: person, at: at(0), stored_at: None };
        let stored = Attachment { stored_at: Some(at(1)), ..waiting.clone() };
        let (none, damaged) = (BTreeSet::new(), BTreeSet::from([id]));
        assert_eq!(standing(&waiting, true, &none), Standing::WaitsHere);
        assert_eq!(standing(&waiting, false, &none), Standing::WaitsElsewhere);
        assert_eq!(standing(&waiting, true, &damaged), Standing::Damaged);
        // Somebody else had the same bytes, whole.
        assert_eq!(standing(&stored, true, &damaged), Standing::Stored);
        assert_eq!(Standing::WaitsElsewhere.words("林怡君"), "照片還在林怡君的裝置上\u{ff0c}待上傳");
    }
}
