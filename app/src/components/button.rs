//! Buttons: verbs. One primary per screen; a busy button keeps its size and cannot be pressed twice.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// The one thing to do here.
    Primary,
    /// Everything else.
    #[default]
    Quiet,
    /// Takes something away.
    Danger,
}

impl Look {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Quiet => "button",
            Self::Danger => "button danger",
        }
    }
}

/// A button. With `submit` it sends the form around it; otherwise `on_press` runs.
#[component]
pub fn Button(
    #[prop(optional)] look: Look,
    /// While true, it shows that it works and cannot be pressed.
    #[prop(optional, into)]
    busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional, into)] on_press: Option<Callback<()>>,
    #[prop(optional)] submit: bool,
    /// Whether the key `n` presses it.
    #[prop(optional)]
    is_new: bool,
    /// As wide as its surroundings.
    #[prop(optional)]
    wide: bool,
    /// For a button that shows an icon only.
    #[prop(optional, into)]
    label: Option<leptos::text_prop::TextProp>,
    #[prop(optional)] test_id: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let press = move |_| {
        if let Some(on_press) = on_press
            && !busy.get_untracked()
        {
            on_press.run(());
        }
    };
    let icon_only = children.is_none();
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=look.class()
            class:wide=wide
            class:icon-only=icon_only
            disabled=move || disabled.get() || busy.get()
            aria-busy=move || busy.get().to_string()
            data-new=is_new
            aria-label=move || label.as_ref().map(|label| label.get().to_string())
            data-testid=(!test_id.is_empty()).then_some(test_id)
            on:click=press
        >
            {move || busy.get().then(|| view! { <span class="spinner" aria-hidden="true"></span> })}
            {icon.map(|glyph| view! { <Icon glyph=glyph /> })}
            {children.map(|children| view! { <span class="button-text">{children()}</span> })}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] look: Look,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional)] wide: bool,
    /// Whether the key `n` follows it.
    #[prop(optional)]
    is_new: bool,
    #[prop(optional)] test_id: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <a data-new=is_new href=move || href.get() class=look.class() class:wide=wide data-testid=(!test_id.is_empty()).then_some(test_id)>
            {icon.map(|glyph| view! { <Icon glyph=glyph /> })}
            <span class="button-text">{children()}</span>
        </a>
    }
}
