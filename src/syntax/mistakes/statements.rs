//! Words for lines that do not begin as a statement does.

use super::here::Here;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::syntax as codes;
use crate::syntax::token::TokenKind;

/// Words for opening that the language does not have.
const VERBS: [&str; 7] = ["allow", "permit", "accept", "open", "from", "let", "flow"];
/// Words for closing that the language does not have.
const DENIALS: [&str; 5] = ["deny", "drop", "block", "reject", "refuse"];

/// The word of a statement that `written` is, or is near to.
pub(crate) fn word_near(written: &str) -> Option<TokenKind> {
    let small = written.to_ascii_lowercase();
    let mut words = TokenKind::STATEMENTS.iter().copied();
    // Of a short word little may differ: `app` is not `log`.
    let near =
        |word: &TokenKind| strsim::osa_distance(word.text(), &small) <= word.text().len() / 3;
    words.clone().find(|word| word.text() == small).or_else(|| words.find(near))
}

/// The words, if the first word of the line is the matter.
pub(super) fn explain(here: &Here<'_>) -> Option<Diagnostic> {
    if here.within(&[TokenKind::Log]) && here.index == 1 {
        let line = here.tokens.first()?.span.to(here.tokens.last()?.span);
        return Some(
            here.say(&codes::STATEMENT, "`log` is followed by `denied`", "expected `denied`")
                .help("write  log denied")
                .fix("write `log denied`", line, "log denied"),
        );
    }
    if ["<<<<<<<", "=======", ">>>>>>>"].contains(&here.written()) {
        let message = format!("`{}` is the mark of a merge conflict", here.written());
        return Some(
            here.say(&codes::ARROW, message, "")
                .help("settle which of the two versions holds, and take the marks out"),
        );
    }
    let before = here.back(1).filter(|_| here.index == 1 && here.statement().is_none())?;
    let first = here.text.at(before.span);
    if before.kind.is_clause() {
        return Some(
            Diagnostic::new(&codes::CLAUSE, format!("`{first}` belongs to a flow"))
                .label(before.span, "no flow before it")
                .help("write it after the flow, on the same line or the next"),
        );
    }
    if before.kind != TokenKind::Word || !here.is_name() {
        return None;
    }
    let small = first.to_ascii_lowercase();
    let denial = DENIALS.contains(&&*small);
    if denial || VERBS.contains(&&*small) {
        let found = Diagnostic::at(
            &codes::STATEMENT,
            before.span,
            format!("`{first}` is not a word of the language"),
        );
        let written = written_as(here, denial);
        return Some(found.help(if denial {
            format!("what no line opens is closed; what no line may open is written\n{written}")
        } else {
            format!("write  {written}")
        }));
    }
    let near = word_near(first)?.text();
    let rest = here.stretch(1, here.tokens.len())?;
    Some(
        Diagnostic::new(&codes::STATEMENT, format!("no statement begins with `{first}`"))
            .label(before.span, format!("did you mean `{near}`?"))
            .help(format!("write  {near} {rest}"))
            .fix(format!("write `{near}`"), before.span, near),
    )
}

/// A guardrail, or a flow, between the two sides of a line that has `to` between them after its first word.
fn written_as(here: &Here<'_>, denial: bool) -> String {
    let to = here.tokens.iter().position(|token| token.kind == TokenKind::To);
    let sides = to.and_then(|to| here.stretch(1, to).zip(here.stretch(to + 1, here.tokens.len())));
    let application = |side: &str| Some(side.split_once('.')?.0.to_owned());
    match (sides, denial) {
        (None, true) => TokenKind::Forbid.example().to_owned(),
        (None, false) => TokenKind::Word.example().to_owned(),
        (Some((left, right)), true) => format!("forbid {left} to {right}"),
        (Some((left, right)), false) => {
            let inside = application(&left).is_some_and(|it| application(&right) == Some(it));
            let arrow = if inside { "->" } else { "==>" };
            let reason = if inside || right.contains("because") { "" } else { " because \"…\"" };
            format!("{left} {arrow} {right}{reason}")
        }
    }
}
