//! Who may do what to whose rows: the rules themselves are asked for every cell, and the answers stand in one table to be read.
//! And who holds which scope on a device (product.md, People; M2).

use shared::check_ins::command::{RegisterWalkIn, RuleConflict, UndoCheckIn};
use shared::customers::command::{AddCustomer, EditCustomer, ImportCustomers, ImportRow, ProfileChange, TransferCustomers, UndoImport};
use shared::deals::command::{ApproveDiscount, CancelDeal, ChangeDeal, OpenDeal, OrderLine, RecordPayment, RefuseDiscount};
use shared::deals::{Deal, PaymentMethod};
use shared::decide::Actor;
use shared::ids::*;
use shared::invitations::command::{ConfirmInvitation, PlanInvitations, PlannedInvitation, RecordAnswer};
use shared::invitations::{Answer, Channel, Confirmation};
use shared::meetings::command::{CancelMeeting, EditMeeting, PlanMeeting};
use shared::meetings::{Duty, Staff};
use shared::money::{Currency, Money};
use shared::people::command::{AddTeam, AddUser, EditUser};
use shared::people::{Access, Role, User};
use shared::phone::{Country, Phone};
use shared::products::Listing;
use shared::products::command::{AddProduct, EditProduct};
use shared::quarantine::HeldVerdict;
use shared::quarantine::command::RuleHeldCommand;
use shared::settings::command::SetDevicePolicy;
use shared::sync::scopes::held_by;
use shared::testing::World;
use shared::{Command, Record, Rejection, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Whose row a command is about, as seen by whoever asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Team,
    OtherTeam,
    Pool,
    OtherOrganisation,
}

impl Whose {
    const ANYBODYS: &'static [Self] = &[Self::Own, Self::Team, Self::OtherTeam, Self::OtherOrganisation];
    const ANYBODYS_OR_POOL: &'static [Self] = &[Self::Own, Self::Team, Self::OtherTeam, Self::Pool, Self::OtherOrganisation];

    const fn text(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Team => "same team's",
            Self::OtherTeam => "other team's",
            Self::Pool => "pool's",
            Self::OtherOrganisation => "other organisation's",
        }
    }
}

/// One row of everything for each person who may have any: a meeting where they alone are on duty, a customer who is a guest there, and so on.
struct Stage {
    world: World,
    rows: BTreeMap<UserId, Rows>,
    foreign: Rows,
    pool: CustomerId,
}

#[derive(Clone, Copy)]
struct Rows {
    user: UserId,
    meeting: MeetingId,
    customer: CustomerId,
    invitation: InvitationId,
    check_in: CheckInId,
    conflict: ConflictId,
    import: ImportId,
    deal: DealId,
    /// Waits for the approval of a discount that the seller's supervisor may give, if there is one.
    waiting: DealId,
    /// Waits for the approval of a discount that only a manager may give.
    waiting_for_manager: DealId,
    held: HeldCommandId,
}

impl Stage {
    fn new() -> Self {
        let mut world = World::new();
        let people = [world.rep, world.colleague, world.supervisor, world.manager, world.stranger];
        let rows = people.map(|user| (user, rows_of(&mut world, user))).into();
        let foreign = Rows {
            user: world.id(),
            meeting: world.id(),
            customer: world.id(),
            invitation: world.id(),
            check_in: world.id(),
            conflict: world.id(),
            import: world.id(),
            deal: world.id(),
            waiting: world.id(),
            waiting_for_manager: world.id(),
            held: world.id(),
        };
        let pool = world.pool_customer;
        Self { world, rows, foreign, pool }
    }

    /// The rows that are `whose` to an actor; none where there cannot be any.
    fn rows(&self, actor: UserId, whose: Whose) -> Option<Rows> {
        match whose {
            Whose::Own => self.rows.get(&actor).copied(),
            Whose::Team => self.rows.get(if actor == self.world.rep { &self.world.colleague } else { &self.world.rep }).copied(),
            Whose::OtherTeam => self.rows.get(&self.world.stranger).copied(),
            Whose::OtherOrganisation => Some(self.foreign),
            Whose::Pool => Some(Rows { customer: self.pool, ..self.foreign }),
        }
    }

    fn ask(&self, actor: UserId, command: &Command) -> String {
        match self.world.decide(actor, command) {
            Ok(_) => "yes".into(),
            Err(Rejection::Forbidden) => "no".into(),
            Err(other) => serde_json::to_value(&other).expect("serialises")["code"].as_str().expect("a code").replace('_', " "),
        }
    }
}

fn rows_of(world: &mut World, user: UserId) -> Rows {
    let meeting = world.id();
    let plan = world.plan(&[Staff { user, duty: Duty::Reception }]);
    world.apply(world.manager, PlanMeeting { meeting, plan }).expect("within the rules");
    let customer = world.add_customer(user, "馬小玲");
    let guest = world.expect_guest(meeting, customer);
    let first = world.check_in(meeting, guest);
    world.apply(user, first.clone()).expect("within the rules");
    let second = world.check_in(meeting, guest);
    world.apply(user, second.clone()).expect("within the rules");
    let (import, imported) = (world.id(), world.id());
    let rows = vec![ImportRow::Create { customer: imported, profile: Box::new(world.profile("匯入")) }];
    world.apply(user, ImportCustomers { import, rows }).expect("within the rules");
    let deal = world.open_deal(customer, None);
    world.apply(user, deal.clone()).expect("within the rules");
    let [waiting, waiting_for_manager] = [800, 1_500].map(|discount| {
        let command = OpenDeal { discount, approval_reason: Some("老客戶".into()), ..world.open_deal(customer, None) };
        world.apply(user, command.clone()).expect("within the rules");
        command.deal
    });
    let (check_in, conflict) = (first.check_in, ConflictId(second.check_in.0));
    let asked = world.check_in(meeting, guest);
    let held = world.hold(user, asked, Rejection::Forbidden);
    Rows {
        user,
        meeting,
        customer,
        invitation: InvitationId(guest.0),
        check_in,
        conflict,
        import,
        deal: deal.deal,
        waiting,
        waiting_for_manager,
        held,
    }
}

type Ask = Box<dyn Fn(&mut World, UserId, Rows) -> Command>;

/// One line of the table: what is asked, and of whose rows.
struct Line {
    what: &'static str,
    whose: &'static [Whose],
    ask: Ask,
}

fn line<C: Into<Command>>(what: &'static str, whose: &'static [Whose], ask: impl Fn(&mut World, UserId, Rows) -> C + 'static) -> Line {
    Line { what, whose, ask: Box::new(move |world, actor, rows| ask(world, actor, rows).into()) }
}

/// What does not concern anybody's row.
const NOBODYS: &[Whose] = &[Whose::OtherOrganisation];

fn lines() -> Vec<Line> {
    let mut lines = people_and_products();
    lines.extend(customers());
    lines.extend(meetings_and_invitations());
    lines.extend(check_ins());
    lines.extend(deals());
    lines.extend(quarantine());
    lines
}

fn people_and_products() -> Vec<Line> {
    let price = Money::new(100, Currency::Twd);
    vec![
        line("", NOBODYS, |world, _, _| AddTeam { team: world.id(), name: "東區".into() }),
        line("", NOBODYS, |world, _, _| AddUser { user: world.id(), name: "周杰".into(), login: "chou".into(), role: Role::Manager, team: None }),
        line("", Whose::ANYBODYS, |world, _, rows| {
            let (role, team) = world.find::<User>(rows.user).map_or((Role::Manager, None), |user| (user.role, user.team));
            EditUser { user: rows.user, name: "周杰".into(), role, team, access: Access::Granted }
        }),
        line("", NOBODYS, move |world, _, _| AddProduct { product: world.id(), name: "書".into(), description: String::new(), price }),
        line("", NOBODYS, move |world, _, _| EditProduct {
            product: world.book,
            name: "書".into(),
            description: String::new(),
            price,
            listing: Listing::OnSale,
        }),
        line("", NOBODYS, |_, _, _| SetDevicePolicy { idle_minutes: 2, lease_hours: 24 }),
    ]
}

fn customers() -> Vec<Line> {
    let company = || vec![ProfileChange::Company("宏達".into())];
    vec![
        line("to be", &[Whose::Own, Whose::Team, Whose::OtherTeam], |world, _, rows| AddCustomer {
            customer: world.id(),
            owner: Some(rows.user),
            profile: world.profile("新客"),
        }),
        line("to be", &[Whose::Pool], |world, _, _| AddCustomer { customer: world.id(), owner: None, profile: world.profile("新客") }),
        line("", Whose::ANYBODYS_OR_POOL, move |_, _, rows| EditCustomer { customer: rows.customer, changes: company() }),
        line("to the pool:", Whose::ANYBODYS_OR_POOL, |_, _, rows| TransferCustomers { customers: vec![rows.customer], to: None }),
        line("to oneself:", Whose::ANYBODYS_OR_POOL, |_, actor, rows| TransferCustomers { customers: vec![rows.customer], to: Some(actor) }),
        line("to a rep of team North:", Whose::ANYBODYS_OR_POOL, |world, _, rows| TransferCustomers {
            customers: vec![rows.customer],
            to: Some(world.colleague),
        }),
        line("to a rep of team South:", Whose::ANYBODYS_OR_POOL, |world, _, rows| TransferCustomers {
            customers: vec![rows.customer],
            to: Some(world.stranger),
        }),
        line("new rows", NOBODYS, |world, _, _| ImportCustomers {
            import: world.id(),
            rows: vec![ImportRow::Create { customer: world.id(), profile: Box::new(world.profile("新客")) }],
        }),
        line("known rows,", Whose::ANYBODYS_OR_POOL, move |world, _, rows| ImportCustomers {
            import: world.id(),
            rows: vec![ImportRow::Update { customer: rows.customer, changes: company() }],
        }),
        line("", Whose::ANYBODYS, |_, _, rows| UndoImport { import: rows.import }),
    ]
}

fn meetings_and_invitations() -> Vec<Line> {
    let plan = |world: &mut World, customer, rep| PlanInvitations {
        meeting: world.other_meeting,
        planned: vec![PlannedInvitation { invitation: world.id(), customer, rep, channel: Channel::Phone, due: None }],
    };
    let answer = Answer::Agreed;
    vec![
        line("", NOBODYS, |world, _, _| PlanMeeting { meeting: world.id(), plan: world.plan(&[]) }),
        line("with duty:", Whose::ANYBODYS, |world, _, rows| EditMeeting { meeting: rows.meeting, plan: world.plan(&[]) }),
        line("with duty:", Whose::ANYBODYS, |_, _, rows| CancelMeeting { meeting: rows.meeting }),
        line("by the owner, customer:", Whose::ANYBODYS, move |world, _, rows| plan(world, rows.customer, rows.user)),
        line("by oneself, customer:", Whose::ANYBODYS_OR_POOL, move |world, actor, rows| plan(world, rows.customer, actor)),
        line("by a rep who does not own, customer:", Whose::ANYBODYS_OR_POOL, move |world, actor, rows| {
            let rep = if rows.user == world.colleague || actor == world.colleague { world.rep } else { world.colleague };
            plan(world, rows.customer, rep)
        }),
        line("", Whose::ANYBODYS, move |_, _, rows| RecordAnswer {
            invitation: rows.invitation,
            channel: Channel::Phone,
            answer: answer.clone(),
            questions: Vec::new(),
        }),
        line("", Whose::ANYBODYS, |_, _, rows| ConfirmInvitation { invitation: rows.invitation, confirmation: Confirmation::Confirmed }),
    ]
}

fn check_ins() -> Vec<Line> {
    let walk_in = |world: &mut World, meeting, customer| RegisterWalkIn {
        check_in: world.id(),
        guest: world.id(),
        customer,
        meeting,
        desk: String::new(),
        name: "路人".into(),
        salutation: None,
        phone: Phone::parse("0911222333", Country::Tw).ok(),
        email: String::new(),
        company: String::new(),
    };
    vec![
        line("with duty:", Whose::ANYBODYS, |world, _, rows| world.check_in(rows.meeting, GuestId(rows.invitation.0))),
        line("new customer, with duty:", Whose::ANYBODYS, move |world, _, rows| {
            let customer = world.id();
            walk_in(world, rows.meeting, customer)
        }),
        line("on duty, known customer:", &[Whose::Own, Whose::Team, Whose::OtherTeam, Whose::Pool], move |world, actor, rows| {
            let meeting = meeting_of(world, actor);
            walk_in(world, meeting, rows.customer)
        }),
        line("with duty:", Whose::ANYBODYS, |_, _, rows| UndoCheckIn { check_in: rows.check_in }),
        line("with duty:", Whose::ANYBODYS, |_, _, rows| RuleConflict { conflict: rows.conflict, keep: rows.check_in }),
    ]
}

fn deals() -> Vec<Line> {
    vec![
        line("customer:", Whose::ANYBODYS_OR_POOL, |world, _, rows| world.open_deal(rows.customer, None)),
        line("guest where the duty is, customer:", Whose::ANYBODYS, |world, _, rows| world.open_deal(rows.customer, Some(rows.meeting))),
        line("on duty, a guest there, customer:", &[Whose::Own, Whose::Team, Whose::OtherTeam], |world, actor, rows| {
            let meeting = meeting_of(world, actor);
            world.expect_guest(meeting, rows.customer);
            world.open_deal(rows.customer, Some(meeting))
        }),
        line("on duty, no guest there, customer:", &[Whose::Own, Whose::Team, Whose::OtherTeam], |world, actor, rows| {
            let meeting = meeting_of(world, actor);
            world.open_deal(rows.customer, Some(meeting))
        }),
        line("", Whose::ANYBODYS, |world, _, rows| change(world, rows.deal, 0, None)),
        line("11 % without asking:", Whose::ANYBODYS, |world, _, rows| change(world, rows.deal, 1_100, None)),
        line("11 % with a reason:", Whose::ANYBODYS, |world, _, rows| change(world, rows.deal, 1_100, Some("老客戶"))),
        line("8 %:", Whose::ANYBODYS, |world, _, rows| ApproveDiscount { deal: rows.waiting, terms: terms(world, rows.waiting) }),
        line("15 %:", Whose::ANYBODYS, |world, _, rows| ApproveDiscount {
            deal: rows.waiting_for_manager,
            terms: terms(world, rows.waiting_for_manager),
        }),
        line("8 %:", Whose::ANYBODYS, |world, _, rows| refuse(world, rows.waiting)),
        line("15 %:", Whose::ANYBODYS, |world, _, rows| refuse(world, rows.waiting_for_manager)),
        line("", Whose::ANYBODYS, |world, _, rows| world.sign(rows.deal)),
        line("waiting for approval:", Whose::ANYBODYS, |world, _, rows| world.sign(rows.waiting_for_manager)),
        line("", Whose::ANYBODYS, |world, _, rows| RecordPayment {
            deal: rows.deal,
            payment: world.id(),
            amount: Money::new(100, Currency::Twd),
            method: PaymentMethod::Cash,
            photo: None,
        }),
        line("", Whose::ANYBODYS, |_, _, rows| CancelDeal { deal: rows.deal, reason: "改期".into() }),
    ]
}

fn change(world: &World, deal: DealId, discount: u16, reason: Option<&str>) -> ChangeDeal {
    let lines = vec![OrderLine { product: world.book, unit_price: Money::new(35_050, Currency::Twd), quantity: 1 }];
    ChangeDeal { deal, lines, discount, deposit: Money::new(0, Currency::Twd), approval_reason: reason.map(Into::into) }
}

fn refuse(world: &World, deal: DealId) -> RefuseDiscount {
    RefuseDiscount { deal, terms: terms(world, deal), reason: "太多".into() }
}

fn terms(world: &World, deal: DealId) -> String {
    world.find::<Deal>(deal).map(|deal| deal.terms()).unwrap_or_default()
}

fn quarantine() -> Vec<Line> {
    let set_aside = || HeldVerdict::SetAside { reason: "登記錯人".into() };
    vec![
        line("accepted, recorded as", Whose::ANYBODYS, |_, _, rows| RuleHeldCommand { held: rows.held, verdict: HeldVerdict::Accepted }),
        line("set aside, recorded as", Whose::ANYBODYS, move |_, _, rows| RuleHeldCommand { held: rows.held, verdict: set_aside() }),
    ]
}

/// A meeting where the actor is on duty beside the rep of team North, and nobody is a guest.
fn meeting_of(world: &mut World, actor: UserId) -> MeetingId {
    let meeting = world.id();
    let staff = [world.rep, actor].map(|user| Staff { user, duty: Duty::Closer });
    world.apply(world.manager, PlanMeeting { meeting, plan: world.plan(&staff) }).expect("within the rules");
    meeting
}

#[test]
fn who_may_do_what_to_whose_rows() {
    let mut covered = BTreeSet::new();
    let mut table = format!("{:72}{:>23}{:>23}{:>23}{:>23}\n", "", "rep", "supervisor", "manager", "administrator");
    let (mut stage, mut written) = (Stage::new(), String::new());
    for line in lines() {
        for &whose in line.whose {
            let mut cells = String::new();
            let mut name = "";
            for actor in [stage.world.rep, stage.world.supervisor, stage.world.manager, stage.world.administrator] {
                let Some(rows) = stage.rows(actor, whose) else {
                    write!(cells, "{:>23}", "·").expect("a String takes all");
                    continue;
                };
                let command = (line.ask)(&mut stage.world, actor, rows);
                name = command.name();
                write!(cells, "{:>23}", stage.ask(actor, &command)).expect("a String takes all");
            }
            covered.insert(name);
            let whose = if line.whose == NOBODYS { "" } else { whose.text() };
            if written != name {
                writeln!(table, "\n{name}").expect("a String takes all");
                name.clone_into(&mut written);
            }
            writeln!(table, "    {:68}{cells}", format!("{} {whose}", line.what).trim()).expect("a String takes all");
        }
    }
    assert_eq!(covered, Command::NAMES.iter().copied().collect(), "every command stands in the table");
    insta::assert_snapshot!(table);
}

#[test]
fn who_holds_which_scope() {
    let stage = Stage::new();
    let world = &stage.world;
    let name = |user: UserId| world.get::<User>(user).login.clone();
    let mut named = BTreeMap::from([(Scope::Org, "org".to_owned()), (Scope::Pool, "pool".to_owned())]);
    for (user, rows) in &stage.rows {
        named.insert(Scope::Person(*user), format!("person: {}", name(*user)));
        named.insert(Scope::Meeting(rows.meeting), format!("meeting: {} on duty", name(*user)));
    }
    named.insert(Scope::Person(world.leaver), "person: leaver (no access)".into());
    let actors = world.people();
    let mut table = format!("{:32}", "");
    for actor in actors {
        write!(table, "{:>18}", name(actor)).expect("a String takes all");
    }
    for (scope, label) in named {
        write!(table, "\n{label:32}").expect("a String takes all");
        for actor in actors {
            let held = held_by(&world.records, &world.actor(actor)).expect("memory can be read").contains(&scope);
            write!(table, "{:>18}", if held { "yes" } else { "no" }).expect("a String takes all");
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn each_kind_of_record_has_its_scope() {
    let stage = Stage::new();
    let mut kinds: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for record in stage.world.all() {
        let scope = record.scope().to_string();
        kinds.entry(record.key().kind.name()).or_default().insert(scope.split(':').next().expect("a first part").to_owned());
    }
    let mut table = String::new();
    for (kind, scopes) in kinds {
        writeln!(table, "{kind}: {}", Vec::from_iter(scopes).join(", ")).expect("a String takes all");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn whoever_has_no_access_is_no_actor() {
    let world = World::new();
    assert_eq!(Actor::of(world.org, &world.get::<User>(world.leaver)), None);
}

/// No command of a role without customers may touch a customer's record, whatever it is.
#[test]
fn an_administrator_holds_no_customer_content() {
    let stage = Stage::new();
    let device = stage.world.replica(stage.world.administrator);
    for record in stage.world.all() {
        let held = device.find(record.key()).is_some();
        let open = matches!(record, Record::Settings(_) | Record::Team(_) | Record::User(_) | Record::Meeting(_) | Record::Product(_));
        assert_eq!(held, open, "{:?}", record.key());
    }
}
