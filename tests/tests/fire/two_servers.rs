//! Two servers on one PostgreSQL: each tells its devices of what the other commits, neither rules by what the other has made stale, and
//! when one is killed its devices go on at the other.

use super::crowd::Crowd;
use super::place::{Kind, Place};
use super::{STUCK, count, tell};
use shared::Command;
use shared::customers::command::{AddCustomer, EditCustomer, ProfileChange, TransferCustomers};
use shared::customers::{Customer, Profile};
use shared::ids::{CustomerId, UserId};
use shared::people::command::EditUser;
use shared::people::{Access, User};
use shared::sync::protocol::{PushAnswer, Verdict};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tests::harness::server::{Company, DEMO_PASSWORD};
use tests::harness::{Account, Result, Server, Trouble};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// Longer than the server waits before it looks by itself.
const NEVER: Duration = Duration::from_secs(15);

async fn second_beside(place: &Place) -> Result<Server> {
    place.server.start_beside().await
}

/// Whether the rules accepted it, and at which version.
async fn accepted(account: &Account, command: impl Into<Command>) -> Result<(bool, u64)> {
    match account.submit(command).await? {
        PushAnswer::Done { outcomes, .. } => Ok((outcomes[0].verdict == Verdict::Applied, outcomes[0].version)),
        other => Err(Trouble::new(format!("not ruled on: {other:?}"))),
    }
}

fn new_customer(owner: UserId) -> AddCustomer {
    let customer = CustomerId(Uuid::new_v4());
    let profile = Profile { name: "測試".into(), email: format!("{}@example.com", customer.0.simple()), ..Profile::default() };
    AddCustomer { customer, owner: Some(owner), profile }
}

fn edit(customer: CustomerId) -> EditCustomer {
    EditCustomer { customer, changes: vec![ProfileChange::Needs(Uuid::new_v4().to_string())] }
}

/// How long the devices of `there` wait for news of what is pushed to `here`.
async fn pokes(here: &Server, there: &Server, times: usize) -> Result<Vec<Duration>> {
    let sender = Account::log_in(&here.url(), "rep1", DEMO_PASSWORD).await?;
    let listener = Account::log_in(&there.url(), "rep2", DEMO_PASSWORD).await?;
    let me = user(&sender, "rep1").await?;
    let mut events = listener.get("/api/sync/events").await?;
    let mut waits = Vec::new();
    for _ in 0..times {
        let began = Instant::now();
        let (applied, version) = accepted(&sender, new_customer(me.id)).await?;
        assert!(applied);
        loop {
            let heard = tokio::time::timeout(NEVER, events.chunk()).await.map_err(|_| Trouble::new("no poke came"))??;
            let text = String::from_utf8_lossy(&heard.ok_or_else(|| Trouble::new("the stream ended"))?).into_owned();
            let newest = text.lines().filter_map(|line| line.strip_prefix("data: {\"version\":")?.trim_end_matches('}').parse::<u64>().ok()).max();
            if newest.is_some_and(|newest| newest >= version) {
                break;
            }
        }
        waits.push(began.elapsed());
    }
    waits.sort_unstable();
    Ok(waits)
}

async fn user(account: &Account, login: &str) -> Result<User> {
    let users = account.holdings().await?.all::<User>()?;
    users.into_iter().find(|user| user.login == login).ok_or_else(|| Trouble::new(format!("{login} is nobody")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_to_one_pokes_the_devices_of_the_other() -> Result {
    let place = Place::open(Kind::Postgres).await?;
    let second = second_beside(&place).await?;
    let waits = pokes(&place.server, &second, count(20).max(20)).await?;
    let (median, worst) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    assert!(median < Duration::from_secs(1), "announcements are heard, not looked up: {median:?}");
    tell(&format!(
        "figure poke across two servers, from before the push: {} ms (median), {} ms (worst) of {}",
        median.as_millis(),
        worst.as_millis(),
        waits.len()
    ));

    let deaf = Deaf::before(place.cluster.as_ref().expect("the place is on PostgreSQL").address()).await?;
    let third = Server::start_on(Company::Demo, Some(format!("postgres://huixiao@{}/postgres", deaf.address))).await?;
    let waits = pokes(&place.server, &third, 3).await?;
    assert!(deaf.turned.load(Ordering::SeqCst) > 0, "it would have listened");
    tell(&format!("figure poke where the database cannot announce: {} ms (worst of 3)", waits[2].as_millis()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_changes_the_other_rules_by_at_once() -> Result {
    let place = Place::open(Kind::Postgres).await?;
    let begun = place.ledger().await?.version;
    let second = second_beside(&place).await?;
    let (one, other) = (place.server.url(), second.url());
    let at = async |login: &str| {
        Ok::<_, Trouble>([Account::log_in(&one, login, DEMO_PASSWORD).await?, Account::log_in(&other, login, DEMO_PASSWORD).await?])
    };
    let (managers, administrators, firsts, seconds) = (at("manager").await?, at("admin").await?, at("rep1").await?, at("rep2").await?);
    let (rep1, rep2) = (user(&managers[0], "rep1").await?, user(&managers[0], "rep2").await?);
    let access = |access| EditUser { user: rep2.id, name: rep2.name.clone(), role: rep2.role, team: rep2.team, access };
    let rounds = count(10).max(10);
    for round in 0..rounds {
        let (here, there) = (round % 2, (round + 1) % 2);
        let new = new_customer(rep1.id);
        let customer = new.customer;
        assert!(!accepted(&firsts[there], edit(customer)).await?.0, "there is no such customer yet");
        assert!(accepted(&managers[here], new).await?.0);
        assert!(accepted(&firsts[there], edit(customer)).await?.0, "now there is");
        assert!(accepted(&managers[here], TransferCustomers { customers: vec![customer], to: Some(rep2.id) }).await?.0);
        assert!(!accepted(&firsts[there], edit(customer)).await?.0, "it is somebody else's now");
        assert!(accepted(&seconds[there], edit(customer)).await?.0);
        assert!(accepted(&administrators[here], access(Access::Revoked)).await?.0);
        let waits = seconds[there].submit(edit(customer)).await?;
        assert!(matches!(&waits, PushAnswer::Done { outcomes, .. } if matches!(outcomes[0].verdict, Verdict::Quarantined { .. })), "{waits:?}");
        assert!(accepted(&administrators[here], access(Access::Granted)).await?.0);
        assert!(accepted(&seconds[there], edit(customer)).await?.0);
        let held = seconds[there].holdings().await?.all::<Customer>()?;
        assert!(held.iter().any(|held| held.id == customer), "and a pull from either brings it");
    }
    place.ledger().await?.verify(begun);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_devices_of_a_killed_server_go_on_at_the_other() -> Result {
    let mut place = Place::open(Kind::Postgres).await?;
    let begun = place.ledger().await?.version;
    let mut second = second_beside(&place).await?;
    let both = [place.server.url(), second.url()];
    let mut crowd = Crowd::gather(&both, 12, 7).await?;
    let kills = count(4);
    for kill in 0..kills {
        let (killed, left) = if kill % 2 == 0 { (&mut place.server, &both[1]) } else { (&mut second, &both[0]) };
        crowd.set_to_work();
        tokio::time::sleep(Duration::from_millis(300)).await;
        killed.kill();
        tokio::time::sleep(Duration::from_millis(100)).await;
        crowd.rest().await?;
        crowd.spread(std::slice::from_ref(left));
        let moved = Instant::now();
        crowd.set_to_work();
        // The other is still dead: whatever is taken now, the one that is left has taken.
        crowd.line.until_good(moved, STUCK).await?;
        killed.restart().await?;
        crowd.rest().await?;
        crowd.spread(&both);
    }
    crowd.settle().await?;
    crowd.verify(&place.ledger().await?, &place.server.files(), begun);
    tell(&format!("figure two servers, one killed under load: {kills} times (seed 7), {} commands, nothing lost, nothing doubled", crowd.commands()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_first_starts_at_once_found_one_company() -> Result {
    let place = tests::harness::Cluster::start().await?;
    let url = Some(place.database("postgres"));
    let (mut one, mut other) = (Server::prepare(Company::Demo, url.clone())?, Server::prepare(Company::Demo, url)?);
    tokio::try_join!(one.restart(), other.restart())?;
    let told = [one.log(), other.log()].iter().filter(|log| log.contains("Log in to")).count();
    assert_eq!(told, 1, "one of them has founded it");
    Account::log_in(&one.url(), "manager", DEMO_PASSWORD).await?.holdings().await?;
    Account::log_in(&other.url(), "manager", DEMO_PASSWORD).await?.holdings().await?;
    Ok(())
}

/// A way to PostgreSQL on which nobody can listen, as before engines and poolers that know no LISTEN.
struct Deaf {
    address: String,
    turned: Arc<AtomicUsize>,
}

impl Deaf {
    async fn before(server: String) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, turned) = (listener.local_addr()?.to_string(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&turned);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server.clone(), Arc::clone(&counter)));
            }
        });
        Ok(Self { address, turned })
    }
}

async fn pass(client: TcpStream, server: String, turned: Arc<AtomicUsize>) -> std::io::Result<()> {
    let (mut from_server, mut to_server) = TcpStream::connect(server).await?.into_split();
    let (mut from_client, mut to_client) = client.into_split();
    let answers = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = from_client.read(&mut piece).await?;
        if length == 0 {
            to_server.shutdown().await?;
            break;
        }
        // Statements are sent as text, whole: another of the same length takes its place.
        const LISTEN: &[u8] = b"LISTEN huixiao";
        if let Some(at) = piece[..length].windows(LISTEN.len()).position(|window| window == LISTEN) {
            piece[at..at + LISTEN.len()].copy_from_slice(b"SELECT 1 AS hx");
            turned.fetch_add(1, Ordering::SeqCst);
        }
        to_server.write_all(&piece[..length]).await?;
    }
    answers.await.map(drop).map_err(std::io::Error::other)
}
