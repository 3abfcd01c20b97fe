//! Eastwest compiles a compact language of network flows into Calico policy, and proves that the policy
//! allows exactly those flows.

pub mod calico;
pub mod check;
pub mod cli;
pub mod compile;
pub mod diagnostic;
pub mod program;
pub mod reach;
pub mod selector;
pub mod source;
pub mod syntax;
pub mod traffic;
pub mod verify;
pub mod yaml;
pub mod zones;
