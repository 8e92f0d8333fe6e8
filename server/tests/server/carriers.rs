//! What the server sends to, in tests: a mail server (a process of its own, from npm) and a gateway for text messages.

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;
use server::config::{Reminding, Secret};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// How long something may take that happens by itself.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Where guests are told to go.
pub(crate) const PUBLIC_URL: &str = "https://guests.example.com";

/// A real mail server, gone when the test ends.
pub(crate) struct MailServer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: String,
}

impl MailServer {
    /// Starts one. None, and the reason is printed: this run has none.
    pub(crate) async fn start() -> Option<Self> {
        let Some(script) = std::env::var_os("HUIXIAO_TEST_SMTP").filter(|script| !script.is_empty()) else {
            eprintln!("SKIPPED: HUIXIAO_TEST_SMTP does not name tests/peers/mail/server.mjs with what npm installs beside it (./test does)");
            return None;
        };
        let child = Command::new("node").arg(script).stdout(Stdio::piped()).kill_on_drop(true).spawn();
        let mut child = child.expect("Node.js is there");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let port = lines.next_line().await.expect("text").expect("the mail server starts");
        Some(Self { child, lines, port })
    }

    /// Sends by this server, with the password or another, and with or without TLS (`?tls=required`).
    pub(crate) fn settings(&self, password: &str, tls: &str) -> Reminding {
        Reminding {
            public_url: Some(PUBLIC_URL.to_owned()),
            smtp_url: Some(Secret::from(format!("smtp://us:{password}@127.0.0.1:{}{tls}", self.port).as_str())),
            mail_from: Some("reminders@huixiao.example".to_owned()),
            ..Reminding::default()
        }
    }

    /// The next mail that it takes.
    pub(crate) async fn mail(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("a mail arrives");
        serde_json::from_str(&line.expect("text").expect("it runs")).expect("one mail a line")
    }

    /// Stops it; what else it has taken.
    pub(crate) async fn rest(mut self) -> Vec<Value> {
        self.child.start_kill().expect("it runs");
        let mut rest = Vec::new();
        while let Some(line) = self.lines.next_line().await.expect("text") {
            rest.push(serde_json::from_str(&line).expect("one mail a line"));
        }
        rest
    }
}

/// A gateway for text messages that answers as the test wants, one answer after the other; the last one for ever.
pub(crate) struct Gateway {
    url: String,
    seen: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
}

impl Gateway {
    /// Each answer is a status, and how long to wait if it says so.
    pub(crate) async fn start(answers: &[(u16, Option<&'static str>)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/messages", listener.local_addr().expect("bound"));
        let (seen, answers) = (Arc::default(), answers.to_vec());
        let noted: Arc<Mutex<Vec<_>>> = Arc::clone(&seen);
        let answer = async move |headers: HeaderMap, body: String| {
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            let (status, wait) = answers[noted.len().min(answers.len() - 1)];
            noted.push((headers, serde_json::from_str(&body).expect("JSON")));
            let wait = HeaderMap::from_iter(wait.map(|wait| (header::RETRY_AFTER, HeaderValue::from_static(wait))));
            (StatusCode::from_u16(status).expect("a status"), wait)
        };
        let service = Router::new().route("/messages", axum::routing::post(answer));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { url, seen }
    }

    /// Sends by this gateway.
    pub(crate) fn settings(&self) -> Reminding {
        Reminding {
            public_url: Some(PUBLIC_URL.to_owned()),
            sms_url: Some(Secret::from(self.url.as_str())),
            sms_header: ["Content-Type: application/json", "Authorization: Bearer s3cret"].map(Secret::from).into(),
            sms_body: Some(Secret::from(r#"{"to":"{digits}","text":"{text}","ref":"{id}"}"#)),
            ..Reminding::default()
        }
    }

    /// What it was asked so far.
    pub(crate) fn seen(&self) -> Vec<(HeaderMap, Value)> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
