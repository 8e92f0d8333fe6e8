//! Mail, through SMTP (RFC 5321), with the way off the list in its head (RFC 8058).
//!
//! Law: neither the URL of the mail server, which holds a password, nor what the mail server says is shown.

use super::delivery::{Delivery, Obstacle, Reason};
use super::message::Message;
use crate::config::Secret;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::Duration;
use url::Url;

/// How long the whole conversation about one mail may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Replies that are about the sender's account, not about the mail (RFC 4954, 6): whoever mends it wants the mails to go.
const ABOUT_THE_ACCOUNT: [u16; 4] = [530, 534, 535, 538];
/// Replies by which a server closes itself, or its log-in, for a while.
const CLOSED_FOR_NOW: [u16; 2] = [421, 454];

pub(super) struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
}

impl Mail {
    /// A mail server. `host` is the name by which this one introduces itself.
    ///
    /// # Errors
    /// A line that says which setting makes no sense.
    pub(super) fn new(url: &Secret, from: &str, host: &str) -> Result<Self, String> {
        let unclear = || "the SMTP URL must be smtps://USER:PASSWORD@HOST:PORT or smtp://USER:PASSWORD@HOST:PORT?tls=required".to_owned();
        let read = Url::parse(url.reveal()).map_err(|_| unclear())?;
        if !keeps_password(&read) {
            return Err("the SMTP URL would send its password in the clear: use smtps://, or smtp:// with ?tls=required".to_owned());
        }
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal()).map_err(|_| unclear())?;
        let builder = if read.path().len() > 1 { builder } else { builder.hello_name(ClientId::Domain(host.to_owned())) };
        let from = from.parse().map_err(|_| "the sender of mails must be a mail address, as reminders@example.com".to_owned())?;
        Ok(Self { transport: builder.timeout(Some(PATIENCE)).build(), from })
    }

    pub(super) async fn send(&self, message: &Message) -> Delivery {
        let Some(letter) = self.letter(message) else { return Delivery::Refused("address".into()) };
        match tokio::time::timeout(PATIENCE, self.transport.send(letter)).await {
            Ok(Ok(_)) => Delivery::Taken,
            Ok(Err(error)) => judged(&error),
            Err(_) => later("timeout".into(), Obstacle::Carrier),
        }
    }

    /// The mail; none if its addressee's address is none.
    fn letter(&self, message: &Message) -> Option<lettre::Message> {
        let header = |name: &'static str, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
        lettre::Message::builder()
            .from(Mailbox::new(Some(message.org.clone()), self.from.clone()))
            .to(Mailbox::new(None, message.to.parse().ok()?))
            .subject(message.subject.clone())
            .date_now()
            .message_id(Some(format!("<{}@{}>", message.id, self.from.domain())))
            // No out-of-office notes, please (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            .raw_header(header("List-Unsubscribe", format!("<{}>", message.no_more)))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(message.text.clone()))
            .ok()
    }
}

/// Whether a password, if there is one, goes to another machine only inside of TLS.
fn keeps_password(url: &Url) -> bool {
    let is_sealed = url.scheme() == "smtps" || url.query_pairs().any(|(name, value)| name == "tls" && value == "required");
    url.password().is_none() || is_sealed || super::is_this_machine(url)
}

fn judged(error: &Error) -> Delivery {
    match error.status().map(u16::from) {
        Some(code) => judged_by_code(code),
        None => later("unreachable".into(), Obstacle::Carrier),
    }
}

fn judged_by_code(code: u16) -> Delivery {
    let reason = Reason(format!("smtp {code}"));
    if ABOUT_THE_ACCOUNT.contains(&code) || CLOSED_FOR_NOW.contains(&code) {
        later(reason, Obstacle::Carrier)
    } else if code >= 500 {
        Delivery::Refused(reason)
    } else {
        later(reason, Obstacle::Message)
    }
}

fn later(reason: Reason, obstacle: Obstacle) -> Delivery {
    Delivery::Later { reason, wait: None, obstacle }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str, from: &str) -> Option<String> {
        Mail::new(&Secret::from(url), from, "guests.example.com").err()
    }

    #[tokio::test]
    async fn b7_a_password_is_sent_to_no_other_machine_in_the_clear_and_shown_nowhere() {
        for url in [
            "smtps://us:s3cret@mail.example.com",
            "smtp://us:s3cret@mail.example.com:587?tls=required",
            "smtp://us:s3cret@127.0.0.1:2525",
            "smtp://relay",
        ] {
            assert_eq!(refusal(url, "a@example.com"), None, "{url}");
        }
        for url in [
            "smtp://us:s3cret@mail.example.com",
            "smtp://us:s3cret@mail.example.com?tls=opportunistic",
            "http://us:s3cret@mail.example.com",
            "smtp://us:s3cret@mail.example.com:99999",
            "s3cret",
        ] {
            let line = refusal(url, "a@example.com").unwrap_or_else(|| panic!("{url} is taken"));
            assert!(!line.contains("s3cret"), "{line}");
        }
        assert!(refusal("smtp://relay", "nobody").is_some());
    }

    #[test]
    fn b7_a_mail_server_refuses_for_good_for_now_or_because_of_the_account() {
        let (message, carrier) = (Some(Obstacle::Message), Some(Obstacle::Carrier));
        for (code, expected) in
            [(550, None), (554, None), (450, message), (451, message), (421, carrier), (454, carrier), (535, carrier), (530, carrier)]
        {
            let obstacle = match judged_by_code(code) {
                Delivery::Later { obstacle, .. } => Some(obstacle),
                Delivery::Refused(reason) => {
                    assert_eq!(reason.0, format!("smtp {code}"));
                    None
                }
                Delivery::Taken => panic!("{code} is no yes"),
            };
            assert_eq!(obstacle, expected, "{code}");
        }
    }
}
