//! The binary itself: first start, refusal to start, kill and reopen.

use crate::database;
use crate::house::{Caller, House, OUR_PASSWORD, add, envelope};
use serde_json::json;
use server::store::Location;
use shared::follow_ups::tasks::tasks;
use shared::ids::ClientId;
use shared::people::User;
use shared::sync::protocol::{PushAnswer, Verdict};
use shared::sync::replica::Replica;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// A process that is killed when the test ends, however it ends.
pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
    /// What it printed before it was ready.
    greeting: String,
}

impl Process {
    /// Starts the binary and waits until it says that it runs.
    pub(crate) fn start<A: AsRef<OsStr>>(data: &Path, args: &[A]) -> Self {
        let mut child = huixiao(data, args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary was built");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut greeting = String::new();
        while !greeting.contains("Stop it with") {
            greeting += &(lines.next().expect("it says that it runs").expect("text") + "\n");
        }
        let url = greeting.split_whitespace().find(|word| word.starts_with("http://")).expect("an address").to_owned();
        Self { child, url, greeting }
    }

    /// As a power cut would.
    fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    pub(crate) fn terminate(mut self) -> Option<i32> {
        Command::new("kill").arg(self.child.id().to_string()).status().expect("kill is there");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn huixiao<A: AsRef<OsStr>>(data: &Path, args: &[A]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huixiao"));
    command.args(args).env("HUIXIAO_LISTEN", "127.0.0.1:0").env("HUIXIAO_DATA", data);
    for name in ["HUIXIAO_DATABASE_URL", "HUIXIAO_NO_DEMO", "HUIXIAO_SECURE_COOKIES", "HUIXIAO_PUBLIC_URL", "HUIXIAO_SMTP_URL", "HUIXIAO_SMS_URL"] {
        command.env_remove(name);
    }
    command
}

/// Runs the binary, which must refuse to start: exit code 2 and one line that says why.
pub(crate) fn refusal<A: AsRef<OsStr>>(data: &Path, args: &[A]) -> String {
    let Output { status, stdout, stderr } = huixiao(data, args).output().expect("the binary was built");
    let said = String::from_utf8(stderr).expect("text");
    assert_eq!(status.code(), Some(2), "{said}");
    assert!(stdout.is_empty() && said.lines().count() == 1 && said.starts_with("huixiao: "), "{said}");
    said
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let house = House::settle().await;
    let mut pushed = 0;
    for round in 0..3_u64 {
        let process = Process::start(house.data(), &house.flags());
        let caller = Caller::log_in(&process.url, "rep", OUR_PASSWORD).await;
        assert_eq!(caller.customers().await.len(), 1 + pushed, "round {round}");
        for seq in 1..=20 {
            let PushAnswer::Done { outcomes, .. } = caller.push(vec![envelope(seq, add(&house.ours, house.ours.rep, "甲"))]).await else {
                panic!("not done")
            };
            assert_eq!(outcomes[0].verdict, Verdict::Applied);
            pushed += 1;
        }
        process.kill();
    }
}

#[tokio::test]
async fn a_session_survives_a_restart_and_a_stop_is_clean() {
    let house = House::settle().await;
    let first = Process::start(house.data(), &house.flags());
    let answer = Caller::new(&first.url).post("/api/session", &json!({ "login": "rep", "password": OUR_PASSWORD })).await;
    let cookie = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    assert_eq!(first.terminate(), Some(0));
    assert!(!house.data().join("huixiao.db-wal").exists(), "one tidy file is left, if it was one");
    let second = Process::start(house.data(), &house.flags());
    let answer = Caller::new(&second.url).send(reqwest::Method::GET, "/api/session", &[("cookie", &cookie)], Vec::new()).await;
    assert_eq!(answer.status, 200);
    assert!(!second.greeting.contains("Password"), "only a first start tells a password");
}

#[tokio::test]
async fn the_first_start_without_a_demo_makes_one_administrator_whose_password_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = database::fresh(folder.path()).await;
    let process = Process::start(folder.path(), &["--no-demo", "--database-url", &database::url(&location)]);
    let password = process.greeting.lines().find_map(|line| line.strip_prefix("Password: ")).expect("a password").to_owned();
    let caller = Caller::log_in(&process.url, "admin", &password).await;
    assert_eq!(caller.get("/api/session").await.json()["role"], "administrator");
    assert_eq!(caller.holdings().await.len(), 2, "settings and the administrator");
}

#[tokio::test]
async fn the_demo_company_shows_every_screen_alive() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = database::fresh(folder.path()).await;
    let process = Process::start(folder.path(), &["--database-url", &database::url(&location)]);
    for login in ["admin", "manager", "supervisor1", "supervisor2", "rep1", "rep2", "rep3", "rep4", "rep5", "rep6"] {
        assert!(process.greeting.contains(&format!(" {login} ")), "{login} in {}", process.greeting);
    }
    let manager = Caller::log_in(&process.url, "manager", "huixiao-demo").await;
    manager.holdings().await;
    let count = async |sql: &str| database::count(&location, sql).await;
    assert!((380..=450).contains(&count("SELECT count(*) FROM customers WHERE phone IS NOT NULL").await));
    assert_eq!(count("SELECT count(*) FROM meetings").await, 4);
    let hours = |hours: i64| (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let soon = format!("SELECT count(*) FROM meetings WHERE starts_at BETWEEN '{}' AND '{}'", hours(0), hours(3));
    assert_eq!(count(&soon).await, 1);
    assert_eq!(count("SELECT count(*) FROM conflicts WHERE kept IS NULL").await, 1);
    assert_eq!(count("SELECT count(DISTINCT answer) FROM invitations").await, 7, "every answer");
    assert_eq!(count("SELECT count(DISTINCT confirmation) FROM invitations").await, 3, "every confirmation");
    assert_eq!(count("SELECT count(DISTINCT method) FROM check_ins").await, 3, "every way in");
    assert!(
        count("SELECT count(*) FROM deals WHERE stage = 'paid'").await > 0 && count("SELECT count(*) FROM deals WHERE stage = 'signed'").await > 0
    );
    assert_eq!(count("SELECT count(*) FROM deals WHERE stage IN ('signed', 'paid')").await, count("SELECT count(*) FROM contracts").await);
    let late = r#"SELECT count(*) FROM commands WHERE occurred_at > arrived_at OR outcome NOT LIKE '%"verdict":"applied"%'"#;
    assert_eq!(count(late).await, 1, "nothing happened in the future, and nothing was refused but what waits for a ruling");
    assert_eq!(count("SELECT count(*) FROM held_commands WHERE verdict IS NULL").await, 1);
    assert_eq!(count("SELECT count(*) FROM complaints WHERE state = 'open'").await, 1);
    assert_eq!(count("SELECT count(*) FROM complaints WHERE state = 'told'").await, 1);
    let rep = Caller::log_in(&process.url, "rep1", "huixiao-demo").await;
    let mut device = Replica::new(ClientId(uuid::Uuid::nil()), None);
    rep.holdings().await.iter().for_each(|row| device.take_row(row));
    let me = device.all::<User>().find(|user| user.login == "rep1").expect("a colleague of everybody's").id;
    let due = tasks(&device, me, chrono::Utc::now()).due;
    assert!(due.len() >= 4, "a week after the meeting there is whom to contact: {}", due.len());
    let kinds: std::collections::BTreeSet<_> = due.iter().map(|task| std::mem::discriminant(&task.why)).map(|kind| format!("{kind:?}")).collect();
    assert!(kinds.len() >= 3, "for more than one reason: {due:?}");
}

#[tokio::test]
async fn what_keeps_it_from_starting_is_told_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_huixiao")).args(["--listen", &address, "--data"]).arg(folder.path()).output().expect("built");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is taken"), "{output:?}");

    let file = folder.path().join("a file");
    std::fs::write(&file, "in the way").expect("a folder");
    assert!(refusal::<&str>(&file.join("data"), &[]).contains("cannot make the data folder"));
    assert!(refusal(folder.path(), &["--database-url", "mysql://localhost/huixiao"]).contains("sqlite:FILE"));
    let nobody = format!("postgres://me:secret@127.0.0.1:{}/huixiao", free_port());
    let told = refusal(folder.path(), &["--database-url", &nobody]);
    assert!(told.contains("cannot use the PostgreSQL database") && !told.contains("secret"), "{told}");
    let garbage = folder.path().join("garbage.db");
    std::fs::write(&garbage, vec![7; 10_000]).expect("a folder");
    assert!(refusal(folder.path(), &["--database-url", &format!("sqlite:{}", garbage.display())]).contains("cannot use the database"));
}

#[tokio::test]
async fn a_newer_database_is_refused_and_so_is_a_second_server_on_a_file() {
    let house = House::settle().await;
    let (flags, file) = (house.flags(), matches!(house.location, Location::Sqlite(_)));
    let process = Process::start(house.data(), &flags);
    if file {
        assert!(refusal(house.data(), &flags).contains("in use by another huixiao"));
    }
    assert_eq!(process.terminate(), Some(0));
    let newer =
        if file { "PRAGMA user_version = 999; UPDATE schema SET serves_from = 999" } else { "UPDATE schema SET version = 999, serves_from = 999" };
    database::run(&house.location, newer).await;
    assert!(refusal(house.data(), &flags).contains("newer huixiao"));
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

#[test]
fn what_makes_no_sense_on_the_command_line_is_told() {
    for args in [&["--listen", "nowhere"][..], &["--no-such-flag"], &["dance"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_huixiao")).args(args).stderr(Stdio::piped()).spawn().expect("built");
        let mut said = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
        assert_eq!(child.wait().expect("it ends").code(), Some(2), "{said}");
        assert!(said.starts_with("error: "), "{said}");
    }
}
