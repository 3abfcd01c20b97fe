//! EW03: arrows, boundaries, owners.

rules! {
    LEAVES = "EW0301", error, "`->` or `<->` that leaves the landing zone";
    STAYS = "EW0302", error, "`==>` or `<==` that does not leave the landing zone";
    SAME_SIDES = "EW0303", error, "`<->` with the same place on both sides";
    NO_TRAFFIC = "EW0304", error, "a crossing that does not say what may pass";
    NO_REASON = "EW0305", error, "a crossing that does not say why";
    NOTHING_TO_OPEN = "EW0306", error, "a line whose left side is never closed";
    WRONG_OWNER = "EW0307", error, "a line in a file of another owner";
    PLATFORM_STATEMENT = "EW0308", error, "a statement of the platform in an application's file";
}
