//! Diagnostics as JSON for programs: the same as the text says, with places as numbers. The form is fixed by
//! the schemas in `docs/schemas`.

use serde::Serialize;

use super::place::{ShownPlace, place};
use super::{Diagnostic, Edit, Fix, Label};
use crate::source::Sources;

/// One diagnostic.
#[derive(Debug, Serialize)]
pub struct DiagnosticJson<'a> {
    code: &'static str,
    level: &'static str,
    message: &'a str,
    labels: Vec<LabelJson<'a>>,
    help: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixJson<'a>>,
}

#[derive(Debug, Serialize)]
struct LabelJson<'a> {
    #[serde(flatten)]
    place: ShownPlace<'a>,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct FixJson<'a> {
    title: &'a str,
    edits: Vec<EditJson<'a>>,
}

#[derive(Debug, Serialize)]
struct EditJson<'a> {
    #[serde(flatten)]
    place: ShownPlace<'a>,
    text: &'a str,
}

/// `diagnostic` in the form that is written as JSON.
pub fn view<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> DiagnosticJson<'a> {
    let label =
        |label: &'a Label| LabelJson { place: place(label.span, sources), text: &label.text };
    let edit = |edit: &'a Edit| EditJson { place: place(edit.span, sources), text: &edit.text };
    let fix =
        |fix: &'a Fix| FixJson { title: &fix.title, edits: fix.edits.iter().map(edit).collect() };
    DiagnosticJson {
        code: diagnostic.code.code,
        level: diagnostic.level.name(),
        message: &diagnostic.message,
        labels: diagnostic.labels.iter().map(label).collect(),
        help: &diagnostic.help,
        fix: diagnostic.fix.as_ref().map(fix),
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Diagnostic;
    use crate::diagnostic::codes::names::UNKNOWN_ZONE;
    use crate::source::{Sources, Span};

    #[test]
    fn everything_is_in_it() {
        let mut sources = Sources::new();
        let file = sources.add("a.flow", "x\na.frontnd -> a.y\n");
        let span = Span::new(file, 4, 11);
        let diagnostic = Diagnostic::new(&UNKNOWN_ZONE, "no zone")
            .label(span, "here")
            .help("write it well")
            .fix("write `frontend`", span, "frontend");
        let json = serde_json::to_value(super::view(&diagnostic, &sources)).unwrap();
        let place = serde_json::json!({"file": "a.flow", "line": 2, "column": 3, "endLine": 2, "endColumn": 10});
        let with = |text: &str| {
            let mut it = place.clone();
            it["text"] = text.into();
            it
        };
        assert_eq!(
            json,
            serde_json::json!({
                "code": "EW0202", "level": "error", "message": "no zone", "labels": [with("here")],
                "help": ["write it well"],
                "fix": {"title": "write `frontend`", "edits": [with("frontend")]},
            })
        );
    }
}
