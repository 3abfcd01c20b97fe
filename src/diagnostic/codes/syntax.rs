//! EW01: the text of a flow file: characters, words, statements.

rules! {}
