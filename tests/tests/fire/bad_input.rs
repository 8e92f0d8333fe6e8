//! Nonsense over HTTP: never a 5xx, never a panic, never a queue that cannot go on.

use super::place::{Kind, Place};
use serde_json::{Value, json};
use shared::ids::CustomerId;
use shared::quarantine::HeldCommand;
use std::time::{Duration, Instant};
use tests::harness::server::DEMO_PASSWORD;
use tests::harness::{Account, Result, Trouble};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

/// Somebody who says whatever they like.
struct Fool {
    account: Account,
    user: String,
    client: Uuid,
    incarnation: Uuid,
    next: u64,
}

impl Fool {
    async fn log_in(server: &str, login: &str) -> Result<Self> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30));
        let (account, me) = Account::log_in_with(client, server, login, DEMO_PASSWORD).await?;
        let user = me["user"].as_str().expect("a user").to_owned();
        Ok(Self { account, user, client: Uuid::new_v4(), incarnation: Uuid::new_v4(), next: 1 })
    }

    /// An answer that is no failure of the server's.
    async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Result<(u16, Value)> {
        let (status, text) = self.account.send(path, body).await?;
        assert!(!status.is_server_error(), "{path} was answered with {status}: {text}");
        Ok((status.as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// A push of one command with the next number; the text of its parts is taken as it is.
    fn request(&self, name: &str, args: &str, occurred_at: &str, offset: i64) -> String {
        let (client, incarnation, next, uuid) = (self.client, self.incarnation, self.next, Uuid::new_v4());
        format!(
            r#"{{"proto":1,"schema":1,"epoch":null,"client":"{client}","incarnation":"{incarnation}","sent_at":"2026-11-23T08:00:00Z","commands":[{{"seq":{next},"uuid":"{uuid}","occurred_at":"{occurred_at}","clock_offset_ms":{offset},"command":{{"name":{name},"args":{args}}}}}]}}"#
        )
    }

    async fn push(&self, name: &str, args: &str) -> Result<(u16, Value)> {
        self.post("/api/sync/push", self.request(&format!("\"{name}\""), args, "2026-11-23T08:00:00Z", 0)).await
    }

    fn customer(&self, name: &str) -> String {
        let customer = CustomerId(Uuid::new_v4());
        format!(r#"{{"customer":"{}","owner":"{}","profile":{{"name":{name},"email":"a@example.com"}}}}"#, customer.0, self.user)
    }

    /// What is right goes through, whatever was said before.
    async fn goes_on(&mut self, after: &str) -> Result {
        let (status, answer) = self.push("add_customer_v1", &self.customer("\"測試\"")).await?;
        assert_eq!((status, &answer["answer"]), (200, &json!("done")), "after {after}: {answer}");
        assert_eq!(answer["outcomes"][0]["verdict"]["verdict"], "applied", "after {after}: {answer}");
        self.next += 1;
        Ok(())
    }

    /// A command that is ruled on, and refused.
    async fn refused(&mut self, name: &str, args: &str, what: &str) -> Result {
        let (status, answer) = self.push(name, args).await?;
        assert_eq!((status, &answer["answer"]), (200, &json!("done")), "{what}: {answer}");
        assert_ne!(answer["outcomes"][0]["verdict"]["verdict"], "applied", "{what}");
        self.next += 1;
        self.goes_on(what).await
    }

    async fn pull(&self, epoch: &Value, scopes: &Value) -> Result<(u16, Value)> {
        let body = json!({ "proto": 1, "schema": 1, "epoch": epoch, "client": self.client, "sent_at": "2026-11-23T08:00:00Z", "scopes": scopes });
        self.post("/api/sync/pull", body.to_string()).await
    }
}

async fn nonsense(kind: Kind) -> Result {
    let place = Place::open(kind).await?;
    let begun = place.ledger().await?.version;
    let server = place.server.url();
    let mut fool = Fool::log_in(&server, "rep1").await?;
    histories(&mut fool).await?;
    lengths(&mut fool).await?;
    letters(&mut fool, &place).await?;
    depths(&mut fool).await?;
    clocks(&mut fool).await?;
    drips(&mut fool, &place).await?;
    // What was kept of it is given out like everything else.
    for login in ["rep1", "supervisor1", "manager"] {
        Account::log_in(&server, login, DEMO_PASSWORD).await?.holdings().await?.all::<HeldCommand>()?;
    }
    assert!(place.reports().await? > 10, "and the company's reports can be made");
    let log = place.server.log();
    assert!(!log.contains("panicked"), "{log}");
    place.ledger().await?.verify(begun);
    Ok(())
}

async fn histories(fool: &mut Fool) -> Result {
    let (_, page) = fool.pull(&Value::Null, &json!([])).await?;
    let epoch = page["page"]["epoch"].clone();
    let other = json!(Uuid::new_v4());
    assert_eq!(fool.pull(&other, &json!([])).await?.1["epoch_changed"]["epoch"], epoch);
    let body = fool
        .request("\"add_customer_v1\"", &fool.customer("\"x\""), "2026-11-23T08:00:00Z", 0)
        .replace("\"epoch\":null", &format!("\"epoch\":{other}"));
    assert_eq!(fool.post("/api/sync/push", body).await?.1["answer"], "epoch_changed");
    for huge in [1_u64 << 40, (1 << 63) - 1, 1 << 63, u64::MAX] {
        let scopes = json!([{ "scope": "org", "cursor": huge, "held": true }]);
        assert_eq!(fool.pull(&epoch, &scopes).await?.1["epoch_changed"]["epoch"], epoch, "{huge}");
    }
    for cursor in [json!(-1), json!(1.5), json!(1e300), json!("7"), json!(null)] {
        assert_eq!(fool.pull(&epoch, &json!([{ "scope": "org", "cursor": cursor }])).await?.0, 400, "{cursor}");
    }
    for scope in ["", "nowhere", "person:", "person:x", "org:1", "meeting:\u{0}", "pool;drop table rows"] {
        assert_eq!(fool.pull(&epoch, &json!([{ "scope": scope, "cursor": 0 }])).await?.0, 400, "{scope}");
    }
    let somebody = format!("person:{}", Uuid::new_v4());
    let (_, page) = fool.pull(&epoch, &json!([{ "scope": somebody, "cursor": 1 }])).await?;
    assert_eq!(page["page"]["dropped"], json!([somebody]), "what one may not hold is to be dropped, whether it exists or not");
    for seq in ["0", "18446744073709551615"] {
        let body =
            fool.request("\"add_customer_v1\"", &fool.customer("\"x\""), "2026-11-23T08:00:00Z", 0).replace("\"seq\":1", &format!("\"seq\":{seq}"));
        assert_eq!(fool.post("/api/sync/push", body).await?.1["answer"], "gap", "{seq}");
    }
    fool.goes_on("wrong histories").await
}

async fn lengths(fool: &mut Fool) -> Result {
    let scopes: Vec<_> = (0..1_000_000).map(|_| json!({ "scope": "pool", "cursor": 1 })).collect();
    let many = json!({ "proto": 1, "schema": 1, "epoch": null, "client": fool.client, "sent_at": "2026-11-23T08:00:00Z", "scopes": scopes });
    for (path, body) in [("/api/sync/pull", many.to_string()), ("/api/sync/push", "[".repeat(100 << 20)), ("/api/session", "{".repeat(100 << 20))] {
        // The server may hang up before it has heard the end.
        if let Ok((status, _)) = fool.post(path, body).await {
            assert_eq!(status, 413, "{path}");
        }
    }
    let mut push: Value = serde_json::from_str(&fool.request("\"add_customer_v1\"", &fool.customer("\"x\""), "2026-11-23T08:00:00Z", 0))?;
    push["commands"] = vec![push["commands"][0].clone(); 101].into();
    let (status, answer) = fool.post("/api/sync/push", push.to_string()).await?;
    assert_eq!((status, &answer["code"]), (413, &json!("too_many_commands")));
    fool.goes_on("bodies of 100 MB").await
}

async fn letters(fool: &mut Fool, place: &Place) -> Result {
    for body in [&b""[..], b"\xff\xfe", b"null", b"[]", b"{\"proto\":1", b"\x00", "\u{feff}{}".as_bytes()] {
        for path in ["/api/sync/push", "/api/sync/pull", "/api/session"] {
            assert_eq!(fool.post(path, body.to_vec()).await?.0, 400);
        }
    }
    for name in [r#""a\u0000b""#, r#""\ud800""#, r#""\udfff\ud800""#] {
        let args = fool.customer(name);
        let (_, answer) = fool.push("add_customer_v1", &args).await?;
        assert_eq!(answer["answer"], "done", "{name}: {answer}");
        fool.next += 1;
        fool.goes_on(name).await?;
        let (status, _) = fool.post("/api/session", format!(r#"{{"login":{name},"password":{name}}}"#)).await?;
        assert!(matches!(status, 400 | 401), "nobody is called {name}: {status}");
        let (status, answer) = fool.post("/api/sync/push", fool.request(name, "{}", "2026-11-23T08:00:00Z", 0)).await?;
        assert!(status == 400 || answer["answer"] == "retry", "a name that nobody knows: {status} {answer}");
        fool.goes_on("a command of no name").await?;
    }
    // What somebody without access has sent is kept as it came, whatever its name.
    let administrator = Fool::log_in(&place.server.url(), "admin").await?;
    let mut leaver = Fool::log_in(&place.server.url(), "rep6").await?;
    let ledger = place.ledger().await?;
    let stored = ledger.rows.iter().find(|row| row.id.to_string() == leaver.user).expect("a user");
    let user: Value = serde_json::from_str(&stored.body)?;
    let args = json!({ "user": leaver.user, "name": user["name"], "role": user["role"], "team": user["team"], "access": "revoked" });
    assert_eq!(administrator.push("edit_user_v1", &args.to_string()).await?.1["answer"], "done");
    for name in [r#""a\u0000b""#, r#""""#, r#""add_customer_v1""#] {
        let (_, answer) = leaver.post("/api/sync/push", leaver.request(name, r#"{"a":"\u0000\ud800"}"#, "2026-11-23T08:00:00Z", 0)).await?;
        assert_eq!((&answer["answer"], &answer["outcomes"][0]["verdict"]["verdict"]), (&"done".into(), &"quarantined".into()), "{name}: {answer}");
        leaver.next += 1;
    }
    fool.goes_on("somebody else's nonsense").await
}

async fn depths(fool: &mut Fool) -> Result {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    for (name, args) in [("add_customer_v1", &deep), ("open_deal_v1", &objects)] {
        assert_eq!(fool.push(name, args).await?.0, 400, "no app says such a thing, and nobody could read it again");
        fool.goes_on("deep arguments").await?;
    }
    let less_deep = format!("{}{}", "[".repeat(60), "]".repeat(60));
    fool.refused("open_deal_v1", &less_deep, "arguments that are none").await?;
    fool.refused("open_deal_v1", r#"{"deal":"a\u0000b","customer":"\ud800"}"#, "half a letter").await?;
    for path in ["/api/sync/push", "/api/sync/pull", "/api/session"] {
        assert!(matches!(fool.post(path, deep[..8_000].to_owned()).await?.0, 400 | 413));
    }
    fool.refused("add_customer_v1", &fool.customer(&format!("\"{}\"", "長".repeat(300_000))), "a name of a megabyte").await
}

async fn clocks(fool: &mut Fool) -> Result {
    let kept = [
        "2025-11-23T08:00:00Z",
        "2027-11-23T08:00:00Z",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "-262143-01-01T00:00:01Z",
        "+262142-12-31T23:59:58Z",
    ];
    for at in kept {
        for offset in [0, i64::MIN, i64::MAX] {
            let args = fool.customer("\"鐘\"");
            let (status, answer) = fool.post("/api/sync/push", fool.request("\"add_customer_v1\"", &args, at, offset)).await?;
            assert_eq!((status, &answer["answer"]), (200, &json!("done")), "{at}: {answer}");
            fool.next += 1;
            fool.goes_on(at).await?;
        }
    }
    for at in ["", "yesterday", "2026-13-01T00:00:00Z", "+999999-01-01T00:00:00Z"] {
        assert_eq!(fool.post("/api/sync/push", fool.request("\"add_customer_v1\"", "{}", at, 0)).await?.0, 400, "{at}");
    }
    Ok(())
}

/// Requests that never end, a byte now and then, while others want to work.
async fn drips(fool: &mut Fool, place: &Place) -> Result {
    let mut slow = Vec::new();
    for number in 0..200 {
        let mut stream = TcpStream::connect(place.server.address()).await?;
        let head = "POST /api/session HTTP/1.1\r\nhost: a\r\nx-huixiao: 1\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n{";
        // Every second one does not even end its head.
        let said = if number % 2 == 0 { head } else { &head[..40] };
        stream.write_all(said.as_bytes()).await?;
        slow.push(stream);
    }
    let began = Instant::now();
    for _ in 0..10 {
        for stream in &mut slow {
            // The server may have hung up on it.
            let _ = stream.write_all(b" ").await;
        }
        fool.goes_on("slow bodies").await?;
    }
    if began.elapsed() > Duration::from_secs(10) {
        return Err(Trouble::new(format!("ten pushes took {:?} beside slow bodies", began.elapsed())));
    }
    let mut answer = Vec::new();
    let mut torn = TcpStream::connect(place.server.address()).await?;
    torn.write_all(b"POST /api/sync/push HTTP/1.1\r\nhost: a\r\nx-huixiao: 1\r\ncontent-length: nonsense\r\n\r\n").await?;
    torn.read_to_end(&mut answer).await?;
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_nonsense_is_refused_and_good_sense_goes_on() -> Result {
    nonsense(Kind::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_nonsense_is_refused_and_good_sense_goes_on() -> Result {
    nonsense(Kind::Postgres).await
}
