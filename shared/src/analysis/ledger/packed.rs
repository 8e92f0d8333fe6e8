//! A sale in few bytes: numbers of seven bits each byte, names of sellers, meetings and products as their numbers in the ledger.

use super::super::sales::{Part, parts_of};
use super::names::Names;
use crate::deals::Deal;
use crate::ids::{DealId, MeetingId, ProductId, UserId};
use crate::money::Currency;
use crate::time::Timestamp;
use uuid::Uuid;

/// Who and what sales name.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    pub(super) people: Names<UserId>,
    pub(super) meetings: Names<MeetingId>,
    pub(super) products: Names<ProductId>,
    currencies: Vec<Currency>,
}

/// A sale as it was packed.
pub(super) struct Unpacked {
    pub(super) deal: DealId,
    pub(super) currency: Currency,
    pub(super) seller: u32,
    pub(super) meeting: Option<MeetingId>,
    pub(super) at: Timestamp,
    pub(super) parts: Vec<Part>,
}

const WHOLE: &str = "what the ledger packed itself";

impl Named {
    /// Appends the sale that a deal is; whether it is one.
    pub(super) fn pack(&mut self, deal: &Deal, out: &mut Vec<u8>) -> bool {
        let Some(at) = deal.sold_at() else { return false };
        out.extend_from_slice(deal.id.0.as_bytes());
        put(out, self.number_of(deal.total.currency));
        put(out, self.people.number(deal.seller).into());
        put(out, deal.meeting.map_or(0, |meeting| u64::from(self.meetings.number(meeting)) + 1));
        put_signed(out, at.timestamp());
        put(out, at.timestamp_subsec_nanos().into());
        let parts = parts_of(deal);
        put(out, parts.len() as u64);
        for Part { product, quantity, amount } in parts {
            put(out, self.products.number(product).into());
            put(out, quantity);
            put_signed(out, amount);
        }
        true
    }

    fn number_of(&mut self, currency: Currency) -> u64 {
        let known = self.currencies.iter().position(|known| *known == currency);
        known.unwrap_or_else(|| {
            self.currencies.push(currency);
            self.currencies.len() - 1
        }) as u64
    }

    /// The sales of one customer, in the order in which they were packed.
    pub(super) fn unpack<'l>(&'l self, mut packed: &'l [u8]) -> impl Iterator<Item = Unpacked> + 'l {
        std::iter::from_fn(move || {
            let (id, rest) = packed.split_first_chunk()?;
            packed = rest;
            let mut number = || take(&mut packed);
            let (currency, seller, meeting) = (number(), number(), number());
            let (seconds, nanos) = (signed(number()), number());
            let parts = (0..number()).map(|_| Part {
                product: self.products.named(take(&mut packed)),
                quantity: take(&mut packed),
                amount: signed(take(&mut packed)),
            });
            let parts = parts.collect();
            Some(Unpacked {
                deal: DealId(Uuid::from_bytes(*id)),
                currency: usize::try_from(currency).ok().and_then(|at| self.currencies.get(at)).copied().expect(WHOLE),
                seller: u32::try_from(seller).expect(WHOLE),
                meeting: meeting.checked_sub(1).map(|meeting| self.meetings.named(meeting)),
                at: u32::try_from(nanos).ok().and_then(|nanos| Timestamp::from_timestamp(seconds, nanos)).expect(WHOLE),
                parts,
            })
        })
    }
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Small amounts are small whatever their sign.
fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, ((number << 1) ^ (number >> 63)) as u64);
}

fn signed(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn take(packed: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (byte, rest) = packed.split_first().expect(WHOLE);
        *packed = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return number;
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i2_every_number_comes_back_as_it_was_packed() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u64::MAX >> 1, u64::MAX];
        let amounts = [0, 1, -1, 63, -64, 64, 1_280_000, i64::MAX, i64::MIN];
        let mut out = Vec::new();
        numbers.into_iter().for_each(|number| put(&mut out, number));
        amounts.into_iter().for_each(|amount| put_signed(&mut out, amount));
        let mut packed = out.as_slice();
        assert_eq!(numbers.map(|_| take(&mut packed)), numbers);
        assert_eq!(amounts.map(|_| signed(take(&mut packed))), amounts);
        assert!(packed.is_empty());
    }
}
