//! What is noticed of a guest by one tap (clause D6), beside the guest for those on duty, and beside the customer for whoever owns them.

use crate::components::{Button, TextField, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica;
use crate::state::floor::{Note, notes_of_customer, notes_of_guest};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::floor::Chip;
use shared::floor::command::NoteGuest;
use shared::ids::{CustomerId, GuestId, GuestNoteId, MeetingId};
use uuid::Uuid;

const KINDS: &[Kind] = &[Kind::GuestNote, Kind::Meeting, Kind::User];
const CHIPS: [Chip; 7] = [Chip::Keen, Chip::Unmoved, Chip::Doubtful, Chip::Question, Chip::Hot, Chip::Warm, Chip::Cold];

/// Chips for a guest, and what was noticed before.
#[component]
pub(super) fn NoteChips(meeting: MeetingId, guest: GuestId) -> impl IntoView {
    let draft = Draft::of(format!("note/{guest}"));
    let typed = draft.field("words", String::new());
    let before = Memo::new(move |_| replica::read(KINDS, |replica| notes_of_guest(replica, guest)));
    let tap = move |chip: Chip| {
        let (note, owners_note) = (GuestNoteId(Uuid::now_v7()), GuestNoteId(Uuid::now_v7()));
        let words: String = typed.get_untracked().trim().chars().take(300).collect();
        spawn_local(async move {
            match draft.submit(NoteGuest { note, owners_note, meeting, guest, chip, words }).await {
                Ok(()) => {
                    typed.try_set(String::new());
                    toast::show(untrack(|| t::floor::noted(chip_words(chip))));
                }
                Err(why) => toast::show(untrack(|| crate::words::not_saved(&why))),
            }
        });
    };
    view! {
        <section class="stack" data-testid="note-chips">
            <h3>{t::floor::notes}</h3>
            <p class="soft">{t::floor::note_means}</p>
            <DraftNote draft />
            <TextField label=t::floor::note_words value=typed test_id="note-words" />
            <div class="cluster">
                {CHIPS.map(|chip| view! { <Button on_press=move || tap(chip) test_id="note-chip">{move || chip_words(chip)}</Button> }).collect_view()}
            </div>
            {move || list(before.get())}
        </section>
    }
}

/// What was noticed of a customer at the venue, for whoever owns them.
#[component]
pub(crate) fn VenueNotes(customer: CustomerId) -> impl IntoView {
    let found = Memo::new(move |_| replica::read(KINDS, |replica| notes_of_customer(replica, customer)));
    move || {
        (!found.with(Vec::is_empty))
            .then(|| view! { <section class="stack" data-testid="venue-notes"><h2>{t::floor::notes}</h2> {list(found.get())}</section> })
    }
}

fn list(notes: Vec<Note>) -> Option<impl IntoView> {
    let line = |note: Note| {
        let Note { chip, words: text, at, by, theme, clock } = note;
        view! {
            <li class="venue-note" data-testid="venue-note">
                <strong>{move || chip_words(chip)}</strong> {(!text.is_empty()).then(|| format!(" · {text}"))}
                <p class="soft">{move || t::floor::note_line(words::moment(at, clock, Utc::now()), &by)} {(!theme.is_empty()).then(|| format!(" · {theme}"))}</p>
            </li>
        }
    };
    (!notes.is_empty()).then(|| view! { <ul role="list">{notes.into_iter().map(line).collect_view()}</ul> })
}

/// What a chip says.
pub(in crate::pages) fn chip_words(chip: Chip) -> &'static str {
    match chip {
        Chip::Keen => t::floor::keen(),
        Chip::Unmoved => t::floor::unmoved(),
        Chip::Doubtful => t::floor::doubtful(),
        Chip::Question => t::floor::question(),
        Chip::Hot => t::floor::hot(),
        Chip::Warm => t::floor::warm(),
        Chip::Cold => t::floor::cold(),
    }
}
