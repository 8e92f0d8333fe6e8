//! Contracts: the exact text, its hash and the signature as drawn. A signed contract is never changed.

use super::evidence::{Declared, Received, Seal};
use crate::ids::{ClientId, DealId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A drawing with less line than this is no signature, in tenths of a CSS pixel: 16 mm or so.
pub const SHORTEST_SIGNATURE: i64 = 600;
/// A drawing within a smaller square is no signature, in tenths of a CSS pixel: 5 mm or so.
pub const LEAST_EXTENT: i64 = 200;

/// The evidence of one signature.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// The deal that it belongs to.
    pub deal: DealId,
    /// The whole text as the customer saw it.
    pub text: String,
    /// SHA-256 of the text's UTF-8 bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// Version of the template.
    pub template_version: u32,
    /// Who signed.
    pub signer: String,
    /// The signature as drawn.
    pub strokes: Vec<Stroke>,
    /// The witness's own signature for the company. Apps of before did not ask for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witness_strokes: Vec<Stroke>,
    /// When, on the device's clock.
    pub signed_at: Timestamp,
    /// Whose deal it is.
    pub rep: UserId,
    /// Who held the device and saw the customer sign.
    pub witness: UserId,
    /// On which device.
    pub device: ClientId,
    /// What was told and asked beside the text. Apps of before did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
    /// What the device has added. Apps of before added nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Seal>,
    /// The server's word that it has arrived; none before that, and for contracts of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Received>,
}

impl std::fmt::Debug for Contract {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contract").field("deal", &self.deal).field("sha256", &self.sha256).finish_non_exhaustive()
    }
}

/// One stroke of the pen: points in the order in which they were drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stroke(pub Vec<Point>);

/// A point: x and y in tenths of a CSS pixel from the upper left corner of the signature field, t in milliseconds since the first point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point(pub i32, pub i32, pub u32);

impl Entity for Contract {
    fn id(&self) -> DealId {
        self.deal
    }
    fn scope(&self) -> Scope {
        Scope::Person(self.rep)
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}

/// SHA-256 of a text's UTF-8 bytes, 64 lower-case hex digits.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a String cannot fail");
        hex
    })
}

/// Length of the drawn line, in tenths of a CSS pixel, by the taxicab metric: enough to tell a dot from a name.
#[must_use]
pub fn drawn_length(strokes: &[Stroke]) -> i64 {
    strokes
        .iter()
        .flat_map(|stroke| stroke.0.windows(2))
        .map(|pair| i64::from(pair[0].0.abs_diff(pair[1].0)) + i64::from(pair[0].1.abs_diff(pair[1].1)))
        .fold(0_i64, i64::saturating_add)
}

/// Whether a drawing can be a signature: a line of some length that goes somewhere. A dot is none, nor is a pen that trembles on one spot.
#[must_use]
pub fn is_signature(strokes: &[Stroke]) -> bool {
    drawn_length(strokes) >= SHORTEST_SIGNATURE && extent(strokes) >= LEAST_EXTENT
}

/// The longer side of the rectangle around a drawing, in tenths of a CSS pixel.
fn extent(strokes: &[Stroke]) -> i64 {
    let side = |axis: fn(&Point) -> i32| {
        let values = || strokes.iter().flat_map(|stroke| &stroke.0).map(axis);
        values().max().zip(values().min()).map_or(0, |(most, least)| i64::from(most) - i64::from(least))
    };
    side(|point| point.0).max(side(|point| point.1))
}

/// Puts values into a template. A variable is a name in braces; an unknown one stays as it is, so that a mistake in a template can be seen.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let value = rest.find('}').and_then(|end| values.iter().find(|(name, _)| *name == &rest[1..end]).map(|(_, value)| (end, value)));
        if let Some((end, value)) = value {
            out.push_str(value);
            rest = &rest[end + 1..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_once_and_unknown_names_stay() {
        let text = fill("{a} and {b}, {c} {", &[("a", "{b}"), ("b", "2")]);
        assert_eq!(text, "{b} and 2, {c} {", "a value with braces is not filled again");
    }

    fn drawing(points: &[(i32, i32)]) -> [Stroke; 1] {
        [Stroke(points.iter().map(|&(x, y)| Point(x, y, 0)).collect())]
    }

    #[test]
    fn a_dot_a_tremble_and_a_tick_are_no_signatures_and_a_name_is_one() {
        assert!(!is_signature(&[]));
        assert!(!is_signature(&drawing(&[(50, 50)])), "a dot");
        assert!(!is_signature(&drawing(&[(50, 50), (60, 50)].repeat(500))), "a pen that rests and trembles draws much line on one spot");
        assert!(!is_signature(&drawing(&[(0, 0), (100, 100), (300, 0)])), "a tick");
        assert!(is_signature(&drawing(&[(0, 0), (100, 200), (200, 0), (300, 200), (400, 0)])));
        assert!(is_signature(&drawing(&[(i32::MIN, i32::MIN), (i32::MAX, i32::MAX)])), "no drawing overflows");
    }

    #[test]
    fn the_hash_is_that_of_the_utf_8_bytes() {
        assert_eq!(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
