//! The commands and options, and the words that `--help` says about them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::program::Release;

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
    /// Check the flows of a project, and write nothing.
    Check(Check),
    /// Check, compile, verify, and write the policies.
    Build(Build),
    /// Ask whether connections are open, and why.
    Can(Can),
    /// Write the bundle that repositories of applications vendor.
    Export(Export),
    /// Explain a diagnostic by its code, or list all codes.
    Explain(Explain),
}

/// Which project, and how to judge it.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The project's folder [default: the nearest one upward that has an eastwest.toml].
    pub(crate) project: Option<PathBuf>,
    /// Read this file of the project's folder in place of eastwest.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Take every warning for an error.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Judge dates as of this day [default: today in UTC].
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// Look at the diagnostics and files of one owner only: an application, or `platform`.
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<String>,
    /// How to print: text for people, json for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `eastwest check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `eastwest build`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag that people write on its own")]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Write nothing, and fail if the files on disk are not what would be written.
    #[arg(long)]
    pub(crate) check: bool,
    /// Print the policies to standard output in place of writing files; FILE can only be `-`.
    #[arg(long, value_name = "FILE", value_parser = ["-"], conflicts_with_all = ["check", "stats"])]
    pub(crate) output: Option<String>,
    /// Count policies, rules and selectors.
    #[arg(long)]
    pub(crate) stats: bool,
    /// Leave out flows past their last day (each is reported) in place of failing.
    #[arg(long)]
    pub(crate) drop_expired: bool,
    /// Write staged policies, which report what they would do and do nothing yet (Calico 3.30 or later).
    #[arg(long)]
    pub(crate) staged: bool,
}

/// `eastwest can`
///
/// A place is a zone (`application2.frontend`, `application2.*`), perhaps with a selector of its pods in brackets, an external,
/// `namespace/NAME`, or an address or a block of addresses.
#[derive(Debug, Args)]
pub(crate) struct Can {
    /// Who opens the connection: a zone, an external, namespace/NAME or an address.
    #[arg(required_unless_present_any = ["reached", "batch"])]
    pub(crate) from: Option<String>,
    /// To whom [default: everything that FROM reaches is listed].
    pub(crate) to: Option<String>,
    /// Which traffic, as in flows: tcp/443 [default: all that is open is listed].
    pub(crate) traffic: Option<String>,
    /// List everything that reaches TO.
    #[arg(long = "to", value_name = "TO", conflicts_with = "from")]
    pub(crate) reached: Option<String>,
    /// Answer the questions of FILE (`-` for standard input), a JSON object on each line, with one on each line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "reached"])]
    pub(crate) batch: Option<PathBuf>,
    /// Ask about this project [default: the nearest one upward that has an eastwest.toml].
    #[arg(long, value_name = "PROJECT", conflicts_with_all = ["policies", "zones", "release"])]
    pub(crate) project: Option<PathBuf>,
    /// Read this file of the project's folder in place of eastwest.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Ask about these policies: YAML or JSON, a file, a folder or `-`; once for each path.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["config", "as_of"])]
    pub(crate) policies: Vec<PathBuf>,
    /// Read the Namespace manifests here, where the policies' files do not hold them; once for each path.
    #[arg(long, value_name = "PATH", requires = "policies")]
    pub(crate) zones: Vec<PathBuf>,
    /// Judge policies by the rules of this release of Calico [default: the newest known].
    #[arg(long, value_name = "RELEASE", value_parser = super::foreign::release, requires = "policies")]
    pub(crate) release: Option<Release>,
    /// Judge dates as of this day [default: today in UTC].
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// How to print: text for people, json for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `eastwest export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The folder to write the bundle to.
    #[arg(short, value_name = "DIR")]
    pub(crate) output: PathBuf,
}

/// `eastwest explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code, such as EW0201.
    pub(crate) code: Option<String>,
    /// How to print: text for people, json for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
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
