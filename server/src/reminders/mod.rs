//! Reminders on the day before, by mail and text message (clause B7; docs/decisions/0021-reminders.md). Rules: `shared::invitations::reminder`.
//!
//! Laws: where nothing is configured nothing is queued; a message is written when it is sent, from the records of that moment, and stored nowhere;
//! that it is being tried is committed before, so that no restart and no second server sends it again; logs have ids, counts and codes.

mod delivery;
mod gateway;
mod mail;
mod message;
mod next;

use crate::config::Reminding;
use crate::guests::acting;
use crate::store::{Organisation, Settled, Store, Transaction, Trying, organisations};
use chrono::Utc;
use delivery::{Delivery, Obstacle};
use gateway::Gateway;
use mail::Mail;
use message::Message;
use next::{Links, Next, next};
use shared::Unavailable;
use shared::decide::ViewExt;
use shared::ids::{MeetingId, OrgId};
use shared::invitations::command::NoteReminder;
use shared::invitations::reminder::{self, Carrier, Reminder};
use shared::invitations::{Invitation, ReminderOutcome};
use shared::meetings::Meeting;
use shared::record::Index;
use shared::sync::scopes::Everyone;
use shared::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// How often it is looked whether something is to be sent.
const EVERY: Duration = Duration::from_secs(30);

/// Carriers that are configured, and where guests reach this server.
pub(crate) struct Senders {
    public_url: String,
    all: Vec<Sender>,
}

enum Sender {
    Mail(Mail),
    Sms(Gateway),
}

impl Senders {
    /// What the settings ask for: nothing, one carrier or two.
    ///
    /// # Errors
    /// A line that says which setting makes no sense; it holds no secret.
    pub(crate) fn of(settings: &Reminding) -> Result<Self, String> {
        let mut all = Vec::new();
        if settings.smtp_url.is_none() && settings.sms_url.is_none() {
            return Ok(Self { public_url: String::new(), all });
        }
        let public_url =
            settings.public_url.as_deref().ok_or("reminders have a link in them: say where guests reach this server with --public-url")?;
        let (public_url, host) = origin(public_url).ok_or("the public URL must be https://HOST, without a path")?;
        if let Some(url) = &settings.smtp_url {
            let from = settings.mail_from.as_deref().ok_or("say with --mail-from from which address mails are sent")?;
            all.push(Sender::Mail(Mail::new(url, from, &host)?));
        }
        if let Some(url) = &settings.sms_url {
            all.push(Sender::Sms(Gateway::new(url, settings)?));
        }
        Ok(Self { public_url, all })
    }
}

impl Sender {
    const fn carrier(&self) -> Carrier {
        match self {
            Self::Mail(_) => Carrier::Mail,
            Self::Sms(_) => Carrier::Sms,
        }
    }

    async fn send(&self, message: &Message) -> Delivery {
        match self {
            Self::Mail(mail) => mail.send(message).await,
            Self::Sms(gateway) => gateway.send(message).await,
        }
    }
}

/// The scheme, host and port of a URL that guests can open, and the host.
fn origin(url: &str) -> Option<(String, String)> {
    let url = Url::parse(url).ok()?;
    let is_plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_this_machine(&url);
    (is_plain && is_safe).then(|| (url.as_str().trim_end_matches('/').to_owned(), url.host_str().unwrap_or_default().to_owned()))
}

/// Whether an address leads to this machine itself, and over no network.
fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Sends until the server stops. What is on its way then still arrives.
pub(crate) async fn remind(store: Store, senders: Senders, stopping: watch::Receiver<bool>) {
    let public_url: Arc<str> = senders.public_url.into();
    let mut all = JoinSet::new();
    for sender in senders.all {
        tracing::info!(carrier = ?sender.carrier(), "reminders are sent");
        let (store, public_url, stopping) = (store.clone(), Arc::clone(&public_url), stopping.clone());
        all.spawn(Reminders { store, sender, public_url, links: Links::default(), stopping }.work());
    }
    while all.join_next().await.is_some() {}
}

/// The reminders that one carrier takes.
struct Reminders {
    store: Store,
    sender: Sender,
    public_url: Arc<str>,
    links: Links,
    stopping: watch::Receiver<bool>,
}

impl Reminders {
    async fn work(mut self) {
        loop {
            if let Err(failure) = self.round().await {
                tracing::warn!(carrier = ?self.sender.carrier(), reason = failure.0, "reminders were put off");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = self.stopping.wait_for(|stopping| *stopping) => return,
            }
        }
    }

    /// Queues what is due and sends what waits, until there is nothing or the carrier wants to be left alone.
    async fn round(&self) -> Result<(), Unavailable> {
        for org in self.store.read(organisations).await? {
            self.queue(org).await?;
            while !*self.stopping.borrow() {
                let obstacle = match self.next(org).await? {
                    Next::Nothing => break,
                    Next::Settled => None,
                    Next::Send(trying, message) => self.send(org, trying, &message).await?,
                };
                if obstacle == Some(Obstacle::Carrier) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn queue(&self, org: OrgId) -> Result<(), Unavailable> {
        let (carrier, now) = (self.sender.carrier(), Utc::now());
        let due = self.store.read(move |tx| due(tx, org, carrier, now)).await?;
        let count = due.len();
        let queue = move |tx: &Transaction<'_>| {
            let mut org = tx.of(org)?;
            for reminder in org.give_up_interrupted(now)? {
                tell(&mut org, &reminder, ReminderOutcome::GivenUp, now)?;
            }
            due.iter().try_for_each(|(reminder, meeting)| org.queue(reminder, *meeting, now))
        };
        self.store.write(queue).await?;
        if count > 0 {
            tracing::info!(?carrier, count, "reminders were queued");
        }
        Ok(())
    }

    async fn next(&self, org: OrgId) -> Result<Next, Unavailable> {
        let (carrier, public_url, links) = (self.sender.carrier(), Arc::clone(&self.public_url), self.links.clone());
        self.store.write(move |tx| next(tx, org, carrier, &public_url, &links, Utc::now())).await
    }

    /// Tries one, and notes what came of it.
    async fn send(&self, org: OrgId, trying: Trying, message: &Message) -> Result<Option<Obstacle>, Unavailable> {
        let delivery = self.sender.send(message).await;
        let obstacle = match &delivery {
            Delivery::Later { obstacle, .. } => Some(*obstacle),
            Delivery::Taken | Delivery::Refused(_) => None,
        };
        let is_over = self.store.write(move |tx| note(tx, org, &trying, &delivery, Utc::now())).await?;
        if is_over {
            self.links.forget(trying.message);
        }
        Ok(obstacle)
    }
}

/// Who is to be reminded now and was not queued yet.
fn due(tx: &Transaction<'_>, org: OrgId, carrier: Carrier, now: Timestamp) -> Result<Vec<(Reminder, MeetingId)>, Unavailable> {
    let org = tx.of(org)?;
    let mut due = Vec::new();
    for id in org.meetings()? {
        let Some(meeting) = org.get::<Meeting>(id)?.filter(|meeting| reminder::is_due(meeting, now)) else { continue };
        let queued = org.queued(id)?;
        for invitation in org.list::<Invitation>(&Index::InvitationsByMeeting(id))? {
            let Some(customer) = org.get(invitation.customer)? else { continue };
            let reminder = Reminder::due(&invitation, &customer, &meeting, carrier, now);
            due.extend(reminder.filter(|reminder| !queued.contains(reminder)).map(|reminder| (reminder, id)));
        }
    }
    Ok(due)
}

/// Notes what a carrier has said; whether that is the end of it.
fn note(tx: &Transaction<'_>, org: OrgId, trying: &Trying, delivery: &Delivery, now: Timestamp) -> Result<bool, Unavailable> {
    let mut org = tx.of(org)?;
    let Trying { reminder, message, attempts, .. } = trying;
    let carrier = reminder.carrier;
    let (settled, reason) = match delivery {
        Delivery::Taken => (Settled::Sent, None),
        Delivery::Refused(reason) => (Settled::GivenUp, Some(reason)),
        Delivery::Later { reason, wait, .. } => match reminder::wait(*attempts, *wait) {
            Some(wait) => {
                tracing::info!(?carrier, %message, attempts, reason = reason.0, seconds = wait.num_seconds(), "a reminder is tried again later");
                org.put_off(reminder, &reason.0, now + wait)?;
                return Ok(false);
            }
            None => (Settled::GivenUp, Some(reason)),
        },
    };
    let reason = reason.map(|reason| reason.0.as_str());
    tracing::info!(?carrier, %message, attempts, ?settled, reason, "a reminder is done with");
    org.settle(reminder, settled, reason, now)?;
    let outcome = if settled == Settled::Sent { ReminderOutcome::Sent } else { ReminderOutcome::GivenUp };
    tell(&mut org, reminder, outcome, now)?;
    Ok(true)
}

/// Tells those who work with the guest, on their devices.
fn tell(org: &mut Organisation<'_>, reminder: &Reminder, outcome: ReminderOutcome, now: Timestamp) -> Result<(), Unavailable> {
    let Some(invitation) = org.get::<Invitation>(reminder.invitation)? else { return Ok(()) };
    let note = NoteReminder { invitation: invitation.id, channel: reminder.carrier.channel(), outcome };
    acting::carry_out(org, &invitation, vec![note.into()], now).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn settings(public_url: &str) -> Reminding {
        Reminding {
            public_url: Some(public_url.to_owned()),
            smtp_url: Some(Secret::from("smtp://us:s3cret@127.0.0.1")),
            mail_from: Some("reminders@example.com".to_owned()),
            ..Reminding::default()
        }
    }

    #[tokio::test]
    async fn b7_guests_are_sent_to_an_address_that_is_safe_to_open() {
        for url in [
            "https://guests.example.com",
            "https://guests.example.com/",
            "https://guests.example.com:8443",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
        ] {
            let senders = Senders::of(&settings(url)).unwrap_or_else(|line| panic!("{url}: {line}"));
            assert_eq!(senders.public_url, url.trim_end_matches('/'));
        }
        for url in
            ["http://guests.example.com", "https://guests.example.com/app", "https://us@guests.example.com", "https://a/?b", "guests.example.com", ""]
        {
            assert!(Senders::of(&settings(url)).is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn b7_what_is_configured_by_half_is_told_at_the_start() {
        assert!(Senders::of(&Reminding::default()).is_ok_and(|senders| senders.all.is_empty()), "nothing is sent");
        let whole = settings("https://guests.example.com");
        assert!(Senders::of(&whole).is_ok());
        for lacking in [Reminding { public_url: None, ..whole.clone() }, Reminding { mail_from: None, ..whole.clone() }] {
            assert!(Senders::of(&lacking).is_err());
        }
        assert!(!format!("{whole:?}").contains("s3cret"));
    }
}
