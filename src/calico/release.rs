//! Releases of Calico, and what differs between them: by which ways objects come in ("how Calico decides", section 1), and
//! which of two policies of one tier and one order comes first (section 2.4).

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

impl Release {
    /// Whether Calico's resources may be native ones, whose schema alone is checked ("how Calico decides", section 1).
    pub fn has_native_resources(self) -> bool {
        self.minor() >= 32
    }

    /// How it breaks ties.
    pub fn ties(self) -> Ties {
        if self.minor() < 32 { Ties::ByNamespace } else { Ties::ByName }
    }
}

/// How a release breaks the tie between policies of one tier and one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ties {
    /// Up to v3.31: by namespace, then by the name with its tier before it.
    ByNamespace,
    /// From v3.32: by name, then namespace, then kind.
    ByName,
}

impl Ties {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::ByNamespace, Self::ByName];
}
