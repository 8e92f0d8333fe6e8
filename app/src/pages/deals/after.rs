//! What is done with a deal after it was signed: handed over, called off with somebody else's approval, or another version of it.

use crate::components::{Banner, Button, Glyph, LinkButton, Look, Mood, Sheet, TextArea, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::{self, NotSaved};
use crate::routes::Place;
use crate::state::approvals::{Cancellation, State, cancellation};
use crate::state::people::name_of;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::deals::command::{AskCancellation, ConfirmDelivery, RuleCancellation};
use shared::deals::{Deal, Stage};
use shared::ids::DealId;
use shared::money::Money;
use shared::time::Timestamp;
use std::sync::Arc;

/// What became of the request to call a deal off; for those who may rule on it, the two buttons.
pub(super) fn unwanted(deal: &Arc<Deal>) -> impl IntoView + use<> {
    let (of, deal) = (Arc::clone(deal), Arc::clone(deal));
    let asked = Memo::new(move |_| {
        let actor = replica::actor()?;
        replica::read(&[Kind::User], |replica| cancellation(replica, &deal, &actor))
    });
    move || asked.get().map(|asked| told(&of, asked))
}

fn told(deal: &Arc<Deal>, asked: Cancellation) -> impl IntoView + use<> {
    let Cancellation { reason, asked_by, asked_at, paid, may_rule, state } = asked;
    let deal = Arc::clone(deal);
    let said = move |name: &str, at| t::deals::by_at(name, words::moment(at, words::here(), chrono::Utc::now()));
    match state {
        State::Waiting(_) => view! {
            <div class="stack" data-testid="cancellation-waiting">
                <Banner mood=Mood::Warning>
                    <strong>{t::deals::cancellation_waiting}</strong>
                    <p class="said">{reason}</p>
                    <p class="soft">{move || said(&asked_by, asked_at)}</p>
                    {(!may_rule).then(|| view! { <p>{t::deals::cancellation_waiting_help}</p> })}
                </Banner>
                {may_rule.then(|| view! { <Rule deal asked_at paid /> })}
            </div>
        }
        .into_any(),
        State::Granted { by, at } => view! {
            <p class="soft" data-testid="cancellation-granted">{move || t::deals::cancellation_granted(said(&by, at))}</p>
        }
        .into_any(),
        State::Refused { by, at, reason } => view! {
            <Banner mood=Mood::Bad test_id="cancellation-refused">
                <strong>{t::deals::cancellation_refused}</strong>
                <p class="said">{reason}</p>
                <p class="soft">{move || said(&by, at)}</p>
            </Banner>
        }
        .into_any(),
    }
}

/// Calls off, or says why not.
#[component]
fn Rule(deal: Arc<Deal>, asked_at: Timestamp, paid: Money) -> impl IntoView {
    let (open, sure) = (RwSignal::new(false), RwSignal::new(false));
    let (buyer, total, deal) = (deal.buyer.clone(), words::money(deal.total), deal.id);
    let draft = Draft::of(format!("cancellation-refusal/{deal}"));
    let reason = draft.field("reason", String::new());
    let (busy, why) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let send = move |refusal: Option<String>| {
        busy.set(true);
        spawn_local(async move {
            let said = if refusal.is_some() { t::deals::refused_now } else { t::deals::called_off_now };
            let saved = draft.submit(RuleCancellation { deal, asked_at, refusal }).await;
            busy.try_set(false);
            match saved {
                Ok(()) => toast::show(untrack(said)),
                Err(not_saved) => drop(why.try_set(Some(not_saved))),
            }
        });
    };
    let not_saved = move || why.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> });
    view! {
        <div class="cluster">
            <Button look=Look::Danger busy icon=Glyph::Ban on_press=move || sure.set(true) test_id="cancellation-grant">{t::deals::call_off}</Button>
            <Button disabled=busy icon=Glyph::Check on_press=move || open.set(true) test_id="cancellation-refuse">{t::deals::keep_it}</Button>
        </div>
        {move || (!(open.get() || sure.get())).then(not_saved)}
        <Sheet title=t::deals::call_off open=sure test_id="cancellation-grant-sheet">
            <p>{
                let (buyer, total) = (buyer.clone(), total.clone());
                move || t::deals::call_off_sure(&buyer, words::money(paid), &total)
            }</p>
            {not_saved}
            <Button look=Look::Danger wide=true busy icon=Glyph::Ban on_press=move || send(None) test_id="cancellation-grant-confirm">{t::deals::cancel_now}</Button>
        </Sheet>
        <Sheet title=t::deals::keep_it open test_id="cancellation-refuse-sheet">
            <DraftNote draft />
            <TextArea label=t::deals::refuse_reason hint=t::deals::refuse_reason_hint value=reason test_id="cancellation-refuse-reason" />
            {not_saved}
            <Button look=Look::Primary wide=true busy on_press=move || send(Some(reason.get_untracked())) test_id="cancellation-refuse-confirm">{t::deals::keep_it}</Button>
        </Sheet>
    }
}

/// Handed over or not, another version, and calling off: of what is sold.
pub(super) fn next_steps(deal: &Deal) -> Option<impl IntoView + use<>> {
    let (id, delivered, asks) = (deal.id, deal.delivered.clone(), deal.cancellation_waiting().is_some());
    deal.is_sold().then(|| {
        view! {
            {delivered.clone().map(|delivered| view! {
                <p class="soft" data-testid="deal-delivered">{move || {
                    let by = replica::read(&[Kind::User], |replica| name_of(replica, delivered.by));
                    t::deals::delivered_by(&by, words::moment(delivered.at, words::here(), chrono::Utc::now()))
                }}</p>
            })}
            <div class="cluster">
                {delivered.is_none().then(|| view! { <Deliver id /> })}
                {(!asks).then(|| view! {
                    <LinkButton icon=Glyph::Pencil href=Place::NewVersion(id) test_id="deal-new-version">{t::deals::new_version}</LinkButton>
                    <AskToCancel id />
                })}
            </div>
        }
    })
}

/// Where the other version of a deal is: the one that took its place, or the one whose place it takes.
pub(super) fn versions(deal: &Deal) -> impl IntoView + use<> {
    let after = if let Stage::Replaced { by } = deal.stage { Some(by) } else { None };
    let before = deal.replaces;
    view! {
        {after.map(|id| view! {
            <Banner mood=Mood::Warning test_id="deal-replaced">
                <p>{t::deals::replaced_help}</p>
                <div><LinkButton href=Place::Deal(id)>{t::deals::see_version}</LinkButton></div>
            </Banner>
        })}
        {before.map(|id| view! {
            <p class="soft">{t::deals::replaces}" "<a class="link" href=Place::Deal(id).path() data-testid="deal-before">{t::deals::see_former}</a></p>
        })}
    }
}

#[component]
fn Deliver(id: DealId) -> impl IntoView {
    let busy = RwSignal::new(false);
    let press = move || {
        busy.set(true);
        spawn_local(async move {
            match replica::submit(ConfirmDelivery { deal: id }).await {
                Ok(()) => toast::show(untrack(t::deals::delivered_now)),
                Err(why) => toast::show(words::not_saved(&why)),
            }
            let _ = busy.try_set(false);
        });
    };
    view! { <Button icon=Glyph::Package busy on_press=press test_id="deal-deliver">{t::deals::deliver}</Button> }
}

#[component]
fn AskToCancel(id: DealId) -> impl IntoView {
    let open = RwSignal::new(false);
    let draft = Draft::of(format!("ask-cancellation/{id}"));
    let reason = draft.field("reason", String::new());
    let (busy, why) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let ask = move || {
        let reason = reason.get_untracked();
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(AskCancellation { deal: id, reason }).await;
            busy.try_set(false);
            match saved {
                Ok(()) => toast::show(untrack(t::deals::cancellation_asked)),
                Err(not_saved) => drop(why.try_set(Some(not_saved))),
            }
        });
    };
    view! {
        <Button icon=Glyph::Ban on_press=move || open.set(true) test_id="deal-ask-cancel">{t::deals::ask_cancellation}</Button>
        <Sheet title=t::deals::ask_cancellation open test_id="deal-ask-cancel-sheet">
            <p>{t::deals::ask_cancellation_help}</p>
            <DraftNote draft />
            <TextArea label=t::deals::cancel_reason value=reason test_id="deal-ask-cancel-reason" />
            {move || why.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
            <Button look=Look::Danger wide=true busy on_press=ask test_id="deal-ask-cancel-confirm">{t::deals::ask_for_approval}</Button>
        </Sheet>
    }
}
