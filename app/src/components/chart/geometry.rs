//! Where things stand in a picture. Values are whole numbers of any size; places are lengths from the top left.

/// How long a value is where the most takes all the room. What is below zero has no length.
pub(super) fn length(value: i128, most: i128, room: f64) -> f64 {
    if most <= 0 { 0.0 } else { (value.clamp(0, most) as f64 / most as f64) * room }
}

/// Where one of several stands along a width: the first at its beginning, the last at its end, one alone in the middle.
pub(super) fn along(place: usize, count: usize, width: f64) -> f64 {
    if count < 2 { width / 2.0 } else { place as f64 / (count - 1) as f64 * width }
}

/// The places of values over time, from the top.
pub(super) fn points(values: &[i128], most: i128, width: f64, height: f64) -> Vec<(f64, f64)> {
    values.iter().enumerate().map(|(place, value)| (along(place, values.len(), width), height - length(*value, most, height))).collect()
}

/// Round numbers from 0 to the first that is not below the most: five at most, each 1, 2 or 5 times a power of ten from the next.
pub(super) fn steps(most: i128) -> Vec<i128> {
    let most = most.max(1);
    let mut step = 1_i128;
    while step.saturating_mul(4) < most {
        // 1, 2, 5, 10, 20, 50 …
        let digit = step / 10_i128.pow(step.ilog10());
        step = if digit == 2 { step / 2 * 5 } else { step.saturating_mul(2) };
    }
    let count = most / step + i128::from(most % step > 0);
    (0..=count).map(|number| number.saturating_mul(step)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_bars_are_as_long_as_their_values_and_the_longest_fills_the_room() {
        assert_eq!([0, 25, 100, 200, -5].map(|value| length(value, 100, 400.0)), [0.0, 100.0, 400.0, 400.0, 0.0]);
        assert_eq!(length(0, 0, 400.0), 0.0, "nothing at all has no length, and is no fraction of nothing");
        assert!(length(i128::MAX, i128::MAX, 400.0) <= 400.0);
    }

    #[test]
    fn i4_a_line_goes_from_edge_to_edge_and_what_is_more_stands_higher() {
        assert_eq!(points(&[0, 50, 100], 100, 200.0, 80.0), [(0.0, 80.0), (100.0, 40.0), (200.0, 0.0)]);
        assert_eq!(points(&[7], 7, 200.0, 80.0), [(100.0, 0.0)]);
        assert_eq!(points(&[], 7, 200.0, 80.0), []);
    }

    #[test]
    fn i4_the_lines_behind_are_round_numbers_and_reach_the_most() {
        for (most, expected) in [
            (0, vec![0, 1]),
            (1, vec![0, 1]),
            (4, vec![0, 1, 2, 3, 4]),
            (5, vec![0, 2, 4, 6]),
            (17, vec![0, 5, 10, 15, 20]),
            (100, vec![0, 50, 100]),
            (1_280_000, vec![0, 500_000, 1_000_000, 1_500_000]),
        ] {
            assert_eq!(steps(most), expected, "{most}");
        }
        for most in (0..40).map(|power| 3_i128.pow(power)) {
            let steps = steps(most);
            assert!(steps.len() <= 5 && *steps.last().expect("two") >= most && steps[steps.len() - 2] < most, "{most}: {steps:?}");
        }
    }
}
