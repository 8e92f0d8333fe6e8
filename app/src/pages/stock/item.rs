//! The forms of an item: its plan, what arrived or went back, and a desk's share.

use super::{due_words, sort_words};
use crate::components::{Banner, Button, Chips, Choice, Look, Mood, Select, Switch, TextField, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::NotSaved;
use crate::state::stock::{DeskShare, number};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::{DeskId, ItemId, MeetingId};
use shared::stock::command::{AllotItem, CountArrival, CountReturn, EditItem, PlanItem};
use shared::stock::{Due, Item, ItemPlan, ItemStanding, Receipt, Sort};
use shared::{Command, Field};
use std::sync::Arc;
use uuid::Uuid;

/// What is counted.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Counting {
    Arrival,
    Return,
}

/// A form under way.
#[derive(Clone, Copy)]
struct Saving {
    draft: Draft,
    busy: RwSignal<bool>,
    why: RwSignal<Option<NotSaved>>,
    on_done: Callback<()>,
}

impl Saving {
    fn new(draft: Draft, on_done: Callback<()>) -> Self {
        Self { draft, busy: RwSignal::new(false), why: RwSignal::new(None), on_done }
    }

    fn save(self, command: impl Into<Command>, said: impl FnOnce() -> String + 'static) {
        let command = command.into();
        self.busy.set(true);
        spawn_local(async move {
            let saved = self.draft.submit(command).await;
            self.busy.try_set(false);
            match saved {
                Ok(()) => {
                    toast::show(untrack(said));
                    self.on_done.run(());
                }
                Err(why) => drop(self.why.try_set(Some(why))),
            }
        });
    }

    /// What the rules say of a field, beside it.
    fn error(self, field: Field) -> Signal<Option<String>> {
        Signal::derive(move || match self.why.get() {
            Some(NotSaved::Rejected(why)) if words::field_of(&why) == Some(field) => Some(words::rejection(&why)),
            _ => None,
        })
    }

    fn whole(self) -> impl IntoView {
        move || {
            let why = self.why.get()?;
            let beside = matches!(&why, NotSaved::Rejected(why) if words::field_of(why).is_some());
            (!beside).then(|| view! { <Banner mood=Mood::Bad test_id="stock-not-saved">{words::not_saved(&why)}</Banner> })
        }
    }
}

/// Beside a field in which something else than a number stands.
fn no_number(field: RwSignal<String>) -> Signal<Option<String>> {
    Signal::derive(move || number(&field.get()).is_none().then(|| t::stock::not_a_number().to_owned()))
}

/// A new item, or a known one.
#[component]
pub(super) fn ItemForm(meeting: MeetingId, before: Option<Arc<Item>>, on_done: Callback<()>) -> impl IntoView {
    let plan = before.as_ref().map(|item| item.plan.clone());
    let draft = Draft::of(before.as_ref().map_or_else(|| format!("item/{meeting}"), |item| format!("item/{}", item.id)));
    let saving = Saving::new(draft, on_done);
    let name = draft.field("name", plan.as_ref().map(|plan| plan.name.clone()).unwrap_or_default());
    let sort = draft.field("sort", Some(plan.as_ref().map_or(Sort::Gift, |plan| plan.sort)));
    let planned = draft.field("planned", plan.as_ref().map_or_else(|| "0".to_owned(), |plan| plan.planned.to_string()));
    let low_at = draft.field("low_at", plan.as_ref().map_or_else(|| "5".to_owned(), |plan| plan.low_at.to_string()));
    let due = draft.field("due", Some(plan.as_ref().map_or(Due::EveryGuest, |plan| plan.due)));
    let signs = draft.field("signs", plan.as_ref().is_some_and(|plan| plan.receipt == Receipt::Signature));
    let in_use = draft.field("in_use", before.as_ref().is_none_or(|item| item.standing == ItemStanding::InUse));
    let known = before.as_ref().map(|item| item.id);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(planned), Some(low_at)) = (number(&planned.get_untracked()), number(&low_at.get_untracked())) else { return };
        let plan = ItemPlan {
            name: name.get_untracked(),
            sort: sort.get_untracked().unwrap_or(Sort::Gift),
            planned,
            low_at,
            due: due.get_untracked().unwrap_or(Due::EveryGuest),
            receipt: if signs.get_untracked() { Receipt::Signature } else { Receipt::None },
        };
        let standing = if in_use.get_untracked() { ItemStanding::InUse } else { ItemStanding::Withdrawn };
        let command: Command = match known {
            Some(item) => EditItem { item, plan, standing }.into(),
            None => PlanItem { item: ItemId(Uuid::now_v7()), meeting, plan }.into(),
        };
        saving.save(command, || t::stock::saved().to_owned());
    };
    let sorts = Signal::derive(|| [Sort::Gift, Sort::Material, Sort::Equipment].map(|sort| Choice::new(sort, sort_words(sort))).to_vec());
    let dues = Signal::derive(|| [Due::EveryGuest, Due::SomeGuests, Due::Nobody].map(|due| Choice::new(due, due_words(due))).to_vec());
    view! {
        <form class="stack" novalidate on:submit=save data-testid="item-form">
            <DraftNote draft />
            {saving.whole()}
            <TextField label=t::stock::name value=name error=saving.error(Field::Item) required=true test_id="item-name" />
            <Chips label=t::stock::sort options=sorts value=sort test_id="item-sort" />
            <div class="hall-add-numbers">
                <TextField label=t::stock::planned value=planned error=no_number(planned) inputmode="numeric" test_id="item-planned" />
                <TextField label=t::stock::low_at value=low_at error=no_number(low_at) inputmode="numeric" test_id="item-low-at" />
            </div>
            {move || (sort.get() != Some(Sort::Equipment)).then(|| view! {
                <Chips label=t::stock::due options=dues value=due test_id="item-due" />
                <Switch label=t::stock::receipt value=signs test_id="item-signs" />
            })}
            {known.is_some().then(|| view! { <Switch label=t::stock::in_use value=in_use test_id="item-in-use" /> })}
            <Button submit=true look=Look::Primary wide=true busy=saving.busy test_id="item-save">{t::stock::save}</Button>
        </form>
    }
}

/// Counts what arrived or went back.
#[component]
pub(super) fn Count(item: ItemId, what: Counting, on_done: Callback<()>) -> impl IntoView {
    let form = if what == Counting::Arrival { "arrival" } else { "return" };
    let draft = Draft::of(format!("{form}/{item}"));
    let saving = Saving::new(draft, on_done);
    let quantity = draft.field("quantity", String::new());
    let is_tried = RwSignal::new(false);
    let read = move || quantity.with(|quantity| quantity.trim().parse::<i32>().ok());
    let error = Signal::derive(move || (is_tried.get() && read().is_none()).then(|| t::stock::not_a_number().to_owned()));
    let refused = saving.error(Field::Quantity);
    let error = Signal::derive(move || error.get().or_else(|| refused.get()));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        is_tried.set(true);
        let Some(quantity) = untrack(read) else { return };
        let command: Command = match what {
            Counting::Arrival => CountArrival { item, quantity }.into(),
            Counting::Return => CountReturn { item, quantity }.into(),
        };
        saving.save(command, || t::stock::counted().to_owned());
    };
    view! {
        <form class="stack" novalidate on:submit=save data-testid="count-form">
            <DraftNote draft />
            {saving.whole()}
            <TextField label=t::stock::how_many value=quantity error inputmode="text" autofocus=true test_id="count-quantity" />
            <Button submit=true look=Look::Primary wide=true busy=saving.busy test_id="count-save">{t::stock::save}</Button>
        </form>
    }
}

/// Gives a desk its share.
#[component]
pub(super) fn Allot(meeting: MeetingId, item: ItemId, desks: Vec<DeskShare>, on_done: Callback<()>) -> impl IntoView {
    let draft = Draft::of(format!("share/{meeting}/{item}"));
    let saving = Saving::new(draft, on_done);
    let desk = draft.field("desk", desks.first().map(|desk| desk.desk));
    let quantity = draft.field("quantity", desks.first().map_or_else(String::new, |desk| desk.share.to_string()));
    let has_none = desks.is_empty();
    let named = desks.clone();
    let options = Signal::derive(move || named.iter().map(|desk| Choice::new(desk.desk, desk.name.clone())).collect::<Vec<_>>());
    // The share of the desk that is chosen stands in the field.
    let shares = desks.clone();
    Effect::new(move |before: Option<Option<DeskId>>| {
        let chosen = desk.get();
        if before.is_some_and(|before| before != chosen)
            && let Some(known) = shares.iter().find(|share| Some(share.desk) == chosen)
        {
            quantity.set(known.share.to_string());
        }
        chosen
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(desk), Some(quantity)) = (desk.get_untracked(), number(&quantity.get_untracked())) else { return };
        let name = desks.iter().find(|share| share.desk == desk).map(|share| share.name.clone()).unwrap_or_default();
        saving.save(AllotItem { item, desk, quantity }, move || t::stock::share_saved(name));
    };
    view! {
        <form class="stack" novalidate on:submit=save data-testid="share-form">
            <DraftNote draft />
            {saving.whole()}
            {has_none.then(|| view! { <Banner>{t::stock::no_desks}</Banner> })}
            <Select label=t::seats::desk_name options value=desk test_id="share-desk" />
            <TextField label=t::stock::quantity value=quantity error=no_number(quantity) inputmode="numeric" test_id="share-quantity" />
            <Button submit=true look=Look::Primary wide=true busy=saving.busy disabled=has_none test_id="share-save">{t::stock::save}</Button>
        </form>
    }
}
