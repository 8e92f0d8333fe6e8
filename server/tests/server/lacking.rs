//! What organisations of earlier releases lack, they are given when the server starts.

use crate::house::{Caller, House, nouns};
use server::store::Store;
use shared::Patch;
use shared::customers::pool::PoolCard;
use shared::settings::Settings;
use shared::sync::server::apply;
use shared::testing::LETTER_KEY;

#[tokio::test]
async fn an_organisation_founded_before_there_were_letters_is_given_its_key() {
    let house = House::open().await;
    let rep = house.ours("rep").await;
    let key_of = async |caller: &Caller| nouns::<Settings>(&caller.holdings().await).pop().and_then(|settings| settings.letter_key);
    assert_eq!(key_of(&rep).await.as_deref(), Some(LETTER_KEY));
    house.close().await;

    let mut house = House::settle().await;
    let store = Store::open(&house.location).await.map_err(|error| error.to_string()).expect("a fresh folder");
    let before = Settings { letter_key: None, ..(*house.ours.get::<Settings>(house.ours.org)).clone() };
    let org = house.ours.org;
    store.write(move |tx| apply(&mut tx.of(org)?, vec![Patch::put(before.clone())]).map(drop)).await.expect("a store");
    store.close().await;
    house.start(false).await;
    let rep = house.ours("rep").await;
    assert_eq!(key_of(&rep).await.as_deref(), Some(LETTER_KEY));
    house.close().await;
}

#[tokio::test]
async fn a5_customers_who_were_in_the_pool_before_it_had_cards_are_given_theirs() {
    let mut house = House::settle().await;
    let (org, pooled) = (house.ours.org, house.ours.pool_customer);
    let store = Store::open(&house.location).await.map_err(|error| error.to_string()).expect("a fresh folder");
    store.write(move |tx| apply(&mut tx.of(org)?, vec![Patch::delete::<PoolCard>(pooled)]).map(drop)).await.expect("a store");
    store.close().await;
    for is_first in [true, false] {
        if is_first {
            house.start(false).await
        } else {
            house.restart().await
        }
        let rep = house.ours("rep").await;
        let cards = nouns::<PoolCard>(&rep.holdings().await);
        assert_eq!(cards.iter().map(|card| card.customer).collect::<Vec<_>>(), [pooled]);
    }
    house.close().await;
}
