//! One customer's sales record: what lacks, who invited them and how, whether they came and how they found it, deals with payments and delivery, contacts,
//! satisfaction and complaints, and everything in the order in which it happened.

use super::lacking;
use crate::components::{Badge, EmptyState, Glyph, LinkButton, List, ListRow, Mood, PageHead};
use crate::pages::customers::Timeline;
use crate::pages::deals::deal_badge;
use crate::pages::today::ticking;
use crate::pages::venue::chip_words;
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::customers::living;
use crate::state::records::{Attended, Record, Sale, record};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use shared::Kind;
use shared::complaints::{Complaint, ComplaintState};
use shared::ids::CustomerId;
use shared::meetings::Meeting;
use shared::time::Timestamp;
use std::sync::Arc;

/// The record of the customer of the address.
#[component]
pub fn RecordPage() -> impl IntoView {
    let id = id_param::<CustomerId>("id");
    let now = ticking();
    let customer = Memo::new(move |_| {
        let id = id.get()?;
        replica::read(&[Kind::Customer, Kind::MergedCustomer], |replica| living(replica, id))
    });
    let told = Memo::new(move |_| {
        let customer = customer.get()?;
        Some(replica::read(super::KINDS, |replica| record(replica, &customer, now.get())))
    });
    move || match customer.get() {
        Some(customer) => {
            let (id, name) = (customer.id, customer.profile.clone());
            view! {
                <PageHead title=move || words::called_by(&name) note=t::records::title back=Place::Records>
                    <LinkButton href=Place::Customer(id) icon=Glyph::Users test_id="record-customer">{t::records::to_customer}</LinkButton>
                </PageHead>
                <div class="page-content" data-testid="record">
                    {move || told.get().map(|told| view! { <Told id told /> })}
                    <Timeline customer />
                </div>
            }
            .into_any()
        }
        None => view! {
            <PageHead title=t::records::title back=Place::Records />
            <EmptyState glyph=Glyph::UserX title=t::customers::not_here text=t::customers::not_here_text test_id="customer-missing" />
        }
        .into_any(),
    }
}

#[component]
fn Told(id: CustomerId, told: Record) -> impl IntoView {
    let Record { whole, meetings, deals, contacts, satisfaction, complaints } = told;
    let scores = satisfaction.iter().map(u8::to_string).collect::<Vec<_>>().join(" · ");
    let contacted = move || match contacts {
        (count, Some(last)) => t::records::contacts(count, day(last)),
        (_, None) => t::records::no_contacts().to_owned(),
    };
    view! {
        {lacking::of_customer(id, whole)}
        <section class="stack" data-testid="record-meetings">
            <h2>{t::records::meetings}</h2>
            {rows(t::records::meetings, t::records::no_meetings, meetings.into_iter().map(attended).collect())}
        </section>
        <section class="stack" data-testid="record-deals">
            <h2>{t::records::sales}</h2>
            {rows(t::records::sales, t::records::no_sales, deals.into_iter().map(sale).collect())}
        </section>
        <section class="stack" data-testid="record-care">
            <h2>{t::records::care}</h2>
            <p>{contacted}</p>
            {(!scores.is_empty()).then(|| view! { <p>{move || t::records::satisfaction(&scores)}</p> })}
            {rows(t::complaints::title, t::records::no_complaints, complaints.into_iter().map(complaint).collect())}
        </section>
    }
}

/// A list, or that there is nothing to list.
fn rows<V: IntoView + 'static>(label: fn() -> &'static str, none: fn() -> &'static str, rows: Vec<V>) -> AnyView {
    if rows.is_empty() { view! { <p class="soft">{none}</p> }.into_any() } else { view! { <List label>{rows}</List> }.into_any() }
}

fn attended(one: Attended) -> impl IntoView {
    let Attended { meeting, invited, came, missed, reactions, said } = one;
    let theme = move || {
        let theme = replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.theme.clone()));
        theme.unwrap_or_else(|| "—".to_owned())
    };
    let note = move || match &invited {
        Some((rep, channel, answer)) => t::records::invited_by(words::answer(answer), words::channel(*channel), words::person(*rep)),
        None => t::records::not_invited().to_owned(),
    };
    let found = move || reactions.iter().map(|chip| chip_words(*chip)).collect::<Vec<_>>().join(" · ");
    // What else there is to say, the answer, stands in the note.
    let end = move || match came {
        Some(_) => view! { <Badge mood=Mood::Good icon=Glyph::UserCheck>{t::records::came}</Badge> }.into_any(),
        None => missed.then(|| view! { <Badge>{t::records::did_not_come}</Badge> }).into_any(),
    };
    view! {
        <ListRow icon=Glyph::Calendar note end test_id="record-meeting">
            <span>{theme}</span>
            <span class="row-note">{found}</span>
            {said.into_iter().map(|words| view! { <q class="row-note">{words}</q> }).collect_view()}
        </ListRow>
    }
}

fn sale(one: Sale) -> impl IntoView {
    let Sale { deal, number, stage, total, paid, delivered, .. } = one;
    let note = {
        let number = number.clone();
        move || {
            let number = number.clone().unwrap_or_else(|| t::records::by_colleague().to_owned());
            let delivered = delivered.map(|at| t::records::delivered(day(at)));
            [Some(number), delivered].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
    };
    let end = move || deal_badge(&stage, None);
    let title = move || t::records::sale(words::money(paid), words::money(total));
    if number.is_some() {
        view! { <ListRow href=Place::Deal(deal) icon=Glyph::Handshake note end test_id="record-deal">{title}</ListRow> }.into_any()
    } else {
        view! { <ListRow icon=Glyph::Handshake note end test_id="record-deal">{title}</ListRow> }.into_any()
    }
}

fn complaint(one: Arc<Complaint>) -> impl IntoView {
    let (what, at, state) = (one.what.lines().next().unwrap_or_default().to_owned(), one.reported_at, one.state);
    let end = move || {
        let (mood, said) = match state {
            ComplaintState::Open => (Mood::Info, t::complaints::open()),
            ComplaintState::Settled => (Mood::Warning, t::complaints::settled()),
            ComplaintState::Told => (Mood::Good, t::complaints::told()),
        };
        view! { <Badge mood=Signal::stored(mood)>{said}</Badge> }
    };
    view! { <ListRow href=Place::Complaints icon=Glyph::Message note=move || words::opening(&day(at)) end test_id="record-complaint">{what}</ListRow> }
}

fn day(at: Timestamp) -> String {
    words::day(at, words::here(), chrono::Utc::now())
}
