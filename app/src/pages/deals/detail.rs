//! One deal: how far it is, what was bought, what was paid and what is still open.

use super::after::{next_steps, unwanted, versions};
use super::approval::DiscountRequest;
use super::contract::SignedContract;
use super::copy::Links;
use super::list::deal_badge;
use super::payments::{PaymentForm, RefundForm, payments, provide_photo, schedule};
use super::promotion::beyond;
use crate::components::{Banner, Button, EmptyState, Glyph, LinkButton, Look, Mood, PageHead, Sheet, TextArea};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::records::DealLacks;
use crate::replica::{self, NotSaved};
use crate::routes::{Place, id_param};
use crate::state::approvals::request;
use crate::state::people::name_of;
use crate::state::venue::settings;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::deals::after::may_refund;
use shared::deals::command::CancelDeal;
use shared::deals::{Contract, Deal, Stage};
use shared::ids::DealId;
use shared::meetings::Meeting;
use shared::money::Money;
use std::sync::Arc;

/// One deal.
#[component]
pub fn DealPage() -> impl IntoView {
    let id = id_param::<DealId>("id");
    let deal = Memo::new(move |_| id.get().and_then(|id| replica::read(&[Kind::Deal], |replica| replica.noun::<Deal>(id).cloned())));
    provide_photo(id);
    Links::provide();
    move || match deal.get() {
        Some(deal) => whole(deal).into_any(),
        None => view! {
            <PageHead title=t::app::deals back=Place::Deals back_on_phone_only=true />
            <EmptyState glyph=Glyph::Handshake title=t::deals::not_here text=t::deals::not_here_help test_id="deal-missing" />
        }
        .into_any(),
    }
}

fn whole(deal: Arc<Deal>) -> impl IntoView {
    let id = deal.id;
    let contract = Memo::new(move |_| replica::read(&[Kind::Contract], |replica| replica.noun::<Contract>(id).cloned()));
    let note = {
        let deal = Arc::clone(&deal);
        // In the note's own time: what else arrives must not make the forms below anew under somebody's fingers.
        move || {
            replica::read(&[Kind::Settings, Kind::User, Kind::Meeting], |replica| {
                let number = settings(replica).map(|settings| deal.number(settings.utc_offset));
                let seller = Some(name_of(replica, deal.seller)).filter(|name| !name.is_empty());
                let theme = deal.meeting.and_then(|id| replica.noun::<Meeting>(id)).map(|meeting| meeting.plan.theme.clone());
                [number, seller, theme].into_iter().flatten().collect::<Vec<_>>().join(" · ")
            })
        }
    };
    let (is_quoted, lacks_approval, is_refused) = (deal.stage == Stage::Quoted, deal.lacks_approval(), deal.is_refused());
    let can_pay = deal.open().minor > 0 && !lacks_approval;
    let asked = {
        let deal = Arc::clone(&deal);
        Memo::new(move |_| {
            let actor = replica::actor()?;
            replica::read(&[Kind::User, Kind::Settings], |replica| request(replica, &deal, &actor))
        })
    };
    let (buyer, stage) = (deal.buyer.clone(), deal.stage.clone());
    let approval = deal.approval.as_ref().map(|approval| approval.state.clone());
    view! {
        <div class="deal" data-testid="deal">
            <PageHead title=move || buyer.clone() note back=Place::Deals back_on_phone_only=true>
                {deal_badge(&stage, approval.as_ref())}
            </PageHead>
            <div class="page-content">
                {amounts(&deal)}
                {move || asked.get().map(|request| view! { <DiscountRequest request /> })}
                {(is_quoted && !lacks_approval).then(|| view! {
                    <LinkButton look=Look::Primary wide=true icon=Glyph::Signature href=Place::SignDeal(id) test_id="deal-sign">{t::deals::sign}</LinkButton>
                })}
                {is_refused.then(|| view! {
                    <LinkButton look=Look::Primary wide=true icon=Glyph::Pencil href=Place::ChangeDeal(id) test_id="deal-to-change">{t::deals::change}</LinkButton>
                })}
                {cancelled_because(&deal.stage)}
                {versions(&deal)}
                {unwanted(&deal)}
                {beyond(&deal)}
                {items(&deal)}
                {schedule(&deal)}
                {payments(&deal)}
                {can_pay.then(|| view! { <PaymentForm deal=Arc::clone(&deal) /> })}
                {(deal.to_refund().minor > 0).then(|| give_back(&deal))}
                {next_steps(&deal)}
                <DealLacks deal=Arc::clone(&deal) />
                {move || contract.get().map(|contract| view! { <SignedContract contract /> })}
                {is_quoted.then(|| view! {
                    <div class="cluster">
                        {(!is_refused).then(|| view! {
                            <LinkButton icon=Glyph::Pencil href=Place::ChangeDeal(id) test_id="deal-to-change">{t::deals::change}</LinkButton>
                        })}
                        <CallOff id />
                    </div>
                })}
            </div>
        </div>
    }
}

/// The form for whoever may give it back, or who does.
fn give_back(deal: &Arc<Deal>) -> impl IntoView + use<> {
    let due = deal.to_refund();
    if untrack(replica::actor).is_some_and(|actor| may_refund(&actor, deal)) {
        view! { <RefundForm deal=Arc::clone(deal) /> }.into_any()
    } else {
        view! { <Banner test_id="refund-by-others">{move || t::deals::refund_by_others(words::money(due))}</Banner> }.into_any()
    }
}

fn amounts(deal: &Deal) -> impl IntoView + use<> {
    let figure = |label: fn() -> &'static str, amount: Money, test_id: &'static str| {
        view! { <div><dt>{label}</dt><dd class="number" data-testid=test_id>{words::money(amount)}</dd></div> }
    };
    view! {
        <dl class="deal-amounts">
            {figure(t::deals::total, deal.total, "deal-total")}
            {figure(t::deals::paid_so_far, deal.paid(), "deal-paid")}
            {figure(t::deals::still_to_pay, deal.open(), "deal-still-open")}
            {(deal.to_refund().minor > 0).then(|| figure(t::deals::to_give_back, deal.to_refund(), "deal-to-refund"))}
        </dl>
    }
}

fn cancelled_because(stage: &Stage) -> Option<impl IntoView + use<>> {
    if let Stage::Cancelled { reason } = stage {
        let reason = reason.clone();
        Some(view! { <Banner mood=Mood::Bad>{move || t::deals::cancelled_because(&reason)}</Banner> })
    } else {
        None
    }
}

fn items(deal: &Deal) -> impl IntoView + use<> {
    let row = |line: &shared::deals::Line| {
        let sum = line.amount().map(words::money).unwrap_or_default();
        let promotion = line.promotion.clone().map(|applied| {
            view! { <span class="row-note" data-testid="line-promotion">{applied.name}" −"{words::money(applied.off)}</span> }
        });
        view! {
            <tr>
                <th scope="row">{line.name.clone()}{promotion}</th>
                <td class="number">{words::money(line.unit_price)}" × "{line.quantity}</td>
                <td class="number">{sum}</td>
            </tr>
        }
    };
    let discount = deal.discount;
    view! {
        <section class="card">
            <h2>{t::deals::what}</h2>
            <table class="items">
                <tbody>
                    {deal.lines.iter().map(row).collect_view()}
                    {(discount > 0).then(|| view! { <tr><th scope="row">{t::deals::discount}</th><td></td><td class="number">"−"{words::percent(discount)}"%"</td></tr> })}
                </tbody>
            </table>
        </section>
    }
}

#[component]
fn CallOff(id: DealId) -> impl IntoView {
    let open = RwSignal::new(false);
    let draft = Draft::of(format!("cancel-deal/{id}"));
    let reason = draft.field("reason", String::new());
    let why = RwSignal::new(None::<NotSaved>);
    let call_off = move || {
        let reason = reason.get_untracked();
        spawn_local(async move {
            match draft.submit(CancelDeal { deal: id, reason }).await {
                Ok(()) => drop(open.try_set(false)),
                Err(not_saved) => drop(why.try_set(Some(not_saved))),
            }
        });
    };
    view! {
        <div>
            <Button look=Look::Danger icon=Glyph::Ban on_press=move || open.set(true) test_id="deal-cancel">{t::deals::cancel}</Button>
            <Sheet title=t::deals::cancel open test_id="deal-cancel-sheet">
                <DraftNote draft />
                <TextArea label=t::deals::cancel_reason value=reason test_id="deal-cancel-reason" />
                {move || why.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
                <Button look=Look::Danger wide=true on_press=call_off test_id="deal-cancel-confirm">{t::deals::cancel_now}</Button>
            </Sheet>
        </div>
    }
}
