//! A few connections that read, each question in a transaction of its own, on the threads for blocking work.

use super::{Transaction, unavailable};
use rusqlite::{Connection, TransactionBehavior};
use shared::Unavailable;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

#[derive(Clone)]
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        let permits = Arc::new(Semaphore::new(connections.len()));
        Self { idle: Arc::new(Mutex::new(connections)), permits }
    }

    pub(super) async fn read<T, F>(&self, question: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Unavailable> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Unavailable("the readers are closed".into()))?;
        let mut borrowed = Borrowed { connection: self.take(), home: Arc::clone(&self.idle) };
        let answer = tokio::task::spawn_blocking(move || {
            let answer = borrowed.ask(question);
            drop(borrowed);
            drop(permit);
            answer
        });
        answer.await.unwrap_or_else(|_| Err(Unavailable("reading was cut short".into())))
    }

    fn take(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// A connection that goes home even if the question panics; its transaction is rolled back first.
struct Borrowed {
    connection: Option<Connection>,
    home: Arc<Mutex<Vec<Connection>>>,
}

impl Borrowed {
    fn ask<T>(&mut self, question: impl FnOnce(&Transaction<'_>) -> Result<T, Unavailable>) -> Result<T, Unavailable> {
        let connection = self.connection.as_mut().expect("as many permits as connections");
        let tx = connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(unavailable)?;
        question(&Transaction::new(&tx, None))
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.home.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}
