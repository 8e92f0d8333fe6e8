//! The hall of a meeting (clause C4): its floor with every seat, who waits for one, what was given twice; and the desks that give seats.

mod arrange;
mod desks;
mod floor;
mod lists;
mod table;

pub use desks::DesksPage;
pub(super) use lists::numbers;

use crate::components::{Button, EmptyState, Glyph, LinkButton, Look, PageHead, Sheet};
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::seats::{TableView, hall};
use crate::texts as t;
use arrange::AddTables;
use floor::Floor;
use leptos::prelude::*;
use lists::{Clashes, InNumbers, NoShows, Without};
use shared::Kind;
use shared::ids::{GuestId, MeetingId, TableId};
use shared::people::Role;
use std::collections::BTreeMap;
use std::sync::Arc;
use table::TableSheet;

/// The kinds from which the hall is made.
pub(crate) const KINDS: &[Kind] =
    &[Kind::Table, Kind::Seating, Kind::Hall, Kind::Desk, Kind::Guest, Kind::CheckIn, Kind::Meeting, Kind::User, Kind::Conflict];

/// The tables of a hall by their ids: one that changes is drawn anew, and no other.
type Tables = BTreeMap<TableId, Arc<TableView>>;

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Page {
    meeting: MeetingId,
    tables: Memo<Tables>,
    is_arranging: RwSignal<bool>,
    /// The table whose sheet is open.
    chosen: RwSignal<Option<TableId>>,
    is_open: RwSignal<bool>,
    /// The guest for whom a seat is looked for.
    guest: RwSignal<Option<GuestId>>,
}

impl Page {
    fn open(self, table: TableId) {
        self.chosen.set(Some(table));
        self.is_open.set(true);
    }
}

/// Whether the person at this device plans halls, desks and stock; tracked.
pub(crate) fn plans() -> bool {
    replica::actor().is_some_and(|actor| matches!(actor.role, Role::Supervisor | Role::Manager))
}

/// The hall of the address.
#[component]
pub fn SeatsPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    move || meeting.get().map(|meeting| view! { <HallPage meeting /> })
}

#[component]
fn HallPage(meeting: MeetingId) -> impl IntoView {
    let tables = Memo::new(move |_| {
        let views = replica::read(KINDS, |replica| hall(replica, meeting, chrono::Utc::now()));
        views.into_iter().map(|view| (view.table.id, Arc::new(view))).collect::<Tables>()
    });
    let page = Page {
        meeting,
        tables,
        is_arranging: RwSignal::new(false),
        chosen: RwSignal::new(None),
        is_open: RwSignal::new(false),
        guest: RwSignal::new(None),
    };
    let is_empty = Memo::new(move |_| tables.with(Tables::is_empty));
    let arrange = move || page.is_arranging.update(|arranging| *arranging = !*arranging);
    let none_text = move || if plans() { t::seats::none_drawn_planner() } else { t::seats::none_drawn_others() };
    let title = move || {
        page.chosen
            .get()
            .and_then(|id| tables.with(|tables| tables.get(&id).map(|view| crate::words::table(view.table.shape, &view.table.name))))
            .unwrap_or_default()
    };
    view! {
        <div class="hall-page" data-testid="seats">
            <PageHead title=t::seats::title back=Signal::stored(Place::VenueDesk(meeting).path())>
                <LinkButton href=Place::Desks(meeting) icon=Glyph::Tablet test_id="seats-desks">{t::seats::desks}</LinkButton>
                {move || (plans() && !is_empty.get()).then(|| view! {
                    <Button
                        look=if page.is_arranging.get() { Look::Primary } else { Look::Quiet }
                        icon=if page.is_arranging.get() { Glyph::Check } else { Glyph::Pencil }
                        on_press=arrange
                        test_id="seats-arrange"
                    >
                        {move || if page.is_arranging.get() { t::seats::arrange_done() } else { t::seats::arrange() }}
                    </Button>
                })}
            </PageHead>
            <div class="page-content">
                <Clashes page />
                {move || {
                    if is_empty.get() {
                        view! { <EmptyState glyph=Glyph::Users title=t::seats::none_drawn text=none_text test_id="seats-none" /> }.into_any()
                    } else {
                        view! { <Floor page /> }.into_any()
                    }
                }}
                {move || (plans() && (page.is_arranging.get() || is_empty.get())).then(|| view! { <AddTables page /> })}
                {move || (!is_empty.get() && !page.is_arranging.get()).then(|| view! { <Without page /> <NoShows page /> <InNumbers page /> })}
            </div>
            <Sheet title open=page.is_open test_id="table-sheet">
                <TableSheet page />
            </Sheet>
        </div>
    }
}
