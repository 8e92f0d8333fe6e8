//! Texts for people: typed functions made by build.rs from texts/*.toml, in the language chosen now.
//!
//! A function without variables is itself a reactive view: `<h1>{t::app::today}</h1>` follows the language at once.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

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

thread_local! {
    static LANGUAGE: ArcRwSignal<Language> = ArcRwSignal::new(Language::ZhHant);
}

/// The language chosen now; tracked where it is read reactively.
#[must_use]
pub fn language() -> Language {
    LANGUAGE.with(|language| language.get())
}

/// Switches the language at once.
pub fn set_language(next: Language) {
    LANGUAGE.with(|language| language.set(next));
}

fn choose(texts: [&'static str; 3]) -> &'static str {
    texts[language() as usize]
}

include!(concat!(env!("OUT_DIR"), "/texts.rs"));
