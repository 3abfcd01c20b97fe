//! Diagnostics as text for people. The only file that knows the library which draws them: it is handed
//! short excerpts (a few lines around each label, hidden characters written out, long lines cut), so that no
//! input can make it slow, make it panic, or reach the terminal raw. Before each excerpt stand as many empty lines as
//! before it in the file: the library then numbers the lines as they are (its own offset changes the head of an
//! excerpt, but not the numbers in the margin).

use ariadne::{Cache, Color, Config, IndexType, Label, Report, ReportKind, Source};

use super::visible::{visible, visible_lines};
use super::{Diagnostic, Level};
use crate::source::{FileId, Position, SourceFile, Sources};

/// The most lines in one excerpt: labels further apart in a file are shown one excerpt each.
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
    let (code, main) = match diagnostic.level {
        Level::Error => ("1;31", Color::Red),
        Level::Warning => ("1;33", Color::Yellow),
        Level::Note => ("1;34", Color::Blue),
    };
    let name = format!("{}[{}]", diagnostic.level.name(), diagnostic.code.code);
    let message = visible(&diagnostic.message);
    let mut text = format!("{}{}\n", style(code, &name), style("1", &format!(": {message}")));
    let excerpts = excerpts(diagnostic, sources);
    for part in excerpts.chunk_by(|_, next| next.is_exact()) {
        text.push_str(&draw(part, main, color));
    }
    for help in &diagnostic.help {
        let help = visible_lines(help).replace('\n', "\n         ");
        text.extend(["   ", &style("1;36", "help:"), " ", help.trim_end(), "\n"]);
    }
    let more = format!("more: eastwest explain {}", diagnostic.code.code);
    text.extend(["   ", &style("2", &more), "\n"]);
    text
}

/// A few lines of one file and the labels on them.
struct Excerpt {
    file: FileId,
    path: String,
    first: usize,
    last: usize,
    /// In the order of their places.
    labels: Vec<LabelMark>,
    /// The lines as they are shown, and empty ones before them.
    text: String,
    /// The place of its head in `text`, in characters.
    head: usize,
}

/// A label within an [`Excerpt`].
struct LabelMark {
    position: Position,
    /// Bytes of the line; after [`Excerpt::write`], characters of the excerpt.
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
        let mark = LabelMark { position, start, end: end.max(start), text, primary: index == 0 };
        let near = excerpts.iter_mut().find(|excerpt| {
            excerpt.file == label.span.file
                && excerpt.last.max(line) - excerpt.first.min(line) < LINES
        });
        if let Some(excerpt) = near {
            excerpt.first = excerpt.first.min(line);
            excerpt.last = excerpt.last.max(line);
            excerpt.labels.push(mark);
        } else {
            let path = visible(&file.path).into_owned();
            let (file, labels, text) = (label.span.file, vec![mark], String::new());
            excerpts.push(Excerpt { file, path, first: line, last: line, labels, text, head: 0 });
        }
    }
    for excerpt in &mut excerpts {
        if let Some(file) = sources.get(excerpt.file) {
            excerpt.write(file);
        }
    }
    excerpts
}

impl Excerpt {
    /// Writes the lines, and turns the places of the labels into places of what was written.
    fn write(&mut self, file: &SourceFile) {
        let primary = self.labels.first().filter(|mark| mark.primary).map(|mark| mark.position);
        self.labels.sort_by_key(|mark| (mark.position.line, mark.start));
        let head = primary.or(self.labels.first().map(|mark| mark.position));
        self.text = "\n".repeat(self.first.saturating_sub(1));
        let mut written = self.text.len();
        for number in self.first..=self.last {
            let marks = || self.labels.iter().filter(|mark| mark.position.line == number);
            let earliest = marks().map(|mark| mark.start).min().unwrap_or(0);
            let line = Cut::new(file.line(number), earliest, number == 1);
            let mut shown = line.text();
            let len = shown.chars().count();
            for mark in self.labels.iter_mut().filter(|mark| mark.position.line == number) {
                let (start, end) = (line.place(mark.start), line.place(mark.end));
                // An empty place is shown as the character after it, if there is one.
                let end = if start == end { line.place(mark.start + 1) } else { end };
                (mark.start, mark.end) = (written + start.min(len), written + end.min(len));
            }
            // Blanks at the end are not drawn, but the head can name their columns.
            let column = head.filter(|head| head.line == number).map(|head| head.column - 1);
            if let Some(column) = column {
                self.head = written + column;
                shown.push_str(&" ".repeat(column.saturating_sub(len)));
            }
            written += len.max(column.unwrap_or(0)) + 1;
            self.text.push_str(&shown);
            self.text.push('\n');
        }
    }

    /// Whether its first label stands in the column in which it is shown.
    fn is_exact(&self) -> bool {
        self.labels.first().is_some_and(|mark| mark.start == self.head)
    }
}

/// The part of a line that is shown.
struct Cut<'a> {
    /// `…` where the beginning of the line is left out.
    before: &'static str,
    shown: &'a str,
    /// `…` where its end is left out.
    after: &'static str,
    /// The byte of the line at which `shown` starts.
    start: usize,
}

impl<'a> Cut<'a> {
    /// As much of `line` as fits, with its byte `earliest`.
    fn new(line: &'a str, earliest: usize, first_line: bool) -> Self {
        let mark =
            if first_line && line.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let (mut start, mut end) = (mark, line.len());
        if line.chars().nth(WIDTH).is_some() {
            let byte_of = |at| line.char_indices().nth(at).map_or(line.len(), |(byte, _)| byte);
            let column = line.char_indices().take_while(|(byte, _)| *byte < earliest).count();
            let first = column.saturating_sub(BEFORE);
            (start, end) = (byte_of(first).max(mark), byte_of(first + WIDTH));
        }
        let dots = |cut| if cut { "…" } else { "" };
        let shown = line.get(start..end).unwrap_or("");
        Self { before: dots(start > mark), shown, after: dots(end < line.len()), start }
    }

    /// What is written for it.
    fn text(&self) -> String {
        format!("{}{}{}", self.before, visible(self.shown), self.after)
    }

    /// The character of what is written at which the character ends that byte `offset` of the line is in; if the byte is
    /// the first of one, that starts there.
    fn place(&self, offset: usize) -> usize {
        let offset = offset.saturating_sub(self.start).min(self.shown.len());
        let ends = offset..=self.shown.len();
        let shown = ends.into_iter().find_map(|end| self.shown.get(..end)).unwrap_or("");
        self.before.chars().count() + visible(shown).chars().count()
    }
}

/// The drawn excerpts, each line without blanks at its end. The head of the first names its `head`, that of each other
/// its first label.
fn draw(excerpts: &[Excerpt], main: Color, color: bool) -> String {
    let config = Config::new().with_index_type(IndexType::Char).with_color(color);
    let head = excerpts.first().map_or(0, |excerpt| excerpt.head);
    let mut report = Report::build(ReportKind::Advice, (0, head..head)).with_config(config);
    for (id, excerpt) in excerpts.iter().enumerate() {
        report.add_labels(excerpt.labels.iter().map(|mark| {
            Label::new((id, mark.start..mark.end))
                .with_color(if mark.primary { main } else { Color::Cyan })
                .with_message(&mark.text)
        }));
    }
    let mut drawn = Vec::new();
    if report.finish().write(Texts::new(excerpts), &mut drawn).is_err() {
        return String::new();
    }
    let mut shown: Vec<String> = Vec::new();
    // The first line is a title of the library's own making.
    for line in String::from_utf8_lossy(&drawn).lines().skip(1) {
        if is_bare(line) {
            // An underline without words needs no place for them to hang from.
            if line.contains('╰')
                && let Some(underline) = shown.last_mut().filter(|it| it.matches('┬').count() == 1)
            {
                *underline = underline.replace('┬', "─");
            }
            continue;
        }
        shown.push(format!("{}\n", line.trim_end_matches(' ')));
    }
    shown.concat()
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

/// The excerpts by their index, each with its path and its text.
struct Texts<'a>(Vec<(&'a str, Source<&'a str>)>);

impl<'a> Texts<'a> {
    fn new(excerpts: &'a [Excerpt]) -> Self {
        let texts = excerpts.iter().map(|it| (it.path.as_str(), Source::from(it.text.as_str())));
        Self(texts.collect())
    }
}

impl<'a> Cache<usize> for Texts<'a> {
    type Storage = &'a str;

    fn fetch(&mut self, id: &usize) -> Result<&Source<&'a str>, impl std::fmt::Debug> {
        self.0.get(*id).map(|(_, text)| text).ok_or("no such excerpt")
    }

    fn display<'b>(&self, id: &'b usize) -> Option<impl std::fmt::Display + 'b> {
        self.0.get(*id).map(|(path, _)| (*path).to_owned())
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

    #[test]
    fn heads_and_margins_name_the_true_places() {
        let mut sources = Sources::new();
        let long = format!("{}\n{} there\n", "\n".repeat(199_998), "é".repeat(500));
        let (start, length) = (u32::try_from(long.len() - 6).unwrap(), long.len());
        let far = sources.add("far.flow", long);
        let near = sources.add("near.flow", "\u{200b}x here");
        let labels = [Span::new(near, 5, 9), Span::new(far, start, start + 5)];
        let shown = |labels: &[Span]| {
            let found = Diagnostic::new(&UNKNOWN_ZONE, "m");
            let found = labels.iter().fold(found, |found, label| found.label(*label, "w"));
            render(&found, &sources, false)
        };
        let lines = |text: &str| text.matches("[ ").count();
        for labels in [labels, [labels[1], labels[0]]] {
            let shown = shown(&labels);
            assert!(shown.contains("[ near.flow:1:4 ]") && shown.contains("\n 1 │ "), "{shown}");
            assert!(shown.contains("[ far.flow:200000:502 ]"), "{shown}");
            assert!(shown.contains("\n 200000 │ …é"), "{shown}");
            assert_eq!(lines(&shown), 2, "{shown}");
        }
        let started = std::time::Instant::now();
        (0..20).for_each(|_| drop(shown(&labels[1..])));
        assert!(started.elapsed() < std::time::Duration::from_secs(10), "{length} bytes each");
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
