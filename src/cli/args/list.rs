//! The options of `eastwest list`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::{Common, date};

/// `eastwest list`
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// What to list.
    pub(crate) what: ListKind,
    /// The project's folder [default: the nearest one upward that has an eastwest.toml].
    pub(crate) project: Option<PathBuf>,
    /// Read this file of the project's folder instead of eastwest.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Only what is of this landing zone, or may touch it; for zones, guardrails and crossings.
    #[arg(long, value_name = "APP")]
    pub(crate) of: Option<String>,
    /// Count days from this day [default: today in UTC].
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// How to print: text for people, json for programs, csv for spreadsheets.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ListFormat,
}

impl ListArguments {
    /// Which project, as the other commands say it.
    pub(crate) fn common(&self) -> Common {
        Common {
            project: self.project.clone(),
            config: self.config.clone(),
            strict: false,
            as_of: self.as_of,
            owner: None,
        }
    }
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListKind {
    /// Namespaces with their landing zone and zone.
    Zones,
    /// Places outside every landing zone.
    Externals,
    /// Names of ports.
    Ports,
    /// What is forbidden.
    Guardrails,
    /// Lines that cross a boundary, with other half, reason, ticket and last day.
    Crossings,
}

/// How a list is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A table for people.
    Text,
    /// One document on standard output.
    Json,
    /// A header and a record for each line, as RFC 4180 has it.
    Csv,
}
