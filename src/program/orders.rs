//! The `order` of each group of policies, where a project says no other.

/// The `order` of each group of policies: guardrails < platform < flows < deny < 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orders {
    /// Guardrails.
    pub guardrails: u32,
    /// Lines of the platform.
    pub platform: u32,
    /// Lines of applications.
    pub flows: u32,
    /// The default deny.
    pub deny: u32,
}

impl Default for Orders {
    fn default() -> Self {
        Self { guardrails: 100, platform: 200, flows: 500, deny: 900 }
    }
}
