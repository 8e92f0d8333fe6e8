//! From the pixels of a frame to the texts of the QR codes in it. No browser here: tested natively.
//!
//! Law: whatever the camera sees, the answer is a list of texts; a frame that makes no sense gives none.

use rxing::common::HybridBinarizer;
use rxing::multi::MultipleBarcodeReader;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8LuminanceSource};
use std::collections::HashSet;

/// Brightness of RGBA pixels: ITU-R BT.601 weights in 256ths.
#[must_use]
pub(crate) fn luma_of(rgba: &[u8]) -> Vec<u8> {
    let weighted = |pixel: &[u8; 4]| (u32::from(pixel[0]) * 77 + u32::from(pixel[1]) * 150 + u32::from(pixel[2]) * 29) >> 8;
    rgba.as_chunks().0.iter().map(|pixel| weighted(pixel) as u8).collect()
}

/// The texts of the codes that can be read, each once. Most are held close enough to be read at half the size, which takes a third of the
/// time and averages noise away; the full size is read only if that gives none.
pub(crate) fn codes_in(width: usize, height: usize, luma: &[u8]) -> Vec<String> {
    if width == 0 || height == 0 || width.checked_mul(height) != Some(luma.len()) {
        return Vec::new();
    }
    let small = (width / 2, height / 2);
    let seen_small = if small.0 >= SMALLEST && small.1 >= SMALLEST { read(small.0, small.1, halved(width, luma)) } else { Vec::new() };
    if seen_small.is_empty() { read(width, height, luma.to_vec()) } else { seen_small }
}

/// A side, in pixels, below which no frame is made smaller.
const SMALLEST: usize = 200;

/// Half the size: each pixel the average of four.
fn halved(width: usize, luma: &[u8]) -> Vec<u8> {
    let average = |((upper, lower), out): ((&[u8; 2], &[u8; 2]), &mut u8)| {
        *out = ((u16::from(upper[0]) + u16::from(upper[1]) + u16::from(lower[0]) + u16::from(lower[1]) + 2) >> 2) as u8;
    };
    let half = width / 2;
    let mut small = vec![0; half * (luma.len() / width / 2)];
    for (rows, out) in luma.chunks_exact(width * 2).zip(small.chunks_exact_mut(half)) {
        let (upper, lower) = rows.split_at(width);
        upper.as_chunks().0.iter().zip(lower.as_chunks().0).zip(out).for_each(average);
    }
    small
}

fn read(width: usize, height: usize, luma: Vec<u8>) -> Vec<String> {
    let (Ok(wide), Ok(high)) = (u32::try_from(width), u32::try_from(height)) else { return Vec::new() };
    let Ok(source) = Luma8LuminanceSource::new(luma, wide, high) else { return Vec::new() };
    let hints = DecodeHints { PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])), ..DecodeHints::default() };
    let found = QrReader.decode_multiple_with_hints(&mut BinaryBitmap::new(HybridBinarizer::new(source)), &hints).unwrap_or_default();
    let mut texts: Vec<String> = found.into_iter().map(|code| code.getText().to_owned()).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use fast_qr::{ECL, QRBuilder};

    const TICKET: &str = "HX1.AZ4kQ2Vyc3Rlc1R1cmVuAZ4kQ2Vyc3Rlc1R1cmVuaSBhbSBhIHRpY2tldCB3aXRoIGEgbmFtZSBhbmQgYSBzaWduYXR1cmUgb2Ygc2l4dHktZm91ciBieXRlcywgc28gaXQgaXMgYXMgbG9uZyBhcyBhIHJlYWwgb25lIGlz";

    /// A frame with a code in its middle: `dark` and `light` are its two brightnesses, `tilt` its slope in 256ths.
    fn frame(width: usize, height: usize, module: usize, (dark, light): (u8, u8), tilt: isize) -> Vec<u8> {
        let code = QRBuilder::new(TICKET).ecl(ECL::M).build().expect("fits a code");
        let side = code.size * module;
        let (left, top) = ((width - side) / 2, (height - side) / 2);
        let mut luma = vec![light; width * height];
        for y in 0..height {
            for x in 0..width {
                let (dx, dy) = (x as isize - (width / 2) as isize, y as isize - (height / 2) as isize);
                let (sx, sy) = (dx + dy * tilt / 256 + (width / 2) as isize, dy - dx * tilt / 256 + (height / 2) as isize);
                let (Ok(cx), Ok(cy)) = (usize::try_from(sx - left as isize), usize::try_from(sy - top as isize)) else { continue };
                if cx < side && cy < side && code[cy / module][cx / module].value() {
                    luma[y * width + x] = dark;
                }
            }
        }
        luma
    }

    #[track_caller]
    fn check(luma: &[u8]) {
        assert_eq!(codes_in(1280, 720, luma), [TICKET]);
    }

    #[test]
    fn d1_a_ticket_is_read_from_a_camera_frame() {
        check(&frame(1280, 720, 6, (20, 235), 0));
    }

    #[test]
    fn d1_a_dim_tilted_and_small_ticket_is_read() {
        check(&frame(1280, 720, 6, (30, 62), 0));
        check(&frame(1280, 720, 7, (20, 235), 40));
        check(&frame(1280, 720, 3, (20, 235), 0));
    }

    #[test]
    fn a_frame_without_a_code_or_with_a_lie_about_its_size_gives_nothing() {
        let none: [&str; 0] = [];
        assert_eq!(codes_in(1280, 720, &vec![127; 1280 * 720]), none);
        assert_eq!(codes_in(1280, 721, &vec![127; 1280 * 720]), none);
        assert_eq!(codes_in(usize::MAX, 2, &[1, 2]), none);
        assert_eq!(codes_in(0, 0, &[]), none);
        let noise: Vec<u8> = (0..640_u32 * 480).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert_eq!(codes_in(640, 480, &noise), none);
    }

    #[test]
    fn half_the_size_is_the_average_of_four_and_an_odd_edge_is_left_out() {
        assert_eq!(halved(3, &[0, 10, 99, 20, 30, 99, 99, 99, 99]), [15]);
    }

    #[test]
    fn white_is_bright_and_black_is_dark() {
        assert_eq!(luma_of(&[255, 255, 255, 255, 0, 0, 0, 255]), [255, 0]);
    }
}
