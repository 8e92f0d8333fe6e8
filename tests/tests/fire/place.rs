//! Where a test's data lies: a file of SQLite's, or a database in a PostgreSQL of the test's own.

use super::ledger::Ledger;
use tests::harness::server::Company;
use tests::harness::{Cluster, Result, Server, Trouble};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A server with its database, which the test may read past the server.
pub(crate) struct Place {
    pub(crate) server: Server,
    pub(crate) cluster: Option<Cluster>,
}

impl Place {
    pub(crate) async fn open(kind: Kind) -> Result<Self> {
        let cluster = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(Cluster::start().await?),
        };
        let url = cluster.as_ref().map(|cluster| cluster.database("postgres"));
        Ok(Self { server: Server::start_on(Company::Demo, url).await?, cluster })
    }

    /// What stands in the database now: one moment of it.
    pub(crate) async fn ledger(&self) -> Result<Ledger> {
        let (file, url) = (self.server.data().join("huixiao.db"), self.cluster.as_ref().map(|cluster| cluster.database("postgres")));
        let read = move || match url {
            None => Ledger::of_sqlite(&file),
            Some(url) => Ledger::of_postgres(&url),
        };
        tokio::task::spawn_blocking(read).await.map_err(|error| Trouble::new(error.to_string()))?
    }
}
