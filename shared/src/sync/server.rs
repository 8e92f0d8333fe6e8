//! The server's half of sync: rules on commands that arrive, and gives out rows. Sans-I/O: storage is behind [`Transaction`], so that the
//! same code runs over SQLite, PostgreSQL and the simulation's memory.
//!
//! Laws:
//! - A uuid takes effect once. Its outcome is kept and given again, whatever number it comes under.
//! - Commands of one incarnation are ruled on in the order of their numbers, without holes; a refused one still advances the number.
//! - Effects, outcome and number are written by one transaction.
//! - Version order is commit order: the version is raised inside the transaction that holds the organisation's lock.
//! - Who acts comes from the session. Nothing in a request can name another actor or organisation. What a session carries of others has its author's
//!   signature, and is ruled on as if its author had sent it.

use super::client::MOST_CARRIED;
use super::letters::Letter;
use super::protocol::*;
use super::scopes::{Everyone, held_by};
use crate::carry::Signed;
use crate::command::{Command, Unreadable};
use crate::decide::{Actor, Authority, Context, Patch, Stop, Unavailable, View, ViewExt, decide};
use crate::ids::{ClientId, HeldCommandId, OrgId, UserId};
use crate::invitations::link::GUEST_PAGE;
use crate::invitations::ticket::TicketSigner;
use crate::people::User;
use crate::quarantine::HeldCommand;
use crate::record::{Key, Record, Scope};
use crate::rejection::Rejection;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Who is at the other end, as the session says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The organisation.
    pub org: OrgId,
    /// The person.
    pub user: UserId,
}

/// A stored row besides its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRow {
    /// Who may hold it.
    pub scope: Scope,
    /// The version at which it changed.
    pub version: u64,
    /// Hash over kind, id, version and body.
    pub hash: RowHash,
    /// The record's JSON.
    pub body: String,
}

/// A command as it arrived, with its ruling: kept for ever, it is the audit trail too.
#[derive(Clone, Debug)]
pub struct RuledCommand<'a> {
    /// Who sent it.
    pub session: Session,
    /// From which device.
    pub client: ClientId,
    /// In which numbering.
    pub incarnation: Uuid,
    /// The command.
    pub envelope: &'a Envelope,
    /// The server's clock at arrival.
    pub arrived_at: Timestamp,
    /// The ruling.
    pub outcome: &'a Outcome,
}

/// What a store must do for one organisation inside one transaction. Reads see the transaction's own writes.
/// A pull uses the reading half on a snapshot.
pub trait Transaction: View + Everyone {
    /// The store's history; a new one after every restore.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn epoch(&self) -> Result<Uuid, Unavailable>;

    /// The organisation's version.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn version(&self) -> Result<u64, Unavailable>;

    /// Sets the organisation's version.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be written.
    fn set_version(&mut self, version: u64) -> Result<(), Unavailable>;

    /// Tombstones up to this version are forgotten.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn purged(&self) -> Result<u64, Unavailable>;

    /// The row of a key.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn row(&self, key: Key) -> Result<Option<StoredRow>, Unavailable>;

    /// Stores a row with the keys under which it is found, and removes a tombstone of the same key in the same scope.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be written.
    fn put_row(&mut self, record: &Record, row: &StoredRow) -> Result<(), Unavailable>;

    /// Removes a row with the keys under which it was found.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be written.
    fn delete_row(&mut self, key: Key) -> Result<(), Unavailable>;

    /// Notes that a row has left a scope. A later tombstone of the same key in the same scope replaces an earlier one.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be written.
    fn put_tombstone(&mut self, scope: Scope, key: Key, version: u64) -> Result<(), Unavailable>;

    /// The digest of a scope's rows; zero for a scope without rows.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn digest(&self, scope: Scope) -> Result<Digest, Unavailable>;

    /// Sets the digest of a scope.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be written.
    fn set_digest(&mut self, scope: Scope, digest: Digest) -> Result<(), Unavailable>;

    /// Rows and tombstones of a scope with a version above `after`, in the order of versions: all of them, or at least `limit`,
    /// and never only a part of those with one version.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn changes(&self, scope: Scope, after: u64, limit: usize) -> Result<Vec<Row>, Unavailable>;

    /// The last number ruled on in a device's numbering; zero for a new one.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn last_seq(&self, client: ClientId, incarnation: Uuid) -> Result<u64, Unavailable>;

    /// Sets the last number ruled on.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be written.
    fn set_last_seq(&mut self, client: ClientId, incarnation: Uuid, session: Session, last_seq: u64) -> Result<(), Unavailable>;

    /// The outcome of a command that was ruled on before, with who had sent it.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn outcome(&self, uuid: Uuid) -> Result<Option<(UserId, Outcome)>, Unavailable>;

    /// Keeps a command with its outcome. A second one of the same uuid is an error of the caller.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be written.
    fn put_command(&mut self, command: &RuledCommand<'_>) -> Result<(), Unavailable>;

    /// Signs the organisation's tickets.
    fn signer(&self) -> &TicketSigner;
}

/// Rules on the commands of one push.
///
/// # Errors
/// [`Unavailable`]: the caller rolls the transaction back and answers [`RetryReason::Busy`].
pub fn push<T: Transaction + ?Sized>(tx: &mut T, session: Session, request: &PushRequest, now: Timestamp) -> Result<PushAnswer, Unavailable> {
    push_opening(tx, session, request, now, |_| None)
}

/// Rules on the commands of one push, and on those of others that it carries; `open` reads letters to the organisation.
///
/// # Errors
/// As [`push`].
pub fn push_opening<T: Transaction + ?Sized>(
    tx: &mut T,
    session: Session,
    request: &PushRequest,
    now: Timestamp,
    mut open: impl FnMut(&Letter) -> Option<Envelope>,
) -> Result<PushAnswer, Unavailable> {
    let epoch = tx.epoch()?;
    if request.epoch.is_some_and(|known| known != epoch) {
        return Ok(PushAnswer::EpochChanged { epoch });
    }
    let actor = tx.get::<User>(session.user)?.and_then(|user| Actor::of(session.org, &user));
    let last_seq = tx.last_seq(request.client, request.incarnation)?;
    if let Some(refusal) = admit(tx, session, request, last_seq)? {
        return Ok(refusal);
    }
    let mut carried = Vec::with_capacity(request.carried.len());
    // Who has no access brings nobody's work but their own, and hears nothing of anybody's.
    for signed in request.carried.iter().take(MOST_CARRIED).filter(|_| actor.is_some()) {
        carried.push(rule_carried(tx, session.org, signed, now, &mut open)?);
    }
    let mut outcomes = Vec::with_capacity(request.commands.len());
    let mut reached = tx.last_seq(request.client, request.incarnation)?;
    for envelope in &request.commands {
        let outcome = match tx.outcome(envelope.uuid)? {
            Some((_, known)) => Outcome { seq: envelope.seq, ..known },
            None => match rule(tx, session, actor.as_ref(), request, envelope, now)? {
                Some(outcome) => outcome,
                None => break,
            },
        };
        reached = reached.max(envelope.seq);
        outcomes.push(outcome);
    }
    if outcomes.is_empty() && !request.commands.is_empty() && carried.is_empty() {
        return Ok(PushAnswer::Retry { reason: RetryReason::ServerTooOld });
    }
    tx.set_last_seq(request.client, request.incarnation, session, reached)?;
    Ok(PushAnswer::Done { epoch, last_seq: reached, outcomes, carried })
}

/// Rules on what another device than its author's has brought: as its author, by its author's rights, in its author's numbering. The author's own
/// push of the same commands finds their outcomes.
///
/// A number that was used for another command holds nothing up here, unlike in [`admit`]: the author's device has fallen back in time and forgotten
/// this one, or begins a new numbering by itself. What came before it must have been ruled on all the same, which its number does not tell.
fn rule_carried<T: Transaction + ?Sized>(
    tx: &mut T,
    org: OrgId,
    signed: &Signed,
    now: Timestamp,
    mut open: impl FnMut(&Letter) -> Option<Envelope>,
) -> Result<CarriedAnswer, Unavailable> {
    let organisations_key = tx.signer().public_key();
    let Some(brought) =
        signed.brought(org, &organisations_key).ok().filter(|brought| brought.author.until >= now && brought.author.device != GUEST_PAGE)
    else {
        return Ok(CarriedAnswer::Refused);
    };
    if let Some(before) = brought.bundle.after
        && tx.outcome(before)?.is_none()
    {
        return Ok(CarriedAnswer::Ruled { outcomes: Vec::new() });
    }
    let author = Session { org, user: brought.author.user };
    let actor = tx.get::<User>(author.user)?.and_then(|user| Actor::of(org, &user));
    let request = brought.opened(now, &mut open);
    // What came before it was ruled on in that history, and comes again from its author.
    let epoch = tx.epoch()?;
    let is_of_another_history = request.epoch.is_some_and(|known| known != epoch);
    let before = tx.last_seq(request.client, request.incarnation)?;
    let mut reached = before;
    let mut outcomes = Vec::with_capacity(request.commands.len());
    for envelope in &request.commands {
        let outcome = match tx.outcome(envelope.uuid)? {
            Some((user, known)) if user == author.user => known,
            // Somebody else's uuid. Its author's device numbers it anew, or nobody sends it.
            Some(_) => break,
            None if is_of_another_history || envelope.seq > reached.saturating_add(1) => break,
            None => match rule(tx, author, actor.as_ref(), &request, envelope, now)? {
                Some(outcome) => outcome,
                None => break,
            },
        };
        if envelope.seq <= reached.saturating_add(1) {
            reached = reached.max(envelope.seq);
        }
        outcomes.push(CarriedOutcome { uuid: envelope.uuid, version: outcome.version, applied: outcome.verdict == Verdict::Applied });
    }
    if reached > before {
        tx.set_last_seq(request.client, request.incarnation, author, reached)?;
    }
    Ok(CarriedAnswer::Ruled { outcomes })
}

/// Reads what [`push`] will read and changes nothing, for a store that notes what it lacks and loads it all at once. What fails here is
/// met again in earnest.
pub fn rehearse<T: Transaction + ?Sized>(tx: &T, session: Session, request: &PushRequest, now: Timestamp) {
    let _ = tx.last_seq(request.client, request.incarnation);
    let new: Vec<_> = request.commands.iter().filter(|envelope| !matches!(tx.outcome(envelope.uuid), Ok(Some(_)))).collect();
    let Ok(Some(user)) = tx.get::<User>(session.user) else { return };
    let Some(actor) = Actor::of(session.org, &user) else { return };
    for envelope in new {
        let Ok(command) = Command::read(&envelope.command) else { continue };
        let context = Context {
            actor: actor.clone(),
            at: envelope.occurred_at,
            device: request.client,
            authority: Some(Authority { signer: tx.signer(), now }),
        };
        for patch in decide(tx, &command, &context).unwrap_or_default() {
            let before = tx.row(patch.key());
            let scopes = [before.ok().flatten().map(|row| row.scope), if let Patch::Put(record) = &patch { Some(record.scope()) } else { None }];
            for scope in scopes.into_iter().flatten() {
                let _ = tx.digest(scope);
            }
        }
    }
}

/// Gives out one page of what is new to a device.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn pull<T: Transaction + ?Sized>(tx: &T, session: Session, request: &PullRequest, now: Timestamp) -> Result<PullAnswer, Unavailable> {
    pull_page(tx, session, request, now, MOST_PULLED, PAGE_BYTES)
}

/// Gives out one page of at most so many rows and about so many bytes; more only if one version alone has more.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn pull_page<T: Transaction + ?Sized>(
    tx: &T,
    session: Session,
    request: &PullRequest,
    now: Timestamp,
    most_rows: usize,
    most_bytes: usize,
) -> Result<PullAnswer, Unavailable> {
    if request.schema < SCHEMA {
        return Ok(PullAnswer::UpdateNeeded { schema: SCHEMA });
    }
    let epoch = tx.epoch()?;
    let version = tx.version()?;
    let ahead = request.scopes.iter().any(|held| held.cursor > version);
    if ahead || request.epoch.is_some_and(|known| known != epoch) {
        return Ok(PullAnswer::EpochChanged { epoch });
    }
    let user = tx.get::<User>(session.user)?;
    let Some(actor) = user.and_then(|user| Actor::of(session.org, &user)) else {
        return Ok(PullAnswer::AccessRevoked);
    };
    let allowed = held_by(tx, &actor)?;
    let purged = tx.purged()?;
    // A device that was away for longer than tombstones are kept may hold rows that are long gone: what it has is brought anew.
    let (stale, kept): (Vec<&ScopeCursor>, Vec<&ScopeCursor>) = request.scopes.iter().partition(|held| held.held && held.cursor < purged);
    let held: BTreeMap<Scope, u64> = kept.iter().map(|held| (held.scope, held.cursor)).collect();
    let mut dropped: Vec<Scope> = held.keys().filter(|scope| !allowed.contains(scope)).copied().collect();
    dropped.extend(stale.iter().map(|held| held.scope));
    let mut page = Page { epoch, version, server_time: now, dropped, scopes: Vec::new(), rows: Vec::new(), more: false };
    let mut bytes = 0;
    for scope in allowed {
        if page.rows.len() >= most_rows || bytes >= most_bytes {
            page.more = true;
            break;
        }
        let after = held.get(&scope).copied().unwrap_or(0);
        let room = most_rows - page.rows.len();
        let rows = tx.changes(scope, after, room + 1)?;
        let (taken, size) = fitting(&rows, room, most_bytes - bytes);
        bytes += size;
        // A store that gave as many as it was asked for may have more, even if all that it gave was of one version and had to go together.
        if taken < rows.len() || rows.len() > room {
            let cursor = rows[taken - 1].version;
            page.scopes.push(PageScope { scope, cursor, complete: None });
            page.rows.extend(rows.into_iter().take(taken));
            page.more = true;
            break;
        }
        page.scopes.push(PageScope { scope, cursor: version, complete: Some(tx.digest(scope)?) });
        page.rows.extend(rows);
    }
    Ok(PullAnswer::Page(page))
}

/// Applies patches at a new version and returns it; without any change the version stays.
///
/// # Errors
/// [`Unavailable`] if the store cannot be written.
pub fn apply<T: Transaction + ?Sized>(tx: &mut T, patches: Vec<Patch>) -> Result<u64, Unavailable> {
    let version = tx.version()? + 1;
    let mut changed = false;
    for patch in patches {
        changed |= apply_one(tx, patch, version)?;
    }
    if changed {
        tx.set_version(version)?;
        Ok(version)
    } else {
        Ok(version - 1)
    }
}

/// Whether the numbers of a push fit the numbering; if not, the answer.
fn admit<T: Transaction + ?Sized>(tx: &T, session: Session, request: &PushRequest, last_seq: u64) -> Result<Option<PushAnswer>, Unavailable> {
    let gap = Some(PushAnswer::Gap { expected: last_seq + 1 });
    let Some(first) = request.commands.first() else { return Ok(None) };
    let contiguous = request.commands.windows(2).all(|pair| pair[0].seq.checked_add(1) == Some(pair[1].seq));
    if first.seq == 0 || first.seq > last_seq + 1 || !contiguous {
        return Ok(gap);
    }
    for envelope in &request.commands {
        match tx.outcome(envelope.uuid)? {
            // Somebody else's uuid: nobody else's outcome is told, and the device must number anew.
            Some((user, _)) if user != session.user => return Ok(Some(PushAnswer::Fork)),
            None if envelope.seq <= last_seq => return Ok(Some(PushAnswer::Fork)),
            _ => {}
        }
    }
    Ok(None)
}

/// Rules on a command that was never seen before; none if this server is too old to read it. What a person without access has recorded is
/// kept for somebody to decide on (clause M3), whatever it is; their device hears so, and need not keep it.
fn rule<T: Transaction + ?Sized>(
    tx: &mut T,
    session: Session,
    actor: Option<&Actor>,
    request: &PushRequest,
    envelope: &Envelope,
    now: Timestamp,
) -> Result<Option<Outcome>, Unavailable> {
    let decision = match (actor, Command::read(&envelope.command)) {
        (None, _) => Err(Verdict::Quarantined { rejection: Rejection::Forbidden }),
        (Some(_), Err(Unreadable::UnknownName)) => return Ok(None),
        (Some(_), Err(Unreadable::BadArguments)) => Err(refused(&envelope.command.name, Rejection::UnknownCommand)),
        (Some(actor), Ok(command)) => {
            let context = Context {
                actor: actor.clone(),
                at: envelope.occurred_at,
                device: request.client,
                authority: Some(Authority { signer: tx.signer(), now }),
            };
            match decide(&*tx, &command, &context) {
                Ok(patches) => Ok(patches),
                Err(Stop::Unavailable(failure)) => return Err(failure),
                Err(Stop::Rejected(rejection)) => Err(refused(command.name(), rejection)),
            }
        }
    };
    let (version, verdict) = match decision {
        Ok(patches) => (apply(tx, patches)?, Verdict::Applied),
        Err(verdict) => match &verdict {
            Verdict::Quarantined { rejection } => (hold(tx, session, request, envelope, now, rejection)?, verdict),
            _ => (tx.version()?, verdict),
        },
    };
    let outcome = Outcome { seq: envelope.seq, uuid: envelope.uuid, version, verdict };
    keep(tx, session, request, envelope, now, &outcome)?;
    Ok(Some(outcome))
}

/// What has happened in the world is never refused for good.
fn refused(name: &str, rejection: Rejection) -> Verdict {
    if Command::names_field_fact(name) { Verdict::Quarantined { rejection } } else { Verdict::Rejected { rejection } }
}

/// Lays a command before those who may rule on it; gives the version at which it is there.
fn hold<T: Transaction + ?Sized>(
    tx: &mut T,
    session: Session,
    request: &PushRequest,
    envelope: &Envelope,
    arrived_at: Timestamp,
    rejection: &Rejection,
) -> Result<u64, Unavailable> {
    let held = HeldCommand {
        id: HeldCommandId(envelope.uuid),
        command: envelope.command.clone(),
        by: session.user,
        device: request.client,
        occurred_at: envelope.occurred_at,
        arrived_at,
        rejection: rejection.clone(),
        ruling: None,
    };
    apply(tx, vec![Patch::put(held)])
}

fn keep<T: Transaction + ?Sized>(
    tx: &mut T,
    session: Session,
    request: &PushRequest,
    envelope: &Envelope,
    arrived_at: Timestamp,
    outcome: &Outcome,
) -> Result<(), Unavailable> {
    tx.put_command(&RuledCommand { session, client: request.client, incarnation: request.incarnation, envelope, arrived_at, outcome })
}

fn apply_one<T: Transaction + ?Sized>(tx: &mut T, patch: Patch, version: u64) -> Result<bool, Unavailable> {
    let key = patch.key();
    let before = tx.row(key)?;
    match patch {
        Patch::Put(record) => {
            let (body, scope) = (record.encode(), record.scope());
            if before.as_ref().is_some_and(|before| before.body == body) {
                return Ok(false);
            }
            if let Some(before) = &before {
                leave(tx, before)?;
                if before.scope != scope {
                    tx.put_tombstone(before.scope, key, version)?;
                }
            }
            let hash = RowHash::of_kind(key.kind, key.id, version, &body);
            let mut digest = tx.digest(scope)?;
            digest.add(hash);
            tx.set_digest(scope, digest)?;
            tx.put_row(&record, &StoredRow { scope, version, hash, body })?;
        }
        Patch::Delete(key) => {
            let Some(before) = before else { return Ok(false) };
            leave(tx, &before)?;
            tx.put_tombstone(before.scope, key, version)?;
            tx.delete_row(key)?;
        }
    }
    Ok(true)
}

fn leave<T: Transaction + ?Sized>(tx: &mut T, before: &StoredRow) -> Result<(), Unavailable> {
    let mut digest = tx.digest(before.scope)?;
    digest.remove(before.hash);
    tx.set_digest(before.scope, digest)
}

/// How many rows fit a page, and their size: whole versions only, and one version at least.
fn fitting(rows: &[Row], room: usize, bytes: usize) -> (usize, usize) {
    let (mut taken, mut size) = (0, 0);
    for version in rows.chunk_by(|a, b| a.version == b.version) {
        if taken > 0 && (taken + version.len() > room || size >= bytes) {
            break;
        }
        taken += version.len();
        size += version.iter().map(|row| row.body.as_ref().map_or(0, |body| body.get().len())).sum::<usize>();
    }
    (taken, size)
}

/// All scopes that exist for an actor, for checks from outside.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn scopes_of<T: Transaction + ?Sized>(tx: &T, session: Session) -> Result<BTreeSet<Scope>, Unavailable> {
    match tx.get::<User>(session.user)?.and_then(|user| Actor::of(session.org, &user)) {
        Some(actor) => held_by(tx, &actor),
        None => Ok(BTreeSet::new()),
    }
}
