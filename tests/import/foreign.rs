//! Worlds that nobody here wrote, imported.
