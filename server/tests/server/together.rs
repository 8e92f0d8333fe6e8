//! Pushes that share a commit: each must see what those before it have changed, though nothing of that stands in the database yet.

use crate::house::{Caller, House, OUR_PASSWORD, config, nouns};
use server::start;
use server::store::Store;
use shared::Command;
use shared::customers::command::TransferCustomers;
use shared::ids::{ClientId, InvitationId, UserId};
use shared::invitations::command::{PlanInvitations, PlannedInvitation};
use shared::invitations::{Channel, Invitation};
use shared::sync::protocol::{PushAnswer, Verdict};
use shared::sync::server::Session;
use shared::testing::messages;
use std::sync::mpsc;
use uuid::Uuid;

/// Two devices' commands, ruled on in this order, in one commit: the writer is held up until both wait.
async fn in_one_commit(store: &Store, house: &House, user: UserId, first: impl Into<Command>, second: impl Into<Command>) -> [PushAnswer; 2] {
    let (release, held) = mpsc::channel::<()>();
    let push = |command: Command| {
        let (session, now) = (Session { org: house.ours.org, user }, chrono::Utc::now());
        let request = messages::push(ClientId(Uuid::new_v4()), Uuid::new_v4(), now, vec![messages::envelope(1, now, command)]);
        async move { store.push(session, request, now).await.expect("the database works") }
    };
    let holding = store.write(move |_| {
        held.recv().expect("it is let go");
        Ok(())
    });
    // Each is polled once, in this order, before the writer is let go.
    let (_, first, second, ()) = tokio::join!(holding, push(first.into()), push(second.into()), async { release.send(()).expect("it is held") });
    [first, second]
}

#[tokio::test]
async fn a_transfer_takes_along_an_invitation_planned_in_the_same_commit() {
    let house = House::settle().await;
    let store = Store::open(&house.location).await.map_err(|error| error.to_string()).expect("nobody else has it");
    let (world, invitation) = (&house.ours, InvitationId(Uuid::new_v4()));
    let planned = PlannedInvitation { invitation, customer: world.customer, rep: world.rep, channel: Channel::Phone, due: None };
    let plan = PlanInvitations { meeting: world.meeting, planned: vec![planned] };
    let transfer = TransferCustomers { customers: vec![world.customer], to: Some(world.colleague) };
    for answer in in_one_commit(&store, &house, world.manager, plan, transfer).await {
        let PushAnswer::Done { outcomes, .. } = answer else { panic!("{answer:?}") };
        assert_eq!(outcomes[0].verdict, Verdict::Applied);
    }
    store.close().await;

    let running = start(&config(house.data(), &house.location, false)).await.map_err(|error| error.to_string()).expect("the port is free");
    let manager = Caller::log_in(&format!("http://{}", running.address), "manager", OUR_PASSWORD).await;
    let invitations: Vec<Invitation> = nouns(&manager.holdings().await);
    let found = invitations.iter().find(|found| found.id == invitation).expect("it was planned");
    assert_eq!(found.rep, world.colleague, "who gave the customer away must not keep what they say");
    running.stop().await;
}
