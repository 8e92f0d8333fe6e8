//! `POST /api/sync/push`: rules on commands. The answer leaves after their commit is on the disk.

use crate::app::App;
use crate::auth::{Session, Unlocked};
use crate::body;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use shared::carry::Signed;
use shared::invitations::link::GUEST_PAGE;
use shared::sync::client::MOST_CARRIED;
use shared::sync::protocol::{Envelope, MOST_PUSHED, PushAnswer, PushRequest, RetryReason, Verdict};

/// Longest push: a hundred commands, most of them small, some of them a whole contract.
pub(super) const BODY_MAX: usize = 4 * 1024 * 1024;

/// Deepest nesting of a command's arguments. No release of the app comes near it, and neither the databases' reports nor a device's
/// reader can do with any depth.
const DEPTH_MAX: usize = 64;

/// How deep the arguments of a command lie in a bundle: bundle, items, item, content, how it travels, command.
const DEPTH_OF_BUNDLES: usize = 6;

/// Whether the arguments of a command are not nested deeper than any release makes them.
pub(crate) fn is_shallow(envelope: &Envelope) -> bool {
    depth(envelope.command.args.get()) <= DEPTH_MAX
}

/// Rules on commands.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::Malformed`], [`Problem::TooLarge`].
pub(crate) async fn push(State(app): State<App>, Unlocked(session): Unlocked, body: Body) -> Result<Json<PushAnswer>, Problem> {
    rule(&app, &session, body::read(body, BODY_MAX).await?).await
}

/// Rules on commands, however they came.
pub(super) async fn rule(app: &App, session: &Session, request: PushRequest) -> Result<Json<PushAnswer>, Problem> {
    if request.commands.len() > MOST_PUSHED {
        return Err(Problem::TooManyCommands { most: MOST_PUSHED });
    }
    // Guests answer through the server's own page, and no device may say that it is that page.
    if request.client == GUEST_PAGE {
        return Err(Problem::Malformed);
    }
    if request.carried.len() > MOST_CARRIED {
        return Err(Problem::TooManyCommands { most: MOST_CARRIED });
    }
    let is_too_deep = |signed: &Signed| depth(&signed.body) > DEPTH_MAX + DEPTH_OF_BUNDLES;
    if !request.commands.iter().all(is_shallow) || request.carried.iter().any(is_too_deep) {
        return Err(Problem::Malformed);
    }
    let now = app.now();
    app.heard.note(session, request.client, now);
    let answer = app.store.push((*session).into(), request, now).await.unwrap_or_else(|failure| {
        tracing::error!(reason = failure.0, "a push was put off");
        PushAnswer::Retry { reason: RetryReason::Busy }
    });
    log(session, &answer);
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

/// How deeply lists and maps stand in each other, in well-formed JSON.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_words_have_no_depth() {
        for (json, expected) in [("1", 0), ("[]", 1), (r#"{"a":[{}],"b":[]}"#, 3), (r#"["[[[","\"[[","\\"]"#, 1), (r#"[["\\\"]]"],[[]]]"#, 3)] {
            assert_eq!(depth(json), expected, "{json}");
        }
    }
}
