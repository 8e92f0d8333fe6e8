//! Spreadsheets among the files that people choose: which kind they are by their bytes, and how their cells go on as text.
//!
//! The reading itself is heavy and stands outside of the first download (`app/clerk`). What it gives is the text of one sheet as a [`super::Sheet`]
//! reads it, one line for each of its rows, so that everything behind it is the same for every kind of file.

use super::Refusal;

/// Stands in the text for a formula whose result the file does not hold: a character that no text has.
pub const NO_RESULT: &str = "\u{FDD0}";
/// Stands in the text for an error of the spreadsheet's (`#N/A`).
pub const ERROR_VALUE: &str = "\u{FDD1}";

const ARCHIVE: &[u8] = b"PK\x03\x04";
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Whether the bytes are to be opened as a workbook (an archive, as XLSX files are) instead of as text.
///
/// # Errors
/// [`Refusal::Locked`] for a workbook with a password, [`Refusal::OtherSpreadsheet`] for one in the form before XLSX, [`Refusal::Binary`] for another
/// document of that time.
pub fn is_workbook(bytes: &[u8]) -> Result<bool, Refusal> {
    if bytes.starts_with(COMPOUND) {
        let holds = |name: &str| {
            let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            memchr::memmem::find(bytes, &name).is_some()
        };
        return Err(match () {
            () if holds("EncryptedPackage") => Refusal::Locked,
            () if holds("Workbook") || holds("Book") => Refusal::OtherSpreadsheet,
            () => Refusal::Binary,
        });
    }
    Ok(bytes.starts_with(ARCHIVE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compound(names: &[&str]) -> Vec<u8> {
        let directory = names.iter().flat_map(|name| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        COMPOUND.iter().copied().chain([0; 504]).chain(directory).collect()
    }

    #[test]
    fn a2_a_workbook_is_told_from_a_text_and_what_cannot_be_read_says_why() {
        assert_eq!(is_workbook(b"PK\x03\x04\x14\0"), Ok(true));
        assert_eq!(is_workbook("姓名,手機\n".as_bytes()), Ok(false));
        assert_eq!(is_workbook(b""), Ok(false));
        assert_eq!(is_workbook(&compound(&["Root Entry", "EncryptionInfo", "EncryptedPackage"])), Err(Refusal::Locked));
        assert_eq!(is_workbook(&compound(&["Root Entry", "Workbook"])), Err(Refusal::OtherSpreadsheet));
        assert_eq!(is_workbook(&compound(&["Root Entry", "WordDocument"])), Err(Refusal::Binary));
    }
}
