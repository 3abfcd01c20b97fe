//! EW05: the platform's statements: exempt, external, port, forbid, log.

rules! {}
