//! Text of the service, made fit for a log: it may quote what was sent.

use std::borrow::Cow;

/// The most characters that are shown of a text of the service.
const LONGEST_SHOWN: usize = 1_000;

/// Characters behind those that are looked at, too, so that a card number or an address at the end is recognised
/// although the cut parts it.
const LOOKAHEAD: usize = 320;

/// Returns the part of a text that can influence what is shown of it.
pub(crate) fn visible(text: &str) -> &str {
    first(text, LONGEST_SHOWN + LOOKAHEAD)
}

/// Returns a text as it may stand in a log: cut to 1,000 characters, masked, on one line.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    let masked = mask(visible(text));
    let shown = first(&masked, LONGEST_SHOWN);
    if shown.len() < masked.len() || visible(text).len() < text.len() {
        return format!("{shown}…").into();
    }
    masked
}

/// Returns a text as `***` and its last two characters, or as `***` if it is shorter than 8 characters.
pub(crate) fn mask_text(text: &str) -> String {
    let end = text.char_indices().nth_back(1).filter(|_| text.chars().nth(7).is_some());
    let shown = end.and_then(|(start, _)| text.get(start..)).unwrap_or_default();
    format!("***{}", shown.escape_debug())
}

fn first(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Masks what looks like a card number (13 to 19 digits with a valid check digit, in one group or
/// several) and like an address with an `@` (a UPI id, an email, a URL with a user name), cuts the query off a URL, and
/// keeps the text on its line.
fn mask(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !c.is_control() && c != '@' && c != '?';
    if text.chars().all(plain) && text.bytes().filter(u8::is_ascii_digit).count() < SHORTEST {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_ascii_digit() && c != ' ' && c != '-').unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        out.push_str(before);
        mask_cards(run, &mut out);
        rest = after;
    }
    out.push_str(rest);
    let words: Vec<Cow<'_, str>> = out.split(' ').map(mask_word).collect();
    let joined = words.join(" ");
    joined.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().into()
}

fn mask_word(word: &str) -> Cow<'_, str> {
    match word.split_once('?') {
        _ if word.contains('@') => "***".into(),
        Some((before, query)) if before.contains("://") && !query.is_empty() => {
            format!("{before}?***").into()
        }
        _ => word.into(),
    }
}

/// Digits of the shortest and the longest card number.
const SHORTEST: usize = 13;
const LONGEST: usize = 19;

/// Replaces every card number in a run of digit groups: a group that is one, or short groups that are one
/// together, as on the card.
fn mask_cards(run: &str, out: &mut String) {
    let groups = groups(run);
    let mut rest = groups.as_slice();
    while let Some(first) = rest.first() {
        let taken = match card(rest) {
            Some(count) => {
                out.push_str("***");
                count
            }
            None => {
                out.push_str(first.digits);
                1
            }
        };
        let (group, others) = rest.split_at(taken);
        out.extend(group.last().map(|group| group.separators));
        rest = others;
    }
}

/// How many of the groups are a card number together. No more are looked at than one has digits, so that
/// a long text takes no long time.
fn card(groups: &[Group<'_>]) -> Option<usize> {
    let mut digits = String::with_capacity(LONGEST);
    for (index, group) in groups.iter().take(LONGEST).enumerate() {
        let is_short = |group: &Group<'_>| group.digits.len() <= 6;
        if index > 0 && !(is_short(group) && groups.first().is_some_and(is_short)) {
            return None;
        }
        digits.push_str(group.digits);
        if digits.len() > LONGEST {
            return None;
        }
        if is_card(&digits) {
            return Some(index + 1);
        }
    }
    None
}

/// Digits, and the separators behind them.
struct Group<'a> {
    digits: &'a str,
    separators: &'a str,
}

/// The groups of a run that begins with a digit.
fn groups(mut run: &str) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    while !run.is_empty() {
        let (digits, behind) = run.split_at(run.find([' ', '-']).unwrap_or(run.len()));
        let next = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (separators, others) = behind.split_at(next);
        groups.push(Group { digits, separators });
        run = others;
    }
    groups
}

/// The check digit of ISO/IEC 7812.
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if !(SHORTEST..=LONGEST).contains(&digits.len()) {
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
    use super::{mask, redact};

    #[test]
    fn cards_and_addresses_are_masked_and_other_text_is_kept() {
        for (text, shown) in [
            ("card 4111111111111111 is not valid", "card *** is not valid"),
            ("card 4111 1111-1111 1111.", "card ***."),
            ("payer testsuccess@gocash is not known", "payer *** is not known"),
            ("order 1234567890123456 does not exist", "order 1234567890123456 does not exist"),
            ("order_id : invalid value provided.", "order_id : invalid value provided."),
            ("é 4111111111111111 ₹", "é *** ₹"),
            ("12 34", "12 34"),
            (
                "return_url https://shop.example/return?mail=a is bad",
                "return_url https://shop.example/return?*** is bad",
            ),
            ("what? at https://shop.example?", "what? at https://shop.example?"),
            ("order 42 4706131211212123 03 28", "order 42 *** 03 28"),
            ("2025-07-15 4706131211212123 refused", "2025-07-15 *** refused"),
            ("4706131211212123-4706131211212123", "***-***"),
            ("1 - 2 -- 4111 - 1111 1111-1111", "1 - 2 -- ***"),
            ("one\nPGCreateOrder: two\u{1b}[2J", "one PGCreateOrder: two [2J"),
        ] {
            assert_eq!(mask(text), shown);
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(redact(&"é".repeat(1_000)), "é".repeat(1_000));
        assert_eq!(redact(&"é".repeat(1_001)), "é".repeat(1_000) + "…");
        let cards = format!("{}4706131211212123", "x".repeat(990));
        assert_eq!(redact(&cards), "x".repeat(990) + "***");
    }

    /// It would take longer than anybody waits if each group were held against all that follow.
    #[test]
    fn a_long_text_takes_no_long_time() {
        for text in ["1 ", "1 - ", "1-", "123456 ", "4111111111111111", "1  - - "] {
            let long = text.repeat(50_000 / text.len());
            assert_eq!(mask(&long), long, "{text}");
        }
    }
}
