//! A few connections that read, each question in a transaction of its own, on the threads for blocking work.

use super::database::{Connection, Purpose};
use super::{Memory, Transaction};
use shared::Unavailable;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

#[derive(Clone)]
pub(super) struct Readers {
    idle: Arc<Idle>,
    permits: Arc<Semaphore>,
    count: usize,
}

/// Connections at home.
struct Idle(Mutex<Vec<Box<dyn Connection>>>);

impl Idle {
    fn lock(&self) -> MutexGuard<'_, Vec<Box<dyn Connection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Idle {
    /// Closing may wait for a network, which the thread that happens to drop the last handle may not.
    fn drop(&mut self) {
        let connections = std::mem::take(&mut *self.lock());
        std::thread::spawn(|| connections.into_iter().for_each(|connection| connection.close()));
    }
}

impl Readers {
    pub(super) fn new(connections: Vec<Box<dyn Connection>>) -> Self {
        let (count, permits) = (connections.len(), Arc::new(Semaphore::new(connections.len())));
        Self { count, idle: Arc::new(Idle(Mutex::new(connections))), permits }
    }

    /// Lets the questions under way finish, and closes all connections. Later questions are not taken.
    pub(super) async fn close(&self) {
        let Ok(all) = self.permits.acquire_many(u32::try_from(self.count).unwrap_or(u32::MAX)).await else { return };
        self.permits.close();
        drop(all);
        let connections = std::mem::take(&mut *self.idle.lock());
        // An error means that the runtime is ending; the connections end with it.
        let _ = tokio::task::spawn_blocking(|| connections.into_iter().for_each(|connection| connection.close())).await;
    }

    pub(super) async fn read<T, F>(&self, question: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Unavailable> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Unavailable("the readers are closed".into()))?;
        let home = Arc::clone(&self.idle);
        let answer = tokio::task::spawn_blocking(move || {
            let mut borrowed = Borrowed { connection: home.lock().pop(), home: Arc::clone(&home) };
            let answer = borrowed.ask(question);
            drop(borrowed);
            drop(permit);
            answer
        });
        answer.await.unwrap_or_else(|_| Err(Unavailable("reading was cut short".into())))
    }
}

/// A connection that goes home even if the question panics; its transaction is rolled back first.
struct Borrowed {
    connection: Option<Box<dyn Connection>>,
    home: Arc<Idle>,
}

impl Borrowed {
    fn ask<T>(&mut self, question: impl FnOnce(&Transaction<'_>) -> Result<T, Unavailable>) -> Result<T, Unavailable> {
        let connection = self.connection.as_mut().expect("as many permits as connections");
        connection.begin(Purpose::Read)?;
        let memory = RefCell::new(Memory::default());
        question(&Transaction::new(connection.as_ref(), &memory, false))
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            connection.roll_back();
            self.home.lock().push(connection);
        }
    }
}
