//! From text to selector. One pass over the text with a stack of open parentheses, so no depth of nesting can
//! exhaust the program's own stack.

use std::fmt;
use std::sync::Arc;

use super::{Predicate, Selector};

/// More parentheses than this cannot be open at once in the 1,024 characters that Calico takes.
const DEEPEST: usize = 512;

/// The longest label, in bytes.
const LONGEST_LABEL: usize = 512;

/// Why a text is not a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where the fault starts: a byte offset in the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What is wrong, and what is expected there.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

const OPERATORS: &str = "`==`, `!=`, `in`, `not in`, `contains`, `starts with` or `ends with`";

/// What stands between a parenthesis and its end, as far as it is read.
#[derive(Default)]
struct ParsedGroup {
    /// Where its parenthesis stands.
    open: usize,
    /// Whether a `!` stands before it.
    negated: bool,
    /// The parts before the last `||`.
    any: Vec<Selector>,
    /// The parts since then.
    all: Vec<Selector>,
}

impl ParsedGroup {
    fn close(mut self) -> Selector {
        self.any.push(joined(self.all, Selector::And));
        let whole = joined(self.any, Selector::Or);
        negated(whole, self.negated)
    }
}

fn joined(parts: Vec<Selector>, group: fn(Vec<Selector>) -> Selector) -> Selector {
    match <[Selector; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => group(parts),
    }
}

fn negated(selector: Selector, negated: bool) -> Selector {
    if negated { !selector } else { selector }
}

pub(super) fn parse(text: &str) -> Result<Selector, Error> {
    let mut cursor = Cursor { text, at: 0 };
    cursor.blank();
    if cursor.rest().is_empty() {
        return Ok(Selector::All);
    }
    let mut outer: Vec<ParsedGroup> = Vec::new();
    let mut group = ParsedGroup::default();
    loop {
        // An operand, or the parenthesis that opens one.
        let not = cursor.negation();
        let open = cursor.at;
        if cursor.take("(") {
            if outer.len() == DEEPEST {
                return Err(error(open, cursor.at, "parentheses are nested too deep"));
            }
            outer.push(std::mem::replace(
                &mut group,
                ParsedGroup { open, negated: not, ..ParsedGroup::default() },
            ));
            continue;
        }
        group.all.push(negated(cursor.primary()?, not));
        // What follows an operand: the ends of groups, then an operator or the end of the text.
        loop {
            cursor.blank();
            if cursor.take("&&") {
                break;
            }
            if cursor.take("||") {
                let all = std::mem::take(&mut group.all);
                group.any.push(joined(all, Selector::And));
                break;
            }
            if cursor.rest().is_empty() {
                if outer.is_empty() {
                    return Ok(group.close());
                }
                return Err(error(group.open, group.open + 1, "this `(` is never closed"));
            }
            let start = cursor.at;
            if !cursor.take(")") {
                return Err(cursor.no_operator());
            }
            let Some(parent) = outer.pop() else {
                return Err(error(start, cursor.at, "this `)` closes nothing"));
            };
            let closed = std::mem::replace(&mut group, parent).close();
            group.all.push(closed);
        }
    }
}

struct Cursor<'a> {
    text: &'a str,
    /// INVARIANT: the start of a character, or the end of the text.
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes past `token` if it is next.
    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.split(|c| !keep(c)).next().unwrap_or_default();
        self.at += taken.len();
        taken
    }

    /// Goes past spaces and tabs; there is no other white space.
    fn blank(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t'));
    }

    /// Goes past a run of `!` and tells whether it negates.
    fn negation(&mut self) -> bool {
        let mut negated = false;
        loop {
            self.blank();
            if self.rest().starts_with("!=") || !self.take("!") {
                return negated;
            }
            negated = !negated;
        }
    }

    fn primary(&mut self) -> Result<Selector, Error> {
        let start = self.at;
        let word = self.take_while(is_label);
        if word.is_empty() {
            return Err(self.no_operand());
        }
        if matches!(word, "has" | "all" | "global") && self.take("(") {
            self.blank();
            let label = if word == "has" { Some(self.label()?) } else { None };
            self.blank();
            if !self.take(")") {
                let inside = if label.is_some() { " after the label" } else { "" };
                return Err(self.expected(&format!("expected `)`{inside}")));
            }
            return Ok(match label {
                Some(label) => Selector::has(label),
                None if word == "all" => Selector::All,
                None => Selector::Global,
            });
        }
        let label = self.checked_label(start, word)?;
        self.blank();
        self.comparison(word, label)
    }

    /// The operator and value after a label.
    fn comparison(&mut self, word: &str, label: Arc<str>) -> Result<Selector, Error> {
        if self.take("==") {
            return Ok(Selector::equals(label, self.value()?));
        }
        if self.take("!=") {
            return Ok(Selector::of(label, Predicate::Equals(self.value()?), false));
        }
        let start = self.at;
        let operator = self.word_operator();
        let (predicate, positive) = match operator {
            "in" => (Predicate::In(self.set()?), true),
            "notin" => (Predicate::In(self.set()?), false),
            "contains" => (Predicate::Contains(self.value()?), true),
            "startswith" => (Predicate::StartsWith(self.value()?), true),
            "endswith" => (Predicate::EndsWith(self.value()?), true),
            _ => {
                self.at = start;
                return Err(self.no_comparison(word));
            }
        };
        Ok(Selector::of(label, predicate, positive))
    }

    /// The operator made of words that is next, without the blanks in it; the empty text if there is none.
    fn word_operator(&mut self) -> &'static str {
        for (first, second, name) in [
            ("in", "", "in"),
            ("not", "in", "notin"),
            ("contains", "", "contains"),
            ("starts", "with", "startswith"),
            ("ends", "with", "endswith"),
        ] {
            let start = self.at;
            if self.take(first) {
                if !second.is_empty() {
                    self.blank();
                }
                if self.take(second) && !self.rest().starts_with(is_label) {
                    return name;
                }
                self.at = start;
            }
        }
        ""
    }

    fn label(&mut self) -> Result<Arc<str>, Error> {
        let start = self.at;
        let word = self.take_while(is_label);
        if word.is_empty() {
            return Err(self.expected("expected a label: letters, digits and `_.-/`"));
        }
        self.checked_label(start, word)
    }

    fn checked_label(&self, start: usize, word: &str) -> Result<Arc<str>, Error> {
        if word.len() > LONGEST_LABEL {
            let message = format!(
                "a label has at most {LONGEST_LABEL} characters, this one has {}",
                word.len()
            );
            return Err(error(start, self.at, &message));
        }
        Ok(word.into())
    }

    fn value(&mut self) -> Result<Arc<str>, Error> {
        self.blank();
        let start = self.at;
        for quote in ['"', '\''] {
            if self.rest().starts_with(quote) {
                self.at += 1;
                let value = self.take_while(|c| c != quote);
                if self.rest().is_empty() {
                    let message = format!("this value is never closed: expected another `{quote}`");
                    return Err(error(start, start + 1, &message));
                }
                self.at += 1;
                return Ok(value.into());
            }
        }
        let word = self.take_while(is_label);
        if word.is_empty() {
            return Err(self.expected("expected a value in quotes"));
        }
        let message = format!("a value stands in quotes: write `\"{word}\"`");
        Err(error(start, self.at, &message))
    }

    fn set(&mut self) -> Result<Vec<Arc<str>>, Error> {
        self.blank();
        let open = self.at;
        if !self.take("{") {
            return Err(self.expected("expected `{` and a list of values, as in `{\"a\", \"b\"}`"));
        }
        let mut values = Vec::new();
        loop {
            self.blank();
            if self.take("}") {
                break;
            }
            if self.rest().is_empty() {
                return Err(error(open, open + 1, "this `{` is never closed"));
            }
            values.push(self.value()?);
            self.blank();
            if !self.take(",") && !self.rest().starts_with('}') {
                if self.rest().is_empty() {
                    return Err(error(open, open + 1, "this `{` is never closed"));
                }
                return Err(self.expected("expected `,` or `}` after a value"));
            }
        }
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }

    /// Why no operand is here.
    fn no_operand(&self) -> Error {
        let rest = self.rest();
        if rest.starts_with(['"', '\'']) {
            self.expected("expected a label, which has no quotes: only values have them")
        } else if rest.starts_with("&&") || rest.starts_with("||") {
            error(self.at, self.at + 2, "expected a condition before this operator")
        } else if rest.starts_with(')') {
            self.expected("expected a condition before this `)`")
        } else {
            self.expected(
                "expected a condition, such as `label == \"value\"`, `has(label)` or `all()`",
            )
        }
    }

    /// Why no comparison follows the label `word`.
    fn no_comparison(&self, word: &str) -> Error {
        let rest = self.rest();
        if rest.starts_with('(') && matches!(word, "has" | "all" | "global") {
            self.expected(&format!("no blank may stand between `{word}` and its `(`"))
        } else if rest.starts_with('=') {
            self.expected("a comparison is written `==`")
        } else {
            self.expected(&format!("expected an operator after the label `{word}`: {OPERATORS}"))
        }
    }

    /// Why neither an operator nor the end follows a condition.
    fn no_operator(&self) -> Error {
        let rest = self.rest();
        for (wrong, right) in
            [("&", "&&"), ("|", "||"), ("and", "&&"), ("or", "||"), ("AND", "&&"), ("OR", "||")]
        {
            let after = rest.strip_prefix(wrong);
            let alone = wrong.len() == 1 || after.is_some_and(|after| !after.starts_with(is_label));
            if after.is_some() && alone {
                return error(self.at, self.at + wrong.len(), &format!("write `{right}` here"));
            }
        }
        self.expected("expected `&&`, `||` or the end after a condition")
    }

    /// A fault at the next word or character.
    fn expected(&self, message: &str) -> Error {
        let rest = self.rest();
        let word = rest.split(|c| !is_label(c)).next().unwrap_or_default().len();
        let first = rest.chars().next();
        let length = word.max(first.map_or(0, char::len_utf8));
        let end = self.at + length;
        match first {
            None => error(self.at, end, &format!("{message}, found the end")),
            Some('\n' | '\r') => {
                error(self.at, end, "a selector has no line breaks: blanks are spaces and tabs")
            }
            Some(c) if c.is_whitespace() || c.is_control() => {
                let message = format!(
                    "`U+{:04X}` may not stand here: blanks are spaces and tabs",
                    u32::from(c)
                );
                error(self.at, end, &message)
            }
            Some(_) => error(self.at, end, message),
        }
    }
}

fn error(start: usize, end: usize, message: &str) -> Error {
    Error { start, end, message: message.to_owned() }
}

/// The characters of labels.
fn is_label(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-')
}
