//! Settings of an organisation: dictionaries, templates and limits that an administrator keeps. Data, not code,
//! so its texts stand in the three languages of the product.

pub mod command;
pub mod decide;

use crate::ids::OrgId;
use crate::money::{BasisPoints, Currency};
use crate::people::Role;
use crate::phone::Country;
use crate::record::{Entity, Index, Scope};
use crate::time::{Timestamp, UtcOffset};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// A text in the three languages of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// Traditional Chinese.
    pub zh_hant: String,
    /// Simplified Chinese.
    pub zh_hans: String,
    /// English.
    pub en: String,
}

/// An entry of a dictionary: a stable code and what people read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Stored in records; never changes.
    pub code: String,
    /// Shown.
    pub texts: Texts,
}

/// Everything an organisation sets once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The organisation.
    pub org: OrgId,
    /// Its name, as on contracts.
    pub name: String,
    /// Whose local phone numbers are meant without a country code.
    pub country: Country,
    /// The clock of new meetings.
    pub utc_offset: UtcOffset,
    /// What is sold in.
    pub currency: Currency,
    /// Ed25519 public key that verifies tickets, 32 bytes in base64url without padding.
    pub ticket_key: String,
    /// P-256 public key to which devices seal letters ([`crate::sync::letters`]), 65 bytes in base64url without padding. None in an
    /// organisation that was founded before there were letters, until its server has made one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter_key: Option<String>,
    /// Reasons for declining (B5).
    pub refusal_reasons: Vec<Entry>,
    /// Where customers come from (A1).
    pub sources: Vec<Entry>,
    /// Greatest discount that each role may give without approval.
    pub discount_limits: DiscountLimits,
    /// What a rep says on the phone. Variables: `{customer}` `{salutation}` `{rep}` `{org}` `{theme}` `{date}` `{time}` `{venue}`.
    pub invitation_script: Texts,
    /// The reminder on the day before; same variables.
    pub reminder_script: Texts,
    /// The contract. Variables: `{number}` `{org}` `{buyer}` `{items}` `{total}` `{deposit}` `{date}` `{rep}`.
    pub contract_template: Texts,
    /// Raised whenever the template changes; signed contracts name the version they were made from.
    pub contract_template_version: u32,
    /// How devices guard what is on them (M3).
    #[serde(default, skip_serializing_if = "DevicePolicy::is_usual")]
    pub devices: DevicePolicy,
}

/// How devices guard what is on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicePolicy {
    /// After how many minutes without a touch a device locks itself.
    pub idle_minutes: u8,
    /// For how many hours without the server a device shows customers. After that it still records.
    pub lease_hours: u16,
}

impl DevicePolicy {
    /// The minutes that may be set.
    pub const IDLE_MINUTES: RangeInclusive<u8> = 2..=5;
    /// The hours that may be set: up to thirty days.
    pub const LEASE_HOURS: RangeInclusive<u16> = 1..=720;

    /// Whether nobody has set anything else. Then it is not written, and older servers' rows are the same to the byte.
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the lease has run out: how long a device shows customers without having heard from the server. `now` is the latest time
    /// that the device's clock has ever shown, so that a clock set back does not lengthen it.
    #[must_use]
    pub fn has_run_out(&self, fresh_at: Timestamp, now: Timestamp) -> bool {
        now - fresh_at > TimeDelta::hours(self.lease_hours.into())
    }
}

impl Default for DevicePolicy {
    fn default() -> Self {
        Self { idle_minutes: 5, lease_hours: 72 }
    }
}

/// Greatest discount per role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscountLimits {
    /// For reps.
    pub rep: BasisPoints,
    /// For supervisors.
    pub supervisor: BasisPoints,
    /// For managers.
    pub manager: BasisPoints,
}

impl DiscountLimits {
    /// The limit of a role; an administrator sells nothing.
    #[must_use]
    pub const fn of(self, role: Role) -> BasisPoints {
        match role {
            Role::Rep => self.rep,
            Role::Supervisor => self.supervisor,
            Role::Manager => self.manager,
            Role::Administrator => 0,
        }
    }

    /// The greatest discount that anybody may approve: a rep supervises nobody.
    #[must_use]
    pub const fn most_approved(self) -> BasisPoints {
        if self.supervisor > self.manager { self.supervisor } else { self.manager }
    }
}

impl Entity for Settings {
    fn id(&self) -> OrgId {
        self.org
    }
    fn scope(&self) -> Scope {
        Scope::Org
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}
