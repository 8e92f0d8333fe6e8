//! What separates the cells of a row: the character that cuts the first rows into the same number of cells, quotes respected.

use super::sheet::{Cursor, parse};
use serde::{Deserialize, Serialize};

/// A separator of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say which character")]
pub enum Delimiter {
    Comma,
    Semicolon,
    Tab,
    Pipe,
}

/// How many rows are tried.
const ROWS: usize = 50;

impl Delimiter {
    /// All of them, the usual ones first.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Tab, Self::Semicolon, Self::Pipe];

    /// The character.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }

    /// The delimiter that fits best; a comma if there is one column only.
    #[must_use]
    pub fn guess(text: &str) -> Self {
        let mut best = (0, Self::Comma);
        for delimiter in Self::ALL {
            let fit = delimiter.fit(text);
            if fit > best.0 {
                best = (fit, delimiter);
            }
        }
        best.1
    }

    /// Thousandths of the rows that have as many cells as the header, a little more for more cells; 0 where nothing is separated.
    fn fit(self, text: &str) -> usize {
        let mut cursor = Cursor::default();
        let rows = std::iter::from_fn(|| parse(text, self.byte(), &mut cursor)).filter(|row| !row.is_empty());
        let counts: Vec<usize> = rows.take(ROWS).map(|row| row.cells.len()).collect();
        let Some(first) = counts.first().copied().filter(|first| *first > 1) else { return 0 };
        let same = counts.iter().filter(|count| **count == first).count();
        // Ragged rows lack cells at the end; they speak for the delimiter as long as they have some.
        let ragged = counts.iter().filter(|count| **count > 1 && **count != first).count();
        (same * 1_000 + ragged * 400) / counts.len() + first.min(20) * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Delimiter) {
        assert_eq!(Delimiter::guess(text), expected, "{text:?}");
    }

    #[test]
    fn a2_the_delimiter_is_found_by_itself() {
        check("姓名,手機\n王,1\n李,2\n", Delimiter::Comma);
        check("姓名;手機\n王;1\n李;2\n", Delimiter::Semicolon);
        check("姓名\t手機\n王\t1\n", Delimiter::Tab);
        check("姓名|手機|標籤\n王|1|a\n", Delimiter::Pipe);
        check("姓名\n王\n", Delimiter::Comma);
        check("", Delimiter::Comma);
    }

    #[test]
    fn a2_other_delimiters_inside_cells_do_not_mislead() {
        check("姓名;地址\n王;\"台北市, 信義路, 5段\"\n李;\"台中市, 一路\"\n", Delimiter::Semicolon);
        check("姓名,標籤\n王,a;b;c\n李,d;e\n", Delimiter::Comma);
        check("姓名\t電話\n王\t1,2\n李\t3,4\n", Delimiter::Tab);
        check("姓名,備註\n王,\"一\n二;三\"\n李,x\n", Delimiter::Comma);
    }
}
