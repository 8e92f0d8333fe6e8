//! The camera that looks for QR codes: frames go to the browser's own detector where there is one, else to the scanner's worker.
//!
//! Laws: one frame is under way at a time; the page never computes on pixels; the camera goes off when [`Camera`] is dropped.

use super::clock;
use super::object::object;
use super::worker::Worker;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Promise, Reflect};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    CanvasRenderingContext2d, DomException, HtmlCanvasElement, HtmlMediaElement, HtmlVideoElement, MediaStream, MediaStreamConstraints,
    MediaStreamTrack,
};

const SCANNER: &str = "/scanner_loader.js";
/// Frames larger than this are made smaller: a code that fills a tenth of the picture is still read.
const LARGEST: (f64, f64) = (1280.0, 720.0);
/// From the beginning of one frame to that of the next: about 13 frames a second.
const FRAME_MS: f64 = 75.0;

/// Why there is no camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CameraTrouble {
    /// The user or the browser's settings forbid it.
    Refused,
    /// The device has none.
    Absent,
    /// Another program has it, or it was unplugged.
    Busy,
    /// The page is not served securely, or the browser knows no cameras.
    NotOffered,
    /// The scanner could not be started.
    NoScanner,
}

/// Which camera is asked for; a device with one only gives that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Facing {
    /// Away from whoever holds the device.
    #[default]
    Back,
    /// Towards whoever looks at the screen: a device on a stand.
    Front,
}

/// What a frame showed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    /// The texts of the codes in it.
    pub(crate) codes: Vec<String>,
    /// How long reading it took, in milliseconds.
    pub(crate) ms: f64,
}

/// A camera that is on.
pub(crate) struct Camera {
    is_on: Rc<Cell<bool>>,
    /// Shared, never cloned: a `MediaStream`'s own `clone` opens the camera a second time, and what was opened first would stay on.
    stream: Rc<MediaStream>,
}

impl Camera {
    /// Turns the camera on and shows it in `video`. `on_frame` hears of every frame; of trouble that comes later too, after which nothing follows.
    ///
    /// # Errors
    /// [`CameraTrouble`].
    pub(crate) async fn open(
        facing: Facing,
        video: HtmlVideoElement,
        on_frame: impl Fn(Result<Frame, CameraTrouble>) + 'static,
    ) -> Result<Self, CameraTrouble> {
        let stream = Rc::new(stream(facing).await?);
        let is_on = Rc::new(Cell::new(true));
        let camera = Self { is_on: Rc::clone(&is_on), stream: Rc::clone(&stream) };
        video.set_src_object(Some(&stream));
        if let Ok(playing) = video.play() {
            // A page that is left meanwhile interrupts it; then nobody waits for frames.
            drop(JsFuture::from(playing).await);
        }
        let mut reader = Reader::choose().await?;
        spawn_local(async move {
            let mut pixels = Pixels::new();
            while is_on.get() {
                let began = clock::ms();
                if is_visible() && video.ready_state() >= HtmlMediaElement::HAVE_CURRENT_DATA {
                    let read = reader.read(&video, &mut pixels).await;
                    if !is_on.get() {
                        return;
                    }
                    on_frame(read);
                    if read_failed(&reader) {
                        return;
                    }
                }
                if stream_ended(&stream) {
                    on_frame(Err(CameraTrouble::Busy));
                    return;
                }
                TimeoutFuture::new((FRAME_MS - (clock::ms() - began)).clamp(5.0, FRAME_MS) as u32).await;
            }
        });
        Ok(camera)
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.is_on.set(false);
        tracks(&self.stream).for_each(|track| track.stop());
    }
}

/// Who reads the frames.
enum Reader {
    /// The browser's own detector.
    Detector(JsValue),
    Scanner(Scanner),
    /// Neither works any more.
    Lost,
}

impl Reader {
    async fn choose() -> Result<Self, CameraTrouble> {
        match detector().await {
            Some(detector) => Ok(Self::Detector(detector)),
            None => Scanner::start().await.map(Self::Scanner),
        }
    }

    async fn read(&mut self, video: &HtmlVideoElement, pixels: &mut Pixels) -> Result<Frame, CameraTrouble> {
        let began = clock::ms();
        match self {
            Self::Detector(detector) => match detect(detector, video).await {
                Some(codes) => return Ok(Frame { codes, ms: clock::ms() - began }),
                // Promised but not there (a phone without its maker's services): the scanner takes over.
                None => *self = Scanner::start().await.map_or(Self::Lost, Self::Scanner),
            },
            Self::Scanner(scanner) => match pixels.of(video) {
                Some((width, height, rgba)) => match scanner.read(width, height, &rgba).await {
                    Some(frame) => return Ok(frame),
                    // It stumbled over this frame: a new one for the next.
                    None => *self = Scanner::start().await.map_or(Self::Lost, Self::Scanner),
                },
                None => return Ok(Frame { codes: Vec::new(), ms: 0.0 }),
            },
            Self::Lost => {}
        }
        if matches!(self, Self::Lost) { Err(CameraTrouble::NoScanner) } else { Ok(Frame { codes: Vec::new(), ms: clock::ms() - began }) }
    }
}

/// The worker of the crate `scanner`.
struct Scanner(Worker);

impl Scanner {
    async fn start() -> Result<Self, CameraTrouble> {
        Worker::start(SCANNER).await.map(Self).ok_or(CameraTrouble::NoScanner)
    }

    /// None if the worker failed or stays silent.
    async fn read(&mut self, width: u32, height: u32, rgba: &JsValue) -> Option<Frame> {
        let message = [("width", &JsValue::from(width)), ("height", &JsValue::from(height)), ("rgba", rgba)];
        let answer = self.0.ask(&message, &[rgba]).await?;
        let codes = Array::from(&Reflect::get(&answer, &"codes".into()).ok()?).iter().filter_map(|text| text.as_string()).collect();
        Some(Frame { codes, ms: Reflect::get(&answer, &"ms".into()).ok()?.as_f64()? })
    }
}

/// Reads a code that is drawn here, dark where a module is true, as a frame of the camera would be read. None if nothing could read it.
///
/// It tells whether scanning works on this device without a camera and without a network.
pub(crate) async fn read_drawn(modules: &[Vec<bool>]) -> Option<Vec<String>> {
    const MODULE: f64 = 6.0;
    const QUIET: f64 = 4.0 * MODULE;
    let side = MODULE * modules.len() as f64 + 2.0 * QUIET;
    let (canvas, context) = canvas()?;
    canvas.set_width(side as u32);
    canvas.set_height(side as u32);
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, side, side);
    context.set_fill_style_str("#000");
    for (y, row) in modules.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, is_dark)| **is_dark) {
            context.fill_rect(QUIET + MODULE * x as f64, QUIET + MODULE * y as f64, MODULE, MODULE);
        }
    }
    if let Some(codes) = match detector().await {
        Some(detector) => detect(&detector, &canvas).await,
        None => None,
    } {
        return Some(codes);
    }
    let rgba = pixels(&context, side, side)?;
    Some(Scanner::start().await.ok()?.read(side as u32, side as u32, &rgba).await?.codes)
}

/// A canvas from which a frame's pixels are taken.
struct Pixels {
    canvas: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
}

impl Pixels {
    const fn new() -> Self {
        Self { canvas: None }
    }

    /// Width, height and an ArrayBuffer of RGBA of what the video shows now; none while it shows nothing.
    fn of(&mut self, video: &HtmlVideoElement) -> Option<(u32, u32, JsValue)> {
        let (full_width, full_height) = (f64::from(video.video_width()), f64::from(video.video_height()));
        if full_width < 1.0 || full_height < 1.0 {
            return None;
        }
        let (long, short) = if full_width >= full_height { LARGEST } else { (LARGEST.1, LARGEST.0) };
        let scale = (long / full_width).min(short / full_height).min(1.0);
        let (width, height) = ((full_width * scale).round(), (full_height * scale).round());
        if self.canvas.is_none() {
            self.canvas = canvas();
        }
        let (canvas, context) = self.canvas.as_ref()?;
        if (f64::from(canvas.width()), f64::from(canvas.height())) != (width, height) {
            canvas.set_width(width as u32);
            canvas.set_height(height as u32);
        }
        context.draw_image_with_html_video_element_and_dw_and_dh(video, 0.0, 0.0, width, height).ok()?;
        Some((width as u32, height as u32, pixels(context, width, height)?))
    }
}

/// An ArrayBuffer of RGBA of what is drawn.
fn pixels(context: &CanvasRenderingContext2d, width: f64, height: f64) -> Option<JsValue> {
    let image = context.get_image_data(0.0, 0.0, width, height).ok()?;
    let bytes = Reflect::get(&image, &"data".into()).ok()?;
    Reflect::get(&bytes, &"buffer".into()).ok()
}

fn canvas() -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let canvas: HtmlCanvasElement = web_sys::window()?.document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    let options = object(&[("willReadFrequently", &JsValue::TRUE)]);
    let context = canvas.get_context_with_context_options("2d", &options).ok()??.dyn_into().ok()?;
    Some((canvas, context))
}

async fn stream(facing: Facing) -> Result<MediaStream, CameraTrouble> {
    let devices = web_sys::window().and_then(|window| window.navigator().media_devices().ok()).filter(|devices| !devices.is_undefined());
    let devices = devices.ok_or(CameraTrouble::NotOffered)?;
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&wished(facing));
    constraints.set_audio(&JsValue::FALSE);
    let asked = devices.get_user_media_with_constraints(&constraints).map_err(|error| trouble(&error))?;
    JsFuture::from(asked).await.map(JsCast::unchecked_into).map_err(|error| trouble(&error))
}

/// The camera, in the size that is read.
fn wished(facing: Facing) -> JsValue {
    let side = match facing {
        Facing::Back => "environment",
        Facing::Front => "user",
    };
    let ideal = |value: JsValue| object(&[("ideal", &value)]);
    let (facing, width, height) = (ideal(side.into()), ideal(LARGEST.0.into()), ideal(LARGEST.1.into()));
    object(&[("facingMode", &facing), ("width", &width), ("height", &height)]).into()
}

fn trouble(error: &JsValue) -> CameraTrouble {
    match error.dyn_ref::<DomException>().map(DomException::name).as_deref() {
        Some("NotAllowedError" | "SecurityError") => CameraTrouble::Refused,
        Some("NotFoundError" | "OverconstrainedError") => CameraTrouble::Absent,
        Some("NotReadableError" | "AbortError" | "InvalidStateError") => CameraTrouble::Busy,
        _ => CameraTrouble::NotOffered,
    }
}

/// The browser's own reader of QR codes, where there is one.
async fn detector() -> Option<JsValue> {
    let window = web_sys::window()?;
    let class: Function = Reflect::get(&window, &"BarcodeDetector".into()).ok()?.dyn_into().ok()?;
    let formats: Function = Reflect::get(&class, &"getSupportedFormats".into()).ok()?.dyn_into().ok()?;
    let asked: Promise = formats.call0(&class).ok()?.dyn_into().ok()?;
    let known = Array::from(&JsFuture::from(asked).await.ok()?);
    if !known.includes(&"qr_code".into(), 0) {
        return None;
    }
    let options = object(&[("formats", &Array::of1(&"qr_code".into()))]);
    Reflect::construct(&class, &Array::of1(&options)).ok()
}

async fn detect(detector: &JsValue, picture: &JsValue) -> Option<Vec<String>> {
    let detect: Function = Reflect::get(detector, &"detect".into()).ok()?.dyn_into().ok()?;
    let asked: Promise = detect.call1(detector, picture).ok()?.dyn_into().ok()?;
    let found = Array::from(&JsFuture::from(asked).await.ok()?);
    Some(found.iter().filter_map(|code| Reflect::get(&code, &"rawValue".into()).ok()?.as_string()).collect())
}

const fn read_failed(reader: &Reader) -> bool {
    matches!(reader, Reader::Lost)
}

fn stream_ended(stream: &MediaStream) -> bool {
    tracks(stream).all(|track| track.ready_state() == web_sys::MediaStreamTrackState::Ended)
}

fn tracks(stream: &MediaStream) -> impl Iterator<Item = MediaStreamTrack> {
    stream.get_tracks().iter().collect::<Vec<_>>().into_iter().map(JsCast::unchecked_into)
}

fn is_visible() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| !document.hidden())
}
