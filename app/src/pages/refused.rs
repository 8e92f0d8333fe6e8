//! Forms in sheets: why something was not saved stands at the field it is about, or above the form; what was saved closes the sheet.

use crate::components::{Banner, Mood, toast};
use crate::replica::NotSaved;
use crate::words;
use leptos::prelude::*;
use shared::rejection::Field;

/// A refusal that none of the form's fields shows.
#[component]
pub(super) fn Refusal(refused: RwSignal<Option<NotSaved>>, fields: &'static [Field], test_id: &'static str) -> impl IntoView {
    let apart = move || refused.get().filter(|why| field(why).is_none_or(|field| !fields.contains(&field)));
    move || apart().map(|why| view! { <Banner mood=Mood::Bad test_id>{move || words::not_saved(&why)}</Banner> })
}

/// A refusal that one field shows.
pub(super) fn beside(refused: RwSignal<Option<NotSaved>>, of: Field) -> Signal<Option<String>> {
    Signal::derive(move || refused.get().filter(|why| field(why) == Some(of)).map(|why| words::not_saved(&why)))
}

/// The sheet closes and says so, or the refusal is shown.
pub(super) fn finish(
    saved: Result<(), NotSaved>,
    said: impl Into<String>,
    busy: RwSignal<bool>,
    refused: RwSignal<Option<NotSaved>>,
    open: RwSignal<bool>,
) {
    busy.try_set(false);
    match saved {
        Ok(()) => {
            open.try_set(false);
            toast::show(said);
        }
        Err(why) => drop(refused.try_set(Some(why))),
    }
}

fn field(why: &NotSaved) -> Option<Field> {
    match why {
        NotSaved::Rejected(why) => words::field_of(why),
        NotSaved::Storage(_) => None,
    }
}
