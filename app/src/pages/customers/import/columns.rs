//! What was found in the file, and everything about it that can be put right: encoding, separator, columns.

use super::{Desk, Phase, check, choose_sheet, refused_words, reopened};
use crate::components::{Banner, Button, Choice, Look, Mood, Select, Switch};
use crate::state::import::{Book, Column};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::customers::import::columns::FIELDS;
use shared::customers::import::{Certainty, Delimiter, Encoding};

#[component]
pub(super) fn Columns(desk: Desk) -> impl IntoView {
    let opened = desk.opened;
    let columns = Memo::new(move |_| opened.with(|opened| opened.as_ref().map(|opened| opened.columns()).unwrap_or_default()));
    let usable = Memo::new(move |_| opened.with(|opened| opened.as_ref().is_some_and(|opened| opened.mapping.is_usable())));
    let header = RwSignal::new(opened.with_untracked(|opened| opened.as_ref().is_some_and(|opened| opened.mapping.has_header)));
    Effect::new(move |_| {
        let now = header.get();
        if opened.with_untracked(|opened| opened.as_ref().is_some_and(|opened| opened.mapping.has_header != now)) {
            opened.update(|opened| opened.iter_mut().for_each(|opened| opened.set_header(now)));
        }
    });
    view! {
        {move || desk.refused.get().map(|why| view! { <Banner mood=Mood::Bad>{refused_words(why)}</Banner> })}
        <section class="stack">
            <h2>{t::import::found}</h2>
            {move || match opened.with(|opened| opened.as_ref().and_then(|opened| opened.book.clone())) {
                Some(book) => view! { <WhichSheet desk book /> }.into_any(),
                None => view! { <Reading desk /> }.into_any(),
            }}
            <Switch label=t::import::has_header value=header test_id="import-header" />
        </section>
        <section class="stack">
            <h2>{t::import::columns}</h2>
            <Show when=move || !usable.get()>
                <Banner mood=Mood::Warning test_id="import-unusable">{t::import::need_name}</Banner>
            </Show>
            <ul class="file-columns" data-testid="import-columns">
                {move || columns.get().into_iter().enumerate().map(|(index, column)| view! { <OneColumn desk index column /> }).collect_view()}
            </ul>
        </section>
        <div class="form-actions sheet-actions">
            <Button on_press=move || desk.phase.set(Phase::Choose) test_id="import-another">{t::import::another_file}</Button>
            <Button look=Look::Primary disabled=Signal::derive(move || !usable.get()) on_press=move || check(desk) test_id="import-check">
                {t::import::check}
            </Button>
        </div>
    }
}

/// The sheet of a workbook, where there are several to choose from.
#[component]
fn WhichSheet(desk: Desk, book: Book) -> impl IntoView {
    let chosen = RwSignal::new(Some(book.chosen));
    let now = book.chosen;
    Effect::new(move |_| {
        if let Some(sheet) = chosen.get().filter(|sheet| *sheet != now) {
            choose_sheet(desk, sheet);
        }
    });
    let sheets = Signal::stored(book.sheets.into_iter().enumerate().map(|(index, name)| Choice::new(index, name)).collect::<Vec<_>>());
    view! { <Select label=t::import::sheet hint=t::import::sheet_hint options=sheets value=chosen test_id="import-sheet" /> }
}

/// Encoding and separator, and a word of doubt where there is one.
#[component]
fn Reading(desk: Desk) -> impl IntoView {
    let opened = desk.opened;
    let encoding = RwSignal::new(opened.with_untracked(|opened| opened.as_ref().map(|opened| opened.encoding)));
    let delimiter = RwSignal::new(opened.with_untracked(|opened| opened.as_ref().map(|opened| opened.delimiter())));
    Effect::new(move |_| {
        if let (Some(chosen), Some(now)) = (encoding.get(), opened.get_untracked())
            && chosen != now.encoding
        {
            reopened(desk, now.in_encoding(chosen));
            delimiter.set(opened.with_untracked(|opened| opened.as_ref().map(|opened| opened.delimiter())));
        }
    });
    Effect::new(move |_| {
        if let (Some(chosen), Some(now)) = (delimiter.get(), opened.get_untracked())
            && chosen != now.delimiter()
        {
            reopened(desk, now.cut_at(chosen));
        }
    });
    let encodings = Signal::stored(Encoding::ALL.map(|encoding| Choice::new(encoding, encoding_name(encoding))).to_vec());
    let delimiters = Signal::derive(|| Delimiter::ALL.map(|delimiter| Choice::new(delimiter, delimiter_words(delimiter))).to_vec());
    let doubt = move || {
        opened.with(|opened| {
            let opened = opened.as_ref()?;
            if opened.malformed > 0 {
                Some(t::import::malformed(opened.malformed))
            } else {
                (opened.certainty == Some(Certainty::Likely)).then(|| t::import::encoding_unsure().to_owned())
            }
        })
    };
    view! {
        <div class="pair">
            <Select label=t::import::encoding options=encodings value=encoding test_id="import-encoding" />
            <Select label=t::import::delimiter options=delimiters value=delimiter test_id="import-delimiter" />
        </div>
        {move || doubt().map(|words| view! { <Banner mood=Mood::Warning test_id="import-doubt">{words}</Banner> })}
    }
}

/// A column: its name, its first values, and the field it fills.
#[component]
fn OneColumn(desk: Desk, index: usize, column: Column) -> impl IntoView {
    let field = RwSignal::new(column.field);
    Effect::new(move |_| {
        let now = field.get();
        let known = desk.opened.with_untracked(|opened| opened.as_ref().map(|opened| opened.mapping.columns.get(index).copied().flatten()));
        if known.is_some_and(|known| known != now) {
            desk.opened.update(|opened| opened.iter_mut().for_each(|opened| opened.assign(index, now)));
        }
    });
    let fields = Signal::derive(|| FIELDS.map(|field| Choice::new(field, words::field_name(field))).to_vec());
    let name = column.header.clone();
    let label = move || if name.is_empty() { t::import::column_n(index + 1) } else { name.clone() };
    view! {
        <li class="file-column card" data-testid="import-column">
            <p class="soft samples">{column.samples.join(" · ")}</p>
            <Select label options=fields value=field none=t::import::leave_out test_id="import-field" />
        </li>
    }
}

const fn encoding_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Big5 => "Big5",
        Encoding::Gb18030 => "GB18030",
        Encoding::Utf16Le => "UTF-16 LE",
        Encoding::Utf16Be => "UTF-16 BE",
    }
}

fn delimiter_words(delimiter: Delimiter) -> &'static str {
    match delimiter {
        Delimiter::Comma => t::import::comma(),
        Delimiter::Tab => t::import::tab(),
        Delimiter::Semicolon => t::import::semicolon(),
        Delimiter::Pipe => t::import::pipe(),
    }
}
