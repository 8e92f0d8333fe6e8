use super::command::{AddProduct, EditProduct};
use super::decide::PRICE_MAX;
use super::*;
use crate::money::Currency;
use crate::rejection::{Field, Rejection};
use crate::testing::World;

fn add(world: &mut World, minor: i64) -> AddProduct {
    let price = Money::new(minor, Currency::Twd);
    AddProduct { product: world.id(), name: "顧問服務".into(), description: String::new(), price }
}

#[test]
fn a_price_is_above_zero_and_has_a_limit() {
    let mut world = World::new();
    let out_of_range = Err(Rejection::OutOfRange { field: Field::Price, min: 1, max: PRICE_MAX });
    for minor in [0, -1, i64::MIN, PRICE_MAX + 1, i64::MAX] {
        let command = add(&mut world, minor);
        assert_eq!(world.apply(world.manager, command), out_of_range, "{minor}");
    }
    for minor in [1, PRICE_MAX] {
        let command = add(&mut world, minor);
        assert!(world.apply(world.manager, command).is_ok(), "{minor}");
    }
}

#[test]
fn the_price_list_has_one_currency() {
    let mut world = World::new();
    let command = AddProduct { price: Money::new(100, Currency::Usd), ..add(&mut world, 1) };
    assert_eq!(world.apply(world.manager, command), Err(Rejection::CurrencyMixed));
}

#[test]
fn a_withdrawn_product_stays_known() {
    let mut world = World::new();
    let product = world.get::<Product>(world.book);
    let (name, description, price) = (product.name.clone(), product.description.clone(), product.price);
    let command = EditProduct { product: product.id, name, description, price, listing: Listing::Withdrawn };
    world.apply(world.manager, command).expect("within the rules");
    assert_eq!(world.get::<Product>(world.book).listing, Listing::Withdrawn);
}

#[test]
fn long_texts_are_refused() {
    let mut world = World::new();
    let name = AddProduct { name: "龍".repeat(5_000), ..add(&mut world, 1) };
    assert_eq!(world.apply(world.manager, name), Err(Rejection::TooLong { field: Field::Name, max: 100, found: 5_000 }));
    let description = AddProduct { description: "龍".repeat(5_000), ..add(&mut world, 1) };
    assert_eq!(world.apply(world.manager, description), Err(Rejection::TooLong { field: Field::Description, max: 2_000, found: 5_000 }));
}
