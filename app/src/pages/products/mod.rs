//! Products (clauses E1, E2, E4): the list, what may be said for each, and what to explain to one customer.

mod detail;
mod pitch;

pub use detail::ProductPage;
pub(crate) use pitch::Pitch;

use crate::components::{
    Badge, Banner, Button, EmptyState, Glyph, Icon, Look, MoneyField, Mood, PageHead, SearchField, Sheet, Switch, TextArea, TextField, toast,
};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::{self, NotSaved};
use crate::routes::Place;
use crate::state::order::InOrder;
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::customers::search::folded;
use shared::ids::ProductId;
use shared::money::{Currency, Money};
use shared::people::Role;
use shared::products::command::{AddProduct, EditProduct};
use shared::products::{Listing, Product};
use shared::rejection::Field;
use shared::settings::Settings;
use shared::{Kind, Rejection};
use std::sync::Arc;
use uuid::Uuid;

/// Products and prices.
#[component]
pub fn ProductsPage() -> impl IntoView {
    let sought = RwSignal::new(String::new());
    let all = Memo::new(|_| products());
    let shown = Memo::new(move |_| {
        let sought = folded(&sought.get());
        all.with(|all| all.iter().filter(|product| folded(&product.name).contains(&sought)).cloned().collect::<Vec<_>>())
    });
    let open = RwSignal::new(false);
    view! {
        <PageHead title=t::app::products back=Place::More>
            {move || keeps().then(|| view! {
                <Button look=Look::Primary icon=Glyph::Plus on_press=move || open.set(true) test_id="products-add">{t::products::add}</Button>
            })}
        </PageHead>
        <div class="page-content">
            {move || {
                if all.with(Vec::is_empty) {
                    let text = move || if keeps() { t::products::none_manager() } else { t::products::none_others() };
                    return view! { <EmptyState glyph=Glyph::Package title=t::products::none text=text test_id="products-none" /> }.into_any();
                }
                view! {
                    <SearchField label=t::products::search value=sought test_id="products-search" />
                    <Show when=move || shown.with(Vec::is_empty)><p class="soft">{t::products::none_found}</p></Show>
                    <ul class="list" data-testid="products-list">{move || shown.get().into_iter().map(|product| row(&product)).collect_view()}</ul>
                }
                .into_any()
            }}
        </div>
        <Sheet title=t::products::new_title open test_id="product-sheet">
            <ProductForm before=None on_saved=Callback::new(move |()| open.set(false)) />
        </Sheet>
    }
}

/// Whether the person at this device keeps the list; tracked.
fn keeps() -> bool {
    replica::actor().is_some_and(|actor| matches!(actor.role, Role::Manager | Role::Administrator))
}

/// What is on sale first, by name.
fn products() -> Vec<Arc<Product>> {
    replica::read(&[Kind::Product], |replica| {
        let mut products: Vec<_> = replica.all::<Product>().cloned().collect();
        products.order_by(|a, b| {
            (a.listing == Listing::Withdrawn).cmp(&(b.listing == Listing::Withdrawn)).then_with(|| a.name.cmp(&b.name)).then(a.id.cmp(&b.id))
        });
        products
    })
}

fn row(product: &Product) -> impl IntoView + use<> {
    let price = words::money(product.price);
    let withdrawn = product.listing == Listing::Withdrawn;
    let href = Place::Product(product.id).path();
    view! {
        <li><a class="row" href=href data-row data-testid="product-row">
        <span class="row-icon"><Icon glyph=Glyph::Package /></span>
        <span class="row-words">
            <span class="row-title">{product.name.clone()}</span>
            <span class="row-note prose">{product.description.clone()}</span>
        </span>
        <span class="row-end">
            {withdrawn.then(|| view! { <Badge>{t::products::withdrawn}</Badge> })}
            <strong class="number">{price}</strong>
        </span>
        </a></li>
    }
}

#[component]
fn ProductForm(before: Option<Arc<Product>>, on_saved: Callback<()>) -> impl IntoView {
    let draft = Draft::of(before.as_ref().map_or_else(|| "product".to_owned(), |product| format!("product/{}", product.id)));
    let name = draft.field("name", before.as_ref().map(|product| product.name.clone()).unwrap_or_default());
    let description = draft.field("description", before.as_ref().map(|product| product.description.clone()).unwrap_or_default());
    let price = draft.field("price", before.as_ref().map(|product| product.price.minor));
    let suits = draft.field("suits", before.as_ref().map(|product| product.suits.clone()).unwrap_or_default());
    let on_sale = draft.field("on_sale", before.as_ref().is_none_or(|product| product.listing == Listing::OnSale));
    let id = before.as_ref().map(|product| product.id);
    let currency = before.as_ref().map_or_else(home_currency, |product| product.price.currency);
    let failure = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        spawn_local(async move {
            let listing = if on_sale.get_untracked() { Listing::OnSale } else { Listing::Withdrawn };
            let price = price.get_untracked().map(|minor| Money::new(minor, currency));
            let about = About { name: name.get_untracked(), description: description.get_untracked(), suits: suits.get_untracked() };
            let saved = save(id, about, price, listing, draft).await;
            let _ = busy.try_set(false);
            match saved {
                Ok(()) => {
                    toast::show(t::products::saved());
                    on_saved.run(());
                }
                Err(why) => {
                    let _ = failure.try_set(Some(why));
                }
            }
        });
    };
    let error = move |field: Field| {
        Signal::derive(move || match failure.get() {
            Some(NotSaved::Rejected(why)) if words::field_of(&why) == Some(field) => Some(words::rejection(&why)),
            _ => None,
        })
    };
    let whole = move || {
        let why = failure.get()?;
        let beside = matches!(&why, NotSaved::Rejected(why) if words::field_of(why).is_some());
        (!beside).then(|| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })
    };
    view! {
        <form class="stack" novalidate on:submit=save data-testid="product-form">
            <DraftNote draft />
            {whole}
            <TextField label=t::products::name value=name error=error(Field::Name) required=true test_id="product-name" />
            <MoneyField label=t::products::price value=price unit=currency.code() error=error(Field::Price) test_id="product-price" />
            <TextArea label=t::products::description value=description error=error(Field::Description) rows=4 test_id="product-description" />
            {id.is_some().then(|| view! { <TextField label=t::products::suits hint=t::products::suits_hint value=suits error=error(Field::Suits) test_id="product-suits" /> })}
            {id.is_some().then(|| view! { <Switch label=t::products::listing value=on_sale test_id="product-listing" /> })}
            <Button submit=true look=Look::Primary wide=true busy test_id="product-save">{t::products::save}</Button>
        </form>
    }
}

/// What is said about a product.
struct About {
    name: String,
    description: String,
    suits: String,
}

async fn save(id: Option<ProductId>, about: About, price: Option<Money>, listing: Listing, draft: Draft) -> Result<(), NotSaved> {
    let About { name, description, suits } = about;
    let price = price.ok_or(NotSaved::Rejected(Rejection::Required { field: Field::Price }))?;
    match id {
        Some(product) => draft.submit(EditProduct { product, name, description, price, listing, suits: Some(suits) }).await,
        None => draft.submit(AddProduct { product: ProductId(Uuid::now_v7()), name, description, price }).await,
    }
}

fn home_currency() -> Currency {
    replica::read(&[Kind::Settings], |replica| replica.all::<Settings>().next().map(|settings| settings.currency)).unwrap_or(Currency::Twd)
}
