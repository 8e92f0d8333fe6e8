//! The one writer: a thread that takes everything that waits, does it in one transaction with a savepoint for each, and answers after
//! the commit. One fsync serves all who waited for it.

use super::organisation::RecordCache;
use super::{Transaction, unavailable};
use rusqlite::Connection;
use shared::Unavailable;
use shared::ids::OrgId;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use tokio::sync::{broadcast, oneshot};

/// Most changes in one commit: bounds how long the first one waits.
const MOST_TOGETHER: usize = 256;
/// A listener that is further behind hears that it is, and asks for the version itself.
const CHANGES_KEPT: usize = 256;

/// An organisation's version was raised by a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose.
    pub org: OrgId,
    /// To what.
    pub version: u64,
}

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Task>,
    changes: broadcast::Sender<Change>,
}

impl Writer {
    /// Starts the thread. It ends, and with it the lock on the file, when it is closed or the last handle is gone.
    pub(super) fn start(connection: Connection, lock: std::fs::File) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel();
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        let told = changes.clone();
        std::thread::Builder::new().name("writer".into()).spawn(move || {
            let closer = work(&connection, &waiting, &told);
            close(connection);
            drop(lock);
            // Whoever closed it may have gone away since.
            let _ = closer.map(|closed| closed.send(()));
        })?;
        Ok(Self { queue, changes })
    }

    pub(super) async fn write<T, F>(&self, change: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Unavailable> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Waiting { change: Some(change), result: Err(Unavailable("not begun".into())), reply };
        self.queue.send(Task::Change(Box::new(job))).map_err(|_| Unavailable("the writer has ended".into()))?;
        answer.await.unwrap_or_else(|_| Err(Unavailable("the writer has ended".into())))
    }

    /// Finishes what waits, then lets the file go. Later changes are not taken.
    pub(super) async fn close(&self) {
        let (closed, done) = oneshot::channel();
        if self.queue.send(Task::Close(closed)).is_ok() {
            // An error means that the thread has ended already.
            let _ = done.await;
        }
    }

    pub(super) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
}

enum Task {
    Change(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// A change that waits for its commit.
trait Job: Send {
    /// Makes the change; whether it succeeded.
    fn run(&mut self, tx: &Transaction<'_>) -> bool;
    /// Answers whoever waits.
    fn settle(self: Box<Self>, committed: &Result<(), Unavailable>);
}

struct Waiting<T, F> {
    change: Option<F>,
    result: Result<T, Unavailable>,
    reply: oneshot::Sender<Result<T, Unavailable>>,
}

impl<T, F> Job for Waiting<T, F>
where
    T: Send,
    F: FnOnce(&Transaction<'_>) -> Result<T, Unavailable> + Send,
{
    fn run(&mut self, tx: &Transaction<'_>) -> bool {
        self.result = match self.change.take() {
            Some(change) => change(tx),
            None => Err(Unavailable("done before".into())),
        };
        self.result.is_ok()
    }

    fn settle(self: Box<Self>, committed: &Result<(), Unavailable>) {
        let result = match committed {
            Ok(()) => self.result,
            Err(failure) => Err(failure.clone()),
        };
        // Nobody waits any more if the connection was closed; the change stands all the same.
        let _ = self.reply.send(result);
    }
}

/// Works until it is closed; gives whom to tell of it.
fn work(connection: &Connection, waiting: &mpsc::Receiver<Task>, told: &broadcast::Sender<Change>) -> Option<oneshot::Sender<()>> {
    let records = RecordCache::default();
    loop {
        let (mut jobs, closer) = next(waiting);
        if jobs.is_empty() {
            return closer;
        }
        let committed = commit_together(connection, &records, &mut jobs);
        if let Err(failure) = &committed {
            records.forget_all();
            tracing::error!(changes = jobs.len(), reason = failure.0, "commit failed");
        }
        let (committed, changes) = match committed {
            Ok(changes) => (Ok(()), changes),
            Err(failure) => (Err(failure), BTreeMap::new()),
        };
        for job in jobs {
            job.settle(&committed);
        }
        for (org, version) in changes {
            // Nobody listening is no failure.
            let _ = told.send(Change { org, version });
        }
        if closer.is_some() {
            return closer;
        }
    }
}

/// Everything that waits, up to a limit; nothing once the last handle is gone.
fn next(waiting: &mpsc::Receiver<Task>) -> (Vec<Box<dyn Job>>, Option<oneshot::Sender<()>>) {
    let mut jobs = Vec::new();
    let Ok(first) = waiting.recv() else { return (jobs, None) };
    for task in std::iter::once(first).chain(waiting.try_iter()) {
        match task {
            Task::Change(job) => jobs.push(job),
            Task::Close(closer) => return (jobs, Some(closer)),
        }
        if jobs.len() >= MOST_TOGETHER {
            break;
        }
    }
    (jobs, None)
}

/// Leaves one tidy file behind; what fails here is mended by SQLite at the next start.
fn close(connection: Connection) {
    let tidied = connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
    if let Err(error) = tidied.and_then(|()| connection.close().map_err(|(_, error)| error)) {
        tracing::warn!(%error, "the database was not closed tidily");
    }
}

fn commit_together(connection: &Connection, records: &RecordCache, jobs: &mut [Box<dyn Job>]) -> Result<BTreeMap<OrgId, u64>, Unavailable> {
    let tx = rusqlite::Transaction::new_unchecked(connection, rusqlite::TransactionBehavior::Immediate).map_err(unavailable)?;
    records.forget_if_changed_elsewhere(&tx)?;
    let mut changes = BTreeMap::new();
    for job in jobs {
        tx.execute_batch("SAVEPOINT change").map_err(unavailable)?;
        let own = Transaction::new(&tx, Some(records));
        let succeeded = catch_unwind(AssertUnwindSafe(|| job.run(&own)));
        if succeeded.is_err() {
            tracing::error!("a change panicked and was undone");
        }
        if matches!(succeeded, Ok(true)) {
            own.finish()?;
            tx.execute_batch("RELEASE change").map_err(unavailable)?;
            changes.extend(own.raised.into_inner());
        } else {
            records.forget_all();
            tx.execute_batch("ROLLBACK TO change; RELEASE change").map_err(unavailable)?;
        }
    }
    tx.commit().map_err(unavailable)?;
    Ok(changes)
}
