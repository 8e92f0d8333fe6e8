//! Phone numbers in E.164 form (ITU-T E.164: at most 15 digits, with the country's code).

use serde::{Deserialize, Serialize};

/// A phone number: `+` and 7 to 15 digits. Debug hides it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// The text is not a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPhone;

impl std::fmt::Display for NotAPhone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a phone number")
    }
}

/// The country whose local numbers are meant when no country code is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Country {
    /// Taiwan, +886, trunk prefix 0.
    Tw,
    /// Mainland China, +86, trunk prefix 0 for land lines, none for mobiles.
    Cn,
    /// Hong Kong, +852, no trunk prefix, eight digits.
    Hk,
}

impl Phone {
    /// Reads what people write: full-width digits, spaces, dashes, brackets, dots, `00` or `+` before the country,
    /// an extension after `#` or `ext` (dropped, it is not part of E.164).
    ///
    /// # Errors
    /// [`NotAPhone`] if letters remain, or the number of digits fits no number of the country.
    pub fn parse(text: &str, home: Country) -> Result<Self, NotAPhone> {
        let mut digits = String::with_capacity(16);
        let mut international = false;
        for c in text.trim().chars() {
            match c {
                '0'..='9' => digits.push(c),
                '０'..='９' => digits.push(char::from(b'0' + (c as u32 - '０' as u32) as u8)),
                '+' | '＋' if digits.is_empty() && !international => international = true,
                '#' | '＃' | 'x' | 'X' | ',' | ';' | '轉' | '转' if digits.len() >= 7 => break,
                'e' | 'E' if digits.len() >= 7 => break,
                ' ' | '\u{3000}' | '\u{a0}' | '-' | '－' | '–' | '—' | '‐' | '‑' | '−' | '(' | ')' | '（' | '）' | '.' | '/' | '\'' | '\u{202d}'
                | '\u{202c}' | '\u{200e}' | '\t' => {}
                _ => return Err(NotAPhone),
            }
            if digits.len() > 18 {
                return Err(NotAPhone);
            }
        }
        if !international && let Some(rest) = digits.strip_prefix("00") {
            digits = rest.to_owned();
            international = true;
        }
        let e164 = if international { strip_trunk(&digits) } else { home.complete(&digits).ok_or(NotAPhone)? };
        Self::try_from(format!("+{e164}"))
    }

    /// The number in E.164 form, for dialling.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// Whether a text message can reach it: no land line of Taiwan, the mainland or Hong Kong. Of numbers elsewhere nobody knows.
    #[must_use]
    pub fn may_take_texts(&self) -> bool {
        let national = |code: &str| self.0.strip_prefix(code).and_then(|rest| rest.chars().next());
        match (national("+886"), national("+852"), national("+86")) {
            (Some(first), ..) => first == '9',
            (_, Some(first), _) => !matches!(first, '2' | '3'),
            (.., Some(first)) => first == '1' && self.0.len() == 14,
            _ => true,
        }
    }

    /// What others may see: the last three digits.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("•••{}", &self.0[self.0.len().saturating_sub(3)..])
    }
}

impl Country {
    fn complete(self, digits: &str) -> Option<String> {
        // Somebody may have left out the plus: 886 912 345 678.
        for (code, lengths) in [("886", 8..=9), ("852", 8..=8), ("86", 10..=11)] {
            if let Some(rest) = digits.strip_prefix(code)
                && lengths.contains(&rest.len())
                && digits.len() > 10
            {
                return Some(format!("{code}{rest}"));
            }
        }
        let national = digits.strip_prefix('0').unwrap_or(digits);
        match self {
            Self::Tw if (8..=9).contains(&national.len()) => Some(format!("886{national}")),
            Self::Hk if digits.len() == 8 => Some(format!("852{digits}")),
            Self::Cn if (9..=11).contains(&national.len()) => Some(format!("86{national}")),
            // A mobile of the mainland has eleven digits beginning with 1; nobody else's has.
            _ if digits.len() == 11 && digits.starts_with('1') => Some(format!("86{digits}")),
            _ => None,
        }
    }
}

/// `+886 0912…` is often written though the 0 must be dropped after the country code.
fn strip_trunk(digits: &str) -> String {
    for code in ["886", "86"] {
        if let Some(rest) = digits.strip_prefix(code).and_then(|rest| rest.strip_prefix('0')) {
            return format!("{code}{rest}");
        }
    }
    digits.to_owned()
}

impl TryFrom<String> for Phone {
    type Error = NotAPhone;

    fn try_from(text: String) -> Result<Self, NotAPhone> {
        let digits = text.strip_prefix('+').ok_or(NotAPhone)?;
        let plausible = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if plausible { Ok(Self(text)) } else { Err(NotAPhone) }
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phone(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, home: Country, expected: Option<&str>) {
        assert_eq!(Phone::parse(text, home).ok().as_ref().map(Phone::e164), expected, "{text:?} at home in {home:?}");
    }

    #[test]
    fn a2_numbers_as_people_write_them_become_one_form() {
        for text in
            ["0912-345-678", "０９１２３４５６７８", "+886 912 345 678", "+886 (0)912345678", "00886912345678", "886912345678", "(09) 1234.5678"]
        {
            check(text, Country::Tw, Some("+886912345678"));
        }
        check("02-2345-6789 #123", Country::Tw, Some("+886223456789"));
        check("+852 9123 4567", Country::Tw, Some("+85291234567"));
        check("9123 4567", Country::Hk, Some("+85291234567"));
        check("138 0013 8000", Country::Cn, Some("+8613800138000"));
        check("13800138000", Country::Tw, Some("+8613800138000"));
        check("+86 138-0013-8000", Country::Tw, Some("+8613800138000"));
        check("010-6552 9988", Country::Cn, Some("+861065529988"));
    }

    #[test]
    fn b7_a_land_line_takes_no_text_messages() {
        for (number, expected) in [
            ("+886912345678", true),
            ("+886223456789", false),
            ("+85291234567", true),
            ("+85223456789", false),
            ("+8613800138000", true),
            ("+861065529988", false),
            ("+442079460123", true),
        ] {
            assert_eq!(Phone::parse(number, Country::Tw).expect("a number").may_take_texts(), expected, "{number}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "abc", "123", "+", "0912345678901234567890", "王小明", "+0912345678"] {
            check(text, Country::Tw, None);
        }
    }

    #[test]
    fn a_masked_number_shows_three_digits_only() {
        let phone = Phone::parse("0912345678", Country::Tw).expect("valid");
        assert_eq!(phone.masked(), "•••678");
        assert!(!format!("{phone:?}").contains("678"), "debug output goes to logs");
    }
}
