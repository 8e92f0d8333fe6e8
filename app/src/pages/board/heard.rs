//! Asks the server which desks it hears of, for as long as the board is looked at. Nothing of it is kept: without a network it is not known.

use crate::platform::{network, page};
use crate::replica::status::{Reach, status};
use crate::state::board::HeardByServer;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::MeetingId;
use shared::seating::heard::DeskHeard;
use shared::time::Timestamp;

const TIMEOUT_MS: u32 = 10_000;

/// What the server says of a meeting's desks, asked anew whenever `now` moves on.
pub(super) fn asked_for(meeting: Memo<Option<MeetingId>>, now: RwSignal<Timestamp>) -> Signal<Option<HeardByServer>> {
    let heard = RwSignal::new(None);
    let is_online = Memo::new(|_| status().reach == Reach::Online);
    Effect::new(move |_| {
        now.track();
        let Some(meeting) = meeting.get().filter(|_| is_online.get()) else {
            heard.set(None);
            return;
        };
        if page::is_visible() {
            spawn_local(async move {
                if let Some(answer) = ask(meeting).await {
                    heard.try_set(Some(HeardByServer::new(answer, chrono::Utc::now())));
                }
            });
        }
    });
    heard.into()
}

async fn ask(meeting: MeetingId) -> Option<Vec<DeskHeard>> {
    let answer = network::get(&format!("/api/meetings/{meeting}/desks"), TIMEOUT_MS).await.ok()?;
    if answer.status == 200 { answer.read() } else { None }
}
