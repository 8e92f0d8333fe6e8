//! One deal: how far it is, what was bought, what was paid and what is still open.

use super::approval::DiscountRequest;
use super::contract::SignedContract;
use super::list::deal_badge;
use super::slip::{Slip, SlipButton};
use crate::components::{
    Banner, Button, Chips, Choice, EmptyState, Glyph, LinkButton, Look, MoneyField, Mood, PageHead, PhotoField, Sheet, TextArea, toast,
};
use crate::pages::draft::{Draft, DraftNote, hold_page};
use crate::platform::picture::Picture;
use crate::replica::{self, NewFile, NotSaved};
use crate::routes::{Place, id_param};
use crate::state::approvals::request;
use crate::state::people::name_of;
use crate::state::venue::settings;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::deals::command::{CancelDeal, RecordPayment};
use shared::deals::{Contract, Deal, Payment, PaymentMethod, Stage};
use shared::files::NewAttachment;
use shared::ids::{AttachmentId, DealId, PaymentId};
use shared::meetings::Meeting;
use shared::money::Money;
use std::sync::Arc;
use uuid::Uuid;

/// One deal.
#[component]
pub fn DealPage() -> impl IntoView {
    let id = id_param::<DealId>("id");
    let deal = Memo::new(move |_| id.get().and_then(|id| replica::read(&[Kind::Deal], |replica| replica.noun::<Deal>(id).cloned())));
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
    let can_pay = !matches!(deal.stage, Stage::Cancelled { .. }) && deal.open().minor > 0 && !lacks_approval;
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
                {items(&deal)}
                {payments(&deal)}
                {can_pay.then(|| view! { <PaymentForm deal=Arc::clone(&deal) /> })}
                {move || contract.get().map(|contract| view! { <SignedContract contract /> })}
                {is_quoted.then(|| view! {
                    <div class="cluster">
                        {(!is_refused).then(|| view! {
                            <LinkButton icon=Glyph::Pencil href=Place::ChangeDeal(id) test_id="deal-to-change">{t::deals::change}</LinkButton>
                        })}
                        {deal.payments.is_empty().then(|| view! { <CallOff id /> })}
                    </div>
                })}
            </div>
        </div>
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
        let sum = line.unit_price.times(line.quantity).map(words::money).unwrap_or_default();
        view! {
            <tr>
                <th scope="row">{line.name.clone()}</th>
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

fn payments(deal: &Deal) -> Option<impl IntoView + use<>> {
    let row = |payment: &Payment| {
        let (at, amount, method) = (payment.at, payment.amount, method_word(payment.method));
        let slip = Slip::of(payment);
        view! {
            <li class="payment" data-testid="payment">
                <span class="row-words">
                    <span>{method}</span>
                    <span class="row-note">{move || words::opening(&words::moment(at, words::here(), chrono::Utc::now()))}</span>
                    {slip.map(|slip| view! { <span class="row-note" data-testid="payment-photo-note">{move || slip.note()}</span> })}
                </span>
                <span class="number strong">{words::money(amount)}</span>
                {slip.map(|slip| view! { <SlipButton slip /> })}
            </li>
        }
    };
    let rows: Vec<_> = deal.payments.iter().map(row).collect();
    (!rows.is_empty()).then(|| view! { <section class="card"><h2>{t::deals::payments}</h2><ul role="list">{rows}</ul></section> })
}

#[component]
fn PaymentForm(deal: Arc<Deal>) -> impl IntoView {
    let (id, open, currency) = (deal.id, deal.open(), deal.total.currency);
    let due_now = if deal.payments.is_empty() && deal.deposit.minor > 0 { deal.deposit.minor } else { open.minor };
    let draft = Draft::of(format!("payment/{id}"));
    let amount = draft.field("amount", Some(due_now));
    let method = draft.field("method", Some(PaymentMethod::Cash));
    let why = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let photo = RwSignal::new(None::<Picture>);
    let is_shrinking = RwSignal::new(false);
    hold_page(move || photo.with(Option::is_some));
    let methods = Signal::derive(|| {
        [PaymentMethod::Cash, PaymentMethod::Transfer, PaymentMethod::Card].map(|method| Choice::new(method, method_word(method)())).to_vec()
    });
    let error = Signal::derive(move || {
        let wrong = amount.get().is_none_or(|minor| minor < 1 || minor > open.minor);
        wrong.then(|| t::deals::amount_wrong(words::money(open)))
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(minor), Some(method), None, false) =
            (amount.get_untracked(), method.get_untracked(), untrack(|| error.get()), busy.get_untracked() || is_shrinking.get_untracked())
        else {
            return;
        };
        let file = photo.get_untracked().map(attached);
        let (photo, amount) = (file.as_ref().map(|file| file.new.clone()), Money::new(minor, currency));
        let payment = RecordPayment { deal: id, payment: PaymentId(Uuid::now_v7()), amount, method, photo };
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit_with(payment, file.into_iter().collect()).await;
            busy.try_set(false);
            if saved.is_ok() {
                toast::show(untrack(|| t::deals::payment_saved(words::money(amount))));
            }
            why.try_set(saved.err());
        });
    };
    view! {
        <form class="card stack" on:submit=submit novalidate data-testid="payment-form">
            <h2>{t::deals::record_payment}</h2>
            <DraftNote draft />
            <MoneyField label=t::deals::amount value=amount error test_id="payment-amount" />
            <Chips label=t::deals::method options=methods value=method test_id="payment-method" />
            <PhotoField label=t::deals::slip value=photo busy=is_shrinking test_id="payment-photo" />
            {move || why.get().map(|why| view! {
                <Banner mood=Mood::Bad test_id="payment-not-saved"><strong>{t::venue::not_saved}</strong><p>{words::not_saved(&why)}</p></Banner>
            })}
            <Button look=Look::Primary submit=true wide=true busy=Signal::derive(move || busy.get() || is_shrinking.get()) icon=Glyph::Coins test_id="payment-save">{t::deals::receive}</Button>
        </form>
    }
}

/// The picture as a file of a new attachment.
fn attached(Picture { content, bytes }: Picture) -> NewFile {
    NewFile { new: NewAttachment { attachment: AttachmentId(Uuid::now_v7()), content }, bytes }
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

fn method_word(method: PaymentMethod) -> fn() -> &'static str {
    match method {
        PaymentMethod::Cash => t::deals::cash,
        PaymentMethod::Transfer => t::deals::transfer,
        PaymentMethod::Card => t::deals::card,
    }
}
