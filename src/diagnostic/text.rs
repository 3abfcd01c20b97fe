//! Diagnostics as text for people. The only file that knows the library which draws them.
