//! Flow files: text to tree, and tree to canonical text. Knows nothing of zones.

mod apart;
pub(crate) mod build;
mod clauses;
mod failure;
mod invisible;
mod layout;
mod lexer;
mod mistakes;
mod parser;
mod print;
mod token;
mod traffic;
pub mod tree;
mod value;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources, Span, Spanned};
use apart::Laid;
use parser::Text;
pub(crate) use print::Named;
use token::{Kind, Token};

/// Reads the flow file `file` of `sources` (language reference, sections 3 "Lexical rules" and 4
/// "Grammar"). Gives every statement that can be read and a diagnostic for everything that cannot, in source
/// order, one for each bad statement: never fails.
pub fn parse(sources: &Sources, file: FileId) -> (tree::Tree, Vec<Diagnostic>) {
    let text = Text(sources.get(file).map_or("", |file| &file.text));
    let lexed = lexer::lex(file, text.0);
    let tokens = layout::arrange(&lexed.tokens);
    let mut tree = tree::Tree { file, statements: Vec::new(), unread: Vec::new() };
    let mut diagnostics: Vec<_> =
        lexed.comments.iter().map(|flaw| mistakes::flaw(text, &[], *flaw)).collect();
    let mut flaws = lexed.flaws.iter().peekable();
    let parser = parser::statement(text);
    let end_of = |last: &Token| Span { start: last.span.end, ..last.span };
    let lines = tokens.split(|token| token.kind == Kind::Newline);
    for line in lines.flat_map(|line| parts(&parser, Laid { text, tokens: line })) {
        let (Some(first), Some(last)) = (line.first(), line.last()) else { continue };
        let span = first.span.to(last.span);
        let mut flaw = None;
        while let Some(next) = flaws.next_if(|flaw| flaw.span.start < span.end) {
            flaw = flaw.or(Some(*next));
        }
        let found = match (parser::read(&parser, line, end_of(last)), flaw) {
            (Ok(statement), None) => {
                let laid = Laid { text, tokens: line };
                match laid.apart(&statement) {
                    None => {
                        tree.statements.push(statement);
                        continue;
                    }
                    Some(apart) => mistakes::apart(laid, &statement, apart),
                }
            }
            (Ok(_), Some(flaw)) => mistakes::flaw(text, line, flaw),
            (Err(failure), flaw) => {
                // The parser takes no unreadable token, so what stopped it is either the first of them or
                // stands before it.
                let unreadable = line.iter().find(|token| token.kind.is_bad());
                let at_flaw = unreadable.is_some_and(|bad| bad.span.start <= failure.span.start);
                match flaw.filter(|_| at_flaw) {
                    Some(flaw) => mistakes::flaw(text, line, flaw),
                    None => mistakes::failure(text, line, failure),
                }
            }
        };
        tree.unread.push(unread(text, line, span));
        diagnostics.push(found);
    }
    diagnostics.sort_by_key(Diagnostic::primary);
    (tree, diagnostics)
}

/// The tokens of one statement; of two, where a line that ends as if it went on is followed by a comment or a blank line
/// and then by a statement of its own: what is missing must not take that one along.
fn parts<'t>(parser: &parser::Rule<'t, tree::Statement>, whole: Laid<'t>) -> Vec<&'t [Token]> {
    let tokens = whole.tokens;
    let reads = |tokens: &'t [Token]| {
        let end = tokens.last().map(|last| Span { start: last.span.end, ..last.span });
        end.is_some_and(|end| parser::read(parser, tokens, end).is_ok())
    };
    let halves = whole.first_gap().and_then(|at| tokens.split_at_checked(at + 1));
    match halves {
        Some((first, rest)) if !reads(tokens) && !reads(first) && reads(rest) => vec![first, rest],
        Some(_) | None => vec![tokens],
    }
}

/// Reads a question's place: one side of a flow, or `namespace/NAME`, where a selector may follow.
///
/// # Errors
/// What is wrong with it, as flow files are told it.
pub fn place(sources: &Sources, file: FileId) -> Result<tree::Asked, Box<Diagnostic>> {
    whole(sources, file, parser::asked)
}

/// Reads traffic alone, as it stands behind the `:` of a flow.
///
/// # Errors
/// What is wrong with it, as flow files are told it.
pub fn matches(sources: &Sources, file: FileId) -> Result<Spanned<tree::Traffic>, Box<Diagnostic>> {
    whole(sources, file, parser::matches)
}

/// Reads `file` as one piece of a statement.
fn whole<T>(
    sources: &Sources,
    file: FileId,
    rule: impl for<'t> Fn(Text<'t>) -> parser::Rule<'t, T>,
) -> Result<T, Box<Diagnostic>> {
    let text = Text(sources.get(file).map_or("", |file| &file.text));
    let lexed = lexer::lex(file, text.0);
    let mut tokens = layout::arrange(&lexed.tokens);
    tokens.pop_if(|last| last.kind == Kind::Newline);
    let flaw = lexed.comments.iter().chain(&lexed.flaws).min_by_key(|flaw| flaw.span);
    let length = u32::try_from(text.0.len()).unwrap_or(u32::MAX);
    let end = Span::new(file, length, length);
    let read = parser::read(&rule(text), &tokens, end);
    match (read, flaw) {
        (Ok(read), None) => Ok(read),
        (_, Some(flaw)) => Err(Box::new(mistakes::flaw(text, &tokens, *flaw))),
        (Err(failure), None) => Err(Box::new(mistakes::failure(text, &tokens, failure))),
    }
}

/// What the unreadable statement `line` would have declared: the name after `external` or `port`, or before an
/// `=`. A misspelt first word counts as the word that it is near to.
fn unread(text: Text<'_>, line: &[Token], span: Span) -> tree::Unread {
    let word = line.first().and_then(|first| mistakes::statement_word(text.at(first.span)));
    let equals = line.iter().take(3).position(|token| token.kind == Kind::Equals);
    let declares = match (word, equals) {
        (_, Some(equals)) => equals.checked_sub(1),
        (Some(Kind::External | Kind::Port), None) => Some(1),
        (_, None) => None,
    };
    let name = declares.and_then(|index| line.get(index)).filter(|name| name.kind.is_name());
    tree::Unread {
        exempt: word == Some(Kind::Exempt),
        declares: name.map(|name| text.name(name.span)),
        span,
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
