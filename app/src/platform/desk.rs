//! What this device remembers of the desk it stands on: its name. No customer's data.

use super::remembered;
use leptos::prelude::*;

const KEY: &str = "huixiao.desk";

thread_local! {
    static NAME: ArcRwSignal<String> = ArcRwSignal::new(remembered::get(KEY).unwrap_or_default());
}

/// The desk's name as its staff call it; empty until somebody gave it one; tracked.
#[must_use]
pub(crate) fn name() -> String {
    NAME.with(ArcRwSignal::get)
}

/// Gives the desk a name. A browser that keeps nothing forgets it with the page.
pub(crate) fn set_name(name: String) {
    remembered::set(KEY, &name);
    NAME.with(|signal| signal.set(name));
}
