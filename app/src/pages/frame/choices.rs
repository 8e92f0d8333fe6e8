//! Language and appearance: switched at once, remembered on this browser, the same before and after log-in.

use crate::platform::{document, remembered};
use crate::texts::{self, Language};
use leptos::prelude::*;

/// How light the app is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Appearance {
    /// As the device.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Appearance {
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    const fn theme(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

thread_local! {
    static APPEARANCE: ArcRwSignal<Appearance> = ArcRwSignal::new(Appearance::System);
}

/// The appearance chosen now; tracked.
pub(crate) fn appearance() -> Appearance {
    APPEARANCE.with(|appearance| appearance.get())
}

/// Switches the appearance and remembers it.
pub(crate) fn choose_appearance(next: Appearance) {
    APPEARANCE.with(|appearance| appearance.set(next));
    remembered::set("huixiao.appearance", &next.theme().unwrap_or("system"));
}

/// Switches the language and remembers it.
pub(crate) fn choose_language(next: Language) {
    texts::set_language(next);
    remembered::set("huixiao.language", &next.tag());
}

/// Takes up what was chosen before, or what the browser wishes, and keeps the page's own attributes in step.
pub(super) fn follow() {
    let wished = || document::wished_languages().into_iter().find(|tag| tag.starts_with("zh") || tag.starts_with("en"));
    if let Some(tag) = remembered::get("huixiao.language").or_else(wished) {
        texts::set_language(Language::from_tag(&tag));
    }
    let before: Option<String> = remembered::get("huixiao.appearance");
    if let Some(chosen) = Appearance::ALL.into_iter().find(|choice| choice.theme() == before.as_deref()) {
        APPEARANCE.with(|appearance| appearance.set(chosen));
    }
    Effect::new(move |_| document::set_language(texts::language().tag(), texts::app::name()));
    Effect::new(move |_| document::set_theme(appearance().theme()));
}
