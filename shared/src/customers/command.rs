//! What may be asked about customers.

use super::*;
use serde::{Deserialize, Serialize};

/// Creates a customer, owned by the actor unless another owner is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddCustomer {
    /// Identifier, made by the caller.
    pub customer: CustomerId,
    /// Whose; none for the pool.
    pub owner: Option<UserId>,
    /// What was filled in.
    pub profile: Profile,
}

/// Changes fields of a customer. Only the fields named change, so that two people's edits of different fields both stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditCustomer {
    /// Whom.
    pub customer: CustomerId,
    /// New values; at most [`super::decide::MOST_CHANGES`].
    pub changes: Vec<ProfileChange>,
}

/// The new value of one field of a profile.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
#[expect(missing_docs, reason = "documented at Profile")]
pub enum ProfileChange {
    Name(String),
    Salutation(Option<Salutation>),
    Gender(Option<Gender>),
    BirthYear(Option<u16>),
    Phones(Vec<Phone>),
    Email(String),
    Company(String),
    Address(String),
    Region(String),
    Occupation(String),
    Interests(String),
    Source(String),
    Needs(String),
    Pains(String),
    Intent(Option<Intent>),
    IntentReason(String),
    Tags(Vec<String>),
    Consents(Vec<Consent>),
    Contact(Contact),
    /// One more, whatever others have recorded meanwhile.
    ConsentGiven(Consent),
    /// All that were given for a purpose until then are taken back.
    ConsentWithdrawn(ConsentWithdrawn),
    Language(Option<Language>),
    Reminders(Contact),
}

/// Consents for a purpose are taken back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentWithdrawn {
    /// For what they were given.
    pub purpose: String,
    /// When.
    pub at: Timestamp,
    /// How: by phone, in a letter.
    pub how: String,
}

impl std::fmt::Debug for ProfileChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProfileChange(…)")
    }
}

/// Gives customers to somebody else, with their invitations, or to the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferCustomers {
    /// Whom; at most [`super::decide::MOST_TRANSFERRED`].
    pub customers: Vec<CustomerId>,
    /// The new owner; none for the pool.
    pub to: Option<UserId>,
}

/// Takes a customer out of the pool (公海) for oneself. Whoever comes first, as the server sees it, has the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimCustomer {
    /// Whom.
    pub customer: CustomerId,
}

/// A part of an import: at most [`super::decide::MOST_IMPORTED`] rows, already read, matched and judged on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCustomers {
    /// The import that this part belongs to.
    pub import: ImportId,
    /// The rows.
    pub rows: Vec<ImportRow>,
}

/// What to do with one row of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportRow {
    /// A new customer of the actor's.
    Create {
        /// Identifier, made by the caller.
        customer: CustomerId,
        /// The row's values.
        profile: Box<Profile>,
    },
    /// A customer that exists: the row's values replace theirs, field by field.
    Update {
        /// Whom.
        customer: CustomerId,
        /// New values.
        changes: Vec<ProfileChange>,
    },
}

/// Takes back what an import did: deletes what it created and restores what it changed, except customers that somebody has worked with since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoImport {
    /// Which import.
    pub import: ImportId,
}

/// Makes one customer of two that are the same person (clause A7). What was recorded of either is the kept one's from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeCustomers {
    /// Who stays.
    pub kept: CustomerId,
    /// Who is the same person, and goes.
    pub merged: CustomerId,
}

/// Makes two customers of one again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoMerge {
    /// Who was merged away.
    pub merged: CustomerId,
}
