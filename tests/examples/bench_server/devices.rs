//! Devices that push and pull, and how long they waited.

use super::Result;
use chrono::Utc;
use shared::customers::command::AddCustomer;
use shared::ids::{ClientId, CustomerId, UserId};
use shared::record::Scope;
use shared::sync::protocol::{PullAnswer, PushAnswer, ScopeCursor, Verdict};
use shared::testing::{World, messages};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tests::harness::Account;
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "for the measurement";
/// A device asks for news after so many pushes.
const PULL_EVERY: usize = 5;

pub(crate) struct Device {
    account: Account,
    id: ClientId,
    pushes: Vec<Vec<u8>>,
}

impl Device {
    /// Bodies are made here, before the clock runs.
    pub(crate) fn new(account: Account, world: &World, user: UserId, commands: usize, at_once: usize) -> Result<Self> {
        let (id, incarnation) = (ClientId(Uuid::new_v4()), Uuid::new_v4());
        let envelope = |seq: usize| {
            let args = AddCustomer { customer: CustomerId(Uuid::now_v7()), owner: Some(user), profile: world.profile(&format!("客戶{seq}")) };
            messages::envelope(seq as u64, Utc::now(), args)
        };
        let push = |first: usize| {
            let commands = (first..(first + at_once).min(commands + 1)).map(envelope).collect();
            messages::push(id, incarnation, Utc::now(), commands)
        };
        let pushes = (1..=commands).step_by(at_once).map(|first| serde_json::to_vec(&push(first))).collect::<serde_json::Result<_>>()?;
        Ok(Self { account, id, pushes })
    }

    /// As fast as they are answered.
    pub(crate) async fn push_all(self) -> Result<Waits> {
        let mut waits = Waits::default();
        for push in &self.pushes {
            let began = Instant::now();
            self.push(push.clone()).await?;
            waits.0.push(began.elapsed());
        }
        Ok(waits)
    }

    /// One after the other at fixed times; what is late still counts from when it was due. Devices ask for news in turn, not all at once:
    /// `place` says whose turn it is. Gives how long pushes and pulls took.
    pub(crate) async fn push_when_due(self, place: usize, first: Instant, between: Duration) -> Result<(Waits, Waits)> {
        let (mut pushes, mut pulls) = (Waits::default(), Waits::default());
        let mut cursors = self.news(&BTreeMap::new()).await?;
        for (number, push) in self.pushes.iter().enumerate() {
            let due = first + between * u32::try_from(number)?;
            tokio::time::sleep_until(due.into()).await;
            self.push(push.clone()).await?;
            pushes.0.push(due.elapsed());
            if (number + place).is_multiple_of(PULL_EVERY) {
                let began = Instant::now();
                cursors = self.news(&cursors).await?;
                pulls.0.push(began.elapsed());
            }
        }
        Ok((pushes, pulls))
    }

    async fn push(&self, body: Vec<u8>) -> Result {
        let answer: PushAnswer = serde_json::from_str(&self.post("push", body).await?)?;
        let PushAnswer::Done { outcomes, .. } = answer else { return Err(format!("not done: {answer:?}").into()) };
        if outcomes.iter().all(|outcome| outcome.verdict == Verdict::Applied) { Ok(()) } else { Err("a command was refused".into()) }
    }

    /// One page of news; gives how far the device is after it.
    async fn news(&self, cursors: &BTreeMap<Scope, u64>) -> Result<BTreeMap<Scope, u64>> {
        let scopes = cursors.iter().map(|(scope, cursor)| ScopeCursor { scope: *scope, cursor: *cursor, held: true }).collect();
        let request = messages::pull(self.id, Utc::now(), scopes);
        match serde_json::from_str(&self.post("pull", serde_json::to_vec(&request)?).await?)? {
            PullAnswer::Page(page) => Ok(page.scopes.iter().map(|part| (part.scope, part.cursor)).collect()),
            other => Err(format!("no page: {other:?}").into()),
        }
    }

    async fn post(&self, what: &str, body: Vec<u8>) -> Result<String> {
        let (status, text) = self.account.send(&format!("/api/sync/{what}"), body).await?;
        if status.is_success() { Ok(text) } else { Err(format!("{what} was answered with {status}: {text}").into()) }
    }
}

/// Times waited.
#[derive(Default)]
pub(crate) struct Waits(Vec<Duration>);

impl FromIterator<Duration> for Waits {
    fn from_iter<T: IntoIterator<Item = Duration>>(waits: T) -> Self {
        Self(waits.into_iter().collect())
    }
}

impl Waits {
    pub(crate) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Median and 99th percentile.
    pub(crate) fn told(&mut self) -> String {
        self.0.sort_unstable();
        let at = |percent: usize| self.0.get((self.0.len().saturating_sub(1)) * percent / 100).map_or(0.0, |wait| wait.as_secs_f64() * 1_000.0);
        format!("p50 {:.1} ms, p99 {:.1} ms", at(50), at(99))
    }
}
