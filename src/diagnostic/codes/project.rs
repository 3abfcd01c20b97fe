//! EW08: the project: configuration, globs, files.

rules! {}
