//! Whether an archive may be opened as a workbook: what it says of itself, and what really comes out of it.
//!
//! Law: what passes here unpacks to at most [`MOST_UNPACKED`], and no number in it makes a reader reserve more memory than its own bytes would.

use shared::customers::import::Refusal;
use std::io::{Cursor, Read};
use zip::{CompressionMethod, ZipArchive};

/// Most parts of a workbook: sheets, their drawings, pictures.
const MOST_PARTS: usize = 2_000;
/// Most that all parts unpack to, in bytes.
pub(crate) const MOST_UNPACKED: u64 = 192 << 20;
/// How many times smaller than itself a part may be packed, if it is larger than [`SMALL`]: cells of a list reach a tenth of it.
const MOST_RATIO: u64 = 250;
const SMALL: u64 = 1 << 20;
/// Most texts that a workbook may announce: a reader makes room for them before it has seen one.
const MOST_TEXTS: u64 = 2_000_000;

/// Refuses what is no workbook, what is broken, and what would unpack to too much.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Refusal> {
    // Counted before the directory is read, which takes memory and time for each.
    if memchr::memmem::find_iter(bytes, b"PK\x01\x02").take(MOST_PARTS + 1).count() > MOST_PARTS {
        return Err(Refusal::TooLargeInside { max: MOST_UNPACKED });
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Broken)?;
    if archive.len() > MOST_PARTS {
        return Err(Refusal::TooLargeInside { max: MOST_UNPACKED });
    }
    what_it_is(&archive)?;
    declared(&mut archive)?;
    unpacked(&mut archive)
}

fn what_it_is(archive: &ZipArchive<Cursor<&[u8]>>) -> Result<(), Refusal> {
    let names = archive.file_names().map(|name| Ok(name.map_err(|_| Refusal::Broken)?.replace('\\', "/")));
    let names: Vec<String> = names.collect::<Result<_, Refusal>>()?;
    let has = |part: &str| names.iter().any(|name| name.trim_start_matches('/').eq_ignore_ascii_case(part));
    match () {
        () if has("xl/workbook.bin") || has("content.xml") || has("Index/Document.iwa") => Err(Refusal::OtherSpreadsheet),
        () if has("_rels/.rels") && has("[Content_Types].xml") && !has("word/document.xml") && !has("ppt/presentation.xml") => Ok(()),
        () => Err(Refusal::Binary),
    }
}

/// What the directory says: enough for every honest bomb.
fn declared(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), Refusal> {
    let mut all: u64 = 0;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_| Refusal::Broken)?;
        if part.encrypted() {
            return Err(Refusal::Locked);
        }
        if !matches!(part.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(Refusal::Broken);
        }
        all = all.saturating_add(part.size());
        let swells = part.size() > SMALL && part.size() / MOST_RATIO > part.compressed_size();
        if swells || all > MOST_UNPACKED {
            return Err(Refusal::TooLargeInside { max: MOST_UNPACKED });
        }
    }
    Ok(())
}

/// What comes out of the parts that are read, whatever was declared.
fn unpacked(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), Refusal> {
    let mut content = Vec::new();
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| Refusal::Broken)?;
        let name = part.name().map_err(|_| Refusal::Broken)?.to_ascii_lowercase();
        if ![".xml", ".rels"].iter().any(|ending| name.ends_with(ending)) {
            continue;
        }
        let size = part.size();
        content.clear();
        // Never more than was declared, whatever is packed; on less the checksum fails.
        part.take(size + 1).read_to_end(&mut content).map_err(|_| Refusal::Broken)?;
        if content.len() as u64 > size {
            return Err(Refusal::Broken);
        }
        // UTF-16 would hide what is looked for below; spreadsheets write UTF-8.
        if memchr::memchr(0, &content).is_some() || highest(&content, b"uniqueCount") > MOST_TEXTS {
            return Err(Refusal::Broken);
        }
    }
    Ok(())
}

/// The highest number of an attribute, wherever it stands.
fn highest(xml: &[u8], attribute: &[u8]) -> u64 {
    let number = |at: usize| {
        let rest = xml[at + attribute.len()..].iter().skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\'' | b'+'));
        rest.take_while(|byte| byte.is_ascii_digit()).fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    };
    memchr::memmem::find_iter(xml, attribute).map(number).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::tests::{parts, refusal, zip};
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    #[test]
    fn a2_a_bomb_is_refused_by_what_it_declares() {
        // 180 MB of nothing in 180 KB.
        let zeros = vec![b' '; 180 << 20];
        let bomb = zip(&[parts("", "").as_slice(), &[("xl/media/x.xml", &zeros)]].concat());
        assert!(bomb.len() < 1 << 20);
        assert_eq!(refusal(&bomb), Refusal::TooLargeInside { max: MOST_UNPACKED });
        // Many that are small enough one by one.
        let noise: Vec<u8> = (0..4_u32 << 20).map(|n| b'a' + (n.wrapping_mul(2_654_435_761) >> 28) as u8).collect();
        let names: Vec<String> = (0..50).map(|n| format!("xl/worksheets/sheet{n}.xml")).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), noise.as_slice())).collect();
        assert_eq!(refusal(&zip(&[parts("", "").as_slice(), &many].concat())), Refusal::TooLargeInside { max: MOST_UNPACKED });
        let names: Vec<String> = (0..=MOST_PARTS).map(|n| format!("xl/{n}.xml")).collect();
        let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"<x/>".as_slice())).collect();
        assert_eq!(refusal(&zip(&parts)), Refusal::TooLargeInside { max: MOST_UNPACKED });
    }

    #[test]
    fn a2_a_bomb_that_lies_about_its_size_is_refused_when_it_swells() {
        let zeros = vec![b' '; 64 << 20];
        let honest = zip(&[parts("", "").as_slice(), &[("xl/worksheets/x.xml", &zeros)]].concat());
        let size = u32::try_from(zeros.len()).expect("small").to_le_bytes();
        let mut lying = honest;
        // In the local header and in the directory.
        while let Some(at) = memchr::memmem::find(&lying, &size) {
            lying[at..at + 4].copy_from_slice(&1_000_u32.to_le_bytes());
        }
        assert_eq!(refusal(&lying), Refusal::Broken);
    }

    #[test]
    fn a2_numbers_that_would_take_all_memory_are_refused() {
        for count in ["4294967295", "18446744073709551615", "99999999999999999999999"] {
            let strings = format!("<sst uniqueCount = '{count}'><si><t>x</t></si></sst>");
            assert_eq!(refusal(&zip(&[parts("", "").as_slice(), &[("xl/sharedStrings.xml", strings.as_bytes())]].concat())), Refusal::Broken);
        }
        let hidden: Vec<u8> = "<sst uniqueCount=\"4294967295\"></sst>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(refusal(&zip(&[parts("", "").as_slice(), &[("xl/sharedStrings.xml", hidden.as_slice())]].concat())), Refusal::Broken);
    }

    #[test]
    fn a2_other_archives_and_documents_are_told_apart() {
        assert_eq!(refusal(&zip(&[("photo.jpg", b"x")])), Refusal::Binary);
        assert_eq!(refusal(&zip(&[("[Content_Types].xml", b"<x/>"), ("_rels/.rels", b"<x/>"), ("word/document.xml", b"<x/>")])), Refusal::Binary);
        let opened = zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<x/>")]);
        assert_eq!(refusal(&opened), Refusal::OtherSpreadsheet);
        assert_eq!(refusal(&zip(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.bin", b"x")])), Refusal::OtherSpreadsheet);
        assert_eq!(refusal(b"PK\x03\x04"), Refusal::Broken);
    }

    #[test]
    fn a2_a_locked_archive_asks_for_its_password() {
        let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts("", "") {
            packed.start_file(name, SimpleFileOptions::default()).expect("in memory");
            packed.write_all(content).expect("in memory");
        }
        let mut locked = packed.finish().expect("in memory").into_inner();
        // The first bit of the flags, in the local headers and in the directory.
        for (mark, at) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
            let found: Vec<usize> = memchr::memmem::find_iter(&locked, mark).collect();
            found.into_iter().for_each(|header| locked[header + at] |= 1);
        }
        assert_eq!(refusal(&locked), Refusal::Locked);
    }
}
