//! What the device knows before anybody's data are open: itself, and who worked on it last. With it the app opens without the server.

use super::StorageFailure;
use super::kiosk::Stand;
use super::lock::Lock;
use crate::platform::storage::{self, Durable, Step, from_js, to_js};
use idb::ObjectStoreParams;
use serde::{Deserialize, Serialize};
use shared::decide::Actor;
use shared::ids::{ClientId, OrgId, TeamId, UserId};
use shared::people::Role;
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use uuid::Uuid;
use wasm_bindgen::JsValue;

/// The facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    /// The device.
    pub(crate) client: ClientId,
    /// Who is logged in.
    pub(crate) person: Option<Me>,
    /// The locks of whoever has data on this device.
    #[serde(default)]
    pub(crate) locks: BTreeMap<UserId, Lock>,
    /// Their PINs, each sealed under its person's key.
    #[serde(default)]
    pub(crate) pins: BTreeMap<UserId, Vec<u8>>,
    /// The session's second secret, sealed under the key of whose session it is.
    #[serde(default)]
    pub(crate) secret: Option<Vec<u8>>,
    /// Whose former, unsealed store was taken over, or was not there: it is looked for once.
    #[serde(default)]
    pub(crate) taken_over: BTreeSet<UserId>,
    /// Server's clock less the device's, in milliseconds, as last known.
    pub(crate) clock_offset_ms: Option<i64>,
    /// How the clock went on since whoever has data on this device last heard from the server.
    #[serde(default)]
    pub(crate) seen: BTreeMap<UserId, Seen>,
    /// Where it stands by itself, for guests to check themselves in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kiosk: Option<Stand>,
}

impl Device {
    /// Nothing of a person's lock stays.
    pub(crate) fn forget(&mut self, user: UserId) {
        self.locks.remove(&user);
        self.pins.remove(&user);
        self.seen.remove(&user);
        self.kiosk.take_if(|stand| stand.user() == user);
    }
}

/// The latest time that the device's clock has shown since an answer of the server, as far as it was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// When the answer came.
    pub(crate) fresh_at: Timestamp,
    /// The latest time since.
    pub(crate) at: Timestamp,
}

/// A person as the server describes them at log-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Me {
    /// The person.
    pub(crate) user: UserId,
    /// The organisation.
    pub(crate) org: OrgId,
    /// What the person may do.
    pub(crate) role: Role,
    /// The person's team.
    pub(crate) team: Option<TeamId>,
    /// Name by which colleagues know the person.
    pub(crate) name: String,
}

impl Me {
    /// As rules know the person.
    pub(crate) fn actor(&self) -> Actor {
        Actor { org: self.org, user: self.user, role: self.role, team: self.team }
    }
}

/// Changes the facts and gives them as they are then; a device without any gets its identity first. They are read and written in one
/// transaction: what another tab has stored meanwhile (a lock, above all) is never written over with an older state of it.
///
/// # Errors
/// [`StorageFailure`].
pub(crate) async fn change(f: impl FnOnce(&mut Device)) -> Result<Device, StorageFailure> {
    let database = storage::open(NAME, &steps()).await?;
    let changed = async {
        let tx = Durable::begin(&database, &[FACTS])?;
        let facts = tx.store(FACTS)?;
        let stored = facts.get(JsValue::from(DEVICE))?.await?.map(|value| from_js(&value).ok_or(StorageFailure::Broken)).transpose()?;
        let mut device = match &stored {
            Some(bytes) => serde_json::from_slice(bytes).map_err(|_| StorageFailure::Broken)?,
            None => Device {
                client: ClientId(Uuid::now_v7()),
                person: None,
                locks: BTreeMap::new(),
                pins: BTreeMap::new(),
                secret: None,
                taken_over: BTreeSet::new(),
                clock_offset_ms: None,
                seen: BTreeMap::new(),
                kiosk: None,
            },
        };
        f(&mut device);
        let bytes = serde_json::to_vec(&device).expect("facts always serialise");
        // A device without room can still be asked.
        if stored.as_ref() != Some(&bytes) {
            facts.put(&to_js(&bytes), Some(&DEVICE.into()))?;
        }
        tx.done().await?;
        Ok(device)
    };
    let changed = changed.await;
    database.close();
    changed
}

/// Removes the facts, whatever they are. The next start begins with new ones.
///
/// # Errors
/// [`StorageFailure`].
pub(crate) async fn remove() -> Result<(), StorageFailure> {
    storage::remove(NAME).await
}

const NAME: &str = "huixiao-device";
const FACTS: &str = "facts";
const DEVICE: &str = "device";

fn steps() -> [Step; 1] {
    [Rc::new(|database| database.create_object_store(FACTS, ObjectStoreParams::new()).map(drop))]
}
