//! What a YAML reader can take a scalar without quotes for. Kubernetes reads YAML 1.1 with additions of its own,
//! other tools read 1.2: [`kubernetes_takes_for`] tells what is not a text to Kubernetes, by which everything that goes to a
//! cluster is read; [`taken_for`] knows the types of all readers and tells what is not a text to some of them;
//! and [`only_text`] is the stricter rule by which the writer leaves quotes out.

/// What some reader of YAML 1.1 or 1.2 makes of a plain scalar that looks like text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// No value: empty, `~`, `null`.
    Null,
    /// `true`, `no`, `on`, `y` and the like.
    Boolean,
    /// An integer or a decimal number, in any base, with `_` or `:` between digits.
    Number,
    /// A day or a moment.
    Date,
    /// `<<`, which merges mappings, or `=`, the default value.
    Special,
}

impl Taken {
    /// What it is called in a message, with its article.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "no value at all",
            Self::Boolean => "a true-or-false value",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::Special => "a sign with a meaning of its own",
        }
    }
}

/// What some reader takes the plain scalar `text` for, where that is not text.
pub fn taken_for(text: &str) -> Option<Taken> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Taken::Null),
        "<<" | "=" => return Some(Taken::Special),
        _ => {}
    }
    if is_boolean(text) {
        Some(Taken::Boolean)
    } else if is_number(text) {
        Some(Taken::Number)
    } else if is_date(text) {
        Some(Taken::Date)
    } else {
        None
    }
}

/// What Kubernetes takes the plain scalar `text` for, where that is not text: for it a date, a number in base 60 and `oN` are
/// text.
pub fn kubernetes_takes_for(text: &str) -> Option<Taken> {
    const WORDS: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "true", "false"];
    if is_kubernetes_number(text) {
        return Some(Taken::Number);
    }
    match taken_for(text)? {
        Taken::Null => Some(Taken::Null),
        Taken::Boolean => {
            let (first, rest) = text.split_at_checked(1)?;
            let small = rest.bytes().all(|it| it.is_ascii_lowercase());
            let large = text.bytes().all(|it| it.is_ascii_uppercase());
            let word = first.to_ascii_lowercase() + &rest.to_ascii_lowercase();
            let known = WORDS.contains(&&*word) && (small || large);
            known.then_some(Taken::Boolean)
        }
        Taken::Number | Taken::Date | Taken::Special => None,
    }
}

/// Whether every reader takes the plain scalar `text` for this very text. Stricter than [`taken_for`]: anything with
/// a character that can mean something to YAML needs quotes, and so does anything made of digits and the signs of
/// numbers alone, or started like a number in another base, because readers differ in what they call a number (`1.2.3`
/// and `0x_` are numbers by the letter of YAML 1.1).
pub fn only_text(text: &str) -> bool {
    let mut bytes = text.bytes();
    let starts = bytes.next().is_some_and(|first| first.is_ascii_alphanumeric() || first == b'/');
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./()".contains(&byte);
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b"_-.eE".contains(&byte));
    let based = ["0x", "0X", "0o", "0O", "0b", "0B"].iter().any(|prefix| text.starts_with(prefix));
    starts && bytes.all(inner) && !numeric && !based && taken_for(text).is_none()
}

/// In any mix of letter case: YAML 1.1 knows three for each word, and no reader is surprised by quotes.
fn is_boolean(text: &str) -> bool {
    const WORDS: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "true", "false"];
    text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if [".inf", ".nan"].iter().any(|word| digits.eq_ignore_ascii_case(word)) {
        return true;
    }
    for (prefix, base) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return rest.chars().any(|c| c != '_')
                && rest.chars().all(|c| c == '_' || c.is_digit(base));
        }
    }
    is_sexagesimal(digits) || is_decimal(digits)
}

/// As Kubernetes reads them: one that begins with a point has no `_`, any other may have it where it does not begin with it;
/// a number too large for any is text.
fn is_kubernetes_number(text: &str) -> bool {
    let signed = |text: &str| text.strip_prefix(['+', '-']).unwrap_or(text).to_owned();
    let finite = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    if text.starts_with('.') {
        return [".inf", ".nan"].iter().any(|word| text.eq_ignore_ascii_case(word))
            || !text.contains('_') && is_decimal(text) && finite(text);
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
        return false;
    }
    let plain = text.replace('_', "");
    let digits = signed(&plain);
    if let Some(binary) = digits.strip_prefix("0b") {
        // Its sign may follow the prefix.
        let binary = signed(binary);
        return !binary.is_empty() && binary.bytes().all(|it| b"01".contains(&it));
    }
    is_number(&plain) && !is_sexagesimal(&digits) && (!is_decimal(&digits) || finite(&plain))
}

/// `12`, `1_000`, `1.5`, `.5`, `5.`, `1e3`, `1.5e-3`, without a sign.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let some = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let exponent_holds = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        all(exponent) && some(exponent)
    });
    // A leading `_` makes text of it in every reader.
    let starts = !mantissa.starts_with('_');
    starts && all(whole) && all(fraction) && (some(whole) || some(fraction)) && exponent_holds
}

/// Base 60: `12:30`, `190:20:30`, `1:30.5`, without a sign. The last places have one or two digits, below 60.
fn is_sexagesimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let Some((first, places)) = whole.split_once(':') else { return false };
    first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
        && fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
        && places
            .split(':')
            .all(|place| matches!(place.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

/// `2026-11-22`, `2026-1-2`, and moments that start so: `2026-11-22T10:00:00Z`, `2026-11-22 10:00:00.5 +01:00`.
fn is_date(text: &str) -> bool {
    let Some((year, rest)) = text.split_once('-') else { return false };
    let Some((month, rest)) = rest.split_once('-') else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let day = rest.bytes().take_while(u8::is_ascii_digit).count();
    let time = rest.get(day..).unwrap_or("");
    let moment = time.starts_with(['T', 't', ' ', '\t'])
        && time.contains(':')
        && time.bytes().skip(1).all(|byte| byte.is_ascii_digit() || b" \t:.+-Zz".contains(&byte));
    year.len() == 4
        && digits(year)
        && (1..=2).contains(&month.len())
        && digits(month)
        && (1..=2).contains(&day)
        && (time.is_empty() || moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the reader of Kubernetes (Go's `sigs.k8s.io/yaml` 1.4.0) was seen to make of each.
    #[test]
    fn scalars_are_what_kubernetes_takes_them_for() {
        let texts = [
            "20:21",
            "1:30.5",
            "190:20:30",
            "2026-11-22",
            "2026-11-22T10:00:00Z",
            "oN",
            "tRue",
            "<<",
            "=",
            "_1",
            "1e",
            "7E2026",
            "._1",
        ];
        for text in texts {
            assert_eq!(kubernetes_takes_for(text), None, "{text}");
        }
        for text in [
            "1_000", "0o7", "0b1", "0x1F", "1e3", ".5", "5.", "+12", "-0x1f", "012", "1_0.5",
            "+_17", "0b-1",
        ] {
            assert_eq!(kubernetes_takes_for(text), Some(Taken::Number), "{text}");
        }
        for text in ["y", "N", "Yes", "OFF", "on", "TRUE", "false", "no"] {
            assert_eq!(kubernetes_takes_for(text), Some(Taken::Boolean), "{text}");
        }
        for text in ["~", "null", "Null", "NULL", ""] {
            assert_eq!(kubernetes_takes_for(text), Some(Taken::Null), "{text}");
        }
    }
}
