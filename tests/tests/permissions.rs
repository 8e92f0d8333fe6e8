//! Who may do what to whose rows: the rules themselves are asked for every cell, and the answers stand in one table to be read.
//! And who holds which scope on a device (product.md, People; M2).

#[path = "permissions/after_meetings.rs"]
mod after_meetings;
#[path = "permissions/deals.rs"]
mod deals;
#[path = "permissions/figures.rs"]
mod figures;

use after_meetings::{after_meetings, complaint, contact, errand_of, hand_over, snooze};
use shared::analysis::{Group, Measure};
use shared::check_ins::command::{RegisterWalkIn, RuleConflict, UndoCheckIn};
use shared::complaints::Severity;
use shared::complaints::command::{AssignComplaint, NoteComplaintStep, ReopenComplaint, ReportComplaint, SettleComplaint, TellComplainant};
use shared::contacts::command::LogContact;
use shared::contacts::{Came, Way};
use shared::customers::Customer;
use shared::customers::command::{
    AddCustomer, ClaimCustomer, EditCustomer, ImportCustomers, ImportRow, MergeCustomers, ProfileChange, TransferCustomers, UndoImport, UndoMerge,
};
use shared::deals::command::*;
use shared::deals::contract::sha256_hex;
use shared::deals::{Deal, PaymentMethod};
use shared::decide::Actor;
use shared::exports::command::RecordExport;
use shared::exports::{Filters, Format};
use shared::floor::command::{AnswerHelpCall, CallForHelp, CloseHelpCall, MarkAgenda, NoteGuest, UndoAgendaMark};
use shared::floor::{Chip, Need, Step};
use shared::follow_ups::command::{Mark, MarkFollowUp, SetFollowUpRule};
use shared::follow_ups::{Rule, Why};
use shared::ids::*;
use shared::improvements::About;
use shared::improvements::command::{AddImprovement, EditImprovement, ImprovementProgress, SetImprovementState};
use shared::invitations::command::{
    AskQuestion, ChangeParty, ConfirmInvitation, MakeLink, NoteReminder, PlanInvitations, PlannedInvitation, RecordAnswer, RefuseReminders,
    TellWaiting, WithdrawLinks,
};
use shared::invitations::link::LinkToken;
use shared::invitations::{Answer, Channel, Confirmation, ReminderOutcome};
use shared::meetings::command::{CancelMeeting, EditMeeting, PlanMeeting};
use shared::meetings::{Duty, Staff};
use shared::money::{Currency, Money};
use shared::people::command::{AddTeam, AddUser, EditUser};
use shared::people::{Access, Role, User};
use shared::phone::{Country, Phone};
use shared::preparations::Owner;
use shared::preparations::command::{AddPreparation, CopyMeeting, EditPreparation, Progress, SetPreparationState};
use shared::products::command::*;
use shared::products::{Listing, SellingPoint};
use shared::promotions::command::{PutPromotion, WithdrawPromotion};
use shared::promotions::{Promotion, Version};
use shared::quarantine::HeldVerdict;
use shared::quarantine::command::RuleHeldCommand;
use shared::record::Stored;
use shared::seating::command::*;
use shared::seating::{DeskStanding, Seat, SeatRange, Shape};
use shared::settings::command::{MoveEntry, PutEntry, PutWording, RemoveWording, SetContractTemplate, SetDevicePolicy, SetEntryState, SetTemplate};
use shared::settings::{Dictionary, EntryState, Fault, Language, Purpose, Settings, Texts};
use shared::stock::command::*;
use shared::stock::{Due, ItemPlan, ItemStanding, Receipt, Sort};
use shared::sync::scopes::held_by;
use shared::targets::command::{EditTarget, SetTarget};
use shared::targets::{Goal, TargetOf};
use shared::testing::World;
use shared::testing::dice::signature;
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
    merged: CustomerId,
    invitation: InvitationId,
    check_in: CheckInId,
    conflict: ConflictId,
    import: ImportId,
    deal: DealId,
    /// Waits for the approval of a discount that the seller's supervisor may give, if there is one.
    waiting: DealId,
    /// Waits for the approval of a discount that only a manager may give.
    waiting_for_manager: DealId,
    /// Signed, and paid in part.
    signed: DealId,
    /// What was paid for it.
    payment: PaymentId,
    /// Signed, and its seller asks to call it off.
    unwanted: DealId,
    /// Signed, paid in part, and called off.
    called_off: DealId,
    held: HeldCommandId,
    preparation: PreparationId,
    improvement: ImprovementId,
    /// Is about the figures of the user.
    finding: ImprovementId,
    target: TargetId,
    desk: DeskId,
    table: TableId,
    seating: SeatingId,
    /// Got the seat that `seating` is about a second time.
    rival: SeatingId,
    item: ItemId,
    handout: HandoutId,
    mark: AgendaMarkId,
    call: HelpCallId,
    complaint: ComplaintId,
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
            merged: world.id(),
            invitation: world.id(),
            check_in: world.id(),
            conflict: world.id(),
            import: world.id(),
            deal: world.id(),
            waiting: world.id(),
            waiting_for_manager: world.id(),
            signed: world.id(),
            payment: world.id(),
            unwanted: world.id(),
            called_off: world.id(),
            held: world.id(),
            preparation: world.id(),
            improvement: world.id(),
            finding: world.id(),
            target: world.id(),
            desk: world.id(),
            table: world.id(),
            seating: world.id(),
            rival: world.id(),
            item: world.id(),
            handout: world.id(),
            mark: world.id(),
            call: world.id(),
            complaint: world.id(),
        };
        let pool = world.pool_customer;
        let export = RecordExport { export: world.id(), reason: "寄送禮品".into(), format: Format::Xlsx, rows: 3, filters: Filters::default() };
        world.apply(world.manager, export).expect("within the rules");
        let target = aim(world.id(), TargetOf::Department, "2026-11");
        world.apply(world.manager, target).expect("within the rules");
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
    let merged = world.add_customer(user, "馬曉玲");
    world.apply(user, MergeCustomers { kept: customer, merged }).expect("within the rules");
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
    let (signed, payment) = deals::signed_and_paid(world, user, customer);
    let ((unwanted, _), (called_off, _)) = (deals::signed_and_paid(world, user, customer), deals::signed_and_paid(world, user, customer));
    let ask = |deal| AskCancellation { deal, reason: "客戶改變主意".into() };
    world.apply(user, ask(unwanted)).expect("within the rules");
    let stage = shared::deals::Stage::Cancelled { reason: "客戶改變主意".into() };
    world.put(Deal { stage, ..(*world.get::<Deal>(called_off)).clone() });
    let (check_in, conflict) = (first.check_in, ConflictId(second.check_in.0));
    let asked = world.check_in(meeting, guest);
    let held = world.hold(user, asked, Rejection::Forbidden);
    let (preparation, improvement, finding, target) = (world.id(), world.id(), world.id(), world.id());
    world.apply(world.manager, task(preparation, meeting, Owner::Person { user })).expect("within the rules");
    world.apply(world.manager, measure(improvement, user)).expect("within the rules");
    world.apply(world.manager, found(finding, Some(Group::Rep(user)), user)).expect("within the rules");
    world.apply(world.manager, aim(target, TargetOf::Rep { rep: user }, "2026-11")).expect("within the rules");
    let (desk, table, seating, rival, item, handout) = (world.id(), world.id(), world.id(), world.id(), world.id(), world.id());
    let manager = world.manager;
    let mut done = |command: Command| drop(world.apply(manager, command).expect("within the rules"));
    done(OpenDesk { desk, meeting, name: "A".into() }.into());
    done(PutTables { meeting, tables: vec![drawn(table)] }.into());
    for seating in [seating, rival] {
        done(GiveSeats { meeting, desk: None, given: vec![given(seating, guest, table)] }.into());
    }
    done(PlanItem { item, meeting, plan: item_plan(Receipt::Signature) }.into());
    done(HandOut { handout, item, guest, desk: Some(desk), desk_name: "A".into(), strokes: signature() }.into());
    let mark = mark(world, meeting);
    world.apply(user, mark.clone()).expect("within the rules");
    let call = call(world, meeting);
    world.apply(user, call.clone()).expect("within the rules");
    let noted = note(world, meeting, guest);
    world.apply(user, noted).expect("within the rules");
    let logged = contact(world, customer, None);
    world.apply(user, logged).expect("within the rules");
    let complaint = complaint(world, customer);
    world.apply(user, complaint.clone()).expect("within the rules");
    let (snoozed, handed) = (Why::StayedAway { meeting: world.meeting }, errand_of(meeting));
    world.apply(user, MarkFollowUp { customer, why: snoozed, mark: snooze() }).expect("within the rules");
    let to = match user {
        rep if rep == world.stranger => world.other_supervisor,
        rep if rep == world.colleague => world.rep,
        _ => world.colleague,
    };
    world.apply(user, MarkFollowUp { customer, why: handed, mark: hand_over(to) }).expect("within the rules");
    Rows {
        user,
        meeting,
        customer,
        merged,
        invitation: InvitationId(guest.0),
        check_in,
        conflict,
        import,
        deal: deal.deal,
        waiting,
        waiting_for_manager,
        signed,
        payment,
        unwanted,
        called_off,
        held,
        preparation,
        improvement,
        finding,
        target,
        desk,
        table,
        seating,
        rival,
        item,
        handout,
        mark: mark.mark,
        call: call.call,
        complaint: complaint.complaint,
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
    lines.extend(texts_and_dictionaries());
    lines.extend(customers());
    lines.extend(meetings_and_invitations());
    lines.extend(preparations_and_improvements());
    lines.extend(targets());
    lines.extend(check_ins());
    lines.extend(floor());
    lines.extend(deals::deals());
    lines.extend(deals::after_the_signature());
    lines.extend(quarantine());
    lines.extend(seating());
    lines.extend(stock());
    lines.extend(after_meetings());
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
            suits: None,
        }),
        line("", NOBODYS, |world, _, _| PutSellingPoint {
            point: world.id(),
            product: world.book,
            text: "讀過的人都推薦".into(),
            answers: vec!["入門".into()],
        }),
        line("", NOBODYS, |world, _, _| ApproveSellingPoint { point: said(world), text: "讀過的人都推薦".into() }),
        line("", NOBODYS, |world, _, _| RemoveSellingPoint { point: said(world) }),
        line("", NOBODYS, |world, _, _| PutPromotion { promotion: world.id(), version: 1, terms: deals::terms_of_promotion(world) }),
        line("", NOBODYS, |world, _, _| {
            let (promotion, by) = (world.id(), world.manager);
            let versions = vec![Version { terms: deals::terms_of_promotion(world), by, at: world.now }];
            world.put(Promotion { id: promotion, versions, withdrawn: None });
            WithdrawPromotion { promotion }
        }),
        line("", NOBODYS, |_, _, _| SetDevicePolicy { idle_minutes: 2, lease_hours: 24 }),
    ]
}

/// What somebody has written, for nobody has approved it yet.
fn said(world: &mut World) -> SellingPointId {
    let point = world.id();
    let answers = Vec::new();
    world.put(SellingPoint { id: point, product: world.book, text: "讀過的人都推薦".into(), answers, by: world.marketing, approved: None });
    point
}

fn texts_and_dictionaries() -> Vec<Line> {
    let (dictionary, purpose, language) = (Dictionary::RefusalReasons, Purpose::Invite, Language::En);
    let texts = || Texts { en: "Too far".into(), ..Texts::default() };
    vec![
        line("", NOBODYS, move |_, _, _| SetTemplate { purpose, channel: Some(Channel::Sms), language, text: "{theme}".into() }),
        line("", NOBODYS, move |world, _, _| {
            let before = sha256_hex(world.get::<Settings>(world.org).contract_template.of(language));
            SetContractTemplate { language, text: "{number} {org} {buyer} {items} {total}".into(), before }
        }),
        line("", NOBODYS, move |_, _, _| PutEntry { dictionary, code: "far".into(), texts: texts() }),
        line("", NOBODYS, move |_, _, _| SetEntryState { dictionary, code: "no_time".into(), state: EntryState::Retired }),
        line("", NOBODYS, move |_, _, _| MoveEntry { dictionary, code: "no_time".into(), before: None }),
        line("", NOBODYS, move |_, _, _| PutWording { code: "last".into(), phrase: "最後機會".into(), fault: Fault::Pushy, why: texts() }),
        line("", NOBODYS, |_, _, _| RemoveWording { code: "guaranteed".into() }),
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
        line("", Whose::ANYBODYS_OR_POOL, |_, _, rows| ClaimCustomer { customer: rows.customer }),
        line("with one's own,", Whose::ANYBODYS_OR_POOL, |world, actor, rows| MergeCustomers {
            kept: rows.customer,
            merged: world.all().filter_map(<Customer as Stored>::of).find(|it| it.owner == Some(actor)).map_or(rows.customer, |it| it.id),
        }),
        line("", Whose::ANYBODYS, |_, _, rows| UndoMerge { merged: rows.merged }),
        line("new rows", NOBODYS, |world, _, _| ImportCustomers {
            import: world.id(),
            rows: vec![ImportRow::Create { customer: world.id(), profile: Box::new(world.profile("新客")) }],
        }),
        line("known rows,", Whose::ANYBODYS_OR_POOL, move |world, _, rows| ImportCustomers {
            import: world.id(),
            rows: vec![ImportRow::Update { customer: rows.customer, changes: company() }],
        }),
        line("", Whose::ANYBODYS, |_, _, rows| UndoImport { import: rows.import }),
        line("", NOBODYS, |world, _, _| RecordExport {
            export: world.id(),
            reason: "寄送禮品".into(),
            format: Format::Csv,
            rows: 3,
            filters: Filters::default(),
        }),
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
        line("", Whose::ANYBODYS, |_, _, rows| ChangeParty { invitation: rows.invitation, companions: 1 }),
        line("", Whose::ANYBODYS, |_, _, rows| TellWaiting { invitation: rows.invitation }),
        line("", Whose::ANYBODYS, |_, _, rows| MakeLink { invitation: rows.invitation, link: LinkToken::of(&[7; 24]).hash() }),
        line("", Whose::ANYBODYS, |_, _, rows| WithdrawLinks { invitation: rows.invitation }),
        line("", Whose::ANYBODYS, |_, _, rows| RefuseReminders { invitation: rows.invitation }),
        line("by a device", Whose::ANYBODYS, |_, _, rows| NoteReminder {
            invitation: rows.invitation,
            channel: Channel::Sms,
            outcome: ReminderOutcome::Sent,
        }),
        line("", Whose::ANYBODYS, |_, _, rows| AskQuestion { invitation: rows.invitation, question: "？".into() }),
    ]
}

fn task(preparation: PreparationId, meeting: MeetingId, owner: Owner) -> AddPreparation {
    let due = "2026-11-27".parse().expect("a day");
    AddPreparation { preparation, meeting, what: "印製資料袋".into(), note: String::new(), owner, due }
}

fn measure(improvement: ImprovementId, owner: UserId) -> AddImprovement {
    let about = About::RefusalReason { code: "no_time".into() };
    AddImprovement { improvement, about, measure: "加開晚上場".into(), owner, until: "2026-12-31".parse().expect("a day") }
}

fn found(improvement: ImprovementId, group: Option<Group>, owner: UserId) -> AddImprovement {
    let period = "2026-11".parse().expect("a period");
    let about = About::Report { measure: Measure::Amount, group, period, finding: "比去年少三成".into() };
    AddImprovement { about, ..measure(improvement, owner) }
}

fn aim(target: TargetId, whose: TargetOf, period: &str) -> SetTarget {
    SetTarget { target, whose, period: period.parse().expect("a period"), goal: Goal { amount: None, deals: Some(12) } }
}

fn targets() -> Vec<Line> {
    vec![
        line("the department's", NOBODYS, |world, _, _| aim(world.id(), TargetOf::Department, "2026-12")),
        line("a team's", NOBODYS, |world, _, _| aim(world.id(), TargetOf::Team { team: world.north }, "2026-12")),
        line("of somebody:", Whose::ANYBODYS, |world, _, rows| aim(world.id(), TargetOf::Rep { rep: rows.user }, "2026-12")),
        line("of somebody:", Whose::ANYBODYS, |_, _, rows| EditTarget { target: rows.target, goal: Goal::default() }),
        line("about the figures of somebody:", Whose::ANYBODYS, |world, _, rows| found(world.id(), Some(Group::Rep(rows.user)), rows.user)),
        line("about the figures of, decided on by the manager:", Whose::ANYBODYS, |_, _, rows| SetImprovementState {
            improvement: rows.finding,
            progress: ImprovementProgress::Doing,
        }),
    ]
}

fn preparations_and_improvements() -> Vec<Line> {
    let office = Owner::Role { role: Role::Office };
    let due = "2026-11-28".parse().expect("a day");
    vec![
        line("", NOBODYS, move |world, _, _| task(world.id(), world.meeting, office)),
        line("task:", Whose::ANYBODYS, move |_, _, rows| EditPreparation {
            preparation: rows.preparation,
            what: "印製".into(),
            note: String::new(),
            owner: office,
            due,
        }),
        line("task:", Whose::ANYBODYS, |_, _, rows| SetPreparationState { preparation: rows.preparation, progress: Progress::Done }),
        line("the office's task", NOBODYS, move |world, _, _| {
            let preparation = world.id();
            let meeting = world.meeting;
            world.apply(world.manager, task(preparation, meeting, office)).expect("within the rules");
            SetPreparationState { preparation, progress: Progress::Done }
        }),
        line("", NOBODYS, |world, _, _| CopyMeeting { from: world.meeting, meeting: world.id(), plan: world.plan(&[]), preparations: Vec::new() }),
        line("", NOBODYS, |world, actor, _| measure(world.id(), actor)),
        line("carried out by, decided on by the manager:", Whose::ANYBODYS, move |_, _, rows| EditImprovement {
            improvement: rows.improvement,
            measure: "改寫簡訊".into(),
            owner: rows.user,
            until: due,
        }),
        line("carried out by, decided on by the manager:", Whose::ANYBODYS, |_, _, rows| SetImprovementState {
            improvement: rows.improvement,
            progress: ImprovementProgress::Doing,
        }),
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

fn floor() -> Vec<Line> {
    vec![
        line("with duty:", Whose::ANYBODYS, |world, _, rows| mark(world, rows.meeting)),
        line("with duty:", Whose::ANYBODYS, |_, _, rows| UndoAgendaMark { mark: rows.mark }),
        line("with duty, guest there:", Whose::ANYBODYS, |world, _, rows| note(world, rows.meeting, GuestId(rows.invitation.0))),
        line("with duty:", Whose::ANYBODYS, |world, _, rows| call(world, rows.meeting)),
        line("with duty:", Whose::ANYBODYS, |_, _, rows| AnswerHelpCall { call: rows.call }),
        line("with duty:", Whose::ANYBODYS, |_, _, rows| CloseHelpCall { call: rows.call }),
    ]
}

fn mark(world: &mut World, meeting: MeetingId) -> MarkAgenda {
    MarkAgenda { mark: world.id(), meeting, minute: 0, title: "開場".into(), step: Step::Started }
}

fn call(world: &mut World, meeting: MeetingId) -> CallForHelp {
    CallForHelp { call: world.id(), meeting, need: Need::Closer, place: "5 桌".into() }
}

fn note(world: &mut World, meeting: MeetingId, guest: GuestId) -> NoteGuest {
    NoteGuest { note: world.id(), owners_note: world.id(), meeting, guest, chip: Chip::Keen, words: String::new() }
}

fn quarantine() -> Vec<Line> {
    let set_aside = || HeldVerdict::SetAside { reason: "登記錯人".into() };
    vec![
        line("accepted, recorded as", Whose::ANYBODYS, |_, _, rows| RuleHeldCommand { held: rows.held, verdict: HeldVerdict::Accepted }),
        line("set aside, recorded as", Whose::ANYBODYS, move |_, _, rows| RuleHeldCommand { held: rows.held, verdict: set_aside() }),
    ]
}

fn drawn(table: TableId) -> DrawnTable {
    DrawnTable { table, name: "1".into(), shape: Shape::Round, seats: 10, x: 300, y: 300, turn: 0 }
}

fn given(seating: SeatingId, guest: GuestId, table: TableId) -> GivenSeat {
    GivenSeat { seating, guest, seat: Seat { table, number: 1 }, instead_of: None, no_show: None }
}

fn item_plan(receipt: Receipt) -> ItemPlan {
    ItemPlan { name: "保溫杯".into(), sort: Sort::Gift, planned: 80, low_at: 5, due: Due::EveryGuest, receipt }
}

fn seating() -> Vec<Line> {
    let duty = "with duty:";
    vec![
        line(duty, Whose::ANYBODYS, |world, _, rows| OpenDesk { desk: world.id(), meeting: rows.meeting, name: "B".into() }),
        line(duty, Whose::ANYBODYS, |_, _, rows| EditDesk { desk: rows.desk, name: "B".into(), standing: DeskStanding::Open }),
        line(duty, Whose::ANYBODYS, |_, _, rows| StaffDesk { desk: rows.desk, take_over: false }),
        line(duty, Whose::ANYBODYS, |world, _, rows| LeaseSeats {
            desk: rows.desk,
            seats: vec![SeatRange { table: rows.table, from: 1, to: 5 }],
            until: world.now + chrono::Duration::hours(3),
        }),
        line(duty, Whose::ANYBODYS, |_, _, rows| ReturnSeats { desk: rows.desk }),
        line(duty, Whose::ANYBODYS, |world, _, rows| PutTables { meeting: rows.meeting, tables: vec![drawn(world.id())] }),
        line(duty, Whose::ANYBODYS, |_, _, rows| RemoveTables { meeting: rows.meeting, tables: vec![rows.table] }),
        line(duty, Whose::ANYBODYS, |_, _, rows| BlockSeats { table: rows.table, blocked: vec![2] }),
        line(duty, Whose::ANYBODYS, |world, _, rows| GiveSeats {
            meeting: rows.meeting,
            desk: Some(rows.desk),
            given: vec![given(world.id(), GuestId(rows.invitation.0), rows.table)],
        }),
        line(duty, Whose::ANYBODYS, |_, _, rows| TakeBackSeat { seating: rows.seating, reason: "換桌".into() }),
        line(duty, Whose::ANYBODYS, |_, _, rows| ReleaseNoShows { meeting: rows.meeting, seatings: vec![rows.rival] }),
        line(duty, Whose::ANYBODYS, |_, _, rows| RuleSeats { keep: rows.seating }),
        line(duty, Whose::ANYBODYS, |_, _, rows| SetNoShowTime { meeting: rows.meeting, after: None }),
    ]
}

fn stock() -> Vec<Line> {
    let duty = "with duty:";
    vec![
        line(duty, Whose::ANYBODYS, |world, _, rows| PlanItem { item: world.id(), meeting: rows.meeting, plan: item_plan(Receipt::None) }),
        line(duty, Whose::ANYBODYS, |_, _, rows| EditItem { item: rows.item, plan: item_plan(Receipt::None), standing: ItemStanding::InUse }),
        line(duty, Whose::ANYBODYS, |_, _, rows| AllotItem { item: rows.item, desk: rows.desk, quantity: 40 }),
        line(duty, Whose::ANYBODYS, |_, _, rows| CountArrival { item: rows.item, quantity: 80 }),
        line(duty, Whose::ANYBODYS, |_, _, rows| CountReturn { item: rows.item, quantity: 8 }),
        line(duty, Whose::ANYBODYS, |world, _, rows| HandOut {
            handout: world.id(),
            item: rows.item,
            guest: GuestId(rows.invitation.0),
            desk: Some(rows.desk),
            desk_name: "A".into(),
            strokes: signature(),
        }),
        line(duty, Whose::ANYBODYS, |_, _, rows| UndoHandOut { handout: rows.handout, reason: "拿錯".into() }),
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
    let mut table = format!("{:72}", "");
    for role in ["rep", "supervisor", "manager", "director", "marketing", "office", "finance", "administrator"] {
        write!(table, "{role:>23}").expect("a String takes all");
    }
    table.push('\n');
    let (mut stage, mut written) = (Stage::new(), String::new());
    for line in lines() {
        for &whose in line.whose {
            let mut cells = String::new();
            let mut name = "";
            let world = &stage.world;
            let actors =
                [world.rep, world.supervisor, world.manager, world.director, world.marketing, world.office, world.finance, world.administrator];
            for actor in actors {
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
    let mut named = BTreeMap::from([
        (Scope::Org, "org".to_owned()),
        (Scope::Pool, "pool".to_owned()),
        (Scope::Audit, "audit".to_owned()),
        (Scope::Sellers, "sellers".to_owned()),
    ]);
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

/// A role without customers holds nothing that tells of one, whatever it is, also where somebody of it is on duty.
#[test]
fn who_does_not_sell_holds_no_customer_content() {
    let mut stage = Stage::new();
    let world = &stage.world;
    for user in [world.director, world.marketing, world.office, world.finance, world.administrator] {
        let meeting = stage.rows[&stage.world.rep].meeting;
        let plan = stage.world.plan(&[stage.world.rep, user].map(|user| Staff { user, duty: Duty::Reception }));
        stage.world.apply(stage.world.manager, EditMeeting { meeting, plan }).expect("within the rules");
        let device = stage.world.replica(user);
        for record in stage.world.all() {
            let held = device.find(record.key()).is_some();
            let open = matches!(
                record,
                Record::Settings(_)
                    | Record::Team(_)
                    | Record::User(_)
                    | Record::Meeting(_)
                    | Record::Places(_)
                    | Record::Product(_)
                    | Record::Preparation(_)
                    | Record::Item(_)
            );
            // What is about one person's figures is for that person and those above.
            let open = open || matches!(record, Record::Improvement(_) | Record::Target(_)) && record.scope() == Scope::Org;
            let open = open || user == stage.world.administrator && matches!(record, Record::Export(_));
            assert_eq!(held, open, "{:?} on the device of {:?}", record.key(), stage.world.get::<User>(user).role);
        }
    }
}
