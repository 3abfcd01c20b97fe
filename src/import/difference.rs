//! Where lines and policies differ, for people.

use serde::Serialize;

use crate::reach::Example;

/// What is to be said of a landing zone, or of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportVerdict {
    /// An application's name, or `platform`.
    pub owner: String,
    /// Whether its lines mean what its policies do.
    pub verdict: Equal,
    /// Where they do not, the most important first.
    pub differences: Vec<Difference>,
    /// Where the same is open, and policies that come later can open more or less than they could.
    pub later_policies: Vec<LaterPolicies>,
}

/// What policies that nobody has written yet can open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaterPolicies {
    /// Whether they can open more after the import than before.
    pub more: bool,
    /// The places.
    pub at: Vec<String>,
}

/// Whether lines mean what policies do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Equal {
    /// Yes.
    Equivalent,
    /// Yes, but for namespaces that nobody has declared yet.
    EquivalentToday,
    /// No.
    Differs,
}

/// What is open after the import and was closed before, or the reverse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Difference {
    /// Whether more is open than before.
    pub more: bool,
    /// Whether it is about what these places send.
    pub sends: bool,
    /// Whether it is about what these places receive.
    pub receives: bool,
    /// The places.
    pub at: Vec<String>,
    /// What, and the other ends.
    pub parts: Vec<DifferencePart>,
    /// Whether what lines still open is passed over.
    pub rough: bool,
    /// The policies that opened or closed it before; none where no policy did.
    pub by: Vec<String>,
    /// One connection, in words.
    pub example: String,
    /// The connection.
    #[serde(skip)]
    pub connection: Option<Example>,
}

/// Traffic, and the other ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DifferencePart {
    /// The other ends.
    pub places: Vec<String>,
    /// What traffic.
    pub traffic: String,
    /// Whether only some pods are meant, by their labels, or something that no packet shows.
    pub some: bool,
}

impl Difference {
    /// Whether it is about what was open because no policy closed it, which a project closes.
    pub fn was_unclosed(&self) -> bool {
        !self.more && self.by.is_empty()
    }
}
