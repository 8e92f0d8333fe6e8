//! The one writer of a server: a thread that takes the changes that wait, does those of one organisation in one transaction, and answers
//! after the commit. One fsync serves all who waited for it.

use super::changes::Changes;
use super::database::{Connection, Listener, Purpose};
use super::{Memory, Transaction};
use shared::Unavailable;
use shared::ids::OrgId;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, oneshot};

/// A commit that takes longer is told in the log, with where the time went: a lock, the database, or the disk.
const SLOW: Duration = Duration::from_secs(1);
/// Most changes in one commit: bounds how long the first one waits.
const MOST_TOGETHER: usize = 256;
/// A listener that is further behind hears that it is, and asks for the version itself.
const CHANGES_KEPT: usize = 256;
/// Rehearsals before a far database: what a rule asks for may depend on what it has read.
const MOST_REHEARSALS: usize = 4;
/// How long to wait for other servers' announcements before looking oneself.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// An organisation's version was raised by a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose.
    pub org: OrgId,
    /// To what.
    pub version: u64,
}

/// What this server's devices have been told.
#[derive(Clone)]
pub(super) struct Told {
    changes: broadcast::Sender<Change>,
    versions: Arc<Mutex<HashMap<OrgId, u64>>>,
}

impl Default for Told {
    fn default() -> Self {
        Self { changes: broadcast::channel(CHANGES_KEPT).0, versions: Arc::default() }
    }
}

impl Told {
    fn tell(&self, change: Change) {
        self.tell_if(change, |known| known != change.version);
    }

    /// An announcement may come after what this server has told since; its own come back to it too.
    fn hear(&self, change: Change) {
        self.tell_if(change, |known| known < change.version);
    }

    fn tell_if(&self, change: Change, is_news: impl Fn(u64) -> bool) {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if versions.get(&change.org).is_none_or(|known| is_news(*known)) {
            versions.insert(change.org, change.version);
            // Nobody listening is no failure.
            let _ = self.changes.send(change);
        }
    }
}

/// Tells of what other servers commit, until nobody can listen any more.
pub(super) fn listen(mut listener: Box<dyn Listener>, told: Told) -> std::io::Result<()> {
    let alive = Arc::downgrade(&told.versions);
    let changes = told.changes.clone();
    drop(told);
    std::thread::Builder::new().name("listener".into()).spawn(move || {
        let mut looked = Instant::now();
        loop {
            let heard = listener.wait(LOOK_EVERY);
            let Some(versions) = alive.upgrade() else { return };
            let told = Told { changes: changes.clone(), versions };
            let lost = heard.is_none();
            for (org, version) in heard.unwrap_or_default() {
                told.hear(Change { org: OrgId(org), version });
            }
            // A version may have fallen too: another database was restored under the servers.
            if lost || looked.elapsed() >= LOOK_EVERY {
                for (org, version) in listener.versions().unwrap_or_default() {
                    told.tell(Change { org: OrgId(org), version });
                }
                looked = Instant::now();
            }
        }
    })?;
    Ok(())
}

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Task>,
    told: Told,
}

impl Writer {
    /// Starts the thread. It ends, and with it the lock on the database, when it is closed or the last handle is gone.
    pub(super) fn start(connection: Box<dyn Connection>, told: Told) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel();
        let teller = told.clone();
        std::thread::Builder::new().name("writer".into()).spawn(move || {
            let mut writing = Writing { connection, memory: RefCell::default() };
            let closer = writing.work(&waiting, &teller);
            writing.connection.close();
            // Whoever closed it may have gone away since.
            let _ = closer.map(|closed| closed.send(()));
        })?;
        Ok(Self { queue, told })
    }

    /// Changes the database. Changes `about` the same organisation share a commit. `rehearse` only reads: what it misses is loaded for all
    /// that wait together, if the database is far.
    pub(super) async fn write<T, R, F>(&self, about: Option<OrgId>, rehearse: R, change: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        R: Fn(&Transaction<'_>) + Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Unavailable> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Waiting { rehearse, change: Some(change), result: Err(Unavailable("not begun".into())), reply };
        self.queue.send(Task::Change(about, Box::new(job))).map_err(|_| Unavailable("the writer has ended".into()))?;
        answer.await.unwrap_or_else(|_| Err(Unavailable("the writer has ended".into())))
    }

    /// Finishes what waits, then lets the database go. Later changes are not taken.
    pub(super) async fn close(&self) {
        let (closed, done) = oneshot::channel();
        if self.queue.send(Task::Close(closed)).is_ok() {
            // An error means that the thread has ended already.
            let _ = done.await;
        }
    }

    pub(super) fn changes(&self) -> broadcast::Receiver<Change> {
        self.told.changes.subscribe()
    }
}

enum Task {
    Change(Option<OrgId>, Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// A change that waits for its commit.
trait Job: Send {
    /// Reads what the change will read.
    fn rehearse(&self, tx: &Transaction<'_>);
    /// Makes the change; whether it succeeded.
    fn run(&mut self, tx: &Transaction<'_>) -> bool;
    /// Answers whoever waits.
    fn settle(self: Box<Self>, committed: &Result<(), Unavailable>);
}

struct Waiting<T, R, F> {
    rehearse: R,
    change: Option<F>,
    result: Result<T, Unavailable>,
    reply: oneshot::Sender<Result<T, Unavailable>>,
}

impl<T, R, F> Job for Waiting<T, R, F>
where
    T: Send,
    R: Fn(&Transaction<'_>) + Send,
    F: FnOnce(&Transaction<'_>) -> Result<T, Unavailable> + Send,
{
    fn rehearse(&self, tx: &Transaction<'_>) {
        (self.rehearse)(tx);
    }

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
            Err(failure) => self.result.and(Err(failure.clone())),
        };
        // Nobody waits any more if the connection was closed; the change stands all the same.
        let _ = self.reply.send(result);
    }
}

struct Writing {
    connection: Box<dyn Connection>,
    memory: RefCell<Memory>,
}

impl Writing {
    /// Works until it is closed; gives whom to tell of it.
    fn work(&mut self, waiting: &mpsc::Receiver<Task>, told: &Told) -> Option<oneshot::Sender<()>> {
        let mut queue = Queue::default();
        loop {
            queue.fill(waiting);
            let mut jobs = queue.take();
            if jobs.is_empty() {
                return queue.closer;
            }
            let committed = self.commit_together(&mut jobs);
            if let Err(failure) = &committed {
                self.connection.roll_back();
                self.memory.take();
                tracing::error!(changes = jobs.len(), reason = failure.0, "commit failed");
            }
            self.memory.get_mut().orgs.values_mut().for_each(super::Known::part);
            let (committed, raised) = match committed {
                Ok(raised) => (Ok(()), raised),
                Err(failure) => (Err(failure), BTreeMap::new()),
            };
            for job in jobs {
                job.settle(&committed);
            }
            for (org, version) in raised {
                told.tell(Change { org, version });
            }
        }
    }

    fn commit_together(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<BTreeMap<OrgId, u64>, Unavailable> {
        let (began, changes) = (Instant::now(), jobs.len());
        if self.connection.begin(Purpose::Write)? {
            self.memory.take();
        }
        self.rehearse(jobs)?;
        let loaded = began.elapsed();
        let mut together: BTreeMap<OrgId, Changes> = BTreeMap::new();
        for job in jobs {
            let tx = Transaction::new(self.connection.as_ref(), &self.memory, true);
            let succeeded = catch_unwind(AssertUnwindSafe(|| job.run(&tx)));
            if succeeded.is_err() {
                tracing::error!("a change panicked and was undone");
            }
            let (written, changes) = (tx.written.get(), tx.changes.take());
            if matches!(succeeded, Ok(true)) {
                for (org, changes) in changes {
                    self.memory.get_mut().orgs.entry(org).or_default().absorb(&changes);
                    together.entry(org).or_default().append(changes);
                }
            } else if written {
                // Only changes about no organisation write past what is gathered, and those stand alone: nobody else is undone with it.
                return Err(Unavailable("a change failed that had written already".into()));
            }
        }
        let ruled = began.elapsed();
        let mut raised = BTreeMap::new();
        for (org, changes) in together {
            if let Some(version) = changes.version {
                self.connection.announce(org.0, version)?;
                raised.insert(org, version);
            }
            changes.write(self.connection.as_ref(), org)?;
        }
        let written = began.elapsed();
        self.connection.commit()?;
        let committed = began.elapsed();
        if committed > SLOW {
            tracing::warn!(changes, ?loaded, ?ruled, ?written, ?committed, "a commit was slow; each time counts from its beginning");
        }
        Ok(raised)
    }

    /// Loads at once what all that wait together will read, where each question is a way to another process.
    fn rehearse(&self, jobs: &[Box<dyn Job>]) -> Result<(), Unavailable> {
        if !self.connection.is_far() {
            return Ok(());
        }
        for _ in 0..MOST_REHEARSALS {
            let tx = Transaction::new(self.connection.as_ref(), &self.memory, true);
            tx.rehearsing.set(true);
            for job in jobs {
                // What panics here panics again in earnest, where it is caught and told.
                let _ = catch_unwind(AssertUnwindSafe(|| job.rehearse(&tx)));
            }
            tx.rehearsing.set(false);
            if !tx.load_missed()? {
                break;
            }
        }
        Ok(())
    }
}

/// Changes that wait, in the order in which they came.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<(Option<OrgId>, Box<dyn Job>)>,
    closer: Option<oneshot::Sender<()>>,
}

impl Queue {
    /// Takes in what has come; waits for something if there is nothing.
    fn fill(&mut self, tasks: &mpsc::Receiver<Task>) {
        if self.closer.is_some() {
            return;
        }
        let first = if self.waiting.is_empty() { tasks.recv().ok() } else { None };
        for task in first.into_iter().chain(tasks.try_iter()) {
            match task {
                Task::Change(about, job) => self.waiting.push_back((about, job)),
                Task::Close(closer) => {
                    self.closer = Some(closer);
                    return;
                }
            }
        }
    }

    /// Takes out the first change and those about the same organisation, up to a limit. One organisation in a commit: servers that share
    /// a database never wait for each other crosswise.
    fn take(&mut self) -> Vec<Box<dyn Job>> {
        let Some((first, job)) = self.waiting.pop_front() else { return Vec::new() };
        let mut jobs = vec![job];
        // A change about none may touch any organisation: it stays alone.
        if first.is_some() {
            let mut others = VecDeque::with_capacity(self.waiting.len());
            for (about, job) in self.waiting.drain(..) {
                if about == first && jobs.len() < MOST_TOGETHER { jobs.push(job) } else { others.push_back((about, job)) }
            }
            self.waiting = others;
        }
        jobs
    }
}
