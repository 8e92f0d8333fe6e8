//! Records: every noun that is stored, the scope that decides who may hold it, and the indexes by which rules find it.
//!
//! Law: a record has exactly one scope, computed from the record alone. Sensitive parts are records of their own in a tighter scope.

use crate::analysis::Period;
use crate::check_ins::{CheckIn, Conflict};
use crate::complaints::Complaint;
use crate::contacts::LoggedContact;
use crate::customers::merging::MergedCustomer;
use crate::customers::milestones::Milestone;
use crate::customers::pool::PoolCard;
use crate::customers::{Customer, ImportedChange};
use crate::deals::{Contract, Deal};
use crate::exports::Export;
use crate::files::{Attachment, ContentHash};
use crate::floor::{AgendaMark, GuestNote, HelpCall};
use crate::follow_ups::{Errand, FollowUp};
use crate::ids::*;
use crate::improvements::Improvement;
use crate::invitations::Invitation;
use crate::invitations::link::LinkHash;
use crate::meetings::places::Places;
use crate::meetings::{Guest, Meeting};
use crate::people::{Team, User};
use crate::phone::Phone;
use crate::preparations::Preparation;
use crate::products::{Product, SellingPoint};
use crate::promotions::{Promotion, Taking};
use crate::quarantine::HeldCommand;
use crate::seating::{Desk, Hall, Seating, Table};
use crate::settings::Settings;
use crate::stock::{Handout, HandoutReceipt, Item};
use crate::targets::Target;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Who may hold a record. The text form (`person:0190…`) is used on the wire and in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Everybody in the organisation: meetings, products, people's names, settings.
    Org,
    /// Customers without an owner (公海).
    Pool,
    /// What belongs to one person's work: their customers, invitations, deals.
    Person(UserId),
    /// What those who work at one meeting need: guest cards, check-ins, conflicts.
    Meeting(MeetingId),
    /// What is kept of who did what: managers and administrators.
    Audit,
    /// What everybody who sells may know: what customers in the pool are like.
    Sellers,
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Org => f.write_str("org"),
            Self::Pool => f.write_str("pool"),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Meeting(id) => write!(f, "meeting:{id}"),
            Self::Audit => f.write_str("audit"),
            Self::Sellers => f.write_str("sellers"),
        }
    }
}

/// The text is not a scope that this version knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScope;

impl std::fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unknown scope")
    }
}

impl std::str::FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        match text.split_once(':') {
            None if text == "org" => Ok(Self::Org),
            None if text == "pool" => Ok(Self::Pool),
            None if text == "audit" => Ok(Self::Audit),
            None if text == "sellers" => Ok(Self::Sellers),
            Some(("person", id)) => id.parse().map(Self::Person).map_err(|_| UnknownScope),
            Some(("meeting", id)) => id.parse().map(Self::Meeting).map_err(|_| UnknownScope),
            _ => Err(UnknownScope),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;
    fn try_from(text: String) -> Result<Self, UnknownScope> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

/// A named index and the key looked up in it. A record says under which keys it is found; every store keeps them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each name says what is found by what")]
pub enum Index {
    UsersByTeam(TeamId),
    UserByLogin(String),
    CustomersByOwner(UserId),
    CustomersByPhone(Phone),
    CustomersByImport(ImportId),
    CustomersMergedInto(CustomerId),
    ImportedChangesByImport(ImportId),
    MilestonesByCustomer(CustomerId),
    MeetingsByStaff(UserId),
    PreparationsByMeeting(MeetingId),
    InvitationOf(MeetingId, CustomerId),
    InvitationsByMeeting(MeetingId),
    InvitationsByCustomer(CustomerId),
    InvitationByLink(LinkHash),
    GuestsByMeeting(MeetingId),
    GuestsByCustomer(CustomerId),
    CheckInsByGuest(GuestId),
    CheckInsByMeeting(MeetingId),
    ConflictsByMeeting(MeetingId),
    AgendaMarksByMeeting(MeetingId),
    GuestNotesByGuest(GuestId),
    GuestNotesByCustomer(CustomerId),
    HelpCallsByMeeting(MeetingId),
    SellingPointsByProduct(ProductId),
    TakingsByPromotion(PromotionId),
    DealsByCustomer(CustomerId),
    DealsByMeeting(MeetingId),
    DealByCopy(LinkHash),
    AttachmentsByContent(ContentHash),
    AttachmentsAwaited,
    HeldCommandsBy(UserId),
    DesksByMeeting(MeetingId),
    TablesByMeeting(MeetingId),
    SeatingsByMeeting(MeetingId),
    SeatingsByGuest(GuestId),
    ItemsByMeeting(MeetingId),
    HandoutsByMeeting(MeetingId),
    HandoutsByGuest(GuestId),
    ContactsByCustomer(CustomerId),
    ComplaintsByCustomer(CustomerId),
    FollowUpsByCustomer(CustomerId),
    ErrandsByCustomer(CustomerId),
    ErrandsTo(UserId),
    TargetsByPeriod(Period),
}

impl Index {
    /// The kind of record found by this index.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::UsersByTeam(_) | Self::UserByLogin(_) => Kind::User,
            Self::CustomersByOwner(_) | Self::CustomersByPhone(_) | Self::CustomersByImport(_) => Kind::Customer,
            Self::CustomersMergedInto(_) => Kind::MergedCustomer,
            Self::ImportedChangesByImport(_) => Kind::ImportedChange,
            Self::MilestonesByCustomer(_) => Kind::Milestone,
            Self::MeetingsByStaff(_) => Kind::Meeting,
            Self::PreparationsByMeeting(_) => Kind::Preparation,
            Self::InvitationOf(..) | Self::InvitationsByMeeting(_) | Self::InvitationsByCustomer(_) | Self::InvitationByLink(_) => Kind::Invitation,
            Self::GuestsByMeeting(_) | Self::GuestsByCustomer(_) => Kind::Guest,
            Self::CheckInsByGuest(_) | Self::CheckInsByMeeting(_) => Kind::CheckIn,
            Self::ConflictsByMeeting(_) => Kind::Conflict,
            Self::AgendaMarksByMeeting(_) => Kind::AgendaMark,
            Self::GuestNotesByGuest(_) | Self::GuestNotesByCustomer(_) => Kind::GuestNote,
            Self::HelpCallsByMeeting(_) => Kind::HelpCall,
            Self::SellingPointsByProduct(_) => Kind::SellingPoint,
            Self::TakingsByPromotion(_) => Kind::Taking,
            Self::DealsByCustomer(_) | Self::DealsByMeeting(_) | Self::DealByCopy(_) => Kind::Deal,
            Self::AttachmentsByContent(_) | Self::AttachmentsAwaited => Kind::Attachment,
            Self::HeldCommandsBy(_) => Kind::HeldCommand,
            Self::DesksByMeeting(_) => Kind::Desk,
            Self::TablesByMeeting(_) => Kind::Table,
            Self::SeatingsByMeeting(_) | Self::SeatingsByGuest(_) => Kind::Seating,
            Self::ItemsByMeeting(_) => Kind::Item,
            Self::HandoutsByMeeting(_) | Self::HandoutsByGuest(_) => Kind::Handout,
            Self::ContactsByCustomer(_) => Kind::LoggedContact,
            Self::ComplaintsByCustomer(_) => Kind::Complaint,
            Self::FollowUpsByCustomer(_) => Kind::FollowUp,
            Self::ErrandsByCustomer(_) | Self::ErrandsTo(_) => Kind::Errand,
            Self::TargetsByPeriod(_) => Kind::Target,
        }
    }
}

impl std::fmt::Display for Index {
    /// The form stored in a database: name, colon, key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UsersByTeam(id) => write!(f, "users_by_team:{id}"),
            Self::UserByLogin(login) => write!(f, "user_by_login:{login}"),
            Self::CustomersByOwner(id) => write!(f, "customers_by_owner:{id}"),
            Self::CustomersByPhone(phone) => write!(f, "customers_by_phone:{}", phone.e164()),
            Self::CustomersByImport(id) => write!(f, "customers_by_import:{id}"),
            Self::CustomersMergedInto(id) => write!(f, "customers_merged_into:{id}"),
            Self::ImportedChangesByImport(id) => write!(f, "imported_changes_by_import:{id}"),
            Self::MilestonesByCustomer(id) => write!(f, "milestones_by_customer:{id}"),
            Self::MeetingsByStaff(id) => write!(f, "meetings_by_staff:{id}"),
            Self::PreparationsByMeeting(id) => write!(f, "preparations_by_meeting:{id}"),
            Self::InvitationOf(meeting, customer) => write!(f, "invitation_of:{meeting}:{customer}"),
            Self::InvitationsByMeeting(id) => write!(f, "invitations_by_meeting:{id}"),
            Self::InvitationsByCustomer(id) => write!(f, "invitations_by_customer:{id}"),
            Self::InvitationByLink(link) => write!(f, "invitation_by_link:{}", link.0),
            Self::GuestsByMeeting(id) => write!(f, "guests_by_meeting:{id}"),
            Self::GuestsByCustomer(id) => write!(f, "guests_by_customer:{id}"),
            Self::CheckInsByGuest(id) => write!(f, "check_ins_by_guest:{id}"),
            Self::CheckInsByMeeting(id) => write!(f, "check_ins_by_meeting:{id}"),
            Self::ConflictsByMeeting(id) => write!(f, "conflicts_by_meeting:{id}"),
            Self::AgendaMarksByMeeting(id) => write!(f, "agenda_marks_by_meeting:{id}"),
            Self::GuestNotesByGuest(id) => write!(f, "guest_notes_by_guest:{id}"),
            Self::GuestNotesByCustomer(id) => write!(f, "guest_notes_by_customer:{id}"),
            Self::HelpCallsByMeeting(id) => write!(f, "help_calls_by_meeting:{id}"),
            Self::SellingPointsByProduct(id) => write!(f, "selling_points_by_product:{id}"),
            Self::TakingsByPromotion(id) => write!(f, "takings_by_promotion:{id}"),
            Self::DealsByCustomer(id) => write!(f, "deals_by_customer:{id}"),
            Self::DealsByMeeting(id) => write!(f, "deals_by_meeting:{id}"),
            Self::DealByCopy(link) => write!(f, "deal_by_copy:{}", link.0),
            Self::AttachmentsByContent(hash) => write!(f, "attachments_by_content:{hash}"),
            Self::AttachmentsAwaited => f.write_str("attachments_awaited:"),
            Self::HeldCommandsBy(id) => write!(f, "held_commands_by:{id}"),
            Self::DesksByMeeting(id) => write!(f, "desks_by_meeting:{id}"),
            Self::TablesByMeeting(id) => write!(f, "tables_by_meeting:{id}"),
            Self::SeatingsByMeeting(id) => write!(f, "seatings_by_meeting:{id}"),
            Self::SeatingsByGuest(id) => write!(f, "seatings_by_guest:{id}"),
            Self::ItemsByMeeting(id) => write!(f, "items_by_meeting:{id}"),
            Self::HandoutsByMeeting(id) => write!(f, "handouts_by_meeting:{id}"),
            Self::HandoutsByGuest(id) => write!(f, "handouts_by_guest:{id}"),
            Self::ContactsByCustomer(id) => write!(f, "contacts_by_customer:{id}"),
            Self::ComplaintsByCustomer(id) => write!(f, "complaints_by_customer:{id}"),
            Self::FollowUpsByCustomer(id) => write!(f, "follow_ups_by_customer:{id}"),
            Self::ErrandsByCustomer(id) => write!(f, "errands_by_customer:{id}"),
            Self::ErrandsTo(id) => write!(f, "errands_to:{id}"),
            Self::TargetsByPeriod(period) => write!(f, "targets_by_period:{period}"),
        }
    }
}

/// What the table of kinds below knows of a noun.
pub trait Stored: Sized {
    /// Its kind.
    const KIND: Kind;
    /// Its identifier's type.
    type Id: Copy + Into<Uuid>;
    /// The noun inside a record, if it is of this kind.
    fn of(record: &Record) -> Option<&Arc<Self>>;
}

/// A noun that is stored: what each noun says of itself.
pub trait Entity: Stored + Clone + Serialize + DeserializeOwned + Into<Record> + Send + Sync + 'static {
    /// Its identifier.
    fn id(&self) -> Self::Id;
    /// Who may hold it.
    fn scope(&self) -> Scope;
    /// Under which keys it is found.
    fn indexes(&self, out: &mut Vec<Index>);
    /// What lists and searches need of it before it is read: the end of its gist ([`crate::gist`]). Most nouns are few, and need nothing.
    fn gist(&self, _: &mut Vec<u8>) {}
}

/// Identifies a record within an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Which noun.
    pub kind: Kind,
    /// Which one.
    pub id: Uuid,
}

macro_rules! entities {
    ($($kind:ident = $name:literal : $id:ty),+ $(,)?) => {
        /// The nouns that are stored. The name on the wire never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "documented at the noun")]
        pub enum Kind {
            $(#[serde(rename = $name)] $kind,)+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The name on the wire and in the database.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// The kind of a name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$kind),)+ _ => None }
            }
        }

        /// One stored noun, shared without copying.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "documented at the noun")]
        pub enum Record {
            $($kind(Arc<$kind>),)+
        }

        impl Record {
            /// Reads the JSON body of a record.
            ///
            /// # Errors
            /// What is wrong with the JSON.
            pub fn decode(kind: Kind, body: &str) -> serde_json::Result<Self> {
                match kind { $(Kind::$kind => serde_json::from_str(body).map(|noun| Self::$kind(Arc::new(noun))),)+ }
            }

            /// The JSON body. The order of its fields is that of the type, so equal records have equal bytes.
            #[must_use]
            pub fn encode(&self) -> String {
                match self { $(Self::$kind(noun) => serde_json::to_string(&**noun),)+ }
                    .expect("records hold only maps with text keys, so they always serialise")
            }

            /// Its key.
            #[must_use]
            pub fn key(&self) -> Key {
                match self { $(Self::$kind(noun) => Key { kind: Kind::$kind, id: noun.id().into() },)+ }
            }

            /// Who may hold it.
            #[must_use]
            pub fn scope(&self) -> Scope {
                match self { $(Self::$kind(noun) => noun.scope(),)+ }
            }

            /// Under which keys it is found; each once.
            #[must_use]
            pub fn indexes(&self) -> Vec<Index> {
                let mut out = Vec::with_capacity(4);
                match self { $(Self::$kind(noun) => noun.indexes(&mut out),)+ }
                out
            }

            /// Appends what lists and searches need of it ([`Entity::gist`]).
            pub fn gist(&self, out: &mut Vec<u8>) {
                match self { $(Self::$kind(noun) => noun.gist(out),)+ }
            }
        }

        $(
            impl From<$kind> for Record {
                fn from(noun: $kind) -> Self { Self::$kind(Arc::new(noun)) }
            }
            impl Stored for $kind {
                const KIND: Kind = Kind::$kind;
                type Id = $id;
                fn of(record: &Record) -> Option<&Arc<Self>> {
                    if let Record::$kind(noun) = record { Some(noun) } else { None }
                }
            }
        )+
    };
}

entities! {
    Settings = "settings": OrgId,
    Team = "team": TeamId,
    User = "user": UserId,
    Customer = "customer": CustomerId,
    ImportedChange = "imported_change": CustomerId,
    MergedCustomer = "merged_customer": CustomerId,
    Milestone = "milestone": MilestoneId,
    PoolCard = "pool_card": CustomerId,
    Meeting = "meeting": MeetingId,
    Places = "places": MeetingId,
    Guest = "guest": GuestId,
    Invitation = "invitation": InvitationId,
    CheckIn = "check_in": CheckInId,
    Conflict = "conflict": ConflictId,
    Product = "product": ProductId,
    SellingPoint = "selling_point": SellingPointId,
    Promotion = "promotion": PromotionId,
    Taking = "taking": DealId,
    Deal = "deal": DealId,
    Contract = "contract": DealId,
    HeldCommand = "held_command": HeldCommandId,
    Attachment = "attachment": AttachmentId,
    Preparation = "preparation": PreparationId,
    Improvement = "improvement": ImprovementId,
    Desk = "desk": DeskId,
    Table = "table": TableId,
    Seating = "seating": SeatingId,
    Hall = "hall": MeetingId,
    Item = "item": ItemId,
    Handout = "handout": HandoutId,
    HandoutReceipt = "handout_receipt": HandoutId,
    AgendaMark = "agenda_mark": AgendaMarkId,
    GuestNote = "guest_note": GuestNoteId,
    HelpCall = "help_call": HelpCallId,
    Export = "export": ExportId,
    LoggedContact = "logged_contact": ContactId,
    Complaint = "complaint": ComplaintId,
    FollowUp = "follow_up": FollowUpId,
    Errand = "errand": FollowUpId,
    Target = "target": TargetId,
}
