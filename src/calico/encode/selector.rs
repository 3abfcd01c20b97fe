//! A selector as text for YAML: values in single quotes, so that it needs no escapes where YAML puts double
//! quotes around it, and no parentheses but where they change the meaning.

use std::fmt::Write as _;

use crate::selector::{Predicate, Selector, Test};

/// The text of `selector`, which Calico reads back as the same selector.
pub fn selector(selector: &Selector) -> String {
    let mut text = String::new();
    write(&mut text, selector, false);
    text
}

/// Writes `selector`; `operand` where it stands inside another one.
fn write(text: &mut String, selector: &Selector, operand: bool) {
    match selector {
        Selector::All => text.push_str("all()"),
        Selector::Global => text.push_str("global()"),
        Selector::Test(Test { key, predicate, positive }) => match predicate {
            Predicate::Has => {
                let _ = write!(text, "has({key})");
            }
            Predicate::Equals(value) => {
                compare(text, key, if *positive { "==" } else { "!=" }, value);
            }
            Predicate::In(values) => {
                list(text, key, if *positive { "in" } else { "not in" }, values);
            }
            Predicate::Contains(value) => compare(text, key, "contains", value),
            Predicate::StartsWith(value) => compare(text, key, "starts with", value),
            Predicate::EndsWith(value) => compare(text, key, "ends with", value),
        },
        Selector::Not(inner) => {
            text.push('!');
            // `!` covers exactly what follows; the parentheses tell the reader so.
            let bare = match &**inner {
                Selector::All | Selector::Global | Selector::Not(_) => true,
                Selector::Test(it) => it.predicate == Predicate::Has,
                Selector::And(_) | Selector::Or(_) => false,
            };
            let group = matches!(**inner, Selector::And(_) | Selector::Or(_));
            if bare || group {
                write(text, inner, true);
            } else {
                text.push('(');
                write(text, inner, false);
                text.push(')');
            }
        }
        Selector::And(operands) => group(text, operands, " && ", operand),
        Selector::Or(operands) => group(text, operands, " || ", operand),
    }
}

fn group(text: &mut String, operands: &[Selector], operator: &str, parentheses: bool) {
    if parentheses {
        text.push('(');
    }
    for (index, operand) in operands.iter().enumerate() {
        if index > 0 {
            text.push_str(operator);
        }
        write(text, operand, true);
    }
    if parentheses {
        text.push(')');
    }
}

fn compare(text: &mut String, label: &str, operator: &str, value: &str) {
    let _ = write!(text, "{label} {operator} ");
    quote(text, value);
}

fn list(text: &mut String, label: &str, operator: &str, values: &[std::sync::Arc<str>]) {
    let _ = write!(text, "{label} {operator} {{");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        quote(text, value);
    }
    text.push('}');
}

/// Calico knows no escapes: a value holds one kind of quote at most.
fn quote(text: &mut String, value: &str) {
    let mark = if value.contains('\'') { '"' } else { '\'' };
    text.push(mark);
    text.push_str(value);
    text.push(mark);
}
