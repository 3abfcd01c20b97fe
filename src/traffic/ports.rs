//! Sets of ports where a port is its number and the names that its pod gives it.

/// x
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ports;
