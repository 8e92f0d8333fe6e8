use super::command::*;
use super::decide::{changed, check_profile, tidied};
use super::*;
use crate::check_ins::command::RegisterWalkIn;
use crate::meetings::Guest;
use crate::record::Record;
use crate::rejection::{Field, Rejection};
use crate::testing::World;
use proptest::prelude::*;

fn check(change: impl FnOnce(&mut Profile), expected: Result<(), Rejection>) {
    let mut profile = World::new().profile("王小明");
    change(&mut profile);
    assert_eq!(check_profile(&profile), expected);
}

fn edit(customer: CustomerId, change: ProfileChange) -> EditCustomer {
    EditCustomer { customer, changes: vec![change] }
}

fn create(world: &mut World, name: &str) -> (CustomerId, ImportRow) {
    let (customer, profile) = (world.id(), Box::new(world.profile(name)));
    (customer, ImportRow::Create { customer, profile })
}

fn update(customer: CustomerId, change: ProfileChange) -> ImportRow {
    ImportRow::Update { customer, changes: vec![change] }
}

#[test]
fn a1_a_name_and_one_way_of_contact_are_enough() {
    check(|_| {}, Ok(()));
    check(|profile| profile.name = "\u{3000}\u{200b}".into(), Err(Rejection::Required { field: Field::Name }));
    check(|profile| profile.phones.clear(), Err(Rejection::NoWayOfContact));
    check(
        |profile| {
            profile.phones.clear();
            profile.email = "wang@example.com".into();
        },
        Ok(()),
    );
}

#[test]
fn an_address_for_mail_has_two_halves_and_no_space() {
    for (email, good) in [
        ("a@b.tw", true),
        ("王@例.tw", true),
        ("a@b", false),
        ("@b.tw", false),
        ("a@", false),
        ("a b@c.tw", false),
        ("a@b@c.tw", false),
        ("a@.tw", false),
        ("a@tw.", false),
    ] {
        check(|profile| profile.email = email.into(), if good { Ok(()) } else { Err(Rejection::Malformed { field: Field::Email }) });
    }
}

#[test]
fn a1_no_field_is_unbounded() {
    let long = || "龍".repeat(5_000);
    let too_long = |field, max| Err(Rejection::TooLong { field, max, found: 5_000 });
    let consent = Consent { purpose: "行銷".into(), at: Timestamp::UNIX_EPOCH, how: String::new(), withdrawn: None };
    check(|profile| profile.name = long(), too_long(Field::Name, 100));
    check(|profile| profile.email = long(), too_long(Field::Email, 254));
    check(|profile| profile.company = long(), too_long(Field::Company, 100));
    check(|profile| profile.address = long(), too_long(Field::Address, 300));
    check(|profile| profile.region = long(), too_long(Field::Region, 100));
    check(|profile| profile.occupation = long(), too_long(Field::Occupation, 100));
    check(|profile| profile.interests = long(), too_long(Field::Interests, 2_000));
    check(|profile| profile.source = long(), too_long(Field::Source, 100));
    check(|profile| profile.needs = long(), too_long(Field::Needs, 2_000));
    check(|profile| profile.pains = long(), too_long(Field::Pains, 2_000));
    check(|profile| profile.intent_reason = long(), too_long(Field::IntentReason, 2_000));
    check(|profile| profile.tags = vec![long()], too_long(Field::Tags, 40));
    check(|profile| profile.consents = vec![Consent { purpose: long(), ..consent.clone() }], too_long(Field::Consent, 100));
    check(|profile| profile.consents = vec![Consent { how: long(), ..consent.clone() }], too_long(Field::Consent, 100));
    let withdrawn = |at, how| Consent { withdrawn: Some(Withdrawal { at, how }), ..consent.clone() };
    check(|profile| profile.consents = vec![withdrawn(Timestamp::UNIX_EPOCH, long())], too_long(Field::Consent, 100));
    check(|profile| profile.consents = vec![withdrawn(Timestamp::MAX_UTC, String::new())], Err(Rejection::Malformed { field: Field::Consent }));
    let too_many = |field, max| Err(Rejection::OutOfRange { field, min: 0, max });
    check(|profile| profile.phones = vec![profile.phones[0].clone(); 6], too_many(Field::Phone, 5));
    check(|profile| profile.tags = vec!["a".into(); 31], too_many(Field::Tags, 30));
    check(|profile| profile.consents = vec![consent.clone(); 51], too_many(Field::Consent, 50));
    check(
        |profile| profile.consents = vec![Consent { at: Timestamp::MAX_UTC, ..consent.clone() }],
        Err(Rejection::Malformed { field: Field::Consent }),
    );
    check(|profile| profile.birth_year = Some(1_899), Err(Rejection::OutOfRange { field: Field::BirthYear, min: 1_900, max: 2_100 }));
}

#[test]
fn a_name_stands_on_one_line_and_words_may_take_more() {
    check(|profile| profile.name = "王\n小明".into(), Err(Rejection::Malformed { field: Field::Name }));
    check(|profile| profile.company = "a\tb".into(), Err(Rejection::Malformed { field: Field::Company }));
    check(|profile| profile.needs = "一\n二\t三".into(), Ok(()));
    check(|profile| profile.needs = "\u{0}".into(), Err(Rejection::Malformed { field: Field::Needs }));
}

proptest! {
    #[test]
    fn a_tidied_profile_is_tidy(name in ".{0,20}", tags in prop::collection::vec("[a-c ]{0,2}", 0..6), phones in prop::collection::vec(0_u8..3, 0..5)) {
        let phones = phones.iter().map(|last| Phone::try_from(format!("+88691234567{last}")).expect("valid")).collect();
        let once = tidied(Profile { name, tags, phones, ..Profile::default() });
        prop_assert_eq!(tidied(once.clone()), once.clone());
        prop_assert_eq!(changed(&once, &[]), once);
    }
}

#[test]
fn edits_of_different_fields_both_stay() {
    let mut world = World::new();
    let (customer, rep) = (world.customer, world.rep);
    world.apply(rep, edit(customer, ProfileChange::Company("宏達".into()))).expect("within the rules");
    world.apply(world.supervisor, edit(customer, ProfileChange::Needs("退休".into()))).expect("within the rules");
    let profile = world.get::<Customer>(customer).profile.clone();
    assert_eq!((profile.company.as_str(), profile.needs.as_str()), ("宏達", "退休"));
}

#[test]
fn an_edit_that_changes_nothing_changes_no_record() {
    let mut world = World::new();
    let customer = world.customer;
    assert_eq!(world.apply(world.rep, edit(customer, ProfileChange::Name(" 王小明 ".into()))), Ok(Vec::new()));
    let flood = EditCustomer { customer, changes: vec![ProfileChange::Gender(None); 41] };
    assert_eq!(world.apply(world.rep, flood), Err(Rejection::OutOfRange { field: Field::Rows, min: 0, max: 40 }));
}

#[test]
fn the_guest_card_shows_the_name_as_it_was_put_right() {
    let mut world = World::new();
    let (meeting, customer) = (world.meeting, world.customer);
    let guest = world.expect_guest(meeting, customer);
    world.apply(world.rep, edit(customer, ProfileChange::Name("汪小明".into()))).expect("within the rules");
    assert_eq!(world.get::<Guest>(guest).name, "汪小明");
}

#[test]
fn a1_a_rep_gives_to_the_pool_and_only_supervisors_and_managers_give_to_others() {
    let world = World::new();
    let transfer =
        |actor, customer, to| world.decide(actor, &TransferCustomers { customers: vec![customer], to }.into()).map(|patches| patches.len());
    assert_eq!(transfer(world.rep, world.customer, None), Ok(2), "and the pool's card");
    assert_eq!(transfer(world.rep, world.customer, Some(world.colleague)), Err(Rejection::Forbidden));
    assert_eq!(transfer(world.rep, world.pool_customer, Some(world.rep)), Err(Rejection::Forbidden));
    assert_eq!(transfer(world.supervisor, world.customer, Some(world.colleague)), Ok(1));
    assert_eq!(transfer(world.supervisor, world.pool_customer, Some(world.rep)), Ok(2), "and the pool's card");
    assert_eq!(transfer(world.supervisor, world.customer, Some(world.stranger)), Err(Rejection::Forbidden));
    assert_eq!(transfer(world.supervisor, world.strangers_customer, Some(world.rep)), Err(Rejection::Forbidden));
    assert_eq!(transfer(world.manager, world.customer, Some(world.stranger)), Ok(1));
    assert_eq!(transfer(world.manager, world.customer, Some(world.leaver)), Err(Rejection::Forbidden));
    assert_eq!(transfer(world.manager, world.customer, Some(world.administrator)), Err(Rejection::Forbidden));
    assert_eq!(transfer(world.manager, world.customer, Some(world.rep)), Ok(0), "it is theirs already");
}

#[test]
fn a4_a_transfer_is_all_or_nothing_and_bounded() {
    let mut world = World::new();
    let customers = vec![world.customer, world.strangers_customer];
    assert_eq!(world.apply(world.supervisor, TransferCustomers { customers, to: None }), Err(Rejection::Forbidden));
    assert_eq!(world.get::<Customer>(world.customer).owner, Some(world.rep));
    for many in [0, 501] {
        let customers = vec![world.customer; many];
        let refused = world.apply(world.rep, TransferCustomers { customers, to: None });
        assert_eq!(refused, Err(Rejection::OutOfRange { field: Field::Customers, min: 1, max: 500 }));
    }
}

#[test]
fn the_same_file_again_changes_nothing() {
    let mut world = World::new();
    let (customer, rep) = (world.customer, world.rep);
    let rows = vec![update(customer, ProfileChange::Company("宏達".into()))];
    let (first, second) = (world.id(), world.id());
    assert_eq!(world.apply(rep, ImportCustomers { import: first, rows: rows.clone() }).map(|patches| patches.len()), Ok(2));
    assert_eq!(world.apply(rep, ImportCustomers { import: second, rows }), Ok(Vec::new()));
}

#[test]
fn a2_an_import_is_taken_back_but_for_what_was_worked_on_since() {
    let mut world = World::new();
    let (meeting, rep, known) = (world.meeting, world.rep, world.customer);
    let import = world.id();
    let created: Vec<_> = ["甲一", "乙二", "丙三", "丁四", "戊五"].map(|name| create(&mut world, name)).into();
    let rows = created.iter().map(|(_, row)| row.clone()).chain([update(known, ProfileChange::Company("宏達".into()))]).collect();
    world.apply(rep, ImportCustomers { import, rows }).expect("within the rules");
    let [untouched, edited, invited, sold, given] = [0, 1, 2, 3, 4].map(|at: usize| created[at].0);
    // The clock stands still: what was worked on does not follow from times.
    let now = world.now;
    world.apply(rep, edit(edited, ProfileChange::Needs("退休".into()))).expect("within the rules");
    world.now = now;
    world.invite(meeting, invited);
    world.now = now;
    let deal = world.open_deal(sold, None);
    world.apply(rep, deal).expect("within the rules");
    world.apply(world.supervisor, TransferCustomers { customers: vec![given], to: Some(world.colleague) }).expect("within the rules");

    world.apply(rep, UndoImport { import }).expect("within the rules");
    assert!(world.find::<Customer>(untouched).is_none());
    for kept in [edited, invited, sold, given] {
        assert!(world.find::<Customer>(kept).is_some(), "{kept}");
    }
    assert_eq!(world.get::<Customer>(known).profile.company, "");
    assert!(world.find::<ImportedChange>(known).is_none());
    assert_eq!(world.apply(rep, UndoImport { import }), Err(Rejection::NothingToUndo { import }));
}

#[test]
fn a2_an_import_cannot_be_undone_twice_nor_by_somebody_else() {
    let mut world = World::new();
    let (import, rep) = (world.id(), world.rep);
    let (customer, row) = create(&mut world, "甲一");
    world.apply(rep, ImportCustomers { import, rows: vec![row] }).expect("within the rules");
    let nothing = Err(Rejection::NothingToUndo { import });
    assert_eq!(world.apply(world.stranger, UndoImport { import }), nothing);
    assert_eq!(world.apply(world.administrator, UndoImport { import }), Err(Rejection::Forbidden));
    assert!(world.find::<Customer>(customer).is_some());
    assert!(world.apply(rep, UndoImport { import }).is_ok());
    assert_eq!(world.apply(rep, UndoImport { import }), nothing);
}

#[test]
fn an_undo_leaves_what_somebody_wrote_over_the_import() {
    let mut world = World::new();
    let (import, rep, customer) = (world.id(), world.rep, world.customer);
    let rows = vec![update(customer, ProfileChange::Company("宏達".into()))];
    world.apply(rep, ImportCustomers { import, rows }).expect("within the rules");
    world.apply(rep, edit(customer, ProfileChange::Company("鴻達".into()))).expect("within the rules");
    world.apply(rep, UndoImport { import }).expect("within the rules");
    assert_eq!(world.get::<Customer>(customer).profile.company, "鴻達");
}

#[test]
fn two_parts_of_one_import_about_one_customer_are_taken_back_together() {
    let mut world = World::new();
    let (import, rep, known) = (world.id(), world.rep, world.customer);
    let (new, row) = create(&mut world, "甲一");
    world.apply(rep, ImportCustomers { import, rows: vec![row, update(known, ProfileChange::Company("宏達".into()))] }).expect("within the rules");
    let rows = vec![update(new, ProfileChange::Company("宏達".into())), update(known, ProfileChange::Needs("退休".into()))];
    world.apply(rep, ImportCustomers { import, rows }).expect("within the rules");
    let before = World::new().get::<Customer>(known).profile.clone();
    world.apply(rep, UndoImport { import }).expect("within the rules");
    assert!(world.find::<Customer>(new).is_none());
    assert_eq!(world.get::<Customer>(known).profile, before);
}

#[test]
fn whoever_loses_a_customer_loses_what_an_import_kept_of_them() {
    let mut world = World::new();
    let (import, rep, customer) = (world.id(), world.rep, world.customer);
    let rows = vec![update(customer, ProfileChange::Company("宏達".into()))];
    world.apply(rep, ImportCustomers { import, rows }).expect("within the rules");
    world.apply(rep, TransferCustomers { customers: vec![customer], to: None }).expect("within the rules");
    assert!(world.find::<ImportedChange>(customer).is_none());
}

#[test]
fn one_part_of_an_import_names_a_customer_once_and_is_bounded() {
    let mut world = World::new();
    let (import, rep) = (world.id(), world.rep);
    let (_, row) = create(&mut world, "甲一");
    let refused = world.apply(rep, ImportCustomers { import, rows: vec![row.clone(), row.clone()] });
    assert_eq!(refused, Err(Rejection::AlreadyExists { kind: crate::Kind::Customer }));
    for rows in [Vec::new(), vec![row; 201]] {
        let refused = world.apply(rep, ImportCustomers { import, rows });
        assert_eq!(refused, Err(Rejection::OutOfRange { field: Field::Rows, min: 1, max: 200 }));
    }
}

#[test]
fn a_walk_in_keeps_an_imported_customer() {
    let mut world = World::new();
    let (import, rep, meeting) = (world.id(), world.rep, world.meeting);
    let (customer, row) = create(&mut world, "甲一");
    world.apply(rep, ImportCustomers { import, rows: vec![row] }).expect("within the rules");
    let walk_in = RegisterWalkIn {
        check_in: world.id(),
        guest: world.id(),
        customer,
        meeting,
        desk: String::new(),
        name: "甲一".into(),
        salutation: None,
        phone: None,
        email: String::new(),
        company: String::new(),
    };
    world.apply(rep, walk_in).expect("within the rules");
    assert_eq!(world.apply(rep, UndoImport { import }), Err(Rejection::NothingToUndo { import }));
}

fn given(purpose: &str, minute: i64) -> Consent {
    let at = Timestamp::from_timestamp(1_795_000_000 + minute * 60, 0).expect("valid");
    Consent { purpose: purpose.into(), at, how: "紙本".into(), withdrawn: None }
}

fn taken_back(purpose: &str, minute: i64) -> ProfileChange {
    ProfileChange::ConsentWithdrawn(ConsentWithdrawn { purpose: purpose.into(), at: given("", minute).at, how: "電話".into() })
}

fn standing(profile: &Profile) -> Vec<(&str, bool)> {
    profile.consents.iter().map(|consent| (consent.purpose.as_str(), consent.withdrawn.is_none())).collect()
}

#[test]
fn a1_a_consent_is_recorded_withdrawn_and_given_anew() {
    let mut world = World::new();
    let customer = world.customer;
    let mut edit = |change: ProfileChange| {
        world.apply(world.rep, EditCustomer { customer, changes: vec![change] }).expect("own customer");
        world.get::<Customer>(customer).profile.clone()
    };
    edit(ProfileChange::ConsentGiven(given("行銷", 0)));
    edit(ProfileChange::ConsentGiven(given("行銷", 0)));
    let profile = edit(ProfileChange::ConsentGiven(given("拍照", 1)));
    assert_eq!(standing(&profile), [("行銷", true), ("拍照", true)], "the same consent twice is one");
    let profile = edit(taken_back("行銷", 5));
    assert_eq!(standing(&profile), [("行銷", false), ("拍照", true)]);
    assert_eq!(profile.consents[0].withdrawn, Some(Withdrawal { at: given("", 5).at, how: "電話".into() }));
    let profile = edit(taken_back("行銷", 9));
    assert_eq!(profile.consents[0].withdrawn.as_ref().map(|withdrawal| withdrawal.at), Some(given("", 5).at), "the first word counts");
    let profile = edit(ProfileChange::ConsentGiven(given("行銷", 10)));
    assert_eq!(standing(&profile), [("行銷", false), ("拍照", true), ("行銷", true)]);
    // What was given later is not taken back by a word of before.
    let profile = edit(taken_back("行銷", 8));
    assert_eq!(standing(&profile), [("行銷", false), ("拍照", true), ("行銷", true)]);
}

#[test]
fn a1_two_devices_that_record_consents_apart_lose_none_and_bring_none_back() {
    let before = Profile { name: "王".into(), consents: vec![given("行銷", 0)], ..Profile::default() };
    let changes =
        [taken_back("行銷", 5), ProfileChange::ConsentGiven(given("拍照", 3)), ProfileChange::Consents(vec![given("行銷", 0), given("寄送", 2)])];
    // An app of before replaces the whole list, and may do so last.
    let one = changed(&before, &changes[..2]);
    let other = changed(&changed(&before, &changes[1..2]), &changes[..1]);
    assert_eq!(one, other);
    assert_eq!(standing(&one), [("行銷", false), ("拍照", true)]);
    assert_eq!(standing(&changed(&one, &changes[2..])), [("行銷", false), ("寄送", true)]);
}

#[test]
fn b2_a_customer_is_written_to_in_the_language_that_was_said_or_is_likely() {
    use crate::phone::Phone;
    use crate::settings::Language;
    let reads = |name: &str, phone: &str, said| {
        let phones = Phone::try_from(phone.to_owned()).ok().into_iter().collect();
        Profile { name: name.into(), phones, language: said, ..Profile::default() }.reads()
    };
    assert_eq!(reads("王小明", "+886912345678", None), Some(Language::ZhHant));
    assert_eq!(reads("王小明", "+85291234567", None), Some(Language::ZhHant));
    assert_eq!(reads("王小明", "+8613812345678", None), Some(Language::ZhHans));
    assert_eq!(reads("David Chen", "+886912345678", None), Some(Language::En));
    assert_eq!(reads("王小明", "+14155550123", None), None);
    assert_eq!(reads("王小明", "+886912345678", Some(Language::En)), Some(Language::En));
}

#[test]
fn a5_who_had_a_customer_is_kept_and_the_latest_hundred_stay() {
    let mut world = World::new();
    let (supervisor, customer) = (world.supervisor, world.customer);
    for turn in 0..=decide::HANDOVERS_KEPT {
        let to = Some(if turn % 2 == 0 { world.colleague } else { world.rep });
        world.apply(supervisor, TransferCustomers { customers: vec![customer], to }).expect("of the team");
    }
    let handovers = world.get::<Customer>(customer).handovers.clone();
    assert_eq!(handovers.len(), decide::HANDOVERS_KEPT);
    assert!(handovers.windows(2).all(|pair| pair[0].at < pair[1].at && pair[0].to == pair[1].from));
    let last = handovers[handovers.len() - 1];
    assert_eq!((last.by, last.from, last.to), (supervisor, Some(world.rep), Some(world.colleague)));
}

#[test]
fn a5_a_rep_claims_from_the_pool_and_whoever_comes_second_is_told() {
    let mut world = World::new();
    let (rep, colleague, customer) = (world.rep, world.colleague, world.pool_customer);
    assert!(world.replica(rep).noun::<Customer>(customer).is_none(), "who it is, a rep learns by the claim alone");
    world.apply(rep, ClaimCustomer { customer }).expect("nobody's");
    let claimed = world.get::<Customer>(customer);
    assert_eq!((claimed.owner, claimed.team), (Some(rep), Some(world.north)));
    assert_eq!(claimed.handovers.iter().map(|it| (it.by, it.from, it.to)).collect::<Vec<_>>(), [(rep, None, Some(rep))]);
    assert!(world.find::<pool::PoolCard>(customer).is_none());
    assert_eq!(world.apply(colleague, ClaimCustomer { customer }), Err(Rejection::CustomerTaken));
    assert_eq!(world.apply(rep, ClaimCustomer { customer }), Ok(Vec::new()), "twice is once");
    assert_eq!(world.apply(world.administrator, ClaimCustomer { customer }), Err(Rejection::Forbidden));
}

#[test]
fn a5_the_pool_shows_what_somebody_is_like_and_never_who() {
    let mut world = World::new();
    let (manager, rep, customer) = (world.manager, world.rep, world.customer);
    let profile = Profile {
        company: "宏達".into(),
        email: "wang@example.com".into(),
        region: "臺北".into(),
        occupation: "教師".into(),
        needs: "退休".into(),
        intent: Some(Intent::A),
        ..world.profile("王小明")
    };
    let added = world.id();
    world.apply(manager, AddCustomer { customer: added, owner: None, profile: profile.clone() }).expect("a manager fills the pool");
    let card = world.get::<pool::PoolCard>(added);
    assert_eq!((card.region.as_str(), card.occupation.as_str(), card.intent), ("臺北", "教師", Some(Intent::A)));
    let text = Record::from((*card).clone()).encode();
    for hidden in ["王", "宏達", "example", "退休", "0912"] {
        assert!(!text.contains(hidden), "{text}");
    }
    world.apply(manager, edit(added, ProfileChange::Region("高雄".into()))).expect("a manager edits");
    assert_eq!((world.get::<pool::PoolCard>(added).region.as_str(), world.get::<pool::PoolCard>(added).since), ("高雄", card.since));
    world.apply(manager, edit(added, ProfileChange::Contact(Contact::Refused))).expect("a manager edits");
    assert!(world.find::<pool::PoolCard>(added).is_none(), "nobody may call them");
    world.apply(rep, TransferCustomers { customers: vec![customer], to: None }).expect("a rep releases");
    assert!(world.find::<pool::PoolCard>(customer).is_some());
}
