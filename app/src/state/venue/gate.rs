//! Which of the codes before the camera are judged, and when (clause D1).

/// Keeps the camera from judging one code ten times a second: a code that stays in view keeps its verdict, and another one is judged at once.
#[derive(Debug)]
pub(crate) struct Gate {
    /// The codes of the last moments, with when each was last in view.
    recent: Vec<(String, f64)>,
    shown: Option<String>,
}

/// What the camera's frame asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A code to judge.
    New(String),
    /// A code judged moments ago came back while another verdict was shown: show its verdict again, in silence.
    Again(String),
    /// The code whose verdict is shown is still in view: keep showing.
    Same,
    /// No code.
    Nothing,
}

impl Gate {
    /// How long a code must have been out of view, in milliseconds, to be judged anew.
    pub(crate) const HOLD_MS: f64 = 3_000.0;

    pub(crate) const fn new() -> Self {
        Self { recent: Vec::new(), shown: None }
    }

    /// Takes in the codes of one frame; `now` in milliseconds of a clock that only moves forward.
    pub(crate) fn see(&mut self, codes: &[String], now: f64) -> Seen {
        self.recent.retain(|(_, last)| now - last <= Self::HOLD_MS);
        let unseen = codes.iter().find(|code| !self.recent.iter().any(|(recent, _)| recent == *code));
        for code in codes {
            match self.recent.iter_mut().find(|(recent, _)| recent == code) {
                Some((_, last)) => *last = now,
                None if Some(code) == unseen => self.recent.push((code.clone(), now)),
                None => {}
            }
        }
        let Some(first) = codes.first() else { return Seen::Nothing };
        if let Some(code) = unseen {
            self.shown = Some(code.clone());
            return Seen::New(code.clone());
        }
        if self.shown.as_ref().is_some_and(|shown| codes.contains(shown)) {
            return Seen::Same;
        }
        self.shown = Some(first.clone());
        Seen::Again(first.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(list: &[&str]) -> Vec<String> {
        list.iter().map(|&code| code.to_owned()).collect()
    }

    #[test]
    fn d1_a_code_held_before_the_camera_is_judged_once_and_its_verdict_stays() {
        let mut gate = Gate::new();
        assert_eq!(gate.see(&codes(&["A"]), 0.0), Seen::New("A".into()));
        for frame in 1..100 {
            assert_eq!(gate.see(&codes(&["A"]), f64::from(frame) * 80.0), Seen::Same);
        }
        assert_eq!(gate.see(&[], 8_000.0), Seen::Nothing);
        assert_eq!(gate.see(&codes(&["A"]), 8_000.0 + Gate::HOLD_MS * 2.0), Seen::New("A".into()), "it was away: judged anew");
    }

    #[test]
    fn the_next_guest_is_judged_at_once_and_two_codes_in_one_frame_do_not_flicker() {
        let mut gate = Gate::new();
        assert_eq!(gate.see(&codes(&["A"]), 0.0), Seen::New("A".into()));
        assert_eq!(gate.see(&codes(&["A", "B"]), 80.0), Seen::New("B".into()));
        for frame in 2..20 {
            assert_eq!(gate.see(&codes(&["A", "B"]), f64::from(frame) * 80.0), Seen::Same);
        }
        assert_eq!(gate.see(&codes(&["A"]), 1_700.0), Seen::Again("A".into()), "its state is shown instead of silence");
        assert_eq!(gate.see(&codes(&["A"]), 1_780.0), Seen::Same);
    }

    #[test]
    fn two_new_codes_in_one_frame_are_both_judged() {
        let mut gate = Gate::new();
        assert_eq!(gate.see(&codes(&["A", "B"]), 0.0), Seen::New("A".into()));
        assert_eq!(gate.see(&codes(&["A", "B"]), 80.0), Seen::New("B".into()));
    }
}
