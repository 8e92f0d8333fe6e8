//! Photos of which there are a few, without their bytes, and the servers' place for files: the reference for the one that lies on a disk.

use super::device::Part;
use shared::files::access::awaited_from;
use shared::files::decide::stored;
use shared::files::{Attachment, Content, ContentHash, Media, NewAttachment};
use shared::ids::{AttachmentId, UserId};
use shared::record::Index;
use shared::sync::files::{FileAnswer, Holding, PART_BYTES, Taking, take};
use shared::sync::server::{Transaction, apply};
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Of one part, of two, of three; one of them a byte longer than its part.
const SIZES: [u32; 4] = [900, PART_BYTES + 1, 2 * PART_BYTES, 3 * PART_BYTES - 7];

/// An attachment of one of the photos: two may have the same.
pub fn photo(attachment: AttachmentId, rng: &mut fastrand::Rng) -> NewAttachment {
    let number = rng.usize(..SIZES.len());
    let content = Content { sha256: ContentHash::of(&[number as u8]), bytes: SIZES[number], media: Media::Jpeg };
    NewAttachment { attachment, content }
}

/// What lies where all servers find it.
#[derive(Clone, Debug, Default)]
pub struct Depot {
    whole: BTreeSet<ContentHash>,
    /// How far each is: bytes of a content differ by their place only.
    parts: BTreeMap<(UserId, ContentHash), u32>,
}

impl Depot {
    /// Takes a part as the server does. One that dies does so after the file is whole and before anybody is told.
    pub fn take<T: Transaction>(&mut self, store: &mut T, user: UserId, part: &Part, now: Timestamp, dies: bool) -> FileAnswer {
        let hash = part.file.content.sha256;
        let Some(content) = awaited_from(store, user, hash).expect("memory is always available") else { return FileAnswer::Unknown };
        let received = self.parts.get(&(user, hash)).copied().unwrap_or(0);
        let holding = if self.whole.contains(&hash) { Holding::Whole } else { Holding::Parts(received) };
        let answer = match take(&content, holding, part.from, part.to - part.from) {
            Taking::Stored => None,
            Taking::Answer(answer) => Some(answer),
            Taking::TooMuch => unreachable!("devices know how long their files are"),
            Taking::Keep => {
                assert_eq!(part.from, received, "a part is kept where the last one ended");
                self.parts.insert((user, hash), part.to);
                Some(FileAnswer::Received { bytes: part.to })
            }
            Taking::Finish { .. } => {
                assert_eq!(received.max(part.to), content.bytes, "nothing is put together that is not all here");
                self.parts.remove(&(user, hash));
                self.whole.insert(hash);
                None
            }
        };
        answer.unwrap_or_else(|| {
            if !dies {
                note(store, hash, now);
            }
            FileAnswer::Stored { epoch: store.epoch().expect("memory is always available") }
        })
    }

    /// Tells of files that came before anybody waited for them.
    pub fn tidy<T: Transaction>(&self, store: &mut T, now: Timestamp) {
        let awaited = store.records(&Index::AttachmentsAwaited).expect("memory is always available");
        for attachment in awaited.iter().filter_map(<Attachment as shared::record::Stored>::of) {
            if self.holds(attachment.content.sha256) {
                note(store, attachment.content.sha256, now);
            }
        }
    }

    /// Whether a whole file is here.
    #[must_use]
    pub fn holds(&self, hash: ContentHash) -> bool {
        self.whole.contains(&hash)
    }
}

fn note<T: Transaction>(store: &mut T, hash: ContentHash, now: Timestamp) {
    let patches = stored(store, hash, now).expect("memory is always available");
    apply(store, patches).expect("memory is always available");
}
