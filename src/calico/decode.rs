//! From a YAML tree to resources.
