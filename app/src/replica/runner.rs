//! The driver of the engine: carries out its effects and tells it what happened. One tab at a time does so.
//!
//! Laws:
//! - Storage effects are carried out one after the other, in the order given; requests to the server run beside them.
//! - A tab begins by reading what the others have stored, and only then knows what to ask for.
//! - What has begun in the storage runs to its end when the data are locked meanwhile: a request whose caller is gone calls back into nothing,
//!   in the middle of a transaction. Memory is changed no more then.
//! - A tab that was elected and does not answer loses that: two that sync at once do no harm (docs/sync.md, law 20), one that is frozen does.
//! - After a failure of the storage nothing goes on from memory: everything begins anew from what is stored. So it does when another tab has
//!   changed what the engine rests on, as happens where browsers have no locks.

use super::credential;
use super::damage;
use super::desk::{self, Open};
use super::files;
use super::status::{self, Reach};
use super::store::{NotStored, Store};
use super::tidying::Pass;
use super::{StorageFailure, apart};
use crate::platform::locks::{self, Hold};
use crate::platform::network::{self, Answer, NoAnswer};
use crate::platform::page;
use crate::platform::server_events::ServerEvents;
use crate::platform::service_worker;
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_events::EventListener;
use gloo_timers::callback::{Interval, Timeout};
use gloo_timers::future::TimeoutFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::ids::UserId;
use shared::record::Scope;
use shared::sync::client::{Change, Effect, Engine, Event, Failure, LaneName, Meta, Moment, News};
use shared::sync::protocol::MOST_PUSHED;
use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use uuid::Uuid;
use wasm_bindgen_futures::spawn_local;

/// Syncs a person's store for as long as it is open in this tab.
pub(super) async fn run(open: Rc<Open>) {
    // A tab that was not elected still wakes the one that was.
    let _listeners = page::on_return({
        let open = Rc::downgrade(&open);
        move || {
            if let Some(open) = open.upgrade() {
                open.wake();
            }
        }
    });
    let _offline = page::on_offline(|| {
        status::change(|status| {
            if matches!(status.reach, Reach::Unknown | Reach::Online | Reach::Failing) {
                status.reach = Reach::Offline;
            }
        });
    });
    let _timer = every_minute_or_so({
        let open = Rc::downgrade(&open);
        move || {
            if let Some(open) = open.upgrade().filter(|_| page::is_visible()) {
                open.wake();
                spawn_local(desk::look_at_room());
            }
        }
    });
    loop {
        let mut lock = elected(&open).await;
        open.holds_lock.set(true);
        let (syncing, sending, lost) = (pin!(sync(&open)), pin!(files::run(&open)), pin!(lock.lost()));
        // Taken away by another tab, which had no answer from this one while it was frozen, it is asked for again.
        let is_over = matches!(select(select(syncing, sending), lost).await, Either::Left(_));
        open.holds_lock.set(false);
        open.engine.take();
        open.files.take();
        if is_over {
            return;
        }
    }
}

/// What the tab holds that syncs a person's store.
pub(super) fn sync_lock(user: UserId) -> String {
    format!("huixiao-sync-{user}")
}

/// Waits until this tab is the one that syncs. A browser may freeze a tab that nobody sees with the lock in its hands: where somebody looks at this
/// one, that one answers or loses it.
async fn elected(open: &Open) -> Hold {
    let name = sync_lock(open.me.user);
    let mut waiting = pin!(locks::hold(&name));
    loop {
        let asks = page::is_visible();
        if asks {
            open.ask_elected();
        }
        match select(waiting.as_mut(), TimeoutFuture::new(ANSWER_MS)).await {
            Either::Left((lock, _)) => return lock,
            Either::Right(_) if asks && page::is_visible() && !open.is_answered() => return locks::steal(&name).await,
            Either::Right(_) => {}
        }
    }
}

/// Ends when the storage is lost.
async fn sync(open: &Rc<Open>) {
    let mut outrun_ms = FIRST_OUTRUN_MS;
    loop {
        let failure = match work(open).await {
            Ok(never) => match never {},
            Err(failure) => failure,
        };
        open.engine.take();
        let ms = match failure {
            NotStored::Outrun => {
                let ms = by_chance(outrun_ms, outrun_ms);
                outrun_ms = (2 * outrun_ms).min(FULL_WAIT_MS);
                ms
            }
            NotStored::Storage(failure) => {
                desk::failed(failure);
                if failure != StorageFailure::Full {
                    return;
                }
                FULL_WAIT_MS
            }
        };
        let (tell, told) = oneshot::channel();
        *open.pause.borrow_mut() = Some(tell);
        select(told, TimeoutFuture::new(ms)).await;
    }
}

/// How long the tab that syncs may take to answer another.
const ANSWER_MS: u32 = 10_000;
/// How long to wait for room before trying to store again; whatever would wake the engine ends it sooner.
const FULL_WAIT_MS: u32 = 60_000;
/// How long to leave it to another tab that syncs too, the first time, and up to twice as long by chance; each time longer, so that the two
/// do not chase each other. What would wake the engine ends this sooner too: then there is something to do here.
const FIRST_OUTRUN_MS: u32 = 1_000;
/// How long a push or a page of a pull may take, on a slow line.
const TIMEOUT_MS: u32 = 60_000;
/// News that come without a poke are asked for this often, and up to twice as seldom by chance, so that devices do not ask in step.
const POLL_MS: u32 = 30_000;

enum Never {}

/// An engine at work.
struct Runner {
    open: Rc<Open>,
    engine: Engine,
    tell: UnboundedSender<Event>,
    /// When the engine wants to be woken; a wake that comes before makes it needless.
    alarm: Option<Timeout>,
    pass: Option<Pass>,
}

async fn work(open: &Rc<Open>) -> Result<Never, NotStored> {
    to_its_end(open, async |open| {
        open.catch_up().await?;
        open.expire_journal().await
    })
    .await?;
    let meta = open.meta().ok_or(StorageFailure::Broken)?;
    let (tell, mut events) = unbounded();
    *open.engine.borrow_mut() = Some(tell.clone());
    let poked = Pokes::begin(tell.clone(), meta.version);
    let mut runner = Runner { open: Rc::clone(open), engine: Engine::new(meta), tell, alarm: None, pass: open.pass() };
    runner.raise(Event::Wake);
    loop {
        let event = runner.next(&mut events).await?;
        if matches!(event, Event::Wake | Event::LoggedIn) {
            runner.alarm = None;
            poked.reopen();
        }
        let moment = Moment { now: chrono::Utc::now(), fresh: Uuid::now_v7() };
        for effect in runner.engine.step(event, moment) {
            runner.carry_out(effect).await?;
        }
        poked.know(runner.engine.meta().version);
    }
}

impl Runner {
    /// The next event. While there is none the log is tidied, if that pays.
    async fn next(&mut self, events: &mut UnboundedReceiver<Event>) -> Result<Event, StorageFailure> {
        while let Some(pass) = self.pass.take() {
            if let Ok(event) = events.try_recv() {
                self.pass = Some(pass);
                return Ok(event);
            }
            self.pass = to_its_end(&self.open, async |open| open.tidy(pass).await).await?;
        }
        // This struct holds a sender, so the channel cannot have ended.
        events.next().await.ok_or(StorageFailure::Broken)
    }

    fn raise(&self, event: Event) {
        // The receiver lives as long as the work does.
        let _ended = self.tell.unbounded_send(event);
    }

    async fn carry_out(&mut self, effect: Effect) -> Result<(), NotStored> {
        match effect {
            Effect::ReadOutbox(generation) => {
                let (commands, carried) = to_its_end(&self.open, async |open| {
                    let commands = open.store.outbox(MOST_PUSHED).await?;
                    // Read after them: what rests on something that was carried here must not go before it.
                    Ok::<_, StorageFailure>((commands, open.unsettled().await?))
                })
                .await?;
                if commands.is_empty() && status::untracked().unsent > 0 {
                    spawn_local(damage::take_from_head(Rc::clone(&self.open)));
                }
                self.raise(Event::Carried(generation, carried));
                self.raise(Event::Outbox(generation, commands));
            }
            Effect::Store { generation, lane, change, meta } => {
                if lane == LaneName::Pull {
                    // It rested on what was held before.
                    self.pass = None;
                }
                let damaged = to_its_end(&self.open, async move |open| store(open, change, &meta).await).await?;
                if lane == LaneName::Pull {
                    self.pass = self.open.pass();
                    status::change(|status| status.receiving = None);
                    self.open.has_room();
                    spawn_local(credential::at_contact(Rc::clone(&self.open)));
                }
                self.raise(Event::Stored { generation, lane, damaged });
            }
            Effect::Push(generation, request) => self.ask("/api/sync/push", request, move |answer| match answer {
                Ok(answer) => Event::PushAnswered(generation, answer),
                Err(failure) => Event::PushFailed(generation, failure),
            }),
            Effect::Pull(generation, request) => self.ask("/api/sync/pull", request, move |answer| match answer {
                Ok(answer) => Event::PullAnswered(generation, Box::new(answer)),
                Err(failure) => Event::PullFailed(generation, failure),
            }),
            Effect::NoteCarried(answers) => to_its_end(&self.open, async move |open| open.note_carried(&answers).await).await?,
            Effect::Wait { ms } => {
                let tell = self.tell.clone();
                self.alarm = Some(Timeout::new(by_chance(ms, ms / 2), move || drop(tell.unbounded_send(Event::Wake))));
            }
            Effect::Tell(news) => self.tell_user(news),
        }
        Ok(())
    }

    /// Sends a request beside everything else, and tells the engine what came of it.
    fn ask<Q: Serialize + 'static, A: DeserializeOwned>(
        &self,
        path: &'static str,
        request: Q,
        event: impl FnOnce(Result<A, Failure>) -> Event + 'static,
    ) {
        let tell = self.tell.clone();
        spawn_local(async move {
            let body = serde_json::to_string(&request).expect("messages hold only maps with text keys, so they always serialise");
            let answer = read(network::post(path, &body, TIMEOUT_MS).await);
            // The work may have begun anew meanwhile; then nobody waits for this answer.
            let _nobody = tell.unbounded_send(event(answer));
        });
    }

    fn tell_user(&self, news: News) {
        let before = status::untracked();
        status::change(|status| match news {
            News::Online => status.reach = reached(status.reach, Reach::Online),
            News::Unreached(failure) => {
                status.receiving = None;
                status.reach = reached(status.reach, of_failure(failure));
            }
            News::UpdateNeeded => status.reach = Reach::UpdateNeeded,
            News::AccessRevoked => status.reach = Reach::Revoked,
            News::Receiving(rows) => status.receiving = Some(rows),
            News::ClockOffset(ms) => status.clock_offset_ms = Some(ms),
            News::ServerTooOld => status.reach = Reach::Failing,
        });
        if matches!(news, News::Unreached(_)) && before.unsent + before.files.count > 0 {
            // This page may be closed before there is a network.
            service_worker::post_letters_later();
        }
        if let News::ClockOffset(ms) = news {
            self.note_clock(ms);
        }
        if status::untracked() != before {
            self.open.say_told();
        }
    }

    /// The offset is known without the server too, after the next start.
    fn note_clock(&self, ms: i64) {
        const WORTH_NOTING_MS: u64 = 2_000;
        let known = desk::device().and_then(|device| device.clock_offset_ms);
        if known.is_none_or(|known| known.abs_diff(ms) > WORTH_NOTING_MS) {
            spawn_local(async move {
                if let Err(failure) = desk::remember(|device| device.clock_offset_ms = Some(ms)).await {
                    desk::failed(failure);
                }
            });
        }
    }
}

/// Carries out what the engine asks of the store. Gives scopes whose rows are not what the server said.
async fn store(open: &Open, change: Change, meta: &Meta) -> Result<Vec<Scope>, NotStored> {
    match change {
        Change::Outcomes(outcomes) => open.rule(&outcomes, meta).await?,
        Change::Renumber => open.renumber(meta).await?,
        Change::Rows(rows) => return open.take_in(rows, meta).await,
        Change::NewEpoch => open.begin_epoch(meta).await?,
        Change::Heal(scopes) => open.heal(&scopes, meta).await?,
        Change::Revoked => {
            open.forget_rows(meta).await?;
            open.forget_drafts().await?;
        }
    }
    Ok(Vec::new())
}

/// A piece of work in the storage, as a task of its own.
pub(super) async fn to_its_end<R, F>(open: &Rc<Open>, work: impl AsyncFnOnce(&Open) -> Result<R, F> + 'static) -> Result<R, F>
where
    R: 'static,
    F: From<StorageFailure> + 'static,
{
    let open = Rc::clone(open);
    apart(async move { work(&open).await }).await.unwrap_or_else(|| Err(StorageFailure::Broken.into()))
}

/// Listens to the server's pokes while somebody looks.
struct Pokes {
    tell: UnboundedSender<Event>,
    /// The version that this device knows.
    known: Rc<RefCell<u64>>,
    stream: Rc<RefCell<Option<ServerEvents>>>,
    _visibility: Option<EventListener>,
}

impl Pokes {
    fn begin(tell: UnboundedSender<Event>, version: u64) -> Self {
        let stream = Rc::new(RefCell::new(None));
        let visibility = page::on_visibility({
            let stream = Rc::clone(&stream);
            move || {
                if !page::is_visible() {
                    stream.take();
                }
            }
        });
        let pokes = Self { tell, known: Rc::new(RefCell::new(version)), stream, _visibility: visibility };
        pokes.reopen();
        pokes
    }

    /// Opens the stream if there is none and somebody would see what it brings.
    fn reopen(&self) {
        if !page::is_visible() || !page::is_online() || self.stream.borrow().as_ref().is_some_and(|stream| !stream.is_closed()) {
            return;
        }
        let (tell, known) = (self.tell.clone(), Rc::clone(&self.known));
        *self.stream.borrow_mut() = ServerEvents::open("/api/sync/events", move |data| {
            #[derive(serde::Deserialize)]
            struct Poke {
                version: u64,
            }
            // What is not understood is a poke all the same. An older version than the known one tells of a restored server.
            let version = serde_json::from_str(&data).ok().map(|poke: Poke| poke.version);
            if version != Some(*known.borrow()) {
                let _ended = tell.unbounded_send(Event::Poked);
            }
        });
    }

    fn know(&self, version: u64) {
        *self.known.borrow_mut() = version;
    }
}

/// What our server said, if it was that.
pub(super) fn read<A: DeserializeOwned>(answer: Result<Answer, NoAnswer>) -> Result<A, Failure> {
    let answer = answer.map_err(|failure| match failure {
        NoAnswer::Offline => Failure::Offline,
        NoAnswer::Captive => Failure::Captive,
    })?;
    match answer.status {
        // A portal may call its page JSON too.
        200 => answer.read().ok_or(Failure::Captive),
        401 => Err(Failure::LoggedOut),
        _ => Err(Failure::Server),
    }
}

/// What stays until the page is loaded again, stays.
pub(super) fn reached(before: Reach, now: Reach) -> Reach {
    match (before, now) {
        (Reach::UpdateNeeded | Reach::Revoked, Reach::Online | Reach::Failing) => before,
        _ => now,
    }
}

pub(super) fn of_failure(failure: Failure) -> Reach {
    match failure {
        Failure::Offline => Reach::Offline,
        Failure::Captive => Reach::Captive,
        Failure::LoggedOut => Reach::LoggedOut,
        Failure::Server => Reach::Failing,
    }
}

fn every_minute_or_so(f: impl Fn() + 'static) -> Interval {
    Interval::new(by_chance(POLL_MS, POLL_MS), f)
}

/// At least so many milliseconds, and up to so many more.
pub(super) fn by_chance(least: u32, more: u32) -> u32 {
    least + (js_sys::Math::random() * f64::from(more)) as u32
}
