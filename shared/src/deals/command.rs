//! What may be asked about deals.

use super::evidence::{Declared, Seal};
use super::{Instalment, Line, PaymentMethod, Stroke};
use crate::files::NewAttachment;
use crate::ids::{CustomerId, DealId, MeetingId, PaymentId, ProductId, PromotionId};
use crate::invitations::link::LinkHash;
use crate::money::{BasisPoints, Money};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Opens a deal with prices.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDeal {
    /// Identifier, made by the caller.
    pub deal: DealId,
    /// To whom.
    pub customer: CustomerId,
    /// The buyer's name as it will stand on the contract.
    pub buyer: String,
    /// At which meeting.
    pub meeting: Option<MeetingId>,
    /// What.
    pub lines: Vec<OrderLine>,
    /// Discount on the whole, within the seller's limit or with approval.
    pub discount: BasisPoints,
    /// What is to be paid at once; zero to the total.
    pub deposit: Money,
    /// Why a discount above the seller's limit should be approved. Without it such a deal is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_reason: Option<String>,
    /// The total that the customer was shown. Apps that do not say reckoned to the cent in every currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// When the rest is to be paid; with the deposit it makes the total.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<Instalment>,
    /// The signed deal whose place this one takes once it is signed itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<DealId>,
}

impl std::fmt::Debug for OpenDeal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenDeal").field("deal", &self.deal).field("customer", &self.customer).finish_non_exhaustive()
    }
}

/// One line of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// What.
    pub product: ProductId,
    /// The price that the customer was shown.
    pub unit_price: Money,
    /// How many.
    pub quantity: u32,
    /// The promotion that the customer was offered for it. A server of before would drop it, and does not know the newer name of what it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion: Option<Taken>,
}

/// A promotion taken for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Which.
    pub promotion: PromotionId,
    /// Which version of it.
    pub version: u32,
    /// What the customer was shown that it takes off the line.
    pub off: Money,
}

impl From<&Line> for OrderLine {
    fn from(line: &Line) -> Self {
        let promotion = line.promotion.as_ref().map(|applied| Taken { promotion: applied.promotion, version: applied.version, off: applied.off });
        Self { product: line.product, unit_price: line.unit_price, quantity: line.quantity, promotion }
    }
}

/// Changes what a deal that nobody has signed is about. Other lines or another discount withdraw an approval. A field fact: never refused for good.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeDeal {
    /// Which deal.
    pub deal: DealId,
    /// What, all of it.
    pub lines: Vec<OrderLine>,
    /// Discount on the whole, within the limit of whoever changes or with approval.
    pub discount: BasisPoints,
    /// What is to be paid at once; zero to the total.
    pub deposit: Money,
    /// Why a discount above one's limit should be approved; after a refusal it asks again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_reason: Option<String>,
    /// The total that the customer was shown, as in [`OpenDeal`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// When the rest is to be paid, as in [`OpenDeal`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instalments: Vec<Instalment>,
}

impl std::fmt::Debug for ChangeDeal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangeDeal").field("deal", &self.deal).finish_non_exhaustive()
    }
}

/// Approves the discount of a deal that waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveDiscount {
    /// Which deal.
    pub deal: DealId,
    /// The terms that were looked at ([`super::Deal::terms`]).
    pub terms: String,
}

/// Refuses the discount of a deal that waits for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefuseDiscount {
    /// Which deal.
    pub deal: DealId,
    /// The terms that were looked at ([`super::Deal::terms`]).
    pub terms: String,
    /// Why.
    pub reason: String,
}

/// Signs a deal's contract. A field fact: never refused for good.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignDeal {
    /// Which deal.
    pub deal: DealId,
    /// The whole text as the customer saw it.
    pub text: String,
    /// SHA-256 of the text's UTF-8 bytes, 64 hex digits.
    pub sha256: String,
    /// Version of the template that the text was made from.
    pub template_version: u32,
    /// The customer's consent to sign electronically, as shown and ticked.
    pub consent: bool,
    /// Who signed.
    pub signer: String,
    /// The signature as drawn.
    pub strokes: Vec<Stroke>,
    /// The witness's own for the company. Apps of before did not ask for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witness_strokes: Vec<Stroke>,
    /// The terms that the contract was made of ([`super::Deal::terms`]). Apps before changes were possible do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// What was told and asked beside the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
    /// What the device adds as it saves the signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Seal>,
}

impl std::fmt::Debug for SignDeal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignDeal").field("deal", &self.deal).field("sha256", &self.sha256).finish_non_exhaustive()
    }
}

/// [`SignDeal`] as apps sent it before signatures were sealed. A server of before would drop what a newer app says, and its contract would stay
/// without evidence for ever: it does not know the newer name, and leaves it waiting.
#[derive(Clone, Debug, Deserialize)]
pub struct SignDealV1 {
    deal: DealId,
    text: String,
    sha256: String,
    template_version: u32,
    consent: bool,
    signer: String,
    strokes: Vec<Stroke>,
    #[serde(default)]
    terms: Option<String>,
}

impl From<SignDealV1> for SignDeal {
    fn from(SignDealV1 { deal, text, sha256, template_version, consent, signer, strokes, terms }: SignDealV1) -> Self {
        Self { deal, text, sha256, template_version, consent, signer, strokes, witness_strokes: Vec::new(), terms, declared: None, seal: None }
    }
}

/// Records money received. A field fact: never refused for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPayment {
    /// Which deal.
    pub deal: DealId,
    /// Identifier of the payment, made by the caller.
    pub payment: PaymentId,
    /// How much; above zero, at most what is open.
    pub amount: Money,
    /// How.
    pub method: PaymentMethod,
    /// A photo of the slip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<NewAttachment>,
}

/// [`RecordPayment`] as apps sent it before slips were photographed.
#[derive(Clone, Debug, Deserialize)]
pub struct RecordPaymentV1 {
    deal: DealId,
    payment: PaymentId,
    amount: Money,
    method: PaymentMethod,
}

impl From<RecordPaymentV1> for RecordPayment {
    fn from(RecordPaymentV1 { deal, payment, amount, method }: RecordPaymentV1) -> Self {
        Self { deal, payment, amount, method, photo: None }
    }
}

/// Calls a deal off that was not signed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelDeal {
    /// Which.
    pub deal: DealId,
    /// Why.
    pub reason: String,
}

/// Marks a payment as recorded by mistake. It stays in the deal and counts no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidPayment {
    /// Of which deal.
    pub deal: DealId,
    /// Which.
    pub payment: PaymentId,
    /// Why.
    pub reason: String,
}

/// Records money given back. A field fact: never refused for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordRefund {
    /// Of which deal.
    pub deal: DealId,
    /// Identifier of the refund, made by the caller.
    pub refund: PaymentId,
    /// How much; above zero, at most what is to be given back ([`super::Deal::to_refund`]).
    pub amount: Money,
    /// How.
    pub method: PaymentMethod,
    /// Why.
    pub reason: String,
}

/// Asks to call off a deal that was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskCancellation {
    /// Which.
    pub deal: DealId,
    /// Why.
    pub reason: String,
}

/// Rules on the request to call off a deal that was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCancellation {
    /// Which.
    pub deal: DealId,
    /// When the request was made that was looked at: there may be another one by now.
    pub asked_at: Timestamp,
    /// Why it is not called off; none calls it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// Notes that everything that was sold was handed over. A field fact: never refused for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmDelivery {
    /// Of which deal.
    pub deal: DealId,
}

/// Lets the customer read a copy of the contract with a link. Made anew for each sending: the token is in what was sent, and its hash is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareContract {
    /// Of which deal.
    pub deal: DealId,
    /// The hash of the link's token.
    pub link: LinkHash,
}

/// Takes back all links to a contract's copy: what was sent opens nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawCopies {
    /// Of which deal.
    pub deal: DealId,
}
