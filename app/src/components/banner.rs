//! Notices inside a page, and small marks of state. Colour never stands alone: each mood has its drawing and words.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// What a notice or a mark means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Worth knowing.
    #[default]
    Info,
    /// Done, welcome, in order.
    Good,
    /// Look at it.
    Warning,
    /// Wrong, refused.
    Bad,
}

impl Mood {
    /// The class that colours it.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Info => "mood-info",
            Self::Good => "mood-good",
            Self::Warning => "mood-warning",
            Self::Bad => "mood-bad",
        }
    }

    const fn glyph(self) -> Glyph {
        match self {
            Self::Info => Glyph::Info,
            Self::Good => Glyph::CircleCheck,
            Self::Warning => Glyph::Alert,
            Self::Bad => Glyph::CircleX,
        }
    }
}

/// A notice in a page: what happened, what is safe, what to do.
#[component]
pub fn Banner(#[prop(optional)] mood: Mood, #[prop(optional)] test_id: &'static str, children: Children) -> impl IntoView {
    let role = if mood == Mood::Bad { "alert" } else { "status" };
    view! {
        <div class=format!("banner {}", mood.class()) role=role data-testid=(!test_id.is_empty()).then_some(test_id)>
            <Icon glyph=mood.glyph() />
            <div class="banner-words">{children()}</div>
        </div>
    }
}

/// A short word about state, in a pill.
#[component]
pub fn Badge(#[prop(optional, into)] mood: Signal<Mood>, #[prop(optional)] icon: Option<Glyph>, children: Children) -> impl IntoView {
    view! {
        <span class=move || format!("badge {}", mood.get().class())>
            {icon.map(|glyph| view! { <Icon glyph /> })}
            {children()}
        </span>
    }
}
