//! One moment of a server's database, read past the server, and whether everything in it fits together.

use shared::files::Attachment;
use shared::ids::{ClientId, UserId};
use shared::record::{Kind, Record, Scope};
use shared::sync::protocol::{Digest, Outcome, RowHash, Verdict};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use tests::harness::{Result, Trouble};
use uuid::Uuid;

/// A command that was ruled on.
pub(crate) struct Ruled {
    pub(crate) outcome: Outcome,
    pub(crate) user: UserId,
    numbering: (ClientId, Uuid),
}

/// A row as it is stored.
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) id: Uuid,
    pub(crate) version: u64,
    pub(crate) body: String,
    scope: Scope,
    hash: u128,
}

pub(crate) struct Ledger {
    /// The organisation, as its folders are named.
    pub(crate) org: String,
    pub(crate) version: u64,
    pub(crate) commands: HashMap<Uuid, Ruled>,
    pub(crate) rows: Vec<Row>,
    scopes: BTreeMap<Scope, Digest>,
    index: BTreeSet<(String, Uuid)>,
    numbers: BTreeMap<(ClientId, Uuid), u64>,
    doubles: usize,
}

/// A value of either database.
enum Cell {
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    fn number(&self) -> u64 {
        if let Self::Number(number) = self { u64::try_from(*number).expect("no negative numbers are stored") } else { panic!("no number") }
    }

    fn text(&self) -> &str {
        if let Self::Text(text) = self { text } else { panic!("no text") }
    }

    fn id(&self) -> Uuid {
        Uuid::from_u128(self.hash())
    }

    fn hash(&self) -> u128 {
        if let Self::Bytes(bytes) = self { u128::from_be_bytes(bytes.as_slice().try_into().expect("16 bytes")) } else { panic!("no bytes") }
    }
}

const ORGS: &str = "SELECT org, version FROM orgs";
const COMMANDS: &str = "SELECT uuid, outcome, user_id, client, incarnation FROM commands";
const ROWS: &str = "SELECT kind, id, scope, version, hash, body FROM rows";
const SCOPES: &str = "SELECT scope, count, sum FROM scopes";
const INDEX: &str = "SELECT key, id FROM row_index";
const CLIENTS: &str = "SELECT client, incarnation, last_seq FROM clients";

impl Row {
    pub(crate) fn scope(&self) -> Scope {
        self.scope
    }
}

impl Ledger {
    /// Of a file, beside a server or without one.
    pub(crate) fn of_sqlite(file: &Path) -> Result<Self> {
        let trouble = |error: rusqlite::Error| Trouble::new(format!("reading {}: {error}", file.display()));
        let connection = rusqlite::Connection::open(file).map_err(trouble)?;
        connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(trouble)?;
        connection.execute_batch("BEGIN").map_err(trouble)?;
        Self::read(|sql| {
            let mut statement = connection.prepare(sql)?;
            let width = statement.column_count();
            let rows = statement.query_map([], |row| {
                (0..width)
                    .map(|column| {
                        Ok(match row.get(column)? {
                            rusqlite::types::Value::Integer(number) => Cell::Number(number),
                            rusqlite::types::Value::Text(text) => Cell::Text(text),
                            rusqlite::types::Value::Blob(bytes) => Cell::Bytes(bytes),
                            other => panic!("no column holds {other:?}"),
                        })
                    })
                    .collect()
            })?;
            rows.collect()
        })
        .map_err(trouble)
    }

    /// Of a PostgreSQL. Blocks.
    pub(crate) fn of_postgres(url: &str) -> Result<Self> {
        let trouble = |error: postgres::Error| Trouble::new(format!("reading PostgreSQL: {error}"));
        let mut client = postgres::Client::connect(url, postgres::NoTls).map_err(trouble)?;
        client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").map_err(trouble)?;
        let read = Self::read(|sql| {
            let rows = client.query(sql, &[])?;
            let cell = |row: &postgres::Row, column: usize| match *row.columns()[column].type_() {
                postgres::types::Type::INT8 => Cell::Number(row.get(column)),
                postgres::types::Type::BYTEA => Cell::Bytes(row.get(column)),
                _ => Cell::Text(row.get(column)),
            };
            Ok(rows.iter().map(|row| (0..row.len()).map(|column| cell(row, column)).collect()).collect())
        });
        read.map_err(trouble)
    }

    fn read<E>(mut ask: impl FnMut(&str) -> std::result::Result<Vec<Vec<Cell>>, E>) -> std::result::Result<Self, E> {
        let orgs = ask(ORGS)?;
        assert_eq!(orgs.len(), 1, "one organisation");
        let mut doubles = 0;
        let mut commands = HashMap::new();
        for row in ask(COMMANDS)? {
            let outcome = serde_json::from_str(row[1].text()).expect("an outcome");
            let ruled = Ruled { outcome, user: UserId(row[2].id()), numbering: (ClientId(row[3].id()), row[4].id()) };
            doubles += usize::from(commands.insert(row[0].id(), ruled).is_some());
        }
        let row = |row: Vec<Cell>| Row {
            kind: Kind::from_name(row[0].text()).expect("a kind"),
            id: row[1].id(),
            scope: row[2].text().parse().expect("a scope"),
            version: row[3].number(),
            hash: row[4].hash(),
            body: row[5].text().to_owned(),
        };
        let scope = |row: Vec<Cell>| (row[0].text().parse().expect("a scope"), Digest { count: row[1].number(), sum: row[2].hash() });
        Ok(Self {
            org: orgs[0][0].id().to_string(),
            version: orgs[0][1].number(),
            commands,
            rows: ask(ROWS)?.into_iter().map(row).collect(),
            scopes: ask(SCOPES)?.into_iter().map(scope).collect(),
            index: ask(INDEX)?.into_iter().map(|row| (row[0].text().to_owned(), row[1].id())).collect(),
            numbers: ask(CLIENTS)?.into_iter().map(|row| ((ClientId(row[0].id()), row[1].id()), row[2].number())).collect(),
            doubles,
        })
    }

    /// Rows, digests, index entries, numbers and versions fit together. Each command that was applied after `begun`, or held for a person, has
    /// raised the version by one.
    pub(crate) fn verify(&self, begun: u64) {
        assert_eq!(self.doubles, 0, "a uuid stands there once");
        let (mut digests, mut index): (BTreeMap<Scope, Digest>, _) = (BTreeMap::new(), BTreeSet::new());
        for row in &self.rows {
            let hash = RowHash::of_kind(row.kind, row.id, row.version, &row.body);
            assert_eq!(hash.0, row.hash, "the hash of {} {}", row.kind.name(), row.id);
            assert!(row.version <= self.version, "{} {} is of a version yet to come", row.kind.name(), row.id);
            digests.entry(row.scope).or_default().add(hash);
            let record = Record::decode(row.kind, &row.body).expect("a stored record can be read");
            assert_eq!(record.scope(), row.scope);
            index.extend(record.indexes().into_iter().map(|key| (key.to_string(), row.id)));
        }
        assert_eq!(self.index, index, "rows are found under their keys and no others");
        for scope in digests.keys().chain(self.scopes.keys()) {
            let of = |digests: &BTreeMap<Scope, Digest>| digests.get(scope).copied().unwrap_or_default();
            assert_eq!(of(&self.scopes), of(&digests), "the digest of {scope}");
        }
        let effective = |ruled: &&Ruled| !matches!(ruled.outcome.verdict, Verdict::Rejected { .. }) && ruled.outcome.version > begun;
        let mut versions: Vec<u64> = self.commands.values().filter(effective).map(|ruled| ruled.outcome.version).collect();
        versions.sort_unstable();
        versions.dedup();
        let effects = self.commands.values().filter(effective).count();
        assert_eq!(versions.len(), effects, "each command with an effect has a version of its own");
        // The arrival of a photo is told at a version too.
        let arrivals = self.rows.iter().filter(|row| row.kind == Kind::Attachment && row.version > begun && row.body.contains("stored_at"));
        let mut versions: BTreeSet<u64> = versions.into_iter().collect();
        versions.extend(arrivals.map(|row| row.version));
        assert_eq!(versions, (begun + 1..=self.version).collect(), "each version is that of a command or of a photo");
        for ruled in self.commands.values().filter(|ruled| ruled.outcome.verdict == Verdict::Applied && ruled.outcome.version > begun) {
            let last = self.numbers.get(&ruled.numbering).copied().unwrap_or(0);
            assert!(ruled.outcome.seq <= last, "number {} was ruled on, and {last} is the last", ruled.outcome.seq);
        }
    }

    pub(crate) fn attachments(&self) -> impl Iterator<Item = Attachment> {
        let of_kind = self.rows.iter().filter(|row| row.kind == Kind::Attachment);
        of_kind.map(|row| serde_json::from_str(&row.body).expect("an attachment"))
    }

    /// What devices have heard stands here just so.
    pub(crate) fn verify_acknowledged<'a>(&self, acknowledged: impl IntoIterator<Item = &'a Outcome>) {
        for outcome in acknowledged {
            let found = self.commands.get(&outcome.uuid).unwrap_or_else(|| panic!("acknowledged and lost: {outcome:?}"));
            assert_eq!((&found.outcome.verdict, found.outcome.version), (&outcome.verdict, outcome.version), "{}", outcome.uuid);
        }
    }
}
