//! Rules about products: managers and administrators keep the list.

use super::command::{AddProduct, EditProduct};
use super::{Listing, Product};
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::money::Money;

/// Highest price of one piece in minor units: ten thousand million of the major unit, so that 9,999 pieces on 100 lines still fit 64 bits.
pub const PRICE_MAX: i64 = 1_000_000_000_000;

/// Puts a product on the list.
pub(crate) fn add_product<V: View + ?Sized>(view: &V, args: &AddProduct, context: &Context<'_>) -> Decision {
    check(view, &args.name, &args.description, args.price, context)?;
    view.need_free::<Product>(args.product)?;
    let (name, description) = (tidy(&args.name), args.description.clone());
    Ok(vec![Patch::put(Product { id: args.product, name, description, price: args.price, listing: Listing::OnSale })])
}

/// Changes a product.
pub(crate) fn edit_product<V: View + ?Sized>(view: &V, args: &EditProduct, context: &Context<'_>) -> Decision {
    check(view, &args.name, &args.description, args.price, context)?;
    view.need::<Product>(args.product)?;
    let (name, description) = (tidy(&args.name), args.description.clone());
    Ok(vec![Patch::put(Product { id: args.product, name, description, price: args.price, listing: args.listing })])
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
