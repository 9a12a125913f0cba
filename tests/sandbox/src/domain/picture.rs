//! QR codes as pictures in responses: PNG in a `data:` URI.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use png::{BitDepth, ColorType, Encoder};
use qrcode::{Color, QrCode};

/// Pixels of a module's side.
const SCALE: usize = 4;
/// Modules of the white margin, which readers of codes need.
const MARGIN: usize = 4;

/// The QR code of a text; empty for a text that is too long for one.
pub(crate) fn qr_code(text: &str) -> String {
    let picture = QrCode::new(text).ok().and_then(|code| png(&code).ok());
    picture.map(|png| format!("data:image/png;base64,{}", STANDARD.encode(png))).unwrap_or_default()
}

fn png(code: &QrCode) -> Result<Vec<u8>, png::EncodingError> {
    let side = (code.width() + 2 * MARGIN) * SCALE;
    let is_dark = |x: usize, y: usize| {
        let module = |at: usize| (at / SCALE).checked_sub(MARGIN).filter(|at| *at < code.width());
        module(x).zip(module(y)).is_some_and(|at| code[at] == Color::Dark)
    };
    let pixels: Vec<u8> =
        (0..side * side).map(|at| if is_dark(at % side, at / side) { 0 } else { 255 }).collect();
    let length = u32::try_from(side).unwrap_or(u32::MAX);
    let mut picture = Vec::new();
    let mut encoder = Encoder::new(&mut picture, length, length);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, Result};

    use super::*;

    #[test]
    fn a_code_is_a_picture_of_its_modules() -> Result<()> {
        let text = "upi://pay?cu=INR&pa=shop@sandbox";
        let picture = qr_code(text);
        let bytes = STANDARD.decode(picture.strip_prefix("data:image/png;base64,").context("no PNG")?)?;
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info()?;
        let mut pixels = vec![0; reader.output_buffer_size().context("too large")?];
        let info = reader.next_frame(&mut pixels)?;
        let code = QrCode::new(text)?;
        let side = (code.width() + 2 * MARGIN) * SCALE;
        assert_eq!((info.width as usize, info.height as usize), (side, side));
        // The finder pattern begins with a dark module, after the margin.
        let at = |module: usize| pixels[module * SCALE * side + module * SCALE];
        assert_eq!((at(0), at(MARGIN), at(MARGIN + 1)), (255, 0, 255));
        assert_eq!(qr_code(&"x".repeat(5000)), "");
        Ok(())
    }
}
