//! Text to tokens (language reference, section 3 "Lexical rules"). Never fails: what cannot be read becomes
//! a token of its own kind and a [`Flaw`], and the reading goes on after it. Which line ends also end a
//! statement is decided by [`super::layout`].

use super::invisible;
use super::token::{Token, TokenKind};
use crate::source::{FileId, Span};

/// A place that cannot be read, and why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flaw {
    /// What is wrong.
    pub(super) problem: LexicalProblem,
    /// Where exactly.
    pub(super) span: Span,
}

/// What is wrong with a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LexicalProblem {
    /// A character that cannot be seen.
    Invisible(char),
    /// The same, by escape.
    InvisibleEscape(char),
    /// A character that looks like a space and is none.
    Space(char),
    /// A character that the language does not use.
    Stray(char),
    /// `-` at the end of a word.
    Dash,
    /// A string that does not end on its line.
    OpenString,
    /// A selector that does not end.
    OpenSelector,
    /// A quote within a selector that does not end on its line.
    OpenQuote,
    /// An unknown escape.
    Escape,
    /// Text in quotes other than `"`.
    Quotes,
    /// `//` or `/*`
    Comment,
    /// `;`
    Semicolon,
    /// `\`
    Backslash,
}

/// What [`lex`] gives.
#[derive(Debug)]
pub(super) struct Lexed {
    /// The tokens, every line end among them.
    pub(super) tokens: Vec<Token>,
    /// What cannot be read: one for each `Bad` and `BadOpen` among the tokens, in order. Arrows of other kinds are tokens.
    pub(super) flaws: Vec<Flaw>,
    /// What is wrong in comments, in order.
    pub(super) comments: Vec<Flaw>,
}

/// Reads all of `text`, which is the file `file`.
pub(super) fn lex(file: FileId, text: &str) -> Lexed {
    let mut lexer = Lexer {
        file,
        text,
        at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
        out: Lexed { tokens: Vec::new(), flaws: Vec::new(), comments: Vec::new() },
    };
    while let Some(c) = lexer.peek() {
        lexer.token(c);
    }
    lexer.push(TokenKind::Newline, lexer.at);
    lexer.out
}

struct Lexer<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    out: Lexed,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Skips what satisfies `wanted`; gives what was skipped.
    fn eat_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or("")
    }

    fn span(&self, start: usize) -> Span {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.file, offset(start), offset(self.at))
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.out.tokens.push(Token { kind, span: self.span(start) });
    }

    /// A token from `start` that cannot be read, because of what stands at `span`.
    fn bad(&mut self, start: usize, problem: LexicalProblem, span: Span) {
        // A line that ends in `\` was meant to go on.
        let kind =
            if problem == LexicalProblem::Backslash { TokenKind::BadOpen } else { TokenKind::Bad };
        self.push(kind, start);
        self.out.flaws.push(Flaw { problem, span });
    }

    /// The same, where all of it is to blame.
    fn bad_file(&mut self, start: usize, problem: LexicalProblem) {
        self.bad(start, problem, self.span(start));
    }

    /// Reads one token, which begins with `c`.
    fn token(&mut self, c: char) {
        let start = self.at;
        if self.address() {
            return self.push(TokenKind::Address, start);
        }
        if c.is_ascii_alphanumeric() || c == '_' {
            return self.word();
        }
        if is_arrow_part(c) {
            return self.arrow();
        }
        let spaced = self.out.tokens.last().is_none_or(|last| (last.span.end as usize) < start);
        if self.rest().starts_with("//") || spaced && self.rest().starts_with("/*") {
            self.eat_while(|c| c != '\n');
            return self.bad_file(start, LexicalProblem::Comment);
        }
        self.at += c.len_utf8();
        let kind = match c {
            ' ' | '\t' => return,
            '\r' if self.rest().starts_with('\n') => return,
            '\n' => TokenKind::Newline,
            '#' => return self.comment(),
            '"' => return self.string(start),
            '[' => return self.selector(start),
            '.' => TokenKind::Dot,
            ',' => TokenKind::Comma,
            ':' => TokenKind::Colon,
            '/' => TokenKind::Slash,
            '*' => TokenKind::Star,
            '{' => TokenKind::Open,
            '}' => TokenKind::Close,
            '\'' | '`' | '“' | '”' | '„' | '‘' | '’' | '«' | '»' => {
                return self.foreign_quotes(start, c);
            }
            ';' => return self.bad_file(start, LexicalProblem::Semicolon),
            '\\' => return self.bad_file(start, LexicalProblem::Backslash),
            c if invisible::is_refused(c) => {
                return self.bad_file(start, LexicalProblem::Invisible(c));
            }
            c if c.is_whitespace() => return self.bad_file(start, LexicalProblem::Space(c)),
            c => {
                // A word with a foreign letter in it is one mistake, not one for each letter.
                if c.is_alphanumeric() {
                    self.eat_while(|c| c.is_alphanumeric() || c == '_');
                }
                return self.bad_file(start, LexicalProblem::Stray(c));
            }
        };
        self.push(kind, start);
    }

    /// ASCII letters, digits and `_`, with `-` only between them.
    fn word(&mut self) {
        let start = self.at;
        loop {
            self.eat_while(is_word_part);
            let end = self.at;
            self.eat_while(|c| c == '-');
            if self.at == end || !self.peek().is_some_and(is_word_part) {
                self.at = end;
                break;
            }
        }
        let kind = TokenKind::of_word(self.text.get(start..self.at).unwrap_or(""));
        self.push(kind, start);
    }

    fn arrow(&mut self) {
        let start = self.at;
        let kind = match self.eat_while(is_arrow_part) {
            "->" => TokenKind::Inside,
            "<->" => TokenKind::Both,
            "==>" => TokenKind::Leaving,
            "<==" => TokenKind::Entering,
            "=" => TokenKind::Equals,
            "-" => return self.bad_file(start, LexicalProblem::Dash),
            _ => TokenKind::BadArrow,
        };
        self.push(kind, start);
    }

    /// Moves over an address or an address block, if one stands here: whatever has its shape, right or
    /// wrong, where nothing else can be meant.
    fn address(&mut self) -> bool {
        let rest = self.rest();
        // After a `.` stands a zone.
        if self
            .out
            .tokens
            .last()
            .is_some_and(|last| last.kind == TokenKind::Dot && last.span.end as usize == self.at)
        {
            return false;
        }
        let length = v4_length(rest).or_else(|| v6_length(rest));
        let Some(length) = length else { return false };
        self.at += length;
        let tail = self.rest();
        if tail.starts_with('/') {
            self.at += 1;
            self.eat_while(|c| c.is_ascii_digit() || c == '.');
        }
        // `10.0.0.1-10.0.0.9` is not a block, and one mistake; the end of an arrow is none of it.
        if self.rest().strip_prefix('-').is_some_and(|after| after.starts_with(is_word_part)) {
            self.at += 1;
            self.eat_while(|c| is_word_part(c) || c == '.');
        }
        self.eat_while(is_word_part);
        true
    }

    fn comment(&mut self) {
        let mut found = None;
        while let Some(c) = self.peek().filter(|c| *c != '\n') {
            let start = self.at;
            self.at += c.len_utf8();
            let line_end = c == '\r' && self.rest().starts_with('\n');
            if found.is_none() && invisible::is_refused(c) && !line_end {
                found =
                    Some(Flaw { problem: LexicalProblem::Invisible(c), span: self.span(start) });
            }
        }
        self.out.comments.extend(found);
    }

    /// The rest of a string, after its `"` at `start`.
    fn string(&mut self, start: usize) {
        let mut flaw = None;
        loop {
            let at = self.at;
            let Some(c) = self.peek().filter(|c| *c != '\n') else {
                self.trim_line_end();
                return self.bad_file(start, LexicalProblem::OpenString);
            };
            self.at += c.len_utf8();
            let problem = match c {
                '"' => break,
                '\\' => self.escape(),
                '\r' if self.rest().starts_with('\n') => None,
                c => invisible::is_refused(c).then_some(LexicalProblem::Invisible(c)),
            };
            flaw = flaw.or(problem.map(|problem| (problem, self.span(at))));
        }
        match flaw {
            Some((problem, span)) => self.bad(start, problem, span),
            None => self.push(TokenKind::Quoted, start),
        }
    }

    /// The rest of an escape, after its `\`.
    fn escape(&mut self) -> Option<LexicalProblem> {
        let Some(c) = self.peek().filter(|c| !matches!(c, '\n' | '\r')) else {
            return Some(LexicalProblem::Escape);
        };
        self.at += c.len_utf8();
        match c {
            '"' | '\\' | 'n' | 't' => None,
            'u' => {
                let digits = self
                    .rest()
                    .strip_prefix('{')
                    .and_then(|rest| rest.split_once('}'))
                    .map(|(digits, _)| digits)
                    .filter(|digits| {
                        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
                    });
                let Some(digits) = digits else { return Some(LexicalProblem::Escape) };
                self.at += digits.len() + 2;
                let named = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                match named {
                    None => Some(LexicalProblem::Escape),
                    Some(c) if invisible::is_refused(c) => Some(LexicalProblem::InvisibleEscape(c)),
                    Some(_) => None,
                }
            }
            _ => Some(LexicalProblem::Escape),
        }
    }

    /// The rest of a selector, after its `[` at `start`.
    fn selector(&mut self, start: usize) {
        match selector_length(self.rest()) {
            Ok(length) => {
                let inside = self.rest().get(..length).unwrap_or("");
                let refused = inside.char_indices().find(|(index, c)| {
                    let line_end =
                        inside.get(*index..).is_some_and(|rest| rest.starts_with("\r\n"));
                    invisible::is_refused(*c) && !line_end
                });
                if let Some((index, c)) = refused {
                    let from = self.at + index;
                    self.at = from + c.len_utf8();
                    let span = self.span(from);
                    self.at = start + 1 + length;
                    self.bad(start, LexicalProblem::Invisible(c), span);
                } else {
                    self.at += length;
                    self.push(TokenKind::Selector, start);
                }
            }
            Err(open) => {
                let from = open.quote.map_or(start, |index| self.at + index);
                self.at = from + 1;
                let span = self.span(from);
                self.at = start + 1 + open.length;
                self.trim_line_end();
                let problem = if open.quote.is_some() {
                    LexicalProblem::OpenQuote
                } else {
                    LexicalProblem::OpenSelector
                };
                self.bad(start, problem, span);
            }
        }
    }

    /// Text in quotes that are not ours, after the first of them, `open`, at `start`.
    fn foreign_quotes(&mut self, start: usize, open: char) {
        let line = self.rest().split('\n').next().unwrap_or("");
        let close = |c| match open {
            '\'' | '`' => c == open,
            '«' | '»' => matches!(c, '«' | '»'),
            '‘' | '’' => matches!(c, '‘' | '’'),
            _ => matches!(c, '“' | '”' | '"'),
        };
        if let Some((index, c)) = line.char_indices().find(|(_, c)| close(*c)) {
            self.at += index + c.len_utf8();
        }
        self.bad_file(start, LexicalProblem::Quotes);
    }

    /// Moves back over the blanks that end a line.
    fn trim_line_end(&mut self) {
        let before = self.text.get(..self.at).unwrap_or("");
        self.at = before.trim_end_matches([' ', '\t', '\r']).len();
    }
}

fn is_word_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Signs that people make arrows of.
fn is_arrow_part(c: char) -> bool {
    matches!(c, '-' | '=' | '<' | '>' | '~' | '‐'..='―' | '−')
        || matches!(c, '←'..='⇿' | '➔'..='➾' | '⟰'..='⟿' | '⤀'..='⥿')
}

/// The length of what looks like an IPv4 address at the start of `text`: four numbers or more, or two or
/// more before a `/` and a number.
fn v4_length(text: &str) -> Option<usize> {
    let digit = |c: char| c.is_ascii_digit();
    if !text.starts_with(digit) {
        return None;
    }
    let run = text.find(|c| !digit(c) && c != '.').unwrap_or(text.len());
    let (mut count, mut length) = (0, 0);
    for number in text.get(..run)?.split('.').take_while(|number| !number.is_empty()) {
        length += number.len() + usize::from(count > 0);
        count += 1;
    }
    let block = text.get(length..)?.strip_prefix('/').is_some_and(|rest| rest.starts_with(digit));
    (count >= 4 || count >= 2 && block).then_some(length)
}

/// The length of the IPv6 address at the start of `text`: the longest piece that is one.
fn v6_length(text: &str) -> Option<usize> {
    let run = text
        .bytes()
        .take(45)
        .take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
        .count();
    let run = text.get(..run).filter(|run| run.matches(':').nth(1).is_some())?;
    (2..=run.len()).rev().find(|length| {
        run.get(..*length).is_some_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok())
    })
}

/// A selector that is never closed.
struct OpenSelector {
    /// Where the quote opens that is not closed, if that is the matter.
    quote: Option<usize>,
    /// The length of what is given up as part of it.
    length: usize,
}

/// The length of the selector text at the start of `text` with its `]`, the first outside Calico's quotes.
/// It may go on over several lines, but one that takes in an arrow, or another `[` on a later line, was never
/// closed: it ends with its first line, so that the statements after it are still read.
fn selector_length(text: &str) -> Result<usize, OpenSelector> {
    let mut quote = None;
    let mut first_line = None;
    let mut arrow = false;
    for (index, c) in text.char_indices() {
        let rest = text.get(index..).unwrap_or("");
        let foreign =
            || c == '[' || ["->", "<->", "==>", "<=="].iter().any(|a| rest.starts_with(a));
        match (quote, c) {
            (Some(_), '\n') => {
                let length = first_line.unwrap_or(index);
                return Err(OpenSelector { quote: quote.map(|(_, from)| from), length });
            }
            (Some((open, _)), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some((c, index)),
            (None, ']') => return Ok(index + 1),
            (None, '\n') => {
                first_line.get_or_insert(index);
                if arrow {
                    break;
                }
            }
            (None, _) if first_line.is_some() && foreign() => break,
            (None, '-' | '=' | '<') => arrow |= foreign(),
            _ => {}
        }
    }
    let length = first_line.unwrap_or(text.len());
    Err(OpenSelector { quote: quote.map(|(_, from)| from).filter(|from| *from < length), length })
}
