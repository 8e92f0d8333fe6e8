use super::command::{ApproveDiscount, CancelDeal, ChangeDeal, OpenDeal, OrderLine, RecordPayment, RefuseDiscount};
use super::*;
use crate::Command;
use crate::money::Currency;
use crate::people::{Role, User};
use crate::products::Product;
use crate::rejection::{Field, Rejection};
use crate::settings::Settings;
use crate::testing::World;
use proptest::prelude::*;

fn twd(minor: i64) -> Money {
    Money::new(minor, Currency::Twd)
}

fn ask(world: &mut World, discount: BasisPoints) -> OpenDeal {
    OpenDeal { discount, approval_reason: Some("老客戶介紹三位朋友".into()), ..world.open_deal(world.customer, None) }
}

/// A deal of the rep's with a discount that waits for approval.
fn waiting(discount: BasisPoints) -> (World, DealId) {
    let mut world = World::new();
    let command = ask(&mut world, discount);
    let deal = command.deal;
    world.apply(world.rep, command).expect("asked with a reason");
    (world, deal)
}

fn state(world: &World, deal: DealId) -> Option<ApprovalState> {
    world.get::<Deal>(deal).approval.as_ref().map(|approval| approval.state.clone())
}

fn approve(world: &World, deal: DealId) -> ApproveDiscount {
    ApproveDiscount { deal, terms: world.get::<Deal>(deal).terms() }
}

fn refuse(world: &World, deal: DealId, reason: &str) -> RefuseDiscount {
    RefuseDiscount { deal, terms: world.get::<Deal>(deal).terms(), reason: reason.into() }
}

/// The change that leaves everything as it is.
fn change(world: &World, deal: DealId) -> ChangeDeal {
    let deal = world.get::<Deal>(deal);
    ChangeDeal {
        deal: deal.id,
        lines: deal.lines.iter().map(OrderLine::from).collect(),
        discount: deal.discount,
        deposit: deal.deposit,
        approval_reason: None,
        total: None,
        instalments: Vec::new(),
    }
}

fn sign(world: &mut World, deal: DealId) -> Result<(), Rejection> {
    let command = world.sign(deal);
    world.apply(world.rep, command).map(|_| ())
}

#[test]
fn a_discount_above_the_limit_waits_if_a_reason_is_given_and_is_not_signed_before_somebody_approves() {
    let (mut world, deal) = waiting(800);
    assert_eq!(world.get::<Deal>(deal).total, twd(1_177_600));
    assert_eq!(state(&world, deal), Some(ApprovalState::Waiting));
    assert_eq!(sign(&mut world, deal), Err(Rejection::DiscountNotApproved { deal }));
    let at = world.now;
    world.apply(world.supervisor, approve(&world, deal)).expect("her limit covers it");
    assert_eq!(state(&world, deal), Some(ApprovalState::Granted { by: world.supervisor, at }));
    assert_eq!(sign(&mut world, deal), Ok(()));
}

#[test]
fn within_the_limit_a_reason_asks_nobody() {
    let (world, deal) = waiting(500);
    assert_eq!(world.get::<Deal>(deal).approval, None);
}

#[test]
fn a_reason_is_words_and_nobody_asks_for_what_nobody_may_approve() {
    let mut world = World::new();
    let command = ask(&mut world, 2_001);
    assert_eq!(world.apply(world.rep, command), Err(Rejection::DiscountAboveAll { most: 2_000, asked: 2_001 }));
    let command = OpenDeal { approval_reason: Some(" ".into()), ..ask(&mut world, 800) };
    assert_eq!(world.apply(world.rep, command), Err(Rejection::Required { field: Field::Reason }));
    let command = OpenDeal { approval_reason: Some("龍".repeat(2_001)), ..ask(&mut world, 800) };
    assert_eq!(world.apply(world.rep, command), Err(Rejection::TooLong { field: Field::Reason, max: 2_000, found: 2_001 }));
}

#[test]
fn whoever_approves_supervises_the_seller_and_may_give_as_much() {
    let (world, deal) = waiting(1_500);
    let ruling = |user| world.decide(user, &approve(&world, deal).into()).map(|_| ());
    assert_eq!(ruling(world.supervisor), Err(Rejection::DiscountAboveLimit { limit: 1_000, asked: 1_500 }));
    assert_eq!(ruling(world.other_supervisor), Err(Rejection::Forbidden));
    assert_eq!(ruling(world.colleague), Err(Rejection::Forbidden));
    assert_eq!(ruling(world.administrator), Err(Rejection::Forbidden));
    assert_eq!(ruling(world.rep), Err(Rejection::NotYourOwn));
    assert_eq!(ruling(world.manager), Ok(()));
}

#[test]
fn nobody_approves_what_they_sell_or_asked_for() {
    let (mut world, deal) = waiting(800);
    let command = ChangeDeal { discount: 1_500, approval_reason: Some("大單".into()), ..change(&world, deal) };
    world.apply(world.supervisor, command).expect("asked for the rep");
    let mut settings = (*world.get::<Settings>(world.org)).clone();
    settings.discount_limits.supervisor = 2_000;
    world.put(settings);
    assert_eq!(world.apply(world.supervisor, approve(&world, deal)), Err(Rejection::NotYourOwn), "not even after the limit was raised");
    world.put(User { role: Role::Supervisor, ..(*world.get::<User>(world.rep)).clone() });
    assert_eq!(world.apply(world.rep, approve(&world, deal)), Err(Rejection::NotYourOwn), "not even as a supervisor");
    assert!(world.apply(world.manager, approve(&world, deal)).is_ok());
}

#[test]
fn of_two_rulings_the_first_counts_and_the_second_hears_whose_it_was() {
    let (mut world, deal) = waiting(800);
    let (first, second) = (approve(&world, deal), refuse(&world, deal, "太多"));
    world.apply(world.supervisor, first.clone()).expect("the first");
    let ruled = Err(Rejection::DiscountRuled { by: world.supervisor });
    assert_eq!(world.apply(world.manager, second), ruled);
    assert_eq!(world.apply(world.manager, first), ruled);
    assert!(matches!(state(&world, deal), Some(ApprovalState::Granted { .. })));
}

#[test]
fn a_refusal_says_why_and_keeps_the_deal_from_being_signed_until_it_is_changed() {
    let (mut world, deal) = waiting(800);
    assert_eq!(world.apply(world.supervisor, refuse(&world, deal, " ")), Err(Rejection::Required { field: Field::Reason }));
    world.apply(world.supervisor, refuse(&world, deal, " 最多 5 % ")).expect("within the rules");
    assert!(matches!(state(&world, deal), Some(ApprovalState::Refused { reason, .. }) if reason == "最多 5 %"));
    assert_eq!(sign(&mut world, deal), Err(Rejection::DiscountNotApproved { deal }));
    world.apply(world.rep, ChangeDeal { discount: 500, ..change(&world, deal) }).expect("within the limit");
    assert_eq!(state(&world, deal), None);
    assert_eq!(sign(&mut world, deal), Ok(()));
}

#[test]
fn after_a_refusal_one_may_ask_again_with_another_reason() {
    let (mut world, deal) = waiting(800);
    world.apply(world.supervisor, refuse(&world, deal, "太多")).expect("within the rules");
    world.apply(world.rep, change(&world, deal)).expect("nothing changes");
    assert!(matches!(state(&world, deal), Some(ApprovalState::Refused { .. })), "who does not ask is not asked for");
    let again = ChangeDeal { approval_reason: Some("客戶今天就付清".into()), ..change(&world, deal) };
    world.apply(world.rep, again).expect("asked again");
    assert_eq!(state(&world, deal), Some(ApprovalState::Waiting));
}

#[test]
fn other_lines_or_another_discount_withdraw_an_approval_and_a_deposit_alone_does_not() {
    let (mut world, deal) = waiting(800);
    world.apply(world.supervisor, approve(&world, deal)).expect("within the rules");
    world.apply(world.rep, ChangeDeal { deposit: twd(100_000), ..change(&world, deal) }).expect("within the total");
    assert!(matches!(state(&world, deal), Some(ApprovalState::Granted { .. })));
    let silent = ChangeDeal { discount: 801, ..change(&world, deal) };
    assert_eq!(world.apply(world.rep, silent), Err(Rejection::DiscountAboveLimit { limit: 500, asked: 801 }));
    let mut more = ChangeDeal { approval_reason: Some("多買一份".into()), ..change(&world, deal) };
    more.lines[0].quantity = 2;
    world.apply(world.rep, more).expect("asked with a reason");
    assert_eq!(state(&world, deal), Some(ApprovalState::Waiting));
    assert_eq!(sign(&mut world, deal), Err(Rejection::DiscountNotApproved { deal }));
}

#[test]
fn a_renamed_product_keeps_an_approval_and_a_dearer_one_does_not() {
    let (mut world, deal) = waiting(800);
    world.apply(world.supervisor, approve(&world, deal)).expect("within the rules");
    let course = (*world.get::<Product>(world.course)).clone();
    world.put(Product { name: "理財課程（新版）".into(), ..course.clone() });
    world.apply(world.rep, change(&world, deal)).expect("the same offer");
    assert!(matches!(state(&world, deal), Some(ApprovalState::Granted { .. })));
    let dearer = twd(course.price.minor + 100);
    world.put(Product { price: dearer, ..course });
    let mut command = change(&world, deal);
    command.lines[0].unit_price = dearer;
    assert_eq!(world.apply(world.rep, command), Err(Rejection::DiscountAboveLimit { limit: 500, asked: 800 }));
}

#[test]
fn a_ruling_is_on_what_was_looked_at() {
    let (mut world, deal) = waiting(600);
    let (looked_at, refused) = (approve(&world, deal), refuse(&world, deal, "太多"));
    let command = ChangeDeal { discount: 1_000, approval_reason: Some("再多一點".into()), ..change(&world, deal) };
    world.apply(world.rep, command).expect("asked with a reason");
    let changed = Err(Rejection::DealChanged { deal });
    assert_eq!(world.apply(world.supervisor, looked_at), changed);
    assert_eq!(world.apply(world.supervisor, refused), changed);
    assert_eq!(state(&world, deal), Some(ApprovalState::Waiting));
}

#[test]
fn a_contract_made_before_a_change_is_not_signed_after_it() {
    let mut world = World::new();
    let command = world.open_deal(world.customer, None);
    let deal = command.deal;
    world.apply(world.rep, command).expect("within the rules");
    let before = world.sign(deal);
    world.apply(world.supervisor, ChangeDeal { discount: 300, ..change(&world, deal) }).expect("within the rules");
    assert_eq!(world.apply(world.rep, before.clone()), Err(Rejection::DealChanged { deal }));
    let of_an_older_app = super::command::SignDeal { terms: None, ..before };
    assert!(world.decide(world.rep, &of_an_older_app.into()).is_ok(), "what it means has not changed");
    assert_eq!(sign(&mut world, deal), Ok(()));
}

#[test]
fn a_supervisor_gives_a_rep_what_is_within_her_own_limit() {
    let mut world = World::new();
    let command = world.open_deal(world.customer, None);
    let deal = command.deal;
    world.apply(world.rep, command).expect("within the rules");
    world.apply(world.supervisor, ChangeDeal { discount: 1_000, ..change(&world, deal) }).expect("within her limit");
    assert_eq!((state(&world, deal), world.get::<Deal>(deal).seller), (None, world.rep));
    let mut more = change(&world, deal);
    more.lines[0].quantity = 2;
    assert_eq!(world.apply(world.rep, more), Err(Rejection::DiscountAboveLimit { limit: 500, asked: 1_000 }), "she gave it for other lines");
}

#[test]
fn only_an_unsigned_deal_is_changed_and_never_below_what_was_paid() {
    let (mut world, deal) = waiting(500);
    let payment = RecordPayment { deal, payment: world.id(), amount: twd(100_000), method: PaymentMethod::Cash, photo: None };
    world.apply(world.rep, payment).expect("within the total");
    let mut less = change(&world, deal);
    less.lines = vec![OrderLine { product: world.book, unit_price: twd(35_050), quantity: 1, promotion: None }];
    assert_eq!(world.apply(world.rep, less.clone()), Err(Rejection::PaidAboveTotal { paid: twd(100_000) }));
    less.lines[0].quantity = 4;
    world.apply(world.rep, less.clone()).expect("above what was paid");
    assert_eq!(world.get::<Deal>(deal).total, twd(133_190));
    assert_eq!(world.apply(world.colleague, less.clone()), Err(Rejection::Forbidden));
    assert_eq!(world.apply(world.rep, ChangeDeal { lines: Vec::new(), ..less.clone() }), Err(Rejection::DealEmpty));
    let beyond = ChangeDeal { deposit: twd(133_191), ..less.clone() };
    assert_eq!(world.apply(world.rep, beyond), Err(Rejection::OutOfRange { field: Field::Deposit, min: 0, max: 133_190 }));
    sign(&mut world, deal).expect("within the rules");
    assert_eq!(world.apply(world.rep, less), Err(Rejection::DealNotOpen { deal }));
}

#[test]
fn there_is_no_ruling_on_a_deal_that_asks_for_none() {
    let not_open = |deal| Err(Rejection::DealNotOpen { deal });
    let (mut world, deal) = waiting(500);
    assert_eq!(world.apply(world.supervisor, approve(&world, deal)), not_open(deal), "within the limit");
    let (mut world, deal) = waiting(800);
    world.apply(world.rep, CancelDeal { deal, reason: "改期".into() }).expect("nobody signed");
    assert_eq!(world.apply(world.supervisor, approve(&world, deal)), not_open(deal), "called off");
}

#[test]
fn a_change_may_have_been_signed_already_and_a_ruling_is_office_work() {
    let (world, deal) = waiting(800);
    assert!(Command::from(change(&world, deal)).is_field_fact());
    assert!(!Command::from(approve(&world, deal)).is_field_fact());
    assert!(!Command::from(refuse(&world, deal, "太多")).is_field_fact());
}

/// Signatures on every device name terms by this hash: were it computed otherwise, all of them would seem to be of changed deals. The value
/// was computed with another implementation of SHA-256.
#[test]
fn the_hash_of_terms_never_changes() {
    let (mut world, deal) = waiting(800);
    assert_eq!(world.get::<Deal>(deal).terms(), "ee2c9d76c2c818207ab247b7433d0ac8382d6270c76b333a6d0becc5e61abd01");
    let renamed =
        Deal { lines: vec![Line { name: "新名".into(), ..world.get::<Deal>(deal).lines[0].clone() }], ..(*world.get::<Deal>(deal)).clone() };
    assert_eq!(renamed.terms(), world.get::<Deal>(deal).terms(), "a name may be newer on the server");
    world.apply(world.rep, ChangeDeal { deposit: twd(1), ..change(&world, deal) }).expect("within the total");
    assert_ne!(world.get::<Deal>(deal).terms(), renamed.terms());
}

/// One step in the life of a deal.
#[derive(Clone, Debug)]
enum Step {
    Change { by: usize, discount: BasisPoints, quantity: u32, asks: bool },
    Approve { by: usize, looks_again: bool },
    Refuse { by: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..4_usize, prop::sample::select(vec![0_u16, 500, 501, 800, 1_000, 1_001, 2_000, 2_001]), 1..3_u32, any::<bool>())
            .prop_map(|(by, discount, quantity, asks)| Step::Change { by, discount, quantity, asks }),
        (0..4_usize, any::<bool>()).prop_map(|(by, looks_again)| Step::Approve { by, looks_again }),
        (0..4_usize).prop_map(|by| Step::Refuse { by }),
    ];
    prop::collection::vec(step, 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever signs has a discount that its giver may give, or one that somebody else who may give as much approved for exactly these terms.
    #[test]
    fn what_can_be_signed_was_within_a_limit_or_approved_as_it_is(steps in steps()) {
        let (mut world, deal) = waiting(800);
        let people = [world.rep, world.colleague, world.supervisor, world.manager];
        let limit = |world: &World, user| world.get::<Settings>(world.org).discount_limits.of(world.get::<User>(user).role);
        let mut given_by = world.rep;
        let mut approved = None;
        let mut looked_at = world.get::<Deal>(deal).terms();
        for step in steps {
            match step {
                Step::Change { by, discount, quantity, asks } => {
                    let mut command = ChangeDeal { discount, approval_reason: asks.then(|| "老客戶".into()), ..change(&world, deal) };
                    command.lines[0].quantity = quantity;
                    let before = world.get::<Deal>(deal);
                    let is_done = world.apply(people[by], command).is_ok();
                    let after = world.get::<Deal>(deal);
                    // Asking again for what one may give oneself is giving it.
                    let has_given = before.approval.is_some() && after.approval.is_none();
                    if is_done && (after.terms() != before.terms() || has_given) {
                        (given_by, approved) = (people[by], None);
                    }
                }
                Step::Approve { by, looks_again } => {
                    if looks_again {
                        looked_at = world.get::<Deal>(deal).terms();
                    }
                    if world.apply(people[by], ApproveDiscount { deal, terms: looked_at.clone() }).is_ok() {
                        prop_assert!(approved.is_none(), "ruled on once");
                        prop_assert!(people[by] != given_by && people[by] != world.rep);
                        prop_assert!(world.get::<Deal>(deal).discount <= limit(&world, people[by]));
                        approved = Some(looked_at.clone());
                    }
                }
                Step::Refuse { by } => drop(world.apply(people[by], refuse(&world, deal, "太多"))),
            }
            let now = world.get::<Deal>(deal);
            let is_covered = now.discount <= limit(&world, given_by) || approved.as_ref() == Some(&now.terms());
            if world.decide(world.rep, &world.sign(deal).into()).is_ok() {
                prop_assert!(is_covered, "{:?} of {:?}", now.discount, given_by);
            }
        }
    }
}
