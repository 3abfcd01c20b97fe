//! YAML: text to a tree whose nodes know their place ([`read`]), a second reader for verification
//! ([`read_back`]), and the strict writer ([`write`]).

pub mod node;
pub mod read;
pub mod read_back;
pub mod write;
