//! IndexedDB beneath rexie and idb: what both lack. Databases are opened by steps of which none can drop a store, and transactions are
//! strictly durable.
//!
//! Law: inside a [`Durable`] nothing may be awaited but its own requests; a transaction ends by itself as soon as none is under way.

use super::object::object;
use super::vault::VaultFailure;
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use idb::{Database, DatabaseEvent, Factory, ObjectStore};
use js_sys::{Array, Function, Reflect, Uint8Array};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DomException, IdbDatabase, IdbTransaction};

/// What a device's storage may fail with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFailure {
    /// No room is left.
    Full,
    /// The database is closed or damaged; the page must be loaded again.
    Broken,
    /// A newer app has taken the database further.
    Newer,
    /// Another page keeps the database, which is to grow or to go, and does not let go of it: the browser may have frozen that page.
    Held,
}

impl From<idb::Error> for StorageFailure {
    fn from(error: idb::Error) -> Self {
        match error {
            idb::Error::DomException(exception) => Self::of(&exception),
            _ => Self::Broken,
        }
    }
}

impl From<rexie::Error> for StorageFailure {
    fn from(error: rexie::Error) -> Self {
        match error {
            rexie::Error::IdbError(error) => error.into(),
            _ => Self::Broken,
        }
    }
}

impl From<VaultFailure> for StorageFailure {
    fn from(_: VaultFailure) -> Self {
        Self::Broken
    }
}

impl StorageFailure {
    fn of(exception: &DomException) -> Self {
        match exception.name().as_str() {
            "QuotaExceededError" => Self::Full,
            "VersionError" => Self::Newer,
            _ => Self::Broken,
        }
    }
}

/// One step of a database's growth, from one version to the next. It may create stores and indexes and fill them. What is there stays.
pub(crate) type Step = Rc<dyn Fn(&Database) -> Result<(), idb::Error>>;

/// Opens a database after taking it through the steps that it lacks; the version is the number of steps.
///
/// # Errors
/// [`StorageFailure`].
pub(crate) async fn open(name: &str, steps: &[Step]) -> Result<IdbDatabase, StorageFailure> {
    let version = u32::try_from(steps.len()).map_err(|_| StorageFailure::Broken)?;
    let mut request = Factory::new()?.open(name, Some(version))?;
    let (steps, failed, grows) = (steps.to_vec(), Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let (failure, growing) = (Rc::clone(&failed), Rc::clone(&grows));
    request.on_upgrade_needed(move |event| {
        growing.set(true);
        let grown = (|| {
            let (old, database) = (event.old_version()? as usize, event.database()?);
            steps.iter().skip(old).try_for_each(|step| step(&database))
        })();
        if grown.is_err() {
            failure.set(true);
            // Half a step must not stay: opening fails then, and the next try finds the version of before.
            let _aborted = idb::Event::target(&event).map(|request| idb::Request::transaction(&request).map(idb::Transaction::abort));
        }
    });
    let database = IdbDatabase::from(in_time(request, &grows).await??);
    if failed.get() {
        database.close();
        return Err(StorageFailure::Broken);
    }
    Ok(database)
}

/// Removes a database, if there is one of this name.
///
/// # Errors
/// [`StorageFailure`]; if it is held it may go later by itself.
pub(crate) async fn remove(name: &str) -> Result<(), StorageFailure> {
    Ok(in_time(Factory::new()?.delete(name)?, &Cell::new(false)).await??)
}

/// How long another page may keep a database that is to grow or to go. One that is not frozen lets go of it at once. A test waits it out.
const PATIENCE_MS: u32 = if cfg!(test) { 3_000 } else { 20_000 };

/// What comes of a request for a database, unless it waits for other pages too long. What has begun by then is waited for.
async fn in_time<R: Late>(request: impl IntoFuture<Output = R, IntoFuture: 'static>, has_begun: &Cell<bool>) -> Result<R, StorageFailure> {
    match select(Box::pin(request.into_future()), TimeoutFuture::new(PATIENCE_MS)).await {
        Either::Left((answer, _)) => Ok(answer),
        Either::Right(((), request)) if has_begun.get() => Ok(request.await),
        Either::Right(((), request)) => {
            spawn_local(async move { request.await.come_late() });
            Err(StorageFailure::Held)
        }
    }
}

/// An answer for which nobody waits any more.
trait Late {
    fn come_late(self);
}

impl Late for Result<Database, idb::Error> {
    fn come_late(self) {
        // Kept open, it would hold up others.
        self.iter().for_each(Database::close);
    }
}

impl Late for Result<(), idb::Error> {
    fn come_late(self) {}
}

/// Whether there is a database of this name.
///
/// # Errors
/// [`StorageFailure`].
pub(crate) async fn exists(name: &str) -> Result<bool, StorageFailure> {
    let mut request = Factory::new()?.open(name, None)?;
    let is_new = Rc::new(Cell::new(false));
    let found = Rc::clone(&is_new);
    request.on_upgrade_needed(move |event| {
        found.set(true);
        // It must not come about by being asked for.
        let _aborted = idb::Event::target(&event).map(|request| idb::Request::transaction(&request).map(idb::Transaction::abort));
    });
    match in_time(request, &Cell::new(false)).await? {
        Ok(database) => {
            database.close();
            Ok(!is_new.get())
        }
        Err(_) if is_new.get() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// A transaction that has reached the disk when it is done. Neither rexie nor idb can ask for it, and browsers do not by default.
/// Dropped before it is done, it is taken back whole.
pub(crate) struct Durable {
    handle: IdbTransaction,
    transaction: idb::Transaction,
    ended: oneshot::Receiver<Result<(), StorageFailure>>,
}

impl Durable {
    /// Begins one that reads and writes these stores.
    ///
    /// # Errors
    /// [`StorageFailure::Broken`] if the database's handle is dead.
    pub(crate) fn begin(database: &IdbDatabase, stores: &[&str]) -> Result<Self, StorageFailure> {
        let handle = strict(database, stores).map_err(|_| StorageFailure::Broken)?;
        let (tell, ended) = oneshot::channel();
        let tell = Rc::new(Cell::new(Some(tell)));
        let mut transaction = idb::Transaction::from(handle.clone());
        transaction.on_complete({
            let tell = Rc::clone(&tell);
            move |_| end(&tell, Ok(()))
        });
        transaction.on_abort({
            let handle = handle.clone();
            move |_| end(&tell, Err(why(&handle)))
        });
        Ok(Self { handle, transaction, ended })
    }

    /// One of its stores.
    ///
    /// # Errors
    /// [`StorageFailure::Broken`] if it was not named at the beginning.
    pub(crate) fn store(&self, name: &str) -> Result<ObjectStore, StorageFailure> {
        Ok(self.transaction.object_store(name)?)
    }

    /// Waits until it has reached the disk.
    ///
    /// # Errors
    /// [`StorageFailure`]: nothing of it was stored.
    pub(crate) async fn done(mut self) -> Result<(), StorageFailure> {
        (&mut self.ended).await.unwrap_or(Err(StorageFailure::Broken))
    }
}

impl Drop for Durable {
    fn drop(&mut self) {
        self.handle.set_oncomplete(None);
        self.handle.set_onabort(None);
        // One that has ended cannot be taken back, and says so.
        let _ended = self.handle.abort();
    }
}

/// Bytes as the database keeps them: an `ArrayBuffer`, which every browser stores well.
pub(crate) fn to_js(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).buffer().into()
}

/// Bytes as the database gave them; none if it is something else.
pub(crate) fn from_js(value: &JsValue) -> Option<Vec<u8>> {
    value.is_instance_of::<js_sys::ArrayBuffer>().then(|| Uint8Array::new(value).to_vec())
}

/// `database.transaction(stores, "readwrite", { durability: "strict" })`: web-sys knows the third argument only as unstable.
fn strict(database: &IdbDatabase, stores: &[&str]) -> Result<IdbTransaction, JsValue> {
    let names: Array = stores.iter().copied().map(JsValue::from).collect();
    let options = object(&[("durability", &"strict".into())]);
    let transaction: Function = Reflect::get(database, &"transaction".into())?.dyn_into()?;
    transaction.call3(database, &names, &"readwrite".into(), &options)?.dyn_into()
}

type Tell = Cell<Option<oneshot::Sender<Result<(), StorageFailure>>>>;

fn end(tell: &Tell, result: Result<(), StorageFailure>) {
    if let Some(tell) = tell.take() {
        // Whoever waited may have gone; the transaction has ended all the same.
        let _gone = tell.send(result);
    }
}

fn why(handle: &IdbTransaction) -> StorageFailure {
    handle.error().map_or(StorageFailure::Broken, |exception| StorageFailure::of(&exception))
}
