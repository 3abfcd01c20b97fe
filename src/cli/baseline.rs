//! A baseline: the findings that were there when somebody began to look, so that only new ones are told. A small file,
//! a finding on each line, that is kept beside what it is about.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::args::Kept;
use crate::diagnostic::fingerprint::fingerprints;
use crate::diagnostic::plural::plural;
use crate::diagnostic::{Diagnostic, escaped};
use crate::project::failure::Failure;
use crate::project::files;
use crate::project::plan;
use crate::source::Sources;

/// What the file says it is.
const FORMAT: &str = "eastwest/baseline/1";

/// The findings that are known, by their fingerprints.
///
/// A command that has one takes [`Kept`] among its options, and with everything that it found does
///
/// ```ignore
/// let baseline = Baseline::named(&arguments.kept, &found, &sources)?;
/// // For a code platform: `Findings { diagnostics: &found, baseline: baseline.as_ref(), … }.print(platform, console)`
/// let split = baseline.map(|it| it.split(found, &sources));
/// // `split.new` is told and counts for the exit status; `split.told()` says what became of the others.
/// ```
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Baseline(BTreeMap<String, KnownFinding>);

/// A finding, as a line of the file has it. Its file and message are for people.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownFinding {
    code: String,
    fingerprint: String,
    file: String,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineDocument {
    format: String,
    findings: Vec<KnownFinding>,
}

/// Findings held against a baseline.
#[derive(Debug)]
pub(crate) struct Split {
    /// What the baseline does not have, in the order in which it was found.
    pub(crate) new: Vec<Diagnostic>,
    /// What it has.
    pub(crate) known: Vec<Diagnostic>,
    /// How many findings of the baseline are there no more.
    pub(crate) gone: usize,
}

impl Baseline {
    /// The baseline that `options` name, if they name one; where they ask for it, made of `found` and written first.
    pub(crate) fn named(
        options: &Kept,
        found: &[Diagnostic],
        sources: &Sources,
    ) -> Result<Option<Self>, Failure> {
        let Some(path) = &options.baseline else { return Ok(None) };
        if options.write_baseline {
            let baseline = Self::of(found, sources);
            baseline.write(path)?;
            return Ok(Some(baseline));
        }
        Self::read(path).map(Some)
    }

    /// A baseline that knows just `found`.
    pub(crate) fn of(found: &[Diagnostic], sources: &Sources) -> Self {
        let known = fingerprints(found, sources).into_iter().zip(found);
        let known = known.map(|(fingerprint, diagnostic)| {
            let finding = KnownFinding {
                code: diagnostic.code.code.to_owned(),
                fingerprint: fingerprint.clone(),
                file: diagnostic.primary().map_or("", |it| sources.path(it.file)).to_owned(),
                message: diagnostic.message.clone(),
            };
            (fingerprint, finding)
        });
        Self(known.collect())
    }

    /// Reads the baseline at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let anew = "write it anew with --write-baseline, or take it from before the last change";
        let bytes = fs::read(path).map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                Failure::new(format!("there is no baseline `{shown}`"))
                    .help("write it from what is found now: add --write-baseline")
            } else {
                Failure::reading(path, &error)
            }
        })?;
        let text = files::utf8(bytes, &shown)?;
        let document: BaselineDocument = serde_json::from_str(&text).map_err(|error| {
            Failure::new(format!("`{shown}` is not a baseline: {error}")).help(anew)
        })?;
        if document.format != FORMAT {
            let message = format!("`{shown}` is not a baseline of this version of eastwest");
            let help = format!("its format is `{}`, not `{FORMAT}`: {anew}", document.format);
            return Err(Failure::new(message).help(help));
        }
        let findings = document.findings.into_iter();
        Ok(Self(findings.map(|it| (it.fingerprint.clone(), it)).collect()))
    }

    /// Writes the baseline to `path`.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let shown = path.to_string_lossy();
        let text = self.text().map_err(|error| Failure::writing(path, &error.into()))?;
        plan::write_texts(Path::new("."), &[(&*shown, text)])
    }

    /// As it is written: sorted by file, a finding on each line, so that version control merges two versions well.
    fn text(&self) -> serde_json::Result<String> {
        let mut findings: Vec<_> = self.0.values().collect();
        findings.sort_by_key(|it| (&it.file, &it.code, &it.fingerprint));
        let lines: Vec<_> = findings.iter().map(escaped::compact).collect::<Result<_, _>>()?;
        let lines: Vec<_> = lines.iter().map(|line| format!("\n    {line}")).collect();
        let end = if lines.is_empty() { "" } else { "\n  " };
        let format = escaped::compact(&FORMAT)?;
        Ok(format!("{{\n  \"format\": {format},\n  \"findings\": [{}{end}]\n}}\n", lines.join(",")))
    }

    /// Whether it has a finding with this fingerprint.
    pub(crate) fn knows(&self, fingerprint: &str) -> bool {
        self.0.contains_key(fingerprint)
    }

    /// Which of `found` are new, and how many that it has are gone.
    pub(crate) fn split(&self, found: Vec<Diagnostic>, sources: &Sources) -> Split {
        let mut split = Split { new: Vec::new(), known: Vec::new(), gone: 0 };
        let mut seen = BTreeSet::new();
        for (fingerprint, diagnostic) in fingerprints(&found, sources).into_iter().zip(found) {
            if self.knows(&fingerprint) {
                seen.insert(fingerprint);
                split.known.push(diagnostic);
            } else {
                split.new.push(diagnostic);
            }
        }
        split.gone = self.0.len() - seen.len();
        split
    }
}

impl Split {
    /// What became of the findings of the baseline; empty where it has none.
    pub(crate) fn summary(&self) -> String {
        let mut lines = Vec::new();
        if !self.known.is_empty() {
            let known = plural(self.known.len(), "finding");
            lines.push(format!("known     {known} of the baseline\n"));
        }
        if self.gone > 0 {
            let are = if self.gone == 1 { "is" } else { "are" };
            let gone = plural(self.gone, "finding");
            lines.push(format!(
                "gone      {gone} of the baseline {are} gone: write it anew with --write-baseline\n"
            ));
        }
        lines.concat()
    }
}

#[cfg(test)]
mod tests;
