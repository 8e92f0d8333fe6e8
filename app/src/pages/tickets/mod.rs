//! A guest's ticket, to show, send or print (clause D1).

use crate::components::{Banner, Button, EmptyState, Glyph, Look, Mood, PageHead, Qr};
use crate::replica;
use crate::routes::{Place, id_param};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use shared::Kind;
use shared::customers::Customer;
use shared::ids::InvitationId;
use shared::invitations::Invitation;
use shared::meetings::Meeting;
use std::sync::Arc;

/// The ticket of an invitation.
#[component]
pub fn TicketPage() -> impl IntoView {
    let id = id_param::<InvitationId>("invitation");
    let found = Memo::new(move |_| {
        replica::read(&[Kind::Invitation, Kind::Customer, Kind::Meeting], |replica| {
            let invitation = replica.noun::<Invitation>(id.get()?)?.clone();
            let customer = replica.noun::<Customer>(invitation.customer)?.clone();
            let meeting = replica.noun::<Meeting>(invitation.meeting)?.clone();
            Some((invitation, customer, meeting))
        })
    });
    move || match found.get() {
        Some((invitation, customer, meeting)) => view! { <Ticket invitation customer meeting /> }.into_any(),
        None => view! {
            <PageHead title=t::app::ticket back=Place::Customers />
            <EmptyState glyph=Glyph::Ticket title=t::invitations::ticket_not_here test_id="ticket-missing" />
        }
        .into_any(),
    }
}

#[component]
fn Ticket(invitation: Arc<Invitation>, customer: Arc<Customer>, meeting: Arc<Meeting>) -> impl IntoView {
    let comes = invitation.comes();
    let waits = invitation.waiting.is_some();
    let companions = invitation.companions;
    let code = invitation.ticket.clone().filter(|_| comes);
    let printable = code.is_some();
    let print = || {
        if let Some(window) = web_sys::window() {
            drop(window.print());
        }
    };
    let (profile, plan) = (customer.profile.clone(), meeting.plan.clone());
    let name = customer.profile.name.clone();
    let middle = match code {
        Some(code) => view! {
            <Qr text=Signal::stored(code) label=move || t::invitations::ticket_qr(&name) test_id="ticket-qr" />
            <p class="soft">{t::invitations::ticket_show}</p>
        }
        .into_any(),
        None if comes => view! {
            <Banner mood=Mood::Info test_id="ticket-waiting">
                <strong>{t::invitations::ticket_waiting}</strong>
                <span>{t::invitations::ticket_waiting_text}</span>
            </Banner>
        }
        .into_any(),
        None if waits => view! { <Banner mood=Mood::Warning test_id="ticket-in-line">{t::invitations::ticket_in_line}</Banner> }.into_any(),
        None => view! { <Banner mood=Mood::Warning test_id="ticket-none">{t::invitations::ticket_not_agreed}</Banner> }.into_any(),
    };
    view! {
        <PageHead title=t::app::ticket back=Place::Customer(customer.id)>
            {printable.then(|| view! { <Button look=Look::Primary icon=Glyph::Printer on_press=print test_id="ticket-print">{t::invitations::ticket_print}</Button> })}
        </PageHead>
        <div class="page-content">
            <article class="ticket card" data-testid="ticket">
                <h2 class="ticket-name">{move || words::called_by(&profile)}</h2>
                {middle}
                {(comes && companions > 0).then(|| view! { <p>{move || t::invitations::with_companions(companions)}</p> })}
                <div class="ticket-meeting">
                    <strong>{plan.theme.clone()}</strong>
                    <span>{move || words::opening(&words::span(plan.starts_at, plan.ends_at, plan.utc_offset, Utc::now()))}</span>
                    <span>{meeting.plan.venue.clone()}</span>
                    <span class="soft">{meeting.plan.address.clone()}</span>
                </div>
            </article>
        </div>
    }
}
