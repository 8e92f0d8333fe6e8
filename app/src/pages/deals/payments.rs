//! What was received for a deal and what was given back: each with its receipt, a mistake marked as one; and the form for the next one.

use super::slip::{Slip, SlipButton};
use crate::components::{Banner, Button, Chips, Choice, Glyph, LinkButton, Look, MoneyField, Mood, PhotoField, Sheet, TextArea, toast};
use crate::pages::draft::{Draft, DraftNote, hold_page};
use crate::platform::picture::Picture;
use crate::replica::{self, NewFile, NotSaved};
use crate::routes::Place;
use crate::state::deals::twin;
use crate::state::people::name_of;
use crate::state::venue::settings;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::deals::after::may_void;
use shared::deals::command::{RecordPayment, RecordRefund, VoidPayment};
use shared::deals::schedule::DuePart;
use shared::deals::{Deal, Payment, PaymentMethod, Refund};
use shared::files::NewAttachment;
use shared::ids::{AttachmentId, DealId, PaymentId};
use shared::money::Money;
use std::sync::Arc;
use uuid::Uuid;

/// What is to be paid by which day, and how much of it was.
pub(super) fn schedule(deal: &Deal) -> Option<impl IntoView + use<>> {
    let today = today();
    let row = |part: DuePart| {
        let (missing, is_late) = (part.missing(), part.is_overdue(today));
        let day = move || part.due.map_or_else(|| t::contract::at_signature().to_owned(), words::calendar_day);
        view! {
            <tr data-testid="schedule-part" class:late=is_late>
                <th scope="row">{day}</th>
                <td class="number">{words::money(part.amount)}</td>
                <td>{move || if missing.minor == 0 {
                    t::deals::part_paid().to_owned()
                } else if is_late {
                    t::deals::part_late(words::money(missing))
                } else {
                    t::deals::part_open(words::money(missing))
                }}</td>
            </tr>
        }
    };
    let parts = deal.schedule();
    (!parts.is_empty()).then(|| {
        view! {
            <section class="card" data-testid="schedule">
                <h2>{t::deals::schedule}</h2>
                <table class="items"><tbody>{parts.into_iter().map(row).collect_view()}</tbody></table>
            </section>
        }
    })
}

/// Today on the company's clock, by which days of payment count.
pub(super) fn today() -> chrono::NaiveDate {
    let clock = untrack(|| replica::read(&[], |replica| settings(replica).map(|settings| settings.utc_offset)));
    clock.unwrap_or_else(words::here).day_of(chrono::Utc::now())
}

/// What was received and given back, in the order in which it was. What was paid for a deal whose place another version has taken is seen to there.
pub(super) fn payments(deal: &Deal) -> Option<impl IntoView + use<>> {
    let (id, paid, has_tools) = (deal.id, deal.paid().minor, !deal.is_replaced());
    let row = |payment: &Payment| {
        // What was given back is not said to be a mistake.
        let (has_tools, is_there) = (has_tools && payment.counts(), payment.amount.minor <= paid);
        view! { <ReceivedRow deal=id payment=payment.clone() has_tools can_void=has_tools && is_there /> }
    };
    let received: Vec<_> = deal.payments.iter().map(row).collect();
    let refunds: Vec<_> = deal.refunds.iter().map(refund_row).collect();
    (!received.is_empty()).then(|| {
        view! {
            <section class="card">
                <h2>{t::deals::payments}</h2>
                <ul role="list">{received}{refunds}</ul>
            </section>
        }
    })
}

#[component]
fn ReceivedRow(deal: DealId, payment: Payment, has_tools: bool, can_void: bool) -> impl IntoView {
    let (id, at, amount, method) = (payment.id, payment.at, payment.amount, method_word(payment.method));
    let slip = Slip::of(&payment);
    let can_void = can_void
        && replica::actor().is_some_and(|actor| {
            untrack(|| {
                replica::read(&[], |replica| settings(replica).is_some_and(|settings| may_void(&actor, &payment, chrono::Utc::now(), settings)))
            })
        });
    let counts = payment.counts();
    let voided = payment.voided.map(|voided| {
        move || {
            let by = replica::read(&[Kind::User], |replica| name_of(replica, voided.by));
            t::deals::voided_by(&by, &voided.reason)
        }
    });
    view! {
        <li class="payment" class:voided=!counts data-testid="payment">
            <span class="row-words">
                <span>{method}</span>
                <span class="row-note">{move || words::opening(&words::moment(at, words::here(), chrono::Utc::now()))}</span>
                {voided.map(|voided| view! { <span class="row-note" data-testid="payment-voided">{voided}</span> })}
                {slip.map(|slip| view! { <span class="row-note" data-testid="payment-photo-note">{move || slip.note()}</span> })}
            </span>
            <span class="number strong">{words::money(amount)}</span>
            <span class="payment-tools">
                {slip.map(|slip| view! { <SlipButton slip /> })}
                {has_tools.then(|| view! { <LinkButton icon=Glyph::Printer href=Place::Receipt(deal, id) test_id="payment-receipt">{t::deals::receipt}</LinkButton> })}
                {can_void.then(|| view! { <VoidIt deal payment=id /> })}
            </span>
        </li>
    }
}

fn refund_row(refund: &Refund) -> impl IntoView + use<> {
    let (at, amount, method) = (refund.at, Money { minor: -refund.amount.minor, ..refund.amount }, method_word(refund.method));
    let reason = refund.reason.clone();
    view! {
        <li class="payment" data-testid="refund">
            <span class="row-words">
                <span>{move || t::deals::refunded_row(method(), &reason)}</span>
                <span class="row-note">{move || words::opening(&words::moment(at, words::here(), chrono::Utc::now()))}</span>
            </span>
            <span class="number strong">{words::money(amount)}</span>
        </li>
    }
}

/// Says that a payment was recorded by mistake.
#[component]
fn VoidIt(deal: DealId, payment: PaymentId) -> impl IntoView {
    let open = RwSignal::new(false);
    let draft = Draft::of(format!("void/{payment}"));
    let reason = draft.field("reason", String::new());
    let (busy, why) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let save = move || {
        let reason = reason.get_untracked();
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(VoidPayment { deal, payment, reason }).await;
            busy.try_set(false);
            match saved {
                Ok(()) => toast::show(untrack(t::deals::voided_now)),
                Err(not_saved) => drop(why.try_set(Some(not_saved))),
            }
        });
    };
    view! {
        <Button icon=Glyph::Undo on_press=move || open.set(true) test_id="payment-void">{t::deals::void}</Button>
        <Sheet title=t::deals::void open test_id="payment-void-sheet">
            <p>{t::deals::void_help}</p>
            <DraftNote draft />
            <TextArea label=t::deals::void_reason value=reason rows=2 test_id="payment-void-reason" />
            {move || why.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
            <Button look=Look::Danger wide=true busy on_press=save test_id="payment-void-confirm">{t::deals::void_now}</Button>
        </Sheet>
    }
}

/// The photo of the next payment's slip. It belongs to the page: the form is drawn anew whenever the deal changes, and a photo is kept in no draft.
#[derive(Clone, Copy)]
struct PaymentPhoto(RwSignal<Option<Picture>>);

/// For the page that shows deals, one after the other: each begins without a photo.
pub(super) fn provide_photo(shown: Memo<Option<DealId>>) {
    let photo = RwSignal::new(None::<Picture>);
    provide_context(PaymentPhoto(photo));
    Effect::new(move |_| {
        shown.track();
        photo.set(None);
    });
}

/// The form for money that was received.
#[component]
pub(super) fn PaymentForm(deal: Arc<Deal>) -> impl IntoView {
    let (id, open, currency) = (deal.id, deal.open(), deal.total.currency);
    let draft = Draft::of(format!("payment/{id}"));
    let amount = draft.field("amount", Some(due_now(&deal)));
    let method = draft.field("method", Some(PaymentMethod::Cash));
    let why = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let PaymentPhoto(taken) = expect_context();
    let is_shrinking = RwSignal::new(false);
    hold_page(move || taken.with(Option::is_some));
    let error = Signal::derive(move || {
        let wrong = amount.get().is_none_or(|minor| minor < 1 || minor > open.minor);
        wrong.then(|| t::deals::amount_wrong(words::money(open)))
    });
    let again = Memo::new(move |_| {
        let (minor, method) = (amount.get()?, method.get()?);
        twin(&deal, minor, method, chrono::Utc::now()).map(|twin| twin.at)
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(minor), Some(method), None, false) =
            (amount.get_untracked(), method.get_untracked(), untrack(|| error.get()), busy.get_untracked() || is_shrinking.get_untracked())
        else {
            return;
        };
        let file = taken.get_untracked().map(attached);
        let (photo, amount) = (file.as_ref().map(|file| file.new.clone()), Money::new(minor, currency));
        let payment = RecordPayment { deal: id, payment: PaymentId(Uuid::now_v7()), amount, method, photo };
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit_with(payment, file.into_iter().collect()).await;
            busy.try_set(false);
            if saved.is_ok() {
                taken.try_set(None);
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
            <Chips label=t::deals::method options=methods() value=method test_id="payment-method" />
            <PhotoField label=t::deals::slip value=taken busy=is_shrinking test_id="payment-photo" />
            {move || again.get().map(|at| view! {
                <Banner mood=Mood::Warning test_id="payment-twin">{t::deals::twin(words::moment(at, words::here(), chrono::Utc::now()))}</Banner>
            })}
            {move || why.get().map(|why| view! {
                <Banner mood=Mood::Bad test_id="payment-not-saved"><strong>{t::venue::not_saved}</strong><p>{words::not_saved(&why)}</p></Banner>
            })}
            <Button look=Look::Primary submit=true wide=true busy=Signal::derive(move || busy.get() || is_shrinking.get()) icon=Glyph::Coins test_id="payment-save">
                {move || if again.get().is_some() { t::deals::receive_another() } else { t::deals::receive() }}
            </Button>
        </form>
    }
}

/// The form for money that is given back.
#[component]
pub(super) fn RefundForm(deal: Arc<Deal>) -> impl IntoView {
    let (id, due) = (deal.id, deal.to_refund());
    let draft = Draft::of(format!("refund/{id}"));
    let amount = draft.field("amount", Some(due.minor));
    let method = draft.field("method", Some(PaymentMethod::Cash));
    let reason = draft.field("reason", String::new());
    let why = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let error = Signal::derive(move || {
        let wrong = amount.get().is_none_or(|minor| minor < 1 || minor > due.minor);
        wrong.then(|| t::deals::amount_wrong(words::money(due)))
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(minor), Some(method), None, false) =
            (amount.get_untracked(), method.get_untracked(), untrack(|| error.get()), busy.get_untracked())
        else {
            return;
        };
        let (amount, reason) = (Money { minor, ..due }, reason.get_untracked());
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(RecordRefund { deal: id, refund: PaymentId(Uuid::now_v7()), amount, method, reason }).await;
            busy.try_set(false);
            if saved.is_ok() {
                toast::show(untrack(|| t::deals::payment_saved(words::money(amount))));
            }
            why.try_set(saved.err());
        });
    };
    view! {
        <form class="card stack" on:submit=submit novalidate data-testid="refund-form">
            <h2>{t::deals::record_refund}</h2>
            <p>{move || t::deals::refund_due(words::money(due))}</p>
            <DraftNote draft />
            <MoneyField label=t::deals::amount value=amount error test_id="refund-amount" />
            <Chips label=t::deals::method options=methods() value=method test_id="refund-method" />
            <TextArea label=t::deals::refund_reason value=reason rows=2 test_id="refund-reason" />
            {move || why.get().map(|why| view! {
                <Banner mood=Mood::Bad test_id="refund-not-saved"><strong>{t::venue::not_saved}</strong><p>{words::not_saved(&why)}</p></Banner>
            })}
            <Button look=Look::Primary submit=true wide=true busy icon=Glyph::Coins test_id="refund-save">{t::deals::give_back}</Button>
        </form>
    }
}

/// What is to be paid next: what is missing of the deposit or the next instalment, or all that is open.
fn due_now(deal: &Deal) -> i64 {
    let missing = deal.schedule().iter().map(|part| part.missing().minor).find(|missing| *missing > 0);
    let deposit = deal.deposit.minor - deal.paid().minor;
    missing.or((deposit > 0).then_some(deposit)).unwrap_or(deal.open().minor)
}

/// The picture as a file of a new attachment.
fn attached(Picture { content, bytes }: Picture) -> NewFile {
    NewFile { new: NewAttachment { attachment: AttachmentId(Uuid::now_v7()), content }, bytes }
}

fn methods() -> Signal<Vec<Choice<PaymentMethod>>> {
    Signal::derive(|| {
        [PaymentMethod::Cash, PaymentMethod::Transfer, PaymentMethod::Card].map(|method| Choice::new(method, method_word(method)())).to_vec()
    })
}

/// How money came, in words.
pub(super) fn method_word(method: PaymentMethod) -> fn() -> &'static str {
    match method {
        PaymentMethod::Cash => t::deals::cash,
        PaymentMethod::Transfer => t::deals::transfer,
        PaymentMethod::Card => t::deals::card,
    }
}
