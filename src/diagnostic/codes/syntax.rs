//! EW01: the text of a flow file: characters, words, statements.

rules! {
    STATEMENT = "EW0101", error, "a statement that cannot be read";
}
