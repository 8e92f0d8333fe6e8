//! The receipt of a payment, to be printed: no network is needed.

use super::payments::method_word;
use crate::components::{Button, EmptyState, Glyph, Look, PageHead};
use crate::platform::print;
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::people::name_of;
use crate::state::promotions::saved;
use crate::state::venue::settings;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::Kind;
use shared::deals::{Deal, Payment};
use shared::ids::{DealId, PaymentId};
use shared::money::Money;

/// One receipt, as it is printed.
#[derive(Clone, PartialEq)]
struct Receipt {
    org: String,
    number: String,
    contract: String,
    promotions: Vec<(String, Money)>,
    buyer: String,
    payment: Payment,
    by: String,
    day: chrono::NaiveDate,
}

/// The receipt of a payment that counts.
#[component]
pub fn ReceiptPage() -> impl IntoView {
    let (deal, payment) = (id_param::<DealId>("id"), id_param::<PaymentId>("payment"));
    let receipt = Memo::new(move |_| {
        let (deal, payment) = (deal.get()?, payment.get()?);
        replica::read(&[Kind::Deal, Kind::Settings, Kind::User], |replica| {
            let (deal, settings) = (replica.noun::<Deal>(deal)?, settings(replica)?);
            let payment = deal.received().find(|one| one.id == payment)?;
            Some(Receipt {
                org: settings.name.clone(),
                number: payment.number(settings.utc_offset),
                contract: deal.number(settings.utc_offset),
                promotions: saved(deal).unwrap_or_default(),
                buyer: deal.buyer.clone(),
                by: name_of(replica, payment.by),
                day: settings.utc_offset.day_of(payment.at),
                payment: payment.clone(),
            })
        })
    });
    let back = Signal::derive(move || deal.get().map_or_else(|| Place::Deals.path(), |id| Place::Deal(id).path()));
    view! {
        <PageHead title=t::deals::receipt back />
        {move || match receipt.get() {
            None => view! { <EmptyState glyph=Glyph::File title=t::deals::no_receipt test_id="receipt-missing" /> }.into_any(),
            Some(receipt) => paper(receipt).into_any(),
        }}
    }
}

fn paper(receipt: Receipt) -> impl IntoView {
    let Receipt { org, number, contract, promotions, buyer, payment, by, day } = receipt;
    let line = |label: fn() -> &'static str, value: String| view! { <div><dt>{label}</dt><dd>{value}</dd></div> };
    let method = method_word(payment.method);
    view! {
        <div class="page-content">
            <article class="receipt card" data-testid="receipt">
                <h2>{org}</h2>
                <p class="receipt-amount number" data-testid="receipt-amount">{words::money(payment.amount)}</p>
                <dl class="evidence">
                    {line(t::deals::receipt_number, number)}
                    {line(t::deals::received_from, buyer)}
                    <div><dt>{t::deals::received_on}</dt><dd>{move || words::calendar_day(day)}</dd></div>
                    <div><dt>{t::deals::method}</dt><dd>{method}</dd></div>
                    {line(t::deals::for_contract, contract)}
                    {(!promotions.is_empty()).then(|| view! {
                        <div data-testid="receipt-promotions">
                            <dt>{t::promotions::of_product}</dt>
                            <dd>{promotions.into_iter().map(|(name, off)| view! { <div>{format!("{name} −{}", words::money(off))}</div> }).collect_view()}</dd>
                        </div>
                    })}
                    {line(t::deals::received_by, by)}
                </dl>
            </article>
            <div class="no-print">
                <Button look=Look::Primary icon=Glyph::Printer on_press=print::print test_id="receipt-print">{t::contract::print}</Button>
            </div>
        </div>
    }
}
