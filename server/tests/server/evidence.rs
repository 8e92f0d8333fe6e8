//! Signed contracts, looked at by the binary alone.

use crate::database;
use crate::house::{Caller, House, envelope, nouns};
use crate::process::huixiao;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use shared::Command;
use shared::carry::DeviceSigner;
use shared::deals::Contract;
use shared::deals::command::SignDeal;
use shared::deals::evidence::{Link, Statement, contract_in, file, seal};
use shared::ids::DealId;
use shared::sync::protocol::{Envelope, PushAnswer};
use std::process::Output;

fn signer() -> DeviceSigner {
    DeviceSigner::from_seed(&[3; 32])
}

/// Two contracts of one device, as the server keeps them; between them a signature that it holds for a person, because the deal was another by then.
async fn signed(house: &mut House, rep: &Caller) -> [Contract; 2] {
    let key = URL_SAFE_NO_PAD.encode(signer().public_key());
    let answer = rep.post("/api/certificate", &json!({ "client": rep.device, "key": key })).await.json();
    let certificate = answer["certificate"].as_str().expect("a certificate").to_owned();
    let [first, second]: [DealId; 2] = [open(house, rep, 1).await, open(house, rep, 2).await];
    let link = Link::first(uuid::Uuid::from_u128(7));
    let link = link.after(&sign(house, rep, (first, None), &certificate, &link, 3).await);
    // The customer signs what was changed meanwhile; and then, at the next place, what it is now.
    let link = link.after(&sign(house, rep, (second, Some("0".repeat(64))), &certificate, &link, 4).await);
    sign(house, rep, (second, None), &certificate, &link, 5).await;
    [contract_of(rep, first).await, contract_of(rep, second).await]
}

async fn push(rep: &Caller, envelope: Envelope) {
    let seq = envelope.seq;
    let answer = rep.push(vec![envelope]).await;
    assert!(matches!(&answer, PushAnswer::Done { last_seq, .. } if *last_seq == seq), "{answer:?}");
}

async fn open(house: &mut House, rep: &Caller, seq: u64) -> DealId {
    let open = house.ours.open_deal(house.ours.customer, None);
    house.ours.apply(house.ours.rep, open.clone()).expect("within the rules");
    let deal = open.deal;
    push(rep, envelope(seq, open)).await;
    deal
}

/// Signs a deal by its terms, or by others, and gives the statement.
async fn sign(house: &mut House, rep: &Caller, (deal, terms): (DealId, Option<String>), certificate: &str, link: &Link, seq: u64) -> String {
    let plain = house.ours.sign(deal);
    let mut signing = envelope(seq, plain.clone());
    // What this device would make of it, at the moment of its envelope.
    house.ours.now = signing.occurred_at;
    let predicted = house.ours.decide(house.ours.rep, &Command::from(plain.clone())).expect("within the rules");
    let contract = Contract { device: rep.device, ..contract_in(&predicted).expect("a contract").clone() };
    let seal = seal(&contract, house.ours.org, link.clone(), 40, Some((certificate, &signer())));
    let statement = Statement::of(&Contract { seal: Some(seal.clone()), ..contract }, house.ours.org).line();
    let terms = terms.or_else(|| plain.terms.clone());
    signing.command = Command::from(SignDeal { seal: Some(seal), terms, ..plain }).to_raw();
    push(rep, signing).await;
    statement
}

async fn contract_of(rep: &Caller, deal: DealId) -> Contract {
    nouns::<Contract>(&rep.holdings().await).into_iter().find(|contract| contract.deal == deal).expect("signed and kept")
}

fn run(house: &House, args: &[&str]) -> Output {
    let flags = house.flags();
    let all: Vec<&str> = args.iter().copied().chain(flags.iter().map(String::as_str)).collect();
    huixiao(house.data(), &all).output().expect("it runs")
}

fn said(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn f2_a_file_of_evidence_is_believed_with_the_database_or_with_the_key_alone() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    let [first, _] = signed(&mut house, &rep).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("contract.hxe.txt");
    let name = path.to_str().expect("a path").to_owned();
    let text = file(&first, house.ours.org);
    std::fs::write(&path, &text).expect("written");
    let (code, report) = said(&run(&house, &["verify-contract", &name]));
    assert_eq!(code, Some(0), "{report}");
    for part in ["VERIFIED", "王小明", "signed by the device", &first.sha256, &first.deal.to_string()] {
        assert!(report.contains(part), "{part} in {report}");
    }
    let key = house.ours.signer().public_key();
    let nowhere = huixiao(folder.path(), &["verify-contract", &name, "--key", &key]).output().expect("it runs");
    assert_eq!(said(&nowhere), (Some(0), report));
    let without = huixiao(folder.path(), &["verify-contract", &name]).output().expect("it runs");
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&without.stderr).contains("--key"));

    std::fs::write(&path, text.replace("王小明", "王大明")).expect("written");
    let (code, report) = said(&run(&house, &["verify-contract", &name]));
    assert_eq!((code, report.contains("NOT VERIFIED")), (Some(1), true), "{report}");
    std::fs::write(&path, [0xff, 0xfe]).expect("written");
    assert_eq!(said(&run(&house, &["verify-contract", &name])).0, Some(1));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f2_a_contract_changed_or_taken_out_of_the_database_is_noticed() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    let [first, second] = signed(&mut house, &rep).await;
    let (code, report) = said(&run(&house, &["verify-contracts"]));
    assert_eq!(code, Some(0), "{report}");
    assert!(report.contains("2 contracts, 2 countersigned, 2 sealed in 1 chains; 0 of before, with neither"), "{report}");
    assert!(!report.contains("王小明"), "no name of the database's: {report}");

    let is = |contract: &Contract| format!("kind = 'contract' AND body LIKE '%{}%'", contract.deal);
    let sql = format!("UPDATE rows SET body = replace(body, '王小明', '王大明') WHERE {}", is(&second));
    database::run(&house.location, &sql).await;
    let (code, report) = said(&run(&house, &["verify-contracts"]));
    assert_eq!(code, Some(1));
    assert!(report.contains(&format!("contract {}: the device has signed something else", second.deal)), "{report}");
    let stripped = Contract { seal: second.seal.clone(), received: None, ..second.clone() };
    let body = serde_json::to_string(&stripped).expect("serialises").replace('\'', "''");
    database::run(&house.location, &format!("UPDATE rows SET body = '{body}' WHERE {}", is(&second))).await;
    let (code, report) = said(&run(&house, &["verify-contracts"]));
    assert_eq!((code, report.contains("countersignature was taken away")), (Some(1), true), "{report}");
    database::run(&house.location, &format!("DELETE FROM rows WHERE {}", is(&first))).await;
    let (code, report) = said(&run(&house, &["verify-contracts"]));
    assert_eq!(code, Some(1));
    assert!(report.contains("number 1 is missing"), "{report}");
    house.close().await;
}
