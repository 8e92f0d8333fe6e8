//! The stock of a meeting (clause C3): what was planned, arrived, was handed out, is left, went back; each desk's share; and who goes without.

mod item;

use crate::components::{Badge, Button, EmptyState, Glyph, LinkButton, Look, Mood, PageHead, Sheet};
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::stock::{DeskShare, ItemView, ShortageView, items};
use crate::texts as t;
use item::{Allot, Count, Counting, ItemForm};
use leptos::prelude::*;
use shared::Kind;
use shared::ids::{ItemId, MeetingId};
use shared::people::Role;
use shared::stock::{Due, ItemStanding, Receipt, Sort};

/// The kinds from which the stock is made.
pub(crate) const KINDS: &[Kind] = &[Kind::Item, Kind::Handout, Kind::Desk, Kind::Guest, Kind::CheckIn, Kind::User];

/// Most names of a shortage before the rest is "and others".
const MOST_NAMED: usize = 12;

/// What the sheet is for.
#[derive(Clone, Copy, PartialEq)]
enum Ask {
    Nothing,
    New,
    Edit(ItemId),
    Count(ItemId, Counting),
    Allot(ItemId),
}

/// Whether the person at this device plans stock; tracked.
fn keeps() -> bool {
    replica::actor().is_some_and(|actor| matches!(actor.role, Role::Supervisor | Role::Manager | Role::Marketing | Role::Office))
}

/// Whether the person at this device holds the desks and may share out; tracked.
fn shares_out() -> bool {
    replica::actor().is_some_and(|actor| actor.role.sells())
}

/// The stock of the address.
#[component]
pub fn StockPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("id");
    move || meeting.get().map(|meeting| view! { <Stock meeting /> })
}

#[component]
fn Stock(meeting: MeetingId) -> impl IntoView {
    let all = Memo::new(move |_| replica::read(KINDS, |replica| items(replica, meeting)));
    let ask = RwSignal::new(Ask::Nothing);
    let open = RwSignal::new(false);
    let show = Callback::new(move |(what,): (Ask,)| {
        ask.set(what);
        open.set(true);
    });
    let done = Callback::new(move |()| open.set(false));
    let title = move || match ask.get() {
        Ask::Nothing | Ask::New => t::stock::add(),
        Ask::Edit(_) => t::stock::edit(),
        Ask::Count(_, Counting::Arrival) => t::stock::count_arrival(),
        Ask::Count(_, Counting::Return) => t::stock::count_return(),
        Ask::Allot(_) => t::stock::share(),
    };
    let known = move |id: ItemId| all.with_untracked(|all| all.iter().find(|view| view.item.id == id).cloned());
    view! {
        <div class="stock-page" data-testid="stock">
            <PageHead title=t::stock::title back=Signal::stored(Place::Meeting(meeting).path())>
                {move || shares_out().then(|| view! { <LinkButton href=Place::Desks(meeting) icon=Glyph::Tablet>{t::seats::desks}</LinkButton> })}
                {move || keeps().then(|| view! {
                    <Button look=Look::Primary icon=Glyph::Plus is_new=true on_press=move || show.run((Ask::New,)) test_id="stock-add">{t::stock::add}</Button>
                })}
            </PageHead>
            <div class="page-content">
                {move || {
                    let items = all.get();
                    if items.is_empty() {
                        let text = move || if keeps() { t::stock::none_keeper() } else { t::stock::none_others() };
                        view! { <EmptyState glyph=Glyph::Package title=t::stock::none text=text test_id="stock-none" /> }.into_any()
                    } else {
                        view! { <ul class="cases" role="list">{items.into_iter().map(|view| card(view, show)).collect_view()}</ul> }.into_any()
                    }
                }}
            </div>
            <Sheet title open test_id="stock-sheet">
                {move || match ask.get() {
                    Ask::Nothing => ().into_any(),
                    Ask::New => view! { <ItemForm meeting before=None on_done=done /> }.into_any(),
                    Ask::Edit(id) => view! { <ItemForm meeting before=known(id).map(|view| view.item) on_done=done /> }.into_any(),
                    Ask::Count(id, what) => view! { <Count item=id what on_done=done /> }.into_any(),
                    Ask::Allot(id) => view! { <Allot meeting item=id desks=known(id).map(|view| view.desks).unwrap_or_default() on_done=done /> }.into_any(),
                }}
            </Sheet>
        </div>
    }
}

fn card(view: ItemView, show: Callback<(Ask,)>) -> impl IntoView {
    let is_short = view.is_short();
    let ItemView { item, count, desks, shortages, without, twice } = view;
    let (id, plan) = (item.id, item.plan.clone());
    let withdrawn = item.standing == ItemStanding::Withdrawn;
    let number = |label: fn() -> &'static str, value: i64, test_id: &'static str| {
        view! { <div><dt>{label}</dt><dd class="number" data-testid=test_id>{value}</dd></div> }
    };
    let told = lacking(count.promised_twice, &shortages, &without, &twice);
    view! {
        <li class="case" data-testid="stock-item" data-short=is_short.to_string()>
            <header class="case-head">
                <h2>{plan.name.clone()}</h2>
                <p class="cluster">
                    <Badge icon=Glyph::Package>{sort_words(plan.sort)}</Badge>
                    <Badge>{due_words(plan.due)}</Badge>
                    {(plan.receipt == Receipt::Signature).then(|| view! { <Badge icon=Glyph::Signature>{t::stock::receipt}</Badge> })}
                    {withdrawn.then(|| view! { <Badge icon=Glyph::Ban>{t::stock::withdrawn}</Badge> })}
                    {is_short.then(|| view! { <Badge mood=Mood::Bad icon=Glyph::Alert>{t::stock::short}</Badge> })}
                </p>
            </header>
            <div class="case-side">
                <dl class="stock-numbers">
                    {number(t::stock::planned, plan.planned.into(), "stock-planned")}
                    {number(t::stock::arrived, item.arrived.into(), "stock-arrived")}
                    {number(t::stock::handed_out, count.handed_out, "stock-handed-out")}
                    {number(t::stock::returned, item.returned.into(), "stock-returned")}
                    {number(t::stock::left, count.left, "stock-left")}
                </dl>
                {(!told.is_empty()).then(|| view! {
                    <ul class="stock-lacking" data-testid="stock-lacking">{told.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                })}
                {(!desks.is_empty()).then(|| view! {
                    <ul class="soft" data-testid="stock-shares">{desks.iter().map(|desk| view! { <li>{share_words(desk)}</li> }).collect_view()}</ul>
                })}
                <div class="cluster">
                    <Button icon=Glyph::Plus on_press=move || show.run((Ask::Count(id, Counting::Arrival),)) test_id="stock-count-arrival">{t::stock::count_arrival}</Button>
                    {move || shares_out().then(|| view! {
                        <Button icon=Glyph::Tablet on_press=move || show.run((Ask::Allot(id),)) test_id="stock-share">{t::stock::share}</Button>
                    })}
                    <Button icon=Glyph::Undo on_press=move || show.run((Ask::Count(id, Counting::Return),)) test_id="stock-count-return">{t::stock::count_return}</Button>
                    {move || keeps().then(|| view! {
                        <Button icon=Glyph::Pencil on_press=move || show.run((Ask::Edit(id),)) test_id="stock-edit">{t::stock::edit}</Button>
                    })}
                </div>
            </div>
        </li>
    }
}

fn share_words(desk: &DeskShare) -> String {
    t::stock::share_of(&desk.name, desk.handed_out, desk.share - desk.handed_out, desk.share)
}

/// What is lacking and whom it concerns, a line each.
fn lacking(promised_twice: i64, shortages: &[ShortageView], without: &[String], twice: &[(String, usize)]) -> Vec<String> {
    let mut lines = Vec::new();
    if promised_twice > 0 {
        lines.push(t::stock::promised_twice(promised_twice));
    }
    lines.extend(shortages.iter().map(|short| {
        let guests = names(&short.guests);
        match &short.desk {
            Some(desk) => t::stock::short_at(desk, guests, short.missing),
            None => t::stock::short_in_all(guests, short.missing),
        }
    }));
    if !without.is_empty() {
        lines.push(t::stock::without(names(without), without.len()));
    }
    if !twice.is_empty() {
        let times: Vec<_> = twice.iter().map(|(name, times)| t::stock::times(times, name)).collect();
        lines.push(t::stock::twice(names(&times)));
    }
    lines
}

fn names(all: &[String]) -> String {
    let first: Vec<&str> = all.iter().take(MOST_NAMED).map(String::as_str).filter(|name| !name.is_empty()).collect();
    let named = first.join(", ");
    if all.len() > MOST_NAMED { t::stock::and_more(named) } else { named }
}

/// What a sort is called.
fn sort_words(sort: Sort) -> &'static str {
    match sort {
        Sort::Material => t::stock::material(),
        Sort::Gift => t::stock::gift(),
        Sort::Equipment => t::stock::equipment(),
    }
}

/// For whom an item is, in words.
fn due_words(due: Due) -> &'static str {
    match due {
        Due::EveryGuest => t::stock::every_guest(),
        Due::SomeGuests => t::stock::some_guests(),
        Due::Nobody => t::stock::nobody(),
    }
}
