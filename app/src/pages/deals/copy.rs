//! The customer's copy of a contract (clause F2): as a PDF, or by a link that is shown as a code, sent or shared. The link is shown while the page is open
//! and kept nowhere: another sending makes another one.

use crate::components::{Banner, Button, Glyph, Icon, Mood, Qr, toast};
use crate::platform::give::{self, Given};
use crate::platform::{deep_link, network, page, share, vault};
use crate::replica;
use crate::state::venue::settings;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::customers::Customer;
use shared::deals::Deal;
use shared::deals::command::{ShareContract, WithdrawCopies};
use shared::ids::DealId;
use shared::invitations::link::{LinkToken, TOKEN_BYTES};
use std::collections::BTreeMap;

/// How long a PDF may take, in milliseconds.
const PDF_TIMEOUT: u32 = 30_000;

/// The links that were made while a page is open. What shows a contract is drawn anew whenever its deal changes, and making a link changes it.
#[derive(Clone, Copy)]
pub(super) struct Links(RwSignal<BTreeMap<DealId, String>>);

impl Links {
    /// For the page that calls it and all that is on it.
    pub(super) fn provide() {
        provide_context(Self(RwSignal::new(BTreeMap::new())));
    }
}

/// The PDF, the link, and what was sent so far.
#[component]
pub(super) fn CustomersCopy(id: DealId, has_arrived: bool) -> impl IntoView {
    let Links(links) = expect_context();
    let link = Signal::derive(move || links.with(|links| links.get(&id).cloned()));
    let busy = RwSignal::new(false);
    let sent = Memo::new(move |_| replica::read(&[Kind::Deal], |replica| replica.noun::<Deal>(id).is_some_and(|deal| !deal.copies.is_empty())));
    let make = move || {
        let mut bytes = [0; TOKEN_BYTES];
        let Some(origin) = page::origin().filter(|_| vault::fill_by_chance(&mut bytes).is_ok()) else {
            toast::show(t::invitations::link_failed().to_owned());
            return;
        };
        let token = LinkToken::of(&bytes);
        busy.set(true);
        spawn_local(async move {
            match replica::submit(ShareContract { deal: id, link: token.hash() }).await {
                Ok(()) => drop(links.try_update(|links| links.insert(id, format!("{origin}{}", token.copy_path())))),
                Err(why) => toast::show(words::not_saved(&why)),
            }
            let _ = busy.try_set(false);
        });
    };
    let withdraw = move || {
        spawn_local(async move {
            match replica::submit(WithdrawCopies { deal: id }).await {
                Ok(()) => {
                    links.try_update(|links| links.remove(&id));
                    toast::show(t::contract::copies_withdrawn().to_owned());
                }
                Err(why) => toast::show(words::not_saved(&why)),
            }
        });
    };
    let fetching = RwSignal::new(false);
    let take = move || {
        let number = untrack(|| replica::read(&[], |replica| Some(replica.noun::<Deal>(id)?.number(settings(replica)?.utc_offset))));
        let name = format!("{}.pdf", number.unwrap_or_else(|| id.to_string()));
        fetching.set(true);
        spawn_local(async move {
            let answer = network::get_file(&format!("/api/deals/{id}/contract.pdf"), "application/pdf", PDF_TIMEOUT).await;
            let _ = fetching.try_set(false);
            match answer {
                Ok(file) if file.status == 200 => drop::<Given>(give::bytes(&name, &file.bytes, "application/pdf").await),
                Ok(file) if file.status == 404 => toast::show(untrack(t::contract::pdf_not_yet).to_owned()),
                Ok(_) => toast::show(untrack(t::contract::pdf_failed).to_owned()),
                Err(_) => toast::show(untrack(t::contract::pdf_offline).to_owned()),
            }
        });
    };
    view! {
        <section class="stack no-print" data-testid="contract-copy">
            <h3>{t::contract::copy}</h3>
            {(!has_arrived).then(|| view! { <p class="soft">{t::contract::copy_later}</p> })}
            <div class="cluster">
                <Button icon=Glyph::Download busy=fetching on_press=take test_id="copy-pdf">{t::contract::pdf}</Button>
                <Button icon=Glyph::Share busy on_press=make test_id="copy-link">{t::contract::copy_link}</Button>
                <Show when=move || sent.get()>
                    <Button icon=Glyph::Undo on_press=withdraw test_id="copy-withdraw">{t::contract::withdraw_copies}</Button>
                </Show>
            </div>
            {move || link.get().map(|link| shown(id, link))}
        </section>
    }
}

/// The link: to be scanned off this screen, or sent with the device's own apps.
fn shown(id: DealId, link: String) -> impl IntoView {
    let (phone, mail) = untrack(|| {
        replica::read(&[], |replica| {
            let customer = replica.noun::<Deal>(id).and_then(|deal| replica.noun::<Customer>(deal.customer));
            let profile = customer.map(|customer| &customer.profile);
            (profile.and_then(|profile| profile.phones.first().cloned()), profile.map(|profile| profile.email.clone()).unwrap_or_default())
        })
    });
    let text = StoredValue::new(link.clone());
    let words = move || text.with_value(|link| t::contract::copy_words(link));
    view! {
        <Banner mood=Mood::Good test_id="copy-ready">{t::contract::copy_ready}</Banner>
        <Qr text=link.clone() label=t::contract::copy_link test_id="copy-qr" />
        <p class="hash" data-testid="copy-address">{link}</p>
        <div class="send-buttons">
            {phone.map(|phone| view! {
                <a class="button" href=move || deep_link::sms(&phone, &words()) data-testid="copy-sms"><Icon glyph=Glyph::Message /><span>{t::invitations::send_sms}</span></a>
            })}
            {(!mail.is_empty()).then(|| view! {
                <a class="button" href=move || deep_link::mail(&mail, t::contract::copy(), &words()) data-testid="copy-mail"><Icon glyph=Glyph::Mail /><span>{t::invitations::send_mail}</span></a>
            })}
            {share::is_offered().then(|| {
                let press = move || {
                    let words = untrack(words);
                    spawn_local(async move { share::text(&words).await });
                };
                view! { <Button icon=Glyph::Share on_press=press test_id="copy-share">{t::invitations::share_text}</Button> }
            })}
        </div>
    }
}
