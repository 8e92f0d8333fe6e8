//! The endpoints of files: `PUT /api/files/{sha256}?from=N` takes a part, `PUT /api/files/{sha256}/sealed?attachment=A` the whole from a
//! device that is locked, `GET /api/files/{sha256}` gives the whole.
//! What a part leads to is decided in `shared::sync::files`, who may send or have it in `shared::files::access`.

mod depot;

pub use depot::{Depot, DepotError};

use crate::app::App;
use crate::auth::{Session, Unlocked};
use crate::body;
use crate::problem::Problem;
use crate::store::{Store, organisations};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use depot::Sender;
use serde::Deserialize;
use shared::decide::{Actor, ViewExt};
use shared::files::access::{awaited_from, shown_to};
use shared::files::decide::stored;
use shared::files::{Attachment, ContentHash, FILE_MAX};
use shared::ids::{AttachmentId, OrgId, UserId};
use shared::sync::files::{FileAnswer, Taking, take};
use shared::sync::letters::{FILE_LETTER, NONCE, TAG};
use shared::sync::server::{Transaction, apply};
use shared::time::Timestamp;
use shared::{Index, Unavailable};

/// Longest part: four times what today's app sends.
const BODY_MAX: usize = 1 << 20;
/// Longest sealed file, with its letter.
const SEALED_MAX: usize = FILE_LETTER + NONCE + FILE_MAX as usize + TAG;
/// How long parts wait for the rest.
const PARTS_DAYS: i64 = 30;

/// Where a part begins.
#[derive(Deserialize)]
pub(crate) struct Place {
    from: u32,
}

/// Takes a part. The answer leaves after the part is on the disk.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::NotFound`] for what is no hash, [`Problem::Malformed`], [`Problem::TooLarge`], [`Problem::Unavailable`].
pub(crate) async fn put(
    State(app): State<App>,
    Unlocked(session): Unlocked,
    Path(hash): Path<String>,
    place: Result<Query<Place>, QueryRejection>,
    body: Body,
) -> Result<Json<FileAnswer>, Problem> {
    let hash: ContentHash = hash.parse().map_err(|_| Problem::NotFound)?;
    let Query(Place { from }) = place.map_err(|_| Problem::Malformed)?;
    let (org, user) = (session.org, session.user);
    let Some(content) = app.store.read(move |tx| awaited_from(&tx.of(org)?, user, hash)).await? else {
        return Ok(Json(FileAnswer::Unknown));
    };
    let bytes = body::bytes(body, BODY_MAX).await?;
    let len = u32::try_from(bytes.len()).map_err(|_| Problem::TooLarge { most: BODY_MAX })?;
    let sender = Sender { org, user };
    match take(&content, app.files.holding(sender, hash).await?, from, len) {
        Taking::Answer(answer) => return Ok(Json(answer)),
        Taking::TooMuch => return Err(Problem::TooLarge { most: content.bytes as usize }),
        Taking::Keep => {
            app.files.keep(sender, hash, from, bytes).await?;
            return Ok(Json(FileAnswer::Received { bytes: from + len }));
        }
        Taking::Stored => {}
        Taking::Finish { with_this } => {
            if !app.files.finish(sender, hash, with_this.then_some(bytes)).await? {
                return Ok(Json(damaged(user)));
            }
        }
    }
    stored_whole(&app, org, hash).await.map(Json)
}

/// Which file comes sealed.
#[derive(Deserialize)]
pub(crate) struct Sealed {
    attachment: AttachmentId,
}

/// Takes a whole file as it lies on a device that is locked or whose page is closed: the letter with its key, then the file under that key
/// ([`shared::sync::letters`]).
///
/// # Errors
/// As [`put`], and [`Problem::UnreadableLetter`]: the device has to be unlocked.
pub(crate) async fn put_sealed(
    State(app): State<App>,
    session: Session,
    Path(hash): Path<String>,
    sealed: Result<Query<Sealed>, QueryRejection>,
    body: Body,
) -> Result<Json<FileAnswer>, Problem> {
    let hash: ContentHash = hash.parse().map_err(|_| Problem::NotFound)?;
    let Query(Sealed { attachment }) = sealed.map_err(|_| Problem::Malformed)?;
    let (org, user) = (session.org, session.user);
    let letter_box = app.store.read(move |tx| {
        let org = tx.of(org)?;
        Ok(awaited_from(&org, user, hash)?.map(|_| org.letter_box()))
    });
    let Some(letter_box) = letter_box.await? else {
        return Ok(Json(FileAnswer::Unknown));
    };
    let bytes = body::bytes(body, SEALED_MAX).await?;
    let Some(opened) = letter_box.reader().open_file(attachment, &bytes) else {
        tracing::warn!(%user, "a sealed file cannot be opened");
        return Err(Problem::UnreadableLetter);
    };
    if !app.files.take_whole(Sender { org, user }, hash, opened.into()).await? {
        return Ok(Json(damaged(user)));
    }
    stored_whole(&app, org, hash).await.map(Json)
}

fn damaged(user: UserId) -> FileAnswer {
    tracing::warn!(%user, "the bytes of a file do not have its name");
    FileAnswer::Damaged
}

/// The whole file is here.
async fn stored_whole(app: &App, org: OrgId, hash: ContentHash) -> Result<FileAnswer, Problem> {
    note(&app.store, org, hash, app.now()).await?;
    let epoch = app.store.read(move |tx| tx.of(org)?.epoch()).await?;
    Ok(FileAnswer::Stored { epoch })
}

/// Gives a whole file to whoever may hold a record that names it.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::AccessRevoked`], [`Problem::NotFound`] if it is not theirs to have, or not here.
pub(crate) async fn get(State(app): State<App>, Unlocked(session): Unlocked, Path(hash): Path<String>) -> Result<Response, Problem> {
    let hash: ContentHash = hash.parse().map_err(|_| Problem::NotFound)?;
    let user = session.stored_user(&app).await?;
    let actor = Actor::of(session.org, &user).ok_or(Problem::AccessRevoked)?;
    let content = app.store.read(move |tx| shown_to(&tx.of(actor.org)?, &actor, hash)).await?.ok_or(Problem::NotFound)?;
    let bytes: Bytes = app.files.whole(session.org, hash).await?.ok_or(Problem::NotFound)?;
    let media = content.media.name();
    // A picture for the app, and a download for whoever opens its address: never a page.
    let disposition = format!("attachment; filename=\"{hash}.{}\"", media.trim_start_matches("image/"));
    Ok(([(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response())
}

/// Tells those who wait that a file is here, if any do.
async fn note(store: &Store, org: OrgId, hash: ContentHash, now: Timestamp) -> Result<(), Unavailable> {
    let news = store.read(move |tx| Ok(!stored(&tx.of(org)?, hash, now)?.is_empty())).await?;
    if news {
        store
            .write(move |tx| {
                let mut org = tx.of(org)?;
                let patches = stored(&org, hash, now)?;
                apply(&mut org, patches).map(drop)
            })
            .await?;
    }
    Ok(())
}

/// Tells of files that came before anybody waited for them, as with a command that was accepted later or came again after a restore, and
/// throws away parts whose rest never came.
///
/// # Errors
/// [`Unavailable`].
pub(crate) async fn tidy(store: &Store, files: &Depot, now: Timestamp) -> Result<(), Unavailable> {
    for org in store.read(organisations).await? {
        let awaited = store.read(move |tx| tx.of(org)?.list::<Attachment>(&Index::AttachmentsAwaited)).await?;
        for attachment in awaited {
            let hash = attachment.content.sha256;
            if files.has(org, hash).await? {
                note(store, org, hash, now).await?;
            }
        }
    }
    files.forget_parts(now - TimeDelta::days(PARTS_DAYS)).await
}
