//! People with devices: the real sync engine over real HTTP. Each saves commands at random moments, sends what waits, pulls what is new,
//! and goes on after every failure from what is on its disk.

use super::ledger::Ledger;
use super::until;
use shared::check_ins::Method;
use shared::check_ins::command::CheckInGuest;
use shared::customers::command::{AddCustomer, EditCustomer, ProfileChange};
use shared::customers::{Customer, Profile};
use shared::deals::command::{OpenDeal, OrderLine, RecordPayment};
use shared::deals::{Deal, PaymentMethod};
use shared::decide::Actor;
use shared::files::{Content, ContentHash, Media, NewAttachment};
use shared::ids::{AttachmentId, CheckInId, ClientId, CustomerId, DealId, PaymentId};
use shared::meetings::Guest;
use shared::money::Money;
use shared::products::{Listing, Product};
use shared::record::Kind;
use shared::sync::client::{Event, Failure, Meta, Moment};
use shared::sync::files::{FileAnswer, FileEvent};
use shared::sync::protocol::{Outcome, PullAnswer, PullRequest, PushAnswer, PushRequest, Verdict};
use shared::{Command, Scope};
use simulation::Weakness;
use simulation::device::{Device, Part, Sent, Worked};
use simulation::disk::Disk;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tests::harness::server::DEMO_PASSWORD;
use tests::harness::{Account, Result, Trouble};
use tokio::task::JoinHandle;
use uuid::Uuid;

const LOGINS: [&str; 8] = ["rep1", "rep2", "rep3", "rep4", "rep5", "rep6", "supervisor1", "manager"];
/// How long a device may need until everything it has is on the server, once nothing is in the way.
const SETTLES: Duration = Duration::from_secs(120);

/// What all devices share: where the server is, and what was heard from it.
#[derive(Default)]
pub(crate) struct Line {
    heard: Mutex<HashMap<Uuid, Outcome>>,
    troubles: Mutex<Vec<String>>,
    good: Mutex<Vec<Instant>>,
    resting: AtomicBool,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) put_off: AtomicUsize,
    pub(crate) unreached: AtomicUsize,
    /// Parts of photos that the server could not take.
    pub(crate) photos_put_off: AtomicUsize,
    /// Answers of 500 and above, about commands and rows.
    pub(crate) failures: AtomicUsize,
    pub(crate) pulls: AtomicUsize,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}

impl Line {
    fn hear(&self, outcomes: &[Outcome]) {
        let mut heard = locked(&self.heard);
        for outcome in outcomes {
            let before = heard.insert(outcome.uuid, outcome.clone());
            if before.is_some_and(|before| (before.version, &before.verdict) != (outcome.version, &outcome.verdict)) {
                locked(&self.troubles).push(format!("{} was ruled on twice, differently", outcome.uuid));
            }
        }
        locked(&self.good).push(Instant::now());
    }

    /// Waits for the first push that is taken after a moment; gives how long after it that was.
    pub(crate) async fn until_good(&self, after: Instant, patience: Duration) -> Result<Duration> {
        until("have a push taken", patience, || locked(&self.good).iter().find(|at| **at > after).map(|at| *at - after)).await
    }

    pub(crate) fn heard(&self) -> Vec<Outcome> {
        locked(&self.heard).values().cloned().collect()
    }

    /// A restored server may rule differently on what it does not know any more.
    pub(crate) fn forget_heard(&self) {
        locked(&self.heard).clear();
    }
}

pub(crate) struct Crowd {
    pub(crate) line: Arc<Line>,
    people: Vec<Person>,
    working: Vec<JoinHandle<Person>>,
}

impl Crowd {
    /// People who have logged in and pulled once; the devices go round the servers.
    pub(crate) async fn gather(servers: &[String], count: usize, seed: u64) -> Result<Self> {
        let line = Arc::new(Line::default());
        let mut people = Vec::new();
        for number in 0..count {
            let dice = fastrand::Rng::with_seed(seed.wrapping_mul(1_000).wrapping_add(number as u64));
            let mut person = Person::log_in(&servers[number % servers.len()], LOGINS[number % LOGINS.len()], dice, Arc::clone(&line)).await?;
            person.sync().await;
            people.push(person);
        }
        Ok(Self { line, people, working: Vec::new() })
    }

    pub(crate) fn set_to_work(&mut self) {
        self.line.resting.store(false, Ordering::SeqCst);
        self.working = self.people.drain(..).map(|person| tokio::spawn(person.work())).collect();
    }

    /// Nobody saves anything new; what waits still waits.
    pub(crate) async fn rest(&mut self) -> Result {
        self.line.resting.store(true, Ordering::SeqCst);
        for working in self.working.drain(..) {
            self.people.push(working.await.map_err(|error| Trouble::new(format!("a device panicked: {error}")))?);
        }
        Ok(())
    }

    /// From now on the devices go round these servers.
    pub(crate) fn spread(&mut self, servers: &[String]) {
        for (number, person) in self.people.iter_mut().enumerate() {
            person.account.turn_to(&servers[number % servers.len()]);
        }
    }

    /// Everybody saves some commands without sending them.
    pub(crate) fn save_offline(&mut self, each: usize) {
        self.people.iter_mut().for_each(|person| (0..each).for_each(|_| person.act()));
    }

    /// Everything is sent and everything is pulled.
    pub(crate) async fn settle(&mut self) -> Result {
        let deadline = Instant::now() + SETTLES;
        for person in &mut self.people {
            while !person.sync().await || !person.disk.outbox.is_empty() || !person.disk.waiting_files().is_empty() {
                if Instant::now() > deadline {
                    let (commands, files) = (person.disk.outbox.len(), person.disk.waiting_files().len());
                    return Err(Trouble::new(format!("a queue is stuck: {commands} commands and {files} photos of {}", person.login)));
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        // Once more: what the last one has sent, the first one has not pulled.
        for person in &mut self.people {
            person.sync().await;
        }
        Ok(())
    }

    pub(crate) fn photos(&self) -> usize {
        self.people.iter().map(|person| person.photos.len()).sum()
    }

    pub(crate) fn commands(&self) -> usize {
        self.people.iter().map(|person| person.saved.len()).sum()
    }

    /// After settling: everything that anybody has saved took effect once, and every device holds what the server has.
    pub(crate) fn verify(&self, ledger: &Ledger, files: &Path, begun: u64) {
        ledger.verify(begun);
        ledger.verify_acknowledged(&self.line.heard());
        assert_eq!(*locked(&self.line.troubles), Vec::<String>::new());
        let bodies: HashMap<_, _> = ledger.rows.iter().map(|row| ((row.kind.name().to_owned(), row.id), row)).collect();
        let ours = ledger.commands.values().filter(|ruled| ruled.outcome.version > begun).count();
        assert_eq!(ours, self.commands(), "as many were ruled on as were saved");
        for person in &self.people {
            for (uuid, always) in &person.saved {
                let ruled = ledger.commands.get(uuid).unwrap_or_else(|| panic!("{uuid} was saved and is lost"));
                assert_eq!(ruled.user, person.device.user);
                assert!(!*always || ruled.outcome.verdict == Verdict::Applied, "{:?}", ruled.outcome);
            }
            for (customer, needs) in &person.mine {
                let row = bodies.get(&(Kind::Customer.name().to_owned(), customer.0)).expect("an applied command has left its row");
                let customer: Customer = serde_json::from_str(&row.body).expect("a customer");
                assert_eq!(&customer.profile.needs, needs, "the last edit counts");
            }
            for (hash, bytes) in &person.photos {
                let named = hash.to_string();
                let found = ledger.attachments().find(|attachment| attachment.content.sha256 == *hash).expect("an applied command has left its row");
                assert!(found.stored_at.is_some(), "everybody was told that the photo is here");
                let file = files.join("whole").join(&ledger.org).join(&named[..2]).join(named);
                assert!(std::fs::read(&file).is_ok_and(|stored| stored == *bytes), "{} is whole", file.display());
            }
            let held: BTreeSet<Scope> = person.disk.meta.cursors.keys().copied().collect();
            let mut missing: BTreeSet<_> =
                ledger.rows.iter().filter(|row| held.contains(&row.scope())).map(|row| (row.kind.name().to_owned(), row.id)).collect();
            for ((kind, id), row) in &person.disk.base {
                let key = (kind.name().to_owned(), *id);
                let stored = bodies.get(&key).unwrap_or_else(|| panic!("{} holds a {} that is gone", person.login, key.0));
                assert_eq!((row.held.version, &*row.body), (stored.version, stored.body.as_str()));
                missing.remove(&key);
            }
            assert!(missing.is_empty(), "{} lacks {} rows", person.login, missing.len());
        }
    }
}

struct Person {
    login: &'static str,
    account: Account,
    device: Device,
    disk: Disk,
    dice: fastrand::Rng,
    line: Arc<Line>,
    queue: VecDeque<Sent>,
    logged_out: bool,
    /// What was saved, and whether the rules always accept it.
    saved: BTreeMap<Uuid, bool>,
    /// Customers made here, with the latest note on each.
    mine: BTreeMap<CustomerId, String>,
    /// Deals made here, each with room for another payment.
    deals: Vec<DealId>,
    photos: HashMap<ContentHash, Vec<u8>>,
}

impl Person {
    async fn log_in(server: &str, login: &'static str, mut dice: fastrand::Rng, line: Arc<Line>) -> Result<Self> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(20));
        let (account, me) = Account::log_in_with(client, server, login, DEMO_PASSWORD).await?;
        let read = |name: &str| me[name].clone();
        let user = serde_json::from_value(read("user"))?;
        let (org, role, team) = (serde_json::from_value(read("org"))?, serde_json::from_value(read("role"))?, serde_json::from_value(read("team"))?);
        let meta = Meta::new(ClientId(Uuid::new_v4()), Uuid::new_v4());
        let mut seed = [0; 32];
        dice.fill(&mut seed);
        let disk = Disk::new(meta, Actor { org, user, role, team }, seed, Weakness::None);
        let device = Device::start(0, &disk, true, 0, Weakness::None);
        let (saved, mine) = (BTreeMap::new(), BTreeMap::new());
        let (deals, photos) = Default::default();
        Ok(Self { login, account, device, disk, dice, line, queue: VecDeque::new(), logged_out: false, saved, mine, deals, photos })
    }

    async fn work(mut self) -> Self {
        while !self.line.resting.load(Ordering::SeqCst) {
            for _ in 0..self.dice.usize(1..5) {
                self.act();
            }
            self.sync().await;
            let pause = self.dice.u64(5..80);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        self
    }

    fn act(&mut self) {
        let words = format!("第{}句", self.saved.len());
        let known = self.mine.keys().nth(self.dice.usize(0..self.mine.len().max(1))).copied();
        let guest = if self.dice.u8(0..10) == 0 {
            self.device.replica.all::<Guest>().map(|guest| (guest.meeting, guest.id)).min_by_key(|_| self.dice.u64(..))
        } else {
            None
        };
        let (command, always): (Command, bool) = match (guest, known) {
            (None, Some(customer)) if self.dice.u8(0..8) == 0 => (self.open_deal(customer).into(), true),
            (None, Some(_)) if !self.deals.is_empty() && self.dice.u8(0..4) == 0 => (self.pay_with_slip().into(), true),
            (Some((meeting, guest)), _) => {
                let check_in = CheckInId(Uuid::new_v4());
                (CheckInGuest { check_in, meeting, guest, desk: "A".into(), method: Method::Search, ticket: None }.into(), false)
            }
            (None, Some(customer)) if self.dice.u8(0..3) == 0 => {
                self.mine.insert(customer, words.clone());
                (EditCustomer { customer, changes: vec![ProfileChange::Needs(words)] }.into(), true)
            }
            _ => {
                let customer = CustomerId(Uuid::new_v4());
                let profile = Profile {
                    name: format!("測試{}", self.saved.len()),
                    email: format!("{}@example.com", customer.0.simple()),
                    ..Profile::default()
                };
                self.mine.insert(customer, String::new());
                (AddCustomer { customer, owner: Some(self.device.user), profile }.into(), true)
            }
        };
        let uuid = Uuid::new_v4();
        if self.device.submit(&mut self.disk, uuid, now(), &command) {
            self.saved.insert(uuid, always);
        } else {
            assert!(!always, "the rules accept this");
        }
    }

    fn open_deal(&mut self, customer: CustomerId) -> OpenDeal {
        let deal = DealId(Uuid::new_v4());
        self.deals.push(deal);
        let on_sale = self.device.replica.all::<Product>().filter(|product| product.listing == Listing::OnSale).min_by_key(|product| product.id);
        let product = on_sale.expect("the demo company sells something");
        let lines = vec![OrderLine { product: product.id, unit_price: product.price, quantity: 1, promotion: None }];
        let deposit = Money::new(0, product.price.currency);
        OpenDeal {
            deal,
            customer,
            buyer: "測試".into(),
            meeting: None,
            lines,
            discount: 0,
            deposit,
            approval_reason: None,
            total: None,
            instalments: Vec::new(),
            replaces: None,
        }
    }

    /// One cent, with a photo of the slip that nobody else has; now and then of several parts.
    fn pay_with_slip(&mut self) -> RecordPayment {
        let deal = self.deals.swap_remove(self.dice.usize(..self.deals.len()));
        let most = if self.dice.u8(0..10) == 0 { 700_000 } else { 3_000 };
        let mut bytes = vec![0; self.dice.usize(1..most)];
        self.dice.fill(&mut bytes);
        let content = Content::of(&bytes, Media::Jpeg).expect("less than a megabyte");
        self.photos.insert(content.sha256, bytes);
        let currency = self.device.replica.noun::<Deal>(deal).expect("made here").total.currency;
        let photo = Some(NewAttachment { attachment: AttachmentId(Uuid::new_v4()), content });
        RecordPayment { deal, payment: PaymentId(Uuid::new_v4()), amount: Money::new(1, currency), method: PaymentMethod::Card, photo }
    }

    /// One round of sending and receiving; whether nothing failed.
    async fn sync(&mut self) -> bool {
        self.step(Event::Wake);
        self.step_files(FileEvent::Wake);
        let mut well = true;
        loop {
            while self.device.has_storage_work() {
                match self.device.work(&mut self.disk, moment(), 0) {
                    Worked::Sent(sent) => self.queue.extend(sent),
                    Worked::Failed => unreachable!("this disk has room, and one tab"),
                    Worked::Broken(broken) => panic!("{}: {:?}: {}", self.login, broken.law, broken.what),
                }
            }
            match self.queue.pop_front() {
                None => return well,
                Some(Sent::File(part)) => {
                    let event = self.carry_file(part).await;
                    well &= !matches!(event, FileEvent::Failed(_));
                    self.step_files(event);
                }
                Some(Sent::Push(generation, request)) => {
                    let event = self.carry_push(generation, request).await;
                    well &= !matches!(event, Event::PushFailed(..) | Event::PushAnswered(_, PushAnswer::Retry { .. }));
                    self.step(event);
                }
                Some(Sent::Pull(generation, request)) => {
                    let event = self.carry_pull(generation, request).await;
                    well &= !matches!(event, Event::PullFailed(..));
                    self.step(event);
                }
            }
            if std::mem::take(&mut self.logged_out) && self.account.begin_session(self.login, DEMO_PASSWORD).await.is_ok() {
                self.step(Event::LoggedIn);
                self.step_files(FileEvent::LoggedIn);
            }
        }
    }

    fn step(&mut self, event: Event) {
        let sent = self.device.step(&mut self.disk, event, moment());
        self.queue.extend(sent);
    }

    fn step_files(&mut self, event: FileEvent) {
        let sent = self.device.step_files(&mut self.disk, event);
        self.queue.extend(sent);
    }

    async fn carry_file(&mut self, part: Part) -> FileEvent {
        let hash = part.file.content.sha256;
        let bytes = self.photos[&hash][part.from as usize..part.to as usize].to_vec();
        let path = format!("/api/files/{hash}?from={}", part.from);
        let answer = self.account.put(&path, bytes).await;
        match self.heard::<FileAnswer>("/api/files", answer) {
            Ok(FileAnswer::Damaged) => {
                locked(&self.line.troubles).push("a photo came damaged".into());
                FileEvent::Answered(FileAnswer::Damaged)
            }
            Ok(answer) => FileEvent::Answered(answer),
            Err(failure) => {
                self.line.photos_put_off.fetch_add(usize::from(failure == Failure::Server), Ordering::SeqCst);
                FileEvent::Failed(failure)
            }
        }
    }

    async fn carry_push(&mut self, generation: u32, request: PushRequest) -> Event {
        self.line.in_flight.fetch_add(1, Ordering::SeqCst);
        let answer = self.post::<PushAnswer>("/api/sync/push", &request).await;
        self.line.in_flight.fetch_sub(1, Ordering::SeqCst);
        match answer {
            Ok(answer) => {
                match &answer {
                    PushAnswer::Done { outcomes, .. } => self.line.hear(outcomes),
                    PushAnswer::Retry { .. } => drop(self.line.put_off.fetch_add(1, Ordering::SeqCst)),
                    PushAnswer::EpochChanged { .. } => {}
                    other => locked(&self.line.troubles).push(format!("a push was answered with {other:?}")),
                }
                Event::PushAnswered(generation, answer)
            }
            Err(failure) => Event::PushFailed(generation, failure),
        }
    }

    async fn carry_pull(&mut self, generation: u32, request: PullRequest) -> Event {
        match self.post::<PullAnswer>("/api/sync/pull", &request).await {
            Ok(answer) => {
                self.line.pulls.fetch_add(1, Ordering::SeqCst);
                if !request.healed.is_empty() {
                    locked(&self.line.troubles).push(format!("{} found damaged scopes", self.login));
                }
                Event::PullAnswered(generation, Box::new(answer))
            }
            Err(failure) => Event::PullFailed(generation, failure),
        }
    }

    async fn post<T: serde::de::DeserializeOwned>(&mut self, path: &str, body: &impl serde::Serialize) -> std::result::Result<T, Failure> {
        let body = serde_json::to_vec(body).expect("requests serialise");
        let answer = self.account.send(path, body).await;
        let heard = self.heard(path, answer);
        if matches!(heard, Err(Failure::Server)) {
            self.line.failures.fetch_add(1, Ordering::SeqCst);
        }
        heard
    }

    /// What an answer is to the device.
    fn heard<T: serde::de::DeserializeOwned>(
        &mut self,
        path: &str,
        answer: reqwest::Result<(reqwest::StatusCode, String)>,
    ) -> std::result::Result<T, Failure> {
        match answer {
            Ok((status, text)) if status.is_success() => Ok(serde_json::from_str(&text).expect("an answer of the protocol")),
            Ok((reqwest::StatusCode::UNAUTHORIZED, _)) => {
                self.logged_out = true;
                Err(Failure::LoggedOut)
            }
            Ok((status, text)) => {
                if !status.is_server_error() {
                    locked(&self.line.troubles).push(format!("{path} was answered with {status}: {text}"));
                }
                Err(Failure::Server)
            }
            Err(_) => {
                self.line.unreached.fetch_add(1, Ordering::SeqCst);
                Err(Failure::Offline)
            }
        }
    }
}

fn now() -> shared::time::Timestamp {
    std::time::SystemTime::now().into()
}

fn moment() -> Moment {
    Moment { now: now(), fresh: Uuid::new_v4() }
}
