//! Which pieces of a statement may stand on lines of their own (language reference, section 3): a reviewer who sees a
//! line of a change, or finds it by a search, must see what it opens. Both sides of a crossing or of a guardrail stand on
//! one line with what joins them, and nothing stands between the lines of one statement.

use std::ops::Range;

use super::token::{Text, Token, TokenKind};
use super::tree::{Arrow, Statement};
use crate::source::Span;

/// Why the lines of a statement must not stand as they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineFault {
    /// The sides of a crossing or a guardrail are on several lines: the token that ends the first of them.
    Sides(usize),
    /// This comment stands after the token, and the statement goes on.
    Comment(usize, Span),
    /// A blank line stands after the token, or in it.
    Blank(usize),
    /// A run of blanks so wide that what follows it may be out of sight.
    Wide(Span),
}

/// `bytes` as part of a place.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Columns of blanks in a row. Lines can still be aligned.
const WIDEST: usize = 80;
/// Columns of a tab.
const TAB: usize = 8;

/// How many columns a blank takes; `None` for anything else.
fn blank(c: char) -> Option<usize> {
    match c {
        '\t' => Some(TAB),
        '\n' => None,
        c => c.is_whitespace().then_some(1),
    }
}

/// A statement as its tokens lie in its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines<'t> {
    pub(super) text: Text<'t>,
    pub(super) tokens: &'t [Token],
}

impl<'t> Lines<'t> {
    /// What is wrong with the lines of `statement`, which these tokens are: first of all with its sides.
    pub(super) fn fault(self, statement: &Statement) -> Option<LineFault> {
        let sides = if let Statement::Forbid(forbid) = statement {
            Some(Span { end: forbid.right.span.end, ..forbid.span })
        } else if let Statement::Flow(flow) = statement
            && matches!(flow.arrow.value, Arrow::Leaving | Arrow::Entering)
        {
            Some(flow.left.span.to(flow.right.span))
        } else {
            None
        };
        let in_sides = |at: usize| {
            let token = self.tokens.get(at)?;
            let sides = sides.filter(|it| token.span.end <= it.end)?;
            let breaks = self.text.at(token.span).contains('\n')
                || token.span.end < sides.end && self.gap(at).contains('\n');
            breaks.then_some(LineFault::Sides(at))
        };
        let mut all = 0..self.tokens.len();
        let sides = all.clone().find_map(in_sides);
        sides.or_else(|| all.find_map(|at| self.between(at))).or_else(|| self.wide())
    }

    /// The first run of blanks that is too wide, also before the statement.
    fn wide(self) -> Option<LineFault> {
        let (first, last) = (self.tokens.first()?.span, self.tokens.last()?.span);
        let before = self.text.at(Span { start: 0, end: first.start, ..first });
        let start = before.rfind('\n').map_or(0, |at| length(at + 1));
        let run = wide_run(self.text.at(Span { start, ..last }))?;
        let place = |at| start + length(at);
        Some(LineFault::Wide(Span { start: place(run.start), end: place(run.end), ..first }))
    }

    /// The statement with each run of blanks that is too wide as one blank.
    pub(super) fn narrow(self) -> String {
        let ends = self.tokens.first().zip(self.tokens.last());
        ends.map_or(String::new(), |(first, last)| narrowed(self.text.at(first.span.to(last.span))))
    }

    /// What stands between the lines of the token `at`, or between its line and the next.
    fn between(self, at: usize) -> Option<LineFault> {
        let token = self.tokens.get(at)?;
        let blank = |lines: &str| {
            let mut lines = lines.split('\n').skip(1).peekable();
            std::iter::from_fn(move || lines.next().filter(|_| lines.peek().is_some()))
                .any(|line| line.trim().is_empty())
        };
        if blank(self.text.at(token.span)) {
            return Some(LineFault::Blank(at));
        }
        let gap = self.gap(at);
        if let Some((before, comment)) = gap.split_once('#') {
            if blank(before) {
                return Some(LineFault::Blank(at));
            }
            let comment = comment.split('\n').next().unwrap_or("").trim_end();
            let start = token.span.end + length(before.len());
            let end = start + 1 + length(comment.len());
            return Some(LineFault::Comment(at, Span { start, end, ..token.span }));
        }
        blank(gap).then_some(LineFault::Blank(at))
    }

    /// What stands between the token `at` and the next; nothing after the last.
    fn gap(self, at: usize) -> &'t str {
        match (self.tokens.get(at), self.tokens.get(at + 1)) {
            (Some(token), Some(next)) => {
                self.text.at(Span { start: token.span.end, end: next.span.start, ..token.span })
            }
            _ => "",
        }
    }

    /// The statement on one line, without its comments.
    pub(super) fn joined(self) -> String {
        let mut line = String::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let lines: Vec<_> = self.text.at(token.span).split('\n').map(str::trim).collect();
            line.push_str(&lines.join(" "));
            let next = self.tokens.get(at + 1).map(|it| it.kind);
            match self.gap(at) {
                gap if !gap.contains('\n') => line.push_str(&narrowed(gap)),
                _ if token.kind == TokenKind::Open => {}
                _ if matches!(next, Some(TokenKind::Comma | TokenKind::Close)) => {}
                _ => line.push(' '),
            }
        }
        line
    }

    /// The same lines with nothing between them.
    pub(super) fn closed(self) -> String {
        let mut text = String::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let mut lines = self.text.at(token.span).split_inclusive('\n');
            text.extend(lines.next());
            text.extend(lines.filter(|line| !line.trim().is_empty()));
            let gap = self.gap(at);
            match gap.rsplit_once('\n') {
                Some((before, indent)) => {
                    text.push_str(if before.ends_with('\r') { "\r\n" } else { "\n" });
                    text.push_str(indent);
                }
                None => text.push_str(gap),
            }
        }
        text
    }

    /// The comments between its lines, each a line as it is written above the statement.
    pub(super) fn comments(self) -> String {
        let start = self.tokens.first().map_or(0, |first| first.span.start as usize);
        let before = self.text.0.get(..start).unwrap_or("");
        let indent = before.rsplit('\n').next().filter(|it| it.trim().is_empty()).unwrap_or("");
        let gaps = (0..self.tokens.len()).flat_map(|at| self.gap(at).split_inclusive('\n'));
        let comments = gaps.filter_map(|line| line.get(line.find('#')?..));
        comments.flat_map(|comment| [comment, indent]).collect()
    }
}

/// The first run of blanks in `text` that is too wide.
fn wide_run(text: &str) -> Option<Range<usize>> {
    let (mut width, mut start) = (0, 0);
    for (at, c) in text.char_indices() {
        match blank(c) {
            Some(columns) => {
                start = if width == 0 { at } else { start };
                width += columns;
            }
            None if width > WIDEST => return Some(start..at),
            None => width = 0,
        }
    }
    (width > WIDEST).then_some(start..text.len())
}

/// `text` with each run of blanks that is too wide as one blank.
fn narrowed(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(run) = wide_run(rest) {
        kept.extend([rest.get(..run.start).unwrap_or(""), " "]);
        rest = rest.get(run.end..).unwrap_or("");
    }
    kept + rest
}
