//! The next reminder: taken out of the outbox, asked of the rules once more, and written.

use super::message::{Message, Reminded};
use crate::guests::acting;
use crate::random;
use crate::store::{Organisation, Settled, Transaction, Trying};
use shared::Unavailable;
use shared::customers::Customer;
use shared::decide::ViewExt;
use shared::ids::OrgId;
use shared::invitations::Invitation;
use shared::invitations::command::MakeLink;
use shared::invitations::link::LinkToken;
use shared::invitations::reminder::{Carrier, Unwanted};
use shared::meetings::Meeting;
use shared::people::User;
use shared::settings::Settings;
use shared::sync::protocol::Verdict;
use shared::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// What is to be done next.
pub(super) enum Next {
    /// Nothing waits.
    Nothing,
    /// One that waited is not wanted any more.
    Settled,
    /// One is to be sent.
    Send(Trying, Box<Message>),
}

/// The links of messages that are tried again, for as long as this server runs: another one for each try would push out those that the guest has.
/// Nowhere else does a link stand.
#[derive(Clone, Default)]
pub(super) struct Links(Arc<Mutex<HashMap<Uuid, LinkToken>>>);

impl Links {
    fn of(&self, message: Uuid) -> LinkToken {
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.entry(message).or_insert_with(|| LinkToken::of(&random::bytes())).clone()
    }

    pub(super) fn forget(&self, message: Uuid) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&message);
    }
}

/// Takes the next one; from the commit on it is this server's alone.
pub(super) fn next(tx: &Transaction<'_>, org: OrgId, carrier: Carrier, public_url: &str, links: &Links, now: Timestamp) -> Result<Next, Unavailable> {
    let mut org = tx.of(org)?;
    let Some(trying) = org.take(carrier, now)? else { return Ok(Next::Nothing) };
    match write(&mut org, &trying, public_url, links, now)? {
        Ok(message) => Ok(Next::Send(trying, Box::new(message))),
        Err(reason) => {
            tracing::info!(?carrier, message = %trying.message, reason, "a reminder is not wanted any more");
            org.settle(&trying.reminder, Settled::Unwanted, Some(reason), now)?;
            links.forget(trying.message);
            Ok(Next::Settled)
        }
    }
}

/// The message, or in a word why there is none.
fn write(
    org: &mut Organisation<'_>,
    trying: &Trying,
    public_url: &str,
    links: &Links,
    now: Timestamp,
) -> Result<Result<Message, &'static str>, Unavailable> {
    let reminder = &trying.reminder;
    let Some(invitation) = org.get::<Invitation>(reminder.invitation)? else { return Ok(Err("gone")) };
    let (customer, meeting) = (org.get::<Customer>(invitation.customer)?, org.get::<Meeting>(invitation.meeting)?);
    let (rep, settings) = (org.get::<User>(invitation.rep)?, org.get::<Settings>(org.org())?);
    let (Some(customer), Some(meeting), Some(settings)) = (customer, meeting, settings) else { return Ok(Err("gone")) };
    let to = match reminder.address(&invitation, &customer, &meeting, now) {
        Ok(to) => to,
        Err(unwanted) => return Ok(Err(word(unwanted))),
    };
    let link = links.of(trying.message);
    let rep = rep.map_or_else(|| settings.name.clone(), |rep| rep.name.clone());
    let reminded = Reminded { settings: &settings, customer: &customer, meeting: &meeting, rep: &rep, public_url, link: &link };
    let Some(message) = reminded.message(trying.message, to, reminder.carrier) else { return Ok(Err("no_text")) };
    Ok(if opens(org, &invitation, &link, now)? { Ok(message) } else { Err("no_link") })
}

/// Makes sure that a link opens its invitation.
fn opens(org: &mut Organisation<'_>, invitation: &Invitation, link: &LinkToken, now: Timestamp) -> Result<bool, Unavailable> {
    if invitation.links.contains(&link.hash()) {
        return Ok(true);
    }
    let command = MakeLink { invitation: invitation.id, link: link.hash() };
    let verdicts = acting::carry_out(org, invitation, vec![command.into()], now)?;
    Ok(verdicts.is_some_and(|verdicts| verdicts == [Verdict::Applied]))
}

const fn word(unwanted: Unwanted) -> &'static str {
    match unwanted {
        Unwanted::CalledOff => "called_off",
        Unwanted::Moved => "moved",
        Unwanted::NotComing => "not_coming",
        Unwanted::OptedOut => "opted_out",
        Unwanted::NoAddress => "no_address",
        Unwanted::TooLate => "too_late",
    }
}
