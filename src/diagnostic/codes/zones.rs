//! EW07: Namespace manifests.

rules! {}
