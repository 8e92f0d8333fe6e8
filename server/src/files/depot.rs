//! Where the bytes of files lie: whole ones under their hash, parts of others under who sends them. The store of objects makes each of them
//! appear at once and durably (fsync), so that whatever is found is whole.
//!
//! Laws: a whole file has the hash that is its name, and never changes. Nobody's parts are mixed with somebody else's.

use axum::body::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt, PutPayload};
use sha2::{Digest, Sha256};
use shared::Unavailable;
use shared::files::ContentHash;
use shared::ids::{OrgId, UserId};
use shared::sync::files::Holding;
use shared::time::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_stream::StreamExt;

/// The place of all files. Cheap to clone. Several servers may share it.
#[derive(Clone, Debug)]
pub struct Depot {
    objects: Arc<dyn ObjectStore>,
}

/// The folder cannot be used.
#[derive(Debug)]
pub struct DepotError(PathBuf, String);

/// Who sends a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender {
    pub(crate) org: OrgId,
    pub(crate) user: UserId,
}

impl std::fmt::Display for DepotError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot use the folder of files {}: {}; give another with --files", self.0.display(), self.1)
    }
}

impl Depot {
    /// Opens a folder, and makes it if it is not there.
    ///
    /// # Errors
    /// [`DepotError`].
    pub fn open(folder: &std::path::Path) -> Result<Self, DepotError> {
        let failed = |error: &dyn std::fmt::Display| DepotError(folder.to_owned(), error.to_string());
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(&error))?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects) })
    }

    /// What is here of a content.
    pub(crate) async fn holding(&self, sender: Sender, hash: ContentHash) -> Result<Holding, Unavailable> {
        if self.has(sender.org, hash).await? {
            return Ok(Holding::Whole);
        }
        let parts = self.parts(sender, hash).await?;
        Ok(Holding::Parts(parts.last().map_or(0, |part| part.to)))
    }

    /// Keeps a part, durably.
    pub(crate) async fn keep(&self, sender: Sender, hash: ContentHash, from: u32, bytes: Bytes) -> Result<(), Unavailable> {
        let place = parts_of(sender, hash).join(format!("{from:010}"));
        self.objects.put(&place, PutPayload::from_bytes(bytes)).await.map(drop).map_err(unavailable)
    }

    /// Puts the parts together, with the last one if it need not lie there by itself first. Gives whether they have the name;
    /// whatever comes of it, they are not needed any more.
    pub(crate) async fn finish(&self, sender: Sender, hash: ContentHash, last: Option<Bytes>) -> Result<bool, Unavailable> {
        let parts = self.parts(sender, hash).await?;
        let mut bytes = Vec::new();
        for part in &parts {
            bytes.push(self.objects.get(&part.place).await.map_err(unavailable)?.bytes().await.map_err(unavailable)?);
        }
        bytes.extend(last);
        self.place(sender, hash, bytes, parts).await
    }

    /// Takes a file that came whole. Gives whether the bytes have the name; parts that came before are not needed any more.
    pub(crate) async fn take_whole(&self, sender: Sender, hash: ContentHash, bytes: Bytes) -> Result<bool, Unavailable> {
        let parts = self.parts(sender, hash).await?;
        self.place(sender, hash, vec![bytes], parts).await
    }

    async fn place(&self, sender: Sender, hash: ContentHash, bytes: Vec<Bytes>, parts: Vec<Part>) -> Result<bool, Unavailable> {
        let mut hasher = Sha256::new();
        bytes.iter().for_each(|bytes| hasher.update(bytes));
        let good = ContentHash::from(<[u8; 32]>::from(hasher.finalize())) == hash;
        if good {
            self.objects.put(&whole(sender.org, hash), PutPayload::from_iter(bytes)).await.map_err(unavailable)?;
        }
        for part in parts {
            self.forget(&part.place).await?;
        }
        Ok(good)
    }

    /// Whether a whole file is here.
    pub(crate) async fn has(&self, org: OrgId, hash: ContentHash) -> Result<bool, Unavailable> {
        match self.objects.head(&whole(org, hash)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// A whole file.
    pub(crate) async fn whole(&self, org: OrgId, hash: ContentHash) -> Result<Option<Bytes>, Unavailable> {
        match self.objects.get(&whole(org, hash)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(unavailable),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Throws away parts that came before a time.
    pub(crate) async fn forget_parts(&self, before: Timestamp) -> Result<(), Unavailable> {
        let mut parts = self.objects.list(Some(&Path::from("parts")));
        while let Some(part) = parts.next().await {
            let part = part.map_err(unavailable)?;
            if part.last_modified < before {
                self.forget(&part.location).await?;
            }
        }
        Ok(())
    }

    /// The parts from the beginning to the first hole. A part that was sent twice in other lengths may lie over its successor, which then
    /// does not count.
    async fn parts(&self, sender: Sender, hash: ContentHash) -> Result<Vec<Part>, Unavailable> {
        let found: Vec<ObjectMeta> = self.objects.list(Some(&parts_of(sender, hash))).collect::<Result<_, _>>().await.map_err(unavailable)?;
        let mut found: Vec<Part> = found.into_iter().filter_map(Part::of).collect();
        found.sort_unstable_by_key(|part| part.from);
        let mut reached = 0;
        found.retain(|part| {
            let follows = part.from == reached;
            if follows {
                reached = part.to;
            }
            follows
        });
        Ok(found)
    }

    /// What somebody else has forgotten already is no failure.
    async fn forget(&self, place: &Path) -> Result<(), Unavailable> {
        match self.objects.delete(place).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }
}

struct Part {
    from: u32,
    to: u32,
    place: Path,
}

impl Part {
    fn of(found: ObjectMeta) -> Option<Self> {
        let from: u32 = found.location.filename()?.parse().ok()?;
        let to = from.checked_add(u32::try_from(found.size).ok()?)?;
        Some(Self { from, to, place: found.location })
    }
}

fn whole(org: OrgId, hash: ContentHash) -> Path {
    let hash = hash.to_string();
    Path::from(format!("whole/{org}/{}/{hash}", &hash[..2]))
}

fn parts_of(Sender { org, user }: Sender, hash: ContentHash) -> Path {
    Path::from(format!("parts/{org}/{user}/{hash}"))
}

/// Its texts name places, which are ids and hashes.
fn unavailable(error: Error) -> Unavailable {
    Unavailable(error.to_string())
}
