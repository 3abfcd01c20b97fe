//! YAML: text to a tree whose nodes know their place ([`read`]), a second reader for verification
//! ([`read_back`]), and the strict writer ([`mod@write`]). What a scalar without quotes can be taken for
//! is decided in one place, [`plain`].

pub mod node;
pub mod plain;
pub mod read;
pub mod read_back;
pub mod write;
