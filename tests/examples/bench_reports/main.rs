//! Reports over everything that was sold, as `./bench reports` measures them on both databases: the real process, asked over HTTP.
//!
//! `bench_reports [--postgres URL] [--deals N] [--rounds N]`
//!
//! For every way of grouping and each length of a period: median, 95th percentile and longest of the rounds. Beside them how long the server takes from
//! its start to its first report, what memory it has had, how long a report takes just after somebody has sold something; and the peer in the same run:
//! the plain SQL that somebody writes over the view of deals, which counts one of the four periods that a report counts, and only one of its figures'
//! groups.

#[path = "../bench_server/used.rs"]
mod used;

use chrono::{Datelike, Utc};
use server::store::Location;
use shared::Record;
use shared::analysis::{By, Length, Period, Question, ServersAnswer};
use shared::check_ins::{CheckIn, Method};
use shared::customers::Customer;
use shared::deals::Deal;
use shared::deals::command::OpenDeal;
use shared::ids::{CheckInId, CustomerId, DealId, GuestId, InvitationId, MeetingId, TeamId, UserId};
use shared::invitations::Invitation;
use shared::people::{Access, Role, Team, User};
use shared::testing::World;
use std::time::{Duration, Instant};
use tests::fixtures::organisation::found;
use tests::fixtures::sales::{buyer, deal};
use tests::harness::Account;
use tests::harness::server::{Company, Server};
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const PASSWORD: &str = "measured alone 1";
const SELLERS: usize = 300;
const TEAMS: usize = 20;
/// Deals are of so many days before today.
const DAYS: u32 = 1_095;

struct Settings {
    postgres: Option<String>,
    deals: u32,
    rounds: usize,
}

/// What every deal and every invitation is like.
struct Like {
    deal: Deal,
    invitation: Invitation,
}

#[tokio::main]
async fn main() -> Result {
    let Settings { postgres, deals, rounds } = settings()?;
    let name = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    let folder = tempfile::Builder::new().prefix("huixiao-bench-").tempdir()?;
    let location = match postgres {
        None => {
            std::fs::create_dir_all(folder.path().join("data"))?;
            Location::Sqlite(folder.path().join("data/huixiao.db"))
        }
        Some(server) => Location::Postgres(fresh_database(server).await?),
    };
    let (mut world, like) = World::with_deal();
    let invitation = world.invite(world.meeting, world.customer);
    let like = Like { deal: Deal::clone(&world.get(like)), invitation: Invitation::clone(&world.get(invitation)) };
    let sellers = hire(&mut world);
    let began = Instant::now();
    found(&location, &world, vec![world.director, world.rep, world.manager], PASSWORD, &mut rows(&world, &like, &sellers, deals)).await?;
    println!("{name}: {deals} deals, {} customers, invitations, check-ins; written in {:.0} s", deals.div_ceil(3), began.elapsed().as_secs_f64());

    let url = if let Location::Postgres(url) = &location { Some(url.clone()) } else { None };
    let mut server = Server::prepare_in(Company::Empty, folder.path(), url)?;
    let began = Instant::now();
    server.restart().await?;
    let answers = began.elapsed();
    let director = Account::log_in(&server.url(), "director", PASSWORD).await?;
    let today = Utc::now().date_naive();
    let question = |length, by| Question { period: Period::of(length, today), by, narrowed: Vec::new() };
    ask(&director, &question(Length::Month, By::Rep)).await?;
    let (first, processor) = (began.elapsed().as_secs_f64(), used::processor(server.process_id())?.as_secs_f64());
    println!("answers requests after {:.1} s, its first report after {first:.1} s, {processor:.1} s of its processor time", answers.as_secs_f64());

    for length in Length::ALL {
        for by in By::ALL {
            let question = question(length, by);
            let mut waits = Vec::new();
            let mut answer = None;
            for _ in 0..rounds {
                let began = Instant::now();
                answer = Some(ask(&director, &question).await?);
                waits.push(began.elapsed());
            }
            let told = answer.ok_or("there is a round")?.answer;
            let (whole, groups) = (told.now.deals, told.lines.len());
            println!("{:<32} {}   {whole} deals in {groups} groups", format!("{length:?} by {by:?}"), told_of(&mut waits));
        }
    }
    let mut waits = Vec::new();
    let rep = Account::log_in(&server.url(), "rep", PASSWORD).await?;
    for _ in 0..rounds {
        let open = OpenDeal { deal: DealId(Uuid::new_v4()), ..world.open_deal(world.customer, None) };
        let deal = open.deal;
        rep.submit(open).await?;
        rep.submit(world.sign(deal)).await?;
        let began = Instant::now();
        ask(&director, &question(Length::Month, By::Rep)).await?;
        waits.push(began.elapsed());
    }
    println!("{:<32} {}", "just after a sale", told_of(&mut waits));
    println!("most memory of the server: {}", used::most_memory(server.process_id()));
    server.log().lines().filter(|line| line.contains("figures were read")).for_each(|line| println!("  {line}"));
    server.stop().await?;
    peer(&location, today.year(), today.month(), rounds.min(5)).await
}

async fn ask(account: &Account, question: &Question) -> Result<ServersAnswer> {
    Ok(serde_json::from_str(&account.post("/api/analysis", question).await?)?)
}

/// The month's deals by seller, as SQL over the view for the company's own tools.
async fn peer(location: &Location, year: i32, month: u32, rounds: usize) -> Result {
    let (first, after) =
        (format!("{year:04}-{month:02}-01"), if month == 12 { format!("{:04}-01-01", year + 1) } else { format!("{year:04}-{:02}-01", month + 1) });
    let number = if matches!(location, Location::Postgres(_)) { "total_minor::bigint" } else { "total_minor" };
    let sql = format!(
        "SELECT seller, count(*), sum({number}), count(DISTINCT customer) FROM deals WHERE stage IN ('signed', 'paid') \
         AND coalesce(signed_at, opened_at) >= '{first}' AND coalesce(signed_at, opened_at) < '{after}' GROUP BY seller"
    );
    let location = location.clone();
    let waits = tokio::task::spawn_blocking(move || -> Result<(Vec<Duration>, usize)> {
        let (mut waits, mut groups) = (Vec::new(), 0);
        match location {
            Location::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path)?;
                let mut asked = connection.prepare(&sql)?;
                for _ in 0..rounds {
                    let began = Instant::now();
                    groups = asked.query_map([], |_| Ok(()))?.count();
                    waits.push(began.elapsed());
                }
            }
            Location::Postgres(url) => {
                let mut client = postgres::Client::connect(&url, postgres::NoTls)?;
                for _ in 0..rounds {
                    let began = Instant::now();
                    groups = client.query(&sql, &[])?.len();
                    waits.push(began.elapsed());
                }
            }
        }
        Ok((waits, groups))
    });
    let (mut waits, groups) = waits.await??;
    println!("{:<32} {}   {groups} groups, one period, no new customers", "peer: SQL over the view", told_of(&mut waits));
    Ok(())
}

/// Sellers in teams.
fn hire(world: &mut World) -> Vec<UserId> {
    let teams: Vec<TeamId> = (0..TEAMS).map(|_| world.id()).collect();
    for (number, id) in teams.iter().enumerate() {
        world.put(Team { id: *id, name: format!("第{number}組") });
    }
    let hire = |number: usize| {
        let (id, login) = (world.id(), format!("rep{number}"));
        let team = Some(teams[number % TEAMS]);
        world.put(User { id, name: format!("業務{number}"), login, role: Role::Rep, team, access: Access::Granted });
        id
    };
    (0..SELLERS).map(hire).collect()
}

/// Deals; a customer for each three of them, invited once or twice and let in once.
fn rows<'w>(world: &'w World, like: &'w Like, sellers: &'w [UserId], deals: u32) -> impl Iterator<Item = Record> + 'w {
    let now = Utc::now();
    let at = |number: u32| MeetingId(Uuid::from_u128((9 << 64) | u128::from(number % 200)));
    (0..deals).flat_map(move |number| {
        let sold = deal(&like.deal, sellers, now, DAYS, number);
        let seller = sold.seller;
        let guest = |place: u32| Uuid::from_u128((u128::from(10 + place) << 64) | u128::from(number));
        let invited = |place: u32| {
            let (id, meeting, customer) = (InvitationId(guest(place)), at(number / 3 + place), buyer(number));
            Record::from(Invitation { id, meeting, customer, rep: seller, ..like.invitation.clone() })
        };
        let customer = number.is_multiple_of(3).then(|| {
            let (region, source) = (format!("第{}區", number / 3 % 40), ["referral", "street", ""][number as usize / 3 % 3].to_owned());
            let profile = shared::customers::Profile { region, source, ..world.profile(&format!("客戶{number}")) };
            let id: CustomerId = buyer(number);
            Record::from(Customer {
                id,
                owner: Some(seller),
                team: None,
                profile,
                import: None,
                handovers: Vec::new(),
                created_at: now,
                changed_at: now,
            })
        });
        let invitations = (0..2).filter(move |place| number % 3 <= *place && number % 3 < 2).map(invited).collect::<Vec<_>>();
        let came = (number % 3 == 1).then(|| {
            let (id, guest, device) = (CheckInId(guest(5)), GuestId(guest(1)), world.device(seller));
            let meeting = at(number / 3 + 1);
            Record::from(CheckIn { id, meeting, guest, at: now, by: seller, device, desk: "A".into(), method: Method::Ticket, undone: None })
        });
        std::iter::once(Record::from(sold)).chain(customer).chain(invitations).chain(came)
    })
}

/// Median, 95th percentile and the longest.
fn told_of(waits: &mut [Duration]) -> String {
    waits.sort_unstable();
    let at = |hundredths: usize| waits[(waits.len() * hundredths / 100).min(waits.len() - 1)].as_secs_f64() * 1_000.0;
    format!("median {:>6.0} ms   p95 {:>6.0} ms   longest {:>6.0} ms", at(50), at(95), at(100))
}

fn settings() -> Result<Settings> {
    let mut settings = Settings { postgres: None, deals: 1_000_000, rounds: 20 };
    let mut args = std::env::args().skip(1);
    while let Some(flag) = args.next() {
        let value = args.next().ok_or("every flag has a value")?;
        match flag.as_str() {
            "--postgres" => settings.postgres = Some(value),
            "--deals" => settings.deals = value.parse()?,
            "--rounds" => settings.rounds = value.parse()?,
            _ => return Err("usage: bench_reports [--postgres URL] [--deals N] [--rounds N]".into()),
        }
    }
    Ok(settings)
}

async fn fresh_database(server: String) -> Result<String> {
    let name = format!("bench_{}", Uuid::now_v7().simple());
    let url = format!("{server}/{name}");
    let made = tokio::task::spawn_blocking(move || {
        postgres::Client::connect(&format!("{server}/postgres"), postgres::NoTls)?.batch_execute(&format!("CREATE DATABASE {name}"))
    });
    made.await??;
    Ok(url)
}
