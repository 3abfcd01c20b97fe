//! The options of `eastwest audit`.

use std::path::PathBuf;

use clap::Args;

use super::{Foreign, Format};

/// `eastwest audit`
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// The policies, and perhaps the Namespace manifests: YAML or JSON, files, folders or `-`.
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) foreign: Foreign,
    /// How to print: text for people, json for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}
