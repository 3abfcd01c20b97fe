//! EW01: the text of a flow file: characters, words, statements.

rules! {
    INVISIBLE = "EW0101", error, "a character that cannot be seen";
    STRAY = "EW0102", error, "a character that means nothing here";
    UNCLOSED = "EW0103", error, "a quote or bracket that is never closed";
    ESCAPE = "EW0104", error, "an escape that the language does not have";
    QUOTES = "EW0105", error, "quotes of another kind";
    ARROW = "EW0106", error, "an arrow that the language does not have";
    STATEMENT = "EW0107", error, "a statement that cannot be read";
    PLACE = "EW0108", error, "a side that is not written as a place";
    TRAFFIC = "EW0109", error, "traffic that is not written as protocol and port";
    CLAUSE = "EW0110", error, "a clause twice, or where it cannot stand";
    REASON = "EW0111", error, "a reason that is missing or empty";
    DATE = "EW0112", error, "a date that does not exist, or is not written as one";
    NUMBER = "EW0113", error, "a number with a zero before it, or too large to be one";
    ZONE_LIST = "EW0114", error, "a list of zones that is empty or repeats itself";
    ADDRESSES = "EW0115", error, "an address block that is not written as one";
    NAME = "EW0116", error, "a name that nothing can have";
    SIDES = "EW0117", error, "a crossing or a guardrail whose sides stand on several lines";
    BETWEEN = "EW0118", error, "a comment or a blank line inside a statement";
    WIDE = "EW0119", error, "a long run of blanks in a statement, or before it";
}
