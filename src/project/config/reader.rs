//! TOML with places: tables whose keys are known, values of one type, and the diagnostics for what is not so.

use toml::Spanned as TomlSpanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::project::{BAD_VALUE, NOT_TOML, UNKNOWN_KEY};
use crate::diagnostic::nearest::nearest;
use crate::source::{FileId, Span, Spanned};

/// A value and its place.
pub(super) type ConfigValue<'a> = TomlSpanned<DeValue<'a>>;

/// Reads one file, and gathers what is wrong with it.
pub(super) struct ConfigReader {
    file: FileId,
    diagnostics: Vec<Diagnostic>,
}

/// A table: the keys in the order written, each with its place and value.
pub(super) struct ConfigTable<'a>(Vec<(&'a str, (Span, &'a ConfigValue<'a>))>);

impl<'a> ConfigTable<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'a ConfigValue<'a>> {
        self.0.iter().find(|(it, _)| *it == key).map(|(_, (_, value))| *value)
    }

    pub(super) fn key_span(&self, key: &str) -> Option<Span> {
        self.0.iter().find(|(it, _)| *it == key).map(|(_, (span, _))| *span)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, (Span, &'a ConfigValue<'a>))> {
        self.0.iter().copied()
    }
}

impl ConfigReader {
    pub(super) fn new(file: FileId) -> Self {
        Self { file, diagnostics: Vec::new() }
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// What was wrong, in the order of the file.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(Diagnostic::primary);
        self.diagnostics
    }

    /// The start of the file, to blame for what is not in it.
    pub(super) fn start(&self) -> Span {
        Span::new(self.file, 0, 0)
    }

    pub(super) fn span<T>(&self, value: &TomlSpanned<T>) -> Span {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.file, byte(value.span().start), byte(value.span().end))
    }

    /// The whole file as a value.
    pub(super) fn parse<'a>(&mut self, text: &'a str) -> Option<ConfigValue<'a>> {
        match DeTable::parse(text) {
            Ok(root) => {
                let span = root.span();
                Some(TomlSpanned::new(span, DeValue::Table(root.into_inner())))
            }
            Err(error) => {
                let at = error.span().unwrap_or(0..0);
                let span = self.span(&TomlSpanned::new(at, ()));
                let message = error.message().lines().next().unwrap_or_default();
                let message = message.trim_end_matches(", expected nothing").trim();
                self
                    .push(Diagnostic::new(&NOT_TOML, "this is not TOML").label(span, message).help(
                    "text stands in double quotes, a list in brackets: write  release = \"3.28\"",
                ));
                None
            }
        }
    }

    /// `value` as a table in which only `keys` may stand; `name` is its own key, empty for the whole file.
    pub(super) fn table<'a>(
        &mut self,
        value: &'a ConfigValue<'a>,
        name: &str,
        keys: &[&str],
    ) -> ConfigTable<'a> {
        let table = self.open_table(value, name);
        for (key, (span, _)) in table.iter().filter(|(key, _)| !keys.contains(key)) {
            let place = if name.is_empty() { String::new() } else { format!(" in `[{name}]`") };
            let mut diagnostic =
                Diagnostic::new(&UNKNOWN_KEY, format!("there is no key `{key}`{place}"));
            diagnostic = match nearest(key, keys.iter().copied()) {
                Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")).fix(
                    format!("write `{near}`"),
                    span,
                    near,
                ),
                None => {
                    diagnostic.label(span, "").help(format!("the keys are {}", keys.join(", ")))
                }
            };
            self.push(diagnostic);
        }
        table
    }

    /// `value` as a table with whatever keys.
    pub(super) fn open_table<'a>(
        &mut self,
        value: &'a ConfigValue<'a>,
        name: &str,
    ) -> ConfigTable<'a> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(value, name, "a table", &format!("[{name}]"));
            return ConfigTable(Vec::new());
        };
        let entry = |(key, value): (&'a TomlSpanned<_>, &'a ConfigValue<'a>)| {
            let text: &str = AsRef::<std::borrow::Cow<'a, str>>::as_ref(key);
            (text, (self.span(key), value))
        };
        ConfigTable(table.iter().map(entry).collect())
    }

    pub(super) fn string(
        &mut self,
        value: &ConfigValue<'_>,
        name: &str,
    ) -> Option<Spanned<Box<str>>> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(Spanned::new(text.as_ref().into(), self.span(value)));
        }
        self.wrong(value, name, "text", &format!("{name} = \"…\""));
        None
    }

    pub(super) fn strings(
        &mut self,
        value: &ConfigValue<'_>,
        name: &str,
    ) -> Vec<Spanned<Box<str>>> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(value, name, "a list of text", &format!("{name} = [\"…\"]"));
            return Vec::new();
        };
        items.iter().filter_map(|item| self.string(item, name)).collect()
    }

    pub(super) fn boolean(&mut self, value: &ConfigValue<'_>, name: &str) -> Option<bool> {
        if let DeValue::Boolean(it) = value.get_ref() {
            return Some(*it);
        }
        self.wrong(value, name, "true or false", &format!("{name} = true"));
        None
    }

    pub(super) fn number(&mut self, value: &ConfigValue<'_>, name: &str) -> Option<u32> {
        if let DeValue::Integer(it) = value.get_ref()
            && let Ok(number) = u32::from_str_radix(it.as_str(), it.radix())
        {
            return Some(number);
        }
        self.wrong(value, name, "a whole number from 0", &format!("{name} = 100"));
        None
    }

    fn wrong(&mut self, value: &ConfigValue<'_>, name: &str, wanted: &str, example: &str) {
        let found = match value.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let message = format!("`{name}` must be {wanted}");
        let label = format!("this is {found}");
        self.push(bad_value(self.span(value), message, &label).help(format!("write  {example}")));
    }
}

/// What is wrong with a value: `key` and what it should have been.
pub(super) fn bad_value(span: Span, message: String, label: &str) -> Diagnostic {
    Diagnostic::new(&BAD_VALUE, message).label(span, label)
}
