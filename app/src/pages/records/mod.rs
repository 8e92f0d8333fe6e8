//! Sales records 銷售記錄: one field over everything that the device holds; the records with what lacks; one record (clause H1).

mod lacking;
mod record;

pub(in crate::pages) use lacking::DealLacks;
pub use record::RecordPage;

use crate::components::{Badge, Choice, EmptyState, Glyph, List, ListRow, Mood, PageHead, SearchField, Select, VirtualList};
use crate::pages::today::ticking;
use crate::replica;
use crate::routes::Place;
use crate::state::own::Own;
use crate::state::phones::spoken;
use crate::state::records::{Filter, Line, Of, Order, Sort, State, lines, shown};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use shared::Kind;
use shared::phone::{Country, Phone};
use shared::records::search::{Hit, Hits, Place as Where, RecordSearch};
use std::cell::RefCell;
use std::sync::Arc;

/// What records are formed of.
pub(super) const KINDS: &[Kind] = &[
    Kind::Customer,
    Kind::MergedCustomer,
    Kind::Invitation,
    Kind::Milestone,
    Kind::CheckIn,
    Kind::Guest,
    Kind::GuestNote,
    Kind::Deal,
    Kind::LoggedContact,
    Kind::Complaint,
    Kind::Meeting,
    Kind::Settings,
];
/// The periods that can be chosen, in days.
const PERIODS: [Option<i64>; 4] = [Some(30), Some(90), Some(365), None];

thread_local! {
    /// Kept while somebody looks at what was found. What is searched goes with the page, as it must when the device locks.
    static WORDS: RefCell<Own<String>> = RefCell::default();
}

/// The field, and below it what it finds; nothing typed, the list.
#[component]
pub fn RecordsPage() -> impl IntoView {
    let user = replica::actor().map(|actor| actor.user);
    let words = RwSignal::from(WORDS.with_borrow_mut(|words| words.of(user)));
    let is_searched = Memo::new(move |_| words.with(|words| !words.trim().is_empty()));
    view! {
        <div class="records" class:listing=move || !is_searched.get() data-testid="records">
            <PageHead title=t::records::title back=Place::More />
            <div class="customers-tools"><SearchField label=t::records::search value=words test_id="records-search" /></div>
            {move || if is_searched.get() { view! { <Results words /> }.into_any() } else { view! { <All /> }.into_any() }}
        </div>
    }
}

/// What was found, each with where.
#[component]
fn Results(words: RwSignal<String>) -> impl IntoView {
    let search = StoredValue::new_local(RecordSearch::default());
    // Followed once for all letters that are typed.
    let revision = Memo::new(move |before: Option<&u64>| {
        replica::read(KINDS, |replica| search.update_value(|search| search.follow(replica)));
        before.copied().unwrap_or(0) + 1
    });
    let found = Memo::new(move |_| {
        revision.with(|_| ());
        let words = words.get();
        replica::read(&[], |replica| search.try_update_value(|search| search.search(replica, &words))).unwrap_or_default()
    });
    let count = move || {
        found.with(|Hits { hits, total }| if hits.len() < *total { t::records::found_first(hits.len(), *total) } else { t::records::found(*total) })
    };
    view! {
        <div class="page-content">
            {move || {
                if found.with(|found| found.hits.is_empty()) {
                    let (title, text) = (t::records::none_found, t::records::none_found_note);
                    return view! { <EmptyState glyph=Glyph::Search title text test_id="records-none-found" /> }.into_any();
                }
                let rows = found.with(|found| found.hits.iter().cloned().map(hit).collect_view());
                view! {
                    <p class="soft" aria-live="polite" data-testid="records-found">{count}</p>
                    {rows}
                }
                .into_any()
            }}
        </div>
    }
}

/// A customer, and the places where words were found.
fn hit(one: Hit) -> impl IntoView {
    let Hit { customer, is_held, name, salutation, places } = one;
    let label = name.clone();
    let row = move |(place, text): (Where, String)| {
        let (glyph, said): (Glyph, fn() -> &'static str) = match place {
            Where::Name | Where::Former => (Glyph::Users, if place == Where::Name { t::records::in_name } else { t::records::in_former }),
            Where::Phone => (Glyph::Phone, t::records::in_phone),
            Where::Profile => (Glyph::Info, t::records::in_profile),
            Where::Invitation => (Glyph::CalendarCheck, t::records::in_invitation),
            Where::Note => (Glyph::Pencil, t::records::in_note),
            Where::Deal(_) => (Glyph::Handshake, t::records::in_deal),
            Where::Contact => (Glyph::PhoneCall, t::records::in_contact),
            Where::Complaint(_) => (Glyph::Message, t::records::in_complaint),
        };
        let text = if place == Where::Phone { Phone::parse(&text, Country::Tw).map_or(text, |phone| spoken(&phone)) } else { text };
        // A deal is a page of its own, and all that there is of a colleague's customer.
        let to = match place {
            Where::Deal(deal) => Some(Place::Deal(deal)),
            _ if is_held => Some(Place::Record(customer)),
            _ => None,
        };
        match to {
            Some(to) => view! { <ListRow href=to icon=glyph note=said test_id="records-hit">{text}</ListRow> }.into_any(),
            None => view! { <ListRow icon=glyph note=said test_id="records-hit">{text}</ListRow> }.into_any(),
        }
    };
    view! {
        <section class="stack" data-testid="records-person">
            <h2>{move || words::called(&name, salutation)}</h2>
            <List label=move || label.clone()>{places.into_iter().map(row).collect_view()}</List>
        </section>
    }
}

/// Every record, filtered and in order.
#[component]
fn All() -> impl IntoView {
    let now = ticking();
    let (sort, state) = (RwSignal::new(Some(None::<Sort>)), RwSignal::new(Some(None::<State>)));
    let (days, order) = (RwSignal::new(Some(Some(90))), RwSignal::new(Some(Order::Lacking)));
    let all = Memo::new(move |_| replica::read(KINDS, |replica| lines(replica, now.get())));
    let rows = Memo::new(move |_| {
        let filter =
            Filter { sort: sort.get().flatten(), state: state.get().flatten(), days: days.get().flatten(), order: order.get().unwrap_or_default() };
        all.with(|all| Arc::new(shown(all, filter, now.get())))
    });
    let count = move || rows.with(|rows| t::records::count(rows.len(), rows.iter().filter(|line| !line.whole.is_whole()).count()));
    let is_empty = Memo::new(move |_| rows.with(|rows| rows.is_empty()));
    let sorts = Signal::derive(|| {
        let of = |sort, said: &'static str| Choice::new(sort, said);
        vec![of(None, t::records::all()), of(Some(Sort::Customers), t::records::customers()), of(Some(Sort::Deals), t::records::deals())]
    });
    let states = Signal::derive(|| {
        let of = |state, said: &'static str| Choice::new(state, said);
        let (open, sold, ended) = (t::records::open(), t::records::sold(), t::records::ended());
        vec![of(None, t::records::all()), of(Some(State::Open), open), of(Some(State::Sold), sold), of(Some(State::Ended), ended)]
    });
    let periods = Signal::derive(|| {
        let said = |days: Option<i64>| days.map_or_else(|| t::records::any_time().to_owned(), t::records::last_days);
        PERIODS.map(|days| Choice::new(days, said(days))).to_vec()
    });
    let orders = Signal::derive(|| vec![Choice::new(Order::Lacking, t::records::by_lacks()), Choice::new(Order::Latest, t::records::by_latest())]);
    let navigate = use_navigate();
    let on_open = Callback::new(move |(line,): (Line,)| {
        let to = match line.of {
            Of::Customer(id) => Place::Record(id),
            Of::Deal(id) => Place::Deal(id),
        };
        navigate(&to.path(), leptos_router::NavigateOptions::default());
    });
    view! {
        <div class="records-filters">
            <Select label=t::records::kind options=sorts value=sort test_id="records-kind" />
            <Select label=t::records::state options=states value=state test_id="records-state" />
            <Select label=t::records::period options=periods value=days test_id="records-period" />
            <Select label=t::records::order options=orders value=order test_id="records-order" />
        </div>
        <p class="customers-count" aria-live="polite" data-testid="records-count">{count}</p>
        {move || {
            if is_empty.get() {
                return view! { <EmptyState glyph=Glyph::File title=t::records::none text=t::records::none_note test_id="records-none" /> }.into_any();
            }
            view! {
                <VirtualList label=t::records::title items=rows key=|line: &Line| line.of row=line row_height=68 on_open test_id="records-list" />
            }
            .into_any()
        }}
    }
}

fn line(one: &Line) -> impl IntoView + use<> {
    let (of, at, lacks) = (one.of, one.at, one.whole.lacks.len());
    let (name, salutation) = (one.name.clone(), one.salutation);
    let note = move || {
        let when = words::ago(at, Utc::now());
        if matches!(of, Of::Customer(_)) { t::records::note_customer(when) } else { t::records::note_deal(when) }
    };
    view! {
        <span class="row-words" data-testid="records-row">
            <span class="row-title">{move || words::called(&name, salutation)}</span>
            <span class="row-note">{note}</span>
        </span>
        <span class="row-end">
            {if lacks == 0 {
                view! { <Badge mood=Mood::Good>{t::records::whole}</Badge> }.into_any()
            } else {
                view! { <Badge mood=Mood::Warning>{move || t::records::lacks(lacks)}</Badge> }.into_any()
            }}
        </span>
    }
}
