//! The options of every command that can pass over findings that are known.

use std::path::PathBuf;

use clap::Args;

/// What was known before.
#[derive(Debug, Args)]
pub(crate) struct Kept {
    /// Tell only of what this baseline does not know, and let only that count for the exit status.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write everything that is found to the baseline: from then on it is known.
    #[arg(long, requires = "baseline")]
    pub(crate) write_baseline: bool,
}
