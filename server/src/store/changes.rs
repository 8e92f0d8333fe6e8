//! What a change does to an organisation, gathered in memory until it has succeeded; then written with those of its neighbours, a few
//! statements for all of them.

use super::database::tables::{CLIENTS, COMMANDS, ROW_INDEX, ROWS, SCOPES, TOMBSTONES};
use super::database::{Connection, Value};
use super::known::Stored;
use shared::ids::{ClientId, OrgId, UserId};
use shared::sync::protocol::{Digest, Outcome};
use shared::{Key, Scope, Unavailable};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Changes of one organisation. Later ones replace earlier ones of the same key.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) version: Option<u64>,
    /// None: the row is gone.
    pub(super) rows: BTreeMap<Key, Option<Arc<Stored>>>,
    /// Ids that are now found under a key, or no longer.
    pub(super) keys: BTreeMap<String, BTreeMap<Uuid, bool>>,
    /// The version at which a row left a scope; none: it is there again.
    pub(super) tombstones: BTreeMap<(Scope, Key), Option<u64>>,
    pub(super) digests: BTreeMap<Scope, Digest>,
    pub(super) numbers: BTreeMap<(ClientId, Uuid), (UserId, u64)>,
    pub(super) outcomes: HashMap<Uuid, (UserId, Outcome)>,
    /// Rows of the table of commands.
    pub(super) commands: Vec<Vec<Value>>,
}

impl Changes {
    /// With those of a later change.
    pub(super) fn append(&mut self, later: Self) {
        self.version = later.version.or(self.version);
        self.rows.extend(later.rows);
        for (key, ids) in later.keys {
            self.keys.entry(key).or_default().extend(ids);
        }
        self.tombstones.extend(later.tombstones);
        self.digests.extend(later.digests);
        self.numbers.extend(later.numbers);
        self.outcomes.extend(later.outcomes);
        self.commands.extend(later.commands);
    }

    /// Writes them.
    pub(super) fn write(self, connection: &dyn Connection, org: OrgId) -> Result<(), Unavailable> {
        let org = || Value::from(org.0);
        let key_of = |key: Key| [Value::from(key.kind.name()), Value::from(key.id)];
        let removed_at = chrono::Utc::now().timestamp_millis();
        let (mut put, mut gone) = (Vec::new(), Vec::new());
        for (key, row) in self.rows {
            let [kind, id] = key_of(key);
            match row {
                None => gone.push(vec![org(), kind, id]),
                Some(stored) => {
                    let row = &stored.row;
                    let (scope, hash) = (row.scope.to_string(), row.hash.0.to_be_bytes());
                    put.push(vec![org(), kind, id, scope.into(), row.version.into(), hash.into(), row.body.as_str().into()]);
                }
            }
        }
        connection.put(&ROWS, &put)?;
        connection.delete(&ROWS, &gone)?;

        let (mut come, mut left) = (Vec::new(), Vec::new());
        for (key, ids) in self.keys {
            for (id, present) in ids {
                if present { &mut come } else { &mut left }.push(vec![org(), key.as_str().into(), id.into()]);
            }
        }
        connection.put(&ROW_INDEX, &come)?;
        connection.delete(&ROW_INDEX, &left)?;

        let (mut raised, mut fallen) = (Vec::new(), Vec::new());
        for ((scope, key), version) in self.tombstones {
            let [kind, id] = key_of(key);
            let mut row = vec![org(), scope.to_string().into(), kind, id];
            match version {
                None => fallen.push(row),
                Some(version) => {
                    row.extend([version.into(), removed_at.into()]);
                    raised.push(row);
                }
            }
        }
        connection.put(&TOMBSTONES, &raised)?;
        connection.delete(&TOMBSTONES, &fallen)?;

        let digests = self.digests.into_iter();
        let digests: Vec<_> =
            digests.map(|(scope, digest)| vec![org(), scope.to_string().into(), digest.count.into(), digest.sum.to_be_bytes().into()]).collect();
        connection.put(&SCOPES, &digests)?;

        let numbers = self.numbers.into_iter();
        let numbers: Vec<_> = numbers
            .map(|((client, incarnation), (user, last))| vec![org(), client.0.into(), incarnation.into(), user.0.into(), last.into()])
            .collect();
        connection.put(&CLIENTS, &numbers)?;
        connection.insert(&COMMANDS, &self.commands)?;
        match self.version {
            None => Ok(()),
            Some(version) => connection.execute("UPDATE orgs SET version = ?1 WHERE org = ?2", &[version.into(), org()]),
        }
    }
}
