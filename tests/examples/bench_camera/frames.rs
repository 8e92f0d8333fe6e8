//! Frames of a camera before which a phone with a ticket is held: made by a pinhole, a lens that may be out of focus, a room that may be dark, and a
//! lamp that may shine on the screen. The same in every run.

use fast_qr::{ECL, QRBuilder, QRCode};

pub(crate) const WIDTH: usize = 1280;
pub(crate) const HEIGHT: usize = 720;
/// The quiet zone around a code, in modules.
const QUIET: f32 = 4.0;
/// How far away the phone is held, in sides of its code: what is nearer looks larger.
const DISTANCE: f32 = 3.0;

/// How a ticket is held and lit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) name: &'static str,
    /// Pixels of a module in the middle of the code.
    pub(crate) module: f32,
    /// Degrees that the code is turned on its own plane.
    pub(crate) turn: f32,
    /// Degrees that its upper edge leans away.
    pub(crate) lean: f32,
    /// The lens: standard deviation of its blur, in pixels.
    pub(crate) blur: f32,
    /// Brightness of ink and screen, of 255.
    pub(crate) light: (f32, f32),
    /// The sensor: most that a pixel is off by.
    pub(crate) noise: f32,
    /// A lamp's reflection: its radius in sides of the code; none if 0.
    pub(crate) glare: f32,
}

/// Held well: near, upright, in focus, in good light.
const WELL: Held = Held { name: "held well", module: 6.0, turn: 4.0, lean: 0.0, blur: 0.7, light: (30.0, 225.0), noise: 8.0, glare: 0.0 };

pub(crate) const WAYS: [Held; 15] = [
    WELL,
    Held { name: "farther: 4 pixels a module", module: 4.0, ..WELL },
    Held { name: "far: 3 pixels a module", module: 3.0, ..WELL },
    Held { name: "too far: 2 pixels a module", module: 2.0, ..WELL },
    Held { name: "turned by 30°", turn: 30.0, ..WELL },
    Held { name: "turned by 45°", turn: 45.0, ..WELL },
    Held { name: "leaning by 30°", lean: 30.0, ..WELL },
    Held { name: "leaning by 50°", lean: 50.0, ..WELL },
    Held { name: "blurred: 2 pixels", blur: 2.0, ..WELL },
    Held { name: "blurred: 3 pixels", blur: 3.0, ..WELL },
    Held { name: "dim", light: (18.0, 62.0), noise: 10.0, ..WELL },
    Held { name: "darker and noisy", light: (14.0, 44.0), noise: 16.0, ..WELL },
    Held { name: "a small reflection", glare: 0.12, ..WELL },
    Held { name: "a large reflection", glare: 0.22, ..WELL },
    Held { name: "a bit of everything", module: 4.0, turn: 15.0, lean: 20.0, blur: 1.2, light: (24.0, 110.0), noise: 12.0, glare: 0.08 },
];

/// The brightness of each pixel of the `nth` frame of a way, which shows `text`.
///
/// # Panics
/// If the text is too long for a code.
pub(crate) fn frame(held: &Held, nth: u32, text: &str) -> Vec<u8> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().expect("fits a code");
    let mut chance = Chance(0x9E37_79B9 ^ nth.wrapping_mul(0x85EB_CA6B) | 1);
    // A hand is never still: place, turn and reflection differ from frame to frame.
    let (x, y) = (WIDTH as f32 / 2.0 + chance.within(40.0), HEIGHT as f32 / 2.0 + chance.within(20.0));
    let turn = held.turn + chance.within(3.0);
    let lamp = (chance.within(0.3), chance.within(0.3));
    let plane = Plane::new(&code, held, (x, y), turn);
    let (ink, screen) = held.light;
    let ground = screen * 0.35;
    let mut picture: Vec<f32> = Vec::with_capacity(WIDTH * HEIGHT);
    for row in 0..HEIGHT {
        for column in 0..WIDTH {
            const SAMPLES: [(f32, f32); 4] = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
            let light = |(dx, dy): (f32, f32)| {
                let (u, v) = plane.at(column as f32 + dx, row as f32 + dy);
                let surface = match plane.surface(u, v) {
                    Some(true) => ink,
                    Some(false) => screen,
                    None => ground,
                };
                surface + reflection(held.glare, lamp, (u, v))
            };
            picture.push(SAMPLES.map(light).iter().sum::<f32>() / 4.0);
        }
    }
    if held.blur > 0.0 {
        blur(&mut picture, held.blur);
    }
    picture.iter().map(|light| (light + chance.within(held.noise)).clamp(0.0, 255.0) as u8).collect()
}

/// The plane of the screen, seen through a pinhole.
struct Plane<'a> {
    code: &'a QRCode,
    middle: (f32, f32),
    /// Pixels of the code's side, seen from the front.
    side: f32,
    turn: (f32, f32),
    lean: (f32, f32),
}

impl<'a> Plane<'a> {
    fn new(code: &'a QRCode, held: &Held, middle: (f32, f32), turn: f32) -> Self {
        let side = held.module * code.size as f32;
        Self { code, middle, side, turn: turn.to_radians().sin_cos(), lean: held.lean.to_radians().sin_cos() }
    }

    /// Where a pixel's ray meets the plane: in sides of the code, from its middle.
    fn at(&self, column: f32, row: f32) -> (f32, f32) {
        let (x, y) = ((column - self.middle.0) / self.side, (row - self.middle.1) / self.side);
        let (lean_sine, lean_cosine) = self.lean;
        // The ray (x, y, 1) · depth meets the plane that leans about the horizontal.
        let v = y * DISTANCE / (DISTANCE * lean_cosine + y * lean_sine);
        let depth = 1.0 - v * lean_sine / DISTANCE;
        let u = x * depth;
        let (sine, cosine) = self.turn;
        (u * cosine + v * sine, v * cosine - u * sine)
    }

    /// Whether there is ink; none beside the screen.
    fn surface(&self, u: f32, v: f32) -> Option<bool> {
        let size = self.code.size as f32;
        let (column, row) = ((u + 0.5) * size, (v + 0.5) * size);
        let is_within = |edge: f32| (-edge..size + edge).contains(&column) && (-edge..size + edge).contains(&row);
        is_within(QUIET).then(|| is_within(0.0) && self.code[row as usize][column as usize].value())
    }
}

/// Light of a lamp on the screen: all of it in the middle, less and less towards its edge.
fn reflection(radius: f32, lamp: (f32, f32), (u, v): (f32, f32)) -> f32 {
    if radius == 0.0 {
        return 0.0;
    }
    let away = ((u - lamp.0).powi(2) + (v - lamp.1).powi(2)).sqrt() / radius;
    255.0 * (1.6 - away).clamp(0.0, 1.0)
}

/// A lens out of focus: a Gaussian, first along the rows, then along the columns.
fn blur(picture: &mut [f32], deviation: f32) {
    let reach = (deviation * 3.0).ceil() as isize;
    let weights: Vec<f32> = (-reach..=reach).map(|at| (-(at as f32).powi(2) / (2.0 * deviation * deviation)).exp()).collect();
    let sum: f32 = weights.iter().sum();
    for (step, length, across, lines) in [(1, WIDTH, WIDTH, HEIGHT), (WIDTH, HEIGHT, 1, WIDTH)] {
        let mut line = vec![0.0; length];
        for number in 0..lines {
            let first = number * across;
            (0..length).for_each(|at| line[at] = picture[first + at * step]);
            for at in 0..length {
                let near = |offset: isize| line[(at as isize + offset).clamp(0, length as isize - 1) as usize];
                let light: f32 = weights.iter().zip(-reach..=reach).map(|(weight, offset)| weight * near(offset)).sum();
                picture[first + at * step] = light / sum;
            }
        }
    }
}

/// Xorshift: the same in every run.
struct Chance(u32);

impl Chance {
    /// From `-most` to `most`.
    fn within(&mut self, most: f32) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 as f32 / u32::MAX as f32 - 0.5) * 2.0 * most
    }
}
