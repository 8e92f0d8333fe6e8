//! Sessions: `POST`, `GET` and `DELETE /api/session`.
//!
//! A session has two secrets (docs/decisions/0013-a-second-secret.md). The token is the browser's, in a cookie: with it a locked device sends
//! what waits, and hears whether its person still has access. The second one is the app's, sealed on the device: what gives out data, or acts
//! for somebody who sees them, asks for both.

use crate::app::App;
use crate::body;
use crate::problem::Problem;
use crate::store::{FoundAccount, SecretHash, StoredSession, TokenHash, Transaction};
use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::decide::ViewExt;
use shared::ids::{OrgId, TeamId, UserId};
use shared::people::{Access, Role, User};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

/// Longest login (shared's rule for users).
const LOGIN_MAX: usize = 64;
/// Longest body of a log-in.
const BODY_MAX: usize = 8 * 1024;
/// Organisations that may use the same login in one database and still be told apart by the password.
const SAME_LOGIN_MAX: usize = 4;
/// The cookie outlives the session, whose end the server alone decides: 400 days, the most that browsers keep.
const COOKIE_SECONDS: u32 = 400 * 24 * 3_600;

/// Whose data a device has open. A session of somebody else's is none for that device: what one person has recorded must not be sent in
/// another one's name.
const SENT_FOR: &str = "huixiao-user";

/// The session's second secret, from an app that knows of secrets: what it has, or that it has none.
const SECRET: &str = "huixiao-secret";

/// A request's session: proof that the sender has the browser in which somebody has logged in. What the user may do is read from the stored
/// user with each request.
#[derive(Clone, Copy)]
pub struct Session {
    /// The organisation.
    pub org: OrgId,
    /// Whose.
    pub user: UserId,
    /// The token's hash.
    pub token: TokenHash,
}

/// A session, and proof that the sender can open what the device has sealed.
///
/// Apps of before know of no second secret. Their sessions have none and are served without, until an app that names it, or names that it has
/// none, asks with them: it is answered like one whose session has ended, and gets a secret with the next log-in. Once no such app is about,
/// a session without a secret is to be refused whoever asks.
pub(crate) struct Unlocked(pub(crate) Session);

/// What is typed at log-in.
#[derive(Deserialize)]
pub(super) struct LogIn {
    login: String,
    password: String,
    /// Whether the app keeps a second secret. Those of before do not say so.
    #[serde(default)]
    with_secret: bool,
}

/// Who the session's user is.
#[derive(Serialize)]
pub(crate) struct Me {
    user: UserId,
    org: OrgId,
    role: Role,
    team: Option<TeamId>,
    name: String,
}

/// What a log-in is answered with.
#[derive(Serialize)]
struct Begun {
    #[serde(flatten)]
    me: Me,
    /// Given here and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// Logs in.
///
/// # Errors
/// [`Problem::WrongLogin`], [`Problem::TooMany`], [`Problem::Malformed`].
pub(crate) async fn begin(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let LogIn { login, password, with_secret } = body::read(body, BODY_MAX).await?;
    let login = login.trim().to_ascii_lowercase();
    let address = sender(&app, &headers, peer);
    // Longer ones belong to nobody; one bucket for all of them keeps the limiter small.
    let login = if login.len() <= LOGIN_MAX { login } else { String::new() };
    app.limiter.admit(&login, address, Instant::now()).map_err(|wait| Problem::TooMany { wait })?;
    let searched = login.clone();
    let accounts = app.store.read(move |tx| tx.accounts_by_login(&searched)).await?;
    let account = matching(&app, accounts, password).await?;
    app.limiter.succeeded(&login, address);

    let token = by_chance();
    let secret = with_secret.then(by_chance);
    let (hash, secret_hash) = (hash_of(&token), secret.as_ref().map(|secret| SecretHash(sha256(secret.as_bytes()))));
    let (org, user, now) = (account.org, account.user.id, app.now());
    // A browser has one session: nobody will use the former one again but whoever has taken it.
    let former = token_in(&app, &headers);
    let begin = move |tx: &Transaction<'_>| {
        former.map_or(Ok(()), |former| tx.end_session(former))?;
        tx.begin_session(hash, secret_hash, org, user, now)
    };
    app.store.write(begin).await?;
    tracing::info!(%user, "logged in");
    let begun = Begun { me: Me::of(org, &account.user), secret };
    Ok(([(header::SET_COOKIE, cookie(&app, &token, COOKIE_SECONDS))], Json(begun)).into_response())
}

/// Tells who is logged in.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::AccessRevoked`].
pub(crate) async fn who_am_i(State(app): State<App>, session: Session) -> Result<Json<Me>, Problem> {
    let user = session.stored_user(&app).await?;
    Ok(Json(Me::of(session.org, &user)))
}

/// Logs out. Without a session there is nothing to end, and that is no error.
///
/// # Errors
/// [`Problem::Unavailable`].
pub(crate) async fn end(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = token_in(&app, &headers) {
        app.store.write(move |tx| tx.end_session(token)).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&app, "", 0))]).into_response())
}

impl Session {
    fn of(token: TokenHash, stored: StoredSession) -> Self {
        Self { org: stored.org, user: stored.user, token }
    }

    /// The session's user, if they still have access.
    ///
    /// # Errors
    /// [`Problem::AccessRevoked`].
    pub async fn stored_user(self, app: &App) -> Result<User, Problem> {
        let user = app.store.read(move |tx| tx.of(self.org)?.get::<User>(self.user)).await?;
        user.filter(|user| user.access == Access::Granted).map(|user| (*user).clone()).ok_or(Problem::AccessRevoked)
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (token, stored) = stored(parts, app).await?;
        Ok(Self::of(token, stored))
    }
}

impl FromRequestParts<App> for Unlocked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (token, stored) = stored(parts, app).await?;
        let sent = parts.headers.get(SECRET).map(|secret| SecretHash(sha256(secret.as_bytes())));
        // Hashes: how long it takes to compare them tells nothing of a secret.
        if sent == stored.secret { Ok(Self(Session::of(token, stored))) } else { Err(Problem::NotLoggedIn) }
    }
}

/// The session that a request's token belongs to.
async fn stored(parts: &Parts, app: &App) -> Result<(TokenHash, StoredSession), Problem> {
    let token = token_in(app, &parts.headers).ok_or(Problem::NotLoggedIn)?;
    let now = app.now();
    let stored = app.store.read(move |tx| tx.session(token, now)).await?.ok_or(Problem::NotLoggedIn)?;
    if stored.stale {
        // What was asked must not fail because the disk is full: the session lives on as it was.
        let noted = app.store.write(move |tx| tx.note_session(token, now)).await;
        let _ = noted.inspect_err(|failure| tracing::warn!(reason = failure.0, "the use of a session was not noted"));
    }
    let sent_for = parts.headers.get(SENT_FOR).map(|user| user.to_str().ok()?.parse().ok());
    if sent_for.is_some_and(|user| user != Some(stored.user)) {
        return Err(Problem::NotLoggedIn);
    }
    Ok((token, stored))
}

impl Me {
    fn of(org: OrgId, user: &User) -> Self {
        Self { user: user.id, org, role: user.role, team: user.team, name: user.name.clone() }
    }
}

/// The account whose password it is. One hash is verified even if there is no account; a user without access is nobody.
async fn matching(app: &App, accounts: Vec<FoundAccount>, password: String) -> Result<FoundAccount, Problem> {
    let mut verified = 0;
    for account in accounts.into_iter().filter(|account| account.user.access == Access::Granted).take(SAME_LOGIN_MAX) {
        verified += 1;
        if app.passwords.verify(password.clone(), account.password_hash.clone()).await? {
            return Ok(account);
        }
    }
    if verified == 0 {
        app.passwords.verify(password, None).await?;
    }
    Err(Problem::WrongLogin)
}

/// Behind a TLS proxy every connection comes from the proxy, which appends the sender to X-Forwarded-For; what stands before that the
/// sender may have made up.
pub(crate) fn sender(app: &App, headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
    let forwarded = || headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok();
    if app.secure { forwarded().unwrap_or(peer.ip()) } else { peer.ip() }
}

fn cookie(app: &App, token: &str, seconds: u32) -> String {
    let secure = if app.secure { "; Secure" } else { "" };
    format!("{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}", name(app))
}

/// The prefix makes browsers refuse the cookie from a subdomain or over plain HTTP; it cannot be used without TLS.
fn name(app: &App) -> &'static str {
    if app.secure { "__Host-huixiao" } else { "huixiao" }
}

fn token_in(app: &App, headers: &HeaderMap) -> Option<TokenHash> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let token = cookies.filter_map(|cookie| cookie.trim().split_once('=')).find(|(key, _)| *key == name(app))?.1;
    (!token.is_empty()).then(|| hash_of(token))
}

fn hash_of(token: &str) -> TokenHash {
    TokenHash(sha256(token.as_bytes()))
}

/// A token or a secret: 256 bits.
fn by_chance() -> String {
    URL_SAFE_NO_PAD.encode(crate::random::bytes::<32>())
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
