//! Diagnostics as results of SARIF.

use std::fmt::Write as _;

use serde::Serialize;

use super::text::SarifText;
use crate::diagnostic::lines::lines;
use crate::diagnostic::place::{ShownPlace, place};
use crate::diagnostic::{Diagnostic, Edit, Fix, Label};
use crate::source::{Sources, Span};

/// A result.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultSarif<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: SarifText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixSarif<'a>>,
}

#[derive(Debug, Serialize)]
struct Fingerprints {
    /// The name says how it is made, so that another way may have another.
    #[serde(rename = "eastwest/v1")]
    ours: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<SarifText>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Debug, Serialize)]
struct Artifact {
    uri: String,
}

/// The end column is the one after the last character, as in ours.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FixSarif<'a> {
    description: SarifText,
    artifact_changes: Vec<SarifChange<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifChange<'a> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Content<'a>,
}

/// What a file is to hold, so nothing in it is written out.
#[derive(Debug, Serialize)]
struct Content<'a> {
    text: &'a str,
}

/// `diagnostic` as a result of rule number `rule`.
pub(super) fn view<'a>(
    diagnostic: &'a Diagnostic,
    rule: usize,
    fingerprint: String,
    known: Option<&dyn Fn(&str) -> bool>,
    sources: &Sources,
) -> ResultSarif<'a> {
    let mut labels = diagnostic.labels.iter().map(|label| labelled(label, sources));
    let primary = labels.next().or_else(|| beginning(sources));
    ResultSarif {
        rule_id: diagnostic.code.code,
        rule_index: rule,
        level: super::level(diagnostic.level),
        message: SarifText::new(&lines(diagnostic, sources)),
        locations: primary.into_iter().collect(),
        related_locations: labels.collect(),
        baseline_state: known.map(|known| if known(&fingerprint) { "unchanged" } else { "new" }),
        partial_fingerprints: Fingerprints { ours: fingerprint },
        fixes: diagnostic.fix.iter().map(|it| fix(it, sources)).collect(),
    }
}

fn labelled(label: &Label, sources: &Sources) -> Location {
    let message = (!label.text.is_empty()).then(|| SarifText::new(&label.text));
    Location { physical_location: physical(label.span, sources), message }
}

/// The start of the first file: GitHub refuses a result without a place.
fn beginning(sources: &Sources) -> Option<Location> {
    let (file, _) = sources.iter().next()?;
    let physical_location = physical(Span::new(file, 0, 0), sources);
    Some(Location { physical_location, message: None })
}

fn physical(span: Span, sources: &Sources) -> Physical {
    let place = place(span, sources);
    Physical { artifact_location: Artifact { uri: uri(place.file) }, region: region(place) }
}

fn region(place: ShownPlace<'_>) -> Region {
    Region {
        start_line: place.line,
        start_column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    }
}

fn fix<'a>(fix: &'a Fix, sources: &Sources) -> FixSarif<'a> {
    let replacement = |edit: &'a Edit| Replacement {
        deleted_region: region(place(edit.span, sources)),
        inserted_content: Content { text: &edit.text },
    };
    let one_file = |edits: &'a [Edit]| {
        let first = edits.first()?;
        let artifact_location = Artifact { uri: uri(sources.path(first.span.file)) };
        Some(SarifChange {
            artifact_location,
            replacements: edits.iter().map(replacement).collect(),
        })
    };
    let files = fix.edits.chunk_by(|one, next| one.span.file == next.span.file);
    FixSarif {
        description: SarifText::new(&fix.title),
        artifact_changes: files.filter_map(one_file).collect(),
    }
}

/// `path` as a URI: relative as it is, and `file://` before one that begins at the root.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
