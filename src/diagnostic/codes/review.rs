//! EW13: what a review of a difference shows, where other tools list diagnostics.

rules! {
    CROSSING_OPENED = "EW1301", warning, "a crossing that opens more than it did";
    EXTERNAL_OPENED = "EW1302", warning, "traffic with an external that opens more than it did";
    GUARD_WEAKENED = "EW1303", warning, "a guardrail or the default deny that holds less than it did";
    OPENED = "EW1304", note, "traffic that opens more than it did, and crosses no boundary";
    CLOSED = "EW1305", note, "something that closes, or forbids more than it did";
    MOVED = "EW1306", warning, "namespaces that are in another zone";
    REWORDED = "EW1307", note, "a line of the same traffic with another reason, ticket or date";
}
