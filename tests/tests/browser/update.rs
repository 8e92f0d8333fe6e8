//! A new build of the whole app: offered when it is there, taken when the person agrees, and never in the middle of what no draft keeps.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::customers::Customer;
use shared::deals::Deal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tests::harness::pages::Pages;
use tests::harness::server::{Company, DEMO_PASSWORD, Server};
use tests::harness::{Account, Browser, Device, Result, Trouble};
use tests::steps::{add_customer, fill_customer, log_in, on, unlock_if_asked, wait_until_synced};

const SAVED: &str = "雷舊版";
const TYPED: &str = "雷新版";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_build_is_taken_when_the_person_agrees_and_never_over_a_signature() -> Result {
    let server = Server::start(Company::Demo).await?;
    let office = Account::log_in(&server.url(), "manager", DEMO_PASSWORD).await?;
    let rep = Account::log_in(&server.url(), "rep1", DEMO_PASSWORD).await?.holdings().await?;
    let deal = rep.all::<Deal>()?.into_iter().find(|deal| deal.approval.is_some() && !deal.lacks_approval()).expect("a deal of the demo").id;
    let front = Arc::new(Front { server: server.url(), is_new: AtomicBool::new(false), client: reqwest::Client::new() });
    let pages = Pages::serve(Router::new().fallback(answer).with_state(Arc::clone(&front))).await?;
    let app = pages.url();
    let tablet = Browser::start(Device::tablet("tablet")).await?;
    log_in(&tablet, &app, "rep1").await?;
    wait_until_synced(&tablet).await?;

    // While a contract is being signed a new build comes.
    tablet.goto(&format!("{app}/deals/{deal}/sign")).await?;
    tablet.wait_for(&on("sign-text")).await?;
    tablet.draw(&on("signature-pad"), &[(-60, -30), (-20, 30), (40, -20)]).await?;
    front.is_new.store(true, Ordering::SeqCst);
    tablet.run("return navigator.serviceWorker.getRegistration().then(found => found.update()).then(() => true)", json!([])).await?;
    tablet.wait_for_text(&on("sync-chip"), "新版本已備妥").await?;
    tablet.click(&on("sync-chip")).await?;
    tablet.wait_for(&on("update-held")).await?;
    assert!(!tablet.seen(&on("update-accept")).await?);
    tablet.press("\u{e00c}").await?;
    assert_eq!(build(&tablet).await?, "old");
    tablet.click(&on("signature-clear")).await?;

    // A page that is loaded again is of the build before, all of it, until somebody agrees.
    tablet.reload().await?;
    unlock_if_asked(&tablet).await?;
    assert_eq!(build(&tablet).await?, "old");
    add_customer(&tablet, &app, SAVED, "0933000591").await?;
    fill_customer(&tablet, &app, TYPED, "0933000592").await?;
    tablet.wait_for_text(&on("sync-chip"), "新版本已備妥").await?;
    tablet.click(&on("sync-chip")).await?;
    tablet.click(&on("update-accept")).await?;
    tablet.wait_until("load the new build", BUILD_IS_NEW).await?;
    unlock_if_asked(&tablet).await?;
    tablet.wait_for(&on("customer-name")).await?;
    let typed = tablet.run("return document.querySelector(arguments[0]).value", json!([on("customer-name")])).await?;
    assert_eq!(typed, TYPED, "what was typed is there");
    wait_until_synced(&tablet).await?;
    let customers: Vec<Customer> = office.holdings().await?.all()?;
    assert_eq!(customers.iter().filter(|customer| customer.profile.name == SAVED).count(), 1);
    assert!(!tablet.text(&on("sync-chip")).await?.contains("新版本已備妥"));
    Ok(())
}

const BUILD_IS_NEW: &str = "return document.querySelector('meta[name=build]')?.content === 'new'";

async fn build(browser: &Browser) -> Result<Value> {
    browser.run("return document.querySelector('meta[name=build]')?.content ?? 'old'", json!([])).await
}

/// Before the server: gives its app as it is, or as a build that has another page.
struct Front {
    server: String,
    is_new: AtomicBool,
    client: reqwest::Client,
}

async fn answer(State(front): State<Arc<Front>>, request: Request) -> Response {
    front.pass_on(request).await.unwrap_or_else(|_| answered(StatusCode::BAD_GATEWAY, Vec::new()))
}

fn answered(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response
}

impl Front {
    async fn pass_on(&self, request: Request) -> Result<Response> {
        let (parts, body) = request.into_parts();
        if parts.uri.path() == "/api/sync/events" {
            // It never ends; the app asks from time to time then.
            return Ok(answered(StatusCode::SERVICE_UNAVAILABLE, Vec::new()));
        }
        let body = to_bytes(body, usize::MAX).await.map_err(|error| Trouble::new(error.to_string()))?;
        let mut asked = self.client.request(parts.method, format!("{}{}", self.server, parts.uri)).body(body.to_vec());
        for (name, value) in &parts.headers {
            if ![header::HOST, header::ACCEPT_ENCODING, header::CONTENT_LENGTH].contains(name) {
                asked = asked.header(name, value);
            }
        }
        let found = asked.send().await?;
        let (status, headers) = (found.status(), found.headers().clone());
        let mut bytes = found.bytes().await?.to_vec();
        let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if self.is_new.load(Ordering::SeqCst) {
            if is_page {
                bytes = new_page(&bytes);
            } else if parts.uri.path() == "/sw.js" {
                bytes = self.new_worker(&bytes).await?;
            }
        }
        let mut response = answered(status, bytes);
        let changed: [HeaderName; 3] = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::ETAG];
        response.headers_mut().extend(headers.into_iter().filter(|(name, _)| name.as_ref().is_none_or(|name| !changed.contains(name))));
        Ok(response)
    }

    /// The worker of the new build: another version, whose page has another hash.
    async fn new_worker(&self, worker: &[u8]) -> Result<Vec<u8>> {
        const BEGINS: &str = "const PRECACHE = ";
        let page = self.client.get(&self.server).header(header::ACCEPT, "text/html").send().await?.bytes().await?;
        let hash: String = Sha256::digest(new_page(&page)).iter().map(|byte| format!("{byte:02x}")).collect();
        let text = std::str::from_utf8(worker).map_err(|error| Trouble::new(error.to_string()))?;
        let rest = text.strip_prefix(BEGINS).ok_or_else(|| Trouble::new("the worker begins with its files"))?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let mut files = values.next().ok_or_else(|| Trouble::new("the worker has files"))??;
        files["version"] = json!("new");
        for file in files["files"].as_array_mut().into_iter().flatten().filter(|file| file[0] == "/") {
            file[1] = json!(hash);
        }
        Ok(format!("{BEGINS}{files}{}", &rest[values.byte_offset()..]).into_bytes())
    }
}

fn new_page(page: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(page).replacen("</head>", "<meta name=build content=new></head>", 1).into_bytes()
}
