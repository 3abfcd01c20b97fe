//! Calico's canonical text of a selector. Calico tells selectors apart by it, so it is followed to the byte.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use super::{Predicate, Selector, Test};

/// Groups of two or more have parentheses; values of sets are sorted, without repeats; double quotes stand
/// around a value unless it contains one. Reads back as the same selector, but for `!(!a)`, which is written
/// `!!a` and read back as `a`.
impl Display for Selector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all()"),
            Self::Global => f.write_str("global()"),
            Self::Test(Test { key, predicate, positive }) => match predicate {
                Predicate::Has => write!(f, "has({key})"),
                Predicate::Equals(text) if *positive => write!(f, "{key} == {}", Quoted(text)),
                Predicate::Equals(text) => write!(f, "{key} != {}", Quoted(text)),
                Predicate::In(texts) => set(f, key, if *positive { "in" } else { "not in" }, texts),
                Predicate::Contains(text) => write!(f, "{key} contains {}", Quoted(text)),
                Predicate::StartsWith(text) => write!(f, "{key} starts with {}", Quoted(text)),
                Predicate::EndsWith(text) => write!(f, "{key} ends with {}", Quoted(text)),
            },
            Self::Not(inner) => write!(f, "!{inner}"),
            Self::And(parts) => group(f, parts, " && "),
            Self::Or(parts) => group(f, parts, " || "),
        }
    }
}

struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let quote = if self.0.contains('"') { '\'' } else { '"' };
        write!(f, "{quote}{}{quote}", self.0)
    }
}

fn set(f: &mut Formatter<'_>, key: &str, operator: &str, texts: &[Arc<str>]) -> fmt::Result {
    write!(f, "{key} {operator} {{")?;
    for (index, text) in texts.iter().enumerate() {
        write!(f, "{}{}", if index == 0 { "" } else { ", " }, Quoted(text))?;
    }
    f.write_str("}")
}

fn group(f: &mut Formatter<'_>, parts: &[Selector], operator: &str) -> fmt::Result {
    f.write_str("(")?;
    for (index, part) in parts.iter().enumerate() {
        write!(f, "{}{part}", if index == 0 { "" } else { operator })?;
    }
    f.write_str(")")
}
