//! The database under a test: SQLite, or with HUIXIAO_TEST_POSTGRES a database of its own on that PostgreSQL. One suite for both.

use server::store::Location;
use std::path::Path;
use uuid::Uuid;

/// The URL of a PostgreSQL on which databases may be made, without a path.
fn postgres() -> Option<String> {
    std::env::var("HUIXIAO_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// An empty database.
pub(crate) async fn fresh(folder: &Path) -> Location {
    let Some(server) = postgres() else { return Location::Sqlite(folder.join("huixiao.db")) };
    let name = format!("test_{}", Uuid::now_v7().simple());
    let (url, sql) = (format!("{server}/postgres"), format!("CREATE DATABASE {name}"));
    on_a_thread(move || client(&url).batch_execute(&sql).expect("databases may be made")).await;
    Location::Postgres(format!("{server}/{name}"))
}

/// As the server's flag.
pub(crate) fn url(location: &Location) -> String {
    match location {
        Location::Sqlite(path) => format!("sqlite:{}", path.display()),
        Location::Postgres(url) => url.clone(),
    }
}

/// The first column of the first row, as text.
pub(crate) async fn ask(location: &Location, sql: &str) -> String {
    let sql = sql.to_owned();
    match location.clone() {
        Location::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).expect("the server's database");
            let value: rusqlite::types::Value = connection.query_row(&sql, [], |row| row.get(0)).expect("a row");
            match value {
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Integer(number) => number.to_string(),
                other => panic!("ask for text or a number, not {other:?}"),
            }
        }
        Location::Postgres(url) => {
            let first = move || {
                client(&url).simple_query(&sql).expect("it is understood").into_iter().find_map(|message| match message {
                    postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).expect("not null").to_owned()),
                    _ => None,
                })
            };
            on_a_thread(first).await.expect("a row")
        }
    }
}

/// The rows of an organisation: kind, id, body.
pub(crate) async fn rows(location: &Location, org: Uuid) -> Vec<(String, Uuid, String)> {
    match location.clone() {
        Location::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).expect("the server's database");
            let mut statement = connection.prepare("SELECT kind, id, body FROM rows WHERE org = ?1").expect("the table is there");
            let rows = statement.query_map([org.into_bytes()], |row| Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?), row.get(2)?)));
            rows.expect("readable").collect::<Result<_, _>>().expect("readable")
        }
        Location::Postgres(url) => {
            let read = move || client(&url).query("SELECT kind, id, body FROM rows WHERE org = $1", &[&org.as_bytes().as_slice()]).expect("readable");
            let rows = on_a_thread(read).await;
            rows.iter().map(|row| (row.get(0), Uuid::from_slice(row.get(1)).expect("sixteen bytes"), row.get(2))).collect()
        }
    }
}

/// A number.
pub(crate) async fn count(location: &Location, sql: &str) -> i64 {
    ask(location, sql).await.parse().expect("a number")
}

/// Changes something behind the server's back.
pub(crate) async fn run(location: &Location, sql: &str) {
    let sql = sql.to_owned();
    match location.clone() {
        Location::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).expect("the server's database");
            connection.busy_timeout(std::time::Duration::from_secs(5)).expect("a timeout");
            connection.execute_batch(&sql).expect("one writer at a time, and it waits");
        }
        Location::Postgres(url) => on_a_thread(move || client(&url).batch_execute(&sql).expect("it is understood")).await,
    }
}

fn client(url: &str) -> postgres::Client {
    postgres::Client::connect(url, postgres::NoTls).expect("PostgreSQL answers")
}

async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("no panic")
}
