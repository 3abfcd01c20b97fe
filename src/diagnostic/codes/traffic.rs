//! EW04: protocols, ports, named ports.

rules! {}
