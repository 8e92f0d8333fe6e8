//! What a device has taken in of others: kept until the server has ruled on it, shown meanwhile, and brought there with each push.
//!
//! Laws:
//! - The author's device stays the owner: what is here is a copy, and may go at any time without anything being lost.
//! - It stands among the device's own commands where it came in. One's own command can rest only on what was known before it.
//! - It stays no longer than the scope of its meeting does.

use super::bundle::{Brought, Content, Signed};
use super::hello::{HeldUpTo, MOST_HELD};
use crate::command::Command;
use crate::ids::{ClientId, MeetingId, OrgId, UserId};
use crate::record::{Record, Scope};
use crate::sync::protocol::CarriedAnswer;
use crate::time::Timestamp;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// After so many days a copy goes, whatever has become of it: its author's device still has the command, or nobody will bring what came before it.
pub const DAYS: i64 = 14;
/// Most bytes of bundles that a device keeps.
pub const MOST_BYTES: usize = 4 << 20;

/// A bundle as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// As its device has signed it.
    pub signed: Signed,
    /// The device's own command that was recorded last when it came; none if nothing waited.
    pub after: Option<Uuid>,
    /// When it came, on this device's clock.
    pub taken_at: Timestamp,
    /// What the server has said: the version at which a command was applied; none of one that it has not applied.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outcomes: BTreeMap<Uuid, Option<u64>>,
}

/// A command of another device, to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// Its identity.
    pub uuid: Uuid,
    /// Who gave it.
    pub author: UserId,
    /// On which device.
    pub device: ClientId,
    /// When, on that device's clock.
    pub at: Timestamp,
    /// Only what lies in this meeting's scope is shown.
    pub meeting: MeetingId,
    /// What there is to show.
    pub readable: Readable,
    /// Where it stands among the device's own commands.
    pub after: Option<Uuid>,
    /// Set once the server has applied it: the version whose rows make the showing needless.
    pub applied_at: Option<u64>,
}

/// What a device can read of another one's command.
#[derive(Clone, Debug, PartialEq)]
pub enum Readable {
    /// All of it.
    Command(Box<Command>),
    /// Some of what it changed.
    Records(Vec<Record>),
    /// Nothing: it is for the server, or this app is too old for it.
    Nothing,
}

/// What came of a parcel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Commands that were new.
    pub new: usize,
    /// Those of them of which this device can show nothing.
    pub sealed: usize,
    /// Commands that were here already.
    pub known: usize,
    /// Bundles that no device of the organisation has signed, that are about another meeting, or for which there is no room.
    pub refused: usize,
}

/// Who takes in, and about what.
#[derive(Clone, Copy, Debug)]
pub struct Taker<'a> {
    /// The organisation.
    pub org: OrgId,
    /// Its public key ([`crate::settings::Settings::ticket_key`]).
    pub organisations_key: &'a str,
    /// The device.
    pub device: ClientId,
    /// The meeting of the device's hello.
    pub meeting: MeetingId,
    /// The device's own command that was recorded last, if it still waits.
    pub last: Option<Uuid>,
    /// The device's clock.
    pub now: Timestamp,
}

/// All that a device keeps of others, in the order in which it came. Its bundles were found genuine when they came, and lie sealed as they were: they
/// are not verified again here. The server does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bag {
    /// The bundles.
    pub kept: Vec<Kept>,
}

impl Bag {
    /// Takes in the bundles of a parcel. The caller makes the new state durable before it shows anything or says that it came.
    pub fn take(&mut self, bundles: Vec<Signed>, taker: Taker<'_>) -> Taken {
        let mut taken = Taken::default();
        let mut here: BTreeSet<Uuid> = self.kept.iter().filter_map(|kept| kept.signed.brought_before()).flat_map(uuids_of).collect();
        for signed in bundles {
            let bytes: usize = self.kept.iter().map(|kept| kept.signed.body.len()).sum();
            let Ok(brought) = signed.brought(taker.org, taker.organisations_key) else {
                taken.refused += 1;
                continue;
            };
            if brought.bundle.meeting != taker.meeting || bytes + signed.body.len() > MOST_BYTES {
                taken.refused += 1;
                continue;
            }
            let new: Vec<_> = brought.bundle.items.iter().filter(|item| !here.contains(&item.uuid)).collect();
            taken.known += brought.bundle.items.len() - new.len();
            // What this device has recorded itself is in its outbox, and its own to send.
            if new.is_empty() || brought.author.device == taker.device {
                continue;
            }
            taken.new += new.len();
            let is_sealed = |content: &Content| matches!(content, Content::Sealed { shown, .. } if shown.is_empty());
            taken.sealed += new.iter().filter(|item| is_sealed(&item.content)).count();
            here.extend(uuids_of(brought));
            self.kept.push(Kept { signed, after: taker.last, taken_at: taker.now, outcomes: BTreeMap::new() });
        }
        taken
    }

    /// The bundles on which the server has not said its last word.
    #[must_use]
    pub fn unsettled(&self) -> Vec<Signed> {
        let is_unsettled =
            |kept: &&Kept| kept.signed.brought_before().is_some_and(|brought| uuids_of(brought).any(|uuid| !kept.outcomes.contains_key(&uuid)));
        self.kept.iter().filter(is_unsettled).map(|kept| kept.signed.clone()).collect()
    }

    /// What the server has said to some bundles; whether anything has changed.
    pub fn note(&mut self, answers: &[(Signed, CarriedAnswer)]) -> bool {
        let before = self.clone();
        for (signed, answer) in answers {
            match answer {
                CarriedAnswer::Refused => self.drop_with_what_follows(|kept, _| kept.signed == *signed),
                CarriedAnswer::Ruled { outcomes } => {
                    for kept in self.kept.iter_mut().filter(|kept| kept.signed == *signed) {
                        kept.outcomes.extend(outcomes.iter().map(|outcome| (outcome.uuid, outcome.applied.then_some(outcome.version))));
                    }
                }
            }
        }
        *self != before
    }

    /// Lets go of what needs to be kept no more: all rows of this version are here, and only these scopes are held. Whether anything has gone.
    pub fn settle(&mut self, version: u64, is_held: impl Fn(Scope) -> bool) -> bool {
        let before = self.kept.len();
        self.kept.retain(|kept| {
            let is_over = |uuid: Uuid| kept.outcomes.get(&uuid).is_some_and(|applied| applied.is_none_or(|applied| applied <= version));
            !kept.signed.brought_before().is_some_and(|brought| uuids_of(brought).all(is_over))
        });
        self.drop_with_what_follows(|_, brought| !is_held(Scope::Meeting(brought.bundle.meeting)));
        before != self.kept.len()
    }

    /// The same, and lets go of what is old.
    pub fn tidy(&mut self, version: u64, now: Timestamp, is_held: impl Fn(Scope) -> bool) -> bool {
        let before = self.kept.len();
        self.settle(version, is_held);
        self.drop_with_what_follows(|kept, _| (now - kept.taken_at).abs() > TimeDelta::days(DAYS));
        before != self.kept.len()
    }

    /// Lets go of bundles before the server's last word, and of those that stand behind one of them in the same numbering: there would be a hole.
    fn drop_with_what_follows(&mut self, goes: impl Fn(&Kept, &Brought) -> bool) {
        let mut gone = BTreeSet::new();
        self.kept.retain(|kept| {
            let Some(brought) = kept.signed.brought_before() else { return false };
            let numbering = (brought.author.device, brought.bundle.incarnation);
            let stays = !gone.contains(&numbering) && !goes(kept, &brought);
            if !stays {
                gone.insert(numbering);
            }
            stays
        });
    }

    /// Another history: what the former one has said does not count.
    pub fn forget_outcomes(&mut self) {
        self.kept.iter_mut().for_each(|kept| kept.outcomes.clear());
    }

    /// What of each device is here, those that came last first; only about this meeting.
    #[must_use]
    pub fn held(&self, meeting: MeetingId) -> Vec<HeldUpTo> {
        let mut held: Vec<HeldUpTo> = Vec::new();
        for brought in self.kept.iter().rev().filter_map(|kept| kept.signed.brought_before()) {
            let (device, incarnation) = (brought.author.device, brought.bundle.incarnation);
            let is_told = held.iter().any(|told| (told.device, told.incarnation) == (device, incarnation));
            if let Some(last) = brought.bundle.items.last()
                && brought.bundle.meeting == meeting
                && !is_told
                && held.len() < MOST_HELD
            {
                held.push(HeldUpTo { device, incarnation, seq: last.seq, uuid: last.uuid });
            }
        }
        held
    }

    /// What is to be shown over the rows of this version, in order: commands that the server has refused or set aside are not, and neither are those
    /// whose rows are here, though others of their bundle wait.
    #[must_use]
    pub fn shown(&self, version: u64) -> Vec<Carried> {
        let mut shown: Vec<Carried> = Vec::new();
        let mut seen = BTreeSet::new();
        for kept in &self.kept {
            let Some(Brought { author, bundle }) = kept.signed.brought_before() else { continue };
            for item in bundle.items {
                let applied_at = match kept.outcomes.get(&item.uuid) {
                    Some(None) => continue,
                    Some(Some(applied)) if *applied <= version => continue,
                    Some(applied) => *applied,
                    None => None,
                };
                if !seen.insert(item.uuid) {
                    continue;
                }
                let readable = match item.content {
                    Content::Open { command, .. } => {
                        Command::read(&command).map_or(Readable::Nothing, |command| Readable::Command(Box::new(command)))
                    }
                    Content::Sealed { shown, .. } => {
                        let records: Vec<_> = shown.iter().filter_map(|record| record.read(Scope::Meeting(bundle.meeting))).collect();
                        if records.is_empty() { Readable::Nothing } else { Readable::Records(records) }
                    }
                };
                let (device, author, meeting) = (author.device, author.user, bundle.meeting);
                shown.push(Carried { uuid: item.uuid, author, device, at: item.occurred_at, meeting, readable, after: kept.after, applied_at });
            }
        }
        shown
    }
}

fn uuids_of(brought: Brought) -> impl Iterator<Item = Uuid> {
    brought.bundle.items.into_iter().map(|item| item.uuid)
}
