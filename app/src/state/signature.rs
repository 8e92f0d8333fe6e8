//! A signature while it is drawn (clause F2): strokes in tenths of a CSS pixel, undo and redo, and the line that is shown and kept.
//!
//! Law: what is shown is drawn from the very points that are kept.

use shared::deals::contract::is_signature;
use shared::deals::{Point, Stroke};
use std::fmt::Write;

/// Points nearer than this to the one before (tenths of a pixel, by the taxicab metric) add nothing to the line.
const NEAR: u32 = 12;
/// Beyond this many points a stroke is not lengthened: the rules keep a signature small.
const MOST_POINTS: usize = 15_000;

/// A signature in the making.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Drawing {
    strokes: Vec<Stroke>,
    taken_back: Vec<Stroke>,
    is_drawing: bool,
    /// When the first point was set, in milliseconds of the page's clock.
    began: Option<f64>,
}

impl Drawing {
    /// The pen touches: a new stroke.
    pub(crate) fn begin(&mut self, x: f64, y: f64, now: f64) {
        let began = *self.began.get_or_insert(now);
        self.taken_back.clear();
        self.strokes.push(Stroke(vec![point(x, y, now - began)]));
        self.is_drawing = true;
    }

    /// The pen moves. Returns whether the line has grown.
    pub(crate) fn extend(&mut self, x: f64, y: f64, now: f64) -> bool {
        let (Some(began), true) = (self.began, self.is_drawing && self.points() < MOST_POINTS) else { return false };
        let next = point(x, y, now - began);
        let Some(stroke) = self.strokes.last_mut() else { return false };
        let far = stroke.0.last().is_none_or(|last| last.0.abs_diff(next.0) + last.1.abs_diff(next.1) >= NEAR);
        if far {
            stroke.0.push(next);
        }
        far
    }

    /// The pen leaves.
    pub(crate) fn end(&mut self) {
        self.is_drawing = false;
    }

    /// Takes the last stroke back.
    pub(crate) fn undo(&mut self) {
        self.end();
        self.taken_back.extend(self.strokes.pop());
    }

    /// Draws again what was taken back last.
    pub(crate) fn redo(&mut self) {
        self.end();
        self.strokes.extend(self.taken_back.pop());
    }

    /// Wipes the field; what stood there can be drawn again stroke by stroke.
    pub(crate) fn clear(&mut self) {
        self.end();
        self.taken_back = std::mem::take(&mut self.strokes).into_iter().rev().collect();
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.strokes.is_empty()
    }

    /// Whether the pen is on the field.
    pub(crate) const fn is_drawing(&self) -> bool {
        self.is_drawing
    }

    pub(crate) const fn can_redo(&self) -> bool {
        !self.taken_back.is_empty()
    }

    /// Whether the rules would take it as a signature: a dot is none.
    pub(crate) fn is_signature(&self) -> bool {
        is_signature(&self.strokes)
    }

    pub(crate) fn strokes(&self) -> &[Stroke] {
        &self.strokes
    }

    fn points(&self) -> usize {
        self.strokes.iter().map(|stroke| stroke.0.len()).sum()
    }
}

/// A signature as a drawing: the box that holds it (x, y, width, height) and the path, in tenths of a pixel. None if nothing was drawn.
pub(crate) fn outline(strokes: &[Stroke]) -> Option<([i32; 4], String)> {
    let points = || strokes.iter().flat_map(|stroke| &stroke.0);
    let margin = 40;
    let (left, right) = (points().map(|point| point.0).min()?, points().map(|point| point.0).max()?);
    let (top, bottom) = (points().map(|point| point.1).min()?, points().map(|point| point.1).max()?);
    let mut path = String::with_capacity(points().count() * 16);
    for stroke in strokes {
        trace(stroke, &mut path);
    }
    let size = |from: i32, to: i32| to.saturating_sub(from).saturating_add(2 * margin);
    Some(([left.saturating_sub(margin), top.saturating_sub(margin), size(left, right), size(top, bottom)], path))
}

/// A smooth line: quadratic curves between the middles of neighbouring points.
fn trace(stroke: &Stroke, path: &mut String) {
    let Some((first, rest)) = stroke.0.split_first() else { return };
    let written = "writing to a String cannot fail";
    write!(path, "M{} {}", first.0, first.1).expect(written);
    match rest {
        [] => path.push_str("h1"),
        [.., last] => {
            for pair in rest.windows(2) {
                let middle = (i64::midpoint(pair[0].0.into(), pair[1].0.into()), i64::midpoint(pair[0].1.into(), pair[1].1.into()));
                write!(path, "Q{} {} {} {}", pair[0].0, pair[0].1, middle.0, middle.1).expect(written);
            }
            write!(path, "L{} {}", last.0, last.1).expect(written);
        }
    }
}

fn point(x: f64, y: f64, t: f64) -> Point {
    // `as` saturates, so a pen outside of every screen stays a point.
    Point((x * 10.0).round() as i32, (y * 10.0).round() as i32, t.max(0.0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn() -> Drawing {
        let mut drawing = Drawing::default();
        for row in 0..2 {
            drawing.begin(10.0, f64::from(row) * 20.0, 1_000.0 + f64::from(row) * 500.0);
            for step in 1..40 {
                drawing.extend(10.0 + f64::from(step) * 3.0, f64::from(row) * 20.0, 1_000.0 + f64::from(row) * 500.0 + f64::from(step));
            }
            drawing.end();
        }
        drawing
    }

    #[test]
    fn points_are_kept_in_tenths_of_a_pixel_and_milliseconds_since_the_first() {
        let mut drawing = Drawing::default();
        drawing.begin(1.26, 2.0, 5_000.0);
        drawing.extend(11.0, 2.0, 5_016.6);
        assert_eq!(drawing.strokes(), [Stroke(vec![Point(13, 20, 0), Point(110, 20, 16)])]);
    }

    #[test]
    fn a_dot_is_no_signature_and_a_name_is_one() {
        let mut dot = Drawing::default();
        dot.begin(5.0, 5.0, 0.0);
        dot.extend(5.4, 5.0, 8.0);
        dot.end();
        assert!(!dot.is_signature());
        assert!(drawn().is_signature());
    }

    #[test]
    fn a_stroke_taken_back_can_be_drawn_again_and_a_cleared_field_too() {
        let whole = drawn();
        let mut drawing = whole.clone();
        drawing.undo();
        assert_eq!(drawing.strokes().len(), 1);
        drawing.redo();
        assert_eq!(drawing.strokes(), whole.strokes());
        drawing.clear();
        assert!(drawing.is_empty() && drawing.can_redo());
        drawing.redo();
        drawing.redo();
        assert_eq!(drawing.strokes(), whole.strokes(), "in the order in which it was drawn");
        drawing.undo();
        drawing.begin(0.0, 0.0, 9_000.0);
        assert!(!drawing.can_redo(), "a new stroke ends what could be drawn again");
    }

    #[test]
    fn a_pen_that_never_leaves_cannot_make_the_signature_grow_without_end() {
        let mut drawing = Drawing::default();
        drawing.begin(0.0, 0.0, 0.0);
        for step in 0..50_000 {
            drawing.extend(f64::from(step % 2) * 300.0, 0.0, f64::from(step));
        }
        assert_eq!(drawing.points(), MOST_POINTS);
    }

    #[test]
    fn the_outline_holds_every_stroke_within_its_box() {
        let ([x, y, width, height], path) = outline(drawn().strokes()).expect("drawn");
        assert_eq!((x, y, width, height), (60, -40, 1_250, 280));
        assert_eq!(path.matches('M').count(), 2);
        assert_eq!(outline(&[]), None);
        assert_eq!(outline(&[Stroke(vec![Point(i32::MAX, 0, 0)])]).map(|(_, path)| path).as_deref(), Some("M2147483647 0h1"));
    }
}
