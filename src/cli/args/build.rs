//! The options of `eastwest build`.

use clap::Args;

use super::{Common, FindingsFormat};

/// `eastwest build`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag that people write on its own")]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) common: Common,
    /// How to print: text for people, short with a line for each diagnostic, json for programs, sarif for code scanning, github for annotations of Actions,
    /// gitlab for its Code Quality report.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: FindingsFormat,
    /// Write nothing, and fail if the files on disk are not what would be written.
    #[arg(long)]
    pub(crate) check: bool,
    /// Print the policies to standard output instead of writing files; FILE can only be `-`.
    #[arg(long, value_name = "FILE", value_parser = ["-"], conflicts_with_all = ["check", "stats"])]
    pub(crate) output: Option<String>,
    /// The project that the cluster has now: `git:REVISION`, or a folder. Tells in which order to apply the files, so that nothing is cut or
    /// opened for a moment that is not so before and after, and what no order can spare.
    #[arg(long, value_name = "OLD", conflicts_with_all = ["output", "staged"])]
    pub(crate) since: Option<String>,
    /// Count policies, rules and selectors.
    #[arg(long)]
    pub(crate) stats: bool,
    /// Leave out flows past their last day (each is reported) instead of failing.
    #[arg(long)]
    pub(crate) drop_expired: bool,
    /// Write staged policies, which report what they would do and do nothing yet (Calico 3.30 or later).
    #[arg(long)]
    pub(crate) staged: bool,
}
