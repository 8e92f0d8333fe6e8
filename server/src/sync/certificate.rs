//! `POST /api/certificate`: says for the organisation whose a device's key is, so that other devices and later the server believe what it has signed
//! ([`shared::carry`]). Nothing of it is stored.

use crate::app::App;
use crate::auth::Unlocked;
use crate::body;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use shared::ids::ClientId;
use shared::sync::server::Transaction;

const BODY_MAX: usize = 1024;

/// A device and its key.
#[derive(Deserialize)]
struct Asked {
    client: ClientId,
    /// Ed25519 public key, 32 bytes in base64url without padding.
    key: String,
}

/// The organisation's word.
#[derive(Serialize)]
pub(crate) struct Certified {
    certificate: String,
}

/// Certifies a device's key for the session's user, and for nobody else.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::Malformed`], [`Problem::AccessRevoked`].
pub(crate) async fn certificate(State(app): State<App>, Unlocked(session): Unlocked, body: Body) -> Result<Json<Certified>, Problem> {
    session.stored_user(&app).await?;
    let Asked { client, key } = body::read(body, BODY_MAX).await?;
    let key = URL_SAFE_NO_PAD.decode(key).ok().and_then(|key| <[u8; 32]>::try_from(key).ok()).ok_or(Problem::Malformed)?;
    let (org, user, now) = (session.org, session.user, app.now());
    let certificate = app.store.read(move |tx| Ok(tx.of(org)?.signer().certify(org, user, client, key, now))).await?;
    Ok(Json(Certified { certificate }))
}
