//! The options of `eastwest diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::{Foreign, date};

/// `eastwest diff`
///
/// A world is a project's folder, a revision of the project here (`git:refs/remotes/origin/main`), or Calico YAML that anybody
/// wrote: a file, a folder, or `-`, as `kubectl get … -o yaml` prints it. Moved, reordered and reformatted lines are no change.
#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The world as it was: a project, git:REVISION, or Calico YAML.
    pub(crate) old: String,
    /// The world as it is [default: the project here].
    pub(crate) new: Option<String>,
    /// Policies that are kept beside a project, and count with it: YAML or JSON; once for each path.
    #[arg(long, value_name = "PATH")]
    pub(crate) with: Vec<PathBuf>,
    /// Show this alone.
    #[arg(long, value_name = "WHAT")]
    pub(crate) only: Option<Only>,
    #[command(flatten)]
    pub(crate) foreign: Foreign,
    /// Judge dates as of this day [default: today in UTC].
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// How to print.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: DiffFormat,
}

/// How to print a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people.
    Text,
    /// For programs: one document on standard output.
    Json,
    /// For the description of a pull request, or a comment on it.
    Markdown,
    /// For code scanning, as GitHub and others have it: a SARIF 2.1.0 log, each change at the line that makes it.
    Sarif,
    /// For GitHub Actions: workflow commands, which are shown beside the lines of a change.
    Github,
    /// For GitLab: a Code Quality report, which is shown in merge requests.
    Gitlab,
}

/// A part of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Only {
    /// What moves a boundary: crossings, guardrails, exemptions, the default deny, namespaces of another landing zone.
    Crossings,
}
