//! `POST /api/analysis`: the report over everything that the organisation has sold (clause I2), for whoever is told figures: the director the
//! totals, a supervisor the team's, a rep their own. No row and no name leaves by this door.
//!
//! A ledger in memory ([`shared::analysis::Ledger`]) is brought up to date before each answer by the same feed that devices pull: the scopes whose
//! digest has changed, and in them the rows after the last version. So several servers on one database say the same, and whoever has just
//! been told that something is saved finds it in the report. Made anew are ledgers when the server starts, and after a restore.
//!
//! A question is sent as a body: the words that it is narrowed down by may tell of somebody, and addresses stand in logs.

use crate::app::App;
use crate::auth::Unlocked;
use crate::body;
use crate::problem::Problem;
use crate::store::{Organisation, Store, organisations};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use shared::analysis::{Ledger, Question, Reach, ServersAnswer};
use shared::customers::Customer;
use shared::deals::Deal;
use shared::decide::Actor;
use shared::ids::OrgId;
use shared::people::User;
use shared::settings::Settings;
use shared::sync::protocol::Digest;
use shared::sync::server::Transaction as _;
use shared::{Key, Kind, Record, Scope, Unavailable};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, watch};
use uuid::Uuid;

/// Longest question: a handful of groups, each named by a few words.
const BODY_MAX: usize = 16 * 1024;
/// How often ledgers are brought up to date though nobody asks: whoever asks then waits for a minute's changes at most.
const EVERY: Duration = Duration::from_secs(60);
/// Changed rows read at once.
const AT_ONCE: usize = 1_000;

/// The ledgers of all organisations. Cheap to clone.
#[derive(Clone)]
pub struct Ledgers {
    kept: Arc<Mutex<HashMap<OrgId, Arc<RwLock<Kept>>>>>,
    stopping: watch::Receiver<bool>,
}

/// A ledger, and what it was told of.
#[derive(Default)]
struct Kept {
    /// The history and the version in it; none before it was made.
    head: Option<(Uuid, u64)>,
    digests: BTreeMap<Scope, Digest>,
    ledger: Ledger,
}

/// The report that is asked for, as far as the person may be told it.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::AccessRevoked`], [`Problem::Forbidden`] for roles that are told no figures, [`Problem::Malformed`],
/// [`Problem::Unavailable`].
pub(crate) async fn report(State(app): State<App>, Unlocked(session): Unlocked, body: Body) -> Result<Json<ServersAnswer>, Problem> {
    let question: Question = body::read(body, BODY_MAX).await?;
    if !question.is_sound() {
        return Err(Problem::Malformed);
    }
    let user = session.stored_user(&app).await?;
    let actor = Actor::of(session.org, &user).ok_or(Problem::AccessRevoked)?;
    let reach = Reach::of(&actor).ok_or(Problem::Forbidden)?;
    let now = app.now();
    let kept = app.ledgers.up_to_date(&app.store, session.org).await?;
    let answer = tokio::task::spawn_blocking(move || kept.ledger.report(reach, &question, now)).await;
    let answer = answer.map_err(|_| Unavailable("a report was cut short".into()))?;
    answer.map(Json).ok_or(Problem::NotFound)
}

/// Keeps the ledgers up to date, until the server stops.
pub(crate) async fn follow(ledgers: Ledgers, store: Store) {
    let mut stopping = ledgers.stopping.clone();
    loop {
        for org in store.read(organisations).await.unwrap_or_default() {
            let followed = ledgers.up_to_date(&store, org).await;
            if let Err(failure) = followed
                && !*ledgers.stopping.borrow()
            {
                tracing::warn!(reason = failure.0, "figures were not brought up to date");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

impl Ledgers {
    /// Ledgers that are made when they are first wanted. One that is being made is given up when the server stops.
    #[must_use]
    pub fn new(stopping: watch::Receiver<bool>) -> Self {
        Self { kept: Arc::default(), stopping }
    }

    /// The ledger of an organisation as its database is now. Whoever waits for one that is being made holds no connection meanwhile.
    async fn up_to_date(&self, store: &Store, org: OrgId) -> Result<OwnedRwLockReadGuard<Kept>, Unavailable> {
        let kept = Arc::clone(self.kept.lock().unwrap_or_else(PoisonError::into_inner).entry(org).or_default());
        // Where nothing has changed, reports are counted side by side.
        let head = store.read(move |tx| tx.of(org).and_then(|org| Ok((org.epoch()?, org.version()?)))).await?;
        let current = Arc::clone(&kept).read_owned().await;
        if current.head == Some(head) {
            return Ok(current);
        }
        drop(current);
        let mut kept = kept.write_owned().await;
        let stopping = self.stopping.clone();
        let kept = store.read(move |tx| {
            kept.catch_up(&tx.of(org)?, &stopping)?;
            Ok(kept)
        });
        Ok(kept.await?.downgrade())
    }
}

impl Kept {
    fn catch_up(&mut self, org: &Organisation<'_>, stopping: &watch::Receiver<bool>) -> Result<(), Unavailable> {
        let (epoch, version) = (org.epoch()?, org.version()?);
        if self.head == Some((epoch, version)) {
            return Ok(());
        }
        let digests = org.digests()?;
        match self.head {
            // What was deleted since is only told for so long.
            Some((before, known)) if before == epoch && known <= version && org.purged()? <= known => self.follow(org, &digests, known)?,
            _ => self.ledger = anew(org, stopping)?,
        }
        (self.head, self.digests) = (Some((epoch, version)), digests);
        Ok(())
    }

    /// Takes in what has changed after a version. If it fails on the way, the same is read again next time.
    fn follow(&mut self, org: &Organisation<'_>, digests: &BTreeMap<Scope, Digest>, known: u64) -> Result<(), Unavailable> {
        for scope in digests.iter().filter(|(scope, digest)| self.digests.get(*scope) != Some(*digest)).map(|(scope, _)| *scope) {
            let mut after = known;
            loop {
                let rows = org.changes(scope, after, AT_ONCE)?;
                let Some(last) = rows.last() else { break };
                after = last.version;
                for row in &rows {
                    let counts = Kind::from_name(&row.kind).filter(|kind| matches!(kind, Kind::Deal | Kind::Customer | Kind::User | Kind::Settings));
                    let Some(kind) = counts else { continue };
                    // The reason would quote the body, which is confidential.
                    let unreadable = |_| Unavailable(format!("the stored {} {} cannot be read", row.kind, row.id));
                    let record = row.body.as_ref().map(|body| Record::decode(kind, body.get())).transpose().map_err(unreadable)?;
                    self.ledger.note(Key { kind, id: row.id }, record.as_ref());
                }
            }
        }
        self.ledger.settle(org)
    }
}

/// Reads everything.
fn anew(org: &Organisation<'_>, stopping: &watch::Receiver<bool>) -> Result<Ledger, Unavailable> {
    let began = Instant::now();
    let mut ledger = Ledger::default();
    let goes_on = || !*stopping.borrow();
    let read = org.each_while::<Deal>(&mut |_, deal| {
        ledger.take_deal(deal);
        goes_on()
    })? && org.each_while::<Customer>(&mut |_, customer| {
        ledger.take_customer(customer);
        goes_on()
    })?;
    if !read {
        return Err(Unavailable("the server stops".into()));
    }
    org.each::<User>(&mut |_, user| ledger.take_user(user))?;
    org.each::<Settings>(&mut |_, settings| ledger.take_settings(settings))?;
    ledger.shrink();
    let (deals, bytes) = ledger.size();
    tracing::info!(deals, bytes, ms = began.elapsed().as_millis(), "figures were read");
    Ok(ledger)
}
