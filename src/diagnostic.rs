//! What the compiler finds in its input, as data. A [`Diagnostic`] is made by any stage and
//! shown by one of the renderers below; no stage formats or prints one. The rules themselves (code,
//! default level, page) are in [`codes`].

pub mod codes;
pub mod escaped;
pub mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod json;
mod lines;
pub mod markers;
pub mod nearest;
mod place;
pub(crate) mod plural;
pub mod sarif;
pub mod short;
pub mod text;
pub mod visible;

use crate::source::Span;

/// How much a diagnostic matters. Only an error stops a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is written.
    Error,
    /// Worth a change; an error under `--strict`.
    Warning,
    /// Good to know.
    Note,
}

impl Level {
    /// `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One rule that input can break.
#[derive(Debug)]
pub struct DiagnosticRule {
    /// `EW` and four digits, for good.
    pub code: &'static str,
    /// The name of its item, such as `UNKNOWN_ZONE`.
    pub name: &'static str,
    /// What the rule says, in a few words, for the list that `explain` prints.
    pub summary: &'static str,
    /// Its level where the configuration says nothing.
    pub level: Level,
    /// Whether `[lints]` may set another level. Errors of the language are not lints.
    pub lint: bool,
    /// The page that `explain` shows, in Markdown.
    pub page: &'static str,
}

/// A rule, by reference: rules are compared by their code.
pub type Code = &'static DiagnosticRule;

/// A place and what it has to do with the matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words to stand under it; empty where the place alone says it.
    pub text: String,
}

/// One replacement in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

/// A change that certainly does what the writer meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, as an order: "write `tcp/443`".
    pub title: String,
    /// Edits that do not overlap.
    pub edits: Vec<Edit>,
}

/// One finding about the input. Messages are lower case, without a full stop or a line break, with
/// the user's words in backticks.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule that was broken.
    pub code: Code,
    /// How much it matters here.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// The place to blame first, then others. Empty only where no file is to blame.
    pub labels: Vec<Label>,
    /// What to do, each a line or a few; corrected text stands on lines of its own.
    pub help: Vec<String>,
    /// A change that is certain to be right, if there is one.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// `code` at its default level, with `message` (made one line of visible text, since it may quote the
    /// input) and no place yet.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            level: code.level,
            message: visible::one_line(message.into()),
            labels: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }

    /// `code` with `message`, as [`Diagnostic::new`] makes it, and the place `span`, which says it all.
    pub fn at(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, message).label(span, "")
    }

    /// Adds a place: the first one added is the primary label. `text` is made one line of visible text.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: visible::one_line(text.into()) });
        self
    }

    /// Adds a help text.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Sets the change that is certain to be right: `text` instead of `span`.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { title: title.into(), edits: vec![Edit { span, text: text.into() }] });
        self
    }

    /// Says that `text` belongs instead of `span`, as help and as a change that is certain to be right.
    #[must_use]
    pub fn replace(self, span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        let title = format!("write `{text}`");
        self.help(&*title).fix(title, span, text)
    }

    /// The place to blame first.
    pub fn primary(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}
