//! Puts what went wrong into words.

use super::failure::Failure;
use super::lexer::Flaw;
use super::parser::Text;
use super::token::Token;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;

pub(super) fn flaw(text: Text<'_>, _line: &[Token], flaw: Flaw) -> Diagnostic {
    Diagnostic::new(
        &codes::STATEMENT,
        format!("{:?} {} {}", flaw.problem, text.at(flaw.span), super::invisible::name(' ')),
    )
    .label(flaw.span, "")
}

pub(super) fn failure(_text: Text<'_>, _line: &[Token], failure: Failure) -> Diagnostic {
    let expected: Vec<_> = failure.expected.iter().map(super::token::Kind::describe).collect();
    let message = match failure.breach {
        Some(breach) => format!("{breach:?}"),
        None => format!("expected {}", expected.join(", ")),
    };
    Diagnostic::new(&codes::STATEMENT, message).label(failure.span, "")
}
