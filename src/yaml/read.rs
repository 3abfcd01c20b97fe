//! The first reader of YAML: text to trees whose nodes know their place. It says everything that is wrong with the
//! text as a diagnostic, a broken document does not hide the others, and no input can exhaust the stack or the
//! memory. The only file that knows the library which scans the text; `tree` puts the values together.

mod tree;

use granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, StructureStyle, Tag,
};

use super::node::{MAX_DEPTH, Node};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::zones::{INVALID_YAML, YAML_LIMIT};
use crate::diagnostic::visible::{is_hidden, visible};
use crate::source::{FileId, Span};
use tree::{Builder, Shape, Stop};

/// The largest text that is read: 100 MiB, some hundred thousand namespaces.
pub const MAX_BYTES: usize = 100 << 20;

/// The longest key that is read. JSON knows no limit, but every bracket in it may start a key: without one, all that follows the
/// first bracket is kept until it is closed.
const LONGEST_KEY: usize = 1 << 20;

const YAML_TAGS: &str = "tag:yaml.org,2002:";

/// Reads every document of `text`, the text of `file`. JSON is read as well. Gives the documents that could be read
/// whole, in order, and a diagnostic for everything that is wrong. An empty document is a null scalar.
pub fn read(text: &str, file: FileId) -> (Vec<Node>, Vec<Diagnostic>) {
    if text.len() > MAX_BYTES {
        let too_large = Diagnostic::new(&YAML_LIMIT, "this file is larger than 100 MiB")
            .label(Span::new(file, 0, 0), "the file")
            .help("split it into several files");
        return (Vec::new(), vec![too_large]);
    }
    let mut documents = Vec::new();
    let mut visit = |part| match part {
        ReadPart::Document(node) | ReadPart::Item(node) => documents.push(node),
    };
    let mut reader =
        Reader { text, file, visit: &mut visit, items: false, diagnostics: Vec::new() };
    reader.run();
    let diagnostics = reader.diagnostics;
    (documents, diagnostics)
}

/// Reads every document of `text`, the text of `file`, and gives each to `visit` as soon as it is whole, without keeping it: for
/// what clusters print. Of an object with `items` each item comes by itself, and then the object without them. Gives a
/// diagnostic for everything that is wrong.
pub fn read_each(text: &str, file: FileId, visit: &mut dyn FnMut(ReadPart)) -> Vec<Diagnostic> {
    let mut reader = Reader { text, file, visit, items: true, diagnostics: Vec::new() };
    reader.run();
    reader.diagnostics
}

/// What [`read_each`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadPart {
    /// One of the `items` of the object whose rest comes next.
    Item(Node),
    /// A document; of an object with `items`, the rest of it.
    Document(Node),
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    visit: &'a mut dyn FnMut(ReadPart),
    /// Whether the items of an object come by themselves.
    items: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn run(&mut self) {
        let mut options = Options::default();
        options.set_emit_comments(false);
        options.flow_nesting_limit = MAX_DEPTH;
        options.block_nesting_limit = MAX_DEPTH;
        options.simple_key_max_lookahead = LONGEST_KEY;
        options.emit_unresolved_aliases = true;
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        let mut builder = Builder::new(self.file, self.items);
        while let Some(event) = parser.next_event() {
            let stop = match event {
                Ok((event, place)) => {
                    let span = self.span(&place);
                    self.event(&mut builder, event, span, &place).err()
                }
                Err(error) => Some(self.scan_error(&error)),
            };
            for item in builder.take_items() {
                (self.visit)(ReadPart::Item(item));
            }
            if let Some(stop) = stop {
                self.diagnostics.append(&mut builder.diagnostics);
                self.diagnostics.push(*stop);
                builder = Builder::new(self.file, self.items);
                match parser.proceed_next_document() {
                    Ok(true) => {}
                    // What a failed source would say has been said above.
                    Ok(false) | Err(_) => break,
                }
            }
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "what the library may add is not a value")]
    fn event(
        &mut self,
        builder: &mut Builder,
        event: Event<'_>,
        span: Span,
        place: &granit_parser::Span,
    ) -> Result<(), Stop> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let mut plain = style == ScalarStyle::Plain;
                if let Some(tag) = tag.as_deref() {
                    plain = self.is_typed(tag, plain, place)?;
                }
                // Where nothing is written the scanner gives `~`.
                let text = if span.start == span.end { "".into() } else { text };
                builder.value(Node::scalar(text, plain, Some(span)), anchor)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", place)?;
                self.check_indent(style, span)?;
                builder.open(Shape::List, style == StructureStyle::Flow, span, anchor)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", place)?;
                self.check_indent(style, span)?;
                builder.open(Shape::Map, style == StructureStyle::Flow, span, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => builder.close(span),
            Event::Alias(anchor) => builder.alias(anchor, span),
            Event::UnresolvedAlias(name) => Err(invalid(
                format!("`*{0}` stands for a value that no `&{0}` above it gives", visible(&name)),
                span,
            )),
            Event::DocumentEnd => {
                let (document, mut diagnostics) =
                    std::mem::replace(builder, Builder::new(self.file, self.items)).finish();
                if let Some(document) = document {
                    (self.visit)(ReadPart::Document(document));
                }
                self.diagnostics.append(&mut diagnostics);
                Ok(())
            }
            // Starts, ends, comments, names of anchors.
            _ => Ok(()),
        }
    }

    /// Whether a scalar with `tag` is to be read by its looks, as a plain one is.
    fn is_typed(&self, tag: &Tag, plain: bool, place: &granit_parser::Span) -> Result<bool, Stop> {
        match (tag.handle(), tag.suffix()) {
            ("", "!") | ("!", "") => return Ok(false),
            _ => {}
        }
        match tag.suffix_in_namespace(YAML_TAGS).as_deref() {
            Some("str") => Ok(false),
            Some("int" | "float" | "bool" | "null" | "timestamp") => Ok(true),
            Some(_) | None => self.unknown_tag(tag, place).map(|()| plain),
        }
    }

    fn check_tag(
        &self,
        tag: Option<&Tag>,
        own: &str,
        place: &granit_parser::Span,
    ) -> Result<(), Stop> {
        match tag {
            Some(tag) if tag.suffix_in_namespace(YAML_TAGS).as_deref() != Some(own) => {
                self.unknown_tag(tag, place)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn unknown_tag(&self, tag: &Tag, place: &granit_parser::Span) -> Result<(), Stop> {
        let span = self.span(&place.tag_span().unwrap_or(*place));
        let message = format!(
            "the tag `{}` has no meaning in a Kubernetes manifest",
            visible(&tag.original())
        );
        Err(invalid(message, span))
    }

    fn span(&self, place: &granit_parser::Span) -> Span {
        let offset = |mark: granit_parser::Marker| {
            u32::try_from(mark.byte_offset().unwrap_or(0)).unwrap_or(u32::MAX)
        };
        let start = offset(place.start);
        Span::new(self.file, start, offset(place.end).max(start))
    }

    /// The tab that indents the line of `mark` or, where the scanner looks back at what was before, the next such line.
    fn tab_near(&self, mark: usize) -> Stop {
        let before = self.text.get(..mark).unwrap_or_default();
        let mut start = before.rfind('\n').map_or(0, |end| end + 1);
        for line in self.text.get(start..).unwrap_or_default().split_inclusive('\n') {
            let blank = line.len() - line.trim_start().len();
            if let Some(tab) = line.get(..blank).and_then(|blank| blank.find('\t')) {
                return self.tab_at(start + tab);
            }
            start += line.len();
        }
        self.tab_at(mark)
    }

    fn tab_at(&self, tab: usize) -> Stop {
        let end = (tab + 1).min(self.text.len());
        let span = Span::new(self.file, offset(tab), offset(end));
        let stop = Diagnostic::new(&INVALID_YAML, "a tab cannot indent YAML").label(span, "a tab");
        Box::new(stop.help("write spaces instead of the tab"))
    }

    /// Refuses a list or mapping at `span` that a tab indents: this scanner lets some pass, Kubernetes none.
    fn check_indent(&self, style: StructureStyle, span: Span) -> Result<(), Stop> {
        if style == StructureStyle::Flow {
            return Ok(());
        }
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        match before.get(line..).and_then(|line| line.find('\t')) {
            Some(tab) => Err(self.tab_at(line + tab)),
            None => Ok(()),
        }
    }

    /// The character at which the scanner stopped, with what it could not make sense of.
    fn scan_error(&self, error: &ScanError) -> Stop {
        let mark = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        if is_tab(error.kind()) {
            return self.tab_near(mark);
        }
        let next = self.text.get(mark..).and_then(|rest| rest.chars().next());
        let end = mark + next.filter(|c| *c != '\n' && *c != '\r').map_or(0, char::len_utf8);
        let span = Span::new(self.file, offset(mark), offset(end));
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            return tree::too_deep(span);
        }
        let (message, help) = words(error.kind());
        let stop = Diagnostic::new(&INVALID_YAML, message).label(span, "here");
        Box::new(match help {
            Some(help) => stop.help(help),
            None => stop,
        })
    }
}

fn invalid(message: String, span: Span) -> Stop {
    Box::new(Diagnostic::new(&INVALID_YAML, message).label(span, "here"))
}

fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
            | ErrorKind::UnexpectedCharacter { character: '\t' }
    )
}

/// What is wrong, in words for someone who knows YAML but not how it is scanned, and a help.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds; they are shown in its own words"
)]
fn words(kind: &ErrorKind) -> (String, Option<&'static str>) {
    use ErrorKind as Kind;
    let (message, help) = match kind {
        Kind::UnexpectedCharacter { character } if is_hidden(*character) => {
            let code = u32::from(*character);
            return (format!("the character U+{code:04X} cannot stand in YAML"), Some("delete it"));
        }
        Kind::UnexpectedCharacter { character } => {
            let help = "text that starts with a sign stands in double quotes";
            return (format!("`{character}` cannot start a value"), Some(help));
        }
        Kind::MissingAnchorOrAliasName => (
            "a `&` or `*` at the start of a value is followed by a name",
            Some("text that starts with a sign stands in double quotes"),
        ),
        Kind::InvalidTrailingSingleQuotedScalar | Kind::InvalidTrailingDoubleQuotedScalar => {
            ("nothing can stand right after the closing quote", None)
        }
        Kind::UnclosedQuotedScalar | Kind::DocumentIndicatorInQuotedScalar => {
            ("this quote is never closed", None)
        }
        Kind::UnclosedFlowCollection { open } => {
            return (format!("this `{open}` is never closed"), None);
        }
        Kind::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("`{open}` cannot be closed by `{close}`"), None);
        }
        Kind::MisplacedFlowCollectionEnd => ("this bracket closes nothing", None),
        Kind::UnexpectedEofFlowSequence => ("a `[` is never closed", None),
        Kind::UnexpectedEofFlowMapping | Kind::UnexpectedEofImplicitFlowMapping => {
            ("a `{` is never closed", None)
        }
        Kind::MappingValueNotAllowed | Kind::InvalidColonPlacement => (
            "a `:` cannot stand here",
            Some(
                "text with a `:` in it stands in double quotes; if this is a key, the line before may lack its `:`",
            ),
        ),
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => {
            ("this line is neither `key: value` nor the continuation of a value", None)
        }
        Kind::ExpectedBlockMappingKey | Kind::InvalidIndentation => (
            "this line is not indented like the lines around it",
            Some("keys of one mapping stand in one column"),
        ),
        Kind::ExpectedBlockSequenceEntry => (
            "this line is not indented like the lines around it",
            Some("items of one list start with `- ` in one column"),
        ),
        Kind::ExpectedDocumentStart => (
            "this stands after the end of the document",
            Some("start another document with a line `---`"),
        ),
        Kind::UnknownQuotedScalarEscape => (
            "a `\\` in these quotes starts no escape that YAML knows",
            Some("write a backslash as `\\\\`"),
        ),
        Kind::BomInsideDocument => ("a byte-order mark stands inside the text", Some("delete it")),
        Kind::BlockEntryInFlowCollection | Kind::BlockSequenceEntryNotAllowed => {
            ("a list item cannot start here", None)
        }
        other => {
            let words = other.to_string();
            let words = match words.strip_prefix("while ").and_then(|rest| rest.split_once(", ")) {
                Some((_, what)) => what,
                None => &words,
            };
            return (format!("this is not valid YAML: {words}"), None);
        }
    };
    (message.to_owned(), help)
}

#[cfg(test)]
mod tests;
