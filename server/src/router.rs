//! Every address, and what surrounds every answer: security headers, compression, the check against other sites, the log.

use crate::app::App;
use crate::problem::Problem;
use crate::{analysis, assets, auth, contracts, files, guests, heard, sync};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::json;
use std::time::Instant;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;

/// No inline script or style; WASM may be compiled; blobs are the camera's frames and the scanner's worker.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; \
    object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
];

/// The whole server as a router.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/api/health", get(health))
        .route("/api/session", post(auth::begin).get(auth::who_am_i).delete(auth::end))
        .route("/api/users/{id}/password", post(auth::set_password))
        .route("/api/certificate", post(sync::certificate))
        .route("/api/sync/push", post(sync::push))
        .route("/api/sync/letters", post(sync::letters))
        .route("/api/sync/pull", post(sync::pull))
        .route("/api/sync/events", get(sync::events))
        .route("/api/analysis", post(analysis::report))
        .route("/api/meetings/{meeting}/desks", get(heard::desks))
        .route("/api/deals/{deal}/contract.pdf", get(contracts::contract))
        .route("/api/files/{sha256}", put(files::put).get(files::get))
        .route("/api/files/{sha256}/sealed", put(files::put_sealed))
        .route("/i/{token}", get(guests::show).post(guests::reply))
        .route("/i/{token}/meeting.ics", get(guests::meeting_file))
        .route("/i/{token}/stop", get(guests::ask_to_stop).post(guests::stop))
        .route("/i/{token}/reminders", get(guests::ask_for_no_reminders).post(guests::refuse_reminders))
        .route("/guest.css", get(guests::style))
        .route("/c/{token}", get(contracts::copy))
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .fallback(assets::serve)
        .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
        .layer(from_fn(refuse_other_sites))
        // Leaves out event streams, images and what is compressed already.
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), surround))
        .with_state(app)
}

/// Whether the server can do its work: the store answers.
async fn health(State(app): State<App>) -> Result<Response, Problem> {
    let organisations = app.store.read(crate::store::organisations).await?.len();
    Ok(Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "organisations": organisations })).into_response())
}

/// A page of another site can make a browser send a form or an image request, but not this header, and not call itself the same origin.
/// SameSite=Strict says the same with the cookie; two locks on one door.
async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // Guests' forms: no cookie is theirs, and without the link nothing opens (crate::guests).
    let guests = request.uri().path().starts_with("/i/");
    if safe || guests || is_own(request.headers()) { next.run(request).await } else { Problem::CrossSite.into_response() }
}

fn is_own(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    is("x-huixiao", "1") || is("sec-fetch-site", "same-origin")
}

/// Headers on every answer, and one line of log: method, path, status, duration. Paths hold ids at most; queries are left out. Paths of
/// guests' pages and of contracts' copies are secrets: they are in no log.
async fn surround(State(app): State<App>, request: Request, next: Next) -> Response {
    let (began, method, path) = (Instant::now(), request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if app.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if path.starts_with("/api/") {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        tracing::info!(%method, path, status = response.status().as_u16(), ms = began.elapsed().as_millis(), "answered");
    }
    response
}
