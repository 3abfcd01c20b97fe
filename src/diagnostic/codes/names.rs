//! EW02: names that nothing declares, and selectors.

rules! {
    UNKNOWN_APPLICATION = "EW0201", error, "an application that no manifest declares";
    UNKNOWN_ZONE = "EW0202", error, "a zone that the application does not have";
    UNKNOWN_EXTERNAL = "EW0203", error, "an external that no platform file declares";
    UNKNOWN_PORT = "EW0204", error, "traffic that is neither a protocol nor a declared port name";
    UNKNOWN_OWNER = "EW0205", error, "a flow file of an application that no manifest declares";
    RESERVED_APPLICATION = "EW0206", error, "an application called `platform`";
    ADDRESS_IN_LINE = "EW0207", error, "addresses in a line, where the name of an external belongs";
    SELECTOR_EMPTY = "EW0208", error, "empty brackets";
    SELECTOR_SYNTAX = "EW0209", error, "a selector that cannot be read";
    SELECTOR_LABEL = "EW0210", error, "a selector that asks for more than the labels of pods";
    SELECTOR_PLACE = "EW0211", error, "a selector on addresses or on a service";
    SELECTOR_VALUE = "EW0212", error, "a value in a selector that no label can have";
    SELECTOR_NEVER = "EW0213", error, "a selector that no pod can satisfy";
    UNKNOWN_NAMESPACE = "EW0214", error, "a namespace that nothing declares and nothing names";
}
