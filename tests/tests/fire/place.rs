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

    /// Reads every view that the company's own reports are made of, each with all its columns; how many there are.
    pub(crate) async fn reports(&self) -> Result<usize> {
        let (file, url) = (self.server.data().join("huixiao.db"), self.cluster.as_ref().map(|cluster| cluster.database("postgres")));
        let read = move || match url {
            None => of_sqlite(&file).map_err(|error| Trouble::new(error.to_string())),
            Some(url) => of_postgres(&url).map_err(|error| Trouble::new(format!("{error:?}"))),
        };
        tokio::task::spawn_blocking(read).await.map_err(|error| Trouble::new(error.to_string()))?
    }
}

fn of_sqlite(file: &std::path::Path) -> rusqlite::Result<usize> {
    let connection = rusqlite::Connection::open(file)?;
    let mut names = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'view'")?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for name in &names {
        let mut statement = connection.prepare(&format!("SELECT * FROM {name}"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(names.len())
}

fn of_postgres(url: &str) -> std::result::Result<usize, postgres::Error> {
    let mut client = postgres::Client::connect(url, postgres::NoTls)?;
    let names = client.query("SELECT table_name::text FROM information_schema.views WHERE table_schema = 'public'", &[])?;
    for name in &names {
        client.simple_query(&format!("SELECT * FROM {}", name.get::<_, String>(0)))?;
    }
    Ok(names.len())
}
