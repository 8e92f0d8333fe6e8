//! What lacks in a record, each with why it is asked for and the way to where it is mended.

use crate::components::{Glyph, List, ListRow};
use crate::pages::invitations::settings;
use crate::replica;
use crate::routes::Place;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::Kind;
use shared::deals::Deal;
use shared::ids::CustomerId;
use shared::meetings::Meeting;
use shared::records::{Completeness, DELIVERY_DAYS, Lack, of_deal};
use std::sync::Arc;

/// What lacks in what is known of a customer; nothing if it is whole.
pub(super) fn of_customer(customer: CustomerId, whole: Completeness) -> impl IntoView {
    let to = move |lack: Lack| match lack {
        Lack::Phone | Lack::Source | Lack::Needs => Place::EditCustomer(customer),
        _ => Place::Customer(customer),
    };
    let row = move |lack: Lack| view! { <ListRow href=to(lack) icon=Glyph::Alert note=move || why(lack, None) test_id="lack">{move || what(lack)}</ListRow> };
    list(whole, row)
}

/// What lacks in a deal, on its own page.
#[component]
pub(in crate::pages) fn DealLacks(deal: Arc<Deal>) -> impl IntoView {
    let now = crate::pages::today::ticking();
    let whole = {
        let deal = Arc::clone(&deal);
        let clock = Memo::new(|_| settings().map(|settings| settings.utc_offset));
        Memo::new(move |_| of_deal(&deal, clock.get(), now.get()))
    };
    move || {
        let deal = Arc::clone(&deal);
        let row = move |lack: Lack| {
            let deal = Arc::clone(&deal);
            view! { <ListRow icon=Glyph::Alert note=move || why(lack, Some(&deal)) test_id="lack">{move || what(lack)}</ListRow> }
        };
        list(whole.get(), row)
    }
}

fn list<V: IntoView + 'static>(whole: Completeness, row: impl Fn(Lack) -> V) -> Option<impl IntoView> {
    let (asked, answered) = (whole.asked, whole.answered());
    (!whole.is_whole()).then(|| {
        let rows = whole.lacks.into_iter().map(row).collect_view();
        view! {
            <section class="stack" data-testid="lacks">
                <h2>{t::records::lacking}</h2>
                <p class="soft">{move || t::records::answered(answered, asked)}</p>
                <List label=t::records::lacking>{rows}</List>
            </section>
        }
    })
}

fn what(lack: Lack) -> &'static str {
    match lack {
        Lack::Phone => t::records::lack_phone(),
        Lack::Source => t::records::lack_source(),
        Lack::Needs => t::records::lack_needs(),
        Lack::Reaction(_) => t::records::lack_reaction(),
        Lack::Contact => t::records::lack_contact(),
        Lack::Satisfaction => t::records::lack_satisfaction(),
        Lack::Slip(_) => t::records::lack_slip(),
        Lack::Delivery => t::records::lack_delivery(),
        Lack::Refund => t::records::lack_refund(),
    }
}

/// Why it is asked for, or what to do; tracked.
fn why(lack: Lack, deal: Option<&Deal>) -> String {
    match lack {
        Lack::Phone => t::records::why_phone().to_owned(),
        Lack::Source => t::records::why_source().to_owned(),
        Lack::Needs => t::records::why_needs().to_owned(),
        Lack::Reaction(meeting) => {
            let theme = replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.theme.clone()));
            t::records::why_reaction(theme.unwrap_or_else(|| "—".to_owned()))
        }
        Lack::Contact => t::records::why_contact().to_owned(),
        Lack::Satisfaction => t::records::why_satisfaction().to_owned(),
        Lack::Slip(payment) => {
            let amount = deal.and_then(|deal| deal.payments.iter().find(|one| one.id == payment)).map(|payment| words::money(payment.amount));
            t::records::why_slip(amount.unwrap_or_default())
        }
        Lack::Delivery => t::records::why_delivery(DELIVERY_DAYS),
        Lack::Refund => t::records::why_refund(deal.map(|deal| words::money(deal.to_refund())).unwrap_or_default()),
    }
}
