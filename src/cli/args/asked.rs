//! The options of every command that asks about a world: a project, or any Calico YAML.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::{Foreign, date};

/// What is asked about.
#[derive(Debug, Args)]
pub(crate) struct Asked {
    /// Ask about this project [default: the nearest one upward that has an eastwest.toml].
    #[arg(long, value_name = "PROJECT", conflicts_with_all = ["policies", "zones", "release"])]
    pub(crate) project: Option<PathBuf>,
    /// Ask about these policies: YAML or JSON, a file, a folder or `-`; once for each path.
    #[arg(long, value_name = "PATH", conflicts_with = "as_of")]
    pub(crate) policies: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) foreign: Foreign,
    /// Judge dates as of this day [default: today in UTC].
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
}
