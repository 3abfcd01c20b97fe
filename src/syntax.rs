//! Flow files: text to tree, and tree to canonical text. Knows nothing of zones.

pub(crate) mod build;
mod clauses;
mod expectation;
mod failure;
mod invisible;
mod layout;
mod lexer;
mod lines;
mod mistakes;
mod parser;
mod place;
mod print;
mod token;
mod traffic;
pub mod tree;
mod value;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources, Span, Spanned};
pub use expectation::expectations;
use failure::{GrammarRule, SyntaxFailure};
use lines::Lines;
pub(crate) use print::PrintedName;
use token::{KindSet, Text, Token, TokenKind};

/// Reads the flow file `file` of `sources` (language reference, sections 3 "Lexical rules" and 4
/// "Grammar"). Gives every statement that can be read and a diagnostic for everything that cannot, in source
/// order, one for each bad statement: never fails.
pub fn parse(sources: &Sources, file: FileId) -> (tree::Tree, Vec<Diagnostic>) {
    let text = Text(sources.get(file).map_or("", |file| &file.text));
    let lexed = lexer::lex(file, text.0);
    let tokens = layout::arrange(text, &lexed.tokens);
    let mut tree = tree::Tree { file, statements: Vec::new(), unread: Vec::new() };
    let mut diagnostics: Vec<_> =
        lexed.comments.iter().map(|flaw| mistakes::flaw(text, &[], *flaw)).collect();
    let (read, failures) = parser::read(&parser::file(text), &tokens, end(file, text));
    let mut read = read.into_iter().flatten();
    let mut failures = failures.into_iter().peekable();
    for line in tokens.split(|token| token.kind == TokenKind::Newline) {
        let (Some(first), Some(last)) = (line.first(), line.last()) else { continue };
        let span = first.span.to(last.span);
        let mut failure = None;
        while let Some(next) = failures.next_if(|next| next.span.start <= span.end) {
            failure = failure.or(Some(next));
        }
        let statement = read.next().flatten();
        if statement.is_none() && failure.is_none() {
            failure = Some(SyntaxFailure::new(KindSet::default(), Some(first.kind), first.span));
        }
        let lines = Lines { text, tokens: line };
        let refused = match failure {
            Some(failure) => Some(mistakes::failure(text, line, &lexed.flaws, failure)),
            None => statement.as_ref().and_then(|statement| {
                Some(mistakes::lines::explain(lines, statement, lines.fault(statement)?))
            }),
        };
        match (refused, statement) {
            (None, Some(statement)) => tree.statements.push(statement),
            (refused, _) => {
                tree.unread.push(unread(text, line, span));
                diagnostics.extend(refused);
            }
        }
    }
    diagnostics.sort_by_key(Diagnostic::primary);
    (tree, diagnostics)
}

/// Reads a question's place: one side of a flow, `namespace/NAME`, where a selector may follow, `namespace/*`, or `*`.
///
/// # Errors
/// What is wrong with it, as for flow files.
pub fn place(sources: &Sources, file: FileId) -> Result<tree::QuerySide, Box<Diagnostic>> {
    piece(sources, file, parser::query_side)
}

/// Reads traffic alone, as it stands behind the `:` of a flow.
///
/// # Errors
/// What is wrong with it, as for flow files.
pub fn matches(sources: &Sources, file: FileId) -> Result<Spanned<tree::Traffic>, Box<Diagnostic>> {
    piece(sources, file, parser::matches)
}

/// Reads `file` as one piece of a statement.
fn piece<T>(
    sources: &Sources,
    file: FileId,
    rule: impl for<'t> Fn(Text<'t>) -> GrammarRule<'t, T>,
) -> Result<T, Box<Diagnostic>> {
    let text = Text(sources.get(file).map_or("", |file| &file.text));
    let lexed = lexer::lex(file, text.0);
    let mut tokens = layout::arrange(text, &lexed.tokens);
    tokens.pop_if(|last| last.kind == TokenKind::Newline);
    if let Some(flaw) = lexed.comments.iter().chain(&lexed.flaws).min_by_key(|flaw| flaw.span) {
        return Err(Box::new(mistakes::flaw(text, &tokens, *flaw)));
    }
    let end = end(file, text);
    let (read, failures) = parser::read(&rule(text), &tokens, end);
    match (read, failures.into_iter().next()) {
        (Some(read), None) => Ok(read),
        (_, failure) => {
            let failure =
                failure.unwrap_or_else(|| SyntaxFailure::new(KindSet::default(), None, end));
            Err(Box::new(mistakes::failure(text, &tokens, &lexed.flaws, failure)))
        }
    }
}

/// The end of `text`.
fn end(file: FileId, text: Text<'_>) -> Span {
    let length = u32::try_from(text.0.len()).unwrap_or(u32::MAX);
    Span::new(file, length, length)
}

/// What the unreadable statement `line` would have declared: the name after `external` or `port`, or before an
/// `=`. A misspelt first word counts as the word that it is near to.
fn unread(text: Text<'_>, line: &[Token], span: Span) -> tree::Unread {
    let word = line.first().and_then(|first| mistakes::word_near(text.at(first.span)));
    let equals = line.iter().take(3).position(|token| token.kind == TokenKind::Equals);
    let declares = match (word, equals) {
        (_, Some(equals)) => equals.checked_sub(1),
        (Some(TokenKind::External | TokenKind::Port), None) => Some(1),
        (_, None) => None,
    };
    let name = declares.and_then(|index| line.get(index)).filter(|name| name.kind.is_name());
    tree::Unread {
        exempt: word == Some(TokenKind::Exempt),
        declares: name.map(|name| text.name(name.span)),
        span,
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
