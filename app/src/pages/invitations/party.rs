//! How many a guest brings along, and where the guest stands who waits for a place (clause B8).

use crate::components::{Badge, Glyph, Icon, Mood, toast};
use crate::replica;
use crate::state::invitations::{InLine, in_line};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::ids::InvitationId;
use shared::invitations::Invitation;
use shared::invitations::command::ChangeParty;
use shared::meetings::places::MOST_COMPANIONS;

/// Where an invitation stands in line; tracked.
pub(in crate::pages) fn stands(id: InvitationId) -> Option<InLine> {
    replica::read(&[Kind::Invitation, Kind::Places], |replica| in_line(replica, replica.noun::<Invitation>(id)?))
}

/// The place in line of whoever stands in one.
#[component]
pub(in crate::pages) fn LineBadge(id: InvitationId) -> impl IntoView {
    let line = Memo::new(move |_| stands(id));
    let badge = |line: InLine| {
        let (mood, glyph) = if line == InLine::Offered { (Mood::Good, Glyph::UserPlus) } else { (Mood::Warning, Glyph::Users) };
        view! { <span data-testid="in-line"><Badge mood icon=glyph>{move || words::in_line(line)}</Badge></span> }
    };
    move || line.get().map(badge)
}

/// Companions, one more or fewer by a tap; saved at once.
#[component]
pub(in crate::pages) fn Party(id: InvitationId) -> impl IntoView {
    let companions = Memo::new(move |_| {
        replica::read(&[Kind::Invitation], |replica| replica.noun::<Invitation>(id).map_or(0, |invitation| invitation.companions))
    });
    let busy = RwSignal::new(false);
    let change = move |companions: u8| {
        busy.set(true);
        spawn_local(async move {
            if let Err(why) = replica::submit(ChangeParty { invitation: id, companions }).await {
                toast::show(words::not_saved(&why));
            }
            let _ = busy.try_set(false);
        });
    };
    let fewer = move |_| change(companions.get_untracked().saturating_sub(1));
    let more = move |_| change(companions.get_untracked().saturating_add(1).min(MOST_COMPANIONS));
    view! {
        <div class="party" role="group" aria-label=t::invitations::companions>
            <span>{t::invitations::companions}</span>
            <button
                type="button"
                class="button"
                aria-label=t::invitations::companions_fewer
                disabled=move || busy.get() || companions.get() == 0
                on:click=fewer
                data-testid="party-fewer"
            >
                <Icon glyph=Glyph::Minus />
            </button>
            <output class="number" aria-live="polite" data-testid="party-count">{companions}</output>
            <button
                type="button"
                class="button"
                aria-label=t::invitations::companions_more
                disabled=move || busy.get() || companions.get() == MOST_COMPANIONS
                on:click=more
                data-testid="party-more"
            >
                <Icon glyph=Glyph::Plus />
            </button>
        </div>
    }
}
