//! Words for what is wrong with a line: what stands there, why it cannot, and what to write. Where a rule of the grammar
//! knows the mistake, it takes its words from one of the modules; [`failure`] finds them for all that the parser did not
//! expect.

pub(super) mod clauses;
mod expected;
mod flaws;
mod here;
pub(super) mod lines;
pub(super) mod places;
mod statements;
pub(super) mod traffic;
pub(super) mod values;

use super::failure::SyntaxFailure;
use super::lexer::Flaw;
use super::token::{Text, Token};
use crate::diagnostic::Diagnostic;
pub(super) use flaws::explain as flaw;
pub(super) use statements::word_near;

/// The words for `failure` on the line `tokens`. `flaws` are those of the file.
pub(super) fn failure(
    text: Text<'_>,
    tokens: &[Token],
    flaws: &[Flaw],
    failure: SyntaxFailure,
) -> Diagnostic {
    if let Some(known) = failure.known {
        return *known;
    }
    let index = tokens.partition_point(|token| token.span.start < failure.span.start);
    if let Some(bad) = tokens.get(index).filter(|token| token.kind.is_bad()) {
        let flaw = flaws.partition_point(|flaw| flaw.span.start < bad.span.start);
        if let Some(flaw) = flaws.get(flaw) {
            return flaws::explain(text, tokens, *flaw);
        }
    }
    let here = here::Here { text, tokens, index, failure };
    here.carried_over(expected::explain(&here))
}
