//! Why a command was refused: values only. The edge turns them into text in the user's language.

use crate::ids::{CheckInId, CustomerId, DealId, DeskId, ImportId, InvitationId, PromotionId, UserId};
use crate::money::Money;
use crate::record::Kind;
use serde::{Deserialize, Serialize};

/// A refusal by the rules. It is final for the command as it stands; a failure (disk, network) is another thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub enum Rejection {
    /// The actor's role or relation to the row does not allow it.
    Forbidden,
    /// The row does not exist, or the actor does not hold it.
    NotFound {
        /// What was looked for.
        kind: Kind,
    },
    /// A row with this id exists already.
    AlreadyExists {
        /// What exists.
        kind: Kind,
    },
    /// A field that must have a value has none.
    Required {
        /// Which field.
        field: Field,
    },
    /// A text is too long.
    TooLong {
        /// Which field.
        field: Field,
        /// Characters allowed.
        max: u32,
        /// Characters found.
        found: u32,
    },
    /// A number or a list's length is outside its bounds.
    OutOfRange {
        /// Which field.
        field: Field,
        /// Least allowed.
        min: i64,
        /// Most allowed.
        max: i64,
    },
    /// A value has not the form that the field needs.
    Malformed {
        /// Which field.
        field: Field,
    },
    /// A customer needs one phone number or one e-mail address at least.
    NoWayOfContact,
    /// Another login has this name.
    LoginTaken,
    /// The customer has an invitation to this meeting already.
    AlreadyInvited {
        /// The customer.
        customer: CustomerId,
        /// The invitation.
        invitation: InvitationId,
        /// Who has it.
        rep: UserId,
    },
    /// The customer asked not to be contacted.
    DoNotContact {
        /// The customer.
        customer: CustomerId,
    },
    /// Somebody else has taken the customer out of the pool.
    CustomerTaken,
    /// The meeting was cancelled.
    MeetingCancelled,
    /// The end is not after the start.
    EndsBeforeStart,
    /// The invitation is not in a state that allows this.
    InvitationNotAgreed,
    /// More places are asked for than are left.
    NotEnoughPlaces {
        /// Places left.
        left: u32,
    },
    /// The reason given is not in the dictionary.
    UnknownReason,
    /// The ticket's signature is not this organisation's.
    TicketForged,
    /// The ticket is of another meeting.
    TicketOfAnotherMeeting,
    /// The ticket was revoked.
    TicketRevoked,
    /// The check-in was undone before.
    AlreadyUndone {
        /// The check-in.
        check_in: CheckInId,
    },
    /// The conflict was ruled on before.
    AlreadyRuled,
    /// The deal is not in a stage that allows this.
    DealNotOpen {
        /// The deal.
        deal: DealId,
    },
    /// A deal needs one line at least.
    DealEmpty,
    /// The price does not match the product list.
    PriceMismatch,
    /// The promotion does not run at that time and place.
    PromotionNotOn {
        /// Which.
        promotion: PromotionId,
    },
    /// The discount is above the actor's limit.
    DiscountAboveLimit {
        /// Basis points allowed.
        limit: u16,
        /// Basis points asked.
        asked: u16,
    },
    /// The discount is above what anybody may approve.
    DiscountAboveAll {
        /// Basis points that may be approved at most.
        most: u16,
        /// Basis points asked.
        asked: u16,
    },
    /// The discount waits for approval, or was refused.
    DiscountNotApproved {
        /// The deal.
        deal: DealId,
    },
    /// Somebody has ruled on the discount before.
    DiscountRuled {
        /// Who.
        by: UserId,
    },
    /// Nobody approves what they sell or asked for themselves.
    NotYourOwn,
    /// The deal was changed since it was looked at.
    DealChanged {
        /// The deal.
        deal: DealId,
    },
    /// More has been paid than the new total.
    PaidAboveTotal {
        /// What has been paid.
        paid: Money,
    },
    /// The amounts do not fit together: overflow.
    MoneyOverflow,
    /// Amounts of different currencies in one deal.
    CurrencyMixed,
    /// Payments would exceed the total.
    PaymentAboveTotal {
        /// What is still open.
        open: Money,
    },
    /// The text was changed since it was looked at.
    TextChanged,
    /// Deposit and instalments do not make the total.
    InstalmentsOff {
        /// What the instalments should make.
        rest: Money,
    },
    /// More would be given back than there is to give back.
    RefundAboveDue {
        /// What is still to be given back.
        due: Money,
    },
    /// The signature is too small to be one.
    SignatureTooSmall,
    /// The text's SHA-256 differs from the one given.
    ContractTextAltered,
    /// The device's signature under the contract is not one of this device for exactly this.
    SealBroken,
    /// Consent to sign electronically was not given.
    ConsentMissing,
    /// The import was undone before, or never happened.
    NothingToUndo {
        /// The import.
        import: ImportId,
    },
    /// The customer was not merged into another one, or that was undone before.
    NotMerged,
    /// What stands in braces is no variable of this text.
    UnknownVariable {
        /// As it was written.
        name: String,
    },
    /// The text lacks a variable without which it says nothing that can be agreed on.
    MissingVariable {
        /// Its name, without braces.
        name: String,
    },
    /// The list has an entry with these words already.
    AlreadyListed,
    /// A person cannot take away their own access.
    NotYourself,
    /// A desk's lease holds some of these seats, or the same seat was named twice.
    SeatsLeased {
        /// Which desk's.
        desk: DeskId,
    },
    /// Another device is this desk, and may be giving its seats at this moment.
    DeskStaffed {
        /// The desk.
        desk: DeskId,
        /// Who has the device.
        by: UserId,
    },
    /// The desk is closed.
    DeskClosed,
    /// It was taken back, or ended otherwise, before.
    AlreadyEnded,
    /// A command of a name that this version does not know.
    UnknownCommand,
    /// What was saved cannot be read any more on the device that saved it. Said by that device, never by a server.
    Damaged,
    /// For a reason that only a newer version knows: the app must update to tell it.
    Newer,
}

/// Reads a refusal; one that a newer server has given and this version does not know becomes [`Rejection::Newer`], so that an old app goes on.
pub(crate) fn known_or_newer<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Rejection, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(Rejection::deserialize(value).unwrap_or(Rejection::Newer))
}

/// Fields that a rejection or an import error can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the domain's fields say it")]
pub enum Field {
    Name,
    Salutation,
    Gender,
    BirthYear,
    Phone,
    Email,
    Company,
    Address,
    Region,
    Occupation,
    Interests,
    Source,
    Needs,
    Pains,
    Intent,
    IntentReason,
    Tags,
    Consent,
    Owner,
    Team,
    Login,
    Role,
    Theme,
    StartsAt,
    EndsAt,
    Venue,
    Capacity,
    Agenda,
    Speaker,
    Staff,
    Desk,
    Seat,
    Words,
    Question,
    CallBackAt,
    Due,
    Reason,
    Ticket,
    Price,
    Quantity,
    Discount,
    Deposit,
    Amount,
    ContractText,
    Signature,
    SignerName,
    Rows,
    Description,
    Customers,
    UtcOffset,
    Photo,
    IdleMinutes,
    LeaseHours,
    Companions,
    Template,
    Entry,
    Wording,
    Why,
    Task,
    Measure,
    Result,
    Table,
    Place,
    Until,
    Item,
    Instalments,
    SellingPoint,
    Answers,
    Suits,
    Satisfaction,
    Finding,
}
