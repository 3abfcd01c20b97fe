//! The options of `eastwest graph`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::{Common, date};

/// `eastwest graph`
#[derive(Debug, Args)]
pub(crate) struct GraphArguments {
    /// The project's folder [default: the nearest one upward that has an eastwest.toml].
    project: Option<PathBuf>,
    /// Read this file of the project's folder instead of eastwest.toml.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Draw one landing zone, and of the others what it talks to.
    #[arg(long, value_name = "APP")]
    pub(crate) of: Option<String>,
    /// Draw also what was there in a git revision of the project, and mark what was added (+), removed (−) and changed (±)
    /// since: a branch, a tag, a commit; best in full, as refs/remotes/origin/main.
    #[arg(long, value_name = "REV")]
    pub(crate) changed_since: Option<String>,
    /// What to write: a picture, or the matrix of zones.
    #[arg(long, value_name = "FORMAT", default_value = "mermaid")]
    pub(crate) format: Picture,
    /// Treat warnings as errors.
    #[arg(long)]
    strict: bool,
    /// Judge dates as of this day [default: today in UTC].
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
    /// Tell of the diagnostics of one owner only: an application, or `platform`.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
}

/// What to draw for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    /// For Markdown pages and merge requests.
    Mermaid,
    /// For Graphviz.
    Dot,
    /// For browsers, pages and slides.
    Svg,
    /// The matrix of zones, for spreadsheets.
    Csv,
}

impl GraphArguments {
    /// Which project, and how to judge it.
    pub(crate) fn common(&self) -> Common {
        Common {
            project: self.project.clone(),
            config: self.config.clone(),
            strict: self.strict,
            as_of: self.as_of,
            owner: self.owner.clone(),
        }
    }
}
