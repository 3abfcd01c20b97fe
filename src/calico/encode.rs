//! From resources to YAML text.
