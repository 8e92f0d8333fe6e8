//! Changing what an unsigned deal is about, and another version of one that was signed: the same form as for a new one, with what was agreed so far.

use super::order::{Order, Purpose};
use crate::components::{EmptyState, Glyph, LinkButton, PageHead};
use crate::replica;
use crate::routes::{Place, id_param};
use crate::texts as t;
use leptos::prelude::*;
use shared::Kind;
use shared::deals::{Deal, Stage};
use shared::ids::DealId;
use std::sync::Arc;

/// Changes what nobody has signed.
#[component]
pub fn ChangeDealPage() -> impl IntoView {
    filled(t::deals::change_title, |deal| deal.stage == Stage::Quoted, Purpose::Change)
}

/// Another version, which takes the place of what was signed once it is signed itself.
#[component]
pub fn NewVersionPage() -> impl IntoView {
    filled(t::deals::version_title, Deal::is_sold, Purpose::Version)
}

/// The form, filled with the deal as it stood when the page was opened: what somebody else changes meanwhile does not clear it.
fn filled(title: fn() -> &'static str, can: fn(&Deal) -> bool, purpose: fn(Arc<Deal>) -> Purpose) -> impl IntoView {
    let id = id_param::<DealId>("id");
    let stands = Memo::new(move |_| {
        let deal = id.get().and_then(|id| replica::read(&[Kind::Deal], |replica| replica.noun::<Deal>(id).cloned()));
        deal.map(|deal| can(&deal))
    });
    let deal = move || id.get_untracked().and_then(|id| untrack(|| replica::read(&[], |replica| replica.noun::<Deal>(id).cloned())));
    let back = Signal::derive(move || id.get().map_or_else(|| Place::Deals.path(), |id| Place::Deal(id).path()));
    view! {
        <div class="new-deal" data-testid="deal-change">
            {move || {
                let shown = stands.get().and_then(|can| deal().map(|deal| (can, deal)));
                let note = shown.as_ref().map(|(_, deal)| deal.buyer.clone()).unwrap_or_default();
                view! {
                    <PageHead title note back />
                    {match shown {
                        Some((true, deal)) => view! { <Order purpose=purpose(deal) /> }.into_any(),
                        Some((false, _)) => view! {
                            <EmptyState glyph=Glyph::File title=t::deals::change_not_open>
                                <LinkButton href=back>{t::contract::to_deal}</LinkButton>
                            </EmptyState>
                        }
                        .into_any(),
                        None => view! { <EmptyState glyph=Glyph::File title=t::deals::not_here text=t::deals::not_here_help /> }.into_any(),
                    }}
                }
            }}
        </div>
    }
}
