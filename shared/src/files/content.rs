//! What a file is, apart from where it belongs: bytes are named by their hash, so the same picture is sent and kept once.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The bytes of a file, without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Content {
    /// Their name.
    pub sha256: ContentHash,
    /// How many; 1 to [`super::FILE_MAX`].
    pub bytes: u32,
    /// What they are.
    pub media: Media,
}

impl Content {
    /// The content that bytes are; none if there are more than any file has.
    #[must_use]
    pub fn of(bytes: &[u8], media: Media) -> Option<Self> {
        Some(Self { sha256: ContentHash::of(bytes), bytes: u32::try_from(bytes.len()).ok()?, media })
    }
}

/// SHA-256 over the bytes of a file; as text 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash([u8; 32]);

/// A kind of file that browsers show and that holds no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Media {
    /// A photo.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// A drawing or a picture of a screen.
    #[serde(rename = "image/png")]
    Png,
    /// Either.
    #[serde(rename = "image/webp")]
    Webp,
}

impl Media {
    /// The name by which it is sent and stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// The text is not the hash of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoHash;

impl ContentHash {
    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The hash itself.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for ContentHash {
    fn from(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl std::fmt::Display for NoHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("64 lower-case hex digits are wanted")
    }
}

impl std::fmt::Display for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

/// One form only, so that a content has one name.
impl std::str::FromStr for ContentHash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(NoHash),
        };
        let mut hash = [0; 32];
        if text.len() != 2 * hash.len() {
            return Err(NoHash);
        }
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(hash))
    }
}

impl TryFrom<String> for ContentHash {
    type Error = NoHash;
    fn try_from(text: String) -> Result<Self, NoHash> {
        text.parse()
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_string()
    }
}
