//! The options of `eastwest audit`.

use std::path::PathBuf;

use clap::Args;

use super::{FindingsFormat, Foreign, Kept};

/// `eastwest audit`
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// The policies, and perhaps the Namespace manifests: YAML or JSON, files, folders or `-`.
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) foreign: Foreign,
    #[command(flatten)]
    pub(crate) kept: Kept,
    /// How to print: text for people, short with a line for each finding, json for programs, sarif for code scanning, github for annotations of Actions,
    /// gitlab for its Code Quality report.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: FindingsFormat,
}
