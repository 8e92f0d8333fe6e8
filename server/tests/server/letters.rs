//! Commands that a locked device sends in sealed letters.

use crate::house::{Answer, Caller, House, add, envelope, nouns};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use hpke::aead::ExportOnlyAead;
use hpke::kdf::HkdfSha256;
use hpke::kem::{DhP256HkdfSha256, Kem};
use hpke::{Deserializable, OpModeS, Serializable, setup_sender};
use reqwest::StatusCode;
use shared::ids::AttachmentId;
use shared::settings::Settings;
use shared::sync::letters::{EXPORT, INFO, Letter, LettersRequest, NONCE, of, of_file, of_file_key};
use shared::sync::protocol::{Envelope, PushAnswer, Verdict};
use uuid::Uuid;

/// What a device needs to seal: the encapsulated key, and the one that came of it.
pub(crate) struct Stationery {
    encapsulated: Vec<u8>,
    cipher: Aes256Gcm,
}

impl Stationery {
    /// As a device makes it of what its organisation's settings say.
    pub(crate) async fn of(caller: &Caller) -> Self {
        let [settings] = <[Settings; 1]>::try_from(nouns::<Settings>(&caller.holdings().await)).expect("one organisation");
        let key = URL_SAFE_NO_PAD.decode(settings.letter_key.expect("a key")).expect("base64");
        let key = <DhP256HkdfSha256 as Kem>::PublicKey::from_bytes(&key).expect("a point");
        let (encapsulated, context) =
            setup_sender::<ExportOnlyAead, HkdfSha256, DhP256HkdfSha256>(&OpModeS::Base, &key, INFO).expect("a key to send to");
        let mut key = [0; 32];
        context.export(EXPORT, &mut key).expect("32 bytes");
        Self { encapsulated: encapsulated.to_bytes().to_vec(), cipher: Aes256Gcm::new(&key.into()) }
    }

    pub(crate) fn seal(&self, envelope: &Envelope) -> Letter {
        let bytes = self.seal_bytes(&of(envelope.uuid), &serde_json::to_vec(envelope).expect("it serialises"));
        Letter { seq: envelope.seq, uuid: envelope.uuid, sealed: URL_SAFE_NO_PAD.encode(bytes) }
    }

    fn seal_bytes(&self, of: &str, bytes: &[u8]) -> Vec<u8> {
        [self.encapsulated.clone(), encrypt(&self.cipher, of, bytes)].concat()
    }

    /// A file as it lies on a device, behind the letter with its key.
    pub(crate) fn seal_file(&self, attachment: AttachmentId, bytes: &[u8]) -> Vec<u8> {
        let key = [[Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes).as_flattened()].concat();
        let cipher = Aes256Gcm::new_from_slice(&key).expect("32 bytes");
        [self.seal_bytes(&of_file_key(attachment), &key), encrypt(&cipher, &of_file(attachment), bytes)].concat()
    }
}

fn encrypt(cipher: &Aes256Gcm, of: &str, bytes: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE] = *Uuid::new_v4().as_bytes().first_chunk().expect("sixteen bytes");
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: bytes, aad: of.as_bytes() }).expect("it seals");
    [nonce.as_slice(), &sealed].concat()
}

fn two(house: &House) -> [Envelope; 2] {
    [(1, "葉思齊"), (2, "賴冠宇")].map(|(seq, name)| envelope(seq, add(&house.ours, house.ours.rep, name)))
}

async fn send(caller: &Caller, letters: Vec<Letter>) -> Answer {
    let push = caller.request(Vec::new());
    let request = LettersRequest { epoch: None, client: push.client, incarnation: push.incarnation, sent_at: Utc::now(), letters };
    caller.post("/api/sync/letters", &serde_json::to_value(request).expect("it serialises")).await
}

#[tokio::test]
async fn letters_are_ruled_on_as_a_push_is_and_once_with_it() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let (before, envelopes) = (rep.customers().await.len(), two(&house));
    let paper = Stationery::of(&rep).await;
    let answer: PushAnswer = send(&rep, envelopes.iter().map(|envelope| paper.seal(envelope)).collect()).await.read();
    let PushAnswer::Done { outcomes, last_seq, .. } = &answer else { panic!("{answer:?}") };
    assert_eq!(*last_seq, 2);
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Applied), "{outcomes:?}");
    assert_eq!(rep.push(envelopes.to_vec()).await, answer, "the page sends them again once it is unlocked");
    assert_eq!(rep.customers().await.len(), before + 2);
    house.close().await;
}

#[tokio::test]
async fn letters_need_no_secret() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let (before, [one, _]) = (rep.customers().await.len(), two(&house));
    let answer: PushAnswer = send(&rep.without_secret(), vec![Stationery::of(&rep).await.seal(&one)]).await.read();
    assert!(matches!(&answer, PushAnswer::Done { outcomes, .. } if outcomes[0].verdict == Verdict::Applied), "{answer:?}");
    assert_eq!(rep.customers().await.len(), before + 1);
    house.close().await;
}

#[tokio::test]
async fn the_number_on_a_letter_counts_and_not_the_one_inside() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let [one, _] = two(&house);
    let letter = Stationery::of(&rep).await.seal(&Envelope { seq: 99, ..one.clone() });
    let answer: PushAnswer = send(&rep, vec![Letter { seq: 1, ..letter }]).await.read();
    assert!(matches!(answer, PushAnswer::Done { last_seq: 1, .. }), "{answer:?}");
    house.close().await;
}

#[tokio::test]
async fn what_cannot_be_opened_ends_the_push_before_it() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let [one, two] = two(&house);
    let (paper, before) = (Stationery::of(&rep).await, rep.customers().await.len());
    let whole = paper.seal(&two);
    let changed = |at: usize| {
        let mut bytes = URL_SAFE_NO_PAD.decode(&whole.sealed).expect("base64");
        bytes[at] ^= 1;
        Letter { sealed: URL_SAFE_NO_PAD.encode(bytes), ..whole.clone() }
    };
    let last = URL_SAFE_NO_PAD.decode(&whole.sealed).expect("base64").len() - 1;
    let unreadable = [
        changed(0),
        changed(40),
        changed(70),
        changed(last),
        Letter { sealed: String::new(), ..whole.clone() },
        Letter { sealed: "not base64!".into(), ..whole.clone() },
        Letter { uuid: one.uuid, ..whole.clone() },
        Letter { uuid: two.uuid, ..paper.seal(&Envelope { uuid: Uuid::new_v4(), ..two.clone() }) },
    ];
    for letter in &unreadable {
        let answer = send(&rep, vec![letter.clone()]).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "unreadable_letter"), "{letter:?}");
    }
    let answer: PushAnswer = send(&rep, vec![paper.seal(&one), changed(last)]).await.read();
    assert!(matches!(&answer, PushAnswer::Done { last_seq: 1, outcomes, .. } if outcomes.len() == 1), "{answer:?}");
    assert_eq!(rep.customers().await.len(), before + 1);
    house.close().await;
}

#[tokio::test]
async fn letters_need_a_session_of_whose_they_are() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let letters = vec![Stationery::of(&rep).await.seal(&two(&house)[0])];
    assert_eq!(send(&Caller::new(&house.url), letters).await.status, StatusCode::UNAUTHORIZED);
    house.close().await;
}
