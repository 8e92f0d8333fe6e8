use super::command::*;
use super::decide::PRICE_MAX;
use super::pitch::pitch;
use super::*;
use crate::money::Currency;
use crate::rejection::{Field, Rejection};
use crate::testing::World;
use std::sync::Arc;

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
    let command = EditProduct { product: product.id, name, description, price, listing: Listing::Withdrawn, suits: None };
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

fn point(world: &mut World, text: &str, answers: &[&str]) -> PutSellingPoint {
    let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
    PutSellingPoint { point: world.id(), product: world.course, text: text.into(), answers }
}

fn said(world: &mut World, text: &str, answers: &[&str]) -> SellingPointId {
    let command = point(world, text, answers);
    world.apply(world.marketing, command.clone()).expect("within the rules");
    world.apply(world.director, ApproveSellingPoint { point: command.point, text: text.into() }).expect("approved");
    command.point
}

#[test]
fn e4_what_may_be_said_is_approved_word_for_word() {
    let mut world = World::new();
    let command = point(&mut world, "  每月固定配息 ", &["配息", "配息", " 退休 "]);
    let id = command.point;
    for nobody in [world.rep, world.office, world.finance, world.director, world.administrator] {
        assert_eq!(world.apply(nobody, command.clone()), Err(Rejection::Forbidden));
    }
    world.apply(world.marketing, command.clone()).expect("within the rules");
    let stored = world.get::<SellingPoint>(id);
    assert_eq!((stored.text.as_str(), &stored.answers[..], &stored.approved), ("每月固定配息", &["配息".to_owned(), "退休".to_owned()][..], &None));
    let approve = |text: &str| ApproveSellingPoint { point: id, text: text.into() };
    for nobody in [world.rep, world.marketing, world.supervisor, world.administrator] {
        assert_eq!(world.apply(nobody, approve("每月固定配息")), Err(Rejection::Forbidden));
    }
    assert_eq!(world.apply(world.director, approve("每月保證配息")), Err(Rejection::TextChanged));
    world.apply(world.director, approve("每月固定配息")).expect("as it was looked at");
    let other_words = PutSellingPoint { answers: vec!["利率低".into()], ..command.clone() };
    world.apply(world.marketing, other_words).expect("within the rules");
    assert!(world.get::<SellingPoint>(id).approved.is_some(), "the same text for other needs");
    world.apply(world.marketing, PutSellingPoint { text: "保證獲利".into(), ..command.clone() }).expect("within the rules");
    assert_eq!(world.get::<SellingPoint>(id).approved, None, "another text");
    let elsewhere = PutSellingPoint { product: world.book, ..command };
    assert_eq!(world.apply(world.marketing, elsewhere), Err(Rejection::AlreadyExists { kind: crate::Kind::SellingPoint }));
    world.apply(world.marketing, RemoveSellingPoint { point: id }).expect("within the rules");
    assert!(world.find::<SellingPoint>(id).is_none());
}

#[test]
fn e1_no_text_of_a_selling_point_is_unbounded() {
    let mut world = World::new();
    let too_long = point(&mut world, &"長".repeat(2_001), &[]);
    assert_eq!(world.apply(world.manager, too_long), Err(Rejection::TooLong { field: Field::SellingPoint, max: 2_000, found: 2_001 }));
    let empty = point(&mut world, " ", &[]);
    assert_eq!(world.apply(world.manager, empty), Err(Rejection::Required { field: Field::SellingPoint }));
    let many = point(&mut world, "好", &["需"; 21]);
    assert_eq!(world.apply(world.manager, many), Err(Rejection::OutOfRange { field: Field::Answers, min: 0, max: 20 }));
    for _ in 0..50 {
        let one = point(&mut world, "好", &[]);
        world.apply(world.manager, one).expect("within the rules");
    }
    let one_more = point(&mut world, "好", &[]);
    assert_eq!(world.apply(world.manager, one_more), Err(Rejection::OutOfRange { field: Field::SellingPoint, min: 0, max: 50 }));
}

#[test]
fn e2_pains_come_before_needs_and_only_what_is_approved_and_on_sale_is_said() {
    let mut world = World::new();
    let needed = said(&mut world, "課程有實例", &["退休規劃"]);
    let hurts = said(&mut world, "不受利率影響", &["利率低"]);
    let both = said(&mut world, "隨時可退", &["利率低", "退休規劃", "沒聽過"]);
    said(&mut world, "與此無關", &["子女教育"]);
    let unapproved = point(&mut world, "保證獲利", &["利率低"]);
    world.apply(world.marketing, unapproved).expect("within the rules");
    let explained = |world: &World, needs: &str, pains: &str| {
        let points: Vec<Arc<SellingPoint>> = world.all().filter_map(|record| crate::record::Stored::of(record).cloned()).collect();
        let products: Vec<Arc<Product>> = points.iter().map(|point: &Arc<SellingPoint>| world.get::<Product>(point.product)).collect();
        pitch(products.iter().zip(&points), needs, pains).into_iter().map(|one| (one.point.id, one.pains.len(), one.needs.len())).collect::<Vec<_>>()
    };
    assert_eq!(explained(&world, "想做退休规划，也看 ETF", "定存利率低"), [(both, 1, 1), (hurts, 1, 0), (needed, 0, 1)], "in either script");
    assert_eq!(explained(&world, "", ""), []);
    let course = world.get::<Product>(world.course);
    world.put(Product { listing: Listing::Withdrawn, ..(*course).clone() });
    assert_eq!(explained(&world, "退休規劃", "利率低"), []);
}
