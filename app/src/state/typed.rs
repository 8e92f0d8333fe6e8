//! Codes from a reader that types them like a keyboard (clause D1): faster than a person, with Enter at the end.
//!
//! Law: what a person types is never taken for a code, nor taken away from the keys of the page.

/// Keys that come closer than this after each other are not a person's; in milliseconds.
const FASTER_MS: f64 = 50.0;
/// Shorter texts are no codes of ours.
const LEAST: usize = 8;

/// What has come of a code so far.
#[derive(Debug, Default)]
pub struct Typed {
    text: String,
    last_ms: f64,
}

/// What a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A person's, or the first of a code.
    Plain,
    /// A part of a code.
    Part,
    /// The end of a code.
    End(String),
}

impl Typed {
    /// Takes a key as the browser names it, pressed at this moment in milliseconds.
    pub fn press(&mut self, key: &str, now_ms: f64) -> Key {
        // A reader presses it for capital letters.
        if key == "Shift" {
            return Key::Plain;
        }
        let follows = !self.text.is_empty() && now_ms - self.last_ms <= FASTER_MS;
        self.last_ms = now_ms;
        if !follows {
            self.text.clear();
        }
        if key.chars().count() == 1 {
            self.text.push_str(key);
            return if follows { Key::Part } else { Key::Plain };
        }
        let text = std::mem::take(&mut self.text);
        if key == "Enter" && text.chars().count() >= LEAST { Key::End(text) } else { Key::Plain }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(typed: &mut Typed, text: &str, from_ms: f64, each_ms: f64) -> Vec<Key> {
        let keys = text.chars().map(String::from).chain(["Enter".to_owned()]);
        keys.zip(0_u32..).map(|(key, at)| typed.press(&key, f64::from(at).mul_add(each_ms, from_ms))).collect()
    }

    #[test]
    fn d1_a_code_that_a_reader_types_is_heard_whole_and_one_after_the_other() {
        let mut keys = Typed::default();
        for (code, from_ms) in [("HX1.AbCd-9", 0.0), ("HX1.zZ_8x2", 400.0)] {
            let heard = typed(&mut keys, code, from_ms, 4.0);
            assert_eq!(heard.first(), Some(&Key::Plain));
            assert!(heard[1..heard.len() - 1].iter().all(|key| *key == Key::Part));
            assert_eq!(heard.last(), Some(&Key::End(code.to_owned())));
        }
        keys.press("H", 1_000.0);
        keys.press("Shift", 1_002.0);
        assert_eq!(keys.press("X", 1_004.0), Key::Part);
    }

    #[test]
    fn d1_what_a_person_types_is_left_to_the_page() {
        let mut keys = Typed::default();
        assert!(typed(&mut keys, "HX1.AbCd-9", 0.0, 90.0).iter().all(|key| *key == Key::Plain));
        let short = typed(&mut keys, "jk12", 5_000.0, 4.0);
        assert_eq!(short.last(), Some(&Key::Plain), "too short for a code");
        assert_eq!(keys.press("Enter", 9_000.0), Key::Plain);
    }
}
