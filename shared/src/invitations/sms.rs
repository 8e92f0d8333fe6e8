//! How long a text message is (clause B2; 3GPP TS 23.038 and 23.040). One message carries 160 characters of the GSM alphabet or 70 of UCS-2; a longer
//! text is sent in segments of 153 or 67, each of which costs as much as a message. One character outside of the GSM alphabet, hanzi above all, turns the
//! whole text to UCS-2.
//!
//! Law: no character is cut in two: one that takes two places (the GSM extension, an emoji in UTF-16) and does not fit begins the next segment.

/// How long a text message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsLength {
    /// In which alphabet it is sent.
    pub alphabet: Alphabet,
    /// How many messages it costs; none if there is no text.
    pub segments: usize,
    /// How many places are left before it costs one more.
    pub left: usize,
}

/// The alphabet of a text message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// GSM 7 bit: Latin letters, figures, some Greek.
    Gsm,
    /// UCS-2: everything else.
    Ucs2 {
        /// The first character that needs it.
        because_of: char,
    },
}

impl Alphabet {
    const fn alone(self) -> usize {
        match self {
            Self::Gsm => 160,
            Self::Ucs2 { .. } => 70,
        }
    }

    const fn in_parts(self) -> usize {
        match self {
            Self::Gsm => 153,
            Self::Ucs2 { .. } => 67,
        }
    }

    fn places(self, c: char) -> usize {
        match self {
            Self::Gsm => 1 + usize::from(is_extension(c)),
            Self::Ucs2 { .. } => c.len_utf16(),
        }
    }
}

/// Measures a text message.
#[must_use]
pub fn length(text: &str) -> SmsLength {
    let foreign = text.chars().find(|&c| !is_gsm(c) && !is_extension(c));
    let alphabet = foreign.map_or(Alphabet::Gsm, |because_of| Alphabet::Ucs2 { because_of });
    let whole: usize = text.chars().map(|c| alphabet.places(c)).sum();
    if whole <= alphabet.alone() {
        return SmsLength { alphabet, segments: usize::from(whole > 0), left: alphabet.alone() - whole };
    }
    let (mut segments, mut used) = (1, 0);
    for places in text.chars().map(|c| alphabet.places(c)) {
        if used + places > alphabet.in_parts() {
            segments += 1;
            used = 0;
        }
        used += places;
    }
    SmsLength { alphabet, segments, left: alphabet.in_parts() - used }
}

/// The basic table of the GSM alphabet.
const fn is_gsm(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | ' '..='#' | '%'..='?' | 'A'..='Z' | 'a'..='z'
            | '@' | '£' | '$' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Δ' | '_' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ'
            | 'Æ' | 'æ' | 'ß' | 'É' | '¤' | '¡' | 'Ä' | 'Ö' | 'Ñ' | 'Ü' | '§' | '¿' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à'
    )
}

/// The extension table: each is sent as two.
const fn is_extension(c: char) -> bool {
    matches!(c, '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gsm(text: &str) -> (usize, usize) {
        let length = length(text);
        assert_eq!(length.alphabet, Alphabet::Gsm, "{text}");
        (length.segments, length.left)
    }

    fn ucs2(text: &str) -> (usize, usize) {
        let length = length(text);
        assert!(matches!(length.alphabet, Alphabet::Ucs2 { .. }), "{text}");
        (length.segments, length.left)
    }

    #[test]
    fn b2_a_latin_message_has_160_places_and_its_parts_153() {
        assert_eq!(gsm(""), (0, 160));
        assert_eq!(gsm("a"), (1, 159));
        assert_eq!(gsm(&"a".repeat(160)), (1, 0));
        assert_eq!(gsm(&"a".repeat(161)), (2, 145));
        assert_eq!(gsm(&"a".repeat(306)), (2, 0));
        assert_eq!(gsm(&"a".repeat(307)), (3, 152));
    }

    #[test]
    fn b2_one_hanzi_makes_70_places_of_it_and_67() {
        assert_eq!(ucs2(&"字".repeat(70)), (1, 0));
        assert_eq!(ucs2(&"字".repeat(71)), (2, 63));
        assert_eq!(ucs2(&"字".repeat(134)), (2, 0));
        assert_eq!(ucs2(&"字".repeat(135)), (3, 66));
        assert_eq!(ucs2(&format!("{}字", "a".repeat(70))), (2, 63));
        assert_eq!(length("See you, 明天").alphabet, Alphabet::Ucs2 { because_of: '明' });
        assert_eq!(length("it’s").alphabet, Alphabet::Ucs2 { because_of: '’' }, "a curly apostrophe is none of the alphabet");
    }

    #[test]
    fn b2_the_extension_takes_two_places() {
        assert_eq!(gsm(&"€".repeat(80)), (1, 0));
        assert_eq!(gsm(&"€".repeat(81)), (2, 153 - 5 * 2));
        for c in "^{}\\[~]|€".chars() {
            assert_eq!(gsm(&c.to_string()), (1, 158), "{c}");
        }
        for c in "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡AZÄÖÑÜ§¿azäöñüà".chars() {
            assert_eq!(gsm(&c.to_string()), (1, 159), "{c}");
        }
        for c in "`ê\t“".chars() {
            assert_eq!(ucs2(&c.to_string()), (1, 69), "{c}");
        }
    }

    #[test]
    fn b2_what_takes_two_places_is_not_cut_in_two() {
        // 152 letters leave one place, which is too few for the sign.
        assert_eq!(gsm(&format!("{}€{}", "a".repeat(152), "a".repeat(10))), (2, 153 - 12));
        assert_eq!(ucs2(&format!("{}😀{}", "字".repeat(66), "字".repeat(5))), (2, 67 - 7));
        assert_eq!(ucs2(&"😀".repeat(35)), (1, 0));
        assert_eq!(ucs2(&"😀".repeat(36)), (2, 67 - 6), "33 fit into 67 places");
    }

    proptest! {
        #[test]
        fn b2_a_longer_text_never_costs_less(text in "[a€字😀 ]{0,400}", more in "[a€字😀]") {
            let (before, after) = (length(&text), length(&format!("{text}{more}")));
            prop_assert!(after.segments >= before.segments);
            prop_assert!(after.segments * 160 >= text.chars().count() || after.segments > 1);
        }
    }
}
