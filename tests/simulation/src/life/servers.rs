//! What servers do with a request: as they are, and with a law left out.

use super::{Life, session};
use crate::Weakness;
use crate::carry::open_letter;
use crate::device::{Heard, Sent};
use crate::laws::{Broken, nouns};
use shared::carry::Brought;
use shared::check_ins::CheckIn;
use shared::decide::Unavailable;
use shared::ids::{CheckInId, GuestId};
use shared::sync::client::{self, Event};
use shared::sync::files::FileEvent;
use shared::sync::protocol::{
    CarriedAnswer, CarriedOutcome, Envelope, MOST_PULLED, Outcome, PAGE_BYTES, PullAnswer, PullRequest, PushAnswer, PushRequest, RetryReason, SCHEMA,
    Verdict,
};
use shared::sync::server::{self, Session, Transaction};
use shared::{Key, Kind, Patch};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

impl Life {
    /// What a server does with a request and says to it. The request passes through its wire form, as in the field.
    pub(super) fn serve(&mut self, device: usize, life: u32, sent: &Sent) -> Result<Heard, Broken> {
        let session = session(self.world, self.devices[device].user);
        match sent {
            Sent::Push(generation, request) => {
                let answer = self.serve_push(device, life, session, wire(request))?.expect("without a fuse memory is always available");
                Ok(Heard::Sync(Event::PushAnswered(*generation, wire(&answer))))
            }
            Sent::Pull(generation, request) => {
                let mut request: PullRequest = wire(request);
                if self.devices[device].outdated {
                    request.schema = SCHEMA - 1;
                }
                let store = self.committed.as_ref().map_or(&self.store, |(seen, _)| seen);
                let rows = if self.rng.u8(..4) == 0 { self.rng.usize(4..30) } else { MOST_PULLED };
                let answer = server::pull_page(store, session, &request, self.now, rows, PAGE_BYTES).expect("memory is always available");
                if life == self.devices[device].life {
                    self.certify(self.devices[device].disk);
                }
                if self.committed.is_none() {
                    self.check_page(session.user, sent, &answer)?;
                }
                Ok(Heard::Sync(Event::PullAnswered(*generation, Box::new(wire::<PullAnswer>(&answer)))))
            }
            Sent::File(part) => Ok(Heard::File(FileEvent::Answered(wire(&self.depot.take(&mut self.store, session.user, part, self.now, false))))),
        }
    }

    /// A server dies in the middle of a push: nothing of it stays, and nobody answers. Or it dies when a file is whole and nobody was told.
    pub(super) fn serve_and_die(&mut self, device: usize, life: u32, sent: &Sent) -> Result<Heard, Broken> {
        if let Sent::File(part) = sent {
            self.depot.take(&mut self.store, self.devices[device].user, part, self.now, true);
        }
        if let Sent::Push(_, request) = sent {
            let before = self.store.clone();
            self.store.set_fuse(Some(self.rng.u32(..25)));
            let session = session(self.world, self.devices[device].user);
            let died = self.serve_push(device, life, session, wire(request))?.is_err();
            if died && self.weakness != Weakness::CommitsHalf {
                self.store = before;
            }
            self.store.set_fuse(None);
        }
        Ok(failed(sent, client::Failure::Offline))
    }

    fn serve_push(
        &mut self,
        device: usize,
        life: u32,
        session: Session,
        mut request: PushRequest,
    ) -> Result<Result<PushAnswer, Unavailable>, Broken> {
        let node = self.rng.usize(..self.nodes.len());
        let ruled = self.store.ruled().len();
        let with_access = self.with_access();
        let had_access = with_access.contains(&session.user);
        // What comes without access is held unread, by whatever release.
        if self.nodes[node].old && had_access {
            let unknown = request.commands.iter_mut().filter(|envelope| envelope.command.name == self.newest);
            unknown.for_each(|envelope| envelope.command.name.push_str("_of_a_newer_release"));
            // That one overlooks what is carried.
            request.carried.clear();
        }
        let answer = match self.weakness {
            Weakness::AcknowledgesBySeq => self.push_acknowledged_by_seq(session, request),
            Weakness::AcceptsHoles => self.push_with_holes(session, &request),
            Weakness::NumbersOutsideTheLock => self.push_committed_late(session, &request),
            Weakness::TrustsItsMemory => self.push_from_memory(node, session, &request),
            Weakness::LosesSecondScans => self.push_losing_second_scans(session, &request),
            Weakness::RefusesWithoutAccess if !had_access => self.push_without_holding(session, &request),
            Weakness::RefusesFieldFacts if had_access => self.push_without_holding(session, &request),
            Weakness::RulesAsTheCarrier => self.push_as_the_carrier(session, &request),
            Weakness::CarriesPastHoles => self.push_carried_past_holes(session, &request),
            _ => server::push_opening(&mut self.store, session, &request, self.now, open_letter),
        };
        if life == self.devices[device].life {
            self.check_order(self.devices[device].disk, ruled)?;
        }
        self.check_rulings(&with_access, ruled)?;
        Ok(answer)
    }
}

/// Servers with a law left out.
impl Life {
    /// Takes commands out of a push whose numbers were used before, as if they had been applied.
    fn push_acknowledged_by_seq(&mut self, session: Session, mut request: PushRequest) -> Result<PushAnswer, Unavailable> {
        let last_seq = self.store.last_seq(request.client, request.incarnation)?;
        let (taken, rest) = std::mem::take(&mut request.commands).into_iter().partition(|envelope| envelope.seq <= last_seq);
        request.commands = rest;
        let taken: Vec<Envelope> = taken;
        let mut answer = server::push(&mut self.store, session, &request, self.now)?;
        if let PushAnswer::Done { outcomes, .. } = &mut answer {
            let applied = |envelope: Envelope| Outcome { seq: envelope.seq, uuid: envelope.uuid, version: 0, verdict: Verdict::Applied };
            outcomes.extend(taken.into_iter().map(applied));
        }
        Ok(answer)
    }

    /// Rules on what follows a hole as if there were none.
    fn push_with_holes(&mut self, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        let last_seq = self.store.last_seq(request.client, request.incarnation)?;
        if let Some(first) = request.commands.first().filter(|first| first.seq > last_seq + 1) {
            self.store.set_last_seq(request.client, request.incarnation, session, first.seq - 1)?;
        }
        server::push(&mut self.store, session, request, self.now)
    }

    /// Rules on what is carried as on the carrier's own.
    fn push_as_the_carrier(&mut self, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        let mut carried = Vec::new();
        for brought in self.brought(request) {
            let answer = server::push(&mut self.store, session, &brought.opened(self.now, open_letter), self.now)?;
            let outcomes = if let PushAnswer::Done { outcomes, .. } = answer { outcomes } else { Vec::new() };
            let told =
                |outcome: Outcome| CarriedOutcome { uuid: outcome.uuid, version: outcome.version, applied: outcome.verdict == Verdict::Applied };
            carried.push(CarriedAnswer::Ruled { outcomes: outcomes.into_iter().map(told).collect() });
        }
        let own = PushRequest { carried: Vec::new(), ..request.clone() };
        let answer = server::push(&mut self.store, session, &own, self.now)?;
        Ok(with_carried(answer, carried))
    }

    /// Rules on what is carried as if everything before it had been ruled on in this history.
    fn push_carried_past_holes(&mut self, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        for brought in self.brought(request) {
            let (client, incarnation, first) = (brought.author.device, brought.bundle.incarnation, brought.bundle.items[0].seq);
            let author = Session { user: brought.author.user, ..session };
            if first > self.store.last_seq(client, incarnation)? + 1 {
                self.store.set_last_seq(client, incarnation, author, first - 1)?;
            }
            let as_sent = PushRequest { epoch: None, ..brought.opened(self.now, open_letter) };
            server::push(&mut self.store, author, &as_sent, self.now)?;
        }
        server::push_opening(&mut self.store, session, request, self.now, open_letter)
    }

    fn brought(&self, request: &PushRequest) -> Vec<Brought> {
        let key = self.world.signer().public_key();
        request.carried.iter().filter_map(|signed| signed.brought(self.world.org, &key).ok()).collect()
    }

    /// Forgets a check-in if the guest had another one before.
    fn push_losing_second_scans(&mut self, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        let before: BTreeMap<CheckInId, GuestId> = nouns::<CheckIn>(&self.store).map(|known| (known.id, known.guest)).collect();
        let answer = server::push(&mut self.store, session, request, self.now)?;
        let new = nouns::<CheckIn>(&self.store).filter(|check_in| !before.contains_key(&check_in.id));
        let second: BTreeSet<CheckInId> = new.filter(|new| before.values().any(|guest| *guest == new.guest)).map(|new| new.id).collect();
        server::apply(&mut self.store, second.into_iter().map(|id| Patch::Delete(Key { kind: Kind::CheckIn, id: id.0 })).collect())?;
        Ok(answer)
    }

    /// Refuses what should be held for a person.
    fn push_without_holding(&mut self, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        let known: HashSet<Uuid> = self.store.ruled().iter().map(|ruled| ruled.uuid).collect();
        let mut answer = server::push(&mut self.store, session, request, self.now)?;
        if let PushAnswer::Done { outcomes, .. } = &mut answer {
            for outcome in outcomes.iter_mut().filter(|outcome| !known.contains(&outcome.uuid)) {
                if let Verdict::Quarantined { rejection } = outcome.verdict.clone() {
                    outcome.verdict = Verdict::Rejected { rejection };
                    self.store.rule_otherwise(outcome);
                    server::apply(&mut self.store, vec![Patch::Delete(Key { kind: Kind::HeldCommand, id: outcome.uuid })])?;
                }
            }
        }
        Ok(answer)
    }

    /// Takes its versions, and commits only after others have committed higher ones.
    fn push_committed_late(&mut self, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        match &mut self.committed {
            None => {
                let mut before = Box::new(self.store.clone());
                let answer = server::push(&mut self.store, session, request, self.now)?;
                before.set_version(self.store.version()?)?;
                self.committed = Some((before, self.rng.u8(1..4)));
                Ok(answer)
            }
            Some((seen, later)) => {
                server::push(&mut **seen, session, request, self.now)?;
                *later -= 1;
                if *later == 0 {
                    self.committed = None;
                }
                server::push(&mut self.store, session, request, self.now)
            }
        }
    }

    /// Rules on what it remembers, whatever the other servers have written since.
    fn push_from_memory(&mut self, node: usize, session: Session, request: &PushRequest) -> Result<PushAnswer, Unavailable> {
        let epoch = self.store.epoch()?;
        let memory = self.nodes[node].memory.take().filter(|memory| memory.epoch().is_ok_and(|known| known == epoch));
        let mut memory = memory.unwrap_or_else(|| Box::new(self.store.clone()));
        memory.set_fuse(None);
        let since = memory.version()?;
        let answer = server::push(&mut *memory, session, request, self.now);
        if memory.version()? > since {
            self.store.set_fuse(None);
            self.store.write_over(&memory, since);
        }
        self.nodes[node].memory = Some(memory);
        answer
    }
}

fn with_carried(answer: PushAnswer, told: Vec<CarriedAnswer>) -> PushAnswer {
    match answer {
        PushAnswer::Done { epoch, last_seq, outcomes, .. } => PushAnswer::Done { epoch, last_seq, outcomes, carried: told },
        other => other,
    }
}

/// Sends a message through its wire form.
fn wire<T: serde::Serialize + serde::de::DeserializeOwned>(message: &T) -> T {
    let text = serde_json::to_string(message).expect("messages serialise");
    serde_json::from_str(&text).expect("what was written can be read")
}

pub(super) fn failed(sent: &Sent, failure: client::Failure) -> Heard {
    match sent {
        Sent::Push(generation, _) => Heard::Sync(Event::PushFailed(*generation, failure)),
        Sent::Pull(generation, _) => Heard::Sync(Event::PullFailed(*generation, failure)),
        Sent::File(_) => Heard::File(FileEvent::Failed(failure)),
    }
}

pub(super) fn busy(sent: &Sent) -> Heard {
    match sent {
        Sent::Push(generation, _) => Heard::Sync(Event::PushAnswered(*generation, PushAnswer::Retry { reason: RetryReason::Busy })),
        Sent::Pull(..) | Sent::File(_) => failed(sent, client::Failure::Server),
    }
}
