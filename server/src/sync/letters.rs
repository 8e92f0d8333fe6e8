//! `POST /api/sync/letters`: rules on commands that came sealed, from a device that is locked or whose page is closed.

use super::push::rule;
use crate::app::App;
use crate::auth::Session;
use crate::body;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use shared::sync::letters::LettersRequest;
use shared::sync::protocol::{MOST_PUSHED, PushAnswer};

/// Longest request: a push, sealed and in base64.
const BODY_MAX: usize = 6 * 1024 * 1024;

/// Rules on the commands of all letters before the first that cannot be opened. The session alone is enough: who sends them cannot know its
/// second secret, and the answer brings rulings on them and no rows.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::Malformed`], [`Problem::TooLarge`], [`Problem::UnreadableLetter`] if the first one cannot be opened:
/// the device has to be unlocked.
pub(crate) async fn letters(State(app): State<App>, session: Session, body: Body) -> Result<Json<PushAnswer>, Problem> {
    let request: LettersRequest = body::read(body, BODY_MAX).await?;
    let count = request.letters.len();
    if count > MOST_PUSHED {
        return Err(Problem::TooManyCommands { most: MOST_PUSHED });
    }
    let letter_box = app.store.read(move |tx| Ok(tx.of(session.org)?.letter_box())).await?;
    let mut reader = letter_box.reader();
    let request = request.opened(|letter| reader.open(letter));
    if request.commands.len() < count {
        tracing::warn!(user = %session.user, client = %request.client, "a letter cannot be opened");
        if request.commands.is_empty() {
            return Err(Problem::UnreadableLetter);
        }
    }
    rule(&app, &session, request).await
}
