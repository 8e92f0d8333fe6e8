//! The link with which a guest answers (clause B6): made here, with no network too, and enclosed in what is sent next. It is shown nowhere and
//! kept nowhere: another sending makes another one.

use crate::components::{Banner, Button, Glyph, toast};
use crate::platform::{page, vault};
use crate::replica;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::ids::InvitationId;
use shared::invitations::Invitation;
use shared::invitations::command::{MakeLink, WithdrawLinks};
use shared::invitations::link::{LinkToken, TOKEN_BYTES};
use std::collections::BTreeMap;

/// The links that were made while a page is open. What shows an invitation is drawn anew whenever the invitation changes, and making a link
/// changes it.
#[derive(Clone, Copy)]
pub(super) struct Links(RwSignal<BTreeMap<InvitationId, String>>);

impl Links {
    /// For the page that calls it and all that is on it.
    pub(super) fn provide() {
        provide_context(Self(RwSignal::new(BTreeMap::new())));
    }

    /// The link of an invitation, once there is one.
    pub(super) fn of(id: InvitationId) -> Signal<Option<String>> {
        let Self(links) = expect_context();
        Signal::derive(move || links.with(|links| links.get(&id).cloned()))
    }
}

/// A text with the link on a line of its own, once there is one.
pub(super) fn enclosing(text: &str, link: Option<&str>) -> String {
    link.map_or_else(|| text.to_owned(), |link| format!("{text}\n{}", t::invitations::link_line(link)))
}

/// Makes a link, and takes back all that were made.
#[component]
pub(super) fn GuestLink(id: InvitationId) -> impl IntoView {
    let Links(links) = expect_context();
    let link = Links::of(id);
    let busy = RwSignal::new(false);
    let sent = Memo::new(move |_| {
        replica::read(&[Kind::Invitation], |replica| replica.noun::<Invitation>(id).is_some_and(|invitation| !invitation.links.is_empty()))
    });
    let make = move || {
        let mut bytes = [0; TOKEN_BYTES];
        let Some(origin) = page::origin().filter(|_| vault::fill_by_chance(&mut bytes).is_ok()) else {
            toast::show(t::invitations::link_failed().to_owned());
            return;
        };
        let token = LinkToken::of(&bytes);
        busy.set(true);
        spawn_local(async move {
            match replica::submit(MakeLink { invitation: id, link: token.hash() }).await {
                Ok(()) => drop(links.try_update(|links| links.insert(id, format!("{origin}{}", token.path())))),
                Err(why) => toast::show(words::not_saved(&why)),
            }
            let _ = busy.try_set(false);
        });
    };
    let withdraw = move || {
        spawn_local(async move {
            match replica::submit(WithdrawLinks { invitation: id }).await {
                Ok(()) => {
                    links.try_update(|links| links.remove(&id));
                    toast::show(t::invitations::link_withdrawn().to_owned());
                }
                Err(why) => toast::show(words::not_saved(&why)),
            }
        });
    };
    view! {
        <div class="stack" data-testid="guest-link">
            {move || if link.get().is_some() {
                view! { <Banner test_id="guest-link-ready">{t::invitations::link_ready}</Banner> }.into_any()
            } else {
                view! {
                    <div><Button icon=Glyph::Share disabled=busy on_press=make test_id="guest-link-make">{t::invitations::link_make}</Button></div>
                    <p class="soft">{t::invitations::link_hint}</p>
                }
                .into_any()
            }}
            <Show when=move || sent.get()>
                <div><Button icon=Glyph::Undo on_press=withdraw test_id="guest-link-withdraw">{t::invitations::link_withdraw}</Button></div>
            </Show>
        </div>
    }
}
