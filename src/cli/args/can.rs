//! The options of `eastwest can`.

use std::path::PathBuf;

use clap::Args;

use super::{Asked, ListFormat};

/// `eastwest can`
///
/// A place is a zone (`application2.frontend`, `application2.*`), perhaps with a selector of its pods in brackets, an external,
/// `namespace/NAME`, or an address or a block of addresses.
#[derive(Debug, Args)]
pub(crate) struct Can {
    /// Who opens the connection: a zone, an external, namespace/NAME or an address [default: all pairs of places are listed].
    pub(crate) from: Option<String>,
    /// To whom [default: everything that FROM reaches is listed].
    pub(crate) to: Option<String>,
    /// Which traffic, as in flows: tcp/443 [default: all that is open is listed].
    pub(crate) traffic: Option<String>,
    /// List everything that reaches TO.
    #[arg(long = "to", value_name = "TO", conflicts_with = "from")]
    pub(crate) reached: Option<String>,
    /// Answer the questions of FILE (`-` for standard input), a JSON object on each line, with one on each line; one that has
    /// `"expect": "deny"` is answered with whether that is met, and the status is 1 if one is not.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "reached"])]
    pub(crate) batch: Option<PathBuf>,
    /// List what is open to every namespace, to namespaces that may come, and to addresses outside.
    #[arg(long, conflicts_with_all = ["from", "reached", "batch"])]
    pub(crate) exposure: bool,
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// How to print: text for people, json for programs, csv for spreadsheets, where pairs of places are listed.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ListFormat,
}
