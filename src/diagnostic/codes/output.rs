//! EW09: what cannot be written: limits of Calico and of its releases.

rules! {}
