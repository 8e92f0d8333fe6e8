//! What travels and what is stored must be readable for ever: an old device sends old bytes, an old backup holds old rows.
//!
//! tests/fixtures/wire/v1 holds examples of everything that is serialised, one file per type, one example per line. They are only ever
//! added to: a line that today's code cannot read, or writes differently, means that today's code is wrong. A new command, kind, rejection
//! or message without an example fails here; write one by hand, in the order in which the type has its fields.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use shared::analysis::{By, Group, Length, Measure, Period, Question, ServersAnswer};
use shared::carry::hello::Hello;
use shared::carry::{Bag, Bundle};
use shared::check_ins::Method;
use shared::complaints::{ComplaintState, Severity};
use shared::contacts::{Came, Way};
use shared::customers::command::{ImportRow, ProfileChange};
use shared::customers::{Contact, Gender, Intent, Salutation};
use shared::deals::{ApprovalState, PaymentMethod, Stage};
use shared::exports::{Format, Invited, Whose};
use shared::files::Media;
use shared::floor::{Chip, Need, Reader, Step};
use shared::follow_ups::{Rule, Why};
use shared::invitations::{Answer, Channel, Confirmation, ReminderOutcome, Waiting};
use shared::meetings::{Duty, GuestOrigin, MeetingState, Standing};
use shared::money::Currency;
use shared::people::{Access, Role};
use shared::phone::Country;
use shared::products::Listing;
use shared::promotions::{Gives, Reduction};
use shared::seating::{DeskStanding, EndedWhy, Shape};
use shared::settings::{Dictionary, EntryState, Fault, Language, Purpose};
use shared::stock::{Due, ItemStanding, Receipt, Sort};
use shared::sync::client::Meta;
use shared::sync::files::FileAnswer;
use shared::sync::letters::LettersRequest;
use shared::sync::protocol::{Digest, Outcome, PullAnswer, PullRequest, PushAnswer, PushRequest, RawCommand, RetryReason, RowHash, Verdict};
use shared::targets::TargetOf;
use shared::{Command, Field, Kind, Record, Rejection, Scope};
use std::collections::BTreeSet;
use std::path::PathBuf;
use uuid::Uuid;

/// The fixtures, and which of them were read.
#[derive(Default)]
struct Fixtures {
    read: BTreeSet<String>,
}

impl Fixtures {
    fn folder() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire/v1")
    }

    /// The examples of a file, byte for byte.
    fn raw(&mut self, name: &str) -> Vec<Box<RawValue>> {
        let file = format!("{name}.json");
        let text = std::fs::read_to_string(Self::folder().join(&file)).unwrap_or_else(|error| panic!("{file} is needed: {error}"));
        self.read.insert(file);
        let examples: Vec<Box<RawValue>> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!examples.is_empty(), "{name} has an example at least");
        examples
    }

    /// The examples of a type: each is read, and written again as it was.
    fn check<T: Serialize + DeserializeOwned>(&mut self, name: &str) -> Vec<T> {
        let read = |example: &RawValue| {
            let value: T = serde_json::from_str(example.get()).unwrap_or_else(|error| panic!("{name}: {error} in {example}"));
            assert_eq!(serde_json::to_string(&value).expect("serialises"), example.get(), "{name}");
            value
        };
        self.raw(name).iter().map(|example| read(example)).collect()
    }
}

/// Checks that a file has an example of each variant. The match has no wildcard: a new variant does not compile until it stands here.
macro_rules! every_variant {
    ($fixtures:ident, $name:literal, $type:ident: $($variant:ident),+ $(,)?) => {{
        let examples = $fixtures.check::<$type>($name);
        let variant = |example: &$type| match example { $($type::$variant { .. } => stringify!($variant),)+ };
        let found: BTreeSet<_> = examples.iter().map(variant).collect();
        assert_eq!(found, BTreeSet::from([$(stringify!($variant)),+]), "examples in {}.json", $name);
    }};
}

#[test]
fn everything_ever_written_is_read_and_written_alike() {
    let mut fixtures = Fixtures::default();
    commands(&mut fixtures);
    records(&mut fixtures);
    messages(&mut fixtures);
    words(&mut fixtures);
    let files = std::fs::read_dir(Fixtures::folder()).expect("the folder of fixtures");
    let files: BTreeSet<_> = files.map(|file| file.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(files, fixtures.read, "an example that nothing reads any more");
}

fn commands(fixtures: &mut Fixtures) {
    for name in Command::NAMES {
        for example in fixtures.check::<RawCommand>(&format!("command.{name}")) {
            let command = Command::read(&example).unwrap_or_else(|error| panic!("{name}: {error:?} in {}", example.args));
            assert_eq!((command.name(), command.to_raw()), (*name, example));
        }
    }
    for (older, name) in Command::OLDER {
        for example in fixtures.check::<RawCommand>(&format!("command.{older}")) {
            let command = Command::read(&example).unwrap_or_else(|error| panic!("{older}: {error:?} in {}", example.args));
            assert_eq!((example.name.as_str(), command.name()), (*older, *name));
            assert_eq!(Command::names_field_fact(older), command.is_field_fact(), "{older} is what it was");
        }
    }
}

fn records(fixtures: &mut Fixtures) {
    for kind in Kind::ALL {
        for example in fixtures.raw(&format!("record.{}", kind.name())) {
            let record = Record::decode(*kind, example.get()).unwrap_or_else(|error| panic!("{}: {error}", kind.name()));
            assert_eq!(record.encode(), example.get());
            assert_eq!(record.key().kind, *kind);
        }
    }
}

fn messages(fixtures: &mut Fixtures) {
    fixtures.check::<PushRequest>("push_request");
    fixtures.check::<LettersRequest>("letters_request");
    fixtures.check::<Bundle>("carried_bundle");
    fixtures.check::<Hello>("carried_hello");
    fixtures.check::<Bag>("carried_bag");
    fixtures.check::<PullRequest>("pull_request");
    fixtures.check::<Meta>("meta");
    fixtures.check::<Question>("report_question");
    fixtures.check::<ServersAnswer>("report_answer");
    every_variant!(fixtures, "push_answer", PushAnswer: Done, Gap, Fork, EpochChanged, Retry, AccessRevoked);
    every_variant!(fixtures, "pull_answer", PullAnswer: Page, EpochChanged, UpdateNeeded, AccessRevoked);
    every_variant!(fixtures, "file_answer", FileAnswer: Received, Stored, Unknown, Damaged);
    every_variant!(fixtures, "retry_reason", RetryReason: ServerTooOld, Busy);
    every_variant!(fixtures, "scope", Scope: Org, Pool, Person, Meeting, Audit, Sellers);
    let verdict = |outcome: &Outcome| match outcome.verdict {
        Verdict::Applied => "applied",
        Verdict::Rejected { .. } => "rejected",
        Verdict::Quarantined { .. } => "quarantined",
    };
    let verdicts: BTreeSet<_> = fixtures.check::<Outcome>("outcome").iter().map(verdict).collect();
    assert_eq!(verdicts, BTreeSet::from(["applied", "quarantined", "rejected"]));
    every_variant!(fixtures, "rejection", Rejection:
        Forbidden, NotFound, AlreadyExists, Required, TooLong, OutOfRange, Malformed, NoWayOfContact, LoginTaken, AlreadyInvited, DoNotContact,
        CustomerTaken, MeetingCancelled, EndsBeforeStart, InvitationNotAgreed, NotEnoughPlaces, UnknownReason, TicketForged, TicketOfAnotherMeeting, TicketRevoked,
        AlreadyUndone, AlreadyRuled, DealNotOpen, DealEmpty, PriceMismatch, DiscountAboveLimit, MoneyOverflow, CurrencyMixed,
        PaymentAboveTotal, SignatureTooSmall, ContractTextAltered, ConsentMissing, NothingToUndo, NotYourself, UnknownCommand, Damaged, Newer, DiscountAboveAll,
        DiscountNotApproved, DiscountRuled, NotYourOwn, DealChanged, PaidAboveTotal, UnknownVariable, MissingVariable, AlreadyListed, SeatsLeased, DeskStaffed,
        DeskClosed, AlreadyEnded, NotMerged, SealBroken, InstalmentsOff, RefundAboveDue, TextChanged, PromotionNotOn);
}

/// Enums inside commands and records: a record's file shows one value of each, these show all.
fn words(fixtures: &mut Fixtures) {
    every_variant!(fixtures, "field", Field:
        Name, Salutation, Gender, BirthYear, Phone, Email, Company, Address, Region, Occupation, Interests, Source, Needs, Pains, Intent,
        IntentReason, Tags, Consent, Owner, Team, Login, Role, Theme, StartsAt, EndsAt, Venue, Capacity, Agenda, Speaker, Staff, Desk, Seat,
        Words, Question, CallBackAt, Due, Reason, Ticket, Price, Quantity, Discount, Deposit, Amount, ContractText, Signature, SignerName,
        Rows, Description, Customers, UtcOffset, Photo, IdleMinutes, LeaseHours, Template, Entry, Wording, Why, Task, Measure, Result,
        Table, Place, Until, Item, Companions, Instalments, SellingPoint, Answers, Suits, Satisfaction, Finding);
    every_variant!(fixtures, "measure", Measure: Amount, Deals, Quantity, Customers, NewCustomers);
    every_variant!(fixtures, "group", Group: Rep, Team, Product, Meeting, Channel, Region, Period);
    every_variant!(fixtures, "grouped_by", By: Rep, Team, Product, Meeting, Channel, Region, Period);
    every_variant!(fixtures, "target_of", TargetOf: Department, Team, Rep);
    let lengths: BTreeSet<_> = fixtures.check::<Period>("period").iter().map(|period| period.length()).collect();
    assert_eq!(lengths, BTreeSet::from(Length::ALL));
    every_variant!(fixtures, "profile_change", ProfileChange:
        Name, Salutation, Gender, BirthYear, Phones, Email, Company, Address, Region, Occupation, Interests, Source, Needs, Pains, Intent,
        IntentReason, Tags, Consents, Contact, ConsentGiven, ConsentWithdrawn, Language, Reminders);
    every_variant!(fixtures, "import_row", ImportRow: Create, Update);
    every_variant!(fixtures, "answer", Answer: Planned, Agreed, Declined, CallBack, NoAnswer, WrongNumber, DoNotContact);
    every_variant!(fixtures, "stage", Stage: Quoted, Signed, Paid, Cancelled, Replaced);
    every_variant!(fixtures, "approval_state", ApprovalState: Waiting, Granted, Refused);
    every_variant!(fixtures, "role", Role: Rep, Supervisor, Manager, Administrator, Director, Marketing, Office, Finance);
    every_variant!(fixtures, "dictionary", Dictionary: RefusalReasons, Sources);
    every_variant!(fixtures, "entry_state", EntryState: InUse, Retired);
    every_variant!(fixtures, "purpose", Purpose: Invite, Remind);
    every_variant!(fixtures, "language", Language: ZhHant, ZhHans, En);
    every_variant!(fixtures, "fault", Fault: Pushy, Misleading, Exaggerated);
    every_variant!(fixtures, "access", Access: Granted, Revoked);
    every_variant!(fixtures, "duty", Duty: Reception, Usher, Closer, Speaker);
    every_variant!(fixtures, "channel", Channel: Phone, Sms, Mail, Other);
    every_variant!(fixtures, "confirmation", Confirmation: Confirmed, CannotCome, Unreachable);
    every_variant!(fixtures, "waiting", Waiting: Untold, Told);
    every_variant!(fixtures, "reminder_outcome", ReminderOutcome: Sent, GivenUp);
    every_variant!(fixtures, "method", Method: Ticket, Search, WalkIn);
    every_variant!(fixtures, "salutation", Salutation: Mr, Ms);
    every_variant!(fixtures, "gender", Gender: Male, Female, Other);
    every_variant!(fixtures, "intent", Intent: A, B, C, D);
    every_variant!(fixtures, "contact", Contact: Allowed, Refused);
    every_variant!(fixtures, "standing", Standing: Agreed, Confirmed, Revoked);
    every_variant!(fixtures, "guest_origin", GuestOrigin: Invited, WalkIn);
    every_variant!(fixtures, "meeting_state", MeetingState: Planned, Cancelled);
    every_variant!(fixtures, "step", Step: Started, Ended);
    every_variant!(fixtures, "chip", Chip: Keen, Unmoved, Doubtful, Question, Hot, Warm, Cold);
    every_variant!(fixtures, "need", Need: Closer, ProductExpert, Usher, Supervisor);
    every_variant!(fixtures, "reader", Reader: Staff, Owner);
    every_variant!(fixtures, "listing", Listing: OnSale, Withdrawn);
    every_variant!(fixtures, "gives", Gives: Off, Bundle, Gift);
    every_variant!(fixtures, "reduction", Reduction: Percent, Amount);
    every_variant!(fixtures, "payment_method", PaymentMethod: Cash, Transfer, Card);
    every_variant!(fixtures, "export_format", Format: Csv, Xlsx);
    every_variant!(fixtures, "exported_owner", Whose: Pool, Person);
    every_variant!(fixtures, "exported_invited", Invited: To, NotTo, Never);
    every_variant!(fixtures, "media", Media: Jpeg, Png, Webp);
    every_variant!(fixtures, "currency", Currency: Twd, Cny, Hkd, Usd);
    every_variant!(fixtures, "country", Country: Tw, Cn, Hk);
    every_variant!(fixtures, "desk_standing", DeskStanding: Open, Closed);
    every_variant!(fixtures, "shape", Shape: Round, Row);
    every_variant!(fixtures, "ended_why", EndedWhy: TakenBack, Moved, NoShow, Ruled);
    every_variant!(fixtures, "sort", Sort: Material, Gift, Equipment);
    every_variant!(fixtures, "due", Due: EveryGuest, SomeGuests, Nobody);
    every_variant!(fixtures, "receipt", Receipt: None, Signature);
    every_variant!(fixtures, "item_standing", ItemStanding: InUse, Withdrawn);
    every_variant!(fixtures, "way", Way: Call, Message, Visit, InPerson);
    every_variant!(fixtures, "came", Came: Spoke, Interested, NotNow, NotReached, DoNotContact);
    every_variant!(fixtures, "severity", Severity: Urgent, Serious, Minor);
    every_variant!(fixtures, "complaint_state", ComplaintState: Open, Settled, Told);
    every_variant!(fixtures, "why", Why: Promised, CameOnly, StayedAway, FirstCare, SecondCare, Rhythm);
    every_variant!(fixtures, "follow_up_rule", Rule: CameOnly, StayedAway, FirstCare, SecondCare, RhythmA, RhythmB, RhythmC, RhythmD);
}

/// Every row on every device and server is summed up by this hash: if it changed, all would seem damaged at once. The values were computed
/// with another implementation of BLAKE3.
#[test]
fn the_hash_of_a_row_never_changes() {
    let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
    assert_eq!(RowHash::of("team", id, 7, r#"{"name":"北區"}"#).0, 0xee6f_c00b_c115_3c0b_18fb_67c7_4bf4_bf76);
    assert_eq!(RowHash::of("team", id, 8, r#"{"name":"北區"}"#).0, 0xe240_26e1_c740_f82d_ff09_da86_af80_9d44);
    assert_eq!(RowHash::of("", Uuid::nil(), 0, "").0, 0xa6ad_f754_2443_c419_bceb_b68c_8566_3200);
    assert_eq!(RowHash::of_kind(Kind::Team, id, 7, "{}"), RowHash::of("team", id, 7, "{}"));
}

#[test]
fn a_digest_is_a_count_and_a_wrapping_sum() {
    let mut digest = Digest::default();
    assert_eq!(serde_json::to_string(&digest).expect("serialises"), r#"{"count":0,"sum":"00000000000000000000000000000000"}"#);
    digest.add(RowHash(u128::MAX));
    digest.add(RowHash(0x10));
    assert_eq!(serde_json::to_string(&digest).expect("serialises"), r#"{"count":2,"sum":"0000000000000000000000000000000f"}"#);
    digest.remove(RowHash(u128::MAX));
    digest.remove(RowHash(0x10));
    assert_eq!(digest, Digest::default());
}

#[test]
fn what_a_newer_app_sends_is_told_from_what_is_broken() {
    let raw = |name: &str, args: &str| RawCommand { name: name.into(), args: RawValue::from_string(args.into()).expect("JSON") };
    assert_eq!(Command::read(&raw("add_team_v9", "{}")), Err(shared::command::Unreadable::UnknownName));
    for args in ["{}", "[]", "null", r#"{"team":"x","name":"北區"}"#, r#"{"team":"00000000-0000-0000-0000-000000000001","name":1}"#] {
        assert_eq!(Command::read(&raw("add_team_v1", args)), Err(shared::command::Unreadable::BadArguments), "{args}");
    }
    let more = r#"{"team":"00000000-0000-0000-0000-000000000001","name":"北區","of_a_newer_app":true}"#;
    assert!(Command::read(&raw("add_team_v1", more)).is_ok(), "a field more is no harm");
}
