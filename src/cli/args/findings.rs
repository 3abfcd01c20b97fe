//! How commands print that tell of diagnostics and findings.

use clap::ValueEnum;

/// How to print diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// For people.
    Text,
    /// A line for each: `file:line:column: level[code]: message`.
    Short,
    /// For programs: one document on standard output, everything in it.
    Json,
    /// For code scanning, as GitHub and others have it: a SARIF 2.1.0 log.
    Sarif,
    /// For GitHub Actions: workflow commands, which are shown beside the lines of a change.
    Github,
    /// For GitLab: a Code Quality report, which is shown in merge requests.
    Gitlab,
}

/// What shows diagnostics where people review code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FindingsPlatform {
    /// Editors, and people who want a line each.
    Short,
    /// Whatever reads SARIF.
    Sarif,
    /// GitHub Actions.
    Github,
    /// GitLab.
    Gitlab,
}

impl FindingsFormat {
    /// What diagnostics are printed for; `None` where the command prints them with its results.
    pub(crate) fn platform(self) -> Option<FindingsPlatform> {
        match self {
            Self::Text | Self::Json => None,
            Self::Short => Some(FindingsPlatform::Short),
            Self::Sarif => Some(FindingsPlatform::Sarif),
            Self::Github => Some(FindingsPlatform::Github),
            Self::Gitlab => Some(FindingsPlatform::Gitlab),
        }
    }
}
