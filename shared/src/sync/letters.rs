//! Commands in sealed letters to the server: a device that is locked, or whose page is closed, can send them without being able to read them.
//!
//! A letter is HPKE's encapsulated key (RFC 9180: DHKEM on P-256 with HKDF-SHA256, export only; [`INFO`] and [`EXPORT`] as below), then a
//! nonce of 12 bytes, then the envelope's JSON under AES-256-GCM with the exported key; [`of`] is authenticated with it. A device
//! encapsulates once and seals many letters under what came of it, each with a nonce by chance.
//!
//! A file lies on a device under a key of its own, so that it need not lie there twice; what stands in its letter is that key.

use super::client::PUSH_BYTES;
use super::protocol::{Envelope, MOST_PUSHED, PROTO, PushRequest, SCHEMA};
use crate::files::Content;
use crate::ids::{AttachmentId, ClientId, UserId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// HPKE's `info`.
pub const INFO: &[u8] = b"huixiao letter 1";
/// HPKE's `exporter_context`.
pub const EXPORT: &[u8] = b"key";
/// Bytes of an encapsulated key: a point of P-256, not compressed.
pub const ENCAPSULATED: usize = 65;
/// Bytes of a nonce.
pub const NONCE: usize = 12;

/// What a letter is of, authenticated with it.
#[must_use]
pub fn of(uuid: Uuid) -> String {
    format!("letter/{uuid}")
}

/// What a sealed file is of, authenticated with it.
#[must_use]
pub fn of_file(attachment: AttachmentId) -> String {
    format!("file/{attachment}")
}

/// What the key of a sealed file is of, authenticated with it.
#[must_use]
pub fn of_file_key(attachment: AttachmentId) -> String {
    format!("file-key/{attachment}")
}

/// Bytes of the letter in which the key of a file stands: encapsulated key, nonce, key, tag.
pub const FILE_LETTER: usize = ENCAPSULATED + NONCE + 32 + TAG;
/// Bytes of the tag that AES-GCM puts at the end.
pub const TAG: usize = 16;

/// A sealed command with what the server must know to put it in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The command's number; what stands in the letter does not count, because commands can be numbered anew.
    pub seq: u64,
    /// The command.
    pub uuid: Uuid,
    /// The letter in base64url without padding.
    pub sealed: String,
}

/// Letters of one device, in order: a push that was sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LettersRequest {
    /// The server's history as the device knows it; none before the first contact.
    pub epoch: Option<Uuid>,
    /// The device.
    pub client: ClientId,
    /// The device's numbering.
    pub incarnation: Uuid,
    /// The device's clock.
    pub sent_at: Timestamp,
    /// At most [`super::protocol::MOST_PUSHED`].
    pub letters: Vec<Letter>,
}

impl LettersRequest {
    fn with(&self, letters: Vec<Letter>) -> Self {
        let Self { epoch, client, incarnation, sent_at, .. } = *self;
        Self { epoch, client, incarnation, sent_at, letters }
    }

    /// The push that it is, up to the first letter that cannot be opened. Letters are read by no other version than the server's own, and
    /// what is in them has a version by itself.
    #[must_use]
    pub fn opened(self, mut open: impl FnMut(&Letter) -> Option<Envelope>) -> PushRequest {
        let commands = self.letters.iter().map_while(|letter| {
            let envelope = open(letter).filter(|envelope| envelope.uuid == letter.uuid)?;
            Some(Envelope { seq: letter.seq, ..envelope })
        });
        let commands = commands.collect();
        let Self { epoch, client, incarnation, sent_at, .. } = self;
        PushRequest { proto: PROTO, schema: SCHEMA, epoch, client, incarnation, sent_at, commands, carried: Vec::new() }
    }
}

/// What a device has not sent, as a file: its user takes it to another device, which sends it. Whoever finds the file reads nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsentWork {
    /// Whose commands these are. Nobody else can send them.
    pub user: UserId,
    /// The letters, as many as there are.
    #[serde(flatten)]
    pub request: LettersRequest,
    /// Files that commands have brought, sent before or in these letters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<SealedFile>,
}

/// A file as it lies on a device, to be sent to `PUT /api/files/{sha256}/sealed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedFile {
    /// Which.
    pub attachment: AttachmentId,
    /// What it is once it is opened.
    pub content: Content,
    /// The letter with its key, then the file under that key; in base64url without padding.
    pub sealed: String,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotUnsentWork {
    /// It is something else, or not whole.
    Other,
    /// A newer app wrote it.
    Newer,
}

/// Begins the file, so that it is told from others before all of it is read.
const MARK: &str = "huixiao unsent work ";
/// With files it is 2: an app that knows only 1 would leave them out.
const FORM: u32 = 2;

impl UnsentWork {
    /// The file: a line that says what it is, then JSON.
    #[must_use]
    pub fn to_file(&self) -> String {
        let json = serde_json::to_string(self).expect("ids, texts and numbers always serialise");
        let form = if self.files.is_empty() { 1 } else { FORM };
        format!("{MARK}{form}\n{json}\n")
    }

    /// What a file holds.
    ///
    /// # Errors
    /// [`NotUnsentWork`].
    pub fn from_file(text: &str) -> Result<Self, NotUnsentWork> {
        let (head, json) = text.split_once('\n').ok_or(NotUnsentWork::Other)?;
        let form: u32 = head.trim_end().strip_prefix(MARK).and_then(|form| form.parse().ok()).ok_or(NotUnsentWork::Other)?;
        if form > FORM {
            return Err(NotUnsentWork::Newer);
        }
        serde_json::from_str(json).map_err(|_| NotUnsentWork::Other)
    }

    /// Requests that the server takes, in order, each as large as a push may be.
    pub fn requests(&self) -> impl Iterator<Item = LettersRequest> {
        let mut rest = self.request.letters.as_slice();
        std::iter::from_fn(move || {
            let mut bytes = 0;
            let fits = |letter: &&Letter| {
                bytes += letter.sealed.len();
                bytes <= PUSH_BYTES
            };
            let most = rest.iter().take(MOST_PUSHED).take_while(fits).count().max(1);
            let (letters, others) = rest.split_at_checked(most)?;
            rest = others;
            Some(self.request.with(letters.to_vec()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Media;

    fn work(count: u64) -> UnsentWork {
        let id = |number: u64| Uuid::from_u64_pair(7, number);
        let letters = (1..=count).map(|seq| Letter { seq, uuid: id(seq), sealed: "c2VhbGVk".into() }).collect();
        let sent_at = Timestamp::from_timestamp(1_800_000_000, 0).expect("a time");
        let request = LettersRequest { epoch: Some(id(0)), client: ClientId(id(1)), incarnation: id(2), sent_at, letters };
        UnsentWork { user: UserId(id(3)), request, files: Vec::new() }
    }

    #[test]
    fn a_file_gives_back_what_was_written_and_nothing_of_a_part_of_it() {
        let work = work(3);
        let file = work.to_file();
        assert_eq!(UnsentWork::from_file(&file), Ok(work));
        for end in 0..file.len() - 1 {
            assert!(UnsentWork::from_file(&file[..end]) == Err(NotUnsentWork::Other) || end + 1 == file.len(), "cut at {end}");
        }
        assert_eq!(UnsentWork::from_file(&file.replacen('1', "3", 1)), Err(NotUnsentWork::Newer));
        let content = Content::of(b"a photo", Media::Jpeg).expect("a few bytes");
        let files = vec![SealedFile { attachment: AttachmentId(Uuid::from_u128(8)), content, sealed: "c2VhbGVk".into() }];
        let work = UnsentWork { files, ..self::work(1) };
        assert!(work.to_file().starts_with("huixiao unsent work 2\n"));
        assert_eq!(UnsentWork::from_file(&work.to_file()), Ok(work));
        for other in ["", "姓名,電話\n王小明,0912", "{}", "huixiao unsent work\n{}", "huixiao unsent work 1\n{}"] {
            assert_eq!(UnsentWork::from_file(other), Err(NotUnsentWork::Other), "{other}");
        }
    }

    #[test]
    fn large_letters_travel_in_requests_that_the_server_takes_and_one_that_is_too_large_alone() {
        let mut work = work(7);
        for (letter, kib) in work.request.letters.iter_mut().zip([400, 400, 400, 2_000, 1, 1_024, 1]) {
            letter.sealed = "A".repeat(kib << 10);
        }
        let sent: Vec<Vec<u64>> = work.requests().map(|request| request.letters.iter().map(|letter| letter.seq).collect()).collect();
        assert_eq!(sent, [vec![1, 2], vec![3], vec![4], vec![5], vec![6], vec![7]]);
    }

    #[test]
    fn many_letters_travel_in_several_requests_and_none_is_lost() {
        let work = work(MOST_PUSHED as u64 * 2 + 1);
        let sent: Vec<u64> = work.requests().flat_map(|request| request.letters).map(|letter| letter.seq).collect();
        assert_eq!(sent, (1..=MOST_PUSHED as u64 * 2 + 1).collect::<Vec<_>>());
        assert!(work.requests().all(|request| request.letters.len() <= MOST_PUSHED && request.client == work.request.client));
    }
}
