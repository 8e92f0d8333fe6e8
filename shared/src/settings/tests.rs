use super::command::*;
use super::decide::{MOST_ENTRIES, MOST_WORDINGS};
use super::*;
use crate::command::Command;
use crate::deals::contract::sha256_hex;
use crate::rejection::{Field, Rejection};
use crate::testing::World;

fn settings(world: &World) -> std::sync::Arc<Settings> {
    world.get::<Settings>(world.org)
}

fn template(purpose: Purpose, channel: Option<Channel>, language: Language, text: &str) -> SetTemplate {
    SetTemplate { purpose, channel, language, text: text.into() }
}

fn texts(text: &str) -> Texts {
    Texts { zh_hant: text.into(), ..Texts::default() }
}

fn reason(code: &str, text: &str) -> PutEntry {
    PutEntry { dictionary: Dictionary::RefusalReasons, code: code.into(), texts: texts(text) }
}

fn wording(code: &str, phrase: &str) -> PutWording {
    PutWording { code: code.into(), phrase: phrase.into(), fault: Fault::Pushy, why: texts("改成邀請") }
}

fn codes(world: &World) -> Vec<String> {
    settings(world).refusal_reasons.iter().map(|entry| entry.code.clone()).collect()
}

fn check(command: impl Into<Command>, expected: Result<(), Rejection>) {
    let mut world = World::new();
    let command = command.into();
    assert_eq!(world.apply(world.administrator, command.clone()).map(drop), expected, "{command:?}");
}

#[test]
fn b2_a_channel_has_its_own_text_in_the_guests_language_or_that_of_all_channels() {
    let mut world = World::new();
    let manager = world.manager;
    world.apply(manager, template(Purpose::Invite, None, Language::ZhHant, "說給大家：{theme}")).expect("within the rules");
    world.apply(manager, template(Purpose::Invite, Some(Channel::Sms), Language::ZhHant, "簡訊：{theme}")).expect("within the rules");
    let text = |world: &World, channel, language| settings(world).text_for(Purpose::Invite, channel, language).to_owned();
    assert_eq!(text(&world, Channel::Sms, Language::ZhHant), "簡訊：{theme}");
    assert_eq!(text(&world, Channel::Mail, Language::ZhHant), "說給大家：{theme}");
    assert_eq!(
        text(&world, Channel::Sms, Language::En),
        "{customer}您好",
        "nobody has written a text message in English: what is said on all channels"
    );
    assert_eq!(settings(&world).text_for(Purpose::Remind, Channel::Sms, Language::ZhHant), "{date}見", "another purpose is untouched");
    world.apply(manager, template(Purpose::Invite, Some(Channel::Sms), Language::ZhHant, " ")).expect("within the rules");
    assert_eq!(text(&world, Channel::Sms, Language::ZhHant), "說給大家：{theme}", "an empty text is none");
    assert!(settings(&world).templates.is_empty(), "and leaves nothing behind");
}

#[test]
fn b2_a_text_with_an_unknown_variable_is_refused_by_its_name() {
    let unknown = |name: &str| Err(Rejection::UnknownVariable { name: name.into() });
    let invite = |text: &str| template(Purpose::Invite, Some(Channel::Mail), Language::En, text);
    check(invite("{customer} {salutation} {company} {rep} {org} {theme} {date} {time} {venue}"), Ok(()));
    check(invite("Dear {coustomer}"), unknown("{coustomer}"));
    check(invite("Dear {customer"), unknown("{customer"));
    check(template(Purpose::Remind, None, Language::En, " "), Err(Rejection::Required { field: Field::Template }));
}

#[test]
fn b5_two_who_change_other_entries_while_they_are_apart_overwrite_nothing_of_each_other() {
    let mut world = World::new();
    let mut offline = World::new();
    let first = [reason("far", "太遠").into(), Command::from(reason("no_time", "沒空"))];
    let second: [Command; 4] = [
        reason("price", "太貴").into(),
        SetEntryState { dictionary: Dictionary::RefusalReasons, code: "no_interest".into(), state: EntryState::Retired }.into(),
        template(Purpose::Remind, None, Language::En, "See you on {date}").into(),
        template(Purpose::Remind, Some(Channel::Sms), Language::ZhHant, "{date}見，{rep}").into(),
    ];
    for command in first.clone() {
        world.apply(world.administrator, command).expect("within the rules");
    }
    // The manager's tablet has seen nothing of that.
    for command in second.clone() {
        offline.apply(offline.manager, command).expect("within the rules");
    }
    for command in second {
        world.apply(world.manager, command).expect("within the rules");
    }
    let settings = settings(&world);
    assert_eq!(codes(&world), ["no_time", "no_interest", "far", "price"]);
    assert_eq!(settings.refusal_reasons[0].texts, texts("沒空"));
    assert_eq!(settings.refusal_reasons[1].state, EntryState::Retired);
    assert_eq!(settings.reminder_script, Texts { zh_hant: "{date}見".into(), zh_hans: "{date}見".into(), en: "See you on {date}".into() });
    assert_eq!(settings.own_text(Purpose::Remind, Channel::Sms, Language::ZhHant), "{date}見，{rep}");
}

#[test]
fn b5_a_reason_is_offered_no_more_but_read_for_ever_and_one_is_always_offered() {
    let mut world = World::new();
    let state = |code: &str, state| SetEntryState { dictionary: Dictionary::RefusalReasons, code: code.into(), state };
    world.apply(world.administrator, state("no_time", EntryState::Retired)).expect("within the rules");
    let offered = |world: &World| settings(world).offered(Dictionary::RefusalReasons).map(|entry| entry.code.clone()).collect::<Vec<_>>();
    assert_eq!(offered(&world), ["no_interest"]);
    let invitation = world.invite(world.meeting, world.customer);
    let declined = crate::invitations::Answer::Declined { reason: "no_time".into(), words: String::new() };
    // A tablet that was away offers it still.
    world.answer(invitation, declined);
    let last = world.apply(world.administrator, state("no_interest", EntryState::Retired));
    assert_eq!(last, Err(Rejection::OutOfRange { field: Field::Entry, min: 1, max: 200 }));
    world.apply(world.administrator, state("no_time", EntryState::InUse)).expect("within the rules");
    assert_eq!(offered(&world), ["no_time", "no_interest"]);
    check(state("nowhere", EntryState::Retired), Err(Rejection::NotFound { kind: crate::Kind::Settings }));
}

#[test]
fn b5_reasons_are_put_into_another_order() {
    let mut world = World::new();
    let admin = world.administrator;
    world.apply(admin, reason("far", "太遠")).expect("within the rules");
    let put =
        |code: &str, before: Option<&str>| MoveEntry { dictionary: Dictionary::RefusalReasons, code: code.into(), before: before.map(Into::into) };
    for (command, order) in [
        (put("far", Some("no_time")), ["far", "no_time", "no_interest"]),
        (put("far", None), ["no_time", "no_interest", "far"]),
        (put("no_time", Some("far")), ["no_interest", "no_time", "far"]),
        (put("far", Some("far")), ["no_interest", "no_time", "far"]),
    ] {
        world.apply(admin, command).expect("within the rules");
        assert_eq!(codes(&world), order);
    }
    check(put("far", None), Err(Rejection::NotFound { kind: crate::Kind::Settings }));
    check(put("no_time", Some("far")), Err(Rejection::NotFound { kind: crate::Kind::Settings }));
}

#[test]
fn b2_no_two_entries_of_a_list_read_alike_in_either_script() {
    let mut world = World::new();
    let admin = world.administrator;
    world.apply(admin, reason("busy", "沒時間")).expect("within the rules");
    assert_eq!(world.apply(admin, reason("busy2", "没时间")), Err(Rejection::AlreadyListed));
    assert!(world.apply(admin, reason("busy", "没时间")).is_ok(), "its own words do not stand in its way");
    world.apply(admin, wording("last", "最後機會")).expect("within the rules");
    assert_eq!(world.apply(admin, wording("last2", "最 后 机 会")), Err(Rejection::AlreadyListed));
    world.apply(admin, wording("last", "最後一天")).expect("within the rules");
    assert_eq!(settings(&world).wordings.len(), 2, "changed, not added");
    world.apply(admin, RemoveWording { code: "last".into() }).expect("within the rules");
    assert_eq!(settings(&world).wordings.len(), 1);
    assert_eq!(world.apply(admin, RemoveWording { code: "last".into() }), Err(Rejection::NotFound { kind: crate::Kind::Settings }));
}

#[test]
fn no_list_and_no_text_of_the_settings_is_unbounded() {
    let long = || "龍".repeat(5_000);
    let too_long = |field, max| Err(Rejection::TooLong { field, max, found: 5_000 });
    check(template(Purpose::Invite, None, Language::En, &long()), too_long(Field::Template, 2_000));
    check(reason("x", &long()), too_long(Field::Entry, 100));
    check(wording("x", &long()), too_long(Field::Wording, 40));
    check(PutWording { why: texts(&long()), ..wording("x", "最後") }, too_long(Field::Why, 300));
    for code in ["", "Not this", &"a".repeat(41), "壞"] {
        check(reason(code, "好"), Err(Rejection::Malformed { field: Field::Entry }));
        check(wording(code, "好"), Err(Rejection::Malformed { field: Field::Entry }));
    }
    check(reason("x", " "), Err(Rejection::Required { field: Field::Entry }));
    check(PutWording { why: Texts::default(), ..wording("x", "最後") }, Err(Rejection::Required { field: Field::Why }));
    check(wording("x", "（—）"), Err(Rejection::Malformed { field: Field::Wording }));

    let mut world = World::new();
    let full =
        (0..MOST_ENTRIES).map(|number| Entry { code: format!("e{number}"), texts: texts(&format!("理由{number}")), state: EntryState::InUse });
    let wordings =
        (0..MOST_WORDINGS)
            .map(|number| Wording { code: format!("w{number}"), phrase: format!("詞{number}"), fault: Fault::Pushy, why: texts("因") });
    world.put(Settings { refusal_reasons: full.collect(), wordings: wordings.collect(), ..(*settings(&world)).clone() });
    let admin = world.administrator;
    let out_of_range = |field, max| Err(Rejection::OutOfRange { field, min: 0, max });
    assert_eq!(world.apply(admin, reason("more", "更多")), out_of_range(Field::Entry, 200));
    assert_eq!(world.apply(admin, wording("more", "更多")), out_of_range(Field::Wording, 300));
    assert!(world.apply(admin, reason("e0", "改過")).is_ok(), "what is there can be changed");
}

#[test]
fn a_text_that_nobody_has_written_in_a_language_is_read_in_the_nearest() {
    let written = Texts { zh_hant: "繁".into(), zh_hans: String::new(), en: "en".into() };
    let nearest = |language| written.nearest(language);
    assert_eq!([Language::ZhHant, Language::ZhHans, Language::En].map(nearest), ["繁", "繁", "en"]);
    assert_eq!(Texts::default().nearest(Language::En), "");
}

#[test]
fn f2_a_contracts_template_is_changed_by_who_has_read_it_and_has_another_version() {
    const WHOLE: &str = "合約 {number}：{org} 與 {buyer}\n{items}\n共 {total}";
    let mut world = World::new();
    let set = |before: &str, text: &str| SetContractTemplate { language: Language::ZhHant, text: text.into(), before: sha256_hex(before) };
    let was = settings(&world);
    let begun = was.contract_template.of(Language::ZhHant).to_owned();
    world.apply(world.manager, set(&begun, WHOLE)).expect("within the rules");
    let now = settings(&world);
    assert_eq!((now.contract_template.of(Language::ZhHant), now.contract_template.of(Language::En)), (WHOLE, was.contract_template.of(Language::En)));
    assert_eq!(now.contract_template_version, was.contract_template_version + 1);
    assert_eq!(world.apply(world.administrator, set(&begun, &format!("{WHOLE} {{deposit}}"))).map(drop), Err(Rejection::TextChanged), "unseen");
    world.apply(world.administrator, set(&begun, WHOLE)).expect("two who write the same are of one mind");
    assert_eq!(settings(&world).contract_template_version, was.contract_template_version + 1, "the same text is no other version");
}

#[test]
fn f2_a_contracts_template_names_both_parties_what_is_bought_and_the_price() {
    let set = |text: &str| SetContractTemplate { language: Language::En, text: text.into(), before: sha256_hex("{buyer} {total}") };
    check(set("{number} {org} {buyer} {items} {total}"), Ok(()));
    check(set("{number} {org} {buyer} {items}"), Err(Rejection::MissingVariable { name: "total".into() }));
    check(set("{number} {org} {buyer} {items} {total} {customer}"), Err(Rejection::UnknownVariable { name: "{customer}".into() }));
    check(set(" "), Err(Rejection::Required { field: Field::ContractText }));
}
