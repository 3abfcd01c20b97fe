//! The options of `eastwest test`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Asked;

/// `eastwest test`
///
/// A file has a statement on each line: `allow application2.frontend -> application2.backend : tcp/8443` says that all of that
/// must be open, `deny * -> application2.data except application2.backend` that nothing of that may be. Each is judged for every
/// pod of the two places, also for pods and namespaces that nobody has made yet. Places are those of flow lines, `namespace/NAME`,
/// an address or a block, `namespace/*` (every namespace, also those that may come) and `*` (everything, addresses as well).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eastwest test expectations.txt
  eastwest test --policies dump.yaml --format junit expectations.txt > report.xml
  echo 'deny * -> application2.data : tcp/22' | eastwest test -

Exit status: 0 all are met; 1 one is not; 4 none is unmet, and one cannot be told; 2 could not do it.")]
pub(crate) struct Test {
    /// The files with statements, or `-` for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// How to print: text for people, json for programs, junit for what shows test reports.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: TestFormat,
}

/// How to print what became of expectations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people.
    Text,
    /// For programs: one document on standard output.
    Json,
    /// For `GitLab`, Jenkins, Azure and others: `JUnit` XML.
    Junit,
}
