//! The worker of the crate `keysmith`: a passphrase becomes a key.

use super::storage::{from_js, to_js};
use super::worker::Worker;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

const KEYSMITH: &str = "/keysmith_loader.js";

/// What guessing a passphrase costs, with Argon2id on one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// Memory, in KiB.
    pub(crate) memory_kib: u32,
    /// Passes over it.
    pub(crate) passes: u32,
}

impl Cost {
    /// What new locks take: RFC 9106's second choice, on one lane because a worker is one thread.
    pub(crate) const NOW: Self = Self { memory_kib: 64 * 1024, passes: 3 };
}

/// The key that a passphrase makes with this salt; none if the worker cannot work (no memory, or its module is not there).
pub(crate) async fn derive(passphrase: &str, salt: &[u8], cost: Cost) -> Option<[u8; 32]> {
    let mut worker = Worker::start(KEYSMITH).await?;
    let salt = to_js(salt);
    let order = [
        ("passphrase", &JsValue::from_str(passphrase)),
        ("salt", &salt),
        ("memoryKib", &JsValue::from(cost.memory_kib)),
        ("passes", &JsValue::from(cost.passes)),
    ];
    from_js(&worker.ask(&order, &[]).await?)?.try_into().ok()
}
