//! `POST /api/sync/pull`: gives out one page of what is new to a device, read from one moment of the database.

use crate::app::App;
use crate::auth::Unlocked;
use crate::body;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use shared::sync::protocol::{PullAnswer, PullRequest};
use shared::sync::server;

/// Longest pull: a cursor for each of some thousand scopes.
const BODY_MAX: usize = 1024 * 1024;

/// Gives out one page.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::Malformed`], [`Problem::TooLarge`], [`Problem::Unavailable`].
pub(crate) async fn pull(State(app): State<App>, Unlocked(session): Unlocked, body: Body) -> Result<Json<PullAnswer>, Problem> {
    let request: PullRequest = body::read(body, BODY_MAX).await?;
    if !request.healed.is_empty() {
        tracing::warn!(user = %session.user, client = %request.client, scopes = request.healed.len(), "a device found damaged scopes and threw them away");
    }
    let now = app.now();
    app.heard.note(&session, request.client, now);
    let answer = app.store.read(move |tx| server::pull(&tx.of(session.org)?, session.into(), &request, now)).await?;
    Ok(Json(answer))
}
