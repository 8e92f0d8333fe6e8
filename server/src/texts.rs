//! Texts for people outside: guests who open the link of an invitation, and messages to them (docs/decisions/0018-texts-on-the-server.md).
//! Typed functions made by build.rs from texts/*.toml; the language comes first, for the server speaks with many at once.
//!
//! Deliberately absent: texts for those who work with the app. To it the server says codes, and the app has the words.

/// The languages of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// Traditional Chinese.
    ZhHant,
    /// Simplified Chinese.
    ZhHans,
    /// English.
    En,
}

impl From<shared::settings::Language> for Language {
    fn from(language: shared::settings::Language) -> Self {
        match language {
            shared::settings::Language::ZhHant => Self::ZhHant,
            shared::settings::Language::ZhHans => Self::ZhHans,
            shared::settings::Language::En => Self::En,
        }
    }
}

const fn choose(language: Language, texts: [&'static str; 3]) -> &'static str {
    let [zh_hant, zh_hans, en] = texts;
    match language {
        Language::ZhHant => zh_hant,
        Language::ZhHans => zh_hans,
        Language::En => en,
    }
}

include!(concat!(env!("OUT_DIR"), "/texts.rs"));
