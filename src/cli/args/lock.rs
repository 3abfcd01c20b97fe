//! The options of `eastwest lock`.

use clap::Args;

use super::{Common, Format};

/// `eastwest lock`
#[derive(Debug, Args)]
pub(crate) struct Lock {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Write nothing, and fail if crossings.lock is not what would be written.
    #[arg(long)]
    pub(crate) check: bool,
    /// How to print: text for people, json for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}
