//! The page as a whole: its language, its theme, its focus, and the browser's wishes.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Tells browser and screen reader which language the page has; the fonts follow it.
pub(crate) fn set_language(tag: &str, title: &str) {
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("lang", tag));
    }
    document().set_title(title);
}

/// Sets the theme, `light` or `dark`; none follows the system.
pub(crate) fn set_theme(theme: Option<&str>) {
    let Some(root) = document().document_element() else { return };
    drop(match theme {
        Some(theme) => root.set_attribute("data-theme", theme),
        None => root.remove_attribute("data-theme"),
    });
}

/// The languages that the browser asks for, the dearest first.
pub(crate) fn wished_languages() -> Vec<String> {
    leptos::prelude::window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect()
}

/// Whether the app runs from the home screen.
pub(crate) fn is_installed() -> bool {
    let query = leptos::prelude::window().match_media("(display-mode: standalone)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// Takes the calm page away that stood there before WASM ran.
pub(crate) fn remove_shell() {
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
}

/// Loads the page again.
pub(crate) fn reload() {
    drop(leptos::prelude::window().location().reload());
}

/// The elements found by a selector, in the order of the page.
pub(crate) fn all(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// Where the cursor stands in the field for several lines that a selector finds, counted in UTF-16 units.
pub(crate) fn cursor_in(selector: &str) -> Option<usize> {
    let field: web_sys::HtmlTextAreaElement = document().query_selector(selector).ok()??.dyn_into().ok()?;
    usize::try_from(field.selection_end().ok()??).ok()
}

/// The element that has the focus.
pub(crate) fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// Whether keys go into something that is typed.
pub(crate) fn is_typing() -> bool {
    focused().is_some_and(|focused| match focused.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => !matches!(focused.get_attribute("type").as_deref(), Some("checkbox" | "radio" | "button")),
        _ => focused.is_content_editable(),
    })
}
