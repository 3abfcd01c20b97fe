//! One question, one answer: what several commands say of the same worlds must be the same.

mod arrows;
mod halves;
mod imports;
mod lints;
mod questions;
