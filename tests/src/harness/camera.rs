//! A video file that stands in for a tablet's camera and shows QR codes as a hand would hold them:
//! tilted, noisy, softly lit, on a grey ground.
//!
//! Chromium reads the file frame by frame, from its start whenever a page opens the camera, and from the start again at its end.
//! A new film therefore shows at once. In other engines a page gets stills of it ([`super::Browser::lend`]).

use super::{Result, Trouble};
use fast_qr::{ECL, QRBuilder, QRCode};
use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tempfile::TempDir;

pub const WIDTH: usize = 1280;
pub const HEIGHT: usize = 720;
pub const FRAMES_PER_SECOND: usize = 10;

/// The room behind the code.
const GROUND: f32 = 118.0;
const PAPER: f32 = 226.0;
const INK: f32 = 34.0;
const NOISE: f32 = 14.0;
/// Quiet zone around a code, in modules.
const QUIET: f32 = 4.0;

/// Before each frame of the film.
const FRAME: &[u8] = b"FRAME\n";
const FRAME_BYTES: usize = FRAME.len() + WIDTH * HEIGHT * 3 / 2;

/// What the camera sees for a number of frames.
#[derive(Clone, Debug)]
pub enum Take<'a> {
    Code(&'a str, usize),
    Nothing(usize),
}

pub struct Camera {
    folder: TempDir,
    /// How many frames each take has.
    lengths: Mutex<Vec<usize>>,
}

impl Camera {
    /// A camera that sees an empty room until it is shown something.
    pub fn new() -> Result<Self> {
        let camera = Self { folder: tempfile::Builder::new().prefix("huixiao-camera-").tempdir()?, lengths: Mutex::default() };
        camera.show(&[Take::Nothing(2)])?;
        Ok(camera)
    }

    pub fn video(&self) -> PathBuf {
        Path::join(self.folder.path(), "camera.y4m")
    }

    /// Replaces the film, under the eyes of whoever looks at it.
    pub fn show(&self, takes: &[Take<'_>]) -> Result {
        let lengths = takes.iter().map(|take| match take {
            Take::Code(_, frames) | Take::Nothing(frames) => *frames,
        });
        let lengths: Vec<usize> = lengths.collect();
        let film = OpenOptions::new().write(true).create(true).truncate(false).open(self.video())?;
        // Chromium ends if it finds a part of a frame: the file has its length before its frames.
        film.set_len((header().len() + lengths.iter().sum::<usize>() * FRAME_BYTES) as u64)?;
        write(takes, BufWriter::new(film))?;
        *self.lengths.lock().expect("nobody panics while holding the lengths") = lengths;
        Ok(())
    }

    /// The first frame of each take, as brightness, and how many frames the take has.
    pub(super) fn stills(&self) -> Result<Vec<(Vec<u8>, usize)>> {
        let film = std::fs::read(self.video())?;
        let mut first = 0;
        let still = |frames: usize| {
            let begin = header().len() + first * FRAME_BYTES + FRAME.len();
            first += frames;
            (film[begin..begin + WIDTH * HEIGHT].to_vec(), frames)
        };
        Ok(self.lengths.lock().expect("nobody panics while holding the lengths").iter().copied().map(still).collect())
    }
}

/// Before the first frame: uncompressed YUV4MPEG2, 4:2:0.
fn header() -> String {
    format!("YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_SECOND}:1 Ip A1:1 C420\n")
}

/// Writes the film, without colour.
fn write(takes: &[Take<'_>], mut out: impl Write) -> Result {
    out.write_all(header().as_bytes())?;
    let chroma = vec![128; WIDTH * HEIGHT / 2];
    let mut noise = Noise(0x9E37_79B9);
    for take in takes {
        let (picture, frames) = match take {
            Take::Code(text, frames) => (held_code(text)?, *frames),
            Take::Nothing(frames) => (vec![GROUND; WIDTH * HEIGHT], *frames),
        };
        for _ in 0..frames {
            out.write_all(FRAME)?;
            let luma: Vec<u8> = picture.iter().map(|light| noise.on(*light)).collect();
            out.write_all(&luma)?;
            out.write_all(&chroma)?;
        }
    }
    Ok(out.flush()?)
}

/// A sheet with the code, turned by five degrees, darker towards one side.
fn held_code(text: &str) -> Result<Vec<f32>> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|error| Trouble::new(format!("this text makes no QR code: {error:?}")))?;
    let modules = code.size as f32;
    let pixels_per_module = HEIGHT as f32 * 0.8 / (modules + 2.0 * QUIET);
    let (sine, cosine) = 5f32.to_radians().sin_cos();
    let light_at = |x: f32, y: f32| {
        let (x, y) = (x - WIDTH as f32 / 2.0, y - HEIGHT as f32 / 2.0);
        let column = (x * cosine + y * sine) / pixels_per_module + modules / 2.0;
        let row = (y * cosine - x * sine) / pixels_per_module + modules / 2.0;
        module(&code, column, row)
    };
    let mut picture = Vec::with_capacity(WIDTH * HEIGHT);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            // Four samples for each pixel: edges are soft, as a lens makes them.
            let light: f32 =
                [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)].iter().map(|(dx, dy)| light_at(x as f32 + dx, y as f32 + dy)).sum();
            let shade = 1.0 - 0.2 * x as f32 / WIDTH as f32;
            picture.push(light / 4.0 * shade);
        }
    }
    Ok(picture)
}

fn module(code: &QRCode, column: f32, row: f32) -> f32 {
    let size = code.size as f32;
    let on_sheet = |position: f32| (-QUIET..size + QUIET).contains(&position);
    let on_code = |position: f32| (0.0..size).contains(&position);
    if on_code(column) && on_code(row) {
        if code[row as usize][column as usize].value() { INK } else { PAPER }
    } else if on_sheet(column) && on_sheet(row) {
        PAPER
    } else {
        GROUND
    }
}

/// The same grain in every run.
struct Noise(u32);

impl Noise {
    fn on(&mut self, light: f32) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        let grain = (self.0 as f32 / u32::MAX as f32 - 0.5) * 2.0 * NOISE;
        (light + grain).clamp(16.0, 235.0) as u8
    }
}
