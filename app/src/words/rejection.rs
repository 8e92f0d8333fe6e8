//! What the rules refuse, and what a device fails with, in words: what happened, what is safe, what to do.

use super::money::percent;
use super::people::name;
use crate::replica::{NotSaved, StorageFailure};
use crate::texts as t;
use shared::rejection::Field;
use shared::{Kind, Rejection};

/// A refusal in words.
#[must_use]
pub fn rejection(why: &Rejection) -> String {
    use t::rejections as r;
    match why {
        Rejection::Forbidden => r::forbidden().to_owned(),
        Rejection::NotFound { kind } => r::not_found(kind_name(*kind)),
        Rejection::AlreadyExists { kind } => r::already_exists(kind_name(*kind)),
        Rejection::Required { field } => r::required(field_name(*field)),
        Rejection::TooLong { field, max, found } => r::too_long(field_name(*field), found, max),
        Rejection::OutOfRange { field, min, max } => r::out_of_range(field_name(*field), max, min),
        Rejection::Malformed { field: Field::Phone } => r::malformed_phone().to_owned(),
        Rejection::Malformed { field: Field::Email } => r::malformed_email().to_owned(),
        Rejection::Malformed { field } => r::malformed(field_name(*field)),
        Rejection::NoWayOfContact => r::no_way_of_contact().to_owned(),
        Rejection::LoginTaken => r::login_taken().to_owned(),
        Rejection::AlreadyInvited { rep, .. } => r::already_invited(name(*rep).unwrap_or_else(somebody)),
        Rejection::DoNotContact { .. } => r::do_not_contact().to_owned(),
        Rejection::CustomerTaken => r::customer_taken().to_owned(),
        Rejection::MeetingCancelled => r::meeting_cancelled().to_owned(),
        Rejection::EndsBeforeStart => r::ends_before_start().to_owned(),
        Rejection::InvitationNotAgreed => r::invitation_not_agreed().to_owned(),
        Rejection::NotEnoughPlaces { left } => r::not_enough_places(left),
        Rejection::UnknownReason => r::unknown_reason().to_owned(),
        Rejection::TicketForged => r::ticket_forged().to_owned(),
        Rejection::TicketOfAnotherMeeting => r::ticket_of_another_meeting().to_owned(),
        Rejection::TicketRevoked => r::ticket_revoked().to_owned(),
        Rejection::AlreadyUndone { .. } => r::already_undone().to_owned(),
        Rejection::AlreadyRuled => r::already_ruled().to_owned(),
        Rejection::DealNotOpen { .. } => r::deal_not_open().to_owned(),
        Rejection::DealEmpty => r::deal_empty().to_owned(),
        Rejection::PriceMismatch => r::price_mismatch().to_owned(),
        Rejection::PromotionNotOn { promotion } => r::promotion_not_on(super::promotion(*promotion)),
        Rejection::DiscountAboveLimit { limit, asked } => r::discount_above_limit(percent(*asked), percent(*limit)),
        Rejection::DiscountAboveAll { most, asked } => r::discount_above_all(percent(*asked), percent(*most)),
        Rejection::DiscountNotApproved { .. } => r::discount_not_approved().to_owned(),
        Rejection::DiscountRuled { by } => r::discount_ruled(name(*by).unwrap_or_else(somebody)),
        Rejection::NotYourOwn => r::not_your_own().to_owned(),
        Rejection::DealChanged { .. } => r::deal_changed().to_owned(),
        Rejection::PaidAboveTotal { paid } => r::paid_above_total(super::money(*paid)),
        Rejection::MoneyOverflow => r::money_overflow().to_owned(),
        Rejection::CurrencyMixed => r::currency_mixed().to_owned(),
        Rejection::PaymentAboveTotal { open } => r::payment_above_total(super::money(*open)),
        Rejection::TextChanged => r::text_changed().to_owned(),
        Rejection::InstalmentsOff { rest } => r::instalments_off(super::money(*rest)),
        Rejection::RefundAboveDue { due } => r::refund_above_due(super::money(*due)),
        Rejection::SignatureTooSmall => r::signature_too_small().to_owned(),
        Rejection::ContractTextAltered => r::contract_text_altered().to_owned(),
        Rejection::SealBroken => r::seal_broken().to_owned(),
        Rejection::ConsentMissing => r::consent_missing().to_owned(),
        Rejection::NotMerged => r::not_merged().to_owned(),
        Rejection::NothingToUndo { .. } => r::nothing_to_undo().to_owned(),
        Rejection::UnknownVariable { name } => r::unknown_variable(name),
        Rejection::MissingVariable { name } => r::missing_variable(super::contract_variable(name)),
        Rejection::AlreadyListed => r::already_listed().to_owned(),
        Rejection::NotYourself => r::not_yourself().to_owned(),
        Rejection::SeatsLeased { .. } => r::seats_leased().to_owned(),
        Rejection::DeskStaffed { by, .. } => r::desk_staffed(name(*by).unwrap_or_else(somebody)),
        Rejection::DeskClosed => r::desk_closed().to_owned(),
        Rejection::AlreadyEnded => r::already_ended().to_owned(),
        Rejection::UnknownCommand => r::unknown_command().to_owned(),
        Rejection::Damaged => r::damaged().to_owned(),
        Rejection::Newer => r::newer().to_owned(),
    }
}

/// Why something was not saved, in words.
#[must_use]
pub fn not_saved(why: &NotSaved) -> String {
    match why {
        NotSaved::Rejected(why) => rejection(why),
        NotSaved::Storage(StorageFailure::Full) => t::rejections::storage_full().to_owned(),
        NotSaved::Storage(StorageFailure::Broken | StorageFailure::Newer | StorageFailure::Held) => t::rejections::storage_broken().to_owned(),
    }
}

/// The field beside which a refusal is shown; none if it concerns the whole form.
#[must_use]
pub const fn field_of(why: &Rejection) -> Option<Field> {
    match why {
        Rejection::Required { field } | Rejection::TooLong { field, .. } | Rejection::OutOfRange { field, .. } | Rejection::Malformed { field } => {
            Some(*field)
        }
        Rejection::NoWayOfContact => Some(Field::Phone),
        Rejection::LoginTaken => Some(Field::Login),
        Rejection::EndsBeforeStart => Some(Field::EndsAt),
        Rejection::UnknownReason => Some(Field::Reason),
        Rejection::DiscountAboveLimit { .. } | Rejection::DiscountAboveAll { .. } => Some(Field::Discount),
        Rejection::PaymentAboveTotal { .. } | Rejection::RefundAboveDue { .. } => Some(Field::Amount),
        Rejection::InstalmentsOff { .. } => Some(Field::Instalments),
        Rejection::SignatureTooSmall => Some(Field::Signature),
        Rejection::ConsentMissing => Some(Field::Consent),
        Rejection::CurrencyMixed => Some(Field::Price),
        Rejection::UnknownVariable { .. } => Some(Field::Template),
        Rejection::MissingVariable { .. } => Some(Field::ContractText),
        _ => None,
    }
}

/// What a field is called.
#[must_use]
pub fn field_name(field: Field) -> &'static str {
    macro_rules! names {
        ($($field:ident => $text:ident),+ $(,)?) => { match field { $(Field::$field => t::fields::$text(),)+ } };
    }
    names! {
        Name => name, Salutation => salutation, Gender => gender, BirthYear => birth_year, Phone => phone, Email => email, Company => company,
        Address => address, Region => region, Occupation => occupation, Interests => interests, Source => source, Needs => needs, Pains => pains,
        Intent => intent, IntentReason => intent_reason, Tags => tags, Consent => consent, Owner => owner, Team => team, Login => login,
        Role => role, Theme => theme, StartsAt => starts_at, EndsAt => ends_at, Venue => venue, Capacity => capacity, Agenda => agenda,
        Speaker => speaker, Staff => staff, Desk => desk, Seat => seat, Words => words, Question => question, CallBackAt => call_back_at,
        Reason => reason, Ticket => ticket, Price => price, Quantity => quantity, Discount => discount, Deposit => deposit, Amount => amount, Instalments => instalments,
        ContractText => contract_text, Signature => signature, SignerName => signer_name, Rows => rows, Description => description,
        Customers => customers, UtcOffset => utc_offset, Photo => photo, Due => due, IdleMinutes => idle_minutes, LeaseHours => lease_hours,
        Template => template, Entry => entry, Wording => wording, Why => why, Task => task, Measure => measure, Result => result,
        Table => table, Place => place, Until => until, Item => item, Companions => companions,
        SellingPoint => selling_point, Answers => answers, Suits => suits, Satisfaction => satisfaction, Finding => finding,
    }
}

/// What a stored noun is called.
#[must_use]
fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Settings => t::kinds::settings(),
        Kind::Team => t::kinds::team(),
        Kind::User => t::kinds::user(),
        Kind::Customer | Kind::MergedCustomer => t::kinds::customer(),
        Kind::ImportedChange => t::kinds::imported_change(),
        Kind::Milestone => t::kinds::milestone(),
        Kind::PoolCard => t::kinds::pool_card(),
        Kind::Meeting => t::kinds::meeting(),
        Kind::Places => t::kinds::places(),
        Kind::Guest => t::kinds::guest(),
        Kind::Invitation => t::kinds::invitation(),
        Kind::CheckIn => t::kinds::check_in(),
        Kind::Conflict => t::kinds::conflict(),
        Kind::Product => t::kinds::product(),
        Kind::SellingPoint => t::kinds::selling_point(),
        Kind::Promotion => t::kinds::promotion(),
        Kind::Taking => t::kinds::taking(),
        Kind::Deal => t::kinds::deal(),
        Kind::Contract => t::kinds::contract(),
        Kind::HeldCommand => t::kinds::held_command(),
        Kind::Attachment => t::kinds::attachment(),
        Kind::Preparation => t::kinds::preparation(),
        Kind::Improvement => t::kinds::improvement(),
        Kind::Desk => t::kinds::desk(),
        Kind::Table => t::kinds::table(),
        Kind::Seating => t::kinds::seating(),
        Kind::Hall => t::kinds::hall(),
        Kind::Item => t::kinds::item(),
        Kind::Handout => t::kinds::handout(),
        Kind::HandoutReceipt => t::kinds::handout_receipt(),
        Kind::AgendaMark => t::kinds::agenda_mark(),
        Kind::GuestNote => t::kinds::guest_note(),
        Kind::HelpCall => t::kinds::help_call(),
        Kind::Export => t::kinds::export(),
        Kind::LoggedContact => t::kinds::logged_contact(),
        Kind::Complaint => t::kinds::complaint(),
        Kind::FollowUp => t::kinds::follow_up(),
        Kind::Errand => t::kinds::errand(),
        Kind::Target => t::kinds::target(),
    }
}

/// Whoever this device does not know.
fn somebody() -> String {
    kind_name(Kind::User).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{Language, set_language};

    #[test]
    fn a_refusal_names_the_field_and_the_bounds_in_every_language() {
        let why = Rejection::TooLong { field: Field::Name, max: 100, found: 5_000 };
        for (language, text) in [
            (Language::ZhHant, "姓名太長\u{ff1a}最多 100 字\u{ff0c}現在 5000 字。"),
            (Language::ZhHans, "姓名太长\u{ff1a}最多 100 字\u{ff0c}现在 5000 字。"),
            (Language::En, "Name is too long: at most 100 characters, now 5000."),
        ] {
            set_language(language);
            assert_eq!(rejection(&why), text);
        }
        let why = Rejection::OutOfRange { field: Field::Capacity, min: 1, max: 100_000 };
        assert_eq!(rejection(&why), "Places must be between 1 and 100000.");
        let why = Rejection::DiscountAboveLimit { limit: 500, asked: 1_050 };
        assert_eq!(rejection(&why), "A discount of 10.5% is above your limit of 5%: somebody with a higher limit must approve it.");
    }
}
