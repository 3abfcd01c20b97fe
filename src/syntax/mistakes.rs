//! Puts what is wrong with a line into words: what stands there, why it cannot, and what to write. The
//! parser says where it stopped; what the writer meant is told from the words around.

mod apart;
mod breaches;
mod clauses;
mod flaws;
mod places;
mod traffic;

use super::apart::{Apart, Laid};
use super::failure::Failure;
use super::lexer::Flaw;
use super::parser::Text;
use super::token::{Kind, KindSet, Token};
use super::tree::Statement;
use crate::diagnostic::codes::syntax as codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The words for a place that the lexer could not read, on the line `tokens` (empty in a comment).
pub(super) fn flaw(text: Text<'_>, tokens: &[Token], flaw: Flaw) -> Diagnostic {
    flaws::explain(&Line { text, tokens }, flaw)
}

/// The words for what stands apart in `statement`.
pub(super) fn apart(laid: Laid<'_>, statement: &Statement, apart: Apart) -> Diagnostic {
    apart::explain(laid, statement, apart)
}

/// The words for what stopped the parser on the line `tokens`.
pub(super) fn failure(text: Text<'_>, tokens: &[Token], failure: Failure) -> Diagnostic {
    let line = Line { text, tokens };
    if let Some(breach) = failure.breach {
        return breaches::explain(&line, breach, failure.span);
    }
    let index = tokens
        .iter()
        .position(|token| token.span.start >= failure.span.start)
        .unwrap_or(tokens.len());
    let here = Here { line, index, span: failure.span, expected: failure.expected };
    let found = statement(&here)
        .or_else(|| clauses::explain(&here))
        .or_else(|| places::explain(&here))
        .or_else(|| traffic::explain(&here))
        .unwrap_or_else(|| unexpected(&here));
    carried_over(&here, found)
}

/// The tokens of one bad statement.
struct Line<'t> {
    text: Text<'t>,
    tokens: &'t [Token],
}

impl<'t> Line<'t> {
    fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    fn written(&self, index: usize) -> &'t str {
        self.tokens.get(index).map_or("", |token| self.text.at(token.span))
    }

    fn span(&self, index: usize) -> Option<Span> {
        self.tokens.get(index).map(|token| token.span)
    }

    /// Whether the places that begin with the tokens `left` and `right` are zones of one application.
    fn same_application(&self, left: usize, right: usize) -> bool {
        let named = |at: usize| {
            self.kind(at).is_some_and(Kind::is_name) && self.kind(at + 1) == Some(Kind::Dot)
        };
        named(left) && named(right) && self.written(left) == self.written(right)
    }

    /// The arrow from the place that begins with the token `left` to the one that begins with `right`.
    fn arrow(&self, left: usize, right: usize) -> &'static str {
        if self.same_application(left, right) { "->" } else { "==>" }
    }

    /// The text from token `first` to before token `end`.
    fn stretch(&self, first: usize, end: usize) -> Option<(Span, &'t str)> {
        let span = self.span(first)?.to(self.span(end.checked_sub(1)?)?);
        Some((span, self.text.at(span)))
    }
}

/// Where the parser stopped on a line.
struct Here<'t> {
    line: Line<'t>,
    /// The token that cannot stand there; the number of tokens if it is the end of the line.
    index: usize,
    span: Span,
    expected: KindSet,
}

impl<'t> Here<'t> {
    fn kind(&self) -> Option<Kind> {
        self.line.kind(self.index)
    }

    fn written(&self) -> &'t str {
        self.line.written(self.index)
    }

    /// The token `count` before this one.
    fn back(&self, count: usize) -> Option<Kind> {
        self.index.checked_sub(count).and_then(|index| self.line.kind(index))
    }

    fn written_back(&self, count: usize) -> &'t str {
        self.index.checked_sub(count).map_or("", |index| self.line.written(index))
    }

    fn span_back(&self, count: usize) -> Option<Span> {
        self.index.checked_sub(count).and_then(|index| self.line.span(index))
    }

    /// Whether `kind` is among the tokens before this one.
    fn after(&self, wanted: impl Fn(Kind) -> bool) -> bool {
        self.line.tokens.iter().take(self.index).any(|token| wanted(token.kind))
    }

    /// The statement word that the line begins with.
    fn statement(&self) -> Option<Kind> {
        self.line.kind(0).filter(|kind| kind.is_statement() && self.line.kind(1) != Some(Kind::Dot))
    }

    /// What stands here, for a message.
    fn found(&self) -> String {
        if self.index >= self.line.tokens.len() {
            "the line ends".to_owned()
        } else {
            format!("`{}` stands", self.written())
        }
    }

    fn say(&self, code: Code, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, message).label(self.span, label)
    }
}

/// The word of a statement that `written` is, or is near to.
pub(super) fn statement_word(written: &str) -> Option<Kind> {
    let small = written.to_ascii_lowercase();
    let words = [Kind::Exempt, Kind::External, Kind::Port, Kind::Forbid, Kind::Log];
    // Of a short word little may differ: `app` is not `log`.
    let near = |word: &Kind| strsim::osa_distance(word.text(), &small) <= word.text().len() / 3;
    words.into_iter().find(|word| word.text() == small).or_else(|| words.into_iter().find(near))
}

/// The mistakes that concern a statement as a whole.
fn statement(here: &Here<'_>) -> Option<Diagnostic> {
    let line = &here.line;
    let first = line.written(0);
    let verb = matches!(
        first.to_ascii_lowercase().as_str(),
        "allow" | "permit" | "accept" | "open" | "from" | "let" | "flow"
    );
    let denial = matches!(
        first.to_ascii_lowercase().as_str(),
        "deny" | "drop" | "block" | "reject" | "refuse"
    );
    if (verb || denial) && here.index == 1 && here.kind().is_some_and(Kind::is_name) {
        let span = line.span(0)?;
        let message = format!("`{first}` is not a word of the language");
        let found = Diagnostic::new(&codes::STATEMENT, message).label(span, "");
        let to = line.tokens.iter().position(|token| token.kind == Kind::To);
        let sides = to.and_then(|to| {
            let (_, left) = line.stretch(1, to)?;
            Some((left, line.stretch(to + 1, line.tokens.len())?.1, line.arrow(1, to + 1)))
        });
        if let Some((left, right, arrow)) = sides {
            let right = right.replace('\n', " ");
            return Some(found.help(if denial {
                format!("what no line opens is closed; what no line may open is written\nforbid {left} to {right}")
            } else if arrow == "==>" && !right.contains("because") {
                format!("write  {left} ==> {right} because \"…\"")
            } else {
                format!("write  {left} {arrow} {right}")
            }));
        }
        return Some(if denial {
            found.help(
                "what no line opens is closed; what no line may open is written\n\
                 forbid application.zone to application.zone",
            )
        } else {
            found.help("a flow is written  application.zone -> application.zone : tcp/443")
        });
    }
    if here.line.kind(0).is_some_and(Kind::is_clause) && here.index == 1 {
        let span = line.span(0)?;
        return Some(
            Diagnostic::new(&codes::CLAUSE, format!("`{first}` belongs to a flow"))
                .label(span, "no flow before it")
                .help("write it after the flow, on the same line or the next"),
        );
    }
    if here.index == 0 {
        let kind = here.kind()?;
        return Some(if kind == Kind::Open {
            here.say(&codes::PLACE, "braces hold zones of one application", "")
                .help("write one line for each application:  application.{zone, zone} -> …")
        } else {
            here.say(
                &codes::STATEMENT,
                format!("no statement begins with `{}`", here.written()),
                "",
            )
            .help("a flow is written  application.zone -> application.zone : tcp/443")
        });
    }
    if here.statement() == Some(Kind::Log) {
        return Some(if here.index == 1 {
            let (span, _) = line.stretch(0, line.tokens.len())?;
            here.say(&codes::STATEMENT, "`log` is followed by `denied`", "expected `denied`")
                .help("write  log denied")
                .fix("write `log denied`", span, "log denied")
        } else {
            here.say(&codes::STATEMENT, "`log denied` stands alone on its line", "delete this")
        });
    }
    if here.index == 1 && line.kind(0) == Some(Kind::Word) && here.kind().is_some_and(Kind::is_name)
    {
        let near = statement_word(first)?.text();
        let (span, (_, rest)) = (line.span(0)?, line.stretch(1, line.tokens.len())?);
        return Some(
            Diagnostic::new(&codes::STATEMENT, format!("no statement begins with `{first}`"))
                .label(span, format!("did you mean `{near}`?"))
                .help(format!("write  {near} {}", rest.replace('\n', " ")))
                .fix(format!("write `{near}`"), span, near),
        );
    }
    None
}

/// What to say where nothing better is known.
fn unexpected(here: &Here<'_>) -> Diagnostic {
    let expected: Vec<_> = here.expected.iter().map(Kind::describe).collect();
    let label = match expected.as_slice() {
        [] => String::new(),
        [one] => format!("expected {one}"),
        [rest @ .., last] => format!("expected {} or {last}", rest.join(", ")),
    };
    let message = if here.index >= here.line.tokens.len() {
        "the line ends too early".to_owned()
    } else {
        format!("`{}` cannot stand here", here.written())
    };
    here.say(&codes::STATEMENT, message, label)
}

/// Adds why this line belongs to the one before, where that is the surprise.
fn carried_over(here: &Here<'_>, found: Diagnostic) -> Diagnostic {
    let breaks = |index: usize| {
        let (before, after) = (here.line.span(index.checked_sub(1)?)?, here.line.span(index)?);
        let between = Span { start: before.end, end: after.start, ..before };
        here.line.text.at(between).contains('\n').then_some(before)
    };
    let carried = (1..=here.index).rev().take(3).find_map(breaks);
    match carried {
        Some(span) if found.labels.len() == 1 && found.primary() != Some(span) => {
            found.label(span, "the statement goes on after this")
        }
        Some(_) | None => found,
    }
}
