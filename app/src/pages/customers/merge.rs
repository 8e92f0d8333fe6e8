//! Two records of one person, beside each other: which one stays, what it will say, and one press (clause A7).

use crate::components::{Banner, Button, EmptyState, Glyph, Icon, LinkButton, Look, Mood, PageHead, toast};
use crate::replica::{self, NotSaved};
use crate::routes::{Place, id_param};
use crate::state::customers::{Comparison, Side, compare, merged_into, same_phone};
use crate::state::phones::spoken;
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::Kind;
use shared::customers::command::{MergeCustomers, UndoMerge};
use shared::customers::merging::MergedCustomer;
use shared::customers::{Customer, Profile};
use shared::ids::CustomerId;
use std::sync::Arc;

/// The two customers of the address.
#[component]
pub fn MergePage() -> impl IntoView {
    let (one, other) = (id_param::<CustomerId>("id"), id_param::<CustomerId>("other"));
    // What is on the screen is what is merged: it changes by a person's choice, and not while they read.
    let compared = Memo::new(move |_| {
        let kinds = [Kind::Customer, Kind::MergedCustomer, Kind::Invitation, Kind::Deal, Kind::Meeting];
        let (one, other) = (one.get()?, other.get()?);
        replica::read(&kinds, |replica| compare(replica, one, other, Utc::now()))
    });
    let back = one.get_untracked().map_or(Place::Customers, Place::Customer);
    view! {
        <PageHead title=t::customers::merge_title back />
        {move || match compared.get() {
            Some(comparison) => view! { <Compared comparison /> }.into_any(),
            None => view! { <EmptyState glyph=Glyph::Users title=t::customers::merge_nothing test_id="merge-nothing" /> }.into_any(),
        }}
    }
}

#[component]
fn Compared(comparison: Comparison) -> impl IntoView {
    let kept = RwSignal::new(comparison.likelier);
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let ids = comparison.sides.each_ref().map(|side| side.customer.id);
    let navigate = use_navigate();
    let merge = move || {
        let (stays, goes) = (ids[kept.get_untracked()], ids[1 - kept.get_untracked()]);
        let navigate = navigate.clone();
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            match replica::submit(MergeCustomers { kept: stays, merged: goes }).await {
                Ok(()) => {
                    offer_undo(goes);
                    navigate(&Place::Customer(stays).path(), NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(why) => {
                    busy.set(false);
                    failure.set(Some(why));
                }
            }
        });
    };
    let joined = [comparison.joined(0), comparison.joined(1)];
    let twice = comparison.twice.iter().map(|meeting| meeting.plan.theme.clone()).collect::<Vec<_>>();
    let [one, other] = comparison.sides;
    view! {
        <div class="page-content stack" data-testid="merge">
            <p class="soft">{t::customers::merge_text}</p>
            <fieldset class="merge-sides">
                <legend>{t::customers::merge_which}</legend>
                <Choice at=0 side=one kept />
                <Choice at=1 side=other kept />
            </fieldset>
            {twice
                .into_iter()
                .map(|theme| view! { <Banner mood=Mood::Info>{move || t::customers::merge_one_guest(&theme)}</Banner> })
                .collect_view()}
            <section class="stack">
                <h2>{t::customers::merge_joined}</h2>
                {move || view! { <Joined profile=joined[kept.get()].clone() /> }}
            </section>
            {move || failure.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
            <Button look=Look::Primary icon=Glyph::Users busy on_press=merge test_id="merge-now">{t::customers::merge_now}</Button>
        </div>
    }
}

/// One of the two, to be chosen.
#[component]
fn Choice(at: usize, side: Side, kept: RwSignal<usize>) -> impl IntoView {
    let Side { customer, invitations, deals } = side;
    let profile = customer.profile.clone();
    let (owner, created_at, name) = (customer.owner, customer.created_at, profile.clone());
    let whose = move || owner.map_or_else(|| t::customers::nobody().to_owned(), words::person);
    let reached: Vec<_> = profile.phones.iter().map(spoken).chain((!profile.email.is_empty()).then(|| profile.email.clone())).collect();
    view! {
        <label class="card merge-side" class:on=move || kept.get() == at data-testid="merge-side">
            <span class="merge-stays">
                <input type="radio" name="kept" prop:checked=move || kept.get() == at on:change=move |_| kept.set(at) />
                <span>{move || if kept.get() == at { t::customers::merge_stays() } else { t::customers::merge_goes() }}</span>
            </span>
            <strong class="row-title">{move || words::called_by(&name)}</strong>
            {reached.into_iter().map(|way| view! { <span class="number">{way}</span> }).collect_view()}
            {(!profile.company.is_empty()).then(|| view! { <span>{profile.company.clone()}</span> })}
            <span class="row-note">{whose}</span>
            <span class="row-note">{move || t::customers::merge_counts(deals, invitations)}</span>
            <span class="row-note">{move || t::customers::merge_since(words::opening(&words::moment(created_at, words::here(), Utc::now())))}</span>
        </label>
    }
}

/// What the two make.
#[component]
fn Joined(profile: Profile) -> impl IntoView {
    let phones = profile.phones.iter().map(spoken).collect::<Vec<_>>().join("\n");
    let rows = [
        (t::customers::name as fn() -> &'static str, profile.name),
        (t::customers::phone, phones),
        (t::customers::email, profile.email),
        (t::customers::company, profile.company),
        (t::customers::occupation, profile.occupation),
        (t::customers::region, profile.region),
        (t::customers::address, profile.address),
        (t::customers::needs, profile.needs),
        (t::customers::pains, profile.pains),
        (t::customers::tags, profile.tags.join(" · ")),
    ];
    let known = rows.into_iter().filter(|(_, value)| !value.is_empty());
    view! {
        <dl class="known-facts card" data-testid="merge-joined">
            {known.map(|(label, value)| view! { <div class="known-fact"><dt>{label}</dt><dd>{value}</dd></div> }).collect_view()}
        </dl>
    }
}

/// Others who may be the same person, each with the way to compare them.
#[component]
pub(super) fn MayBeTheSame(customer: Arc<Customer>) -> impl IntoView {
    let id = customer.id;
    let others = Memo::new(move |_| replica::read(&[Kind::Customer], |replica| same_phone(replica, &customer)));
    let row = move |other: Arc<Customer>| {
        let (profile, place) = (other.profile.clone(), Place::MergeCustomers(id, other.id));
        view! {
            <Banner mood=Mood::Warning test_id="customer-may-be-same">
                <span>{move || t::customers::merge_may_be(words::called_by(&profile))}</span>
                <LinkButton href=place test_id="customer-compare">{t::customers::merge_compare}</LinkButton>
            </Banner>
        }
    };
    move || others.get().into_iter().map(row).collect_view()
}

/// What was merged into a customer, and the way back.
#[component]
pub(super) fn MergedRecords(id: CustomerId) -> impl IntoView {
    let merged = Memo::new(move |_| replica::read(&[Kind::MergedCustomer], |replica| merged_into(replica, id)));
    let row = |merged: Arc<MergedCustomer>| {
        let (was, at, by, profile) = (merged.was.id, merged.at, merged.by, merged.was.profile.clone());
        let when = move || t::customers::merged_by(words::moment(at, words::here(), Utc::now()), words::person(by));
        view! {
            <li class="row" data-testid="merged-record">
                <span class="row-icon"><Icon glyph=Glyph::Users /></span>
                <span class="row-words">
                    <span class="row-title">{move || words::called_by(&profile)}</span>
                    <span class="row-note">{when}</span>
                </span>
                <Button icon=Glyph::Undo on_press=move || undo(was) test_id="merge-undo">{t::customers::merge_undo}</Button>
            </li>
        }
    };
    view! {
        <Show when=move || !merged.with(Vec::is_empty)>
            <section class="stack">
                <h2>{t::customers::merged_records}</h2>
                <ul class="list">{move || merged.get().into_iter().map(row).collect_view()}</ul>
            </section>
        </Show>
    }
}

fn offer_undo(merged: CustomerId) {
    toast::show_with_undo(t::customers::merged(), move || undo(merged));
}

fn undo(merged: CustomerId) {
    spawn_local(async move {
        match replica::submit(UndoMerge { merged }).await {
            Ok(()) => toast::show(t::customers::merge_undone()),
            Err(why) => toast::show(words::not_saved(&why)),
        }
    });
}
