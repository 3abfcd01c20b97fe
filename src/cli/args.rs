//! The commands and options, and the words that `--help` says about them; the options of each command have a file.

mod asked;
mod audit;
mod build;
mod can;
mod check;
mod diff;
mod explain;
mod export;
mod findings;
mod foreign;
mod graph;
mod import;
mod init;
mod kept;
mod list;
mod lock;
mod test;

pub(crate) use asked::Asked;
pub(crate) use audit::Audit;
pub(crate) use build::Build;
pub(crate) use can::Can;
pub(crate) use check::Check;
pub(crate) use diff::{DiffArguments, DiffFormat, Only};
pub(crate) use explain::Explain;
pub(crate) use export::Export;
pub(crate) use findings::{FindingsFormat, FindingsPlatform};
pub(crate) use foreign::Foreign;
pub(crate) use graph::{GraphArguments, Picture};
pub(crate) use import::Import;
pub(crate) use init::{Init, Pipeline};
pub(crate) use kept::Kept;
pub(crate) use list::{ListArguments, ListFormat, ListKind};
pub(crate) use lock::Lock;
pub(crate) use test::{Test, TestFormat};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

/// Compile network flows into verified Calico policy.
///
/// Flows are lines such as `application2.frontend -> application2.backend : tcp/8443`. Eastwest checks them
/// against the namespaces of the cluster, writes the Calico policies that allow them, and proves that these
/// allow nothing else.
#[derive(Debug, Parser)]
#[command(name = "eastwest", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Begin a project: a configuration, a platform file and a lock that close nothing.
    Init(Init),
    /// Check the flows of a project, and write nothing.
    Check(Check),
    /// Check, compile, verify, and write the policies.
    Build(Build),
    /// Ask whether connections are open, and why.
    Can(Can),
    /// Check statements of what must be open and what must not.
    Test(Test),
    /// Write crossings.lock, the register of everything that is open across a boundary.
    Lock(Lock),
    /// Find problems in existing Calico policies.
    Audit(Audit),
    /// Turn Calico policies into flow files for their owners, and say whether they mean the same.
    Import(Import),
    /// Compare what traffic two worlds allow.
    Diff(DiffArguments),
    /// Write the bundle that repositories of applications vendor.
    Export(Export),
    /// List what there is to write against, and the register of crossings.
    List(ListArguments),
    /// Draw who may talk to whom.
    ///
    /// An arrow is whole where both sides are open, and dashed where one of them still lacks its line.
    Graph(GraphArguments),
    /// Explain a diagnostic by its code, or list all codes.
    Explain(Explain),
}

/// Which project, and how to judge it.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The project's folder [default: the nearest one upward that has an eastwest.toml].
    pub(crate) project: Option<PathBuf>,
    /// Read this file of the project's folder instead of eastwest.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Treat warnings as errors.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Judge dates as of this day [default: today in UTC].
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// Look at the diagnostics and files of one owner only: an application, or `platform`.
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<String>,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` or `CLICOLOR_FORCE` say otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one document on standard output.
    Json,
}

fn date(text: &str) -> Result<Date, String> {
    let shape = |(index, c): (usize, char)| match index {
        4 | 7 => c == '-',
        _ => c.is_ascii_digit(),
    };
    let written = text.len() == 10 && text.chars().enumerate().all(shape);
    let date = written.then(|| text.parse::<Date>().ok()).flatten();
    date.ok_or_else(|| "write a day like 2026-11-22".to_owned())
}
