//! The options of `eastwest explain`.

use clap::Args;

use super::Format;

/// `eastwest explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code, such as EW0201.
    pub(crate) code: Option<String>,
    /// How to print: text for people, json for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}
