//! Tests of the whole: one binary, a file for each subject.
