//! Texts for people: typed functions made by build.rs from texts/*.toml, in the language chosen now.
//!
//! A function without variables is itself a reactive view: `<h1>{t::app::today}</h1>` follows the language at once.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::cell::Cell;

/// The languages of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// Traditional Chinese.
    ZhHant,
    /// Simplified Chinese.
    ZhHans,
    /// English.
    En,
}

impl Language {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::ZhHant, Self::ZhHans, Self::En];

    /// BCP 47 tag, for `lang` and for `Intl`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhHant => "zh-Hant-TW",
            Self::ZhHans => "zh-Hans-CN",
            Self::En => "en",
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::ZhHant => "繁體中文",
            Self::ZhHans => "简体中文",
            Self::En => "English",
        }
    }

    /// The language that a BCP 47 tag asks for; English if it is another one.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        let tag = tag.to_ascii_lowercase();
        if !tag.starts_with("zh") {
            return Self::En;
        }
        let traditional = ["hant", "tw", "hk", "mo"].iter().any(|part| tag.contains(part));
        if traditional { Self::ZhHant } else { Self::ZhHans }
    }
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

impl From<Language> for shared::settings::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::ZhHant => Self::ZhHant,
            Language::ZhHans => Self::ZhHans,
            Language::En => Self::En,
        }
    }
}

thread_local! {
    static LANGUAGE: ArcRwSignal<Language> = ArcRwSignal::new(Language::ZhHant);
    /// While something is written to a guest: the guest's language.
    static SPOKEN: Cell<Option<Language>> = const { Cell::new(None) };
}

/// The language chosen now; tracked where it is read reactively.
#[must_use]
pub fn language() -> Language {
    SPOKEN.get().unwrap_or_else(|| LANGUAGE.with(|language| language.get()))
}

/// Makes texts in a language that is not the one chosen: days and salutations in a text to a guest who reads another one.
pub fn speaking<T>(language: Language, make: impl FnOnce() -> T) -> T {
    let before = SPOKEN.replace(Some(language));
    let made = make();
    SPOKEN.set(before);
    made
}

/// Switches the language at once.
pub fn set_language(next: Language) {
    LANGUAGE.with(|language| language.set(next));
}

fn choose(texts: [&'static str; 3]) -> &'static str {
    texts[language() as usize]
}

include!(concat!(env!("OUT_DIR"), "/texts.rs"));
