//! What may be asked about settings.

use serde::{Deserialize, Serialize};

/// Sets how devices guard what is on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetDevicePolicy {
    /// After how many minutes without a touch a device locks itself.
    pub idle_minutes: u8,
    /// For how many hours without the server a device shows customers.
    pub lease_hours: u16,
}
