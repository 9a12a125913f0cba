//! Text of others, made fit for a log: a service's message may quote what was sent to it.

use std::borrow::Cow;

/// Masks what looks like a card number (13 to 19 digits with a valid check digit, spaced or not) and like
/// an address with an `@` (a UPI id, an email).
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    let has_digits = text.bytes().filter(u8::is_ascii_digit).count() >= 13;
    if !has_digits && !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let run = from.find(|c: char| !c.is_ascii_digit() && c != ' ' && c != '-').unwrap_or(from.len());
        let (run, after) = from.split_at(run);
        let number = run.trim_end_matches([' ', '-']);
        out.push_str(before);
        out.push_str(if is_card(number) { "***" } else { number });
        out.push_str(&run[number.len()..]);
        rest = after;
    }
    out.push_str(rest);
    if out.contains('@') {
        let words: Vec<&str> =
            out.split(' ').map(|word| if word.contains('@') { "***" } else { word }).collect();
        out = words.join(" ");
    }
    Cow::Owned(out)
}

/// The check digit of ISO/IEC 7812.
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if !(13..=19).contains(&digits.len()) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn cards_and_addresses_are_masked_and_the_rest_stays() {
        for (text, shown) in [
            ("card 4111111111111111 is not valid", "card *** is not valid"),
            ("card 4111 1111-1111 1111.", "card ***."),
            ("payer testsuccess@gocash is not known", "payer *** is not known"),
            ("order 1234567890123456 does not exist", "order 1234567890123456 does not exist"),
            ("order_id : invalid value provided.", "order_id : invalid value provided."),
            ("é 4111111111111111 ₹", "é *** ₹"),
            ("12 34", "12 34"),
        ] {
            assert_eq!(mask(text), shown);
        }
    }
}
