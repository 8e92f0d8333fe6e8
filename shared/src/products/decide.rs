//! Rules about products: managers and administrators keep the list; what may be said is written by those who prepare and lead, and approved by who leads.

use super::command::{AddProduct, ApproveSellingPoint, EditProduct, PutSellingPoint, RemoveSellingPoint};
use super::{ApprovedText, Listing, Product, SellingPoint};
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::money::Money;
use crate::people::Role;
use crate::record::{Index, Record};

/// Highest price of one piece in minor units: ten thousand million of the major unit, so that 9,999 pieces on 100 lines still fit 64 bits.
pub const PRICE_MAX: i64 = 1_000_000_000_000;

/// Who writes what may be said.
pub const WRITERS: [Role; 3] = [Role::Marketing, Role::Supervisor, Role::Manager];
/// Who approves it.
pub const APPROVERS: [Role; 2] = [Role::Manager, Role::Director];
/// Most things that may be said for one product.
pub const MOST_POINTS: usize = 50;
/// Most needs and pains that one of them answers.
pub const MOST_ANSWERS: usize = 20;
/// Longest of them, in characters.
pub const ANSWER_MAX: usize = 40;

/// Puts a product on the list.
pub(crate) fn add_product<V: View + ?Sized>(view: &V, args: &AddProduct, context: &Context<'_>) -> Decision {
    check(view, &args.name, &args.description, args.price, context)?;
    view.need_free::<Product>(args.product)?;
    let (name, description) = (tidy(&args.name), args.description.clone());
    Ok(vec![Patch::put(Product { id: args.product, name, description, price: args.price, listing: Listing::OnSale, suits: String::new() })])
}

/// Changes a product.
pub(crate) fn edit_product<V: View + ?Sized>(view: &V, args: &EditProduct, context: &Context<'_>) -> Decision {
    check(view, &args.name, &args.description, args.price, context)?;
    let before = view.need::<Product>(args.product)?;
    let suits = args.suits.as_ref().unwrap_or(&before.suits).clone();
    text(Field::Suits, &suits, WORDS_MAX)?;
    let (name, description) = (tidy(&args.name), args.description.clone());
    Ok(vec![Patch::put(Product { id: args.product, name, description, price: args.price, listing: args.listing, suits })])
}

/// Writes what may be said.
pub(crate) fn put_selling_point<V: View + ?Sized>(view: &V, args: &PutSellingPoint, context: &Context<'_>) -> Decision {
    context.actor.need_role(&WRITERS)?;
    view.need::<Product>(args.product)?;
    required_text(Field::SellingPoint, &args.text, WORDS_MAX)?;
    length(Field::Answers, args.answers.len(), 0, MOST_ANSWERS as i64)?;
    let mut answers: Vec<String> = Vec::with_capacity(args.answers.len());
    for answer in &args.answers {
        required(Field::Answers, answer, ANSWER_MAX)?;
        let answer = tidy(answer);
        if !answers.contains(&answer) {
            answers.push(answer);
        }
    }
    let before = view.get::<SellingPoint>(args.point)?;
    if let Some(before) = &before
        && before.product != args.product
    {
        return Err(Rejection::AlreadyExists { kind: Kind::SellingPoint }.into());
    }
    if before.is_none() {
        let there = view.list::<SellingPoint>(&Index::SellingPointsByProduct(args.product))?.len();
        length(Field::SellingPoint, there + 1, 0, MOST_POINTS as i64)?;
    }
    let said = args.text.trim().to_owned();
    let approved = before.filter(|before| before.text == said).and_then(|before| before.approved.clone());
    Ok(vec![Patch::put(SellingPoint { id: args.point, product: args.product, text: said, answers, by: context.actor.user, approved })])
}

/// Approves the text that was looked at.
pub(crate) fn approve_selling_point<V: View + ?Sized>(view: &V, args: &ApproveSellingPoint, context: &Context<'_>) -> Decision {
    context.actor.need_role(&APPROVERS)?;
    let point = view.need::<SellingPoint>(args.point)?;
    if point.text != args.text {
        return Err(Rejection::TextChanged.into());
    }
    if point.approved.is_some() {
        return Ok(Vec::new());
    }
    let approved = Some(ApprovedText { by: context.actor.user, at: context.at });
    Ok(vec![Patch::put(SellingPoint { approved, ..(*point).clone() })])
}

/// Takes away what may be said.
pub(crate) fn remove_selling_point<V: View + ?Sized>(view: &V, args: &RemoveSellingPoint, context: &Context<'_>) -> Decision {
    context.actor.need_role(&WRITERS)?;
    let point = view.need::<SellingPoint>(args.point)?;
    Ok(vec![Patch::Delete(Record::from((*point).clone()).key())])
}

fn check<V: View + ?Sized>(view: &V, name: &str, description: &str, price: Money, context: &Context<'_>) -> Result<(), Stop> {
    context.actor.need_role(&[Role::Manager, Role::Administrator])?;
    required(Field::Name, name, NAME_MAX)?;
    text(Field::Description, description, WORDS_MAX)?;
    within(Field::Price, price.minor, 1, PRICE_MAX)?;
    if price.currency != context.settings(view)?.currency {
        return Err(Rejection::CurrencyMixed.into());
    }
    Ok(())
}
