//! `/i/TOKEN`: the page of an invitation, for the guest who was sent its link (clause B6). No session, no cookie, no script.
//!
//! Laws: the token is the whole authority, so it stands in no log, no record and no address of another page, and no page that has it may be
//! kept, indexed or named as a referrer; looking changes nothing, for messengers and scanners open every link; what is wrong with a link is not
//! told apart.

pub(crate) mod acting;
mod calendar;
mod html;
pub(crate) mod language;
pub(crate) mod page;
mod qr;
mod reply;

use crate::app::App;
use crate::auth;
use crate::body;
use crate::problem::Problem;
use crate::store::{Transaction, organisations};
use crate::texts::{Language, guest_page as t};
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use language::code;
use page::{Invited, Stands};
use reply::{Notice, Reply};
use serde::Deserialize;
use shared::customers::merging::follow;
use shared::decide::ViewExt;
use shared::ids::OrgId;
use shared::invitations::Invitation;
use shared::invitations::link::LinkToken;
use shared::invitations::reminder;
use shared::people::User;
use shared::settings::Settings;
use shared::{Index, Unavailable};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Longest form.
const FORM_MAX: usize = 16 * 1024;
const STYLE: &str = include_str!("../../pages/guest.css");

/// What an address may say besides the token.
#[derive(Deserialize)]
pub(crate) struct Asked {
    lang: Option<String>,
    said: Option<String>,
}

/// Why there is no invitation to show.
pub(crate) enum Lacking {
    Unknown,
    TooMany(Duration),
    Unavailable,
}

impl From<Unavailable> for Lacking {
    fn from(failure: Unavailable) -> Self {
        tracing::error!(reason = failure.0, "a guest's page could not be made");
        Self::Unavailable
    }
}

/// A request with a link that opens something.
pub(crate) struct Opened {
    app: App,
    org: OrgId,
    token: LinkToken,
    invited: Invited,
    language: Language,
    said: Option<String>,
}

impl FromRequestParts<App> for Opened {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let Path(token) = Path::<String>::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let Query(asked) = Query::<Asked>::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let language = language::asked(asked.lang.as_deref(), &parts.headers);
        open(app, &token, asked, language, &parts.headers, peer).await.map_err(|lacking| without(lacking, language.unwrap_or(Language::ZhHant)))
    }
}

/// The same, with something to do: not from another site's page.
pub(crate) struct Answered(Opened);

impl FromRequestParts<App> for Answered {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        if comes_from_elsewhere(&parts.headers) {
            return Err(Problem::CrossSite.into_response());
        }
        Opened::from_request_parts(parts, app).await.map(Self)
    }
}

/// The style of all pages here.
pub(crate) async fn style() -> Response {
    let kept = HeaderValue::from_static("public, max-age=3600");
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")), (header::CACHE_CONTROL, kept)], STYLE).into_response()
}

/// The invitation.
pub(crate) async fn show(opened: Opened) -> Response {
    let notice = opened.said.as_deref().and_then(Notice::read);
    answer(StatusCode::OK, page::invitation(opened.language, &opened.token.path(), &opened.invited, notice, opened.app.now()))
}

/// What the guest has answered; leads back to the page, so that loading it again sends nothing.
pub(crate) async fn reply(Answered(opened): Answered, body: Body) -> Response {
    let form = match body::bytes(body, FORM_MAX).await {
        Ok(form) => form,
        Err(problem) => return problem.into_response(),
    };
    let notice = match reply::read(&form) {
        None => return Problem::Malformed.into_response(),
        Some(Err(notice)) => Some(notice),
        // The page offers nothing then, and an old one that is still open must not change anything.
        Some(Ok(_)) if matches!(opened.invited.stands(opened.app.now()), Stands::Stopped | Stands::CalledOff | Stands::Over) => None,
        Some(Ok(reply)) => match carry_out(&opened, reply).await {
            Ok(notice) => notice,
            Err(lacking) => return without(lacking, opened.language),
        },
    };
    let said = notice.map(|notice| format!("&said={}", notice.code())).unwrap_or_default();
    see_other(&format!("{}?lang={}{said}", opened.token.path(), code(opened.language)))
}

/// The meeting for the guest's calendar.
pub(crate) async fn meeting_file(opened: Opened) -> Response {
    let now = opened.app.now();
    if matches!(opened.invited.stands(now), Stands::Stopped | Stands::CalledOff) {
        return without(Lacking::Unknown, opened.language);
    }
    let file = calendar::file(&opened.invited.meeting, &opened.invited.org, now);
    let about = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8; method=PUBLISH")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"meeting.ics\"")),
    ];
    guarded((about, file).into_response())
}

/// Asks once more before somebody is never contacted again.
pub(crate) async fn ask_to_stop(opened: Opened) -> Response {
    answer(StatusCode::OK, page::stop(opened.language, &opened.token.path(), &opened.invited))
}

/// Somebody does not want to be contacted again. Heard also after the meeting.
pub(crate) async fn stop(Answered(opened): Answered) -> Response {
    match carry_out(&opened, Reply::Stop).await {
        Ok(_) => see_other(&format!("{}/stop?lang={}", opened.token.path(), code(opened.language))),
        Err(lacking) => without(lacking, opened.language),
    }
}

/// Asks once more before somebody is sent no more reminders.
pub(crate) async fn ask_for_no_reminders(opened: Opened) -> Response {
    answer(StatusCode::OK, page::no_reminders(opened.language, &opened.token.path(), &opened.invited, is_reminded(&opened)))
}

/// Somebody wants no more reminders: from the page, or by their mail program's own button, which is not led elsewhere (RFC 8058, 3.1). The place
/// stays theirs: whoever presses that button means the mails.
pub(crate) async fn refuse_reminders(Answered(opened): Answered) -> Response {
    let noted = if is_reminded(&opened) { carry_out(&opened, Reply::NoReminders).await } else { Ok(None) };
    match noted {
        Ok(None) => answer(StatusCode::OK, page::no_reminders(opened.language, &opened.token.path(), &opened.invited, false)),
        Ok(Some(_)) => without(Lacking::Unavailable, opened.language),
        Err(lacking) => without(lacking, opened.language),
    }
}

fn is_reminded(opened: &Opened) -> bool {
    !reminder::opted_out(&opened.invited.customer.profile)
}

async fn carry_out(opened: &Opened, reply: Reply) -> Result<Option<Notice>, Lacking> {
    let app = &opened.app;
    let (org, invitation, now) = (opened.org, opened.invited.invitation.id, app.now());
    app.limiter.admit_reply(opened.token.hash(), Instant::now()).map_err(Lacking::TooMany)?;
    let told = app.store.write(move |tx| reply::carry_out(tx, org, invitation, &reply, now)).await?;
    tracing::info!(%invitation, noted = told.is_none_or(|told| told == Notice::Asked), "a guest replied");
    Ok(told)
}

/// What a link opens, for whoever has not asked too often.
async fn open(app: &App, token: &str, asked: Asked, language: Option<Language>, headers: &HeaderMap, peer: SocketAddr) -> Result<Opened, Lacking> {
    let sender = auth::sender(app, headers, peer);
    app.limiter.admit_guest(sender, Instant::now()).map_err(Lacking::TooMany)?;
    let token = LinkToken::read(token).ok_or(Lacking::Unknown)?;
    let hash = token.hash();
    let found = app.store.read(move |tx| {
        for org in organisations(tx)? {
            if let Some(invited) = find(tx, org, &Index::InvitationByLink(hash))? {
                return Ok(Some((org, invited)));
            }
        }
        Ok(None)
    });
    let (org, invited) = found.await?.ok_or(Lacking::Unknown)?;
    let language = language.unwrap_or(invited.language);
    Ok(Opened { app: app.clone(), org, token, invited, language, said: asked.said })
}

fn find(tx: &Transaction<'_>, org: OrgId, link: &Index) -> Result<Option<Invited>, Unavailable> {
    let view = tx.of(org)?;
    let Some(invitation) = view.list::<Invitation>(link)?.into_iter().next() else { return Ok(None) };
    let invitation = view.get(follow::invitation(&view, invitation.id)?)?.unwrap_or(invitation);
    let (customer, meeting) = (view.get(invitation.customer)?, view.get(invitation.meeting)?);
    let (places, rep) = (view.get(invitation.meeting)?, view.get::<User>(invitation.rep)?);
    let settings = view.get::<Settings>(org)?;
    let (Some(customer), Some(meeting), Some(settings)) = (customer, meeting, settings) else { return Ok(None) };
    let (org, language) = (settings.name.clone(), language::of_country(settings.country).into());
    let rep = rep.map_or_else(|| org.clone(), |rep| rep.name.clone());
    Ok(Some(Invited { org, language, rep, invitation, customer, meeting, places }))
}

pub(crate) fn without(lacking: Lacking, language: Language) -> Response {
    let page = |title, text| page::plain(language, title, text);
    match lacking {
        Lacking::Unknown => answer(StatusCode::NOT_FOUND, page(t::unknown_title(language), t::unknown(language))),
        Lacking::Unavailable => answer(StatusCode::SERVICE_UNAVAILABLE, page(t::unavailable_title(language), t::unavailable(language))),
        Lacking::TooMany(wait) => {
            let mut response = answer(StatusCode::TOO_MANY_REQUESTS, page(t::too_many_title(language), t::too_many(language)));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            response
        }
    }
}

fn answer(status: StatusCode, page: String) -> Response {
    guarded((status, Html(page)).into_response())
}

fn see_other(address: &str) -> Response {
    // Made of a token that was read, a language and a code of ours: all of them ASCII.
    let location = HeaderValue::try_from(address).unwrap_or_else(|_| HeaderValue::from_static("/"));
    guarded((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

/// Neither kept nor indexed. That it is never named as a referrer is said on every answer of the server's.
pub(crate) fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    response
}

/// Whether a browser says that another site's page has sent this form. Without the token such a page can send nothing that counts, and the
/// browser has no cookie that would add to it: a second lock. What older browsers and mail programs send says nothing, and is let through.
fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site")
}
