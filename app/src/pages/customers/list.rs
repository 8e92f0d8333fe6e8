//! The list: search as you type, filter, order, choose several and do something with all of them.

use super::export::{Chosen, ExportForm, may_export};
use super::filter::{ActiveFilter, FilterSheet};
use super::give::GiveSheet;
use super::pool::in_pool;
use crate::components::{Badge, Button, EmptyState, Glyph, Icon, LinkButton, Look, Mood, PageHead, Progress, SearchField, Sheet, VirtualList};
use crate::pages::invitations::{choose_for_plan, upcoming};
use crate::replica::{self, status::status};
use crate::routes::Place;
use crate::state::customers::{CustomerList, Filter, InUse};
use crate::state::own::Own;
use crate::texts as t;
use crate::words;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_navigate, use_params_map};
use shared::Kind;
use shared::customers::{Contact, Customer, Intent};
use shared::ids::CustomerId;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

thread_local! {
    static LIST: RefCell<CustomerList> = RefCell::default();
    static WORDS: RefCell<Own<String>> = RefCell::default();
    static FILTER: RefCell<Own<Filter>> = RefCell::default();
    /// The list is being made searchable.
    static PREPARING: Cell<bool> = const { Cell::new(false) };
}

/// After this time, a list that has just been made stands on the screen.
const DRAWN_MS: u32 = 50;

/// What is shown: the rows, and how many there are in all.
#[derive(Clone, Default, PartialEq)]
struct Rows {
    ids: Arc<Vec<CustomerId>>,
    total: usize,
}

/// The pane at the left: it keeps words and filter while the user is elsewhere.
#[component]
pub(super) fn ListPane() -> impl IntoView {
    let user = replica::actor().map(|actor| actor.user);
    let words = RwSignal::from(WORDS.with_borrow_mut(|words| words.of(user)));
    let filter = RwSignal::from(FILTER.with_borrow_mut(|filter| filter.of(user)));
    let (filtering, exporting) = (RwSignal::new(false), RwSignal::new(false));
    let selecting = RwSignal::new(false);
    let chosen = RwSignal::new(BTreeSet::<CustomerId>::new());
    let revision = revision();
    let rows = Memo::new(move |_| {
        revision.with(|_| ());
        shown(&words.get(), &filter.get())
    });
    let params = use_params_map();
    let beside = Signal::derive(move || params.with(|params| params.get("id").and_then(|id| id.parse::<CustomerId>().ok())));
    let navigate = use_navigate();
    let open = Callback::new(move |(id,): (CustomerId,)| {
        if selecting.get_untracked() {
            chosen.update(|chosen| {
                if !chosen.remove(&id) {
                    chosen.insert(id);
                }
            });
        } else {
            navigate(&Place::Customer(id).path(), leptos_router::NavigateOptions::default());
        }
    });
    let items = Signal::derive(move || rows.with(|rows| rows.ids.clone()));
    let nobody = Memo::new(move |_| rows.with(|rows| rows.total == 0));
    let count = move || {
        rows.with(
            |rows| if rows.ids.len() < rows.total { t::customers::first_of(rows.total, rows.ids.len()) } else { t::customers::count(rows.total) },
        )
    };
    let pooled = Memo::new(|_| in_pool());
    let begin = move || {
        chosen.update(BTreeSet::clear);
        selecting.set(true);
    };
    view! {
        <PageHead title=t::app::customers>
            <LinkButton href=Place::ImportCustomers icon=Glyph::Upload test_id="customers-import">{t::customers::import}</LinkButton>
            <LinkButton href=Place::NewCustomer look=Look::Primary icon=Glyph::UserPlus test_id="customers-add">{t::customers::add}</LinkButton>
        </PageHead>
        <div class="customers-tools">
            <SearchField label=t::customers::search value=words test_id="customers-search" />
            <Button icon=Glyph::Filter label=t::customers::filter on_press=move || filtering.set(true) test_id="customers-filter" />
        </div>
        <ActiveFilter filter />
        <div class="customers-count" aria-live="polite">
            <span data-testid="customers-count">{count}</span>
            <Show when=move || pooled.get() != 0>
                <LinkButton href=Place::Pool icon=Glyph::Users test_id="customers-pool">{move || t::customers::pool_open(pooled.get())}</LinkButton>
            </Show>
            <Show when=move || !selecting.get() && !nobody.get()>
                <Button on_press=begin test_id="customers-select">{t::customers::choose}</Button>
                <Show when=may_export>
                    <Button icon=Glyph::Download on_press=move || exporting.set(true) test_id="customers-export">{t::exports::export}</Button>
                </Show>
            </Show>
        </div>
        <Show when=move || !nobody.get() fallback=move || view! { <Nobody words filter /> }>
            <VirtualList
                label=t::app::customers
                items
                key=|id| *id
                row=move |id| row(*id, selecting, chosen)
                row_height=68
                on_open=open
                selected=beside
                test_id="customers-list"
            />
        </Show>
        <Show when=move || selecting.get()>
            <BulkBar selecting chosen all=items />
        </Show>
        <FilterSheet open=filtering filter in_use=Signal::derive(in_use) />
        <Sheet title=t::exports::sheet_title open=exporting test_id="export-sheet">
            <ExportForm chosen=untrack(|| on_the_list(words, filter)) open=exporting />
        </Sheet>
    }
}

/// Changes whenever a customer does; the list has followed by then, and is made searchable after it is drawn.
fn revision() -> Memo<u64> {
    Memo::new(|before: Option<&u64>| {
        let changed = replica::read(&[Kind::Customer], |replica| LIST.with(|list| list.borrow_mut().follow(replica)));
        if changed && !PREPARING.replace(true) {
            spawn_local(prepare());
        }
        before.copied().unwrap_or(0) + u64::from(changed)
    })
}

/// Indexes all customers, a part of a frame's time at once.
async fn prepare() {
    const AT_ONCE: usize = 2_000;
    TimeoutFuture::new(DRAWN_MS).await;
    while replica::read(&[], |replica| LIST.with(|list| list.borrow_mut().prepare(replica, AT_ONCE))) {
        TimeoutFuture::new(0).await;
    }
    PREPARING.set(false);
}

fn shown(words: &str, filter: &Filter) -> Rows {
    let kinds: &[Kind] = if filter.invited.is_some() { &[Kind::Invitation] } else { &[] };
    let shown = replica::read(kinds, |replica| LIST.with(|list| list.borrow_mut().shown(replica, words, filter)));
    Rows { ids: Arc::new(shown.ids), total: shown.total }
}

/// All that the list stands for, also those beyond its first rows.
fn on_the_list(words: RwSignal<String>, filter: RwSignal<Filter>) -> Chosen {
    let (words, filter) = (words.get(), filter.get());
    let ids = replica::read(&[], |replica| LIST.with(|list| list.borrow_mut().all_shown(replica, &words, &filter)));
    Chosen { ids: Arc::new(ids), words, filter }
}

/// The customers that match a filter, for whoever plans invitations; tracked.
pub(in crate::pages) fn matching(filter: &Filter) -> Arc<Vec<CustomerId>> {
    replica::read(&[Kind::Customer, Kind::Invitation], |replica| {
        LIST.with(|list| {
            list.borrow_mut().follow(replica);
            Arc::new(list.borrow_mut().shown(replica, "", filter).ids)
        })
    })
}

/// What the fields of all customers hold.
pub(in crate::pages) fn in_use() -> InUse {
    replica::read(&[], CustomerList::in_use)
}

fn row(id: CustomerId, selecting: RwSignal<bool>, chosen: RwSignal<BTreeSet<CustomerId>>) -> impl IntoView {
    let customer = replica::read(&[Kind::Customer], |replica| replica.noun::<Customer>(id).cloned());
    customer.map(|customer| {
        let profile = &customer.profile;
        let note: Vec<_> =
            [profile.company.as_str(), profile.region.as_str(), profile.occupation.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
        let note = if note.is_empty() { profile.phones.first().map(crate::state::phones::spoken).unwrap_or_default() } else { note.join(" · ") };
        view! {
            <Show when=move || selecting.get()>
                <span class="choice" class:on=move || chosen.with(|chosen| chosen.contains(&id))>
                    <Icon glyph=Glyph::Check />
                </span>
            </Show>
            <span class="row-words" data-testid="customer-row">
                <span class="row-title">{words::called_by(profile)}</span>
                <span class="row-note">{note}</span>
            </span>
            <span class="row-end">
                {(profile.contact == Contact::Refused).then(|| view! { <Badge mood=Mood::Warning>{t::customers::refused_badge}</Badge> })}
                {customer.owner.is_none().then(|| view! { <Badge>{t::customers::pool}</Badge> })}
                {profile.intent.map(intent_mark)}
            </span>
        }
    })
}

/// The letter of an intent, stronger the sooner a purchase is.
pub(super) fn intent_mark(intent: Intent) -> impl IntoView {
    let letter = format!("{intent:?}");
    let class = format!("intent intent-{}", letter.to_lowercase());
    view! { <span class=class title=intent_words(intent)>{letter}</span> }
}

/// An intent in words.
pub(super) fn intent_words(intent: Intent) -> &'static str {
    match intent {
        Intent::A => t::customers::intent_a(),
        Intent::B => t::customers::intent_b(),
        Intent::C => t::customers::intent_c(),
        Intent::D => t::customers::intent_d(),
    }
}

/// An empty list says why, and what to do.
#[component]
fn Nobody(words: RwSignal<String>, filter: RwSignal<Filter>) -> impl IntoView {
    let sought = move || words.with(|words| !words.trim().is_empty()) || filter.with(|filter| *filter != Filter::default());
    let clear = move || {
        words.set(String::new());
        filter.set(Filter::default());
    };
    move || {
        if sought() {
            view! {
                <EmptyState glyph=Glyph::Search title=t::customers::none_found text=t::customers::none_found_text test_id="customers-none-found">
                    <Button on_press=clear>{t::customers::clear_filter}</Button>
                </EmptyState>
            }
            .into_any()
        } else if let Some(rows) = status().receiving {
            view! { <div class="page-content"><Progress label=t::customers::receiving done=Signal::stored(rows) /></div> }.into_any()
        } else {
            view! {
                <EmptyState glyph=Glyph::Users title=t::customers::none_yet text=t::customers::none_yet_text test_id="customers-none-yet">
                    <LinkButton href=Place::NewCustomer look=Look::Primary icon=Glyph::UserPlus>{t::customers::add}</LinkButton>
                    <LinkButton href=Place::ImportCustomers icon=Glyph::Upload>{t::customers::import}</LinkButton>
                </EmptyState>
            }
            .into_any()
        }
    }
}

/// What can be done with all that are chosen.
#[component]
fn BulkBar(selecting: RwSignal<bool>, chosen: RwSignal<BTreeSet<CustomerId>>, all: Signal<Arc<Vec<CustomerId>>>) -> impl IntoView {
    let giving = RwSignal::new(false);
    let inviting = RwSignal::new(false);
    let none = Signal::derive(move || chosen.with(BTreeSet::is_empty));
    let customers = Signal::derive(move || chosen.with(|chosen| chosen.iter().copied().collect::<Vec<_>>()));
    let finish = move || {
        selecting.set(false);
        chosen.update(BTreeSet::clear);
    };
    let are_two = move || chosen.with(|chosen| chosen.len() == 2);
    let navigate = StoredValue::new_local(use_navigate());
    let merge = move || {
        if let [one, other] = customers.get_untracked()[..] {
            finish();
            navigate.with_value(|navigate| navigate(&Place::MergeCustomers(one, other).path(), leptos_router::NavigateOptions::default()));
        }
    };
    view! {
        <div class="bulk" data-testid="customers-bulk">
            <div class="bulk-head">
                <strong aria-live="polite">{move || t::customers::chosen(chosen.with(BTreeSet::len))}</strong>
                <Button on_press=move || chosen.set(all.with(|all| all.iter().copied().collect())) test_id="customers-select-all">
                    {move || t::customers::choose_all(all.with(|all| all.len()))}
                </Button>
                <Button on_press=finish test_id="customers-select-done">{t::customers::done}</Button>
            </div>
            <div class="bulk-actions">
                <Button look=Look::Primary icon=Glyph::CalendarPlus disabled=none on_press=move || inviting.set(true) test_id="customers-bulk-invite">
                    {t::customers::invite}
                </Button>
                <Button icon=Glyph::ArrowRight disabled=none on_press=move || giving.set(true) test_id="customers-bulk-give">{t::customers::give}</Button>
                <Show when=are_two>
                    <Button icon=Glyph::Users on_press=merge test_id="customers-bulk-merge">{t::customers::merge}</Button>
                </Show>
            </div>
        </div>
        <GiveSheet open=giving customers on_given=Callback::new(move |()| finish()) />
        <Sheet title=t::customers::invite_to open=inviting>
            <ChooseMeeting customers />
        </Sheet>
    }
}

/// The meetings ahead; a tap goes on to the plan with these customers.
#[component]
pub(super) fn ChooseMeeting(customers: Signal<Vec<CustomerId>>) -> impl IntoView {
    move || {
        let meetings = upcoming();
        if meetings.is_empty() {
            return view! { <p class="soft">{t::customers::no_meeting}</p> }.into_any();
        }
        let now = chrono::Utc::now();
        let row = |meeting: Arc<shared::meetings::Meeting>| {
            let navigate = use_navigate();
            let (id, plan) = (meeting.id, &meeting.plan);
            let when = words::opening(&words::moment(plan.starts_at, plan.utc_offset, now));
            let press = move |_| {
                choose_for_plan(customers.get_untracked());
                navigate(&Place::Invitations(id).path(), leptos_router::NavigateOptions::default());
            };
            view! {
                <button type="button" class="row" data-testid="choose-meeting" on:click=press>
                    <span class="row-words">
                        <span class="row-title">{plan.theme.clone()}</span>
                        <span class="row-note">{when}" · "{plan.venue.clone()}</span>
                    </span>
                    <span class="row-more"><Icon glyph=Glyph::ChevronRight /></span>
                </button>
            }
        };
        view! { <div class="list">{meetings.into_iter().map(row).collect_view()}</div> }.into_any()
    }
}
