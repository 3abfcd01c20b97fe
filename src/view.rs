//! Values as people read them: each file is a rendering of one value in one format.

pub(crate) mod csv;
pub mod diff_markdown;
mod diff_picture;
pub mod diff_text;
pub mod graph_csv;
pub mod graph_dot;
pub mod graph_mermaid;
pub mod graph_svg;
pub mod junit;
mod mermaid;
pub(crate) mod xml;
