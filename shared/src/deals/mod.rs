//! Deals and contracts 成交: what was sold to whom at which price, what was paid, and what was signed (clauses F1 to F3).
//!
//! Laws: what was received is never taken out of a deal, it is marked as a mistake or given back; what was signed is never changed, another version
//! takes its place.

pub mod after;
#[cfg(test)]
mod after_tests;
pub mod approval;
#[cfg(test)]
mod approval_tests;
pub mod command;
pub mod contract;
pub mod decide;
pub mod evidence;
pub mod schedule;
#[cfg(test)]
mod tests;

pub use approval::{Approval, ApprovalState};
pub use contract::{Contract, Point, Stroke};
pub use schedule::Instalment;

use crate::ids::{AttachmentId, CustomerId, DealId, MeetingId, PaymentId, ProductId, UserId};
use crate::invitations::link::LinkHash;
use crate::money::{BasisPoints, Money, MoneyError};
use crate::promotions::{Applied, Honoured};
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
    /// When the rest is to be paid, in the order of days; none if nothing was agreed on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<Instalment>,
    /// What has been received, mistakes included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// What has been given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    /// How far it is.
    pub stage: Stage,
    /// When it was opened, on the seller's clock.
    pub opened_at: Timestamp,
    /// The request to approve this discount; none if whoever gave it may give as much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// When it was sold: when its contract was signed, or that of the first deal whose place it has taken, on the device's clock. A version corrects a sale
    /// and is none of another day. None before that, and for those that were signed when nobody noted it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<Timestamp>,
    /// The deal whose place this one takes once it is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<DealId>,
    /// When everything was handed over, and who said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Delivered>,
    /// The request to call it off after it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<Approval>,
    /// The links with which the customer reads a copy of the contract.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<LinkHash>,
    /// The promotions that a manager keeps to although it is beyond their first N.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub honoured: Vec<Honoured>,
}

/// Everything that was sold was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Who said so.
    pub by: UserId,
    /// When, on their clock.
    pub at: Timestamp,
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
    /// The promotion that it has, and what that takes off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion: Option<Applied>,
}

impl Line {
    /// What it costs: price times quantity, less what a promotion takes off.
    ///
    /// # Errors
    /// [`MoneyError`] on overflow or mixed currencies.
    pub fn amount(&self) -> Result<Money, MoneyError> {
        let sum = self.unit_price.times(self.quantity)?;
        self.promotion.as_ref().map_or(Ok(sum), |applied| sum.minus(applied.off))
    }
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
    /// That it was recorded by mistake: it stays, and counts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided: Option<Voided>,
}

/// Why a payment does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voided {
    /// Who said so.
    pub by: UserId,
    /// When, on their clock.
    pub at: Timestamp,
    /// Why, in words.
    pub reason: String,
}

impl Payment {
    /// Whether it was received.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.voided.is_none()
    }

    /// The number on its receipt, made as the contract's ([`Deal::number`]).
    #[must_use]
    pub fn number(&self, offset: UtcOffset) -> String {
        format!("R{}", numbered(offset, self.at, self.id.0))
    }
}

/// Money given back to the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Identifier.
    pub id: PaymentId,
    /// How much, above zero.
    pub amount: Money,
    /// How.
    pub method: PaymentMethod,
    /// When, on the giver's clock.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// Why, in words.
    pub reason: String,
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
    /// Called off: before it was signed, or after that with somebody's approval ([`Deal::cancellation`]).
    Cancelled {
        /// Why, in words.
        reason: String,
    },
    /// Another version was signed in its place.
    Replaced {
        /// Which.
        by: DealId,
    },
}

impl Deal {
    /// The number on the contract: the day on the company's clock and 40 bits of the id, in Crockford's base 32. It needs no server;
    /// at a thousand deals a day two are alike once in six thousand years.
    #[must_use]
    pub fn number(&self, offset: UtcOffset) -> String {
        numbered(offset, self.opened_at, self.id.0)
    }

    /// SHA-256 over what a signature or an approval is for: lines, discount, deposit, instalments, and what it replaces; 64 lower-case hex digits.
    /// Names of products are left out, as a device may not know yet that one was renamed. Devices compare what they showed with what the server
    /// holds, so that the bytes below never change.
    #[must_use]
    pub fn terms(&self) -> String {
        let mut text = format!("{};{}{}", self.discount, self.deposit.minor, self.deposit.currency.code());
        for line in &self.lines {
            text += &format!(";{}:{}{}x{}", line.product, line.unit_price.minor, line.unit_price.currency.code(), line.quantity);
            if let Some(applied) = &line.promotion {
                text += &format!("@{}v{}-{}", applied.promotion, applied.version, applied.off.minor);
            }
        }
        for part in &self.instalments {
            text += &format!(";+{}:{}{}", part.due, part.amount.minor, part.amount.currency.code());
        }
        if let Some(replaced) = self.replaces {
            text += &format!(";^{replaced}");
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

    /// The payments that count: no mistakes, and none of a deal whose place another version has taken, for they went along.
    pub fn received(&self) -> impl Iterator<Item = &Payment> {
        let is_replaced = self.is_replaced();
        self.payments.iter().filter(move |payment| payment.counts() && !is_replaced)
    }

    /// What was received and not given back.
    #[must_use]
    pub fn paid(&self) -> Money {
        let received = self.received().fold(0_i64, |sum, payment| sum.saturating_add(payment.amount.minor));
        Money { minor: received.saturating_sub(self.refunded().minor), ..self.total }
    }

    /// What was given back.
    #[must_use]
    pub fn refunded(&self) -> Money {
        let refunds = if self.is_replaced() { &[][..] } else { &self.refunds[..] };
        Money { minor: refunds.iter().fold(0_i64, |sum, refund| sum.saturating_add(refund.amount.minor)), ..self.total }
    }

    /// Whether another version has taken its place.
    #[must_use]
    pub const fn is_replaced(&self) -> bool {
        matches!(self.stage, Stage::Replaced { .. })
    }

    /// What is still to be paid: nothing for what was called off, or has another version.
    #[must_use]
    pub fn open(&self) -> Money {
        let is_owed = !matches!(self.stage, Stage::Cancelled { .. } | Stage::Replaced { .. });
        Money { minor: if is_owed { self.total.minor.saturating_sub(self.paid().minor).max(0) } else { 0 }, ..self.total }
    }

    /// What is to be given back: all that was paid for what was called off, and what was paid above the total.
    #[must_use]
    pub fn to_refund(&self) -> Money {
        let kept = if matches!(self.stage, Stage::Cancelled { .. }) { 0 } else { self.total.minor };
        Money { minor: self.paid().minor.saturating_sub(kept).max(0), ..self.total }
    }

    /// When it was sold: the day of the signature; none if it is not, or no more.
    #[must_use]
    pub fn sold_at(&self) -> Option<Timestamp> {
        self.is_sold().then(|| self.signed_at.unwrap_or(self.opened_at))
    }

    /// The request to call it off that somebody has yet to rule on.
    #[must_use]
    pub fn cancellation_waiting(&self) -> Option<&Approval> {
        self.cancellation.as_ref().filter(|request| self.is_sold() && request.state == ApprovalState::Waiting)
    }

    /// Whether it counts as sold.
    #[must_use]
    pub fn is_sold(&self) -> bool {
        matches!(self.stage, Stage::Signed | Stage::Paid)
    }
}

/// A number that needs no server: the day on the company's clock and 40 bits of an id, in Crockford's base 32.
fn numbered(offset: UtcOffset, at: Timestamp, id: uuid::Uuid) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let low = id.as_u128();
    let tail = (0..8).rev().map(|place| char::from(DIGITS[(low >> (place * 5)) as usize & 31]));
    offset.day_of(at).format("%Y%m%d-").to_string().chars().chain(tail).collect()
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
        out.extend(self.copies.iter().copied().map(Index::DealByCopy));
    }
}
