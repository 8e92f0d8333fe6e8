//! One form for what people write in many: full-width and half-width, capitals, traditional and simplified hanzi, accents.
//!
//! Law: folding is character by character and idempotent, so a part of a text folds to a part of the folded text.
//! The table of hanzi is one-to-one on purpose (18 KB, 9 KB after brotli): a conversion by words (乾坤 / 乾淨) would break that law.

use std::sync::LazyLock;

/// Groups of hanzi that count as one: the form folded to, then the others. Made from the table of the crate `fast2s` (MIT licence, Tyr Chen)
/// with the variants usual in names added (峯 羣 溫 臺 …).
const GROUPS: &str = include_str!("hanzi.txt");
const FIRST: usize = 0x3400;
const LAST: usize = 0x9FFF;

static HANZI: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let mut table: Box<[u16]> = (FIRST..=LAST).map(|c| u16::try_from(c).expect("LAST fits u16")).collect();
    for group in GROUPS.split_whitespace() {
        let mut hanzi = group.chars().map(|c| c as usize);
        if let Some(to) = hanzi.next() {
            hanzi.for_each(|from| table[from - FIRST] = u16::try_from(to).expect("the table holds hanzi of the basic plane only"));
        }
    }
    table
});

/// The form of a character that is compared; none if it does not count (dashes, apostrophes, brackets, control characters).
pub(crate) fn fold(c: char) -> Option<char> {
    match c {
        'a'..='z' | '0'..='9' => Some(c),
        // Before what is rare: nearly everything is one of these two.
        '\u{3400}'..='\u{9FFF}' => char::from_u32(u32::from(HANZI[c as usize - FIRST])),
        'A'..='Z' => Some(c.to_ascii_lowercase()),
        '-'
        | '\''
        | '('
        | ')'
        | '+'
        | '\u{ad}'
        | '\u{b7}'
        | '‐'..='―'
        | '‘'..='‟'
        | '•'
        | '‧'
        | '・'
        | '•'..='‣'
        | '\u{200b}'..='\u{200f}'
        | '\u{fe0f}'
        | '\u{feff}' => None,
        '\u{3000}' => Some(' '),
        '！'..='～' => fold(char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)),
        _ if c.is_whitespace() => Some(' '),
        _ if c.is_control() => None,
        _ => c.to_lowercase().next().map(without_accent),
    }
}

/// A whole text folded; white space runs become one space, and none stays at the ends or between two hanzi.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    fold_into(text, &mut out);
    String::from_utf8(out).expect("characters were pushed whole")
}

/// Appends the same to bytes: an index of very many texts makes no text of its own for each.
pub(super) fn fold_into(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    let (mut space, mut after_hanzi) = (false, false);
    for c in text.chars().filter_map(fold) {
        if c == ' ' {
            space = true;
            continue;
        }
        let hanzi = is_hanzi(c);
        if space && out.len() > start && !(after_hanzi && hanzi) {
            out.push(b' ');
        }
        (space, after_hanzi) = (false, hanzi);
        push_utf8(c, out);
    }
}

/// Appends a character.
pub(super) fn push_utf8(c: char, out: &mut Vec<u8>) {
    if c.is_ascii() {
        out.push(c as u8);
    } else {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Whether a character is a hanzi.
#[must_use]
pub const fn is_hanzi(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn without_accent(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' => 'a',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ' | 'ẻ' => 'e',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ǐ' | 'ị' => 'i',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ǒ' | 'ọ' | 'ỏ' => 'o',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ǔ' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' | 'ụ' | 'ủ' => 'u',
        'ç' | 'ć' | 'č' => 'c',
        'ñ' | 'ń' | 'ň' | 'ǹ' => 'n',
        'ś' | 'š' | 'ş' => 's',
        'ź' | 'ż' | 'ž' => 'z',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_scripts_and_usual_variants_become_one() {
        for (one, other) in [("張偉強", "张伟强"), ("臺灣", "台湾"), ("溫峯", "温峰"), ("瀋陽", "沈阳"), ("鍾鐘", "钟钟"), ("蘇小姐", "苏小姐")]
        {
            assert_eq!(folded(one), folded(other));
        }
        assert_ne!(folded("喆"), folded("哲"), "two different names");
    }

    #[test]
    fn width_case_accents_and_spaces_do_not_count() {
        assert_eq!(folded("ＡＢＣ　０９１２－３"), "abc 09123");
        assert_eq!(folded("  Zēng  Lǘ "), "zeng lu");
        assert_eq!(folded("王　小 明"), "王小明");
        assert_eq!(folded("Mary-Ann O’Hara"), "maryann ohara");
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for c in (0..=0x3_FFFF).filter_map(char::from_u32) {
            if let Some(once) = fold(c) {
                assert_eq!(fold(once), Some(once), "{c:?}");
            }
        }
    }
}
