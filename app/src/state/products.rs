//! What may be said for products (clauses E1, E2, E4).

use shared::ids::ProductId;
use shared::people::Role;
use shared::products::decide::{APPROVERS, WRITERS};
use shared::products::pitch::{Explained, pitch};
use shared::products::{Product, SellingPoint};
use shared::record::Index;
use shared::sync::replica::Replica;
use std::sync::Arc;

/// Most of what is shown to be explained first.
const MOST_EXPLAINED: usize = 5;

/// Something to explain, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) product: ProductId,
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) pains: Vec<String>,
    pub(crate) needs: Vec<String>,
}

/// What to explain to somebody with these needs and pains, the first few.
pub(crate) fn explained(replica: &Replica, needs: &str, pains: &str) -> Vec<Said> {
    if needs.is_empty() && pains.is_empty() {
        return Vec::new();
    }
    let points = replica.all::<SellingPoint>().filter_map(|point| Some((replica.noun::<Product>(point.product)?, point)));
    let said = |Explained { product, point, pains, needs }: Explained| Said {
        product: product.id,
        name: product.name.clone(),
        text: point.text.clone(),
        pains,
        needs,
    };
    pitch(points, needs, pains).into_iter().take(MOST_EXPLAINED).map(said).collect()
}

/// What may be said for a product, the oldest first. What nobody has approved is shown to those who write and approve alone.
pub(crate) fn points_of(replica: &Replica, product: ProductId, role: Option<Role>) -> Vec<Arc<SellingPoint>> {
    let sees_all = role.is_some_and(|role| WRITERS.contains(&role) || APPROVERS.contains(&role));
    let points = replica.nouns::<SellingPoint>(&Index::SellingPointsByProduct(product));
    points.into_iter().filter(|point| sees_all || point.approved.is_some()).cloned().collect()
}

/// Needs and pains as they are typed in one line, separated by commas of any kind.
pub(crate) fn answers_in(typed: &str) -> Vec<String> {
    typed.split(['、', ',', '，', ';', '；', '\n']).map(str::trim).filter(|answer| !answer.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;
    use shared::products::command::{ApproveSellingPoint, PutSellingPoint};

    #[test]
    fn e4_those_who_sell_see_approved_texts_alone() {
        let mut world = World::new();
        let (approved, waiting) = (world.id(), world.id());
        for (point, text) in [(approved, "實例多"), (waiting, "保證獲利")] {
            let command = PutSellingPoint { point, product: world.course, text: text.into(), answers: answers_in("退休， 利率低、") };
            world.apply(world.marketing, command).expect("within the rules");
        }
        world.apply(world.manager, ApproveSellingPoint { point: approved, text: "實例多".into() }).expect("approved");
        let seen = |user, role| points_of(&world.replica(user), world.course, Some(role)).iter().map(|point| point.id).collect::<Vec<_>>();
        assert_eq!(seen(world.rep, Role::Rep), [approved]);
        assert_eq!(seen(world.marketing, Role::Marketing).len(), 2);
        let said = explained(&world.replica(world.rep), "", "利率低");
        assert_eq!(said.iter().map(|said| (said.text.as_str(), &said.pains[..])).collect::<Vec<_>>(), [("實例多", &["利率低".to_owned()][..])]);
        assert_eq!(explained(&world.replica(world.rep), "", ""), []);
    }
}
