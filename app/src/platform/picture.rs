//! Pictures that a person takes or chooses, made small enough to keep and to send; and pictures to be looked at.

use super::object::object;
use futures::channel::oneshot;
use gloo_file::{Blob, ObjectUrl};
use js_sys::{ArrayBuffer, Function, Promise, Reflect, Uint8Array};
use shared::files::{Content, FILE_MAX, Media};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, File, HtmlCanvasElement, ImageBitmap};

/// A picture as it is stored and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What [`Self::bytes`] are; no more than [`FILE_MAX`].
    pub content: Content,
    /// The encoded picture.
    pub bytes: Vec<u8>,
}

/// Why a file did not become a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureError {
    /// It is something else.
    NotAPicture,
    /// It has more bytes or pixels than a device should take in.
    TooLarge,
    /// It calls itself a picture, and this browser cannot read it.
    CannotDecode,
}

/// Makes a picture small: 1600 px at the longer edge, upright, as JPEG. It is drawn and encoded anew, so nothing stays of what a camera writes
/// into its files beside the picture: neither the place nor the device nor the time.
///
/// # Errors
/// [`PictureError`].
pub(crate) async fn shrink(file: &File) -> Result<Picture, PictureError> {
    let kind = file.type_();
    // Some systems do not know the kinds of cameras' files; then decoding tells.
    if !kind.is_empty() && !kind.starts_with("image/") {
        return Err(PictureError::NotAPicture);
    }
    if file.size() > FILE_BYTES {
        return Err(PictureError::TooLarge);
    }
    let bitmap = decode(file).await.ok_or(PictureError::CannotDecode)?;
    let drawn = draw(&bitmap);
    bitmap.close();
    let bytes = encode(&drawn?).await.ok_or(PictureError::CannotDecode)?;
    let content = Content::of(&bytes, Media::Jpeg).filter(|content| content.bytes <= FILE_MAX).ok_or(PictureError::TooLarge)?;
    Ok(Picture { content, bytes })
}

/// An address under which this page can show a picture; it is given back when the last clone is dropped.
pub(crate) fn address(bytes: &[u8], media: Media) -> ObjectUrl {
    Blob::new_with_options(bytes, Some(media.name())).into()
}

/// Largest file that is opened.
const FILE_BYTES: f64 = 40e6;
/// Most pixels that are drawn.
const PIXELS: f64 = 60e6;
/// Longest edge of what is kept: the small print of a card slip can be read.
const LONGEST_EDGE: u32 = 1_600;
const QUALITY: f64 = 0.8;

async fn decode(file: &File) -> Option<ImageBitmap> {
    let window = web_sys::window()?;
    let create: Function = Reflect::get(&window, &"createImageBitmap".into()).ok()?.dyn_into().ok()?;
    let options = object(&[("imageOrientation", &"from-image".into())]);
    let upright: Promise = create.call2(&window, file, &options).ok()?.dyn_into().ok()?;
    let bitmap = match JsFuture::from(upright).await {
        Ok(bitmap) => bitmap,
        // Older browsers do not know the word, and turn pictures upright without being asked.
        Err(_) => JsFuture::from(create.call1(&window, file).ok()?.dyn_into::<Promise>().ok()?).await.ok()?,
    };
    bitmap.dyn_into().ok()
}

fn draw(bitmap: &ImageBitmap) -> Result<HtmlCanvasElement, PictureError> {
    if f64::from(bitmap.width()) * f64::from(bitmap.height()) > PIXELS {
        return Err(PictureError::TooLarge);
    }
    let (width, height) = fit(bitmap.width(), bitmap.height());
    draw_on_canvas(bitmap, width, height).ok_or(PictureError::CannotDecode)
}

fn draw_on_canvas(bitmap: &ImageBitmap, width: u32, height: u32) -> Option<HtmlCanvasElement> {
    let canvas: HtmlCanvasElement = web_sys::window()?.document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let (width, height) = (f64::from(width), f64::from(height));
    // JPEG knows no transparency: what is clear becomes paper, not black.
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, width, height);
    // Without it small print breaks up.
    Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into()).ok()?;
    context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height).ok()?;
    Some(canvas)
}

async fn encode(canvas: &HtmlCanvasElement) -> Option<Vec<u8>> {
    let (tell, told) = oneshot::channel();
    let take = Closure::once_into_js(move |blob: Option<web_sys::Blob>| drop(tell.send(blob)));
    canvas.to_blob_with_type_and_encoder_options(take.unchecked_ref(), Media::Jpeg.name(), &JsValue::from_f64(QUALITY)).ok()?;
    let blob = told.await.ok()??;
    let buffer: ArrayBuffer = JsFuture::from(blob.array_buffer()).await.ok()?.dyn_into().ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// The size in which a picture is kept: no edge longer than the longest, none without a pixel, never larger than it was.
fn fit(width: u32, height: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= LONGEST_EDGE {
        return (width, height);
    }
    let scaled = |edge: u32| (u64::from(edge) * u64::from(LONGEST_EDGE) / u64::from(longer)).max(1) as u32;
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn the_longer_edge_is_cut_to_its_limit_and_nothing_grows() {
        for (from, to) in [
            ((1_600, 900), (1_600, 900)),
            ((10, 10), (10, 10)),
            ((4_032, 3_024), (1_600, 1_200)),
            ((3_024, 4_032), (1_200, 1_600)),
            ((100_000, 1), (1_600, 1)),
        ] {
            assert_eq!(fit(from.0, from.1), to);
        }
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn file(bytes: &[u8], kind: &str) -> File {
        let file = gloo_file::File::new_with_options("slip", bytes, Some(kind), None);
        AsRef::<File>::as_ref(&file).clone()
    }

    /// A JPEG of that size, made by the browser.
    async fn photo(width: u32, height: u32) -> Vec<u8> {
        let document = web_sys::window().and_then(|window| window.document()).expect("a page");
        let canvas: HtmlCanvasElement = document.create_element("canvas").expect("made").unchecked_into();
        canvas.set_width(width);
        canvas.set_height(height);
        encode(&canvas).await.expect("encoded")
    }

    #[wasm_bindgen_test]
    async fn a_photo_becomes_small_and_forgets_where_it_was_taken() {
        const PLACE: &[u8] = b"25.0330N 121.5654E";
        let taken = photo(2_400, 1_200).await;
        // APP1 "Exif" after the start of the image, as cameras write it.
        let exif = [b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0".as_slice(), PLACE].concat();
        let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
        let taken = [&taken[..2], &[0xFF, 0xE1], &length, &exif, &taken[2..]].concat();
        let picture = shrink(&file(&taken, "image/jpeg")).await.expect("a picture");
        assert_eq!((picture.content, &picture.bytes[..2]), (Content::of(&picture.bytes, Media::Jpeg).expect("small"), [0xFF, 0xD8].as_slice()));
        assert!(!picture.bytes.windows(PLACE.len()).any(|bytes| bytes == PLACE));
        let again = decode(&file(&picture.bytes, "image/jpeg")).await.expect("a picture");
        assert_eq!((again.width(), again.height()), (1_600, 800));
    }

    #[wasm_bindgen_test]
    async fn what_is_no_picture_is_told_apart() {
        assert_eq!(shrink(&file(b"date,amount", "text/csv")).await, Err(PictureError::NotAPicture));
        for kind in ["image/jpeg", ""] {
            assert_eq!(shrink(&file(b"no picture", kind)).await, Err(PictureError::CannotDecode));
        }
        assert_eq!(shrink(&file(&vec![0; 40_000_001], "image/jpeg")).await, Err(PictureError::TooLarge));
    }
}
