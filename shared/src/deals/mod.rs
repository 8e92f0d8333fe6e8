//! Deals and contracts 成交: what was sold to whom at which price, what was paid, and what was signed (clauses F1 without instalments, F2's signature).

pub mod approval;
#[cfg(test)]
mod approval_tests;
pub mod command;
pub mod contract;
pub mod decide;
pub mod evidence;
#[cfg(test)]
mod tests;

pub use approval::{Approval, ApprovalState};
pub use contract::{Contract, Point, Stroke};

use crate::ids::{AttachmentId, CustomerId, DealId, MeetingId, PaymentId, ProductId, UserId};
use crate::money::{BasisPoints, Money};
use crate::record::{Entity, Index, Scope};
use crate::time::{Timestamp, UtcOffset};
use serde::{Deserialize, Serialize};

/// A sale.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deal {
    /// Identifier.
    pub id: DealId,
    /// To whom.
    pub customer: CustomerId,
    /// The buyer's name as on the contract.
    pub buyer: String,
    /// At which meeting.
    pub meeting: Option<MeetingId>,
    /// By whom.
    pub seller: UserId,
    /// What; one line at least.
    pub lines: Vec<Line>,
    /// Discount on the whole.
    pub discount: BasisPoints,
    /// What is to be paid in all: the sum of the lines less the discount.
    pub total: Money,
    /// What is to be paid at once.
    pub deposit: Money,
    /// What has been received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// How far it is.
    pub stage: Stage,
    /// When it was opened, on the seller's clock.
    pub opened_at: Timestamp,
    /// The request to approve this discount; none if whoever gave it may give as much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
}

impl std::fmt::Debug for Deal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deal").field("id", &self.id).field("seller", &self.seller).field("stage", &self.stage).finish_non_exhaustive()
    }
}

/// One line of a deal. Name and price are those of the day of sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What.
    pub product: ProductId,
    /// Its name then.
    pub name: String,
    /// Its price then.
    pub unit_price: Money,
    /// How many; 1 to 9,999.
    pub quantity: u32,
}

/// A payment received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Identifier.
    pub id: PaymentId,
    /// How much.
    pub amount: Money,
    /// How.
    pub method: PaymentMethod,
    /// When, on the receiver's clock.
    pub at: Timestamp,
    /// By whom it was received.
    pub by: UserId,
    /// A photo of the slip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<AttachmentId>,
}

/// How money came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// 現金.
    Cash,
    /// 轉帳.
    Transfer,
    /// 刷卡, by a terminal of its own; never card numbers here.
    Card,
}

/// How far a deal is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Stage {
    /// Opened with prices.
    Quoted,
    /// Signed.
    Signed,
    /// Paid in full.
    Paid,
    /// Called off before it was signed.
    Cancelled {
        /// Why, in words.
        reason: String,
    },
}

impl Deal {
    /// The number on the contract: the day on the company's clock and 40 bits of the id, in Crockford's base 32. It needs no server;
    /// at a thousand deals a day two are alike once in six thousand years.
    #[must_use]
    pub fn number(&self, offset: UtcOffset) -> String {
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let low = self.id.0.as_u128();
        let tail = (0..8).rev().map(|place| char::from(DIGITS[(low >> (place * 5)) as usize & 31]));
        offset.day_of(self.opened_at).format("%Y%m%d-").to_string().chars().chain(tail).collect()
    }

    /// SHA-256 over what a signature or an approval is for: lines, discount and deposit; 64 lower-case hex digits. Names of products are left
    /// out, as a device may not know yet that one was renamed. Devices compare what they showed with what the server holds, so that the bytes
    /// below never change.
    #[must_use]
    pub fn terms(&self) -> String {
        let mut text = format!("{};{}{}", self.discount, self.deposit.minor, self.deposit.currency.code());
        for line in &self.lines {
            text += &format!(";{}:{}{}x{}", line.product, line.unit_price.minor, line.unit_price.currency.code(), line.quantity);
        }
        contract::sha256_hex(&text)
    }

    /// Whether its discount waits for approval, or was refused: then nobody signs.
    #[must_use]
    pub fn lacks_approval(&self) -> bool {
        self.approval.as_ref().is_some_and(|approval| !matches!(approval.state, ApprovalState::Granted { .. }))
    }

    /// The request that somebody has yet to rule on.
    #[must_use]
    pub fn waiting(&self) -> Option<&Approval> {
        let waits = |approval: &&Approval| self.stage == Stage::Quoted && approval.state == ApprovalState::Waiting;
        self.approval.as_ref().filter(waits)
    }

    /// Whether its discount was refused: then it is changed, or called off.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        let is_refused = |approval: &Approval| matches!(approval.state, ApprovalState::Refused { .. });
        self.stage == Stage::Quoted && self.approval.as_ref().is_some_and(is_refused)
    }

    /// The sum of the payments.
    #[must_use]
    pub fn paid(&self) -> Money {
        let minor = self.payments.iter().fold(0_i64, |sum, payment| sum.saturating_add(payment.amount.minor));
        Money { minor, ..self.total }
    }

    /// What is still to be paid.
    #[must_use]
    pub fn open(&self) -> Money {
        Money { minor: self.total.minor.saturating_sub(self.paid().minor), ..self.total }
    }

    /// Whether it counts as sold.
    #[must_use]
    pub fn is_sold(&self) -> bool {
        matches!(self.stage, Stage::Signed | Stage::Paid)
    }

    /// When it was sold, for figures by day; none if it was not.
    #[must_use]
    pub fn sold_at(&self) -> Option<Timestamp> {
        self.is_sold().then_some(self.opened_at)
    }
}

impl Entity for Deal {
    fn id(&self) -> DealId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Person(self.seller)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::DealsByCustomer(self.customer));
        out.extend(self.meeting.map(Index::DealsByMeeting));
    }
}
