//! Phones as people write them.

use shared::phone::{Country, Phone};

/// A phone as people at home read it: `0912 345 678` rather than `+886912345678`.
#[must_use]
pub fn spoken(phone: &Phone) -> String {
    let e164 = phone.e164();
    let grouped = |prefix: &str, digits: &str, sizes: &[usize]| {
        let mut out = prefix.to_owned();
        let mut rest = digits;
        for size in sizes {
            let (head, tail) = rest.split_at((*size).min(rest.len()));
            if !out.is_empty() && out != "0" && out != "+" && !head.is_empty() {
                out.push(' ');
            }
            out.push_str(head);
            rest = tail;
        }
        out + rest
    };
    if let Some(digits) = e164.strip_prefix("+886") {
        if digits.starts_with('9') { grouped("0", digits, &[3, 3, 3]) } else { grouped("0", digits, &[1, 4, 4]) }
    } else if let Some(digits) = e164.strip_prefix("+852") {
        grouped("+852", digits, &[4, 4])
    } else if let Some(digits) = e164.strip_prefix("+86") {
        grouped("+86", digits, &[3, 4, 4])
    } else {
        e164.to_owned()
    }
}

/// The phone in what was pasted, which may have words around it: `手機:0912-345-678(王)`.
#[must_use]
pub fn phone_in(text: &str, home: Country) -> Option<Phone> {
    if let Ok(phone) = Phone::parse(text, home) {
        return Some(phone);
    }
    let belongs = |c: char| c.is_ascii_digit() || ('\u{ff10}'..='\u{ff19}').contains(&c) || matches!(c, '+' | '\u{ff0b}');
    let start = text.find(belongs)?;
    let end = text.rfind(belongs)?;
    let end = end + text[end..].chars().next().map_or(0, char::len_utf8);
    Phone::parse(&text[start..end], home).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_messy_paste_gives_the_phone() {
        for text in ["手機:0912-345-678", "0912 345 678(王小明)", "０９１２３４５６７８", "TEL +886 912 345 678"] {
            assert_eq!(phone_in(text, Country::Tw).as_ref().map(Phone::e164), Some("+886912345678"), "{text}");
        }
        assert_eq!(phone_in("王小明", Country::Tw), None);
    }

    #[test]
    fn a_phone_is_shown_as_it_is_spoken_and_read_back_the_same() {
        for (e164, text) in [
            ("+886912345678", "0912 345 678"),
            ("+886223456789", "02 2345 6789"),
            ("+85291234567", "+852 9123 4567"),
            ("+8613800138000", "+86 138 0013 8000"),
        ] {
            let phone = Phone::try_from(e164.to_owned()).expect("valid");
            assert_eq!(spoken(&phone), text);
            assert_eq!(Phone::parse(text, Country::Tw), Ok(phone));
        }
    }
}
