//! The device's half of sync: a state machine without I/O. The driver (the app, or the simulation) carries out the effects and reports back by events.
//!
//! Laws:
//! - Push and pull are lanes of their own: what waits to be sent never holds up what is to be received.
//! - A command leaves the outbox only when its outcome, found by uuid, is durable on the device.
//! - Rows of a pull are staged and swapped in with the last page; until then nothing of them is shown or stored.
//! - A reset throws rows away, never the outbox or the journal.
//! - An answer to a question that was asked before a reset is ignored.
//! - The driver carries out storage effects ([`Effect::ReadOutbox`], [`Effect::Store`]) one after the other, in the order given.
//! - After [`Event::StoreFailed`] the engine does nothing more: memory and disk may differ, so the driver begins anew from what is stored.
//! - A change rests on the state that the engine knows: the driver refuses to store it over a [`Meta::revision`] that is not the one before.
//! - An answer from another history than the one known is not taken: its outcomes and rows may not be those of the server of today.
//! - What was carried here from other devices goes to the server with the push, before the device's own commands; it holds them up no longer than that, and
//!   is offered once in each run of the lane.
//! - Who has no access any more loses the rows and receives nothing; what they recorded still goes to the server, which keeps it.

use super::protocol::*;
use crate::carry::Signed;
use crate::ids::ClientId;
use crate::record::Scope;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Most bytes of arguments in one push; one command always goes, however large.
pub const PUSH_BYTES: usize = 1 << 20;
/// Most bundles of other devices in one push.
pub const MOST_CARRIED: usize = 50;
/// A scope that was healed this often without a good pull in between is left alone until the next start.
const MOST_HEALINGS: u32 = 3;
/// New numberings in a row without an accepted push, before waiting.
const MOST_RENUMBERINGS: u32 = 2;
const FIRST_WAIT_MS: u32 = 1_000;
pub(super) const LONGEST_WAIT_MS: u32 = 60_000;

/// What the engine knows across restarts. The driver stores it with every [`Change`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Meta {
    /// The device.
    pub client: ClientId,
    /// The present numbering of the outbox.
    pub incarnation: Uuid,
    /// The server's history; none before the first contact.
    pub epoch: Option<Uuid>,
    /// Everything that the server had at this version is held.
    pub version: u64,
    /// How far each scope is held.
    pub cursors: BTreeMap<Scope, u64>,
    /// When the last complete pull ended, on the device's clock.
    pub fresh_at: Option<Timestamp>,
    /// Raised with every change. A change is stored only over the revision before its own: two tabs may both believe to be the one that
    /// syncs, where browsers have no locks.
    #[serde(default, skip_serializing_if = "is_default")]
    pub revision: u64,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Meta {
    /// A device before its first contact.
    #[must_use]
    pub const fn new(client: ClientId, incarnation: Uuid) -> Self {
        Self { client, incarnation, epoch: None, version: 0, cursors: BTreeMap::new(), fresh_at: None, revision: 0 }
    }
}

/// The engine.
#[derive(Clone, Debug)]
pub struct Engine {
    meta: Meta,
    push: Lane,
    pull: Lane,
    staging: Option<Staging>,
    healed: Vec<Scope>,
    healings: BTreeMap<Scope, u32>,
    /// Numberings begun since the last push that was accepted.
    renumberings: u32,
    /// What goes with the next push, what went with the last one, and the signatures of all that went in this run of the lane.
    carried: Vec<Signed>,
    asked: Vec<Signed>,
    offered: BTreeSet<String>,
    /// After a change of epoch both lanes go on.
    resume_push: bool,
    /// Raised at every reset; answers of an older generation are ignored.
    generation: u32,
    standing: Standing,
}

/// What a driver gives with each event: things that the engine may not fetch itself.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The device's clock.
    pub now: Timestamp,
    /// A new UUID, used for a new numbering if one is needed.
    pub fresh: Uuid,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A command was saved, the network came back, the page became visible, the timer rang, the server poked: sync what there is.
    Wake,
    /// Only the server's news are wanted (a poke).
    Poked,
    /// Somebody logged in.
    LoggedIn,
    /// What this device carries of others and the server has not ruled on, in the order in which it came; a driver that keeps any tells it before each
    /// [`Self::Outbox`].
    Carried(u32, Vec<Signed>),
    /// The first commands of the outbox, in order; the answer to [`Effect::ReadOutbox`].
    Outbox(u32, Vec<Envelope>),
    /// The server's answer to a push.
    PushAnswered(u32, PushAnswer),
    /// A push got no answer.
    PushFailed(u32, Failure),
    /// The server's answer to a pull.
    PullAnswered(u32, Box<PullAnswer>),
    /// A pull got no answer.
    PullFailed(u32, Failure),
    /// A change is durable.
    Stored {
        /// The generation given with the effect.
        generation: u32,
        /// Which lane's.
        lane: LaneName,
        /// Scopes whose rows do not have the digest that the server gave.
        damaged: Vec<Scope>,
    },
    /// A change could not be stored, or the outbox could not be read.
    StoreFailed,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No connection, or none in time.
    Offline,
    /// Something answered that is not our server.
    Captive,
    /// The session has ended.
    LoggedOut,
    /// The server could not do it now.
    Server,
}

/// What the driver must do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Read the first commands of the outbox, [`MOST_PUSHED`] at most, and answer with [`Event::Outbox`] and the generation.
    ReadOutbox(u32),
    /// Send, and answer with the generation.
    Push(u32, PushRequest),
    /// Send, and answer with the generation.
    Pull(u32, PullRequest),
    /// Make durable in one transaction, then show it, then answer with [`Event::Stored`]. If the stored [`Meta::revision`] is not the one
    /// before this meta's, nothing is stored and the answer is [`Event::StoreFailed`].
    Store {
        /// To be given back.
        generation: u32,
        /// To be given back.
        lane: LaneName,
        /// What changes.
        change: Change,
        /// What the engine knows then; stored in the same transaction.
        meta: Box<Meta>,
    },
    /// Note durably what the server has said to bundles that were carried, and show it. Should it be lost, they are sent again.
    NoteCarried(Vec<(Signed, CarriedAnswer)>),
    /// Send [`Event::Wake`] after this time (plus up to half of it by chance), unless one came before.
    Wait {
        /// Milliseconds.
        ms: u32,
    },
    /// Tell the user.
    Tell(News),
}

/// A change of what the device stores. Each is one transaction.
#[derive(Clone, Debug)]
pub enum Change {
    /// Commands were ruled on: applied ones move from the outbox to the journal, the others to the refused.
    Outcomes(Vec<Outcome>),
    /// The outbox is numbered anew from 1, in its order, in the incarnation of the meta.
    Renumber,
    /// Rows of a complete pull.
    Rows(Rows),
    /// Another history: rows go; the journal goes back into the outbox, before what is there; all is numbered anew.
    NewEpoch,
    /// Rows of these scopes are damaged and go.
    Heal(BTreeSet<Scope>),
    /// The person has no access any more: rows go, outbox and journal stay.
    Revoked,
}

/// Rows to be swapped in.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Scopes to be dropped first.
    pub dropped: BTreeSet<Scope>,
    /// Changes in the order in which they are to be applied.
    pub rows: Vec<Row>,
    /// What each scope must hold afterwards.
    pub digests: BTreeMap<Scope, Digest>,
    /// Everything that the server had at this version is held afterwards.
    pub version: u64,
}

/// What the user should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The server was reached.
    Online,
    /// It was not.
    Unreached(Failure),
    /// The app must be updated before it can receive.
    UpdateNeeded,
    /// The person has no access any more.
    AccessRevoked,
    /// Rows received so far in a pull that is not complete.
    Receiving(usize),
    /// Server's clock less the device's, in milliseconds.
    ClockOffset(i64),
    /// The server is too old for a command of this app; the outbox waits.
    ServerTooOld,
}

/// One of the two lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneName {
    /// Sending.
    Push,
    /// Receiving.
    Pull,
}

#[derive(Clone, Debug, Default)]
struct Lane {
    busy: bool,
    /// Wanted again while busy.
    wanted: bool,
    failures: u32,
}

#[derive(Clone, Debug, Default)]
struct Staging {
    rows: Rows,
    cursors: BTreeMap<Scope, u64>,
    epoch: Option<Uuid>,
    begun: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Good,
    LoggedOut,
    Revoked,
    Halted,
}

impl Engine {
    /// An engine from what was stored.
    #[must_use]
    pub fn new(meta: Meta) -> Self {
        Self {
            meta,
            push: Lane::default(),
            pull: Lane::default(),
            staging: None,
            healed: Vec::new(),
            healings: BTreeMap::new(),
            renumberings: 0,
            carried: Vec::new(),
            asked: Vec::new(),
            offered: BTreeSet::new(),
            resume_push: false,
            generation: 0,
            standing: Standing::Good,
        }
    }

    /// What is to be stored with the change asked for last.
    #[must_use]
    pub const fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Whether nothing is under way.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        !self.push.busy && !self.pull.busy
    }

    /// Takes in what happened and says what to do.
    pub fn step(&mut self, event: Event, moment: Moment) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Wake => {
                self.want(LaneName::Push, moment, &mut effects);
                self.want(LaneName::Pull, moment, &mut effects);
            }
            Event::Poked => self.want(LaneName::Pull, moment, &mut effects),
            Event::LoggedIn => {
                if self.standing != Standing::Halted {
                    self.standing = Standing::Good;
                }
                self.want(LaneName::Push, moment, &mut effects);
                self.want(LaneName::Pull, moment, &mut effects);
            }
            Event::Carried(generation, carried) if generation == self.generation => self.carried = carried,
            Event::Outbox(generation, commands) if generation == self.generation => self.send(commands, moment, &mut effects),
            Event::PushAnswered(generation, answer) if generation == self.generation => self.push_answered(answer, moment, &mut effects),
            Event::PullAnswered(generation, answer) if generation == self.generation => self.pull_answered(*answer, moment, &mut effects),
            Event::PushFailed(generation, failure) if generation == self.generation => self.failed(LaneName::Push, failure, &mut effects),
            Event::PullFailed(generation, failure) if generation == self.generation => self.failed(LaneName::Pull, failure, &mut effects),
            Event::Stored { generation, lane, damaged } if generation == self.generation => self.stored(lane, damaged, moment, &mut effects),
            Event::StoreFailed => {
                self.reset();
                self.standing = Standing::Halted;
            }
            // From before a reset.
            Event::Carried(..)
            | Event::Outbox(..)
            | Event::PushAnswered(..)
            | Event::PushFailed(..)
            | Event::PullAnswered(..)
            | Event::PullFailed(..)
            | Event::Stored { .. } => {}
        }
        effects
    }

    fn lane(&mut self, name: LaneName) -> &mut Lane {
        match name {
            LaneName::Push => &mut self.push,
            LaneName::Pull => &mut self.pull,
        }
    }

    fn want(&mut self, name: LaneName, moment: Moment, effects: &mut Vec<Effect>) {
        if matches!(self.standing, Standing::LoggedOut | Standing::Halted) {
            return;
        }
        let lane = self.lane(name);
        if lane.busy {
            lane.wanted = true;
            return;
        }
        *lane = Lane { busy: true, wanted: false, failures: lane.failures };
        match name {
            LaneName::Push => {
                self.offered.clear();
                effects.push(Effect::ReadOutbox(self.generation));
            }
            LaneName::Pull => {
                self.staging = Some(Staging { cursors: self.meta.cursors.clone(), ..Staging::default() });
                effects.push(self.ask(moment));
            }
        }
    }

    /// A lane has nothing to do; if it was wanted meanwhile it goes on at once.
    fn rest(&mut self, name: LaneName, moment: Moment, effects: &mut Vec<Effect>) {
        let lane = self.lane(name);
        let again = lane.wanted;
        *lane = Lane::default();
        if again {
            self.want(name, moment, effects);
        }
    }

    fn send(&mut self, mut commands: Vec<Envelope>, moment: Moment, effects: &mut Vec<Effect>) {
        if !self.push.busy {
            return;
        }
        let carried = self.offer();
        if commands.is_empty() && carried.is_empty() {
            self.rest(LaneName::Push, moment, effects);
            return;
        }
        commands.truncate(MOST_PUSHED);
        let mut bytes = 0;
        let fitting = commands.iter().take_while(|envelope| {
            bytes += envelope.command.args.get().len();
            bytes <= PUSH_BYTES
        });
        let fitting = fitting.count().max(1);
        commands.truncate(fitting);
        let request = PushRequest {
            proto: PROTO,
            schema: SCHEMA,
            epoch: self.meta.epoch,
            client: self.meta.client,
            incarnation: self.meta.incarnation,
            sent_at: moment.now,
            commands,
            carried,
        };
        effects.push(Effect::Push(self.generation, request));
    }

    /// The first bundles that were not offered in this run and fit beside the commands.
    fn offer(&mut self) -> Vec<Signed> {
        let mut bytes = 0;
        let new = std::mem::take(&mut self.carried).into_iter().filter(|signed| !self.offered.contains(&signed.signature));
        let fitting = new.take(MOST_CARRIED).take_while(|signed| {
            bytes += signed.body.len();
            bytes <= PUSH_BYTES
        });
        self.asked = fitting.collect();
        self.offered.extend(self.asked.iter().map(|signed| signed.signature.clone()));
        self.asked.clone()
    }

    fn push_answered(&mut self, answer: PushAnswer, moment: Moment, effects: &mut Vec<Effect>) {
        match answer {
            PushAnswer::Done { epoch, .. } if self.is_of_another_history(epoch) => self.change_epoch(epoch, moment, effects),
            PushAnswer::Done { epoch, outcomes, carried, .. } => {
                let noted: Vec<_> = std::mem::take(&mut self.asked).into_iter().zip(carried).collect();
                if !noted.is_empty() {
                    effects.push(Effect::NoteCarried(noted));
                }
                self.push.failures = 0;
                self.renumberings = 0;
                effects.push(Effect::Tell(News::Online));
                self.meta.epoch.get_or_insert(epoch);
                effects.push(self.store(LaneName::Push, Change::Outcomes(outcomes)));
            }
            // Either the device fell back in time, or the server did not get what it should have: in a new numbering all can be sent again.
            PushAnswer::Fork | PushAnswer::Gap { .. } if self.renumberings < MOST_RENUMBERINGS => {
                self.renumberings += 1;
                self.meta.incarnation = moment.fresh;
                effects.push(self.store(LaneName::Push, Change::Renumber));
            }
            PushAnswer::Fork | PushAnswer::Gap { .. } => {
                self.renumberings = 0;
                self.failed(LaneName::Push, Failure::Server, effects);
            }
            PushAnswer::EpochChanged { epoch } => self.change_epoch(epoch, moment, effects),
            PushAnswer::Retry { reason } => {
                if reason == RetryReason::ServerTooOld {
                    effects.push(Effect::Tell(News::ServerTooOld));
                }
                self.failed(LaneName::Push, Failure::Server, effects);
            }
            // From a server of an earlier release, which keeps what was sent without saying so. The pull says the same, and there it counts.
            PushAnswer::AccessRevoked => {
                self.failed(LaneName::Push, Failure::Server, effects);
                self.want(LaneName::Pull, moment, effects);
            }
        }
    }

    fn ask(&self, moment: Moment) -> Effect {
        let cursors = self.staging.as_ref().map_or(&self.meta.cursors, |staging| &staging.cursors);
        let request = PullRequest {
            proto: PROTO,
            schema: SCHEMA,
            epoch: self.meta.epoch,
            client: self.meta.client,
            sent_at: moment.now,
            scopes: cursors.iter().map(|(&scope, &cursor)| ScopeCursor { scope, cursor, held: self.holds(scope) }).collect(),
            healed: self.healed.clone(),
        };
        Effect::Pull(self.generation, request)
    }

    /// Whether rows of a scope are there from before the present pull.
    fn holds(&self, scope: Scope) -> bool {
        let dropped = self.staging.as_ref().is_some_and(|staging| staging.rows.dropped.contains(&scope));
        !dropped && self.meta.cursors.contains_key(&scope)
    }

    fn pull_answered(&mut self, answer: PullAnswer, moment: Moment, effects: &mut Vec<Effect>) {
        match answer {
            PullAnswer::Page(page) => self.stage(page, moment, effects),
            PullAnswer::EpochChanged { epoch } => self.change_epoch(epoch, moment, effects),
            PullAnswer::UpdateNeeded { .. } => {
                effects.push(Effect::Tell(News::UpdateNeeded));
                self.failed(LaneName::Pull, Failure::Server, effects);
            }
            PullAnswer::AccessRevoked => self.revoke(moment, effects),
        }
    }

    fn stage(&mut self, page: Page, moment: Moment, effects: &mut Vec<Effect>) {
        let mut staging = self.staging.take().unwrap_or_else(|| Staging { cursors: self.meta.cursors.clone(), ..Staging::default() });
        if self.is_of_another_history(page.epoch) || staging.epoch.is_some_and(|epoch| epoch != page.epoch) {
            self.change_epoch(page.epoch, moment, effects);
            return;
        }
        self.standing = Standing::Good;
        if !staging.begun {
            // What the first page's version held is held when the last page is here: later pages can only be newer.
            staging.rows.version = page.version;
            staging.epoch = Some(page.epoch);
            staging.begun = true;
        }
        for scope in page.dropped {
            staging.cursors.remove(&scope);
            staging.rows.digests.remove(&scope);
            staging.rows.rows.retain(|row| row.scope != scope);
            staging.rows.dropped.insert(scope);
        }
        for part in page.scopes {
            staging.cursors.insert(part.scope, part.cursor);
            match part.complete {
                Some(digest) => staging.rows.digests.insert(part.scope, digest),
                None => staging.rows.digests.remove(&part.scope),
            };
        }
        staging.rows.rows.extend(page.rows);
        effects.push(Effect::Tell(News::Online));
        effects.push(Effect::Tell(News::ClockOffset((page.server_time - moment.now).num_milliseconds())));
        if page.more {
            effects.push(Effect::Tell(News::Receiving(staging.rows.rows.len())));
            self.staging = Some(staging);
            effects.push(self.ask(moment));
            return;
        }
        self.pull.failures = 0;
        self.healed.clear();
        self.meta.cursors = staging.cursors;
        self.meta.epoch = staging.epoch;
        self.meta.version = self.meta.version.max(staging.rows.version);
        self.meta.fresh_at = Some(moment.now);
        effects.push(self.store(LaneName::Pull, Change::Rows(staging.rows)));
    }

    fn stored(&mut self, lane: LaneName, damaged: Vec<Scope>, moment: Moment, effects: &mut Vec<Effect>) {
        if !self.lane(lane).busy {
            return;
        }
        match lane {
            // More may wait in the outbox, and what was applied has rows to fetch.
            LaneName::Push => {
                effects.push(Effect::ReadOutbox(self.generation));
                self.want(LaneName::Pull, moment, effects);
            }
            LaneName::Pull => {
                let heal: BTreeSet<Scope> = damaged.into_iter().filter(|scope| self.may_heal(*scope)).collect();
                if std::mem::take(&mut self.resume_push) {
                    self.want(LaneName::Push, moment, effects);
                }
                if heal.is_empty() {
                    self.rest(LaneName::Pull, moment, effects);
                    return;
                }
                for scope in &heal {
                    self.meta.cursors.remove(scope);
                    self.healed.push(*scope);
                }
                self.pull.wanted = true;
                effects.push(self.store(LaneName::Pull, Change::Heal(heal)));
            }
        }
    }

    fn may_heal(&mut self, scope: Scope) -> bool {
        let healings = self.healings.entry(scope).or_default();
        *healings += 1;
        *healings <= MOST_HEALINGS
    }

    /// Another history: everything asked before is void, rows are fetched from nothing, and what was acknowledged is sent again.
    fn change_epoch(&mut self, epoch: Uuid, moment: Moment, effects: &mut Vec<Effect>) {
        self.reset();
        self.meta.epoch = Some(epoch);
        self.meta.incarnation = moment.fresh;
        self.pull = Lane { busy: true, wanted: true, failures: 0 };
        self.resume_push = true;
        effects.push(self.store(LaneName::Pull, Change::NewEpoch));
    }

    /// Rows go. The version stays: what was applied by then needs no replay, with rows or without. A server that says it again changes nothing.
    fn revoke(&mut self, moment: Moment, effects: &mut Vec<Effect>) {
        effects.push(Effect::Tell(News::AccessRevoked));
        self.staging = None;
        if self.standing == Standing::Revoked {
            self.rest(LaneName::Pull, moment, effects);
            return;
        }
        self.standing = Standing::Revoked;
        self.healings.clear();
        self.meta.cursors.clear();
        effects.push(self.store(LaneName::Pull, Change::Revoked));
    }

    /// Asked without an epoch, two servers may answer in turn, of which one is history: what it acknowledged the other does not know.
    fn is_of_another_history(&self, epoch: Uuid) -> bool {
        self.meta.epoch.is_some_and(|known| known != epoch)
    }

    fn store(&mut self, lane: LaneName, change: Change) -> Effect {
        self.meta.revision += 1;
        Effect::Store { generation: self.generation, lane, change, meta: Box::new(self.meta.clone()) }
    }

    fn reset(&mut self) {
        self.generation += 1;
        self.push = Lane::default();
        self.pull = Lane::default();
        self.staging = None;
        self.resume_push = false;
        self.healings.clear();
        self.meta.cursors.clear();
        self.meta.version = 0;
    }

    fn failed(&mut self, name: LaneName, failure: Failure, effects: &mut Vec<Effect>) {
        if name == LaneName::Pull {
            self.staging = None;
        }
        let lane = self.lane(name);
        lane.busy = false;
        lane.wanted = false;
        lane.failures = lane.failures.saturating_add(1);
        let ms = wait_after(lane.failures);
        effects.push(Effect::Tell(News::Unreached(failure)));
        if failure == Failure::LoggedOut {
            self.standing = Standing::LoggedOut;
        } else {
            effects.push(Effect::Wait { ms });
        }
    }
}

/// How long to wait after so many failures in a row, one at least; in milliseconds.
pub(super) fn wait_after(failures: u32) -> u32 {
    FIRST_WAIT_MS.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST_WAIT_MS)
}
