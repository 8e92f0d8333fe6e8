//! Settings of an organisation: dictionaries, templates and limits that an administrator keeps. Data, not code,
//! so its texts stand in the three languages of the product.

pub mod command;
pub mod decide;
pub mod template;
#[cfg(test)]
mod tests;
pub mod wording;

use crate::follow_ups::FollowUpRules;
use crate::ids::OrgId;
use crate::invitations::Channel;
use crate::money::{BasisPoints, Currency};
use crate::people::Role;
use crate::phone::Country;
use crate::record::{Entity, Index, Scope};
use crate::time::{Timestamp, UtcOffset};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// A language of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Traditional Chinese.
    ZhHant,
    /// Simplified Chinese.
    ZhHans,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::ZhHant, Self::ZhHans, Self::En];
}

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

impl Texts {
    /// The text of a language, as it was written; empty if it was not.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::ZhHant => &self.zh_hant,
            Language::ZhHans => &self.zh_hans,
            Language::En => &self.en,
        }
    }

    /// The text of a language; if nobody has written it, that of the nearest language that was written.
    #[must_use]
    pub fn nearest(&self, language: Language) -> &str {
        let order = match language {
            Language::ZhHant => [Language::ZhHant, Language::ZhHans, Language::En],
            Language::ZhHans => [Language::ZhHans, Language::ZhHant, Language::En],
            Language::En => [Language::En, Language::ZhHant, Language::ZhHans],
        };
        order.into_iter().map(|language| self.of(language)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// The same with another text in one language.
    #[must_use]
    pub fn with(mut self, language: Language, text: String) -> Self {
        *(match language {
            Language::ZhHant => &mut self.zh_hant,
            Language::ZhHans => &mut self.zh_hans,
            Language::En => &mut self.en,
        }) = text;
        self
    }

    fn is_empty(&self) -> bool {
        Language::ALL.into_iter().all(|language| self.of(language).is_empty())
    }
}

/// An entry of a dictionary: a stable code and what people read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Stored in records; never changes.
    pub code: String,
    /// Shown.
    pub texts: Texts,
    /// Whether it is offered.
    #[serde(default, skip_serializing_if = "EntryState::is_in_use")]
    pub state: EntryState,
}

/// Whether an entry of a dictionary is offered. Entries are never removed: records name their codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Offered.
    #[default]
    InUse,
    /// Offered no more, and still read where it was chosen.
    Retired,
}

impl EntryState {
    fn is_in_use(&self) -> bool {
        *self == Self::InUse
    }
}

/// The dictionaries that an organisation keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dictionary {
    /// Reasons for declining (B5).
    RefusalReasons,
    /// Where customers come from (A1).
    Sources,
}

impl Dictionary {
    /// Every dictionary.
    pub const ALL: [Self; 2] = [Self::RefusalReasons, Self::Sources];
}

/// What a text to a guest is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 邀約: to invite.
    Invite,
    /// 提醒: to remind on the day before.
    Remind,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::Invite, Self::Remind];
}

/// The text of one channel, where it differs from what is said on all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// What for.
    pub purpose: Purpose,
    /// On which channel.
    pub channel: Channel,
    /// The text; a language in which it is empty has the text of all channels.
    pub texts: Texts,
}

/// A wording that is marked where somebody writes to a guest (B2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Its stable name.
    pub code: String,
    /// The words. They are found in either script, in full width, and with marks or spaces in between.
    pub phrase: String,
    /// What is wrong with them.
    pub fault: Fault,
    /// Why, and what to say instead.
    pub why: Texts,
}

/// What is wrong with a wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 施壓: presses the guest.
    Pushy,
    /// 誤導: lets the guest believe what is not so.
    Misleading,
    /// 誇大: promises more than can be shown.
    Exaggerated,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 3] = [Self::Pushy, Self::Misleading, Self::Exaggerated];
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
    /// What invites, on every channel that has no text of its own. Variables: [`template::VARIABLES`].
    pub invitation_script: Texts,
    /// The reminder on the day before; likewise.
    pub reminder_script: Texts,
    /// The channels' own texts, one for each purpose and channel at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<Template>,
    /// The wordings that are marked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wordings: Vec<Wording>,
    /// The contract. Variables: `{number}` `{org}` `{buyer}` `{items}` `{total}` `{deposit}` `{schedule}` `{replaces}` `{date}` `{rep}`.
    pub contract_template: Texts,
    /// Raised whenever the template changes; signed contracts name the version they were made from.
    pub contract_template_version: u32,
    /// How devices guard what is on them (M3).
    #[serde(default, skip_serializing_if = "DevicePolicy::is_usual")]
    pub devices: DevicePolicy,
    /// Which follow-up tasks come by themselves, and when (G1).
    #[serde(default, skip_serializing_if = "FollowUpRules::is_usual")]
    pub follow_ups: FollowUpRules,
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
    /// The limit of a role; those who do not sell give none.
    #[must_use]
    pub const fn of(self, role: Role) -> BasisPoints {
        match role {
            Role::Rep => self.rep,
            Role::Supervisor => self.supervisor,
            Role::Manager => self.manager,
            Role::Director | Role::Marketing | Role::Office | Role::Finance | Role::Administrator => 0,
        }
    }

    /// The greatest discount that anybody may approve: a rep supervises nobody.
    #[must_use]
    pub const fn most_approved(self) -> BasisPoints {
        if self.supervisor > self.manager { self.supervisor } else { self.manager }
    }
}

impl Settings {
    /// A dictionary, with what is offered no more.
    #[must_use]
    pub fn dictionary(&self, which: Dictionary) -> &[Entry] {
        match which {
            Dictionary::RefusalReasons => &self.refusal_reasons,
            Dictionary::Sources => &self.sources,
        }
    }

    /// What a dictionary offers, in its order.
    pub fn offered(&self, which: Dictionary) -> impl Iterator<Item = &Entry> {
        self.dictionary(which).iter().filter(|entry| entry.state == EntryState::InUse)
    }

    /// The text of all channels that have none of their own.
    #[must_use]
    pub const fn common_text(&self, purpose: Purpose) -> &Texts {
        match purpose {
            Purpose::Invite => &self.invitation_script,
            Purpose::Remind => &self.reminder_script,
        }
    }

    /// A channel's own text in a language; empty if it has none.
    #[must_use]
    pub fn own_text(&self, purpose: Purpose, channel: Channel, language: Language) -> &str {
        let own = self.templates.iter().find(|template| template.purpose == purpose && template.channel == channel);
        own.map(|template| template.texts.of(language)).unwrap_or_default()
    }

    /// What is said or written to a guest: the channel's own text in the guest's language, else that of all channels.
    #[must_use]
    pub fn text_for(&self, purpose: Purpose, channel: Channel, language: Language) -> &str {
        let own = self.own_text(purpose, channel, language);
        if own.is_empty() { self.common_text(purpose).nearest(language) } else { own }
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
