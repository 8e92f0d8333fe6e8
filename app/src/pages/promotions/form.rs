//! The form of a promotion: a name, a window on the organisation's clock, and what it gives.

use crate::components::{Button, Chips, ChipsMany, Choice, DateTimeField, Look, MoneyField, Select, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::invitations::settings;
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::state::promotions::{Choosable, Giving, Typed, meetings_to_choose, products_to_choose};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::PromotionId;
use shared::promotions::Promotion;
use shared::promotions::command::PutPromotion;
use shared::rejection::Field;
use shared::{Kind, Rejection};
use std::sync::Arc;
use uuid::Uuid;

const FIELDS: &[Field] = &[Field::Name, Field::StartsAt, Field::EndsAt, Field::Item, Field::Quantity, Field::Discount, Field::Amount, Field::Price];

/// A new promotion, or the next version of one.
#[component]
pub(super) fn PromotionForm(before: Option<Arc<Promotion>>, open: RwSignal<bool>) -> impl IntoView {
    let latest = before.as_ref().and_then(|promotion| promotion.latest());
    let next = latest.map_or(1, |(version, _)| version + 1);
    let usual = Typed { quantity: "1".into(), gifts: "1".into(), ..Typed::default() };
    let known = untrack(settings).zip(latest).map_or(usual, |(settings, (_, terms))| Typed::of(terms, &settings));
    let id = before.as_ref().map(|promotion| promotion.id);
    let draft = Draft::of(id.map_or_else(|| "promotion".to_owned(), |id| format!("promotion/{id}")));
    let name = draft.field("name", known.name);
    let opens = draft.field("opens", known.opens);
    let closes = draft.field("closes", known.closes);
    let meetings = draft.field("meetings", known.meetings.clone());
    let giving = draft.field("giving", Some(known.giving));
    let products = draft.field("products", known.products.clone());
    let quantity = draft.field("quantity", known.quantity);
    let percent = draft.field("percent", known.percent);
    let amount = draft.field("amount", known.amount);
    let price = draft.field("price", known.price);
    let bought = draft.field("bought", known.bought);
    let gift = draft.field("gift", known.gift);
    let gifts = draft.field("gifts", known.gifts);
    let first = draft.field("first", known.first);
    let unequal = StoredValue::new(known.unequal);
    // What was chosen can be seen and taken out for as long as the form is open, whatever became of it.
    let chosen_products: Vec<_> = [known.bought, bought.get_untracked(), known.gift, gift.get_untracked()]
        .into_iter()
        .flatten()
        .chain(known.products)
        .chain(products.get_untracked())
        .collect();
    let chosen_meetings: Vec<_> = known.meetings.into_iter().chain(meetings.get_untracked()).collect();
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let command = move || -> Result<PutPromotion, Rejection> {
        let settings = untrack(settings).ok_or(Rejection::NotFound { kind: Kind::Settings })?;
        let typed = Typed {
            name: name.get_untracked(),
            opens: opens.get_untracked(),
            closes: closes.get_untracked(),
            meetings: meetings.get_untracked(),
            giving: giving.get_untracked().unwrap_or_default(),
            products: products.get_untracked(),
            quantity: quantity.get_untracked(),
            unequal: unequal.get_value(),
            percent: percent.get_untracked(),
            amount: amount.get_untracked(),
            price: price.get_untracked(),
            bought: bought.get_untracked(),
            gift: gift.get_untracked(),
            gifts: gifts.get_untracked(),
            first: first.get_untracked(),
        };
        Ok(PutPromotion { promotion: id.unwrap_or_else(|| PromotionId(Uuid::now_v7())), version: next, terms: typed.terms(&settings)? })
    };
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        failure.set(None);
        match command() {
            Err(why) => failure.set(Some(NotSaved::Rejected(why))),
            Ok(command) => {
                busy.set(true);
                spawn_local(async move {
                    let saved = draft.submit(command).await;
                    finish(saved, untrack(t::promotions::saved), busy, failure, open);
                });
            }
        }
    };
    let kinds = Signal::derive(|| {
        vec![
            Choice::new(Giving::Percent, t::promotions::percent()),
            Choice::new(Giving::Amount, t::promotions::amount()),
            Choice::new(Giving::Bundle, t::promotions::bundle()),
            Choice::new(Giving::Gift, t::promotions::gift()),
        ]
    });
    let offered = Signal::derive(move || {
        choices(replica::read(&[Kind::Product], |replica| products_to_choose(replica, &chosen_products)), t::promotions::off_sale)
    });
    let planned = Signal::derive(move || {
        choices(replica::read(&[Kind::Meeting], |replica| meetings_to_choose(replica, &chosen_meetings, Utc::now())), t::promotions::meeting_over)
    });
    // What is missing is told beside the first of the two that says nothing.
    let item = beside(failure, Field::Item);
    let bought_error = Signal::derive(move || item.get().filter(|_| bought.get().is_none()));
    let gift_error = Signal::derive(move || item.get().filter(|_| bought.get().is_some()));
    let is = move |what: Giving| giving.get() == Some(what);
    let how_many = move || {
        if is(Giving::Bundle) || is(Giving::Gift) { t::promotions::quantity_each() } else { t::promotions::quantity() }
    };
    let kept = move || {
        let unequal = unequal.get_value();
        if is(Giving::Bundle) && !unequal.is_empty() { t::promotions::quantity_kept(words::parts_of(&unequal)) } else { String::new() }
    };
    let currency = move || settings().map(|settings| settings.currency.code().to_owned()).unwrap_or_default();
    view! {
        <form class="stack" novalidate on:submit=save data-testid="promotion-form">
            <DraftNote draft />
            <Refusal refused=failure fields=FIELDS test_id="promotion-refused" />
            {id.is_some().then(|| view! { <p class="soft">{t::promotions::edit_note}</p> })}
            <TextField label=t::promotions::name value=name error=beside(failure, Field::Name) required=true test_id="promotion-name" />
            <DateTimeField label=t::promotions::opens value=opens hint=t::promotions::clock_note error=beside(failure, Field::StartsAt) test_id="promotion-opens" />
            <DateTimeField label=t::promotions::closes value=closes error=beside(failure, Field::EndsAt) test_id="promotion-closes" />
            <Chips label=t::promotions::what options=kinds value=giving test_id="promotion-giving" />
            {move || if is(Giving::Gift) {
                view! { <Select label=t::promotions::bought options=offered value=bought none=t::promotions::choose error=bought_error test_id="promotion-bought" /> }
                    .into_any()
            } else {
                view! { <ChipsMany label=t::promotions::products options=offered value=products error=item test_id="promotion-products" /> }.into_any()
            }}
            <TextField label=how_many value=quantity hint=kept inputmode="numeric" error=beside(failure, Field::Quantity) test_id="promotion-quantity" />
            {move || is(Giving::Percent).then(|| view! {
                <MoneyField label=t::promotions::percent_off unit="%" value=percent error=beside(failure, Field::Discount) test_id="promotion-amount" />
            })}
            {move || is(Giving::Amount).then(|| view! {
                <MoneyField label=t::promotions::amount_off unit=currency value=amount error=beside(failure, Field::Amount) test_id="promotion-amount" />
            })}
            {move || is(Giving::Bundle).then(|| view! {
                <MoneyField label=t::promotions::bundle_price unit=currency value=price error=beside(failure, Field::Price) test_id="promotion-amount" />
            })}
            {move || is(Giving::Gift).then(|| view! {
                <Select label=t::promotions::gift_product options=offered value=gift none=t::promotions::choose error=gift_error test_id="promotion-gift" />
                <TextField label=t::promotions::gifts value=gifts inputmode="numeric" test_id="promotion-gifts" />
            })}
            <ChipsMany label=t::promotions::meetings options=planned value=meetings test_id="promotion-meetings" />
            <TextField label=t::promotions::first value=first inputmode="numeric" test_id="promotion-first" />
            <Button submit=true look=Look::Primary wide=true busy test_id="promotion-save">{t::app::save}</Button>
        </form>
    }
}

/// What can be chosen, in words: what is past says so.
fn choices<T>(all: Vec<Choosable<T>>, past: impl Fn(String) -> String) -> Vec<Choice<T>> {
    all.into_iter().map(|one| Choice::new(one.id, if one.is_past { past(one.name) } else { one.name })).collect()
}
