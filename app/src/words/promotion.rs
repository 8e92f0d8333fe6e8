//! What promotions give, in words.

use super::{money, percent};
use crate::replica;
use crate::texts::promotions as t;
use shared::Kind;
use shared::ids::{ProductId, PromotionId};
use shared::products::Product;
use shared::promotions::{Gives, Part, Promotion, Reduction, Terms};

/// A promotion's name today; tracked. A dash if this device does not know it.
#[must_use]
pub fn promotion(id: PromotionId) -> String {
    let name = |promotion: &Promotion| promotion.latest().map(|(_, terms)| terms.name.clone());
    replica::read(&[Kind::Promotion], |replica| replica.noun::<Promotion>(id).and_then(|promotion| name(promotion))).unwrap_or_else(|| "—".to_owned())
}

/// So many of some products: 理財課程 × 2、書 × 1.
#[must_use]
pub fn parts_of(parts: &[Part]) -> String {
    let part = |part: &Part| t::part(part.quantity, product(part.product));
    parts.iter().map(part).collect::<Vec<_>>().join(t::between())
}

/// What a promotion gives; tracked.
#[must_use]
pub fn gives(terms: &Terms) -> String {
    match &terms.gives {
        Gives::Off { products, least, off } => {
            let off = match off {
                Reduction::Percent { off } => format!("{}%", percent(*off)),
                Reduction::Amount { off } => money(*off),
            };
            let names = products.iter().map(|id| product(*id)).collect::<Vec<_>>().join(t::between());
            if *least > 1 { t::gives_off(*least, off, names) } else { t::gives_off_any(off, names) }
        }
        Gives::Bundle { parts, price } => t::gives_bundle(money(*price), parts_of(parts)),
        Gives::Gift { bought, gift } => t::gives_gift(parts_of(&[*gift]), parts_of(&[*bought])),
    }
}

fn product(id: ProductId) -> String {
    replica::read(&[Kind::Product], |replica| replica.noun::<Product>(id).map(|product| product.name.clone())).unwrap_or_else(|| "—".to_owned())
}
