//! What became of a discount above the seller's limit; for those who may rule on it, the two buttons.

use crate::components::{Banner, Button, Glyph, Look, Mood, Sheet, TextArea, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::NotSaved;
use crate::state::approvals::{Request, Ruler, State};
use crate::texts as t;
use crate::words::{self, percent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::deals::command::{ApproveDiscount, RefuseDiscount};
use shared::ids::DealId;

/// The request on a deal.
#[component]
pub(super) fn DiscountRequest(request: Request) -> impl IntoView {
    let discount = percent(request.discount);
    let asked = (request.asked_by, request.asked_at, request.reason);
    match request.state {
        State::Waiting(ruler) => {
            let (deal, terms) = (request.deal, request.terms);
            view! {
                <div class="stack" data-testid="discount-waiting">
                    <Banner mood=Mood::Warning>
                        <strong>{move || t::deals::discount_waiting(&discount)}</strong>
                        {said(asked.0, asked.1, asked.2)}
                        {match ruler {
                            Ruler::Me => ().into_any(),
                            Ruler::Another => view! { <p>{t::deals::waiting_help}</p> }.into_any(),
                            Ruler::Above(limit) => view! { <p>{move || t::deals::above_my_limit(percent(limit))}</p> }.into_any(),
                        }}
                    </Banner>
                    {(ruler == Ruler::Me).then(|| view! { <Decide deal terms /> })}
                </div>
            }
            .into_any()
        }
        State::Granted { by, at } => view! {
            <Banner mood=Mood::Good test_id="discount-granted">
                <strong>{move || t::deals::discount_granted(&discount)}</strong>
                <p>{move || t::deals::by_at(&by, words::moment(at, words::here(), chrono::Utc::now()))}</p>
            </Banner>
        }
        .into_any(),
        State::Refused { by, at, reason } => view! {
            <Banner mood=Mood::Bad test_id="discount-refused">
                <strong>{move || t::deals::discount_refused(&discount)}</strong>
                {said(by, at, reason)}
                <p>{t::deals::refused_help}</p>
            </Banner>
        }
        .into_any(),
    }
}

/// Who wrote what, and when.
fn said(name: String, at: chrono::DateTime<chrono::Utc>, text: String) -> impl IntoView {
    view! {
        <p class="said">{text}</p>
        <p class="soft">{move || t::deals::by_at(&name, words::moment(at, words::here(), chrono::Utc::now()))}</p>
    }
}

/// Approve, or refuse with a reason.
#[component]
fn Decide(deal: DealId, terms: String) -> impl IntoView {
    let open = RwSignal::new(false);
    let draft = Draft::of(format!("discount-refusal/{deal}"));
    let reason = draft.field("reason", String::new());
    let why = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let terms_to_refuse = terms.clone();
    let approve = move || {
        let command = ApproveDiscount { deal, terms: terms.clone() };
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(command).await;
            busy.try_set(false);
            match saved {
                Ok(()) => toast::show(untrack(t::deals::approved_now)),
                Err(not_saved) => drop(why.try_set(Some(not_saved))),
            }
        });
    };
    let refuse = move || {
        let command = RefuseDiscount { deal, terms: terms_to_refuse.clone(), reason: reason.get_untracked() };
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(command).await;
            busy.try_set(false);
            match saved {
                Ok(()) => toast::show(untrack(t::deals::refused_now)),
                Err(not_saved) => drop(why.try_set(Some(not_saved))),
            }
        });
    };
    let refuse = Callback::new(move |()| refuse());
    let not_saved = move || why.get().map(|why| view! { <Banner mood=Mood::Bad test_id="discount-not-saved">{words::not_saved(&why)}</Banner> });
    let show_sheet = move || {
        why.set(None);
        open.set(true);
    };
    view! {
        <div class="cluster">
            <Button look=Look::Primary busy icon=Glyph::Check on_press=approve test_id="discount-approve">{t::deals::approve}</Button>
            <Button look=Look::Danger disabled=busy icon=Glyph::Ban on_press=show_sheet test_id="discount-refuse">{t::deals::refuse}</Button>
        </div>
        {move || (!open.get()).then(not_saved)}
        <Sheet title=t::deals::refuse open test_id="discount-refuse-sheet">
            <DraftNote draft />
            <TextArea label=t::deals::refuse_reason hint=t::deals::refuse_reason_hint value=reason test_id="discount-refuse-reason" />
            {not_saved}
            <Button look=Look::Danger wide=true busy on_press=refuse test_id="discount-refuse-confirm">{t::deals::refuse}</Button>
        </Sheet>
    }
}
