//! What imports of small clusters say.
