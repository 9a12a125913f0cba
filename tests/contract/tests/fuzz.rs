//! The properties of `tests/fuzz`, over their seeds and some thousand changes of them, the same in every
//! run; so that they compile and hold without a fuzzer.

use anyhow::{Context, Result, ensure};
use cashfree_fuzz::PROPERTIES;
use contract::corpus;

/// Changed inputs for each property.
const CHANGES: usize = 4_000;

/// What an input is changed by.
const PIECES: [&[u8]; 20] = [
    b"null",
    b"{}",
    b"[]",
    b"[null]",
    b"\"\"",
    b"true",
    b"-0.00",
    b"10.10",
    b"1e999999999",
    b"12345678901234567890.12",
    b"\"4111 1111 1111 1111\"",
    b"\"N/A\"",
    b"\\ud800",
    b"\"upi\":",
    b"\"order_amount\":",
    b"\"$serde_json::private::RawValue\":",
    b"\n",
    b"\0",
    b"\xff",
    b"@",
];

/// Numbers that follow one another without order.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }
}

/// One to four times: a byte is replaced, a stretch taken out or repeated, a piece or a part of another
/// input put in.
fn changed(draw: &mut Draw, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = seeds[draw.below(seeds.len())].clone();
    for _ in 0..1 + draw.below(4) {
        let start = draw.below(input.len() + 1);
        let end = (start + draw.below(24)).min(input.len());
        let other = &seeds[draw.below(seeds.len())];
        let part = draw.below(other.len() + 1);
        let put = match draw.below(6) {
            0 => vec![u8::try_from(draw.below(256)).unwrap_or_default()],
            1 => Vec::new(),
            2 => input[start..end].repeat(2),
            3 => other[part..(part + draw.below(64)).min(other.len())].to_vec(),
            _ => PIECES[draw.below(PIECES.len())].to_vec(),
        };
        input.splice(start..end, put);
    }
    input
}

/// Inputs of a fuzzer for which a property once did not hold.
const FOUND: [(&str, &[u8]); 4] = [
    ("amount", b"2025-07-15T16:40:40+25:30\n2025-07-15 16:40:24"),
    ("decode", b"\x1d{\"link_id\":\"my_link_id\",\"link_amount\":7.5100}"),
    (
        "errors",
        b"\x01\x01\x03c\0\0\x03\x10\0 {\"message\":\"WENDOR doestlement\",\"code\":\"api_request_failed\",\"type\":\"invalid_request\\u0000\"}",
    ),
    ("headers", b"0ap\"payment_amount\":\n-0"),
];

#[test]
fn the_findings_of_a_fuzzer_hold() -> Result<()> {
    for (name, input) in FOUND {
        let (_, holds) =
            PROPERTIES.iter().find(|(found, _)| *found == name).context("an unknown property")?;
        let held = std::panic::catch_unwind(|| holds(input));
        ensure!(held.is_ok(), "{name}: {:?}", String::from_utf8_lossy(input));
    }
    Ok(())
}

#[test]
fn the_properties_hold_over_seeds_and_their_changes() -> Result<()> {
    let corpus = corpus::seeds()?;
    for (name, holds) in PROPERTIES {
        let (_, seeds) = corpus.iter().find(|(found, _)| found == name).context("each property has seeds")?;
        ensure!(!seeds.is_empty(), "{name} has none");
        seeds.iter().for_each(|seed| holds(seed));
        let mut draw = Draw(20_250_101);
        for index in 0..CHANGES {
            let input = changed(&mut draw, seeds);
            // A panic says what does not hold; this says for which input.
            let held = std::panic::catch_unwind(|| holds(&input));
            ensure!(held.is_ok(), "{name}, change {index}: {:?}", String::from_utf8_lossy(&input));
        }
    }
    Ok(())
}
