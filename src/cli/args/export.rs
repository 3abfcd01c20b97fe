//! The options of `eastwest export`.

use std::path::PathBuf;

use clap::Args;

use super::Common;

/// `eastwest export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The folder to write the bundle to.
    #[arg(short, value_name = "DIR")]
    pub(crate) output: PathBuf,
}
