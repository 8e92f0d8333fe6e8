//! A file that the person chose, read in slices so that the page stays alive.

use gloo_file::File;
use gloo_file::futures::read_as_bytes;

/// The browser could not read the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

const SLICE: u64 = 1 << 20;

/// All bytes of a file; `progress` hears how many are read after each slice and says whether to go on. None if it was stopped.
///
/// # Errors
/// [`Unreadable`]: the file was moved, or may not be opened.
pub async fn read(file: &File, mut progress: impl FnMut(u64) -> bool) -> Result<Option<Vec<u8>>, Unreadable> {
    let size = file.size();
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    let mut at = 0;
    while at < size {
        let end = size.min(at + SLICE);
        let slice = file.slice(at, end);
        bytes.extend(read_as_bytes(&slice).await.map_err(|_| Unreadable)?);
        at = end;
        if !progress(at) {
            return Ok(None);
        }
    }
    Ok(Some(bytes))
}
