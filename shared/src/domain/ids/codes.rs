//! Parses ids and codes as people copy them from pages and sleeves: MBIDs, Spotify ids, ISRCs and barcodes,
//! with their check digits. A code with a mistake is refused, but never taken for a name.

use super::requested_items::RequestedItem;
use super::text_ids::{InvalidId, NAME_HINT, Upc, compact, not_an_id};

/// What a code identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CodeKind {
    Mbid,
    Isrc,
    Barcode,
}

/// The words that people write before a code. A longer word stands before its beginning.
const LABELS: [(&str, CodeKind); 16] = [
    ("urn:uuid", CodeKind::Mbid),
    ("mbid", CodeKind::Mbid),
    ("urn:isrc", CodeKind::Isrc),
    ("isrc code", CodeKind::Isrc),
    ("isrc", CodeKind::Isrc),
    ("upc/ean", CodeKind::Barcode),
    ("ean/upc", CodeKind::Barcode),
    ("upc code", CodeKind::Barcode),
    ("upc-a", CodeKind::Barcode),
    ("upc-e", CodeKind::Barcode),
    ("upc", CodeKind::Barcode),
    ("ean", CodeKind::Barcode),
    ("gtin", CodeKind::Barcode),
    ("jan", CodeKind::Barcode),
    ("barcode", CodeKind::Barcode),
    ("bar code", CodeKind::Barcode),
];

/// The item that a text names by an id or a code. `None` if the text is neither.
pub(super) fn read_code(text: &str) -> Option<Result<RequestedItem, InvalidId>> {
    let text = text.trim_matches([
        '<', '>', '(', ')', '[', ']', '{', '}', '"', '\'', '“', '”', '`', ' ',
    ]);
    let text = text.trim_end_matches(['.', ',', ';', ':', '!', '?']);
    if let Some((label, rest)) = find_label(text) {
        return Some(parse(label, rest));
    }
    let kinds = [CodeKind::Mbid, CodeKind::Isrc, CodeKind::Barcode];
    let item = match kinds.into_iter().find(|kind| looks_like(*kind, text)) {
        Some(kind) => parse(kind, text),
        None if looks_like_spotify_id(text) => text.parse().map(RequestedItem::Artist),
        None => return None,
    };
    Some(item.map_err(|InvalidId(cause)| InvalidId(format!("{cause} {NAME_HINT}"))))
}

/// The label before a code, and the code. A colon makes a label of the word before it, unless that is a first
/// name; without one, the rest must look like a code: there is an act named Barcode Brothers.
fn find_label(text: &str) -> Option<(CodeKind, &str)> {
    LABELS.into_iter().find_map(|(label, kind)| {
        let (start, rest) = text.split_at_checked(label.len())?;
        // EAN-13, EAN8, GTIN-14.
        let lengths = ["-13", "13", "-14", "14", "-12", "12", "-8", "8"];
        let without_length = lengths.iter().find_map(|length| rest.strip_prefix(length));
        let rest = without_length.unwrap_or(rest);
        let is_label = start.eq_ignore_ascii_case(label) && !rest.starts_with(char::is_alphanumeric);
        let code = rest.trim_start_matches([' ', '\t', ':', '=', '#', '-', '.', ')', '(']);
        let is_certain = rest.trim_start().starts_with(':') && label != "jan";
        (is_label && (is_certain || looks_like(kind, code))).then_some((kind, code))
    })
}

fn parse(kind: CodeKind, code: &str) -> Result<RequestedItem, InvalidId> {
    match kind {
        CodeKind::Mbid => code.parse().map(RequestedItem::Mbid),
        CodeKind::Isrc => code.parse().map(RequestedItem::Isrc),
        CodeKind::Barcode => barcode(code).map(RequestedItem::Upc),
    }
}

fn looks_like(kind: CodeKind, text: &str) -> bool {
    match kind {
        CodeKind::Mbid => looks_like_mbid(text),
        CodeKind::Isrc => looks_like_isrc(text),
        CodeKind::Barcode => looks_like_barcode(text),
    }
}

/// Letters that are read or typed for the digits 0 and 1.
fn is_digit_or_alike(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, 'O' | 'o' | 'I' | 'l')
}

fn count_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Four hyphens between letters and digits of about the right number, or 32 hexadecimal digits.
fn looks_like_mbid(text: &str) -> bool {
    let length = compact(text).len();
    let is_one_word = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_grouped = text.matches('-').count() == 4 && (28..=36).contains(&length) && count_digits(text) > 5;
    let is_plain = length == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one_word && (is_grouped || is_plain)
}

/// 22 letters and digits, or a few more or fewer that no name looks like: of both cases, with digits in two
/// places. A text of letters alone can be a name.
fn looks_like_spotify_id(text: &str) -> bool {
    let digit_runs = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty());
    let has_both_cases =
        text.contains(|c: char| c.is_ascii_lowercase()) && text.contains(|c: char| c.is_ascii_uppercase());
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && match (text.len(), digit_runs.count()) {
            (22, runs) => runs > 0,
            (20..=24, runs) => runs > 1 && has_both_cases,
            _ => false,
        }
}

/// An ISRC, one with a character too many, too few or mistaken for a digit, or its four groups.
fn looks_like_isrc(text: &str) -> bool {
    let code = compact(text);
    if !code.is_ascii() || !code.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return false;
    }
    let groups: Vec<&str> = text.split([' ', '-', '.', '/']).collect();
    let is_grouped = matches!(groups[..], [country, registrant, year, number]
        if country.len() == 2 && registrant.len() == 3 && year.len() == 2 && (3..=7).contains(&number.len()));
    let ends_in_number =
        |all: fn(char) -> bool| code.len() > 6 && code[5..].chars().all(all) && count_digits(&code[5..]) > 4;
    let starts_with_country = code.as_bytes()[..code.len().min(2)]
        .iter()
        .all(u8::is_ascii_alphabetic);
    starts_with_country
        && match (code.len(), groups.len()) {
            (12, 1) => ends_in_number(is_digit_or_alike),
            (11 | 13, 1) => ends_in_number(|c| c.is_ascii_digit()),
            _ if is_grouped => ends_in_number(is_digit_or_alike),
            (12, _) => ends_in_number(|c| c.is_ascii_digit()),
            _ => false,
        }
}

/// At least ten digits, in groups or not. No name has that many.
fn looks_like_barcode(text: &str) -> bool {
    let code = compact(text);
    code.starts_with(is_digit_or_alike)
        && code.chars().all(is_digit_or_alike)
        && code.len() > 9
        && count_digits(&code) > 8
}

/// A barcode as it is printed, in groups or with a mark at its end: a UPC, an EAN of 13 or 8 digits, a GTIN
/// of 14, or the short form UPC-E, which begins with 0. Spreadsheets drop zeros from the beginning.
fn barcode(text: &str) -> Result<Upc, InvalidId> {
    let code = compact(text);
    let error = |cause: String| {
        let expected = "a UPC or EAN, which has 12 or 13 digits";
        Err(not_an_id(text, expected, &cause))
    };
    if let Some(c) = code.chars().find(|c| !c.is_ascii_digit()) {
        return error(format!("'{c}' is not a digit"));
    }
    if !(4..=14).contains(&code.len()) {
        return error(format!("it has {}", code.len()));
    }
    if let Some(long) = upc_from_short_form(&code).filter(|long| check_digit_error(long).is_none()) {
        return long.parse();
    }
    match check_digit_error(&code) {
        Some((printed, right)) => error(format!(
            "its last digit is {printed}, but the check digit of the others is {right}, so a digit is wrong \
             or missing"
        )),
        None => code.parse(),
    }
}

/// The last digit and the right check digit, if they differ
/// (<https://www.gs1.org/services/how-calculate-check-digit-manually>).
fn check_digit_error(digits: &str) -> Option<(u8, u8)> {
    let digits: Vec<u8> = digits.bytes().map(|byte| byte - b'0').collect();
    let (last, others) = digits.split_last()?;
    let weights = [3, 1].into_iter().cycle();
    let sum: u32 = others
        .iter()
        .rev()
        .zip(weights)
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum();
    let right = u8::try_from((10 - sum % 10) % 10).unwrap_or(0);
    (*last != right).then_some((*last, right))
}

/// The UPC that a UPC-E of the number system 0 abbreviates: its sixth digit says where zeros are left out.
fn upc_from_short_form(code: &str) -> Option<String> {
    if code.len() != 8 || !code.starts_with('0') {
        return None;
    }
    let (digits, check) = (&code[1..7], &code[7..]);
    let last = &digits[5..];
    let long = match last {
        "0" | "1" | "2" => format!("{}{last}0000{}", &digits[..2], &digits[2..5]),
        "3" => format!("{}00000{}", &digits[..3], &digits[3..5]),
        "4" => format!("{}00000{}", &digits[..4], &digits[4..5]),
        _ => format!("{}0000{last}", &digits[..5]),
    };
    Some(format!("0{long}{check}"))
}
