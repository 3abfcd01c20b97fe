//! Releases of Calico.

use std::fmt;

/// A minor release of Calico 3, 27 to 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(u8);

impl Release {
    /// The oldest one that is written for.
    pub const OLDEST: Self = Self(27);
    /// The newest one that is written for.
    pub const NEWEST: Self = Self(32);

    /// Reads `3.28` or `v3.28`; `None` for anything else, and for a release that is not written for.
    pub fn parse(text: &str) -> Option<Self> {
        let minor = text.strip_prefix('v').unwrap_or(text).strip_prefix("3.")?;
        let release = Self(minor.parse().ok()?);
        ((Self::OLDEST..=Self::NEWEST).contains(&release) && !minor.starts_with(['0', '+']))
            .then_some(release)
    }

    /// The minor number.
    pub fn minor(self) -> u8 {
        self.0
    }
}

impl Default for Release {
    fn default() -> Self {
        Self(28)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}", self.0)
    }
}
