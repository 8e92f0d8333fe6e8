//! An organisation on a database of its own, and the server's process on it.

use super::devices::{Device, PASSWORD};
use super::{Result, used};
use chrono::Utc;
use server::store::Location;
use shared::Record;
use shared::customers::Customer;
use shared::ids::{CustomerId, UserId};
use shared::people::{Access, Role, User};
use shared::testing::World;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tests::fixtures::organisation::found;
use tests::harness::Account;
use tests::harness::server::{Company, Server};
use uuid::Uuid;

/// Reps with a login; devices are theirs in turn.
const PEOPLE: usize = 64;

pub(crate) struct House {
    pub(crate) world: Arc<World>,
    pub(crate) location: Location,
    pub(crate) folder: TempDir,
    people: Vec<(String, UserId)>,
    server: Server,
}

impl House {
    /// With so many customers of the first rep's before.
    pub(crate) async fn open(postgres: Option<&str>, rows: usize) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("huixiao-bench-").tempdir()?;
        let location = match postgres {
            None => {
                std::fs::create_dir_all(folder.path().join("data"))?;
                Location::Sqlite(folder.path().join("data/huixiao.db"))
            }
            Some(server) => Location::Postgres(fresh_database(server.to_owned()).await?),
        };
        let mut world = World::new();
        let people: Vec<_> = (0..PEOPLE).map(|number| hire(&mut world, number)).collect();
        let world = Arc::new(world);
        let now = Utc::now();
        let users = people.iter().map(|(_, user)| *user).chain([world.rep]).collect();
        let mut customers = (0..rows).map(|number| {
            let (id, profile) = (CustomerId(Uuid::now_v7()), world.profile(&format!("舊客{number}")));
            let (owner, team, handovers) = (Some(world.rep), Some(world.north), Vec::new());
            Record::from(Customer { id, owner, team, profile, import: None, handovers, created_at: now, changed_at: now })
        });
        found(&location, &world, users, PASSWORD, &mut customers).await?;
        let url = if let Location::Postgres(url) = &location { Some(url.clone()) } else { None };
        let mut server = Server::prepare_in(Company::Empty, folder.path(), url)?;
        server.restart().await?;
        Ok(Self { world, people, location, folder, server })
    }

    /// Devices of the reps in turn, each with its pushes made before the clock runs.
    pub(crate) async fn devices(&mut self, count: usize, commands: usize, at_once: usize) -> Result<Vec<Device>> {
        let mut accounts = Vec::new();
        for (login, user) in &self.people {
            accounts.push((Account::log_in(&self.server.url(), login, PASSWORD).await?, *user));
        }
        let device = |place: usize| {
            let (account, user): &(Account, UserId) = &accounts[place % accounts.len()];
            Device::new(account.clone(), &self.world, *user, commands, at_once)
        };
        (0..count).map(device).collect()
    }

    /// Everything that the rep may hold: how many rows, how many bytes of them.
    pub(crate) async fn first_pull(&self) -> Result<(usize, usize)> {
        let holdings = Account::log_in(&self.server.url(), "rep", PASSWORD).await?.holdings().await?;
        let customers = holdings.all::<Customer>()?;
        Ok((customers.len(), customers.into_iter().map(|customer| Record::from(customer).encode().len()).sum()))
    }

    /// The most memory that the server has had.
    pub(crate) fn server_memory(&self) -> String {
        used::most_memory(self.server.process_id())
    }

    /// Processor time that the server has used; PostgreSQL's own is not in it.
    pub(crate) fn server_processor(&self) -> Result<Duration> {
        used::processor(self.server.process_id())
    }

    /// What it complained about belongs beside the figures.
    pub(crate) async fn stop(&mut self) -> Result {
        self.server.stop().await?;
        self.server.log().lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).for_each(|line| println!("  {line}"));
        Ok(())
    }
}

/// One more rep, with a scope of their own.
fn hire(world: &mut World, number: usize) -> (String, UserId) {
    let (id, login) = (world.id(), format!("rep{number}"));
    world.put(User { id, name: format!("業務{number}"), login: login.clone(), role: Role::Rep, team: Some(world.north), access: Access::Granted });
    (login, id)
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
