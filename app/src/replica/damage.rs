//! A command at the head of the outbox that cannot be read any more: the disk has changed it, or somebody has. It must not hold up what was
//! saved after it, and what of it still exists is not given up: its letter goes to the server, which rules on it. Where that cannot be, the
//! device itself rules that it is damaged, and the person is told.
//!
//! Law: everything before it was ruled on, so that it comes to the server in its place.

use super::desk;
use super::desk::Open;
use super::runner::to_its_end;
use super::store::{NotStored, Unreadable, damaged};
use super::unsent_work::{NotSent, ask};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::sync::client::Meta;
use shared::sync::letters::{Letter, LettersRequest};
use shared::sync::protocol::{Outcome, PushAnswer};
use std::rc::Rc;
use uuid::Uuid;

/// Takes an unreadable command from the head of the outbox, if there is one and the server can be asked. An engine that is at work begins anew.
pub(super) async fn take_from_head(open: Rc<Open>) {
    if open.mending.replace(true) {
        return;
    }
    let taken = async {
        let Some(unreadable) = open.store.unreadable_head().await? else { return Ok(false) };
        let uuid = unreadable.uuid;
        let Some(outcome) = outcome(&open, unreadable).await else { return Ok(false) };
        to_its_end(&open, async move |open| {
            leptos::logging::log!("outbox: {uuid} was damaged");
            while let Some(meta) = open.meta().filter(|_| open.is_open()) {
                // Not the engine's change: it finds that another has stored one, as this may find that of the engine.
                match open.rule(std::slice::from_ref(&outcome), &Meta { revision: meta.revision + 1, ..meta }).await {
                    Err(NotStored::Outrun) => open.catch_up().await?,
                    ruled => return ruled,
                }
            }
            Ok(())
        })
        .await?;
        Ok(true)
    };
    let taken = taken.await;
    open.mending.set(false);
    match taken {
        Ok(true) => open.wake(),
        Ok(false) | Err(NotStored::Outrun) => {}
        Err(NotStored::Storage(failure)) => desk::failed(failure),
    }
}

/// What became of it; none if that is not known yet.
async fn outcome(open: &Open, Unreadable { uuid, letter }: Unreadable) -> Option<Outcome> {
    let Some(letter) = letter else { return Some(damaged(uuid)) };
    let Meta { client, epoch, .. } = open.meta()?;
    // A numbering of its own: in that of the outbox its place could not be filled without it.
    let letter = Letter { seq: 1, uuid, sealed: URL_SAFE_NO_PAD.encode(letter) };
    let request = LettersRequest { epoch, client, incarnation: Uuid::now_v7(), sent_at: chrono::Utc::now(), letters: vec![letter] };
    ruling(uuid, ask(&request).await)
}

/// What became of a command whose letter was sent.
fn ruling(uuid: Uuid, answer: Result<PushAnswer, NotSent>) -> Option<Outcome> {
    match answer {
        Ok(PushAnswer::Done { outcomes, .. }) => outcomes.into_iter().find(|outcome| outcome.uuid == uuid),
        // The letter does not open either.
        Err(NotSent::OnlyThere) => Some(damaged(uuid)),
        // Of another history the pull brings news, and the letter is as good in that. Nothing can be missing or used in a numbering of its own.
        Ok(PushAnswer::EpochChanged { .. } | PushAnswer::Retry { .. } | PushAnswer::AccessRevoked | PushAnswer::Gap { .. } | PushAnswer::Fork)
        | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::sync::protocol::{RetryReason, Verdict};

    #[test]
    fn a_letter_counts_as_damaged_only_if_the_server_cannot_open_it() {
        let [uuid, epoch] = [1, 2].map(Uuid::from_u128);
        let applied = Outcome { seq: 1, uuid, version: 7, verdict: Verdict::Applied };
        let done = |outcomes| Ok(PushAnswer::Done { epoch, last_seq: 1, outcomes, carried: Vec::new() });
        assert_eq!(ruling(uuid, done(vec![applied.clone()])), Some(applied));
        assert_eq!(ruling(uuid, Err(NotSent::OnlyThere)), Some(damaged(uuid)));
        let unknown = [
            Ok(PushAnswer::EpochChanged { epoch }),
            Ok(PushAnswer::Retry { reason: RetryReason::Busy }),
            Ok(PushAnswer::AccessRevoked),
            done(Vec::new()),
            Err(NotSent::NotNow),
            Err(NotSent::LoggedOut),
        ];
        for answer in unknown {
            assert_eq!(ruling(uuid, answer.clone()), None, "{answer:?}");
        }
    }
}
