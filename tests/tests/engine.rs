//! Scripts for the engine: what lives of the simulation have found, each on its own.

use shared::ids::ClientId;
use shared::record::Scope;
use shared::sync::client::{Change, Effect, Engine, Event, LaneName, Meta, Moment};
use shared::sync::protocol::*;
use shared::sync::server::{self, Session};
use shared::testing::{World, messages};
use simulation::Weakness;
use simulation::store::MemoryStore;
use std::collections::BTreeMap;
use uuid::Uuid;

const OLD: Uuid = Uuid::from_u128(1);
const NEW: Uuid = Uuid::from_u128(2);

fn moment() -> Moment {
    Moment { now: chrono::DateTime::UNIX_EPOCH, fresh: Uuid::from_u128(99) }
}

fn engine() -> Engine {
    Engine::new(Meta::new(ClientId(Uuid::from_u128(3)), Uuid::from_u128(4)))
}

fn page(epoch: Uuid) -> PullAnswer {
    PullAnswer::Page(Page { epoch, version: 5, server_time: moment().now, dropped: Vec::new(), scopes: Vec::new(), rows: Vec::new(), more: false })
}

fn done(epoch: Uuid) -> PushAnswer {
    let outcome = Outcome { seq: 1, uuid: Uuid::from_u128(5), version: 5, verdict: Verdict::Applied };
    PushAnswer::Done { epoch, last_seq: 1, outcomes: vec![outcome], carried: Vec::new() }
}

fn changes(effects: &[Effect]) -> Vec<&Change> {
    effects.iter().filter_map(|effect| if let Effect::Store { change, .. } = effect { Some(change) } else { None }).collect()
}

/// Before its first contact a device names no history, so two may answer it. What the one acknowledged the other does not know.
#[test]
fn an_acknowledgement_from_before_a_restore_is_not_taken_for_one_of_today() {
    let mut engine = engine();
    engine.step(Event::Wake, moment());
    engine.step(Event::PullAnswered(0, Box::new(page(NEW))), moment());
    let effects = engine.step(Event::PushAnswered(0, done(OLD)), moment());
    assert!(matches!(changes(&effects)[..], [Change::NewEpoch]), "{effects:?}");
}

#[test]
fn rows_from_before_a_restore_are_not_taken_for_those_of_today() {
    let mut engine = engine();
    engine.step(Event::Wake, moment());
    engine.step(Event::PushAnswered(0, done(NEW)), moment());
    let effects = engine.step(Event::PullAnswered(0, Box::new(page(OLD))), moment());
    assert!(matches!(changes(&effects)[..], [Change::NewEpoch]), "{effects:?}");
}

#[test]
fn what_somebody_without_access_has_recorded_is_sent_all_the_same() {
    let mut engine = engine();
    engine.step(Event::Wake, moment());
    let effects = engine.step(Event::PullAnswered(0, Box::new(PullAnswer::AccessRevoked)), moment());
    assert!(matches!(changes(&effects)[..], [Change::Revoked]), "{effects:?}");
    let effects = engine.step(Event::PushAnswered(0, done(NEW)), moment());
    assert!(matches!(changes(&effects)[..], [Change::Outcomes(_)]), "what was under way is taken: {effects:?}");
    engine.step(Event::Stored { generation: 0, lane: LaneName::Pull, damaged: Vec::new() }, moment());
    let effects = engine.step(Event::Stored { generation: 0, lane: LaneName::Push, damaged: Vec::new() }, moment());
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReadOutbox(_))), "the rest is read: {effects:?}");
}

#[test]
fn who_gets_access_back_receives_again() {
    let mut engine = engine();
    engine.step(Event::Wake, moment());
    engine.step(Event::PullAnswered(0, Box::new(PullAnswer::AccessRevoked)), moment());
    engine.step(Event::Stored { generation: 0, lane: LaneName::Pull, damaged: Vec::new() }, moment());
    assert!(engine.step(Event::Poked, moment()).iter().any(|effect| matches!(effect, Effect::Pull(..))));
    let effects = engine.step(Event::PullAnswered(0, Box::new(PullAnswer::AccessRevoked)), moment());
    assert!(changes(&effects).is_empty(), "said again, it changes nothing: {effects:?}");
    engine.step(Event::Poked, moment());
    let effects = engine.step(Event::PullAnswered(0, Box::new(page(NEW))), moment());
    assert!(matches!(changes(&effects)[..], [Change::Rows(_)]), "{effects:?}");
}

#[test]
fn every_change_has_a_revision_of_its_own() {
    let mut engine = engine();
    engine.step(Event::Wake, moment());
    let first = engine.step(Event::PushAnswered(0, done(NEW)), moment());
    let second = engine.step(Event::PullAnswered(0, Box::new(page(NEW))), moment());
    let revisions = first.iter().chain(&second).filter_map(|effect| if let Effect::Store { meta, .. } = effect { Some(meta.revision) } else { None });
    assert_eq!(revisions.collect::<Vec<_>>(), [1, 2]);
}

/// One import makes one version, however many rows it has.
#[test]
fn a_version_that_is_larger_than_a_page_does_not_end_its_scope() {
    let world = World::new();
    let mut store = MemoryStore::of(&world).begun(NEW, Weakness::None);
    let session = Session { org: world.org, user: world.manager };
    let mut later = world.get::<shared::people::Team>(world.north);
    std::sync::Arc::make_mut(&mut later).name = "北一區".into();
    let version = server::apply(&mut store, vec![shared::Patch::put((*later).clone())]).expect("memory can be written");
    let (mut cursors, mut rows) = (BTreeMap::<Scope, u64>::new(), Vec::new());
    for _ in 0..50 {
        let scopes = cursors.iter().map(|(&scope, &cursor)| ScopeCursor { scope, cursor, held: false }).collect();
        let request = PullRequest { epoch: Some(NEW), ..messages::pull(ClientId(Uuid::nil()), world.now, scopes) };
        let answer = server::pull_page(&store, session, &request, world.now, 1, PAGE_BYTES).expect("memory can be read");
        let PullAnswer::Page(page) = answer else { panic!("a page") };
        cursors.extend(page.scopes.iter().map(|part| (part.scope, part.cursor)));
        rows.extend(page.rows);
        if !page.more {
            break;
        }
    }
    assert!(rows.iter().any(|row| row.id == Uuid::from(world.north) && row.version == version), "the later version is there too");
    let scopes = server::scopes_of(&store, session).expect("memory can be read");
    assert_eq!(rows.len(), store.rows().filter(|(_, row)| scopes.contains(&row.scope)).count(), "every row came, and came once");
}
