//! Sound and vibration for somebody who looks at the queue and not at the screen. Tones are made here; there are no files.
//!
//! A browser that offers neither stays silent: the screen tells the same.

use crate::state::venue::Tone;
use js_sys::Reflect;
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use web_sys::{AudioContext, OscillatorType};

/// One note: from and to which frequency in hertz, when it begins and how long it lasts in seconds.
struct Note {
    from: f32,
    to: f32,
    begins: f64,
    lasts: f64,
    wave: OscillatorType,
}

thread_local! {
    static AUDIO: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
}

/// Tells a verdict: rising for welcome, two equal notes for caution, low for no.
pub(crate) fn tell(tone: Tone) {
    let notes: &[Note] = match tone {
        Tone::Welcome => &[note(660.0, 990.0, 0.0, 0.18, OscillatorType::Sine)],
        Tone::Caution => &[note(520.0, 520.0, 0.0, 0.11, OscillatorType::Triangle), note(520.0, 520.0, 0.17, 0.11, OscillatorType::Triangle)],
        Tone::Refusal => &[note(170.0, 130.0, 0.0, 0.42, OscillatorType::Sawtooth)],
    };
    // Silence is no failure: the verdict stands on the screen.
    drop(play(notes));
    vibrate(match tone {
        Tone::Welcome => &[60],
        Tone::Caution => &[90, 60, 90],
        Tone::Refusal => &[260],
    });
}

const fn note(from: f32, to: f32, begins: f64, lasts: f64, wave: OscillatorType) -> Note {
    Note { from, to, begins, lasts, wave }
}

fn play(notes: &[Note]) -> Result<(), JsValue> {
    AUDIO.with_borrow_mut(|audio| {
        let audio = match audio {
            Some(audio) => &*audio,
            None => &*audio.insert(AudioContext::new()?),
        };
        drop(audio.resume()?);
        for note in notes {
            let (start, end) = (audio.current_time() + note.begins, audio.current_time() + note.begins + note.lasts);
            let (voice, volume) = (audio.create_oscillator()?, audio.create_gain()?);
            voice.set_type(note.wave);
            voice.frequency().set_value_at_time(note.from, start)?;
            voice.frequency().linear_ramp_to_value_at_time(note.to, end)?;
            volume.gain().set_value_at_time(0.0, start)?;
            volume.gain().linear_ramp_to_value_at_time(0.35, start + 0.012)?;
            volume.gain().linear_ramp_to_value_at_time(0.0, end)?;
            voice.connect_with_audio_node(&volume)?.connect_with_audio_node(&audio.destination())?;
            voice.start_with_when(start)?;
            voice.stop_with_when(end)?;
        }
        Ok(())
    })
}

/// Safari has no vibration, so it is asked for first.
fn vibrate(pattern: &[u32]) {
    let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return };
    if Reflect::has(&navigator, &"vibrate".into()).unwrap_or(false) {
        let pattern: js_sys::Array = pattern.iter().map(|&ms| JsValue::from(ms)).collect();
        navigator.vibrate_with_pattern(&pattern);
    }
}
