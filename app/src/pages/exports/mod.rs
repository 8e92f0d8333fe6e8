//! Who gave out customers as a file, when and why (clause A7).

mod file;

use crate::components::{EmptyState, Glyph, List, ListRow, PageHead};
use crate::replica;
use crate::routes::Place;
use crate::state::exports::{Item, items};
use crate::texts as t;
use crate::words;
use chrono::Utc;
pub(in crate::pages) use file::TableFile;
use leptos::prelude::*;
use shared::Kind;
use shared::decide::Actor;
use shared::exports::Format;
use shared::people::Role;

const KINDS: [Kind; 4] = [Kind::Export, Kind::User, Kind::Meeting, Kind::Settings];

/// Whether somebody reads what was exported.
pub(crate) fn reads_exports(actor: &Actor) -> bool {
    matches!(actor.role, Role::Manager | Role::Administrator)
}

/// All exports, the latest first.
#[component]
pub fn ExportsPage() -> impl IntoView {
    let may = Memo::new(|_| replica::actor().is_some_and(|actor| reads_exports(&actor)));
    let list = Memo::new(|_| replica::read(&KINDS, items));
    view! {
        <PageHead title=t::exports::title note=t::exports::note back=Place::More />
        <div class="page-content">
            {move || {
                let items = list.get();
                if !may.get() {
                    view! { <EmptyState glyph=Glyph::Lock title=t::exports::not_for_you /> }.into_any()
                } else if items.is_empty() {
                    view! { <EmptyState glyph=Glyph::Download title=t::exports::none text=t::exports::none_text test_id="exports-none" /> }.into_any()
                } else {
                    view! { <List label=t::exports::title test_id="exports">{items.into_iter().map(row).collect_view()}</List> }.into_any()
                }
            }}
        </div>
    }
}

fn row(item: Item) -> impl IntoView {
    let (rows, format, at) = (item.rows, item.format, item.at);
    let count = move || {
        let format = match format {
            Format::Csv => t::exports::csv(),
            Format::Xlsx => t::exports::xlsx(),
        };
        t::exports::count(format, rows)
    };
    let filters = item.filters.join(" · ");
    let which = move || if filters.is_empty() { t::exports::all().to_owned() } else { filters.clone() };
    let when = move || words::opening(&words::moment(at, words::here(), Utc::now()));
    view! {
        <ListRow icon=Glyph::Download test_id="export-row">
            <span>{item.by}" · "{count}</span>
            <span class="row-note">{item.reason}</span>
            <span class="row-note">{which}" · "<time datetime=at.to_rfc3339()>{when}</time></span>
        </ListRow>
    }
}
