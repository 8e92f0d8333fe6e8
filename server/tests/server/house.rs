//! A server whose database holds two organisations that are alike down to the ids: whatever crosses from one to the other shows.

use crate::database;
use chrono::Utc;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use server::config::{Config, Place, Reminding};
use server::store::{Location, NewOrganisation, Store};
use server::{Running, password_hash, start};
use shared::customers::Customer;
use shared::customers::command::AddCustomer;
use shared::ids::{ClientId, CustomerId, OrgId, UserId};
use shared::record::{Entity, Scope};
use shared::settings::Settings;
use shared::sync::protocol::{Digest, Envelope, Page, PullAnswer, PushAnswer, PushRequest, Row, RowHash, ScopeCursor};
use shared::sync::server::apply;
use shared::testing::{TICKET_SEED, World, messages};
use shared::{Command, Patch};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

/// The password of everybody in the first organisation.
pub(crate) const OUR_PASSWORD: &str = "ours alone 1";
/// The password of everybody in the second organisation; logins are the same.
pub(crate) const THEIR_PASSWORD: &str = "theirs alone 2";

pub(crate) struct House {
    pub(crate) ours: World,
    pub(crate) theirs: World,
    pub(crate) url: String,
    pub(crate) location: Location,
    folder: TempDir,
    running: Option<Running>,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::open_with(false).await
    }

    /// With a TLS proxy before it, as far as the server knows.
    pub(crate) async fn open_behind_a_proxy() -> Self {
        Self::open_with(true).await
    }

    async fn open_with(secure: bool) -> Self {
        let mut house = Self::settle().await;
        house.start(secure).await;
        house
    }

    /// Starts a server over the data.
    pub(crate) async fn start(&mut self, secure: bool) {
        self.begin(config(self.folder.path(), &self.location, secure)).await;
    }

    async fn begin(&mut self, config: Config) {
        let running = start(&config).await.map_err(|error| error.to_string()).expect("the port is free");
        self.url = format!("http://{}", running.address);
        self.running = Some(running);
    }

    /// Stops the server and starts it again, at another address.
    pub(crate) async fn restart(&mut self) {
        self.running.take().expect("it runs").stop().await;
        self.start(false).await;
    }

    /// Stops the server, if one runs, and starts it again with these reminders.
    pub(crate) async fn restart_reminding(&mut self, reminding: Reminding) {
        self.pause().await;
        self.begin(Config { reminding, ..config(self.folder.path(), &self.location, false) }).await;
    }

    /// The data without a server.
    pub(crate) async fn settle() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let (ours, theirs) = (World::new(), other_world());
        let location = database::fresh(folder.path()).await;
        let store = Store::open(&location).await.map_err(|error| error.to_string()).expect("a fresh folder");
        found(&store, &ours, OUR_PASSWORD).await;
        found(&store, &theirs, THEIR_PASSWORD).await;
        store.close().await;
        Self { ours, theirs, url: String::new(), location, folder, running: None }
    }

    pub(crate) async fn close(mut self) {
        self.pause().await;
    }

    /// Stops the server, if one runs.
    pub(crate) async fn pause(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Stops the server and leaves its data, with the flags that tell the binary where the database is.
    pub(crate) async fn stop(mut self) -> (TempDir, [String; 2]) {
        self.pause().await;
        let flags = self.flags();
        (self.folder, flags)
    }

    /// What tells the binary where the database is.
    pub(crate) fn flags(&self) -> [String; 2] {
        ["--database-url".to_owned(), database::url(&self.location)]
    }

    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Somebody of the first organisation.
    pub(crate) async fn ours(&self, login: &str) -> Caller {
        self.caller(login, OUR_PASSWORD).await
    }

    /// Somebody of the second organisation.
    pub(crate) async fn theirs(&self, login: &str) -> Caller {
        self.caller(login, THEIR_PASSWORD).await
    }

    async fn caller(&self, login: &str, password: &str) -> Caller {
        Caller::log_in(&self.url, login, password).await
    }
}

pub(crate) fn config(folder: &Path, location: &Location, secure: bool) -> Config {
    let listen = "127.0.0.1:0".parse().expect("an address");
    let place = Place { data: folder.to_owned(), database_url: Some(database::url(location)) };
    Config { listen, place, no_demo: true, files: None, secure_cookies: secure, reminding: Reminding::default() }
}

fn other_world() -> World {
    let mut world = World::new();
    let settings = (*world.get::<Settings>(world.org)).clone();
    world.records.remove(shared::Key { kind: shared::Kind::Settings, id: world.org.0 });
    world.org = OrgId(Uuid::from_u128(0xFFFF));
    world.put(Settings { org: world.org, ..settings });
    world
}

async fn found(store: &Store, world: &World, password: &str) {
    let (org, hash) = (world.org, password_hash(password));
    let patches: Vec<_> = world.all().cloned().map(Patch::Put).collect();
    let users: Vec<_> = world.all().filter_map(<shared::people::User as shared::record::Stored>::of).map(|user| user.id).collect();
    let founded = store.write(move |tx| {
        let new = NewOrganisation { org, epoch: Uuid::from_u128(org.0.as_u128() + 7), ticket_seed: TICKET_SEED, created_at: Utc::now() };
        apply(&mut tx.found(&new)?, patches)?;
        users.iter().try_for_each(|user| tx.set_password_hash(org, *user, &hash, Utc::now()))
    });
    founded.await.expect("an empty database");
}

/// Somebody with a browser's cookies and a device.
pub(crate) struct Caller {
    client: Client,
    /// The session's second secret, if it has one; sent with every request.
    pub(crate) secret: Option<String>,
    url: String,
    pub(crate) device: ClientId,
    pub(crate) incarnation: Uuid,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The problem's code, or that there is none.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{}: {error}: {}", self.status, self.text))
    }
}

impl Caller {
    pub(crate) fn new(url: &str) -> Self {
        let client = Client::builder().no_proxy().cookie_store(true).build().expect("a client");
        Self { client, secret: None, url: url.to_owned(), device: ClientId(Uuid::new_v4()), incarnation: Uuid::new_v4() }
    }

    /// Somebody whose log-in succeeds.
    pub(crate) async fn log_in(url: &str, login: &str, password: &str) -> Self {
        let caller = Self::new(url);
        let answer = caller.post("/api/session", &json!({ "login": login, "password": password, "with_secret": true })).await;
        assert_eq!(answer.status, StatusCode::OK, "{login} logs in");
        Self { secret: answer.json()["secret"].as_str().map(str::to_owned), ..caller }
    }

    /// The same browser, as who has its cookies and nothing else.
    pub(crate) fn without_secret(&self) -> Self {
        self.with_secret(None)
    }

    /// The same browser, whose app sends this as its secret.
    pub(crate) fn with_secret(&self, secret: Option<&str>) -> Self {
        Self { secret: secret.map(str::to_owned), ..self.at(&self.url) }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_bytes(path, body.to_string().into_bytes()).await
    }

    pub(crate) async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Answer {
        self.send(Method::POST, path, &[("x-huixiao", "1")], body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[("x-huixiao", "1")], Vec::new()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&'static str, &str)], body: Vec<u8>) -> Answer {
        let mut request = self.begin(method, path).body(body);
        for (name, value) in headers {
            request = request.header(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header's value"));
        }
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a text") }
    }

    /// The response as it comes, for streams.
    pub(crate) async fn stream(&self, path: &str) -> reqwest::Response {
        self.begin(Method::GET, path).send().await.expect("the server answers")
    }

    fn begin(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        self.secret.iter().fold(request, |request, secret| request.header("huixiao-secret", secret))
    }

    pub(crate) fn request(&self, commands: Vec<Envelope>) -> PushRequest {
        messages::push(self.device, self.incarnation, Utc::now(), commands)
    }

    pub(crate) async fn push(&self, commands: Vec<Envelope>) -> PushAnswer {
        self.push_request(&self.request(commands)).await
    }

    pub(crate) async fn push_request(&self, request: &PushRequest) -> PushAnswer {
        self.post("/api/sync/push", &serde_json::to_value(request).expect("requests serialise")).await.read()
    }

    /// The same device with the same session, at another server.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self { client: self.client.clone(), secret: self.secret.clone(), url: url.to_owned(), ..*self }
    }

    /// One page for a device that held everything up to these cursors before.
    pub(crate) async fn pull(&self, cursors: &BTreeMap<Scope, u64>) -> PullAnswer {
        self.pull_on(cursors, true).await
    }

    /// One page after these cursors; `held` is false in a pull that began from nothing.
    async fn pull_on(&self, cursors: &BTreeMap<Scope, u64>, held: bool) -> PullAnswer {
        let scopes = cursors.iter().map(|(&scope, &cursor)| ScopeCursor { scope, cursor, held }).collect();
        let request = messages::pull(self.device, Utc::now(), scopes);
        self.post("/api/sync/pull", &serde_json::to_value(request).expect("requests serialise")).await.read()
    }

    pub(crate) async fn page(&self, cursors: &BTreeMap<Scope, u64>) -> Page {
        page_of(self.pull(cursors).await)
    }

    /// Everything that the caller may hold; each complete scope's digest is checked.
    pub(crate) async fn holdings(&self) -> Vec<Row> {
        let (mut rows, mut cursors) = (Vec::new(), BTreeMap::new());
        loop {
            let page = page_of(self.pull_on(&cursors, false).await);
            rows.extend(page.rows);
            for scope in &page.scopes {
                cursors.insert(scope.scope, scope.cursor);
                if let Some(digest) = scope.complete {
                    assert_eq!(digest_of(&rows, scope.scope), digest, "digest of {}", scope.scope);
                }
            }
            if !page.more {
                return rows;
            }
        }
    }

    /// How far a device is that has just pulled everything.
    pub(crate) async fn cursors(&self) -> BTreeMap<Scope, u64> {
        self.page(&BTreeMap::new()).await.scopes.iter().map(|part| (part.scope, part.cursor)).collect()
    }

    pub(crate) async fn customers(&self) -> Vec<Customer> {
        nouns(&self.holdings().await)
    }
}

fn page_of(answer: PullAnswer) -> Page {
    match answer {
        PullAnswer::Page(page) => page,
        other => panic!("no page: {other:?}"),
    }
}

pub(crate) fn digest_of(rows: &[Row], scope: Scope) -> Digest {
    let mut digest = Digest::default();
    for row in rows.iter().filter(|row| row.scope == scope) {
        if let Some(body) = &row.body {
            digest.add(RowHash::of(&row.kind, row.id, row.version, body.get()));
        }
    }
    digest
}

pub(crate) fn nouns<T: Entity>(rows: &[Row]) -> Vec<T> {
    let bodies = rows.iter().filter(|row| row.kind == T::KIND.name()).filter_map(|row| row.body.as_ref());
    bodies.map(|body| serde_json::from_str(body.get()).expect("the server's own rows")).collect()
}

pub(crate) fn envelope(seq: u64, command: impl Into<Command>) -> Envelope {
    messages::envelope(seq, Utc::now(), command)
}

/// The command that adds a customer of an owner's.
pub(crate) fn add(world: &World, owner: UserId, name: &str) -> AddCustomer {
    AddCustomer { customer: CustomerId(Uuid::new_v4()), owner: Some(owner), profile: world.profile(name) }
}
