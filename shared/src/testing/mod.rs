//! An invented organisation for tests, small enough to be kept in mind.
//!
//! Law: everything is fixed (times, ids, names), so that the same calls give the same records in every run.
//!
//! Team North: `rep` and `colleague` under `supervisor`. Team South: `stranger` under `other_supervisor`. Above them `manager` and
//! `director`, beside them `marketing`, `office`, `finance` and `administrator`; `leaver` of team North has no access any more. At `meeting` `rep` (reception) and `colleague` (closer) are on duty,
//! at `other_meeting` `stranger`. Everybody who sells has one customer; one more is in the pool.

pub mod dice;
pub mod messages;
pub mod script;

use crate::check_ins::Method;
use crate::check_ins::command::CheckInGuest;
use crate::command::Command;
use crate::customers::command::AddCustomer;
use crate::customers::pool::PoolCard;
use crate::customers::{Customer, Profile};
use crate::deals::Deal;
use crate::deals::command::{OpenDeal, OrderLine, SignDeal};
use crate::deals::contract::sha256_hex;
use crate::decide::{Actor, Authority, Context, Patch, Stop, decide};
use crate::follow_ups::FollowUpRules;
use crate::gist;
use crate::ids::*;
use crate::invitations::command::{PlanInvitations, PlannedInvitation, RecordAnswer};
use crate::invitations::ticket::TicketSigner;
use crate::invitations::{Answer, Channel};
use crate::meetings::{AgendaItem, Duty, Meeting, MeetingState, Plan, Staff};
use crate::money::{Currency, Money};
use crate::people::{Access, Role, Team, User};
use crate::phone::{Country, Phone};
use crate::products::{Listing, Product};
use crate::quarantine::HeldCommand;
use crate::record::{Entity, Record};
use crate::rejection::Rejection;
use crate::settings::{DevicePolicy, DiscountLimits, Entry, EntryState, Fault, Settings, Texts, Wording};
use crate::sync::protocol::RowHash;
use crate::sync::records::Records;
use crate::sync::replica::Replica;
use crate::sync::scopes::held_by;
use crate::sync::slot::Held;
use crate::sync::slot::{Page, Unread};
use crate::time::{Timestamp, UtcOffset};
use std::sync::Arc;
use uuid::Uuid;

/// The secret from which the organisation's ticket key is made.
pub const TICKET_SEED: [u8; 32] = [7; 32];
/// The public half of what a server makes of that seed for letters.
pub const LETTER_KEY: &str = "BMCSxl5zBQUWgypBAQ6256q2EsvIV_bWnkF2KXGKQdXQK1iKbH1PUBPEPfIuWOuIDC8DB-CqpaRTv1GBWof2PNw";

/// A whole organisation in memory: what a server holds.
pub struct World {
    /// All records.
    pub records: Records,
    /// When the next command happens; every applied command takes a second.
    pub now: Timestamp,
    next_id: u128,
    signer: TicketSigner,
    /// The organisation.
    pub org: OrgId,
    /// Team of `rep`, `colleague`, `supervisor` and `leaver`.
    pub north: TeamId,
    /// Team of `stranger` and `other_supervisor`.
    pub south: TeamId,
    /// A rep of team North, reception at `meeting`.
    pub rep: UserId,
    /// Another rep of team North, closer at `meeting`.
    pub colleague: UserId,
    /// A rep of team South, reception at `other_meeting`.
    pub stranger: UserId,
    /// The supervisor of team North.
    pub supervisor: UserId,
    /// The supervisor of team South.
    pub other_supervisor: UserId,
    /// The manager.
    pub manager: UserId,
    /// The administrator.
    pub administrator: UserId,
    /// The director.
    pub director: UserId,
    /// Of marketing.
    pub marketing: UserId,
    /// Of the office.
    pub office: UserId,
    /// Of finance.
    pub finance: UserId,
    /// Was a rep of team North; access is revoked.
    pub leaver: UserId,
    /// Takes place; `rep` and `colleague` are on duty.
    pub meeting: MeetingId,
    /// Takes place; `stranger` is on duty.
    pub other_meeting: MeetingId,
    /// A product of 12,800.00.
    pub course: ProductId,
    /// A product of 350.50.
    pub book: ProductId,
    /// `rep`'s.
    pub customer: CustomerId,
    /// `colleague`'s.
    pub colleagues_customer: CustomerId,
    /// `stranger`'s.
    pub strangers_customer: CustomerId,
    /// Nobody's.
    pub pool_customer: CustomerId,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("records", &self.records).field("now", &self.now).finish_non_exhaustive()
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// The organisation as the module's head describes it.
    #[must_use]
    pub fn new() -> Self {
        let mut ids = (1_u128..).map(Uuid::from_u128);
        let mut id = || ids.next().expect("there are enough numbers");
        let mut world = Self {
            records: Records::default(),
            now: "2026-11-23T01:00:00Z".parse().expect("a valid instant"),
            next_id: 1_000,
            signer: TicketSigner::from_seed(&TICKET_SEED),
            org: OrgId(id()),
            north: TeamId(id()),
            south: TeamId(id()),
            rep: UserId(id()),
            colleague: UserId(id()),
            stranger: UserId(id()),
            supervisor: UserId(id()),
            other_supervisor: UserId(id()),
            manager: UserId(id()),
            administrator: UserId(id()),
            leaver: UserId(id()),
            meeting: MeetingId(id()),
            other_meeting: MeetingId(id()),
            course: ProductId(id()),
            book: ProductId(id()),
            customer: CustomerId(id()),
            colleagues_customer: CustomerId(id()),
            strangers_customer: CustomerId(id()),
            pool_customer: CustomerId(id()),
            director: UserId(id()),
            marketing: UserId(id()),
            office: UserId(id()),
            finance: UserId(id()),
        };
        world.put(settings(world.org, &world.signer));
        world.put(Team { id: world.north, name: "北區".into() });
        world.put(Team { id: world.south, name: "南區".into() });
        let (north, south) = (Some(world.north), Some(world.south));
        for (id, name, login, role, team, access) in [
            (world.rep, "林佳穎", "rep", Role::Rep, north, Access::Granted),
            (world.colleague, "吳宗翰", "colleague", Role::Rep, north, Access::Granted),
            (world.stranger, "蔡雅婷", "stranger", Role::Rep, south, Access::Granted),
            (world.supervisor, "黃志明", "supervisor", Role::Supervisor, north, Access::Granted),
            (world.other_supervisor, "許淑芬", "other_supervisor", Role::Supervisor, south, Access::Granted),
            (world.manager, "鄭國強", "manager", Role::Manager, None, Access::Granted),
            (world.director, "沈建宏", "director", Role::Director, None, Access::Granted),
            (world.marketing, "羅心怡", "marketing", Role::Marketing, None, Access::Granted),
            (world.office, "范文彬", "office", Role::Office, None, Access::Granted),
            (world.finance, "高秀蘭", "finance", Role::Finance, None, Access::Granted),
            (world.administrator, "謝美玲", "administrator", Role::Administrator, None, Access::Granted),
            (world.leaver, "郭俊傑", "leaver", Role::Rep, north, Access::Revoked),
        ] {
            world.put(User { id, name: name.into(), login: login.into(), role, team, access });
        }
        let staff = [(world.rep, Duty::Reception), (world.colleague, Duty::Closer)].map(|(user, duty)| Staff { user, duty });
        world.put(Meeting { id: world.meeting, plan: world.plan(&staff), state: MeetingState::Planned });
        let staff = [Staff { user: world.stranger, duty: Duty::Reception }];
        world.put(Meeting { id: world.other_meeting, plan: world.plan(&staff), state: MeetingState::Planned });
        for (id, name, minor) in [(world.course, "理財課程", 1_280_000), (world.book, "入門書", 35_050)] {
            let (name, description, price) = (name.into(), String::new(), Money::new(minor, Currency::Twd));
            world.put(Product { id, name, description, price, listing: Listing::OnSale, suits: String::new() });
        }
        for (id, name, owner, team) in [
            (world.customer, "王小明", Some(world.rep), north),
            (world.colleagues_customer, "陳美華", Some(world.colleague), north),
            (world.strangers_customer, "張大同", Some(world.stranger), south),
            (world.pool_customer, "李文雄", None, None),
        ] {
            let profile = world.profile(name);
            world.put(Customer { id, owner, team, profile, import: None, handovers: Vec::new(), created_at: world.now, changed_at: world.now });
        }
        let (region, occupation, source) = Default::default();
        world.put(PoolCard { customer: world.pool_customer, region, occupation, source, intent: None, since: world.now });
        world
    }

    /// A new id; every call gives another one.
    pub fn id<T: From<Uuid>>(&mut self) -> T {
        self.next_id += 1;
        Uuid::from_u128(self.next_id).into()
    }

    /// Lets new ids begin elsewhere, so that two worlds or devices never make the same one.
    pub fn ids_from(&mut self, first: u128) {
        self.next_id = first;
    }

    /// Stores a record past all rules.
    pub fn put<T: Entity>(&mut self, noun: T) {
        self.records.put(noun.into());
    }

    /// A record that must exist.
    #[must_use]
    pub fn get<T: Entity>(&self, id: T::Id) -> Arc<T> {
        self.find(id).expect("the record exists in this world")
    }

    /// A record, if it exists.
    #[must_use]
    pub fn find<T: Entity>(&self, id: T::Id) -> Option<Arc<T>> {
        self.records.get(crate::Key { kind: T::KIND, id: id.into() }).and_then(T::of).cloned()
    }

    /// Everybody who begins with access. Their order is that of the script ([`script::ROWS_AFTER_SCRIPT`]).
    #[must_use]
    pub const fn people(&self) -> [UserId; 11] {
        [
            self.rep,
            self.colleague,
            self.stranger,
            self.supervisor,
            self.other_supervisor,
            self.manager,
            self.administrator,
            self.director,
            self.marketing,
            self.office,
            self.finance,
        ]
    }

    /// The actor that a user is, whatever their access.
    #[must_use]
    pub fn actor(&self, user: UserId) -> Actor {
        let user = self.get::<User>(user);
        Actor { org: self.org, user: user.id, role: user.role, team: user.team }
    }

    /// The device of a user.
    #[must_use]
    pub fn device(&self, user: UserId) -> ClientId {
        ClientId(Uuid::from_u128(user.0.as_u128() | (0xDE << 96)))
    }

    /// Signs tickets with the organisation's key.
    #[must_use]
    pub const fn signer(&self) -> &TicketSigner {
        &self.signer
    }

    /// What the rules say to a command, as on the server, without carrying it out.
    ///
    /// # Errors
    /// The rules' [`Rejection`].
    pub fn decide(&self, user: UserId, command: &Command) -> Result<Vec<Patch>, Rejection> {
        let context = Context {
            actor: self.actor(user),
            at: self.now,
            device: self.device(user),
            authority: Some(Authority { signer: &self.signer, now: self.now }),
        };
        decide(&self.records, command, &context).map_err(|stop| match stop {
            Stop::Rejected(rejection) => rejection,
            Stop::Unavailable(_) => unreachable!("records in memory can always be read"),
        })
    }

    /// What a server does with a command: a field fact that the rules refuse is held for a person. Gives whether it took effect.
    pub fn receive(&mut self, user: UserId, command: Command) -> bool {
        if let Err(rejection) = self.decide(user, &command)
            && command.is_field_fact()
        {
            self.hold(user, command.clone(), rejection);
        }
        self.apply(user, command).is_ok_and(|patches| !patches.is_empty())
    }

    /// Puts a command into quarantine past all rules, as a server does with what it may not rule on.
    pub fn hold(&mut self, by: UserId, command: impl Into<Command>, rejection: Rejection) -> HeldCommandId {
        let (id, device, at) = (self.id(), self.device(by), self.now);
        self.put(HeldCommand { id, command: command.into().to_raw(), by, device, occurred_at: at, arrived_at: at, rejection, ruling: None });
        id
    }

    /// Carries a command out, as the server does. A second passes.
    ///
    /// # Errors
    /// The rules' [`Rejection`]; then nothing has changed.
    pub fn apply(&mut self, user: UserId, command: impl Into<Command>) -> Result<Vec<Patch>, Rejection> {
        let patches = self.decide(user, &command.into());
        self.now += chrono::Duration::seconds(1);
        let patches = patches?;
        patches.iter().cloned().for_each(|patch| self.records.apply(patch));
        Ok(patches)
    }

    /// A device of a user that holds exactly what the user may see: every other row as one that came from the network, the rest as a start
    /// takes them from the device's storage, not read yet.
    #[must_use]
    pub fn replica(&self, user: UserId) -> Replica {
        let actor = self.actor(user);
        let scopes = held_by(&self.records, &actor).expect("records in memory can always be read");
        let mut replica = Replica::new(self.device(user), Some(actor));
        for (number, record) in self.all().filter(|record| scopes.contains(&record.scope())).enumerate() {
            let (key, scope, body) = (record.key(), record.scope(), record.encode());
            let held = Held { scope, version: 1, hash: RowHash::of_kind(key.kind, key.id, 1, &body) };
            match stored(record, body).filter(|_| number % 2 == 0) {
                Some(unread) => replica.put_unread(key.id, held, unread),
                None => replica.put_row(key.kind.name(), key.id, held, Some(record.clone())),
            }
        }
        replica
    }

    /// All records, in the order of their keys.
    pub fn all(&self) -> impl Iterator<Item = &Record> {
        let mut records: Vec<_> = crate::Kind::ALL.iter().flat_map(|&kind| self.records.of_kind(kind)).collect();
        records.sort_unstable_by_key(|record| record.key());
        records.into_iter()
    }

    /// A profile with a name and a phone that follows from the name.
    #[must_use]
    pub fn profile(&self, name: &str) -> Profile {
        let digits = name.chars().fold(0_u64, |sum, c| (sum * 31 + u64::from(u32::from(c))) % 100_000_000);
        let phone = Phone::parse(&format!("09{digits:08}"), Country::Tw).expect("ten digits beginning with 09");
        Profile { name: name.into(), phones: vec![phone], ..Profile::default() }
    }

    /// A plan for a meeting a week after `now`, of three hours, with this staff.
    #[must_use]
    pub fn plan(&self, staff: &[Staff]) -> Plan {
        let starts_at = self.now + chrono::Duration::days(7);
        Plan {
            theme: "秋季理財說明會".into(),
            starts_at,
            ends_at: starts_at + chrono::Duration::hours(3),
            utc_offset: UtcOffset::EAST_8,
            venue: "國際會議中心".into(),
            address: "臺北市信義路五段".into(),
            capacity: 120,
            agenda: vec![AgendaItem { minute: 0, title: "開場".into(), speaker: "鄭國強".into() }],
            staff: staff.to_vec(),
        }
    }

    /// A new customer of a seller's.
    pub fn add_customer(&mut self, owner: UserId, name: &str) -> CustomerId {
        let (customer, profile) = (self.id(), self.profile(name));
        self.must(owner, AddCustomer { customer, owner: Some(owner), profile });
        customer
    }

    /// Plans that a customer's owner invites them.
    pub fn invite(&mut self, meeting: MeetingId, customer: CustomerId) -> InvitationId {
        let rep = self.get::<Customer>(customer).owner.expect("somebody's customer");
        let invitation = self.id();
        let planned = vec![PlannedInvitation { invitation, customer, rep, channel: Channel::Phone, due: None }];
        self.must(rep, PlanInvitations { meeting, planned });
        invitation
    }

    /// Notes what an invited customer said.
    pub fn answer(&mut self, invitation: InvitationId, answer: Answer) {
        let rep = self.get::<crate::invitations::Invitation>(invitation).rep;
        self.must(rep, RecordAnswer { invitation, channel: Channel::Phone, answer, questions: Vec::new() });
    }

    /// A customer's guest card at a meeting: invites them and notes their yes.
    pub fn expect_guest(&mut self, meeting: MeetingId, customer: CustomerId) -> GuestId {
        let invitation = self.invite(meeting, customer);
        self.answer(invitation, Answer::Agreed);
        GuestId(invitation.0)
    }

    /// The command with which a desk lets a guest in, found in the list.
    pub fn check_in(&mut self, meeting: MeetingId, guest: GuestId) -> CheckInGuest {
        CheckInGuest { check_in: self.id(), meeting, guest, desk: "A".into(), method: Method::Search, ticket: None }
    }

    /// A world in which `rep` has opened a deal with `customer`.
    #[must_use]
    pub fn with_deal() -> (Self, DealId) {
        let mut world = Self::new();
        let command = world.open_deal(world.customer, None);
        let deal = command.deal;
        world.must(world.rep, command);
        (world, deal)
    }

    /// The command that opens a deal over one course.
    pub fn open_deal(&mut self, customer: CustomerId, meeting: Option<MeetingId>) -> OpenDeal {
        let price = self.get::<Product>(self.course).price;
        OpenDeal {
            deal: self.id(),
            customer,
            buyer: "王小明".into(),
            meeting,
            lines: vec![OrderLine { product: self.course, unit_price: price, quantity: 1, promotion: None }],
            discount: 0,
            deposit: Money::new(0, price.currency),
            approval_reason: None,
            total: None,
            instalments: Vec::new(),
            replaces: None,
        }
    }

    /// The command with which a deal's contract is signed.
    #[must_use]
    pub fn sign(&self, deal: DealId) -> SignDeal {
        let (text, strokes) = ("契約書：甲方同意購買。".to_owned(), dice::signature());
        let terms = self.find::<Deal>(deal).map(|deal| deal.terms());
        SignDeal {
            deal,
            sha256: sha256_hex(&text),
            text,
            template_version: 1,
            consent: true,
            signer: "王小明".into(),
            strokes,
            witness_strokes: Vec::new(),
            terms,
            declared: None,
            seal: None,
        }
    }

    fn must(&mut self, user: UserId, command: impl Into<Command>) {
        self.apply(user, command).expect("the world's own commands are within the rules");
    }
}

fn settings(org: OrgId, signer: &TicketSigner) -> Settings {
    let texts = |text: &str| Texts { zh_hant: text.into(), zh_hans: text.into(), en: text.into() };
    let entry = |code: &str| Entry { code: code.into(), texts: texts(code), state: EntryState::InUse };
    Settings {
        org,
        name: "匯成顧問".into(),
        country: Country::Tw,
        utc_offset: UtcOffset::EAST_8,
        currency: Currency::Twd,
        ticket_key: signer.public_key(),
        letter_key: Some(LETTER_KEY.into()),
        refusal_reasons: vec![entry("no_time"), entry("no_interest")],
        sources: vec![entry("referral")],
        discount_limits: DiscountLimits { rep: 500, supervisor: 1_000, manager: 2_000 },
        invitation_script: texts("{customer}您好"),
        reminder_script: texts("{date}見"),
        templates: Vec::new(),
        wordings: vec![Wording {
            code: "guaranteed".into(), phrase: "保證獲利".into(), fault: Fault::Misleading, why: texts("沒有人能保證")
        }],
        contract_template: texts("{buyer} {total}"),
        contract_template_version: 1,
        devices: DevicePolicy::default(),
        follow_ups: FollowUpRules::default(),
    }
}

/// A record as a page of the device's storage holds it.
fn stored(record: &Record, body: String) -> Option<Unread> {
    let page = OneRecord { gist: gist::of(record)?, body: body.into_bytes() };
    let all = |bytes: &[u8]| Some(0..u32::try_from(bytes.len()).ok()?);
    let (body, gist) = (all(&page.body)?, all(&page.gist)?);
    Some(Unread::new(record.key().kind, Arc::new(page), body, gist))
}

struct OneRecord {
    gist: Vec<u8>,
    body: Vec<u8>,
}

impl Page for OneRecord {
    fn heads(&self) -> &[u8] {
        &self.gist
    }

    fn bodies(&self) -> Option<&[u8]> {
        Some(&self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_worlds_built_alike_are_equal() {
        let build = || {
            let mut world = World::new();
            let (meeting, customer) = (world.meeting, world.customer);
            world.expect_guest(meeting, customer);
            world.all().map(Record::encode).collect::<Vec<_>>()
        };
        assert_eq!(build(), build());
    }

    #[test]
    fn a_device_holds_what_its_user_may_see() {
        let world = World::new();
        let names = |user| world.replica(user).all::<Customer>().map(|customer| customer.id).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(names(world.rep), [world.customer].into());
        assert_eq!(names(world.supervisor), [world.customer, world.colleagues_customer, world.pool_customer].into());
        assert_eq!(names(world.manager).len(), 4);
        assert!(names(world.administrator).is_empty());
    }
}
