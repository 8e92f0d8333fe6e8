//! Bad input: every field of every message altered, and requests with extreme values on a real store. Nothing panics, nothing is refused as if
//! the store had failed, and no queue is stuck.
//!
//! A fuzz target of the usual kind needs a nightly compiler. Instead every field is altered in every way that is listed here, and beyond that
//! mutations are drawn from a seed: `HUIXIAO_MUTATIONS=1000000 cargo test --release -p tests --test bad_input` for the full count.

use fastrand::Rng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::command::Unreadable;
use shared::customers::command::AddCustomer;
use shared::ids::{ClientId, UserId};
use shared::record::Scope;
use shared::sync::client::Meta;
use shared::sync::protocol::*;
use shared::sync::server::{self, Session};
use shared::testing::{World, messages};
use shared::{Command, Kind, Record, Rejection};
use simulation::Weakness;
use simulation::store::MemoryStore;
use std::collections::BTreeMap;
use std::path::Path;
use uuid::Uuid;

/// Reads a text as one of the types that travel or are stored; an error is as good as a value.
type Decoder = fn(&[u8]);

fn decode<T: DeserializeOwned + Serialize>(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<T>(bytes) {
        serde_json::to_string(&value).expect("what was read can be written");
    }
}

fn decode_command(bytes: &[u8]) {
    if let Ok(raw) = serde_json::from_slice::<RawCommand>(bytes)
        && let Ok(command) = Command::read(&raw)
    {
        let _written = command.to_raw();
    }
}

/// The examples of everything on the wire, each with what reads it.
fn examples() -> Vec<(String, Vec<String>, Decoder)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wire/v1");
    let mut examples = Vec::new();
    for file in std::fs::read_dir(folder).expect("the folder of fixtures") {
        let path = file.expect("readable").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let decoder: Decoder = match name.as_str() {
            "push_request" => decode::<PushRequest>,
            "push_answer" => decode::<PushAnswer>,
            "pull_request" => decode::<PullRequest>,
            "pull_answer" => decode::<PullAnswer>,
            "outcome" => decode::<Outcome>,
            "rejection" => decode::<Rejection>,
            "scope" => decode::<Scope>,
            "meta" => decode::<Meta>,
            name if name.starts_with("command.") => decode_command,
            // A record is read by its kind; each is read as every kind, because a row may name any.
            name if name.starts_with("record.") => |bytes| {
                if let Ok(text) = std::str::from_utf8(bytes) {
                    Kind::ALL.iter().for_each(|kind| drop(Record::decode(*kind, text).map(|record| record.encode())));
                }
            },
            _ => continue,
        };
        let texts: Vec<Box<RawValue>> = serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("a list of examples");
        examples.push((name, texts.iter().map(|text| text.get().to_owned()).collect(), decoder));
    }
    examples.sort_by(|a, b| a.0.cmp(&b.0));
    examples
}

/// What a field may be instead of what it should.
fn wrong_values() -> Vec<Value> {
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!(0.5),
        json!(""),
        json!("\u{0}\u{202e}😀"),
        json!("x".repeat(100_000)),
        json!("00000000-0000-0000-0000-000000000000"),
        json!("+262142-12-31T23:59:59Z"),
        json!("-262143-01-01T00:00:00Z"),
        json!([]),
        json!({}),
        json!({"": {"": null}}),
        deep,
    ]
}

/// Every place in a value, as a way to reach it.
fn places(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    found.push(path.clone());
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        path.push(name);
        places(child, path, found);
        path.pop();
    }
}

fn at<'a>(value: &'a mut Value, path: &[String]) -> &'a mut Value {
    path.iter().fold(value, |value, name| match value {
        Value::Object(fields) => fields.get_mut(name).expect("a place of this value"),
        Value::Array(items) => &mut items[name.parse::<usize>().expect("a number")],
        _ => unreachable!("only objects and lists have places inside"),
    })
}

#[test]
fn every_field_of_every_message_may_be_wrong() {
    let (wrong, mut tried) = (wrong_values(), 0_u32);
    for (name, texts, decoder) in examples() {
        for text in &texts {
            let value: Value = serde_json::from_str(text).expect("an example");
            let mut found = Vec::new();
            places(&value, &mut Vec::new(), &mut found);
            for path in &found {
                let mut check = |altered: &Value| {
                    decoder(altered.to_string().as_bytes());
                    tried += 1;
                };
                for wrong in &wrong {
                    let mut altered = value.clone();
                    *at(&mut altered, path) = wrong.clone();
                    check(&altered);
                }
                let mut altered = value.clone();
                if let Value::Object(fields) = at(&mut altered, path) {
                    fields.insert("of_a_newer_release".into(), json!({"a": [1, null]}));
                    check(&altered);
                }
                if let Some((last, parent)) = path.split_last() {
                    let mut altered = value.clone();
                    match at(&mut altered, parent) {
                        Value::Object(fields) => drop(fields.remove(last)),
                        Value::Array(items) => drop(items.remove(last.parse().expect("a number"))),
                        _ => unreachable!("a parent"),
                    }
                    check(&altered);
                }
            }
            decoder(format!("{text}{text}").as_bytes());
            decoder([text.as_bytes(), &[0xff, 0xfe]].concat().as_slice());
        }
        assert!(!texts.is_empty(), "{name} has no example");
    }
    assert!(tried > 10_000, "only {tried} alterations were tried");
}

#[test]
fn what_is_nested_too_deep_is_an_error() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        for (_, _, decoder) in examples() {
            decoder(deep.as_bytes());
        }
        // Arguments travel without being understood; it is the reading that stops.
        let raw: RawCommand = serde_json::from_str(&format!(r#"{{"name":"add_team_v1","args":{deep}}}"#)).expect("a raw command");
        assert_eq!(Command::read(&raw), Err(Unreadable::BadArguments));
    }
}

#[test]
fn mutations_by_chance_are_an_error_or_a_value() {
    let count: u64 = std::env::var("HUIXIAO_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(20_000);
    let examples = examples();
    for seed in 0..count {
        let mut rng = Rng::with_seed(seed);
        let (_, texts, decoder) = &examples[rng.usize(..examples.len())];
        let mut bytes = texts[rng.usize(..texts.len())].clone().into_bytes();
        for _ in 0..rng.usize(1..6) {
            mutate(&mut rng, &mut bytes);
        }
        decoder(&bytes);
    }
}

fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let (from, to) = (rng.usize(..bytes.len()), rng.usize(..bytes.len()));
    let (from, to) = (from.min(to), from.max(to));
    match rng.u8(..6) {
        0 => bytes[from] = rng.u8(..),
        1 => bytes[from] ^= 1 << rng.u8(..8),
        2 => drop(bytes.drain(from..to)),
        3 => bytes.truncate(to),
        4 => bytes.insert(from, *b"\"\\{}[]:,0-9eE.u"[rng.usize(..15)..].first().expect("one of them")),
        _ => {
            let piece = bytes[from..to.min(from + 64)].to_vec();
            bytes.splice(to..to, piece);
        }
    }
}

/// A server with the invented organisation, as a device of the rep's sees it.
struct House {
    world: World,
    store: MemoryStore,
    epoch: Uuid,
}

impl House {
    fn new() -> Self {
        let (world, epoch) = (World::new(), Uuid::from_u128(7));
        let store = MemoryStore::of(&world).begun(epoch, Weakness::None);
        Self { world, store, epoch }
    }

    fn session(&self, user: UserId) -> Session {
        Session { org: self.world.org, user }
    }

    fn push(&mut self, request: &PushRequest) -> PushAnswer {
        let (session, now) = (self.session(self.world.rep), self.world.now);
        server::push(&mut self.store, session, request, now).expect("bad input is no failure of the store")
    }

    fn pull(&self, request: &PullRequest) -> PullAnswer {
        server::pull(&self.store, self.session(self.world.rep), request, self.world.now).expect("bad input is no failure of the store")
    }

    fn request(&self, commands: Vec<Envelope>) -> PushRequest {
        let (client, incarnation) = (ClientId(Uuid::from_u128(8)), Uuid::from_u128(9));
        PushRequest { epoch: Some(self.epoch), ..messages::push(client, incarnation, self.world.now, commands) }
    }

    fn envelope(&mut self, seq: u64) -> Envelope {
        let (customer, profile) = (self.world.id(), self.world.profile("高大明"));
        messages::envelope(seq, self.world.now, AddCustomer { customer, owner: Some(self.world.rep), profile })
    }

    fn ask(&self, scopes: Vec<ScopeCursor>) -> PullRequest {
        PullRequest { epoch: Some(self.epoch), ..messages::pull(ClientId(Uuid::from_u128(8)), self.world.now, scopes) }
    }

    /// The queue goes on: a device that numbers anew, as it does after Gap and Fork, is heard.
    fn check_alive(&mut self) {
        let incarnation = self.world.id::<UserId>().0;
        let request = PushRequest { incarnation, commands: vec![self.envelope(1)], ..self.request(Vec::new()) };
        let answer = self.push(&request);
        assert!(matches!(&answer, PushAnswer::Done { outcomes, .. } if outcomes[0].verdict == Verdict::Applied), "{answer:?}");
        assert!(matches!(self.pull(&self.ask(Vec::new())), PullAnswer::Page(_)));
    }
}

#[test]
fn numbers_at_their_ends_are_a_gap_and_hold_nothing_up() {
    let mut house = House::new();
    for numbers in [vec![0], vec![u64::MAX], vec![u64::MAX, 0], vec![2], vec![1, 1], vec![1, 3], vec![2, 1], vec![1, u64::MAX]] {
        let commands = numbers.iter().map(|&seq| house.envelope(seq)).collect();
        let answer = house.push(&house.request(commands));
        assert!(matches!(answer, PushAnswer::Gap { expected: 1 }), "{numbers:?}: {answer:?}");
    }
    house.check_alive();
}

#[test]
fn times_at_their_ends_are_ruled_on() {
    let mut house = House::new();
    let ends = [chrono::DateTime::<chrono::Utc>::MIN_UTC, chrono::DateTime::<chrono::Utc>::MAX_UTC, chrono::DateTime::UNIX_EPOCH];
    for (at, offset) in ends.into_iter().zip([i64::MIN, i64::MAX, -1]) {
        for example in commands_of_all_kinds() {
            let envelope = Envelope { occurred_at: at, clock_offset_ms: offset, command: example, ..house.envelope(1) };
            let request = PushRequest { sent_at: at, incarnation: house.world.id::<UserId>().0, ..house.request(vec![envelope]) };
            let answer = house.push(&request);
            assert!(matches!(answer, PushAnswer::Done { .. }), "{answer:?}");
        }
    }
    house.check_alive();
}

/// One example of each command that this release knows.
fn commands_of_all_kinds() -> Vec<RawCommand> {
    let texts = examples().into_iter().filter(|(name, _, _)| name.starts_with("command.")).flat_map(|(_, texts, _)| texts);
    texts.map(|text| serde_json::from_str(&text).expect("an example")).collect()
}

#[test]
fn arguments_of_any_shape_are_ruled_on() {
    let mut house = House::new();
    for example in commands_of_all_kinds() {
        let args: Value = serde_json::from_str(example.args.get()).expect("JSON");
        let mut found = Vec::new();
        places(&args, &mut Vec::new(), &mut found);
        for (path, wrong) in found.iter().flat_map(|path| wrong_values().into_iter().map(move |wrong| (path, wrong))) {
            let mut altered = args.clone();
            *at(&mut altered, path) = wrong;
            let args = RawValue::from_string(altered.to_string()).expect("JSON");
            let command = RawCommand { name: example.name.clone(), args };
            let envelope = Envelope { command, ..house.envelope(1) };
            let request = PushRequest { incarnation: house.world.id::<UserId>().0, ..house.request(vec![envelope]) };
            assert!(matches!(house.push(&request), PushAnswer::Done { .. }), "{} {path:?}", example.name);
        }
    }
    house.check_alive();
}

#[test]
fn an_unknown_command_waits_for_a_newer_server_and_does_not_hold_up_what_comes_before() {
    let mut house = House::new();
    let (first, mut second) = (house.envelope(1), house.envelope(2));
    second.command.name = "of_a_newer_app_v9".into();
    let answer = house.push(&house.request(vec![first, second.clone()]));
    assert!(matches!(&answer, PushAnswer::Done { last_seq: 1, outcomes, .. } if outcomes.len() == 1), "{answer:?}");
    assert_eq!(house.push(&house.request(vec![second])), PushAnswer::Retry { reason: RetryReason::ServerTooOld });
    house.check_alive();
}

#[test]
fn a_wrong_epoch_changes_nothing() {
    let mut house = House::new();
    let commands = vec![house.envelope(1)];
    let foreign = PushRequest { epoch: Some(Uuid::max()), ..house.request(commands) };
    assert_eq!(house.push(&foreign), PushAnswer::EpochChanged { epoch: house.epoch });
    let asked = PullRequest { epoch: Some(Uuid::nil()), ..house.ask(Vec::new()) };
    assert!(matches!(house.pull(&asked), PullAnswer::EpochChanged { epoch } if epoch == house.epoch));
    house.check_alive();
}

#[test]
fn cursors_ahead_of_the_server_tell_of_another_history() {
    let house = House::new();
    for cursor in [2, i64::MAX as u64, u64::MAX] {
        for scope in [Scope::Org, Scope::Person(UserId(Uuid::max()))] {
            let answer = house.pull(&house.ask(vec![ScopeCursor { scope, cursor, held: true }]));
            assert!(matches!(answer, PullAnswer::EpochChanged { .. }), "{cursor}: {answer:?}");
        }
    }
    let negative = r#"{"scope":"org","cursor":-1,"held":true}"#;
    assert!(serde_json::from_str::<ScopeCursor>(negative).is_err());
}

#[test]
fn a_million_scopes_that_nobody_knows_are_dropped() {
    let house = House::new();
    let scope = |number: u128| ScopeCursor { scope: Scope::Person(UserId(Uuid::from_u128(number))), cursor: 0, held: true };
    let asked = house.ask((1_000..1_001_000).map(scope).collect());
    let PullAnswer::Page(page) = house.pull(&asked) else { panic!("a page") };
    assert_eq!(page.dropped.len(), 1_000_000);
    assert!(!page.rows.is_empty() && !page.more);
}

#[test]
fn a_scope_named_twice_is_one() {
    let house = House::new();
    let twice = [0, 1].map(|cursor| ScopeCursor { scope: Scope::Org, cursor, held: true });
    let PullAnswer::Page(page) = house.pull(&house.ask(twice.into())) else { panic!("a page") };
    let told: BTreeMap<Scope, usize> = page.scopes.iter().fold(BTreeMap::new(), |mut told, part| {
        *told.entry(part.scope).or_default() += 1;
        told
    });
    assert!(told.values().all(|&count| count == 1), "{told:?}");
}
