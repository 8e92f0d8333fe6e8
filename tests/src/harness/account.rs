//! A user without a browser: logs in over HTTP and holds what the server lets this user hold.
//!
//! Journeys ask it what has really arrived. It keeps every row of every scope, so that doubles would show.

use super::{Result, Trouble};
use serde_json::json;
use shared::ids::ClientId;
use shared::record::{Entity, Scope};
use shared::sync::protocol::{PROTO, Page, PullAnswer, PullRequest, SCHEMA, ScopeCursor};
use std::collections::BTreeMap;
use uuid::Uuid;

pub struct Account {
    client: reqwest::Client,
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
        let client = reqwest::Client::builder().no_proxy().cookie_store(true).build()?;
        let account = Self { client, server: server.to_owned(), device: ClientId(Uuid::new_v4()) };
        account.post("/api/session", &json!({ "login": login, "password": password })).await?;
        Ok(account)
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

    async fn pull(&self, cursors: &BTreeMap<Scope, u64>) -> Result<Page> {
        let request = PullRequest {
            proto: PROTO,
            schema: SCHEMA,
            epoch: None,
            client: self.device,
            sent_at: std::time::SystemTime::now().into(),
            scopes: cursors.iter().map(|(scope, cursor)| ScopeCursor { scope: *scope, cursor: *cursor, held: true }).collect(),
            healed: Vec::new(),
        };
        let answer = self.post("/api/sync/pull", &request).await?;
        match serde_json::from_str(&answer)? {
            PullAnswer::Page(page) => Ok(page),
            other => Err(Trouble::new(format!("the server answered a pull with {other:?}"))),
        }
    }

    /// An answer as it comes, for streams.
    pub async fn get(&self, path: &str) -> Result<reqwest::Response> {
        Ok(self.client.get(format!("{}{path}", self.server)).send().await?.error_for_status()?)
    }

    /// The text of the answer; an error if it is none of success.
    pub async fn post(&self, path: &str, body: &impl serde::Serialize) -> Result<String> {
        let response = self.client.post(format!("{}{path}", self.server)).header("x-huixiao", "1").json(body).send().await?;
        let status = response.status();
        let text = response.text().await?;
        if status.is_success() { Ok(text) } else { Err(Trouble::new(format!("{path} answered {status}: {text}"))) }
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
