//! The rows that the server has written, written again by plain statements into an empty database of the same form: the limit.

use super::Result;
use super::house::House;
use rusqlite::params;
use server::store::{Location, Store};
use std::time::{Duration, Instant};

const TOGETHER: usize = 100;

pub(crate) struct Bare {
    pub(crate) rows: usize,
    pub(crate) took: Duration,
}

/// One command with its row and its two keys.
struct Written {
    org: Vec<u8>,
    uuid: Vec<u8>,
    args: String,
    outcome: String,
    id: Vec<u8>,
    scope: String,
    version: i64,
    hash: Vec<u8>,
    body: String,
}

impl Written {
    fn keys(&self) -> [String; 2] {
        [format!("customers_by_owner:{}", self.scope), format!("customers_by_phone:{}", self.version)]
    }
}

/// Every command has made one row, which has its version.
const RULED: &str = "SELECT c.org, c.uuid, c.args, c.outcome, r.id, r.scope, r.version, r.hash, r.body
    FROM commands c JOIN rows r ON r.org = c.org AND r.version = c.version ORDER BY c.version";

pub(crate) async fn write_again(house: &House) -> Result<Bare> {
    let empty = house.folder.path().join("bare.db");
    match house.location.clone() {
        Location::Sqlite(path) => {
            Store::open(&Location::Sqlite(empty.clone())).await.map_err(|error| error.to_string())?.close().await;
            tokio::task::spawn_blocking(move || sqlite(&path, &empty)).await?
        }
        Location::Postgres(url) => tokio::task::spawn_blocking(move || postgres(&url)).await?,
    }
}

fn sqlite(from: &std::path::Path, to: &std::path::Path) -> Result<Bare> {
    let from = rusqlite::Connection::open(from)?;
    from.execute_batch("CREATE INDEX rows_by_version ON rows (org, version)")?;
    let mut statement = from.prepare(RULED)?;
    let read = statement.query_map([], |row| {
        Ok(Written {
            org: row.get(0)?,
            uuid: row.get(1)?,
            args: row.get(2)?,
            outcome: row.get(3)?,
            id: row.get(4)?,
            scope: row.get(5)?,
            version: row.get(6)?,
            hash: row.get(7)?,
            body: row.get(8)?,
        })
    })?;
    let rows = read.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut to = rusqlite::Connection::open(to)?;
    to.pragma_update(None, "journal_mode", "WAL")?;
    to.pragma_update(None, "synchronous", "FULL")?;
    let began = Instant::now();
    for part in rows.chunks(TOGETHER) {
        let tx = to.transaction()?;
        for row in part {
            tx.prepare_cached("INSERT INTO rows VALUES (?1, 'customer', ?2, ?3, ?4, ?5, ?6)")?.execute(params![
                row.org,
                row.id,
                row.scope,
                row.version,
                row.hash,
                row.body
            ])?;
            for key in row.keys() {
                tx.prepare_cached("INSERT INTO row_index VALUES (?1, ?2, ?3)")?.execute(params![row.org, key, row.id])?;
            }
            tx.prepare_cached("INSERT INTO commands VALUES (?1, ?2, ?2, ?2, ?3, ?2, 'add_customer_v1', ?4, 0, 0, 0, ?5, ?3)")?.execute(params![
                row.org,
                row.uuid,
                row.version,
                row.args,
                row.outcome
            ])?;
        }
        tx.commit()?;
    }
    Ok(Bare { rows: rows.len(), took: began.elapsed() })
}

/// As fast as PostgreSQL takes them: arrays of 100, in tables of the same form.
fn postgres(url: &str) -> Result<Bare> {
    let mut client = postgres::Client::connect(url, postgres::NoTls)?;
    client.batch_execute("CREATE INDEX rows_by_version ON rows (org, version); ANALYZE")?;
    let read = client.query(RULED, &[])?;
    let rows: Vec<Written> = read
        .iter()
        .map(|row| Written {
            org: row.get(0),
            uuid: row.get(1),
            args: row.get(2),
            outcome: row.get(3),
            id: row.get(4),
            scope: row.get(5),
            version: row.get(6),
            hash: row.get(7),
            body: row.get(8),
        })
        .collect();
    client.batch_execute(
        "DROP INDEX rows_by_version;
         CREATE SCHEMA bare; CREATE TABLE bare.rows (LIKE public.rows INCLUDING ALL); CREATE TABLE bare.row_index (LIKE public.row_index INCLUDING ALL);
         CREATE TABLE bare.commands (LIKE public.commands INCLUDING ALL); CHECKPOINT",
    )?;
    let row = client.prepare(
        "INSERT INTO bare.rows SELECT org, 'customer', id, scope, version, hash, body
         FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::bigint[], $5::bytea[], $6::text[]) AS k (org, id, scope, version, hash, body)",
    )?;
    let index = client.prepare("INSERT INTO bare.row_index SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[])")?;
    let command = client.prepare(
        "INSERT INTO bare.commands SELECT org, uuid, uuid, uuid, version, uuid, 'add_customer_v1', args, 0, 0, 0, outcome, version
         FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::text[], $5::text[]) AS k (org, uuid, version, args, outcome)",
    )?;
    let began = Instant::now();
    for part in rows.chunks(TOGETHER) {
        let mut tx = client.transaction()?;
        let bytes = |pick: fn(&Written) -> &[u8]| part.iter().map(pick).collect::<Vec<_>>();
        let texts = |pick: fn(&Written) -> &str| part.iter().map(pick).collect::<Vec<_>>();
        let (orgs, ids, uuids) = (bytes(|row| &row.org), bytes(|row| &row.id), bytes(|row| &row.uuid));
        let versions: Vec<i64> = part.iter().map(|row| row.version).collect();
        tx.execute(&row, &[&orgs, &ids, &texts(|row| &row.scope), &versions, &bytes(|row| &row.hash), &texts(|row| &row.body)])?;
        let keys: Vec<String> = part.iter().flat_map(Written::keys).collect();
        let twice = |ids: &[&[u8]]| ids.iter().flat_map(|id| [id.to_vec(), id.to_vec()]).collect::<Vec<_>>();
        tx.execute(&index, &[&twice(&orgs), &keys, &twice(&ids)])?;
        tx.execute(&command, &[&orgs, &uuids, &versions, &texts(|row| &row.args), &texts(|row| &row.outcome)])?;
        tx.commit()?;
    }
    Ok(Bare { rows: rows.len(), took: began.elapsed() })
}
