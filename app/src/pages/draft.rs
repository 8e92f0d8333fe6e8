//! What is typed into a form, kept until it is saved or thrown away (clause N3). Every form has one: its fields are made by
//! [`Draft::field`], it is saved by [`Draft::submit`], and [`DraftNote`] says that something was brought back.
//!
//! Law: only fields in which something was typed are brought back. The others show the record as it is now, so that what colleagues have
//! changed meanwhile is not undone by a draft.
//!
//! Deliberately never kept: passwords; a signature and its consent, which are given in one go before a witness, or not at all;
//! photos and files that are not saved yet, which are large and can be taken or chosen again. While there is one, an update waits
//! ([`hold_page`]).

use crate::components::{Banner, Button, Glyph, toast};
use crate::platform::page;
use crate::replica::drafts::{self, Typed};
use crate::replica::{self, NewFile, NotSaved};
use crate::texts as t;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What no draft keeps is being made on this page while this is so: the page is not loaded again until it is saved or given up.
pub(crate) fn hold_page(while_so: impl Fn() -> bool + 'static) {
    let holds = Arc::new(AtomicBool::new(false));
    let at_end = Arc::clone(&holds);
    Effect::new(move |_| {
        let now = while_so();
        if holds.swap(now, Ordering::Relaxed) != now {
            page::hold(now);
        }
    });
    on_cleanup(move || {
        if at_end.swap(false, Ordering::Relaxed) {
            page::hold(false);
        }
    });
}

/// The draft of one form.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    form: StoredValue<String>,
    fields: StoredValue<Vec<Show>>,
    was_brought_back: RwSignal<bool>,
}

/// Shows in a field what was typed, or, if nothing was, what it showed at first.
type Show = Box<dyn Fn(&Typed) + Send + Sync>;

impl Draft {
    /// The draft of a form. The form's name says which record it is of, as `customer/ID`.
    pub(crate) fn of(form: impl Into<String>) -> Self {
        Self { form: StoredValue::new(form.into()), fields: StoredValue::new(Vec::new()), was_brought_back: RwSignal::new(false) }
    }

    /// A field: what was typed before, else what is known.
    pub(crate) fn field<T>(self, name: &'static str, known: T) -> RwSignal<T>
    where
        T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let field = RwSignal::new(known.clone());
        self.follow(name, known, move || field.get(), move |value| drop(field.try_set(value)));
        field
    }

    /// A field that is more than one signal: how it is read, tracked, and how it is set.
    pub(crate) fn follow<T>(self, name: &'static str, known: T, read: impl Fn() -> T + 'static, set: impl Fn(T) + Send + Sync + 'static)
    where
        T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let typed = self.form.with_value(|form| typed_in(&drafts::of(form), name)).filter(|typed| *typed != known);
        if let Some(typed) = typed {
            set(typed);
            self.was_brought_back.set(true);
        }
        let at_first = known.clone();
        let show: Show = Box::new(move |typed| set(typed_in(typed, name).unwrap_or_else(|| at_first.clone())));
        self.fields.update_value(|fields| fields.push(show));
        Effect::new(move |_| {
            let now = read();
            self.form.with_value(|form| {
                let mut typed = drafts::of(form);
                if now == known {
                    typed.remove(name);
                } else {
                    typed.insert(name.to_owned(), serde_json::to_value(&now).expect("what is typed holds only maps with text keys"));
                }
                drafts::keep(form, typed);
            });
        });
    }

    /// Saves what the form says, and the draft is one no more.
    ///
    /// # Errors
    /// [`NotSaved`]: nothing was saved, and the draft stays.
    pub(crate) async fn submit(self, command: impl Into<Command>) -> Result<(), NotSaved> {
        self.submit_with(command, Vec::new()).await
    }

    /// As [`Self::submit`], with the files that the command names.
    ///
    /// # Errors
    /// [`NotSaved`]: nothing was saved, and the draft stays.
    pub(crate) async fn submit_with(self, command: impl Into<Command>, files: Vec<NewFile>) -> Result<(), NotSaved> {
        let Some(form) = self.form.try_get_value() else { return replica::submit_with(command, files).await };
        replica::submit_form(form, command, files).await?;
        // A form that stays begins anew.
        self.was_brought_back.try_set(false);
        Ok(())
    }

    /// What was typed is saved otherwise, or means nothing any more.
    pub(crate) fn forget(self) {
        self.form.try_with_value(|form| drafts::keep(form, Typed::new()));
        self.was_brought_back.try_set(false);
    }

    fn throw_away(self) {
        let form = self.form.get_value();
        let typed = drafts::of(&form);
        self.show(&Typed::new());
        self.was_brought_back.set(false);
        drafts::keep(&form, Typed::new());
        toast::show_with_undo(t::app::draft_gone(), move || {
            drafts::keep(&form, typed.clone());
            self.show(&typed);
        });
    }

    /// If the form is still there.
    fn show(self, typed: &Typed) {
        self.fields.try_with_value(|fields| fields.iter().for_each(|show| show(typed)));
    }
}

/// None if nothing was typed there, or an older app wrote something else.
fn typed_in<T: DeserializeOwned>(typed: &Typed, name: &str) -> Option<T> {
    T::deserialize(typed.get(name)?).ok()
}

/// Says that what was typed before is here again, and offers to begin anew.
#[component]
pub(crate) fn DraftNote(draft: Draft) -> impl IntoView {
    move || {
        draft.was_brought_back.get().then(|| {
            view! {
                <Banner test_id="draft-note">
                    <span>{t::app::draft_back}</span>
                    <div><Button icon=Glyph::Trash on_press=move || draft.throw_away() test_id="draft-away">{t::app::draft_away}</Button></div>
                </Banner>
            }
        })
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::path::Path;

    /// Where something is typed or chosen that is no draft, and why.
    const WITHOUT: &[(&str, &str)] = &[
        ("analysis/mod.rs", "a filter is not a draft"),
        ("analysis/way.rs", "a filter is not a draft"),
        ("customers/filter.rs", "a filter is not a draft"),
        ("customers/import.rs", "a browser gives a file once; it must be chosen again"),
        ("customers/import/columns.rs", "goes with the file; remembered for files like it as soon as it is checked"),
        ("customers/import/preview.rs", "goes with the file"),
        ("customers/merge.rs", "one of two is chosen, and the press is beside it"),
        ("customers/pool.rs", "a filter is not a draft"),
        ("deals/list.rs", "a filter is not a draft"),
        ("follow_ups/mod.rs", "a filter is not a draft"),
        ("frame/unsent_work.rs", "a browser gives a file once; it is sent as it is chosen"),
        ("more/devices.rs", "saved as it is chosen"),
        ("more/mod.rs", "saved as it is chosen"),
        ("more/password.rs", "a password is never kept"),
        ("records/mod.rs", "a filter is not a draft"),
        ("refusals/mod.rs", "a filter is not a draft"),
        ("settings/rules.rs", "saved as it is chosen"),
        ("session/mod.rs", "a password is never kept, and nobody is logged in"),
        ("session/pin.rs", "a PIN is never kept"),
        ("session/unlock.rs", "a password is never kept"),
        ("venue/home.rs", "saved as it is typed"),
        ("venue/labels.rs", "saved as it is chosen"),
        ("venue/kiosk.rs", "the next guest must not see what the one before has typed"),
        ("venue/kiosk_begin.rs", "a PIN is never kept"),
    ];
    const INPUTS: [&str; 12] = [
        "TextField",
        "TextArea",
        "TelField",
        "MoneyField",
        "DateTimeField",
        "Select",
        "Chips",
        "ChipsMany",
        "Switch",
        "PhotoField",
        "input",
        "textarea",
    ];

    fn check(folder: &Path, pages: &Path, wrong: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("the sources are there").path();
            if path.is_dir() {
                check(&path, pages, wrong);
                continue;
            }
            let source = std::fs::read_to_string(&path).expect("sources are text");
            let name = path.strip_prefix(pages).expect("below the pages").to_string_lossy().replace('\\', "/");
            let has_input = INPUTS.iter().any(|input| source.contains(&format!("<{input} ")) || source.contains(&format!("<{input}\n")));
            let is_without = WITHOUT.iter().any(|(without, _)| *without == name);
            let keeps = source.contains("Draft::of(") && source.contains("<DraftNote ");
            match (has_input, is_without) {
                (true, false) if !keeps => wrong.push(format!("{name}: keep a draft of it (Draft, DraftNote), or say above why not")),
                (false, true) => wrong.push(format!("{name}: nothing is typed there any more")),
                _ => {}
            }
        }
    }

    #[test]
    fn every_form_keeps_a_draft() {
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages");
        let mut wrong = Vec::new();
        check(&pages, &pages, &mut wrong);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
