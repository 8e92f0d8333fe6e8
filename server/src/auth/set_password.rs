//! `POST /api/users/{id}/password`: an administrator sets anybody's; everybody changes their own, with the old one.

use super::session::sender;
use super::{Session, Unlocked};
use crate::app::App;
use crate::body;
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use shared::decide::ViewExt;
use shared::ids::UserId;
use shared::people::{Role, User};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

const BODY_MAX: usize = 8 * 1024;

/// A new password.
#[derive(Deserialize)]
pub(super) struct NewPassword {
    password: String,
    /// Needed for one's own.
    old: Option<String>,
}

/// Sets a password and ends the user's other sessions.
///
/// # Errors
/// [`Problem::Forbidden`], [`Problem::WrongPassword`], [`Problem::NotFound`], [`Problem::PasswordLength`], [`Problem::TooMany`].
pub(crate) async fn set_password(
    State(app): State<App>,
    Unlocked(session): Unlocked,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(user): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let user: UserId = user.parse().map_err(|_| Problem::NotFound)?;
    let new: NewPassword = body::read(body, BODY_MAX).await?;
    let actor = session.stored_user(&app).await?;
    if user == actor.id {
        check_old(&app, session, sender(&app, &headers, peer), new.old.unwrap_or_default()).await?;
    } else if actor.role != Role::Administrator {
        return Err(Problem::Forbidden);
    }
    let hash = app.passwords.hash(new.password).await?;
    let (org, kept, now) = (session.org, (user == actor.id).then_some(session.token), app.now());
    let set = app.store.write(move |tx| {
        if tx.of(org)?.get::<User>(user)?.is_none() {
            return Ok(false);
        }
        tx.set_password_hash(org, user, &hash, now)?;
        tx.end_other_sessions(org, user, kept)?;
        Ok(true)
    });
    if !set.await? {
        return Err(Problem::NotFound);
    }
    tracing::info!(%user, by = %actor.id, "password set");
    Ok(StatusCode::NO_CONTENT)
}

/// A stolen session must not be enough to guess the password, so guesses are limited like log-ins.
async fn check_old(app: &App, session: Session, address: IpAddr, old: String) -> Result<(), Problem> {
    let key = session.user.to_string();
    app.limiter.admit(&key, address, Instant::now()).map_err(|wait| Problem::TooMany { wait })?;
    let stored = app.store.read(move |tx| tx.password_hash(session.org, session.user)).await?;
    if !app.passwords.verify(old, stored).await? {
        return Err(Problem::WrongPassword);
    }
    app.limiter.succeeded(&key, address);
    Ok(())
}
