//! EW06: what lines say about each other: guardrails met, duplicates, halves, and lines that time or the zones have overtaken.

rules! {}
