//! The options of `eastwest export`.

use std::path::PathBuf;

use clap::Args;

use super::{Common, Format};

/// `eastwest export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) common: Common,
    /// How to print: text for people, json for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// The folder to write the bundle to.
    #[arg(short, value_name = "DIR")]
    pub(crate) output: PathBuf,
}
