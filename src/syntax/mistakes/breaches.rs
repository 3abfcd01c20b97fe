//! Words for the rules that a well-formed piece of a line breaks.

use super::{Line, traffic};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::Span;
use crate::syntax::failure::Breach;
use crate::syntax::value;

/// The words for `breach` at `span`.
pub(super) fn explain(line: &Line<'_>, breach: Breach, span: Span) -> Diagnostic {
    let text = line.text.at(span);
    match breach {
        Breach::LeadingZero => {
            let plain = text
                .split('-')
                .map(|part| match part.trim_start_matches('0') {
                    "" => "0",
                    digits => digits,
                })
                .collect::<Vec<_>>()
                .join("-");
            Diagnostic::new(&codes::NUMBER, format!("`{text}` has a zero before a number"))
                .label(span, "")
                .help(format!("write `{plain}`"))
                .fix(format!("write `{plain}`"), span, plain)
        }
        Breach::TooLarge => {
            Diagnostic::new(&codes::NUMBER, "this number is larger than any port, type or protocol")
                .label(span, "ports go up to 65535, the others to 255")
        }
        Breach::Date => {
            let start = line.tokens.iter().position(|token| token.span == span).unwrap_or(0);
            let rest = line.tokens.iter().skip(start);
            let end = start + rest.take_while(|token| !token.kind.is_clause()).count();
            let (span, text) = line.stretch(start, end).unwrap_or((span, text));
            date(text, span)
        }
        Breach::Blank => Diagnostic::new(&codes::REASON, "the reason is empty")
            .label(span, "")
            .help("say what the flow is for, as the people who review it need to know:  because \"orders look up prices\""),
        Breach::Repeated(first) => {
            Diagnostic::new(&codes::CLAUSE, format!("`{text}` stands twice"))
                .label(span, "the second")
                .label(first, "the first")
                .help("keep one of them")
        }
        Breach::ZoneTwice(first) => {
            Diagnostic::new(&codes::ZONE_LIST, format!("`{text}` stands twice in one list of zones"))
                .label(span, "the second")
                .label(first, "the first")
                .help("keep one of them")
        }
        Breach::Address => address(text, span),
        Breach::LabelValue => Diagnostic::new(
            &codes::NAME,
            format!("no application or zone can have the name `{text}`"),
        )
        .label(span, "")
        .help(
            "a Kubernetes label value has 1 to 63 letters, digits, `-`, `_` and `.`, and begins and ends \
             with a letter or a digit",
        ),
        Breach::ObjectName => Diagnostic::new(
            &codes::NAME,
            format!("no namespace or service can have the name `{text}`"),
        )
        .label(span, "")
        .help("such a name has 1 to 63 small letters, digits and inner `-`"),
        Breach::DeclaredName => declared(text, span),
        Breach::BarePort => traffic::bare_port(line, span),
        Breach::Capitals => {
            let small = text.to_ascii_lowercase();
            Diagnostic::new(&codes::TRAFFIC, format!("`{text}` is written in small letters"))
                .label(span, "")
                .help(format!("write `{small}`"))
                .fix(format!("write `{small}`"), span, small)
        }
    }
}

/// Text after `until` that is no date.
pub(super) fn date(text: &str, span: Span) -> Diagnostic {
    let bare = text.trim_matches('"');
    let parts: Vec<&str> = bare.split(['-', '/', '.']).map(str::trim).collect();
    let number = |part: &&str| part.parse::<u32>().ok();
    let numbers: Option<Vec<u32>> = parts.iter().map(number).collect();
    let say = |message: String| Diagnostic::new(&codes::DATE, message).label(span, "");
    let wrong = || say(format!("`{text}` is not a date"));
    let offer = |found: Diagnostic, year: u32, month: u32, day: u32, certain: bool| {
        let date = format!("{year:04}-{month:02}-{day:02}");
        if value::date(&date).is_none() {
            return found.help("a date is written year-month-day:  2026-11-22");
        }
        let found = found.help(format!("a date is written year-month-day: write `{date}`"));
        if certain { found.fix(format!("write `{date}`"), span, date) } else { found }
    };
    match numbers.as_deref() {
        Some([year, month, day]) if parts.first().is_some_and(|year| year.len() == 4) => {
            let date = format!("{year:04}-{month:02}-{day:02}");
            if value::date(&date).is_some() {
                return offer(wrong(), *year, *month, *day, true);
            }
            let last = (28..=31)
                .rev()
                .map(|day| format!("{year:04}-{month:02}-{day:02}"))
                .find(|date| value::date(date).is_some());
            let found = say(format!("there is no day `{bare}`"));
            match last {
                Some(last) => found.help(format!("the last day of that month is {last}")),
                None => found.help("a date is written year-month-day:  2026-11-22"),
            }
        }
        Some([year, month]) if parts.first().is_some_and(|year| year.len() == 4) => {
            let last = (28..=31)
                .rev()
                .map(|day| format!("{year:04}-{month:02}-{day:02}"))
                .find(|date| value::date(date).is_some());
            let found = wrong();
            match last {
                Some(last) => {
                    found.help(format!("name the last day on which the flow is open: `{last}`"))
                }
                None => found.help("a date is written year-month-day:  2026-11-22"),
            }
        }
        // With dots the day comes first; with other signs nobody can tell day from month.
        Some([day, month, year]) if *year > 999 => {
            let dots = !bare.contains(['-', '/']);
            if dots || *day > 12 {
                offer(wrong(), *year, *month, *day, dots)
            } else {
                wrong().help("a date is written year-month-day:  2026-11-22")
            }
        }
        Some(_) | None => wrong().help("a date is written year-month-day:  2026-11-22"),
    }
}

fn address(text: &str, span: Span) -> Diagnostic {
    let found = Diagnostic::new(&codes::ADDRESSES, format!("`{text}` is not an address block"))
        .label(span, "");
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        let block = format!("{text}/{}", if address.is_ipv4() { 32 } else { 128 });
        return found
            .help(format!(
                "a block has the length of its prefix: for this one address write `{block}`"
            ))
            .fix(format!("write `{block}`"), span, block);
    }
    let help = if text.contains('-') {
        "a range of addresses is written as blocks:  10.0.0.0/24, 10.0.1.0/24"
    } else if text.split('/').nth(1).is_some_and(|prefix| prefix.contains('.')) {
        "the prefix is a number of bits, not a mask:  10.0.0.0/8"
    } else {
        "a block is an address and the length of its prefix:  10.0.0.0/8  or  fd00::/8, without leading zeros"
    };
    found.help(help)
}

fn declared(text: &str, span: Span) -> Diagnostic {
    let bare = text.trim_matches('"');
    let small = bare.to_ascii_lowercase().replace(['_', '.'], "-");
    let found = Diagnostic::new(&codes::NAME, format!("`{text}` cannot be declared as a name"));
    if value::is_declarable(&small) {
        found.label(span, "").help(format!(
            "such a name has small letters, digits and inner `-`: write `{small}`, here and where it is used"
        ))
    } else if value::number(bare) == value::Number::None {
        found.label(span, "").help(
            "such a name has small letters, digits and inner `-`, and is no protocol and not `any`",
        )
    } else {
        found
            .label(span, "")
            .help("a number would be taken for a port: begin the name with a letter")
    }
}
