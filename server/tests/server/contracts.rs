//! Contracts on paper: for who may hold them, and for the customer who has the link. What stands in the PDF is read by another program (poppler).

use crate::house::{Caller, House, envelope, nouns};
use reqwest::StatusCode;
use shared::deals::command::{ShareContract, SignDeal, WithdrawCopies};
use shared::deals::contract::sha256_hex;
use shared::deals::{Contract, evidence};
use shared::ids::DealId;
use shared::invitations::link::LinkToken;
use shared::testing::dice::signature;
use std::path::Path;
use std::process::Command;

/// A long contract with both scripts, Latin letters, a long word, and signs that only one of the fonts has.
fn long_text() -> String {
    let clause = "出賣人應於訂金入帳後十四日內，與買受人約定交付或安裝日期；逾期者，買受人得解除契約。";
    let mut text = String::from("訂購契約書\n\n買受人：王小明　Order contract for “HX-2000”\n简体：合同双方约定如下，电子签署。\n");
    for number in 1..=120 {
        text += &format!("{number}. {clause}\n\n");
    }
    text + &"W".repeat(150) + "\n總價 NT$25,600"
}

async fn signed(house: &mut House, rep: &Caller) -> DealId {
    let open = house.ours.open_deal(house.ours.customer, None);
    let (deal, text) = (open.deal, long_text());
    house.ours.apply(house.ours.rep, open.clone()).expect("within the rules");
    let sign = SignDeal { sha256: sha256_hex(&text), text, witness_strokes: signature(), ..house.ours.sign(deal) };
    rep.push(vec![envelope(1, open), envelope(2, sign)]).await;
    deal
}

/// What another program reads in a PDF.
fn read(program: &str, pdf: &[u8], options: &[&str], folder: &Path) -> Vec<u8> {
    let file = folder.join("contract.pdf");
    std::fs::write(&file, pdf).expect("written");
    let output = Command::new(program).args(options).arg(&file).arg("-").current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program} of poppler-utils is needed: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn f2_the_pdf_says_letter_for_letter_what_was_signed_and_carries_its_evidence() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    let deal = signed(&mut house, &rep).await;
    let response = rep.stream(&format!("/api/deals/{deal}/contract.pdf")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/pdf");
    assert!(response.headers()["content-disposition"].to_str().is_ok_and(|said| said.starts_with("attachment; filename=\"20")));
    let pdf = response.bytes().await.expect("a body");
    let again = rep.stream(&format!("/api/deals/{deal}/contract.pdf")).await.bytes().await.expect("a body");
    assert!(pdf == again, "the same contract gives the same bytes");
    assert!(pdf.len() < 400_000, "only the letters that are used are in it: {} bytes", pdf.len());

    let folder = tempfile::tempdir().expect("a folder");
    let text = String::from_utf8(read("pdftotext", &pdf, &["-raw"], folder.path())).expect("UTF-8");
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    assert!(pages.len() > 3, "{}", pages.len());
    // The foot of a page is its last line.
    let body: String = pages.iter().map(|page| page.trim_end().rsplit_once('\n').map_or("", |(body, _)| body)).collect();
    let contract: Contract = nouns(&rep.holdings().await).pop().expect("signed and kept");
    assert!(without_spaces(&body).starts_with(&without_spaces(&contract.text)), "{body}");
    for part in ["買受人：王小明", &contract.sha256, "副署"] {
        assert!(body.contains(part), "{part} in {body}");
    }
    // Without the dash at the end: this program takes names of files.
    std::fs::write(folder.path().join("contract.pdf"), &pdf).expect("written");
    let detached = Command::new("pdfdetach").args(["-saveall", "contract.pdf"]).current_dir(folder.path()).status().expect("poppler-utils");
    assert!(detached.success());
    let attached = std::fs::read_dir(folder.path())
        .expect("a folder")
        .filter_map(Result::ok)
        .find(|file| file.file_name().to_string_lossy().ends_with(".hxe.txt"));
    let attached = std::fs::read_to_string(attached.expect("attached").path()).expect("text");
    assert_eq!(attached, evidence::file(&contract, house.ours.org));
    assert!(evidence::verify(&attached, &house.ours.signer().public_key()).is_ok());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f2_a_contract_is_shown_to_who_may_hold_it_and_to_who_has_its_link() {
    let mut house = House::open().await;
    let rep = house.ours("rep").await;
    let deal = signed(&mut house, &rep).await;
    let path = format!("/api/deals/{deal}/contract.pdf");
    for (login, status) in [("manager", StatusCode::OK), ("supervisor", StatusCode::OK), ("colleague", StatusCode::NOT_FOUND)] {
        let caller = house.ours(login).await;
        assert_eq!(caller.stream(&path).await.status(), status, "{login}");
    }
    assert_eq!(house.theirs("rep").await.stream(&path).await.status(), StatusCode::NOT_FOUND, "another company's");
    let stranger = Caller::new(&house.url);
    assert_eq!(stranger.get(&path).await.status, StatusCode::UNAUTHORIZED);
    for wrong in ["/api/deals/none/contract.pdf", &format!("/api/deals/{}/contract.pdf", uuid::Uuid::from_u128(9))] {
        assert_eq!(rep.get(wrong).await.status, StatusCode::NOT_FOUND);
    }

    let token = LinkToken::of(&[9; 24]);
    assert_eq!(stranger.get(&token.copy_path()).await.status, StatusCode::NOT_FOUND);
    rep.push(vec![envelope(3, ShareContract { deal, link: token.hash() })]).await;
    let copy = stranger.stream(&token.copy_path()).await;
    assert_eq!(copy.status(), StatusCode::OK);
    assert_eq!(
        (&copy.headers()["x-robots-tag"], &copy.headers()["cache-control"]),
        (&"noindex, nofollow".parse().expect("a value"), &"no-store".parse().expect("a value"))
    );
    assert!(copy.bytes().await.expect("a body").starts_with(b"%PDF-"));
    assert_eq!(stranger.get(&LinkToken::of(&[8; 24]).copy_path()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.get("/c/nonsense").await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.get(&token.path()).await.status, StatusCode::NOT_FOUND, "it opens no invitation");
    rep.push(vec![envelope(4, WithdrawCopies { deal })]).await;
    assert_eq!(stranger.get(&token.copy_path()).await.status, StatusCode::NOT_FOUND);
    house.close().await;
}
