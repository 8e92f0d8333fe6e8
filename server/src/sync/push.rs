//! `POST /api/sync/push`: rules on commands. The answer leaves after their commit is on the disk.

use crate::app::App;
use crate::auth::Session;
use crate::body;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use shared::sync::protocol::{MOST_PUSHED, PushAnswer, PushRequest, RetryReason, Verdict};

/// Longest push: a hundred commands, most of them small, some of them a whole contract.
pub(super) const BODY_MAX: usize = 4 * 1024 * 1024;

/// Rules on commands.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::Malformed`], [`Problem::TooLarge`].
pub(crate) async fn push(State(app): State<App>, session: Session, body: Body) -> Result<Json<PushAnswer>, Problem> {
    let request: PushRequest = body::read(body, BODY_MAX).await?;
    if request.commands.len() > MOST_PUSHED {
        return Err(Problem::TooManyCommands { most: MOST_PUSHED });
    }
    let now = app.now();
    let answer = app.store.push(session.into(), request, now).await.unwrap_or_else(|failure| {
        tracing::error!(reason = failure.0, "a push was put off");
        PushAnswer::Retry { reason: RetryReason::Busy }
    });
    log(&session, &answer);
    Ok(Json(answer))
}

fn log(session: &Session, answer: &PushAnswer) {
    let user = session.user;
    match answer {
        PushAnswer::Done { outcomes, last_seq, .. } => {
            let refused = outcomes.iter().filter(|outcome| outcome.verdict != Verdict::Applied).count();
            tracing::info!(%user, commands = outcomes.len(), refused, last_seq, "pushed");
        }
        other => tracing::info!(%user, answer = ?other, "push not taken"),
    }
}
