//! The filter: what is chosen shows as chips under the search; the sheet holds all choices, the order, and saved views.

use crate::components::{Button, Chips, ChipsMany, Choice, Glyph, Icon, Look, Select, Sheet, TextField};
use crate::pages::invitations::upcoming;
use crate::platform::remembered;
use crate::replica;
use crate::state::customers::{Filter, InUse, Invited, Order, SavedView, Whose};
use crate::state::order::InOrder;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::Kind;
use shared::customers::Intent;
use shared::ids::MeetingId;
use shared::meetings::Meeting;
use shared::people::{Role, User};

const SAVED_VIEWS: &str = "customer-views";
const INTENTS: [Intent; 4] = [Intent::A, Intent::B, Intent::C, Intent::D];

/// The choices in force, each with a way out.
#[component]
pub(super) fn ActiveFilter(filter: RwSignal<Filter>) -> impl IntoView {
    let chip = move |(words, clear): (String, fn(&mut Filter))| {
        view! {
            <button type="button" class="chip active-filter" on:click=move |_| filter.update(clear)>
                {words}
                <Icon glyph=Glyph::X />
            </button>
        }
    };
    view! {
        <div class="active-filters" data-testid="customers-active-filter">
            {move || filter.with(in_force).into_iter().map(chip).collect_view()}
        </div>
    }
}

fn in_force(filter: &Filter) -> Vec<(String, fn(&mut Filter))> {
    let mut chips: Vec<(String, fn(&mut Filter))> = Vec::new();
    if !filter.intents.is_empty() {
        chips.push((filter.intents.iter().map(|intent| format!("{intent:?}")).collect::<Vec<_>>().join(" "), |filter| filter.intents.clear()));
    }
    chips.extend(filter.tag.iter().map(|tag| (tag.clone(), (|filter| filter.tag = None) as fn(&mut Filter))));
    chips.extend(filter.source.iter().map(|source| (words::source(source), (|filter| filter.source = None) as fn(&mut Filter))));
    chips.extend(filter.region.iter().map(|region| (region.clone(), (|filter| filter.region = None) as fn(&mut Filter))));
    chips.extend(filter.owner.iter().map(|owner| (whose_words(*owner), (|filter| filter.owner = None) as fn(&mut Filter))));
    chips.extend(filter.invited.iter().map(|invited| (invited_words(*invited), (|filter| filter.invited = None) as fn(&mut Filter))));
    chips
}

/// All choices.
#[component]
pub(in crate::pages) fn FilterSheet(open: RwSignal<bool>, filter: RwSignal<Filter>, in_use: Signal<InUse>) -> impl IntoView {
    view! {
        <Sheet title=t::customers::filter open test_id="filter-sheet">
            <SavedViews filter open />
            <FilterFields filter in_use />
            <div class="sheet-actions">
                <Button on_press=move || filter.set(Filter::default()) test_id="filter-clear">{t::customers::clear_filter}</Button>
                <Button look=Look::Primary on_press=move || open.set(false) test_id="filter-done">{t::customers::done}</Button>
            </div>
        </Sheet>
    }
}

/// The choices themselves, for the list and for whoever plans invitations.
#[component]
pub(in crate::pages) fn FilterFields(filter: RwSignal<Filter>, in_use: Signal<InUse>) -> impl IntoView {
    let chosen = filter.get_untracked();
    let intents = RwSignal::new(chosen.intents.iter().copied().collect::<Vec<_>>());
    let tag = RwSignal::new(chosen.tag);
    let source = RwSignal::new(chosen.source);
    let region = RwSignal::new(chosen.region);
    let owner = RwSignal::new(chosen.owner);
    let invited = RwSignal::new(chosen.invited);
    let order = RwSignal::new(Some(chosen.order));
    Effect::new(move |_| {
        let next = Filter {
            intents: intents.get().into_iter().collect(),
            tag: tag.get(),
            source: source.get(),
            region: region.get(),
            owner: owner.get(),
            invited: invited.get(),
            order: order.get().unwrap_or_default(),
        };
        if filter.with_untracked(|filter| *filter != next) {
            filter.set(next);
        }
    });
    // A saved view, or "clear", sets the filter from outside.
    Effect::new(move |_| {
        let now = filter.get();
        let same = |signal: RwSignal<Option<String>>, value: &Option<String>| signal.with_untracked(|signal| signal == value);
        if intents.with_untracked(|intents| intents.iter().copied().collect::<std::collections::BTreeSet<_>>() != now.intents) {
            intents.set(now.intents.iter().copied().collect());
        }
        for (signal, value) in [(tag, &now.tag), (source, &now.source), (region, &now.region)] {
            if !same(signal, value) {
                signal.set(value.clone());
            }
        }
        if owner.get_untracked() != now.owner {
            owner.set(now.owner);
        }
        if invited.get_untracked() != now.invited {
            invited.set(now.invited);
        }
        if order.get_untracked() != Some(now.order) {
            order.set(Some(now.order));
        }
    });
    let in_use = Memo::new(move |_| in_use.get());
    let plain = |texts: Vec<String>| texts.into_iter().map(|text| Choice::new(text.clone(), text)).collect::<Vec<_>>();
    let intent_choices = Signal::derive(|| INTENTS.map(|intent| Choice::new(intent, super::list::intent_words(intent))).to_vec());
    let tags = Signal::derive(move || plain(in_use.get().tags));
    let regions = Signal::derive(move || plain(in_use.get().regions));
    let sources =
        Signal::derive(move || in_use.get().sources.into_iter().map(|code| Choice::new(code.clone(), words::source(&code))).collect::<Vec<_>>());
    let owners = Signal::derive(owner_choices);
    let orders = Signal::derive(|| {
        let words: [(Order, &str); 4] = [
            (Order::Changed, t::customers::by_changed()),
            (Order::Added, t::customers::by_added()),
            (Order::Name, t::customers::by_name()),
            (Order::Intent, t::customers::by_intent()),
        ];
        words.map(|(order, words)| Choice::new(order, words)).to_vec()
    });
    view! {
        <Chips label=t::customers::order options=orders value=order test_id="filter-order" />
        <ChipsMany label=t::customers::intent options=intent_choices value=intents test_id="filter-intents" />
        <Select label=t::customers::invited options=Signal::derive(invited_choices) value=invited none=t::customers::any test_id="filter-invited" />
        <Show when=move || owners.with(|owners| owners.len() > 1)>
            <Select label=t::customers::owner options=owners value=owner none=t::customers::any test_id="filter-owner" />
        </Show>
        <Select label=t::customers::tag options=tags value=tag none=t::customers::any test_id="filter-tag" />
        <Select label=t::customers::region options=regions value=region none=t::customers::any test_id="filter-region" />
        <Select label=t::customers::source options=sources value=source none=t::customers::any test_id="filter-source" />
    }
}

#[component]
fn SavedViews(filter: RwSignal<Filter>, open: RwSignal<bool>) -> impl IntoView {
    let views = RwSignal::new(remembered::get::<Vec<SavedView>>(SAVED_VIEWS).unwrap_or_default());
    let name = RwSignal::new(String::new());
    let keep = move || {
        let new = SavedView { name: name.get_untracked().trim().to_owned(), filter: filter.get_untracked() };
        if new.name.is_empty() {
            return;
        }
        views.update(|views| {
            views.retain(|view| view.name != new.name);
            views.push(new);
        });
        name.set(String::new());
        views.with_untracked(|views| remembered::set(SAVED_VIEWS, views));
    };
    let remove = move |name: String| {
        views.update(|views| views.retain(|view| view.name != name));
        views.with_untracked(|views| remembered::set(SAVED_VIEWS, views));
    };
    let shown = move |saved: SavedView| {
        let SavedView { name, filter: wanted } = saved;
        let (removed, words) = (name.clone(), name.clone());
        let press = move |_| {
            filter.set(wanted.clone());
            open.set(false);
        };
        view! {
            <span class="saved-view">
                <button type="button" class="chip" data-testid="saved-view" on:click=press>{name}</button>
                <Button icon=Glyph::X label=move || t::customers::remove_view(words.clone()) on_press=move || remove(removed.clone()) />
            </span>
        }
    };
    view! {
        <Show when=move || !views.with(Vec::is_empty)>
            <div class="field">
                <span class="field-label">{t::customers::saved_views}</span>
                <div class="chips">{move || views.get().into_iter().map(shown).collect_view()}</div>
            </div>
        </Show>
        <Show when=move || filter.with(|filter| *filter != Filter::default())>
            <form class="save-view" on:submit=move |event| { event.prevent_default(); keep(); }>
                <TextField label=t::customers::view_name value=name test_id="view-name" />
                <Button submit=true test_id="view-save">{t::customers::save_view}</Button>
            </form>
        </Show>
    }
}

fn owner_choices() -> Vec<Choice<Whose>> {
    let Some(actor) = replica::actor() else { return Vec::new() };
    let mut users = replica::read(&[Kind::User], |replica| crate::state::customers::receivers(replica, &actor));
    users.order_by_key(|user: &std::sync::Arc<User>| user.id != actor.user);
    let people = users.iter().map(|user| Choice::new(Whose::Person(user.id), user.name.clone()));
    let pool = matches!(actor.role, Role::Supervisor | Role::Manager).then(|| Choice::new(Whose::Pool, t::customers::nobody()));
    people.chain(pool).collect()
}

fn invited_choices() -> Vec<Choice<Invited>> {
    let meetings = upcoming();
    let of = |invited| Choice::new(invited, invited_words(invited));
    let to_each = meetings.iter().flat_map(|meeting| [Invited::NotTo(meeting.id), Invited::To(meeting.id)]);
    std::iter::once(Invited::Never).chain(to_each).map(of).collect()
}

fn whose_words(whose: Whose) -> String {
    match whose {
        Whose::Pool => t::customers::pool().to_owned(),
        Whose::Person(id) => words::person(id),
    }
}

fn invited_words(invited: Invited) -> String {
    match invited {
        Invited::To(meeting) => t::customers::invited_to(theme(meeting)),
        Invited::NotTo(meeting) => t::customers::not_invited_to(theme(meeting)),
        Invited::Never => t::customers::never_invited().to_owned(),
    }
}

fn theme(meeting: MeetingId) -> String {
    replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.theme.clone())).unwrap_or_default()
}
