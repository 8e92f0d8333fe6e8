//! When devices were last heard of (clause D7), so that the board knows a desk that has nothing to say from one that cannot be reached.
//!
//! A device at work pulls at least once a minute. Each request of sync is noted in memory, which costs nothing, and all of them are written from
//! time to time in one go: what a crash loses is some seconds, and other servers on the database know it too. What is kept is one device for each
//! session: whoever names devices that are none fills nothing with them.

use crate::app::App;
use crate::auth::{Session, Unlocked};
use crate::problem::Problem;
use crate::store::{Store, TokenHash};
use axum::Json;
use axum::extract::{Path, State};
use shared::decide::{Actor, ViewExt};
use shared::ids::{ClientId, MeetingId, OrgId};
use shared::record::Index;
use shared::seating::heard::DeskHeard;
use shared::seating::{Desk, DeskStanding};
use shared::sync::scopes::may_hold_meeting;
use shared::time::Timestamp;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How often what was heard is written.
const EVERY: Duration = Duration::from_secs(15);

type Noted = HashMap<(OrgId, TokenHash), (ClientId, Timestamp)>;

/// What was heard and is not written yet. Cheap to clone.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Noted>>);

impl Heard {
    /// Notes that a session's device has asked.
    pub(crate) fn note(&self, session: &Session, client: ClientId, now: Timestamp) {
        self.noted().insert((session.org, session.token), (client, now));
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When a device was heard of by this server, if that is not written yet.
    fn unwritten(&self, org: OrgId, client: ClientId) -> Option<Timestamp> {
        let noted = self.noted();
        let of_device = noted.iter().filter(|((noted_org, _), (noted_client, _))| (*noted_org, *noted_client) == (org, client));
        of_device.map(|(_, (_, at))| *at).max()
    }

    /// Writes what was noted. What cannot be written stays noted.
    async fn write(&self, store: &Store) {
        let mut orgs: BTreeMap<OrgId, Vec<(TokenHash, ClientId, Timestamp)>> = BTreeMap::new();
        for (&(org, token), &(client, at)) in &*self.noted() {
            orgs.entry(org).or_default().push((token, client, at));
        }
        for (org, heard) in orgs {
            let written = heard.clone();
            match store.write(move |tx| tx.of(org)?.note_heard(&heard)).await {
                Ok(()) => {
                    let mut noted = self.noted();
                    for (token, client, at) in written {
                        if noted.get(&(org, token)) == Some(&(client, at)) {
                            noted.remove(&(org, token));
                        }
                    }
                }
                Err(failure) => tracing::warn!(reason = failure.0, "which devices were heard of was not written"),
            }
        }
    }
}

/// Writes what was heard, until the server stops and once more then.
pub(crate) async fn keep(heard: Heard, store: Store, mut stopping: watch::Receiver<bool>) {
    loop {
        let stops = tokio::select! {
            () = tokio::time::sleep(EVERY) => false,
            _ = stopping.wait_for(|stopping| *stopping) => true,
        };
        heard.write(&store).await;
        if stops {
            return;
        }
    }
}

/// `GET /api/meetings/{meeting}/desks`: how long ago the device of each open desk was heard of, to whoever may hold the meeting.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::AccessRevoked`], [`Problem::NotFound`] if the meeting is not theirs to have, [`Problem::Unavailable`].
pub(crate) async fn desks(State(app): State<App>, Unlocked(session): Unlocked, Path(meeting): Path<String>) -> Result<Json<Vec<DeskHeard>>, Problem> {
    let meeting: MeetingId = meeting.parse().map_err(|_| Problem::NotFound)?;
    let user = session.stored_user(&app).await?;
    let actor = Actor::of(session.org, &user).ok_or(Problem::AccessRevoked)?;
    let (now, heard) = (app.now(), app.heard.clone());
    let desks = app.store.read(move |tx| {
        let org = tx.of(actor.org)?;
        if !may_hold_meeting(&org, &actor, meeting)? {
            return Ok(None);
        }
        let mut desks = Vec::new();
        for desk in org.list::<Desk>(&Index::DesksByMeeting(meeting))? {
            let Some(staffed) = desk.staffed.filter(|_| desk.standing == DeskStanding::Open) else { continue };
            let at = org.heard_at(staffed.device)?.max(heard.unwritten(actor.org, staffed.device));
            desks.push(DeskHeard { desk: desk.id, seconds_ago: at.map(|at| now.signed_duration_since(at).num_seconds().max(0).unsigned_abs()) });
        }
        Ok(Some(desks))
    });
    desks.await?.map(Json).ok_or(Problem::NotFound)
}
