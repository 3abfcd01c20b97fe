//! EW02: names that nothing declares.

rules! {
    UNKNOWN_APPLICATION = "EW0201", error, "an application that no manifest declares";
    UNKNOWN_ZONE = "EW0202", error, "a zone that the application does not have";
}
