//! Text messages, through a gateway that is asked over HTTP: a template says what it wants to read.
//!
//! Laws: neither phone nor text stands in an address, for addresses are logged; what is put into the template is escaped for its kind; neither
//! the gateway's address and headers, which may hold keys, nor its answers are shown.

use super::delivery::{Delivery, Obstacle, Reason};
use super::message::Message;
use crate::config::{Reminding, Secret, SmsMethod};
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{Method, Request, StatusCode, Uri};
use chrono::TimeDelta;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use shared::deals::contract::fill;
use shared::time::Timestamp;
use std::time::Duration;
use url::Url;

/// How long a gateway may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Refusals that are about the account (keys, credit) or the moment, not about the message.
const ABOUT_THE_GATEWAY: [StatusCode; 6] = [
    StatusCode::UNAUTHORIZED,
    StatusCode::PAYMENT_REQUIRED,
    StatusCode::FORBIDDEN,
    StatusCode::PROXY_AUTHENTICATION_REQUIRED,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_MANY_REQUESTS,
];

pub(super) struct Gateway {
    client: Client<HttpsConnector<HttpConnector>, Full<axum::body::Bytes>>,
    method: Method,
    url: Uri,
    headers: HeaderMap,
    form: Form,
    body: Secret,
}

/// How the template's blanks are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Fields,
}

impl Gateway {
    /// A gateway.
    ///
    /// # Errors
    /// A line that says which setting makes no sense.
    pub(super) fn new(url: &Secret, settings: &Reminding) -> Result<Self, String> {
        let read = Url::parse(url.reveal()).ok().filter(|url| url.scheme() == "https" || url.scheme() == "http" && super::is_this_machine(url));
        let url = read.filter(|url| url.username().is_empty() && url.password().is_none()).and_then(|url| url.as_str().parse().ok());
        let url = url.ok_or("the URL of the text message gateway must be https://… (http://… on this machine only), with no password in it")?;
        let headers = settings.sms_header.iter().map(header).collect::<Option<HeaderMap>>();
        let headers = headers.ok_or("a header for the text message gateway must be NAME: VALUE")?;
        let form = Form::of(&headers)
            .ok_or("the text message gateway needs a header Content-Type: application/json, or Content-Type: application/x-www-form-urlencoded")?;
        let body = settings.sms_body.clone().ok_or("the text message gateway needs a body (--sms-body) with {text} and {to} or {digits}")?;
        form.check(body.reveal())?;
        let tls = HttpsConnectorBuilder::new().with_provider_and_platform_verifier(ring::default_provider());
        let tls = tls.map_err(|_| "the text message gateway cannot be used: this machine's certificates cannot be read".to_owned())?;
        // Answers that lead elsewhere are not followed: a key goes where it was meant to go.
        let client = Client::builder(TokioExecutor::new()).build(tls.https_or_http().enable_http1().build());
        let method = match settings.sms_method {
            SmsMethod::Post => Method::POST,
            SmsMethod::Put => Method::PUT,
        };
        Ok(Self { client, method, url, headers, form, body })
    }

    pub(super) async fn send(&self, message: &Message) -> Delivery {
        let body = self.form.filled(self.body.reveal(), &message.to, &message.text, &message.id.to_string());
        let mut request = Request::new(Full::from(body));
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (self.method.clone(), self.url.clone(), self.headers.clone());
        match tokio::time::timeout(PATIENCE, self.client.request(request)).await {
            Ok(Ok(answer)) => judged(answer.status(), answer.headers().get(RETRY_AFTER), chrono::Utc::now()),
            Ok(Err(_)) => later("unreachable"),
            Err(_) => later("timeout"),
        }
    }
}

fn later(reason: &str) -> Delivery {
    Delivery::Later { reason: reason.into(), wait: None, obstacle: Obstacle::Carrier }
}

impl Form {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        match kind.split(';').next()?.trim().to_ascii_lowercase().as_str() {
            "application/json" => Some(Self::Json),
            "application/x-www-form-urlencoded" => Some(Self::Fields),
            _ => None,
        }
    }

    fn check(self, template: &str) -> Result<(), String> {
        let has = |blank: &str| template.contains(blank);
        if !has("{text}") || !(has("{to}") || has("{digits}")) {
            return Err("the body for the text message gateway must hold {text}, and {to} or {digits}".to_owned());
        }
        let is_json = || serde_json::from_str::<serde_json::Value>(&self.filled(template, "+1", "\"", "1")).is_ok();
        if self == Self::Json && !is_json() {
            return Err("the body for the text message gateway is no JSON; blanks stand inside of quotes: \"{text}\"".to_owned());
        }
        Ok(())
    }

    fn filled(self, template: &str, to: &str, text: &str, id: &str) -> String {
        let values =
            [("to", to), ("digits", to.trim_start_matches('+')), ("text", text), ("id", id)].map(|(name, value)| (name, self.escaped(value)));
        fill(template, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
    }

    /// A value as it stands between quotes in JSON, or behind the equals sign of a field.
    fn escaped(self, value: &str) -> String {
        match self {
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Fields => form_urlencoded::byte_serialize(value.as_bytes()).collect(),
        }
    }
}

fn header(line: &Secret) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.reveal().split_once(':')?;
    let mut value = HeaderValue::from_str(value.trim()).ok()?;
    value.set_sensitive(true);
    Some((name.trim().parse().ok()?, value))
}

fn judged(status: StatusCode, retry_after: Option<&HeaderValue>, now: Timestamp) -> Delivery {
    let reason = Reason(format!("http {}", status.as_u16()));
    if status.is_success() {
        Delivery::Taken
    } else if status.is_client_error() && !ABOUT_THE_GATEWAY.contains(&status) {
        Delivery::Refused(reason)
    } else {
        Delivery::Later { reason, wait: retry_after.and_then(|value| asked_wait(value, now)), obstacle: Obstacle::Carrier }
    }
}

/// Seconds, or a date (RFC 9110, 10.2.3).
fn asked_wait(value: &HeaderValue, now: Timestamp) -> Option<TimeDelta> {
    let value = value.to_str().ok()?.trim();
    let seconds = || value.parse::<u32>().ok().map(|seconds| TimeDelta::seconds(seconds.into()));
    let date = || chrono::DateTime::parse_from_rfc2822(value).ok().map(|at| at.to_utc() - now);
    seconds().or_else(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b7_what_is_put_into_a_template_is_escaped_for_its_kind() {
        let text = "「A」\"B\" \\ {to}\n&=+% 王";
        let json = Form::Json.filled(r#"{"to":"{to}","n":"{digits}","nested":{"text":"{text}"},"id":"{id}"}"#, "+886912345678", text, "7");
        let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(read, serde_json::json!({ "to": "+886912345678", "n": "886912345678", "nested": { "text": text }, "id": "7" }));
        for quotes in ["\"", "\"\"", "\"x\""] {
            let json = Form::Json.filled(r#"{"text":"{text}"}"#, "+1", quotes, "7");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON")["text"], quotes);
        }
        let fields = Form::Fields.filled("key=a&to={to}&text={text}", "+886912345678", text, "7");
        let read: Vec<_> = form_urlencoded::parse(fields.as_bytes()).into_owned().collect();
        assert_eq!(read, [("key", "a"), ("to", "+886912345678"), ("text", text)].map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn b7_a_gateway_takes_refuses_or_wants_time() {
        let now: Timestamp = "2026-11-29T04:00:00Z".parse().expect("valid");
        let wait = |status: u16, header: Option<&'static str>| {
            let header = header.map(HeaderValue::from_static);
            match judged(StatusCode::from_u16(status).expect("a status"), header.as_ref(), now) {
                Delivery::Later { wait, .. } => Some(wait.map(|wait| wait.num_seconds())),
                Delivery::Taken | Delivery::Refused(_) => None,
            }
        };
        for status in [200, 201, 202, 204] {
            assert_eq!(judged(StatusCode::from_u16(status).expect("a status"), None, now), Delivery::Taken);
        }
        for status in [400, 404, 410, 413, 422] {
            assert_eq!(judged(StatusCode::from_u16(status).expect("a status"), None, now), Delivery::Refused(Reason(format!("http {status}"))));
        }
        for status in [408, 429, 401, 402, 403, 500, 502, 503, 302] {
            assert_eq!(wait(status, None), Some(None), "{status}");
        }
        assert_eq!(wait(429, Some("120")), Some(Some(120)));
        assert_eq!(wait(503, Some("Sun, 29 Nov 2026 04:05:00 GMT")), Some(Some(300)));
        assert_eq!(wait(503, Some("soon")), Some(None));
    }

    #[tokio::test]
    async fn b7_a_gateway_that_cannot_work_is_told_at_the_start_and_shows_no_key() {
        let refusal = |url: &str, headers: &[&str], body: Option<&str>| {
            let settings = Reminding {
                sms_header: headers.iter().map(|header| Secret::from(*header)).collect(),
                sms_body: body.map(Secret::from),
                ..Reminding::default()
            };
            Gateway::new(&Secret::from(url), &settings).err()
        };
        let (json, key, body) = ("Content-Type: application/json", "Authorization: Bearer s3cret", Some(r#"{"to":"{to}","text":"{text}"}"#));
        assert_eq!(refusal("https://sms.example.com/send", &[json, key], body), None);
        assert_eq!(refusal("http://127.0.0.1:9/send", &[json], body), None);
        for (url, headers, body) in [
            ("http://sms.example.com/s3cret", &[json][..], body),
            ("s3cret", &[json], body),
            ("https://us:s3cret@sms.example.com", &[json], body),
            ("https://sms.example.com", &[key], body),
            ("https://sms.example.com", &[json, "s3cret"], body),
            ("https://sms.example.com", &[json], None),
            ("https://sms.example.com", &[json], Some(r#"{"key":"s3cret","text":"{text}"}"#)),
            ("https://sms.example.com", &[json], Some(r#"{"key":"s3cret","to":{to},"text":{text}}"#)),
        ] {
            let line = refusal(url, headers, body).unwrap_or_else(|| panic!("{url} {headers:?} {body:?} is taken"));
            assert!(!line.contains("s3cret"), "{line}");
        }
    }
}
