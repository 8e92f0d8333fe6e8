//! A file that the person chose, read in slices so that the page stays alive; and its bytes as text.

use gloo_file::File;
use gloo_file::futures::read_as_bytes;
use web_sys::TextDecoder;

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

/// The text of bytes in an encoding of the Encoding Standard; what means nothing becomes U+FFFD. Empty if the browser has no room for it.
#[must_use]
pub fn text(bytes: &[u8], label: &str) -> String {
    TextDecoder::new_with_label(label).and_then(|decoder| decoder.decode_with_u8_array(bytes)).unwrap_or_default()
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::text;
    use shared::customers::import::{Encoding, by_tables};
    use wasm_bindgen_test::wasm_bindgen_test;

    /// Big5 for Ê and ê with macron or caron, the only pairs that mean two characters each: Chromium reads them wrong, and no name holds them.
    const CHROMIUM_ERRS: [[u8; 2]; 4] = [[0x88, 0x62], [0x88, 0x64], [0x88, 0xA3], [0x88, 0xA5]];

    /// Every pair of bytes and every kind of GB18030's four, between letters: what is known, what is not, and what is broken off.
    fn all_pairs() -> Vec<u8> {
        let pairs = (0x80..=0xFF_u8).flat_map(|lead| (0x20..=0xFF_u8).map(move |trail| [lead, trail]));
        let pairs = pairs.filter(|pair| !CHROMIUM_ERRS.contains(pair)).flat_map(|[lead, trail]| [b'a', lead, trail, b'z']);
        let fours = (0x81..=0xFE_u8).flat_map(|one| (0x81..=0xFE_u8).flat_map(move |three| [one, 0x30 + one % 10, three, 0x39, b'z']));
        pairs.chain(fours).collect()
    }

    #[wasm_bindgen_test]
    fn a2_the_browser_reads_bytes_as_the_tables_of_the_tests_do() {
        let bytes = all_pairs();
        for encoding in Encoding::ALL {
            let (browser, tables) = (text(&bytes, encoding.label()), by_tables(&bytes, encoding));
            let first = browser.chars().zip(tables.chars()).position(|(one, other)| one != other);
            assert_eq!((first, browser.len()), (None, tables.len()), "{encoding:?}");
        }
    }
}
