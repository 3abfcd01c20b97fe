//! EW03: arrows, boundaries, owners.

rules! {}
