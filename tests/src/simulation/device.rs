//! A device: the engine, the replica in memory, and the disk. This is the driver that the app has too, without time and threads.

use super::disk::{Disk, pending};
use shared::Command;
use shared::decide::{Actor, Stop};
use shared::ids::{ClientId, UserId};
use shared::record::Scope;
use shared::sync::client::{Change, Effect, Engine, Event, Moment};
use shared::sync::protocol::{PullRequest, PushRequest, Verdict};
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::collections::VecDeque;
use uuid::Uuid;

/// Something that leaves the device.
#[derive(Clone, Debug)]
pub enum Sent {
    /// A push, with the engine's generation.
    Push(u32, PushRequest),
    /// A pull, with the engine's generation.
    Pull(u32, PullRequest),
}

/// One device.
pub struct Device {
    /// Who uses it.
    pub user: UserId,
    /// Its identity.
    pub client: ClientId,
    /// What survives a crash.
    pub disk: Disk,
    /// What is shown.
    pub replica: Replica,
    engine: Engine,
    /// Storage effects wait here, in order; a crash loses them.
    storage: VecDeque<Effect>,
    /// Whether the engine waits for a timer.
    pub waiting: bool,
    /// Raised at every start; answers to an earlier life of the process never arrive.
    pub life: u32,
}

impl Device {
    /// A device that starts for the first time, or after a crash, from what is on its disk.
    #[must_use]
    pub fn start(user: UserId, actor: Option<Actor>, disk: Disk, life: u32) -> Self {
        let client = disk.meta.client;
        let mut replica = Replica::new(client, actor);
        for row in disk.base.values() {
            replica.take_row(row);
        }
        replica.set_pending(disk.pending());
        let engine = Engine::new(disk.meta.clone());
        Self { user, client, disk, replica, engine, storage: VecDeque::new(), waiting: false, life }
    }

    /// Does what a person asks. The command is on the disk when this returns true.
    pub fn submit(&mut self, uuid: Uuid, at: Timestamp, command: &Command) -> bool {
        match self.replica.predict(command, at) {
            Err(Stop::Rejected(_)) => return false,
            Err(Stop::Unavailable(failure)) => unreachable!("memory can always be read: {failure:?}"),
            Ok(_) => {}
        }
        let envelope = self.disk.save(uuid, at, command.to_raw());
        self.replica.add_pending(pending(&envelope, None));
        true
    }

    /// Gives an event to the engine; what leaves the device is returned, storage effects are queued.
    pub fn step(&mut self, event: Event, moment: Moment) -> Vec<Sent> {
        if matches!(event, Event::Wake) {
            self.waiting = false;
        }
        let mut sent = Vec::new();
        for effect in self.engine.step(event, moment) {
            match effect {
                Effect::Push(generation, request) => sent.push(Sent::Push(generation, request)),
                Effect::Pull(generation, request) => sent.push(Sent::Pull(generation, request)),
                Effect::ReadOutbox(_) | Effect::Store { .. } => self.storage.push_back(effect),
                Effect::Wait { .. } => self.waiting = true,
                Effect::Tell(_) => {}
            }
        }
        sent
    }

    /// Whether a storage effect waits.
    #[must_use]
    pub fn has_storage_work(&self) -> bool {
        !self.storage.is_empty()
    }

    /// Carries out the first storage effect that waits.
    pub fn work(&mut self, moment: Moment) -> Vec<Sent> {
        let event = match self.storage.pop_front() {
            None => return Vec::new(),
            Some(Effect::ReadOutbox(generation)) => {
                let commands = self.disk.outbox.values().take(5).map(|envelope| (**envelope).clone()).collect();
                Event::Outbox(generation, commands)
            }
            Some(Effect::Store { generation, lane, change, meta }) => {
                let before = self.kept();
                self.disk.change(&change, &meta);
                if !matches!(change, Change::Outcomes(_)) {
                    assert_eq!(before, self.kept(), "only outcomes may take commands out of outbox and journal");
                }
                let damaged = self.show(&change);
                Event::Stored { generation, lane, damaged }
            }
            Some(Effect::Push(..) | Effect::Pull(..) | Effect::Wait { .. } | Effect::Tell(_)) => unreachable!("only storage effects are queued"),
        };
        self.step(event, moment)
    }

    /// Whether the engine has nothing under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.engine.is_idle() && self.storage.is_empty()
    }

    fn show(&mut self, change: &Change) -> Vec<Scope> {
        match change {
            Change::Outcomes(outcomes) => {
                for outcome in outcomes {
                    match outcome.verdict {
                        Verdict::Applied => self.replica.mark_applied(outcome.uuid, outcome.version),
                        Verdict::Rejected { .. } | Verdict::Quarantined { .. } => self.replica.drop_pending(outcome.uuid),
                    }
                }
                self.replica.settle(self.disk.meta.version);
                self.replica.rebase();
                Vec::new()
            }
            Change::Rows(rows) => self.replica.take_in(rows),
            Change::Renumber => Vec::new(),
            Change::NewEpoch | Change::Revoked => {
                self.replica.clear_rows();
                self.replica.set_pending(self.disk.pending());
                Vec::new()
            }
            Change::Heal(scopes) => {
                for scope in scopes {
                    self.replica.drop_scope(*scope);
                }
                self.replica.rebase();
                Vec::new()
            }
        }
    }

    /// The commands that outbox and journal hold, in no order.
    fn kept(&self) -> std::collections::BTreeSet<Uuid> {
        let outbox = self.disk.outbox.values().map(|envelope| envelope.uuid);
        outbox.chain(self.disk.journal.iter().map(|(_, envelope)| envelope.uuid)).collect()
    }
}
