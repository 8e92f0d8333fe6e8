//! `GET /api/deals/{id}/contract.pdf` and `/c/TOKEN`: a signed contract on paper, for who may hold it, and for the customer who was sent its link (clause
//! F2). The text is the one that was signed, letter by letter; the evidence file is inside.
//!
//! Laws: the token is the whole authority, as with guests' links ([`crate::guests`]); what is wrong with one is not told apart; nobody is shown anything but
//! this one contract.

mod fonts;
mod paper;

use crate::app::App;
use crate::auth::{self, Unlocked};
use crate::guests::{Lacking, guarded, language, without};
use crate::problem::Problem;
use crate::store::{Organisation, organisations};
use crate::texts::Language;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use fonts::Fonts;
use paper::{Printed, Since};
use shared::Unavailable;
use shared::deals::evidence;
use shared::deals::{Contract, Deal, Stage};
use shared::decide::{Actor, ViewExt};
use shared::ids::{DealId, UserId};
use shared::invitations::link::LinkToken;
use shared::people::User;
use shared::record::{Entity, Index};
use shared::settings::Settings;
use shared::sync::scopes::held_by;
use std::net::SocketAddr;
use std::time::Instant;

/// A contract as PDF, for whoever may hold it.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::AccessRevoked`], [`Problem::NotFound`] if it is not theirs to have or not here, [`Problem::Unavailable`].
pub(crate) async fn contract(State(app): State<App>, Unlocked(session): Unlocked, Path(deal): Path<String>) -> Result<Response, Problem> {
    let deal: DealId = deal.parse().map_err(|_| Problem::NotFound)?;
    let user = session.stored_user(&app).await?;
    let actor = Actor::of(session.org, &user).ok_or(Problem::AccessRevoked)?;
    let printed = app.store.read(move |tx| {
        let org = tx.of(actor.org)?;
        let Some(contract) = org.get::<Contract>(deal)? else { return Ok(None) };
        if held_by(&org, &actor)?.contains(&contract.scope()) { printed(&org, &contract) } else { Ok(None) }
    });
    let printed = printed.await?.ok_or(Problem::NotFound)?;
    let number = printed.number.clone();
    let pdf = drawn(printed).await.ok_or(Problem::Unavailable)?;
    Ok(answer(&number, "attachment", pdf))
}

/// A contract's copy, for whoever has its link.
pub(crate) async fn copy(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let spoken = language::asked(None, &headers).unwrap_or(Language::ZhHant);
    customers(&app, &token, &headers, peer).await.map(guarded).map_err(|lacking| without(lacking, spoken))
}

async fn customers(app: &App, token: &str, headers: &HeaderMap, peer: SocketAddr) -> Result<Response, Lacking> {
    app.limiter.admit_guest(auth::sender(app, headers, peer), Instant::now()).map_err(Lacking::TooMany)?;
    let link = LinkToken::read(token).ok_or(Lacking::Unknown)?.hash();
    let found = app.store.read(move |tx| {
        for id in organisations(tx)? {
            let org = tx.of(id)?;
            let Some(deal) = org.list::<Deal>(&Index::DealByCopy(link))?.into_iter().next() else { continue };
            return match org.get::<Contract>(deal.id)? {
                Some(contract) => printed(&org, &contract),
                None => Ok(None),
            };
        }
        Ok(None)
    });
    let printed = found.await?.ok_or(Lacking::Unknown)?;
    let number = printed.number.clone();
    let pdf = drawn(printed).await.ok_or(Lacking::Unavailable)?;
    Ok(answer(&number, "inline", pdf))
}

/// All that stands on the paper, read in one moment.
fn printed(org: &Organisation<'_>, contract: &Contract) -> Result<Option<Printed>, Unavailable> {
    let Some(settings) = org.get::<Settings>(org.org())? else { return Ok(None) };
    let Some(deal) = org.get::<Deal>(contract.deal)? else { return Ok(None) };
    let name = |user: UserId| -> Result<String, Unavailable> { Ok(org.get::<User>(user)?.map(|user| user.name.clone()).unwrap_or_default()) };
    let since = match deal.stage {
        Stage::Cancelled { .. } => Since::CalledOff,
        Stage::Replaced { by } => Since::Replaced(org.get::<Deal>(by)?.map(|by| by.number(settings.utc_offset)).unwrap_or_default()),
        Stage::Quoted | Stage::Signed | Stage::Paid => Since::Counts,
    };
    let language = contract.declared.as_ref().map_or(shared::settings::Language::ZhHant, |declared| declared.language);
    Ok(Some(Printed {
        language: language.into(),
        company: settings.name.clone(),
        number: deal.number(settings.utc_offset),
        clock: settings.utc_offset,
        witness: name(contract.witness)?,
        evidence: evidence::file(contract, org.org()),
        since,
        contract: contract.clone(),
    }))
}

/// Draws on a thread of its own: fonts are large. None if this server was built without them, or they cannot be read.
async fn drawn(printed: Printed) -> Option<Vec<u8>> {
    let drawn = tokio::task::spawn_blocking(move || paper::draw(&printed, Fonts::embedded()?)).await;
    let pdf = drawn.ok().flatten();
    if pdf.is_none() {
        tracing::error!("a contract cannot be printed: the fonts are missing, or cannot be read");
    }
    pdf
}

fn answer(number: &str, disposition: &str, pdf: Vec<u8>) -> Response {
    let disposition = format!("{disposition}; filename=\"{number}.pdf\"");
    ([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)], pdf).into_response()
}
