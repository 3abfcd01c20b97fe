//! The options of `eastwest init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `eastwest init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Namespace manifests: files, folders, or `-` for what `kubectl get namespaces -o yaml` prints, which is saved
    /// [default: those below this folder].
    pub(crate) paths: Vec<PathBuf>,
    /// Write a pipeline as well [default: that of the platform whose files are here].
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) pipeline: Option<Pipeline>,
}

/// Whose pipeline is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pipeline {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Azure Pipelines.
    Azure,
    /// None.
    None,
}
