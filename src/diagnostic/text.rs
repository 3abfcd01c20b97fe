//! Diagnostics as text for people. The only file that knows the library which draws them: it is handed
//! short excerpts (a few lines around each label, hidden characters written out, long lines cut), so that no
//! input can make it slow, make it panic, or reach the terminal raw.

use ariadne::{Cache, CharSet, Color, Config, IndexType, Label, Report, ReportKind, Source};

use super::visible::{visible, visible_lines};
use super::{Diagnostic, Level};
use crate::source::{FileId, Position, Sources};

/// The most lines in one excerpt: labels further apart in a file are shown one excerpt each. One digit, so
/// that [`number`] finds the line number that the library draws.
const LINES: usize = 9;
/// The most characters of a line that are shown.
const WIDTH: usize = 160;
/// How many characters before the first label stay when a line is cut.
const BEFORE: usize = 40;

/// `diagnostic` as it is shown, with a line break at the end; with escape sequences for colours if `color`.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, color: bool) -> String {
    let style = |code: &str, text: &str| {
        if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let level = match diagnostic.level {
        Level::Error => "1;31",
        Level::Warning => "1;33",
        Level::Note => "1;34",
    };
    let name = format!("{}[{}]", diagnostic.level.name(), diagnostic.code.code);
    let message = visible(&diagnostic.message);
    let mut text = format!("{}{}\n", style(level, &name), style("1", &format!(": {message}")));
    let excerpts = excerpts(diagnostic, sources);
    text.push_str(&draw(&excerpts, diagnostic.level, color));
    for help in &diagnostic.help {
        let help = visible_lines(help).replace('\n', "\n         ");
        text.push_str(&line(&style("1;36", "help:"), &format!(" {}", help.trim_end())));
    }
    let more = format!("more: eastwest explain {}", diagnostic.code.code);
    text.push_str(&line(&style("2", &more), ""));
    text
}

fn line(first: &str, rest: &str) -> String {
    format!("   {first}{rest}\n")
}

/// A few lines of one file and the labels on them.
struct Excerpt {
    file: FileId,
    path: String,
    /// Where the first of its labels stands.
    position: Position,
    /// The number of its first line.
    first: usize,
    last: usize,
    labels: Vec<Mark>,
    text: String,
}

/// A label within an [`Excerpt`].
struct Mark {
    line: usize,
    /// Bytes of the line; after [`Excerpt::write`], bytes of the excerpt.
    start: usize,
    end: usize,
    text: String,
    primary: bool,
}

/// The labels, gathered where they are close to each other, in the order of their first ones.
fn excerpts(diagnostic: &Diagnostic, sources: &Sources) -> Vec<Excerpt> {
    let mut excerpts: Vec<Excerpt> = Vec::new();
    for (index, label) in diagnostic.labels.iter().enumerate() {
        let Some(file) = sources.get(label.span.file) else { continue };
        let position = file.position(label.span.start);
        let line = position.line;
        let start = (label.span.start as usize).saturating_sub(file.line_start(line));
        let end = (label.span.end as usize).saturating_sub(file.line_start(line));
        let text = visible(&label.text).into_owned();
        let mark = Mark { line, start, end: end.max(start), text, primary: index == 0 };
        let near = excerpts.iter_mut().find(|excerpt| {
            excerpt.file == label.span.file
                && excerpt.last.max(line) - excerpt.first.min(line) < LINES
        });
        if let Some(excerpt) = near {
            excerpt.first = excerpt.first.min(line);
            excerpt.last = excerpt.last.max(line);
            excerpt.labels.push(mark);
        } else {
            excerpts.push(Excerpt {
                file: label.span.file,
                path: visible(&file.path).into_owned(),
                position,
                first: line,
                last: line,
                labels: vec![mark],
                text: String::new(),
            });
        }
    }
    for excerpt in &mut excerpts {
        excerpt.labels.sort_by_key(|mark| (mark.line, mark.start));
        excerpt.write(sources);
    }
    excerpts
}

impl Excerpt {
    /// Writes the lines, and turns the places of the labels into places of what was written.
    fn write(&mut self, sources: &Sources) {
        let Some(file) = sources.get(self.file) else { return };
        for number in self.first..=self.last {
            let line = file.line(number);
            let here = self.labels.iter().filter(|mark| mark.line == number);
            let earliest = here.map(|mark| mark.start).min().unwrap_or(0);
            let line = Cut::new(line, earliest, number == 1);
            let offset = self.text.len();
            self.text.push_str(&line.before);
            self.text.push_str(&visible(line.shown));
            self.text.push_str(line.after);
            let len = self.text.len() - offset;
            for mark in self.labels.iter_mut().filter(|mark| mark.line == number) {
                let (start, end) = (line.place(mark.start), line.place(mark.end));
                // An empty place is shown as the character after it, if there is one.
                let end = if start == end { line.after_char(mark.start) } else { end };
                (mark.start, mark.end) = (offset + start.min(len), offset + end.min(len));
            }
            self.text.push('\n');
        }
    }
}

/// The part of a line that is shown.
struct Cut<'a> {
    /// What stands before it: `…` where the beginning is left out.
    before: String,
    shown: &'a str,
    after: &'static str,
    /// The byte of the line at which `shown` starts.
    start: usize,
}

impl<'a> Cut<'a> {
    fn new(line: &'a str, earliest: usize, first_line: bool) -> Self {
        let bom =
            if first_line && line.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let byte_of = |character: usize| {
            line.char_indices().nth(character).map_or(line.len(), |(index, _)| index)
        };
        if line.chars().nth(WIDTH).is_none() {
            let shown = line.get(bom..).unwrap_or(line);
            return Self { before: String::new(), shown, after: "", start: bom };
        }
        let column = line.char_indices().take_while(|(index, _)| *index < earliest).count();
        let first = column.saturating_sub(BEFORE);
        let start = if first == 0 { bom } else { byte_of(first) };
        let end = byte_of(first + WIDTH);
        Self {
            before: if first == 0 { String::new() } else { "…".to_owned() },
            shown: line.get(start..end).unwrap_or(""),
            after: if end < line.len() { "…" } else { "" },
            start,
        }
    }

    /// The byte of what is written for byte `offset` of the line.
    fn place(&self, offset: usize) -> usize {
        let offset = offset.saturating_sub(self.start).min(self.shown.len());
        let boundary = (0..=offset).rev().find(|at| self.shown.is_char_boundary(*at)).unwrap_or(0);
        self.before.len() + visible(self.shown.get(..boundary).unwrap_or("")).len()
    }

    /// The byte of what is written for the end of the character at byte `offset` of the line.
    fn after_char(&self, offset: usize) -> usize {
        let offset = offset.saturating_sub(self.start).min(self.shown.len());
        let len = self.shown.len();
        let next = (offset + 1..=len).find(|at| self.shown.is_char_boundary(*at)).unwrap_or(len);
        self.before.len() + visible(self.shown.get(..next).unwrap_or("")).len()
    }
}

/// The drawn excerpts, each line without blanks at its end.
fn draw(excerpts: &[Excerpt], level: Level, color: bool) -> String {
    if excerpts.is_empty() {
        return String::new();
    }
    let config = Config::new()
        .with_index_type(IndexType::Byte)
        .with_color(color)
        .with_char_set(CharSet::Unicode);
    let primary = match level {
        Level::Error => Color::Red,
        Level::Warning => Color::Yellow,
        Level::Note => Color::Blue,
    };
    let mut report = Report::build(ReportKind::Advice, (0, 0..0)).with_config(config);
    for (id, excerpt) in excerpts.iter().enumerate() {
        for mark in &excerpt.labels {
            report.add_label(
                Label::new((id, mark.start..mark.end.max(mark.start)))
                    .with_color(if mark.primary { primary } else { Color::Cyan })
                    .with_message(&mark.text),
            );
        }
    }
    let mut drawn = Vec::new();
    let texts = excerpts.iter().map(|excerpt| Source::from(excerpt.text.as_str())).collect();
    if report.finish().write(Texts(texts), &mut drawn).is_err() {
        return String::new();
    }
    // The first line is a header of the library's own making.
    let drawn = String::from_utf8_lossy(&drawn);
    let digits = excerpts.iter().map(|it| it.last.to_string().len()).max().unwrap_or(1);
    let mut shown: Vec<String> = Vec::new();
    let mut current = excerpts.first();
    for line in drawn.lines().skip(1) {
        let line = match place(line, excerpts) {
            Some((excerpt, line)) => {
                current = Some(excerpt);
                line
            }
            None => line.to_owned(),
        };
        if is_bare(&line) {
            // An underline without words needs no place for them to hang from.
            if line.contains('╰')
                && let Some(underline) = shown.last_mut().filter(|it| it.matches('┬').count() == 1)
            {
                *underline = underline.replace('┬', "─");
            }
            continue;
        }
        let first = current.map_or(1, |excerpt| excerpt.first);
        shown.push(format!("{}\n", number(&line, first, digits).trim_end_matches(' ')));
    }
    shown.concat()
}

/// If `line` is the head of an excerpt, which one, and the line with the true path and place.
fn place<'a>(line: &str, excerpts: &'a [Excerpt]) -> Option<(&'a Excerpt, String)> {
    let (before, rest) = line.split_once('\0')?;
    let (id, rest) = rest.split_once('\0')?;
    let after = rest.trim_start_matches(|c: char| c == ':' || c == '?' || c.is_ascii_digit());
    let excerpt = excerpts.get(id.parse::<usize>().ok()?)?;
    let Position { line, column } = excerpt.position;
    Some((excerpt, format!("{before}{}:{line}:{column}{after}", excerpt.path)))
}

/// `line` with room for line numbers of `digits` digits, and with the true number in place of the one of the
/// excerpt, which starts at line `first`.
fn number(line: &str, first: usize, digits: usize) -> String {
    let mut shown = String::new();
    let mut escape = false;
    let mut column = 0;
    for c in line.chars() {
        if c == '\u{1b}' {
            escape = true;
        }
        if escape {
            escape = c != 'm';
            shown.push(c);
            continue;
        }
        match (column, c.to_digit(10)) {
            (1, Some(digit)) => {
                let number = (first + digit as usize).saturating_sub(1).to_string();
                shown.push_str(&" ".repeat(digits.saturating_sub(number.len())));
                shown.push_str(&number);
            }
            (1, None) => {
                let fill = if c == '─' { "─" } else { " " };
                shown.push_str(&fill.repeat(digits.saturating_sub(1)));
                shown.push(c);
            }
            _ => shown.push(c),
        }
        column += 1;
    }
    shown
}

/// Whether nothing stands on `line` but the margin, or an arrow to a label without words.
fn is_bare(line: &str) -> bool {
    let plain = line.split('\u{1b}').enumerate().map(|(index, part)| match index {
        0 => part,
        _ => part.split_once('m').map_or("", |(_, text)| text),
    });
    let plain: String = plain.collect();
    let arrow = plain.trim_end().trim_end_matches('─').strip_suffix('╰');
    let margin = arrow.unwrap_or(&plain).trim_start();
    margin.strip_prefix('│').is_some_and(|rest| rest.trim().is_empty())
}

/// The excerpts' texts, by their index. Their names are marks that no text of a user can hold, for
/// [`place`] to find.
struct Texts<'a>(Vec<Source<&'a str>>);

impl<'a> Cache<usize> for Texts<'a> {
    type Storage = &'a str;

    fn fetch(&mut self, id: &usize) -> Result<&Source<&'a str>, impl std::fmt::Debug> {
        self.0.get(*id).ok_or("no such excerpt")
    }

    fn display<'b>(&self, id: &'b usize) -> Option<impl std::fmt::Display + 'b> {
        Some(format!("\0{id}\0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::names::UNKNOWN_ZONE;
    use crate::source::Span;
    use proptest::prelude::*;

    fn sample() -> (Sources, Diagnostic) {
        let mut sources = Sources::new();
        let flow = sources.add(
            "application2/network-policies/app.flow",
            "# flows\n\napplication2.frontnd -> application2.backend : tcp/8443\n",
        );
        let zones = sources
            .add("platform/namespaces.yaml", format!("{}    zone: frontend\n", "#\n".repeat(120)));
        let diagnostic =
            Diagnostic::new(&UNKNOWN_ZONE, "there is no zone `frontnd` in application2")
                .label(Span::new(flow, 22, 29), "did you mean `frontend`?")
                .label(Span::new(zones, 250, 258), "declared here, with `backend` and `data`")
                .help("write\napplication2.frontend -> application2.backend : tcp/8443");
        (sources, diagnostic)
    }

    #[test]
    fn places_in_two_files() {
        let (sources, diagnostic) = sample();
        insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!("text__places_in_two_files", render(&diagnostic, &sources, false));
        });
        assert!(render(&diagnostic, &sources, true).contains("\u{1b}[1;31merror[EW0202]"));
    }

    #[test]
    fn long_lines_are_cut_and_hidden_characters_shown() {
        let mut sources = Sources::new();
        let file = sources
            .add("a\u{1b}b.flow", format!("{}\u{202e}bad{}", "é".repeat(500), "x".repeat(9000)));
        let diagnostic = Diagnostic::new(&UNKNOWN_ZONE, "a \u{7}")
            .label(Span::new(file, 1003, 1006), "here\u{1b}[2J");
        insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!("text__long_lines_are_cut", render(&diagnostic, &sources, false));
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn any_text_and_any_place_are_drawn(
            text in "(?s)(.|\n|\r\n|\t|\u{feff}|\u{1b}|表|x{200}){0,40}",
            spans in prop::collection::vec((0u32..200, 0u32..200), 0..5),
        ) {
            let mut sources = Sources::new();
            let file = sources.add("x.flow", text);
            let mut diagnostic = Diagnostic::new(&UNKNOWN_ZONE, "m");
            for (start, end) in spans {
                diagnostic = diagnostic.label(Span::new(file, start, end), "here");
            }
            let shown = render(&diagnostic, &sources, false);
            prop_assert!(shown.chars().all(|c| c == '\n' || !super::super::visible::is_hidden(c)), "{shown:?}");
            prop_assert!(shown.lines().all(|line| !line.ends_with(' ')), "{shown}");
        }
    }
}
