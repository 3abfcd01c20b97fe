//! The options of `eastwest check`.

use clap::Args;

use super::{Common, FindingsFormat};

/// `eastwest check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) common: Common,
    /// How to print: text for people, short with a line for each diagnostic, json for programs, sarif for code scanning, github for annotations of Actions,
    /// gitlab for its Code Quality report.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: FindingsFormat,
}
