//! The options of `eastwest import`.

use std::path::PathBuf;

use clap::Args;

use super::{Foreign, Format};

/// `eastwest import`
///
/// Each rule of each policy is taken apart by what it says, so that the lines read as their author would have written
/// them. Then the lines are compiled, and what they let pass is compared with what the policies let pass: for each landing
/// zone by the policies of its own namespaces, for the platform by everything.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The policies: YAML or JSON, a file, a folder or `-`.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write a complete project to this folder, new or empty [default: the flow files are printed].
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) foreign: Foreign,
    /// How to print: text for people, json for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}
