//! Words for names, numbers, dates and addresses that nothing can have.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::source::Span;
use crate::syntax::token::Text;
use crate::syntax::value;

/// A number with zeros before it, or that no field can hold.
pub(crate) fn number(text: Text<'_>, span: Span) -> Diagnostic {
    let written = text.at(span);
    let plain = |part: &str| match part.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    };
    let plain = written.split('-').map(plain).collect::<Vec<_>>().join("-");
    if plain == written {
        let message = "this number is larger than any port, type or protocol";
        return Diagnostic::new(&codes::NUMBER, message)
            .label(span, "ports go up to 65535, the others to 255");
    }
    Diagnostic::at(&codes::NUMBER, span, format!("`{written}` has a zero before a number"))
        .replace(span, plain)
}

/// Not a value that a label can have.
pub(crate) fn label_value(text: Text<'_>, span: Span) -> Diagnostic {
    let message = format!("no application or zone can have the name `{}`", text.at(span));
    Diagnostic::at(&codes::NAME, span, message).help(
        "a Kubernetes label value has 1 to 63 letters, digits, `-`, `_` and `.`, and begins and ends \
         with a letter or a digit",
    )
}

/// Not a name that a namespace or a service can have.
pub(crate) fn object_name(text: Text<'_>, span: Span) -> Diagnostic {
    let message = format!("no namespace or service can have the name `{}`", text.at(span));
    Diagnostic::at(&codes::NAME, span, message)
        .help("such a name has 1 to 63 small letters, digits and inner `-`")
}

/// Text after `until` that is not a date.
pub(crate) fn date(text: Text<'_>, span: Span) -> Diagnostic {
    const FORM: &str = "a date is written year-month-day:  2026-11-22";
    let written = text.at(span);
    let bare = written.trim_matches('"');
    let parts: Vec<&str> = bare.split(['-', '/', '.']).map(str::trim).collect();
    let numbers: Option<Vec<u32>> = parts.iter().map(|part| part.parse().ok()).collect();
    let say = |message: String| Diagnostic::at(&codes::DATE, span, message);
    let wrong = || say(format!("`{written}` is not a date"));
    let date = |year: u32, month: u32, day: u32| {
        let date = format!("{year:04}-{month:02}-{day:02}");
        value::date(&date).map(|_| date)
    };
    let last = |year, month| (28..=31).rev().find_map(|day| date(year, month, day));
    let year_first = parts.first().is_some_and(|year| year.len() == 4);
    match numbers.as_deref() {
        Some([year, month, day]) if year_first => match date(*year, *month, *day) {
            Some(date) => offer(wrong(), span, date, true),
            None => say(format!("there is no day `{bare}`")).help(match last(*year, *month) {
                Some(last) => format!("the last day of that month is {last}"),
                None => FORM.to_owned(),
            }),
        },
        Some([year, month]) if year_first => wrong().help(match last(*year, *month) {
            Some(last) => format!("name the last day on which the flow is open: `{last}`"),
            None => FORM.to_owned(),
        }),
        // With dots the day comes first; with other signs nobody can tell day from month.
        Some([day, month, year]) if *year > 999 => {
            let dots = !bare.contains(['-', '/']);
            match date(*year, *month, *day).filter(|_| dots || *day > 12) {
                Some(date) => offer(wrong(), span, date, dots),
                None => wrong().help(FORM),
            }
        }
        Some(_) | None => wrong().help(FORM),
    }
}

/// `found` with the help to write `date`, and the fix if that is certainly meant.
fn offer(found: Diagnostic, span: Span, date: String, certain: bool) -> Diagnostic {
    let found = found.help(format!("a date is written year-month-day: write `{date}`"));
    if certain { found.fix(format!("write `{date}`"), span, date) } else { found }
}

/// Not an address block.
pub(crate) fn address(text: Text<'_>, span: Span) -> Diagnostic {
    let text = text.at(span);
    let found =
        Diagnostic::at(&codes::ADDRESSES, span, format!("`{text}` is not an address block"));
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

/// Not a name for an external or an alias.
pub(crate) fn declared_name(text: Text<'_>, span: Span) -> Diagnostic {
    let text = text.at(span);
    let bare = text.trim_matches('"');
    let small = bare.to_ascii_lowercase().replace(['_', '.'], "-");
    let found =
        Diagnostic::at(&codes::NAME, span, format!("`{text}` cannot be declared as a name"));
    found.help(if value::is_declarable(&small) {
        format!(
            "such a name has small letters, digits and inner `-`: write `{small}`, here and where it is used"
        )
    } else if value::number(bare) == value::Number::None {
        "such a name has small letters, digits and inner `-`, and is not a protocol and not `any`".to_owned()
    } else {
        "a number would be taken for a port: begin the name with a letter".to_owned()
    })
}
