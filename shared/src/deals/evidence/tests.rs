use super::chain::{Chain, Chained, Flaw, chains};
use super::*;
use crate::deals::command::SignDeal;
use crate::people::{Access, User};
use crate::quarantine::HeldVerdict;
use crate::quarantine::command::RuleHeldCommand;
use crate::rejection::Rejection;
use crate::testing::World;
use uuid::Uuid;

fn device_key() -> DeviceSigner {
    DeviceSigner::from_seed(&[9; 32])
}

fn certificate(world: &World, user: UserId) -> String {
    world.signer().certify(world.org, user, world.device(user), device_key().public_key(), world.now)
}

fn first() -> Link {
    Link::first(Uuid::from_u128(0xC1))
}

fn declared() -> Declared {
    Declared { language: Language::ZhHant, consent: "我同意以電子方式簽署".into(), identified: Identified::Document }
}

/// The command as a device saves it: what the rules would make of it is sealed.
fn sealed(world: &World, user: UserId, plain: &SignDeal, link: Link, key: Option<(&str, &DeviceSigner)>) -> SignDeal {
    let predicted = world.decide(user, &plain.clone().into()).expect("within the rules");
    let contract = contract_in(&predicted).expect("a signature makes a contract");
    SignDeal { seal: Some(seal(contract, world.org, link, 250, key)), ..plain.clone() }
}

fn sign(world: &mut World, link: Link) -> DealId {
    let command = world.open_deal(world.customer, None);
    let deal = command.deal;
    world.apply(world.rep, command).expect("within the rules");
    let plain = SignDeal { declared: Some(declared()), ..world.sign(deal) };
    let certificate = certificate(world, world.rep);
    let command = sealed(world, world.rep, &plain, link, Some((&certificate, &device_key())));
    world.apply(world.rep, command).expect("signed");
    deal
}

fn signed() -> (World, DealId) {
    let mut world = World::new();
    let deal = sign(&mut world, first());
    (world, deal)
}

#[test]
fn f2_a_file_tells_everything_and_is_believed_without_a_database() {
    let (world, deal) = signed();
    let contract = world.get::<Contract>(deal);
    let file = file(&contract, world.org);
    assert_eq!(organisation(&file), Some(world.org));
    let Ok(verified) = verify(&file, &world.signer().public_key()) else { panic!("genuine") };
    let said = &verified.statement;
    assert_eq!((verified.by_device, verified.received_at), (ByDevice::Signed, contract.signed_at));
    assert_eq!((said.deal, said.witness, said.rep, said.device), (deal, world.rep, world.rep, world.device(world.rep)));
    assert_eq!((&said.text, &said.strokes, &said.declared), (&contract.text, &contract.strokes, &Some(declared())));
    assert_eq!((said.signed_at, said.clock_offset_ms, &said.link), (contract.signed_at.timestamp_millis(), Some(250), &Some(first())));
}

#[test]
fn f2_one_changed_byte_anywhere_is_noticed() {
    let (world, deal) = signed();
    let (file, key) = (file(&world.get::<Contract>(deal), world.org), world.signer().public_key());
    let is_believed = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| verify(text, &key).is_ok());
    assert!(is_believed(file.as_bytes()));
    for at in 0..file.len() {
        let mut bytes = file.clone().into_bytes();
        // The case of letters, one bit of everything else: what a careless reader would take for the same.
        bytes[at] ^= if bytes[at].is_ascii_alphabetic() { 0x20 } else { 1 };
        assert!(!is_believed(&bytes), "changed at {at}");
        bytes.remove(at);
        assert!(!is_believed(&bytes), "taken out at {at}");
        bytes.splice(at..at, [file.as_bytes()[at], b' ']);
        assert!(!is_believed(&bytes), "put in after {at}");
    }
    for end in [" ", "\n", "\r\n"] {
        assert!(!is_believed(format!("{file}{end}").as_bytes()));
    }
    assert!(!is_believed(file.replace('\n', "\r\n").as_bytes()));
    assert!(!is_believed(file.replace("\"deal\"", "\"de\\u0061l\"").as_bytes()), "the same for a reader of JSON");
}

#[test]
fn f2_what_is_missing_and_whose_key_it_is_are_told_apart() {
    let (world, deal) = signed();
    let (contract, key) = (world.get::<Contract>(deal), world.signer().public_key());
    let verify = |contract: &Contract| verify(&file(contract, world.org), &key).map(|verified| verified.by_device);
    assert_eq!(verify(&Contract { received: None, ..(*contract).clone() }), Err(Altered::NotCountersigned));
    assert_eq!(verify(&Contract { text: "另一份".into(), ..(*contract).clone() }), Err(Altered::Device));
    let received = contract.received.clone().map(|received| Received { at: received.at + chrono::TimeDelta::milliseconds(1), ..received });
    assert_eq!(verify(&Contract { received, ..(*contract).clone() }), Err(Altered::Server));
    let others = TicketSigner::from_seed(&[1; 32]).public_key();
    assert_eq!(super::verify(&file(&contract, world.org), &others).map(drop), Err(Altered::Device));
    assert_eq!(super::verify("", &key).map(drop), Err(Altered::Form));
    assert_eq!(super::verify(&file(&contract, world.org).replace("HXE1", "HXE2"), &key).map(drop), Err(Altered::Form));
}

#[test]
fn f2_a_contract_of_an_app_that_seals_nothing_is_countersigned_all_the_same() {
    let mut world = World::new();
    let command = world.open_deal(world.customer, None);
    let deal = command.deal;
    world.apply(world.rep, command).expect("within the rules");
    world.apply(world.rep, world.sign(deal)).expect("signed");
    let verified = verify(&file(&world.get::<Contract>(deal), world.org), &world.signer().public_key());
    assert_eq!(verified.map(|verified| (verified.by_device, verified.statement.link)), Ok((ByDevice::Unsigned, None)));
}

#[test]
fn f2_a_seal_for_another_text_by_another_device_or_for_somebody_else_waits_for_a_person() {
    let mut world = World::new();
    let command = world.open_deal(world.customer, None);
    let deal = command.deal;
    world.apply(world.rep, command).expect("within the rules");
    let plain = SignDeal { declared: Some(declared()), ..world.sign(deal) };
    let own = certificate(&world, world.rep);
    let good = sealed(&world, world.rep, &plain, first(), Some((&own, &device_key())));
    let others = world.signer().certify(world.org, world.rep, world.device(world.rep), DeviceSigner::from_seed(&[8; 32]).public_key(), world.now);
    let colleagues = certificate(&world, world.colleague);
    let unsigned = sealed(&world, world.rep, &plain, first(), None);
    let for_somebody_else = unsigned.seal.clone().map(|seal| Seal { witness: world.colleague, ..seal });
    let bad = [
        SignDeal { signer: "王大明".into(), ..good.clone() },
        SignDeal { declared: None, ..good.clone() },
        sealed(&world, world.rep, &plain, first(), Some((&others, &device_key()))),
        sealed(&world, world.rep, &plain, first(), Some((&colleagues, &device_key()))),
        SignDeal { seal: good.seal.clone().map(|seal| Seal { link: first().after("another"), ..seal }), ..plain.clone() },
        SignDeal { seal: for_somebody_else, ..plain.clone() },
    ];
    for command in bad {
        assert_eq!(world.decide(world.rep, &command.into()).map(drop), Err(Rejection::SealBroken));
    }
    assert!(world.decide(world.rep, &unsigned.into()).is_ok(), "a device may have no certificate yet");
    world.apply(world.rep, good).expect("this device has signed exactly this");
}

#[test]
fn f2_who_held_the_device_stays_the_witness_when_somebody_else_rules() {
    let mut world = World::new();
    let command = world.open_deal(world.customer, None);
    let deal = command.deal;
    world.apply(world.rep, command).expect("within the rules");
    let certificate = certificate(&world, world.rep);
    let command = sealed(&world, world.rep, &world.sign(deal), first(), Some((&certificate, &device_key())));
    let held = world.hold(world.rep, command, Rejection::Forbidden);
    world.put(User { access: Access::Revoked, ..(*world.get::<User>(world.rep)).clone() });
    world.apply(world.supervisor, RuleHeldCommand { held, verdict: HeldVerdict::Accepted }).expect("the supervisor reaches the deal");
    assert_eq!(world.get::<Contract>(deal).witness, world.rep);
}

#[test]
fn f2_a_deal_taken_over_with_its_signature_keeps_what_the_device_has_sealed() {
    for is_certified in [true, false] {
        // What the device shows, before anybody else hears of it.
        let mut at_home = World::new();
        let open = at_home.open_deal(at_home.customer, None);
        let deal = open.deal;
        at_home.apply(at_home.rep, open.clone()).expect("within the rules");
        let (certificate, key) = (certificate(&at_home, at_home.rep), device_key());
        let signing = sealed(&at_home, at_home.rep, &at_home.sign(deal), first(), is_certified.then_some((&certificate[..], &key)));
        let mut world = World::new();
        let opened = world.hold(world.rep, open, Rejection::Forbidden);
        world.now = at_home.now;
        let signed = world.hold(world.rep, signing, Rejection::Forbidden);
        world.put(User { access: Access::Revoked, ..(*world.get::<User>(world.rep)).clone() });
        for held in [opened, signed] {
            world.apply(world.supervisor, RuleHeldCommand { held, verdict: HeldVerdict::Accepted }).expect("taken over");
        }
        let contract = world.get::<Contract>(deal);
        assert_eq!((contract.rep, contract.witness), (world.supervisor, world.rep), "whose it is now, and who saw it signed");
        let verified = verify(&file(&contract, world.org), &world.signer().public_key());
        let expected = if is_certified { ByDevice::Signed } else { ByDevice::Unsigned };
        assert_eq!(verified.map(|verified| (verified.by_device, verified.statement.rep)), Ok((expected, world.rep)));
    }
}

#[test]
fn f2_a_place_in_a_chain_is_written_in_one_way() {
    let place = |position, previous: Option<&str>| Link { position, previous: previous.map(str::to_owned), ..first() };
    let hash = "a".repeat(64);
    assert!([place(1, None), place(2, Some(&hash))].iter().all(Link::is_well_formed));
    for bad in [place(0, None), place(1, Some(&hash)), place(2, None), place(2, Some("a")), place(2, Some(&"A".repeat(64)))] {
        assert!(!bad.is_well_formed(), "{bad:?}");
    }
}

#[test]
fn f2_nothing_can_be_taken_out_of_a_devices_chain_put_in_or_exchanged() {
    let mut world = World::new();
    let mut deals = Vec::new();
    let mut link = first();
    for _ in 0..4 {
        let deal = sign(&mut world, link.clone());
        link = link.after(&Statement::of(&world.get::<Contract>(deal), world.org).line());
        deals.push(deal);
    }
    let contracts: Vec<Contract> = deals.iter().map(|deal| (*world.get::<Contract>(*deal)).clone()).collect();
    let chain = |contracts: &[&Contract]| -> Vec<Flaw> {
        let found = chains(contracts.iter().filter_map(|contract| Chained::of(contract, world.org)));
        assert_eq!(found.iter().map(|chain| (chain.device, chain.length)).collect::<Vec<_>>(), [(world.device(world.rep), contracts.len())]);
        found.into_iter().flat_map(|chain: Chain| chain.flaws).collect()
    };
    let [first, second, third, fourth] = &contracts[..] else { panic!("four") };
    assert_eq!(chain(&[fourth, second, first, third]), [], "in whatever order they have arrived");
    assert_eq!(chain(&[first, second, fourth]), [Flaw::Missing { position: 3 }]);
    assert_eq!(chain(&[second, third]), [Flaw::Missing { position: 1 }]);
    let other = Contract { signer: "王大明".into(), ..second.clone() };
    assert_eq!(chain(&[first, &other, third, fourth]), [Flaw::Broken { deal: third.deal }]);
    let held = Chained { sha256: None, ..Chained::of(second, world.org).expect("sealed") };
    let with_held = [first, third, fourth].into_iter().filter_map(|contract| Chained::of(contract, world.org)).chain([held]);
    assert_eq!(chains(with_held).into_iter().flat_map(|chain| chain.flaws).collect::<Vec<_>>(), [], "held for a person, and no hole");
    let mut anew = fourth.clone();
    anew.seal = anew.seal.map(|seal| Seal { link: Link::first(Uuid::from_u128(0xC2)), ..seal });
    let two: Vec<_> = [first, second, third, &anew].into_iter().filter_map(|contract| Chained::of(contract, world.org)).collect();
    assert_eq!(chains(two).iter().map(|chain| (chain.length, chain.flaws.len())).collect::<Vec<_>>(), [(3, 0), (1, 0)], "a store that was lost");
    let copy = Contract { deal: fourth.deal, seal: second.seal.clone(), ..fourth.clone() };
    assert!(chain(&[first, second, &copy]).contains(&Flaw::Twice { deal: second.deal.max(copy.deal) }));
    let old = Contract { seal: None, ..first.clone() };
    assert_eq!(Chained::of(&old, world.org), None);
}
