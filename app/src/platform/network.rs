//! Requests to our own server. What answers in its place (a captive portal, a proxy) is told apart here and nowhere else.

use futures::future::{Either, select};
use gloo_net::http::{Method, RequestBuilder, Response};
use gloo_timers::future::TimeoutFuture;
use js_sys::Uint8Array;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::pin::pin;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestRedirect};

/// What our server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// JSON, or nothing where there is nothing to say. As bytes: a page of rows is megabytes, and a text would be copied twice more.
    body: Vec<u8>,
    /// Seconds after which to try again, if the server said so.
    pub(crate) retry_after: Option<u32>,
}

impl Answer {
    /// What it says; none if that is something else.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Why our server did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// No connection, or no whole answer in time.
    Offline,
    /// Something answered that is not our server.
    Captive,
}

/// Whose data are open.
#[derive(Clone)]
pub(crate) struct Sender {
    /// The person.
    pub(crate) user: String,
    /// Their session's second secret.
    pub(crate) secret: Option<String>,
}

const USER: &str = "huixiao-user";
const SECRET: &str = "huixiao-secret";
/// Said in place of a secret: an app of before says nothing, and is served without one. No secret is so short.
const NO_SECRET: &str = "none";

thread_local! {
    static SENDER: RefCell<Option<Sender>> = const { RefCell::new(None) };
}

/// From now on requests say whose data are open, and prove it: the server refuses them under a session of somebody else's.
pub(crate) fn send_for(sender: Option<Sender>) {
    SENDER.set(sender);
}

/// Sends JSON and waits for the answer.
///
/// # Errors
/// [`NoAnswer`].
pub(crate) async fn post(path: &str, json: &str, timeout_ms: u32) -> Result<Answer, NoAnswer> {
    send(Method::POST, path, Body::Json(json), timeout_ms, read_answer).await
}

/// Asks.
///
/// # Errors
/// [`NoAnswer`].
pub(crate) async fn get(path: &str, timeout_ms: u32) -> Result<Answer, NoAnswer> {
    send(Method::GET, path, Body::None, timeout_ms, read_answer).await
}

/// Asks, on behalf of a person whose data need not be open, or of whoever has the session.
///
/// # Errors
/// [`NoAnswer`].
pub(crate) async fn get_for(user: Option<&str>, path: &str, timeout_ms: u32) -> Result<Answer, NoAnswer> {
    let headers = user.map(|user| (USER, user.to_owned()));
    send_as(headers, Method::GET, path, Body::None, timeout_ms, read_answer).await
}

/// Deletes, and waits for the answer.
///
/// # Errors
/// [`NoAnswer`].
pub(crate) async fn delete(path: &str, timeout_ms: u32) -> Result<Answer, NoAnswer> {
    send(Method::DELETE, path, Body::None, timeout_ms, read_answer).await
}

/// Sends bytes and waits for the answer.
///
/// # Errors
/// [`NoAnswer`].
pub(crate) async fn put_bytes(path: &str, bytes: &[u8], timeout_ms: u32) -> Result<Answer, NoAnswer> {
    send(Method::PUT, path, Body::Bytes(bytes), timeout_ms, read_answer).await
}

/// A file of our server's, or what it said instead.
pub(crate) struct FileAnswer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The file, if the status is 200.
    pub(crate) bytes: Vec<u8>,
}

/// Fetches a file of a known kind.
///
/// # Errors
/// [`NoAnswer`].
pub(crate) async fn get_file(path: &str, media: &'static str, timeout_ms: u32) -> Result<FileAnswer, NoAnswer> {
    send(Method::GET, path, Body::None, timeout_ms, async |response| read_file(response, media).await).await
}

/// What a request carries.
enum Body<'a> {
    None,
    Json(&'a str),
    Bytes(&'a [u8]),
}

async fn send<R>(
    method: Method,
    path: &str,
    body: Body<'_>,
    timeout_ms: u32,
    read: impl AsyncFnOnce(Response) -> Result<R, NoAnswer>,
) -> Result<R, NoAnswer> {
    let headers = SENDER.with_borrow(Clone::clone).map(|Sender { user, secret }| {
        let secret = secret.unwrap_or_else(|| NO_SECRET.to_owned());
        [(USER, user), (SECRET, secret)]
    });
    send_as(headers.into_iter().flatten(), method, path, body, timeout_ms, read).await
}

async fn send_as<R>(
    headers: impl IntoIterator<Item = (&'static str, String)>,
    method: Method,
    path: &str,
    body: Body<'_>,
    timeout_ms: u32,
    read: impl AsyncFnOnce(Response) -> Result<R, NoAnswer>,
) -> Result<R, NoAnswer> {
    let controller = AbortController::new().map_err(|_| NoAnswer::Offline)?;
    let request = RequestBuilder::new(path)
        .method(method)
        .credentials(RequestCredentials::SameOrigin)
        .cache(RequestCache::NoStore)
        // Followed to a portal's own host it would fail like a missing network, and nobody would know that a log-in is wanted.
        .redirect(RequestRedirect::Manual)
        // A page of another site cannot send it: the server refuses requests without.
        .header("x-huixiao", "1")
        .abort_signal(Some(&controller.signal()));
    let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, &value));
    let request = match body {
        Body::Json(json) => request.header("content-type", "application/json").body(JsValue::from_str(json)),
        Body::Bytes(bytes) => request.header("content-type", "application/octet-stream").body(Uint8Array::from(bytes)),
        Body::None => request.build(),
    };
    let request = request.map_err(|_| NoAnswer::Offline)?;
    let exchange = async {
        let response = request.send().await.map_err(|_| NoAnswer::Offline)?;
        read(response).await
    };
    match select(pin!(exchange), TimeoutFuture::new(timeout_ms)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => {
            controller.abort();
            Err(NoAnswer::Offline)
        }
    }
}

async fn read_answer(response: Response) -> Result<Answer, NoAnswer> {
    if !is_ours(&response) {
        return Err(NoAnswer::Captive);
    }
    let retry_after = response.headers().get("retry-after").and_then(|text| text.parse().ok());
    let body = response.binary().await.map_err(|_| NoAnswer::Offline)?;
    Ok(Answer { status: response.status(), body, retry_after })
}

async fn read_file(response: Response, media: &str) -> Result<FileAnswer, NoAnswer> {
    let is_file = response.status() == 200 && response.headers().get("content-type").as_deref() == Some(media);
    if !is_file && !is_ours(&response) {
        return Err(NoAnswer::Captive);
    }
    let bytes = response.binary().await.map_err(|_| NoAnswer::Offline)?;
    Ok(FileAnswer { status: response.status(), bytes })
}

/// Our server speaks JSON and never redirects (a redirect shows as status 0 without headers). A failing proxy in front of it may speak HTML, but then with a status of its own.
fn is_ours(response: &Response) -> bool {
    let status = response.status();
    let json = response.headers().get("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    json || status == 204 || (status >= 500 && status != 511)
}
