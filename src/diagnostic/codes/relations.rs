//! EW06: what lines say about each other: guardrails met, duplicates, halves, and lines that time or the zones have overtaken.

rules! {
    GUARDRAIL_MET = "EW0601", error, "a flow that a guardrail forbids";
    GUARDRAIL_WINS = "EW0602", note, "a wildcard that a guardrail overrules where nothing is declared yet";
    DUPLICATE = "EW0603", error, "the same flow twice";
    CONTAINED = "EW0604", warning, "a flow that another line of its owner contains";
    HALF_OPEN = "EW0605", warning, "a crossing without its other half";
    PARTLY_TAKEN = "EW0606", note, "a crossing that is wider than its other half";
    HALF_ELSEWHERE = "EW0607", note, "a crossing whose other half is not in this project";
    CONTAINED_ELSEWHERE = "EW0608", note, "a flow that another owner's line contains";
    EXPIRED = "EW0609", error, "a flow whose last day has passed";
    EXPIRING = "EW0610", warning, "a flow whose last day is near";
    OVER_WIDE = "EW0611", warning, "a crossing that is very wide";
    ALIAS_OR_NAMED_PORT = "EW0612", warning, "a named port that has the name of an alias";
    ZONE_UNMENTIONED = "EW0613", note, "a zone that no flow mentions";
    APPLICATION_WITHOUT_FILE = "EW0614", warning, "an application that is closed and has no flow file";
}
