//! How the bytes of files get to the server: a queue of its own beside the lanes for commands and rows, as a state machine without I/O, and
//! what the server does with a part.
//!
//! Laws:
//! - A file never holds up a command: the queue begins with what the server has heard of, and goes its own way.
//! - One part is under way at a time. Each begins where the server says that it is, so that after a break at most one part is sent again.
//! - A file counts as sent only when the server has all of it under its name, and the device has noted that durably.
//! - It counts as sent in one history of the server only: an answer of another one than the device knows is no news (law 21 of docs/sync.md).
//! - Bytes stay on the device as long as the command that names them is in outbox or journal: a server that was restored from a backup may
//!   ask for them again.
//! - A file that cannot go on (nobody waits for it yet, or its bytes are damaged) does not hold up the others; what is damaged is told.

use super::client::{Failure, LONGEST_WAIT_MS, wait_after};
use crate::files::Content;
use crate::ids::AttachmentId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Most bytes in one part.
pub const PART_BYTES: u32 = 256 << 10;

/// What the server says to a part. An empty part asks how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum FileAnswer {
    /// So many bytes are here; go on from there.
    Received {
        /// From the beginning, without holes.
        bytes: u32,
    },
    /// The whole file is here, durably.
    Stored {
        /// In this history of the server.
        epoch: Uuid,
    },
    /// Nothing that this person recorded names such a file.
    Unknown,
    /// All bytes came and do not have this name; they were thrown away.
    Damaged,
}

/// A file that waits to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingFile {
    /// Which.
    pub attachment: AttachmentId,
    /// Its bytes.
    pub content: Content,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum FileEvent {
    /// Commands were acknowledged, the network came back, the timer rang: send what there is.
    Wake,
    /// Somebody logged in.
    LoggedIn,
    /// The files that wait, the oldest first; the answer to [`FileEffect::List`].
    Listed(Vec<WaitingFile>),
    /// The server's answer to a part.
    Answered(FileAnswer),
    /// A part got no answer.
    Failed(Failure),
    /// What [`FileEffect::Note`] asked for is done.
    Noted {
        /// Whether it counts: the device knows the same history as the server that answered.
        counts: bool,
    },
    /// The device could not read or store.
    StoreFailed,
}

/// What the driver must do. Each is answered by one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileEffect {
    /// Give the files whose command has left the outbox and which were not sent, as [`FileEvent::Listed`].
    List,
    /// Send the bytes from one place up to another (none if they are equal); answer with [`FileEvent::Answered`] or [`FileEvent::Failed`].
    Send {
        /// Of which file.
        file: WaitingFile,
        /// The first byte.
        from: u32,
        /// The byte after the last.
        to: u32,
    },
    /// Make durable that it was sent, if the stored [`super::client::Meta::epoch`] is this one; answer with [`FileEvent::Noted`].
    Note {
        /// Which file.
        attachment: AttachmentId,
        /// In which history.
        epoch: Uuid,
    },
    /// Send [`FileEvent::Wake`] after this time (plus up to half of it by chance), unless one came before.
    Wait {
        /// Milliseconds.
        ms: u32,
    },
    /// Tell the user that the bytes of this file are damaged on the device. No answer.
    TellDamaged(AttachmentId),
}

/// The device's queue of files.
#[derive(Clone, Debug, Default)]
pub struct FileQueue {
    state: State,
    /// Wanted again while busy.
    wanted: bool,
    failures: u32,
    /// Nothing can be done for these now: not before the next wake.
    later: BTreeSet<AttachmentId>,
    /// How often all bytes of a file came to the server under a name that is not theirs.
    damaged: BTreeMap<AttachmentId, u32>,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Idle,
    Listing,
    Sending {
        file: WaitingFile,
        /// How far the server was when the part left; none while that is being asked.
        from: Option<u32>,
        /// Answers in a row that brought nothing new.
        standstill: u32,
    },
    Noting(AttachmentId),
    LoggedOut,
    Halted,
}

/// Bytes that came damaged this often are damaged on the device.
const MOST_DAMAGED: u32 = 2;
/// Answers that bring nothing new, before waiting.
const MOST_STANDSTILL: u32 = 3;

impl FileQueue {
    /// Takes in what happened and says what to do.
    pub fn step(&mut self, event: FileEvent) -> Vec<FileEffect> {
        match (event, self.state) {
            (FileEvent::StoreFailed, _) => {
                self.state = State::Halted;
                Vec::new()
            }
            (FileEvent::LoggedIn, State::LoggedOut) | (FileEvent::Wake | FileEvent::LoggedIn, State::Idle) => self.begin(),
            (FileEvent::Wake | FileEvent::LoggedIn, State::Listing | State::Sending { .. } | State::Noting(_)) => {
                self.wanted = true;
                Vec::new()
            }
            (FileEvent::Listed(files), State::Listing) => self.choose(&files),
            (FileEvent::Answered(answer), State::Sending { file, from, standstill }) => self.answered(answer, file, from, standstill),
            (FileEvent::Failed(failure), State::Sending { .. }) => self.failed(failure),
            (FileEvent::Noted { counts }, State::Noting(attachment)) => {
                // Not before the device has heard of the server's history.
                if !counts {
                    self.later.insert(attachment);
                }
                self.list()
            }
            _ => Vec::new(),
        }
    }

    /// Whether nothing is under way.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        !matches!(self.state, State::Listing | State::Sending { .. } | State::Noting(_))
    }

    fn begin(&mut self) -> Vec<FileEffect> {
        self.later.clear();
        self.list()
    }

    fn list(&mut self) -> Vec<FileEffect> {
        self.wanted = false;
        self.state = State::Listing;
        vec![FileEffect::List]
    }

    fn choose(&mut self, files: &[WaitingFile]) -> Vec<FileEffect> {
        let is_damaged = |id: &AttachmentId| self.damaged.get(id).is_some_and(|times| *times >= MOST_DAMAGED);
        let next = files.iter().find(|file| !self.later.contains(&file.attachment) && !is_damaged(&file.attachment));
        match next {
            // A small file is sent without a question: the answer says whether it was here.
            Some(&file) if file.content.bytes <= PART_BYTES => self.send(file, 0, 0),
            Some(&file) => self.ask(file),
            None if self.wanted => self.begin(),
            None => {
                self.state = State::Idle;
                // What the server does not know yet was named by a command that it has, and its history is told by every pull.
                let wait = (!self.later.is_empty()).then_some(FileEffect::Wait { ms: LONGEST_WAIT_MS });
                wait.into_iter().collect()
            }
        }
    }

    fn ask(&mut self, file: WaitingFile) -> Vec<FileEffect> {
        self.state = State::Sending { file, from: None, standstill: 0 };
        vec![FileEffect::Send { file, from: 0, to: 0 }]
    }

    fn send(&mut self, file: WaitingFile, from: u32, standstill: u32) -> Vec<FileEffect> {
        self.state = State::Sending { file, from: Some(from), standstill };
        let to = from.saturating_add(PART_BYTES).min(file.content.bytes);
        vec![FileEffect::Send { file, from, to }]
    }

    fn answered(&mut self, answer: FileAnswer, file: WaitingFile, from: Option<u32>, standstill: u32) -> Vec<FileEffect> {
        match answer {
            FileAnswer::Stored { epoch } => {
                self.failures = 0;
                self.state = State::Noting(file.attachment);
                vec![FileEffect::Note { attachment: file.attachment, epoch }]
            }
            FileAnswer::Received { bytes } if bytes < file.content.bytes => {
                let standstill = if from.is_some_and(|from| bytes <= from) { standstill + 1 } else { 0 };
                if standstill >= MOST_STANDSTILL {
                    return self.failed(Failure::Server);
                }
                self.failures = 0;
                self.send(file, bytes, standstill)
            }
            // It says that it has all, and not that it is stored.
            FileAnswer::Received { .. } => self.failed(Failure::Server),
            FileAnswer::Unknown => {
                self.later.insert(file.attachment);
                self.list()
            }
            FileAnswer::Damaged => {
                let times = self.damaged.entry(file.attachment).or_default();
                *times += 1;
                let told = (*times == MOST_DAMAGED).then_some(FileEffect::TellDamaged(file.attachment));
                told.into_iter().chain(self.list()).collect()
            }
        }
    }

    fn failed(&mut self, failure: Failure) -> Vec<FileEffect> {
        if failure == Failure::LoggedOut {
            self.state = State::LoggedOut;
            return Vec::new();
        }
        self.state = State::Idle;
        self.failures += 1;
        vec![FileEffect::Wait { ms: wait_after(self.failures) }]
    }
}

/// What the server holds of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// All of it, under its name.
    Whole,
    /// So many bytes from the beginning, from this person.
    Parts(u32),
}

/// What the server does with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// All of it is here.
    Stored,
    /// Nothing is to be done but to say this.
    Answer(FileAnswer),
    /// Keep the part and say how far it is now.
    Keep,
    /// Put all together, and look whether they have the name.
    Finish {
        /// This part is the last one; otherwise all were here already.
        with_this: bool,
    },
    /// It brings more bytes than the file has.
    TooMuch,
}

/// Says what to do with `len` bytes from a place on.
#[must_use]
pub const fn take(content: &Content, holding: Holding, from: u32, len: u32) -> Taking {
    let received = match holding {
        Holding::Whole => return Taking::Stored,
        Holding::Parts(received) => received,
    };
    if len > content.bytes.saturating_sub(from) {
        return Taking::TooMuch;
    }
    // All parts may be here without the file: whoever was to put them together has died.
    if received == content.bytes {
        return Taking::Finish { with_this: false };
    }
    if from == received && from + len == content.bytes {
        return Taking::Finish { with_this: true };
    }
    if len == 0 || from != received {
        return Taking::Answer(FileAnswer::Received { bytes: received });
    }
    Taking::Keep
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{ContentHash, Media};

    fn file(number: u128, bytes: u32) -> WaitingFile {
        let content = Content { sha256: ContentHash::of(&number.to_be_bytes()), bytes, media: Media::Jpeg };
        WaitingFile { attachment: AttachmentId(Uuid::from_u128(number)), content }
    }

    fn part(file: WaitingFile, from: u32, to: u32) -> Vec<FileEffect> {
        vec![FileEffect::Send { file, from, to }]
    }

    fn stored() -> FileEvent {
        FileEvent::Answered(FileAnswer::Stored { epoch: Uuid::nil() })
    }

    /// A queue that was woken and told what waits.
    fn queue(files: &[WaitingFile]) -> (FileQueue, Vec<FileEffect>) {
        let mut queue = FileQueue::default();
        assert_eq!(queue.step(FileEvent::Wake), [FileEffect::List]);
        let effects = queue.step(FileEvent::Listed(files.to_vec()));
        (queue, effects)
    }

    #[test]
    fn a_small_file_goes_in_one_part_and_is_noted_once_it_is_stored() {
        let small = file(1, 1_000);
        let (mut queue, effects) = queue(&[small]);
        assert_eq!(effects, part(small, 0, 1_000));
        assert_eq!(queue.step(stored()), [FileEffect::Note { attachment: small.attachment, epoch: Uuid::nil() }]);
        assert_eq!(queue.step(FileEvent::Noted { counts: true }), [FileEffect::List]);
        assert_eq!(queue.step(FileEvent::Listed(Vec::new())), []);
        assert!(queue.is_idle());
    }

    #[test]
    fn a_large_file_goes_on_where_the_server_is() {
        let large = file(1, 2 * PART_BYTES + 10);
        let (mut queue, effects) = queue(&[large]);
        assert_eq!(effects, part(large, 0, 0), "first it asks");
        let answer = |bytes| FileEvent::Answered(FileAnswer::Received { bytes });
        assert_eq!(queue.step(answer(PART_BYTES)), part(large, PART_BYTES, 2 * PART_BYTES));
        assert_eq!(queue.step(answer(2 * PART_BYTES)), part(large, 2 * PART_BYTES, 2 * PART_BYTES + 10));
    }

    #[test]
    fn a_server_that_gets_no_further_is_left_alone_for_a_while() {
        let large = file(1, 2 * PART_BYTES);
        let (mut queue, _) = queue(&[large]);
        let answer = || FileEvent::Answered(FileAnswer::Received { bytes: 0 });
        assert_eq!(queue.step(answer()), part(large, 0, PART_BYTES), "the answer to the question");
        for _ in 1..MOST_STANDSTILL {
            assert_eq!(queue.step(answer()), part(large, 0, PART_BYTES));
        }
        assert_eq!(queue.step(answer()), [FileEffect::Wait { ms: 1_000 }]);
        assert!(queue.is_idle());
    }

    #[test]
    fn what_the_server_does_not_know_yet_holds_up_nothing() {
        let (first, second) = (file(1, 10), file(2, 10));
        let (mut queue, _) = queue(&[first, second]);
        assert_eq!(queue.step(FileEvent::Answered(FileAnswer::Unknown)), [FileEffect::List]);
        assert_eq!(queue.step(FileEvent::Listed(vec![first, second])), part(second, 0, 10));
        queue.step(stored());
        queue.step(FileEvent::Noted { counts: true });
        assert_eq!(queue.step(FileEvent::Listed(vec![first])), [FileEffect::Wait { ms: LONGEST_WAIT_MS }]);
        queue.step(FileEvent::Wake);
        assert_eq!(queue.step(FileEvent::Listed(vec![first])), part(first, 0, 10), "after a wake it is asked again");
    }

    #[test]
    fn what_another_history_has_stored_is_asked_again_after_the_next_wake() {
        let (first, second) = (file(1, 10), file(2, 10));
        let (mut queue, _) = queue(&[first, second]);
        queue.step(stored());
        assert_eq!(queue.step(FileEvent::Noted { counts: false }), [FileEffect::List]);
        assert_eq!(queue.step(FileEvent::Listed(vec![first, second])), part(second, 0, 10), "the others go on");
        queue.step(stored());
        queue.step(FileEvent::Noted { counts: true });
        assert_eq!(queue.step(FileEvent::Listed(vec![first])), [FileEffect::Wait { ms: LONGEST_WAIT_MS }], "and nothing goes round in a circle");
        queue.step(FileEvent::Wake);
        assert_eq!(queue.step(FileEvent::Listed(vec![first])), part(first, 0, 10));
    }

    #[test]
    fn damaged_bytes_are_sent_twice_and_then_told() {
        let (bad, good) = (file(1, 10), file(2, 10));
        let (mut queue, _) = queue(&[bad, good]);
        assert_eq!(queue.step(FileEvent::Answered(FileAnswer::Damaged)), [FileEffect::List]);
        assert_eq!(queue.step(FileEvent::Listed(vec![bad, good])), part(bad, 0, 10));
        assert_eq!(queue.step(FileEvent::Answered(FileAnswer::Damaged)), [FileEffect::TellDamaged(bad.attachment), FileEffect::List]);
        assert_eq!(queue.step(FileEvent::Listed(vec![bad, good])), part(good, 0, 10));
    }

    #[test]
    fn a_wake_on_the_way_is_not_forgotten() {
        let (mut queue, _) = queue(&[]);
        assert_eq!(queue.step(FileEvent::Wake), [FileEffect::List]);
        assert_eq!(queue.step(FileEvent::Wake), []);
        assert_eq!(queue.step(FileEvent::Listed(Vec::new())), [FileEffect::List], "what was saved meanwhile");
    }

    #[test]
    fn without_a_session_it_waits_for_one() {
        let (mut queue, _) = queue(&[file(1, 10)]);
        assert_eq!(queue.step(FileEvent::Failed(Failure::LoggedOut)), []);
        assert_eq!(queue.step(FileEvent::Wake), []);
        assert_eq!(queue.step(FileEvent::LoggedIn), [FileEffect::List]);
    }

    #[test]
    fn failures_wait_longer_each_time() {
        let small = file(1, 10);
        let (mut queue, _) = queue(&[small]);
        for ms in [1_000, 2_000, 4_000] {
            assert_eq!(queue.step(FileEvent::Failed(Failure::Offline)), [FileEffect::Wait { ms }]);
            queue.step(FileEvent::Wake);
            queue.step(FileEvent::Listed(vec![small]));
        }
    }

    /// Whatever part comes, in whatever order and however often: the server never has a hole, and never more than the file.
    #[test]
    fn the_server_takes_parts_in_order_only() {
        let content = file(1, 1_000).content;
        let answer = |bytes| Taking::Answer(FileAnswer::Received { bytes });
        for (holding, from, len, expected) in [
            (Holding::Whole, 0, 0, Taking::Stored),
            (Holding::Whole, 999, 5_000, Taking::Stored),
            (Holding::Parts(0), 0, 0, answer(0)),
            (Holding::Parts(0), 0, 400, Taking::Keep),
            (Holding::Parts(0), 400, 400, answer(0)),
            (Holding::Parts(400), 0, 400, answer(400)),
            (Holding::Parts(400), 300, 200, answer(400)),
            (Holding::Parts(400), 400, 600, Taking::Finish { with_this: true }),
            (Holding::Parts(0), 0, 1_000, Taking::Finish { with_this: true }),
            (Holding::Parts(1_000), 0, 1_000, Taking::Finish { with_this: false }),
            (Holding::Parts(400), 400, 601, Taking::TooMuch),
            (Holding::Parts(400), 1_001, 0, answer(400)),
            (Holding::Parts(400), u32::MAX, u32::MAX, Taking::TooMuch),
            (Holding::Parts(1_000), 0, 0, Taking::Finish { with_this: false }),
        ] {
            assert_eq!(take(&content, holding, from, len), expected, "{holding:?} {from} {len}");
        }
    }
}
