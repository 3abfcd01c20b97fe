//! EW08: the project: configuration, globs, files.

rules! {
    NOT_TOML = "EW0801", error, "a configuration that is not TOML";
    UNKNOWN_KEY = "EW0802", error, "a key that the configuration does not have";
    MISSING_KEY = "EW0803", error, "a key that the configuration must have";
    BAD_VALUE = "EW0804", error, "a value that its key cannot have";
    BAD_ORDERS = "EW0805", error, "orders of policies that do not ascend";
    NOT_A_LINT = "EW0806", error, "a level for something that is not a lint";
    BUNDLE_AND_MORE = "EW0807", error, "`bundle` beside a key that it takes the place of";
    BAD_GLOB = "EW0808", error, "a path pattern that cannot be used";
    NOTHING_MATCHES = "EW0809", error, "`zones` or `platform` patterns that match no file";
    NO_FLOW_FILES = "EW0810", note, "a `flows` pattern that matches no file";
    TWO_APPLICATIONS = "EW0811", error, "a flow file that several applications would own";
    NAMED_PLATFORM = "EW0812", error, "an application with the name `platform`";
    ONE_OUTPUT = "EW0813", error, "two owners with one output file";
    BUNDLE_CHANGED = "EW0814", error, "a bundle whose files are not as they were exported";
    UNKNOWN_OWNER = "EW0815", error, "an owner in the configuration that nothing declares";
    IN_THE_WAY = "EW0816", error, "a file in the way of the policies that eastwest did not write";
    LOCK_STALE = "EW0817", error, "a crossings.lock that is out of date";
    LOCK_MISSING = "EW0818", error, "no crossings.lock, where there has to be one";
    LOCK_CONFLICT = "EW0819", error, "a crossings.lock with the marks of a conflict";
    LOCK_NOT_OURS = "EW0820", error, "a crossings.lock that eastwest did not write";
}
