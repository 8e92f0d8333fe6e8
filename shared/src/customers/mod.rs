//! Customers 客戶: who they are, whose they are, and what is known of their needs (clause A1).

pub mod command;
pub mod decide;
pub mod import;
pub mod merging;
pub mod milestones;
pub mod pool;
pub mod search;
pub mod surname;
#[cfg(test)]
mod tests;

use crate::gist::take;
use crate::ids::{CustomerId, ImportId, TeamId, UserId};
use crate::phone::Phone;
use crate::record::{Entity, Index, Scope};
use crate::settings::Language;
use crate::time::Timestamp;
use search::SearchText;
use serde::{Deserialize, Serialize};

/// A prospect or customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Identifier.
    pub id: CustomerId,
    /// Whose customer; none while in the pool.
    pub owner: Option<UserId>,
    /// The owner's team when the customer became theirs.
    pub team: Option<TeamId>,
    /// Everything that people fill in.
    pub profile: Profile,
    /// The import that created the record, for as long as nobody has worked with it since: only then can the import be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportId>,
    /// Who had the customer before, the earliest first; the latest [`decide::HANDOVERS_KEPT`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handovers: Vec<Handover>,
    /// When the record was made, on the maker's clock.
    pub created_at: Timestamp,
    /// When it was last changed, on the changer's clock.
    pub changed_at: Timestamp,
}

/// One change of a customer's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// When, on the clock of whoever did it.
    pub at: Timestamp,
    /// Who did it.
    pub by: UserId,
    /// Whose customer it was; none for the pool.
    pub from: Option<UserId>,
    /// Whose it became; none for the pool.
    pub to: Option<UserId>,
}

/// What people fill in about a customer. Nothing but the name and one way of contact is compulsory.
/// Debug hides it: it is confidential.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Full name.
    pub name: String,
    /// 先生 / 女士.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salutation: Option<Salutation>,
    /// Gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Year of birth, Gregorian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<u16>,
    /// Phones, the preferred one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
    /// E-mail address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Company.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub company: String,
    /// Postal address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Region.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Occupation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub occupation: String,
    /// Interests.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub interests: String,
    /// Code of the source channel in the settings' dictionary, or words of the import's file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// What the customer needs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub needs: String,
    /// What hurts.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pains: String,
    /// How likely a purchase is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
    /// Why that intent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub intent_reason: String,
    /// Tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Consents to contact and to processing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<Consent>,
    /// Whether the customer may be contacted at all.
    #[serde(skip_serializing_if = "Contact::is_allowed")]
    pub contact: Contact,
    /// Whether the server may send the customer reminders by itself (B7). Whoever may not be contacted at all is sent none either.
    #[serde(skip_serializing_if = "Contact::is_allowed")]
    pub reminders: Contact,
    /// In which language to write to the customer, where somebody has said it ([`Profile::reads`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl Profile {
    /// The language in which the customer is written to: the one that was said, else the one that the first phone's country or the letters of the name
    /// make likely. None where nothing tells hanzi of one script from the other.
    #[must_use]
    pub fn reads(&self) -> Option<Language> {
        let country = || self.phones.first().map(Phone::e164).unwrap_or_default();
        let of_country = || match country() {
            number if ["+886", "+852", "+853"].iter().any(|code| number.starts_with(code)) => Some(Language::ZhHant),
            number if number.starts_with("+86") => Some(Language::ZhHans),
            _ => None,
        };
        let has_hanzi = self.name.chars().any(search::is_hanzi);
        self.language.or_else(|| if has_hanzi || self.name.is_empty() { of_country() } else { Some(Language::En) })
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Profile(…)")
    }
}

/// How a person is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Salutation {
    /// 先生.
    Mr,
    /// 女士.
    Ms,
}

/// Gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// 男.
    Male,
    /// 女.
    Female,
    /// Another, or not told.
    Other,
}

/// How likely a purchase is: A soon, B this year, C some day, D hardly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "explained at the type")]
pub enum Intent {
    A,
    B,
    C,
    D,
}

/// A consent: for what, when, and how it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// For what.
    pub purpose: String,
    /// When.
    pub at: Timestamp,
    /// How: on paper, by phone, in the app.
    pub how: String,
    /// It was taken back; it stays to be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
}

/// A consent was taken back: when, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// When.
    pub at: Timestamp,
    /// How: by phone, in a letter.
    pub how: String,
}

/// Whether a customer may be contacted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// May be contacted.
    #[default]
    Allowed,
    /// Asked not to be.
    Refused,
}

impl Contact {
    fn is_allowed(&self) -> bool {
        *self == Self::Allowed
    }
}

impl Entity for Customer {
    fn id(&self) -> CustomerId {
        self.id
    }
    fn scope(&self) -> Scope {
        self.owner.map_or(Scope::Pool, Scope::Person)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.extend(self.owner.map(Index::CustomersByOwner));
        let phones = &self.profile.phones;
        out.extend(
            phones.iter().enumerate().filter(|&(at, phone)| !phones[..at].contains(phone)).map(|(_, phone)| Index::CustomersByPhone(phone.clone())),
        );
        out.extend(self.import.map(Index::CustomersByImport));
    }
    fn gist(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.changed_at.timestamp().to_le_bytes());
        out.extend_from_slice(&self.changed_at.timestamp_subsec_nanos().to_le_bytes());
        SearchText::of_customer(self).make_ready(out);
    }
}

/// What the gist of a customer says: enough for a list in its first order, and for a search.
#[derive(Clone, Copy)]
pub struct CustomerGist<'a> {
    /// When the customer was last changed.
    pub changed_at: Timestamp,
    /// What an index of the search takes in.
    pub search: &'a [u8],
}

impl<'a> CustomerGist<'a> {
    /// Reads what [`Customer`] has written. None if it did not write these bytes.
    #[must_use]
    pub fn read(mut rest: &'a [u8]) -> Option<Self> {
        let (seconds, nanos) = (i64::from_le_bytes(take(&mut rest)?), u32::from_le_bytes(take(&mut rest)?));
        Some(Self { changed_at: Timestamp::from_timestamp(seconds, nanos)?, search: rest })
    }
}

/// What an import changed in a customer that existed before, so that it can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedChange {
    /// The customer; its latest import only can be undone.
    pub customer: CustomerId,
    /// Whose customer it was.
    pub owner: Option<UserId>,
    /// The import.
    pub import: ImportId,
    /// The profile before.
    pub before: Profile,
    /// The profile that the import left; undo keeps away if somebody changed it since.
    pub after: Profile,
}

impl Entity for ImportedChange {
    fn id(&self) -> CustomerId {
        self.customer
    }
    fn scope(&self) -> Scope {
        self.owner.map_or(Scope::Pool, Scope::Person)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::ImportedChangesByImport(self.import));
    }
}
