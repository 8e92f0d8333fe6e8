//! A user without a browser: logs in over HTTP and holds what the server lets this user hold.
//!
//! Journeys ask it what has really arrived. It keeps every row of every scope, so that doubles would show.

use super::{Result, Trouble};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Body, Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use shared::Command;
use shared::ids::ClientId;
use shared::record::{Entity, Scope};
use shared::sync::protocol::{Page, PullAnswer, PushAnswer, PushRequest, ScopeCursor};
use shared::testing::messages;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;
use uuid::Uuid;

#[derive(Clone)]
pub struct Account {
    /// Keeps the cookie.
    client: Client,
    /// The session's second secret, which clones of the account share as they do the cookie.
    secret: Arc<Mutex<String>>,
    server: String,
    device: ClientId,
}

/// Rows by scope, kind and id.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    rows: BTreeMap<(Scope, String, Uuid), String>,
}

impl Account {
    pub async fn log_in(server: &str, login: &str, password: &str) -> Result<Self> {
        Ok(Self::log_in_with(reqwest::ClientBuilder::new(), server, login, password).await?.0)
    }

    /// With a client of another patience; gives who one is too, as the server tells it.
    pub async fn log_in_with(client: reqwest::ClientBuilder, server: &str, login: &str, password: &str) -> Result<(Self, Value)> {
        let client = client.no_proxy().cookie_store(true).build()?;
        let account = Self { client, secret: Arc::default(), server: server.to_owned(), device: ClientId(Uuid::new_v4()) };
        let me = account.begin_session(login, password).await?;
        Ok((account, me))
    }

    /// Logs in, again if need be; gives who one is.
    pub async fn begin_session(&self, login: &str, password: &str) -> Result<Value> {
        let credentials = json!({ "login": login, "password": password, "with_secret": true });
        let me: Value = serde_json::from_str(&self.post("/api/session", &credentials).await?)?;
        let secret = me["secret"].as_str().ok_or_else(|| Trouble::new("a log-in gives a secret"))?;
        secret.clone_into(&mut *self.known_secret());
        Ok(me)
    }

    /// From now on it speaks to another server, with the same session.
    pub fn turn_to(&mut self, server: &str) {
        server.clone_into(&mut self.server);
    }

    /// Everything that this user may hold, as it is on the server now.
    pub async fn holdings(&self) -> Result<Holdings> {
        let mut holdings = Holdings::default();
        let mut cursors = BTreeMap::new();
        loop {
            let page = self.pull(&cursors).await?;
            cursors.extend(page.scopes.iter().map(|scope| (scope.scope, scope.cursor)));
            let more = page.more;
            holdings.take(page);
            if !more {
                return Ok(holdings);
            }
        }
    }

    /// One page of a pull that began from nothing: no row was held before it.
    async fn pull(&self, cursors: &BTreeMap<Scope, u64>) -> Result<Page> {
        let scopes = cursors.iter().map(|(&scope, &cursor)| ScopeCursor { scope, cursor, held: false }).collect();
        let request = messages::pull(self.device, SystemTime::now().into(), scopes);
        match serde_json::from_str(&self.post("/api/sync/pull", &request).await?)? {
            PullAnswer::Page(page) => Ok(page),
            other => Err(Trouble::new(format!("the server answered a pull with {other:?}"))),
        }
    }

    /// The answer to a push of whatever device.
    pub async fn push(&self, request: &PushRequest) -> Result<PushAnswer> {
        Ok(serde_json::from_str(&self.post("/api/sync/push", request).await?)?)
    }

    /// An answer as it comes, for streams.
    /// A command, from a device of its own.
    pub async fn submit(&self, command: impl Into<Command>) -> Result<PushAnswer> {
        let now = SystemTime::now().into();
        self.push(&messages::push(ClientId(Uuid::new_v4()), Uuid::new_v4(), now, vec![messages::envelope(1, now, command)])).await
    }

    pub async fn get(&self, path: &str) -> Result<reqwest::Response> {
        Ok(self.request(Method::GET, path).send().await?.error_for_status()?)
    }

    /// The text of the answer; an error if it is none of success.
    pub async fn post(&self, path: &str, body: &impl serde::Serialize) -> Result<String> {
        let (status, text) = self.send(path, serde_json::to_vec(body)?).await?;
        if status.is_success() { Ok(text) } else { Err(Trouble::new(format!("{path} answered {status}: {text}"))) }
    }

    /// Sends a part of a file.
    pub async fn put(&self, path: &str, body: Vec<u8>) -> reqwest::Result<(StatusCode, String)> {
        let response = self.request(Method::PUT, path).body(body).send().await?;
        Ok((response.status(), response.text().await?))
    }

    /// Posts any bytes, sense or nonsense; whatever the answer is. The error is that none came.
    pub async fn send(&self, path: &str, body: impl Into<Body>) -> reqwest::Result<(StatusCode, String)> {
        let response = self.request(Method::POST, path).header(CONTENT_TYPE, "application/json").body(body).send().await?;
        Ok((response.status(), response.text().await?))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.server));
        request.header("x-huixiao", "1").header("huixiao-secret", self.known_secret().as_str())
    }

    fn known_secret(&self) -> MutexGuard<'_, String> {
        self.secret.lock().expect("nobody panics with a secret in hand")
    }
}

impl Holdings {
    /// Every row of one kind.
    pub fn all<T: Entity>(&self) -> Result<Vec<T>> {
        let bodies = self.rows.iter().filter(|((_, kind, _), _)| kind == T::KIND.name()).map(|(_, body)| body);
        Ok(bodies.map(|body| serde_json::from_str(body)).collect::<serde_json::Result<_>>()?)
    }

    fn take(&mut self, page: Page) {
        for scope in page.dropped {
            self.rows.retain(|(held, _, _), _| *held != scope);
        }
        for row in page.rows {
            let key = (row.scope, row.kind, row.id);
            match row.body {
                Some(body) => self.rows.insert(key, body.get().to_owned()),
                None => self.rows.remove(&key),
            };
        }
    }
}
