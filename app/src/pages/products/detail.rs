//! One product: its price, whom it suits, and the approved texts that may be said for it (clauses E1, E4). Those who write and approve see what waits, too.

use super::{ProductForm, keeps};
use crate::components::{Badge, Banner, Button, EmptyState, Glyph, Look, Mood, PageHead, Sheet, TextArea, TextField, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::pages::invitations::WordingNotes;
use crate::pages::promotions::RunningPromotions;
use crate::pages::refused::{Refusal, beside, finish};
use crate::replica::{self, NotSaved};
use crate::routes::{Place, id_param};
use crate::state::products::{answers_in, points_of};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::ids::{ProductId, SellingPointId};
use shared::products::command::{ApproveSellingPoint, PutSellingPoint, RemoveSellingPoint};
use shared::products::decide::{APPROVERS, WRITERS};
use shared::products::{Listing, Product, SellingPoint};
use shared::rejection::Field;
use std::sync::Arc;
use uuid::Uuid;

/// One product.
#[component]
pub fn ProductPage() -> impl IntoView {
    let id = id_param::<ProductId>("id");
    let product = Memo::new(move |_| id.get().and_then(|id| replica::read(&[Kind::Product], |replica| replica.noun::<Product>(id).cloned())));
    move || match product.get() {
        Some(product) => whole(product).into_any(),
        None => view! {
            <PageHead title=t::app::products back=Place::Products />
            <EmptyState glyph=Glyph::Package title=t::products::not_here test_id="product-missing" />
        }
        .into_any(),
    }
}

fn whole(product: Arc<Product>) -> impl IntoView {
    let (id, name, price) = (product.id, product.name.clone(), product.price);
    let editing = RwSignal::new(false);
    let (writing, written) = (RwSignal::new(false), RwSignal::new(None::<Arc<SellingPoint>>));
    let points = Memo::new(move |_| {
        let role = replica::actor().map(|actor| actor.role);
        replica::read(&[Kind::SellingPoint], |replica| points_of(replica, id, role))
    });
    let write = Callback::new(move |(point,): (Option<Arc<SellingPoint>>,)| {
        written.set(point);
        writing.set(true);
    });
    let before = Arc::clone(&product);
    let is_withdrawn = product.listing == Listing::Withdrawn;
    let title = move || if written.with(Option::is_some) { t::products::point_edit() } else { t::products::point_add() };
    view! {
        <PageHead title=move || name.clone() note=move || words::money(price) back=Place::Products>
            {is_withdrawn.then(|| view! { <Badge>{t::products::withdrawn}</Badge> })}
            {move || keeps().then(|| view! { <Button icon=Glyph::Pencil on_press=move || editing.set(true) test_id="product-edit">{t::products::edit}</Button> })}
        </PageHead>
        <div class="page-content" data-testid="product">
            {(!product.description.is_empty()).then(|| view! { <p class="said">{product.description.clone()}</p> })}
            {(!product.suits.is_empty()).then(|| view! {
                <section class="stack"><h2>{t::products::suits}</h2><p class="said">{product.suits.clone()}</p></section>
            })}
            <RunningPromotions product=id />
            <section class="stack">
                <h2>{t::products::points}</h2>
                {move || {
                    let points = points.get();
                    if points.is_empty() {
                        view! { <p class="soft" data-testid="points-none">{t::products::no_points}</p> }.into_any()
                    } else {
                        view! { <ul class="list" data-testid="points">{points.into_iter().map(|point| row(point, write)).collect_view()}</ul> }.into_any()
                    }
                }}
                {move || is_one_of(&WRITERS).then(|| view! {
                    <div><Button icon=Glyph::Plus on_press=move || write.run((None,)) test_id="point-add">{t::products::point_add}</Button></div>
                })}
            </section>
        </div>
        <Sheet title=t::products::edit_title open=editing test_id="product-sheet">
            <ProductForm before=Some(Arc::clone(&before)) on_saved=Callback::new(move |()| editing.set(false)) />
        </Sheet>
        <Sheet title open=writing test_id="point-sheet">
            <PointForm product=id before=written.get_untracked() open=writing />
        </Sheet>
    }
}

fn is_one_of(roles: &[shared::people::Role]) -> bool {
    replica::actor().is_some_and(|actor| roles.contains(&actor.role))
}

fn row(point: Arc<SellingPoint>, write: Callback<(Option<Arc<SellingPoint>>,)>) -> impl IntoView {
    let (id, text, answers, waits) = (point.id, point.text.clone(), point.answers.join("、"), point.approved.is_none());
    let to_write = Arc::clone(&point);
    let look = text.clone();
    let approve = move || {
        let text = look.clone();
        spawn_local(async move {
            match replica::submit(ApproveSellingPoint { point: id, text }).await {
                Ok(()) => toast::show(untrack(t::products::point_approved)),
                Err(why) => toast::show(words::not_saved(&why)),
            }
        });
    };
    view! {
        <li class="point" data-testid="point">
            <p class="said">{text}</p>
            {(!answers.is_empty()).then(|| view! { <p class="soft">{move || t::products::point_answers_row(&answers)}</p> })}
            <div class="cluster">
                {waits.then(|| view! { <Badge mood=Mood::Warning icon=Glyph::Clock>{t::products::point_waiting}</Badge> })}
                {(waits && is_one_of(&APPROVERS)).then(|| view! { <Button look=Look::Primary icon=Glyph::Check on_press=approve test_id="point-approve">{t::products::point_approve}</Button> })}
                {is_one_of(&WRITERS).then(|| view! {
                    <Button icon=Glyph::Pencil on_press=move || write.run((Some(Arc::clone(&to_write)),)) test_id="point-edit">{t::products::edit}</Button>
                })}
            </div>
        </li>
    }
}

#[component]
fn PointForm(product: ProductId, before: Option<Arc<SellingPoint>>, open: RwSignal<bool>) -> impl IntoView {
    let known = before.as_ref().map(|point| point.id);
    let draft = Draft::of(known.map_or_else(|| format!("point/{product}"), |point| format!("point/{point}")));
    let text = draft.field("text", before.as_ref().map(|point| point.text.clone()).unwrap_or_default());
    let answers = draft.field("answers", before.as_ref().map(|point| point.answers.join("、")).unwrap_or_default());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        failure.set(None);
        busy.set(true);
        let point = known.unwrap_or_else(|| SellingPointId(Uuid::now_v7()));
        let command = PutSellingPoint { point, product, text: text.get_untracked(), answers: answers_in(&answers.get_untracked()) };
        spawn_local(async move {
            let saved = draft.submit(command).await;
            finish(saved, t::products::point_saved(), busy, failure, open);
        });
    };
    let remove = move |point: SellingPointId| {
        spawn_local(async move {
            match replica::submit(RemoveSellingPoint { point }).await {
                Ok(()) => {
                    draft.forget();
                    let _ = open.try_set(false);
                }
                Err(why) => drop(failure.try_set(Some(why))),
            }
        });
    };
    view! {
        <form class="stack" novalidate on:submit=save data-testid="point-form">
            <DraftNote draft />
            <Refusal refused=failure fields=&[Field::SellingPoint, Field::Answers] test_id="point-refused" />
            <TextArea label=t::products::point_text hint=t::products::point_text_hint value=text error=beside(failure, Field::SellingPoint) rows=3 test_id="point-text" />
            <WordingNotes text />
            <TextField label=t::products::point_answers hint=t::products::point_answers_hint value=answers error=beside(failure, Field::Answers) test_id="point-answers" />
            <Button submit=true look=Look::Primary wide=true busy test_id="point-save">{t::app::save}</Button>
            {known.map(|point| view! { <Button look=Look::Danger icon=Glyph::Trash on_press=move || remove(point) test_id="point-remove">{t::products::point_remove}</Button> })}
            <Banner>{t::products::point_text_hint}</Banner>
        </form>
    }
}
