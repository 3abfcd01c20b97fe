//! The options of every command that reads Calico YAML which is no project's.

use std::path::PathBuf;

use clap::Args;

use crate::calico::Release;
use crate::cli::foreign;

/// How to judge policies that anybody wrote.
#[derive(Debug, Args)]
pub(crate) struct Foreign {
    /// Read the Namespace manifests here, where the policies' files do not hold them; once for each path.
    #[arg(long, value_name = "PATH")]
    pub(crate) zones: Vec<PathBuf>,
    /// Judge policies by the rules of this release of Calico [default: the newest known].
    #[arg(long, value_name = "RELEASE", value_parser = foreign::release)]
    pub(crate) release: Option<Release>,
    /// Take [labels], [cluster] and [lints] from this file [default: the nearest eastwest.toml upward, if there is one];
    /// for a project, read it instead of eastwest.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}
