//! The driver of the queue of files: carries out its effects and tells it what happened, in the tab that syncs; and where the bytes of a
//! file are found.
//!
//! Laws:
//! - It goes its own way beside the engine: no command ever waits for a file.
//! - Whatever this device has is shown from here; only what it lacks is asked of the server.

use super::StorageFailure;
use super::desk::{self, Open};
use super::runner::{by_chance, of_failure, reached, read, to_its_end};
use super::status;
use super::store::Store;
use crate::platform::network::{self, NoAnswer};
use crate::platform::page;
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use shared::files::{Content, ContentHash};
use shared::ids::AttachmentId;
use shared::sync::client::Failure;
use shared::sync::files::{FileAnswer, FileEffect, FileEvent, FileQueue, WaitingFile};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Why the bytes of a file cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBytes {
    /// They are not on this device, and the server cannot be reached.
    Offline,
    /// They are not on this device, and something answers that is not our server.
    Captive,
    /// They are not on this device, and the session has ended.
    LoggedOut,
    /// They are not on this device, and the server does not have them yet or may not give them.
    NotThere,
    /// They are not on this device, and the server could not give them now.
    Server,
    /// This device's storage failed.
    Storage(StorageFailure),
}

/// The bytes of a file that are on this device; none if they are not.
///
/// # Errors
/// [`StorageFailure`].
pub async fn bytes_here(attachment: AttachmentId) -> Result<Option<Vec<u8>>, StorageFailure> {
    let open = desk::opened().ok_or(StorageFailure::Broken)?;
    open.store.file_bytes(attachment).await
}

/// The bytes of a file, from this device or else from the server.
///
/// # Errors
/// [`NoBytes`].
pub async fn bytes(attachment: AttachmentId, content: Content) -> Result<Vec<u8>, NoBytes> {
    if let Some(bytes) = bytes_here(attachment).await.map_err(NoBytes::Storage)? {
        return Ok(bytes);
    }
    if !page::is_online() {
        return Err(NoBytes::Offline);
    }
    let answer = network::get_file(&path(content), content.media.name(), TIMEOUT_MS).await.map_err(|failure| match failure {
        NoAnswer::Offline => NoBytes::Offline,
        NoAnswer::Captive => NoBytes::Captive,
    })?;
    match answer.status {
        200 if ContentHash::of(&answer.bytes) == content.sha256 => Ok(answer.bytes),
        401 => Err(NoBytes::LoggedOut),
        403 | 404 => Err(NoBytes::NotThere),
        _ => Err(NoBytes::Server),
    }
}

/// Sends files for as long as a person's store is open and this tab is the one that syncs. Ends when the storage is lost.
pub(super) async fn run(open: &Rc<Open>) {
    loop {
        let failure = match work(open).await {
            Ok(never) => match never {},
            Err(failure) => failure,
        };
        open.files.take();
        desk::failed(failure);
        if failure != StorageFailure::Full {
            return;
        }
        TimeoutFuture::new(FULL_WAIT_MS).await;
    }
}

/// How long a part may take, on a slow line.
const TIMEOUT_MS: u32 = 60_000;
/// How long to wait for room before trying to store again.
const FULL_WAIT_MS: u32 = 60_000;

enum Never {}

/// A queue at work.
struct Driver {
    open: Rc<Open>,
    tell: UnboundedSender<FileEvent>,
    /// When the queue wants to be woken; a wake that comes before makes it needless.
    alarm: Option<Timeout>,
}

async fn work(open: &Rc<Open>) -> Result<Never, StorageFailure> {
    to_its_end(open, async |open| open.store.give_letters_to_files().await).await?;
    let (tell, mut events) = unbounded();
    *open.files.borrow_mut() = Some(tell.clone());
    let mut queue = FileQueue::default();
    let mut driver = Driver { open: Rc::clone(open), tell, alarm: None };
    driver.raise(FileEvent::Wake);
    loop {
        // The driver holds a sender, so the channel cannot have ended.
        let event = events.next().await.ok_or(StorageFailure::Broken)?;
        match event {
            FileEvent::Wake | FileEvent::LoggedIn => driver.alarm = None,
            FileEvent::Failed(failure) => driver.tell_unreached(failure),
            _ => {}
        }
        for effect in queue.step(event) {
            driver.carry_out(effect).await?;
        }
    }
}

impl Driver {
    fn raise(&self, event: FileEvent) {
        // The receiver lives as long as the work does.
        let _ended = self.tell.unbounded_send(event);
    }

    async fn carry_out(&mut self, effect: FileEffect) -> Result<(), StorageFailure> {
        match effect {
            FileEffect::List => {
                let files = to_its_end(&self.open, async |open| open.awaited_files().await).await?;
                self.raise(FileEvent::Listed(files));
            }
            FileEffect::Send { file, from, to } => self.send(file, from, to).await?,
            FileEffect::Note { attachment, epoch } => {
                let counts = to_its_end(&self.open, async move |open| open.note_sent(attachment, epoch).await).await?;
                if !counts {
                    // The engine has to hear of that history first.
                    self.open.look_for_news();
                }
                self.raise(FileEvent::Noted { counts });
            }
            FileEffect::Wait { ms } => {
                let tell = self.tell.clone();
                self.alarm = Some(Timeout::new(by_chance(ms, ms / 2), move || drop(tell.unbounded_send(FileEvent::Wake))));
            }
            FileEffect::TellDamaged(attachment) => self.open.tell_damaged(attachment),
        }
        Ok(())
    }

    /// Sends a part beside everything else, and tells the queue what came of it.
    async fn send(&self, file: WaitingFile, from: u32, to: u32) -> Result<(), StorageFailure> {
        let reading = to_its_end(&self.open, async move |open| open.store.file_bytes(file.attachment).await);
        let bytes = reading.await?.filter(|bytes| bytes.len() == file.content.bytes as usize);
        let Some(bytes) = bytes else {
            // The server would say so after the last part.
            self.raise(FileEvent::Answered(FileAnswer::Damaged));
            return Ok(());
        };
        let part = bytes[from as usize..to as usize].to_vec();
        let (tell, path) = (self.tell.clone(), format!("{}?from={from}", path(file.content)));
        spawn_local(async move {
            let event = match read(network::put_bytes(&path, &part, TIMEOUT_MS).await) {
                Ok(answer) => FileEvent::Answered(answer),
                Err(failure) => FileEvent::Failed(failure),
            };
            // The work may have begun anew meanwhile; then nobody waits for this answer.
            let _nobody = tell.unbounded_send(event);
        });
        Ok(())
    }

    /// What is certain is told. Whether there is no network or only none for so large a part, a pull finds out; and a server that takes
    /// records but no files is seen by the photos that wait.
    fn tell_unreached(&self, failure: Failure) {
        match failure {
            Failure::Captive | Failure::LoggedOut => {
                let before = status::untracked();
                status::change(|status| status.reach = reached(status.reach, of_failure(failure)));
                if status::untracked() != before {
                    self.open.say_told();
                }
            }
            Failure::Offline => self.open.look_for_news(),
            Failure::Server => {}
        }
    }
}

fn path(content: Content) -> String {
    format!("/api/files/{}", content.sha256)
}
