//! EW11: what an audit finds in policies that a cluster takes.

rules! {
    LEAVES = "EW1101", warning, "a rule that reaches every landing zone";
    CROSSES = "EW1102", note, "a rule that reaches another landing zone";
    UNKNOWN_APPLICATION = "EW1103", warning, "a rule for an application that nothing declares";
    ANY_ADDRESS = "EW1104", warning, "a rule that reaches every address";
    HALF = "EW1105", warning, "one half of a crossing without the other";
    NEVER_RUNS = "EW1106", warning, "a policy or rule that never has a say";
    LOGS_PART = "EW1107", note, "a log rule that comes too late for some connections";
    TIE = "EW1108", warning, "a verdict that rests on the alphabet";
    TIE_FLIPS = "EW1109", warning, "a verdict that another release of Calico reverses";
    HOSTS = "EW1110", warning, "a policy that closes host endpoints too";
    DNS = "EW1111", warning, "DNS that is allowed to every address";
    UNMATCHED = "EW1112", warning, "a selector that holds for no declared namespace";
    TYPES = "EW1113", warning, "types that do not go with the rules";
    CLOSES = "EW1114", warning, "a global policy that allows some and thereby closes the rest";
    LOG_ONLY = "EW1115", warning, "a policy that only logs, and blocks";
    CLUSTER_NETS = "EW1116", warning, "blocks of addresses that take in the cluster's own";
    OVERRULED = "EW1117", warning, "a deny that any Kubernetes policy overrules";
    EARLY = "EW1118", warning, "an allow that skips the denies of later tiers";
    OPEN = "EW1119", warning, "a namespace that no policy closes";
    DUPLICATE = "EW1120", note, "the same twice";
    HTTP = "EW1121", warning, "an allow that looks at HTTP requests";
    NO_TIER = "EW1122", warning, "a tier that nobody made";
    NO_NAMESPACE = "EW1123", warning, "a service without its namespace";
    NO_ORDER = "EW1124", warning, "a tier without an order";
    FORGED = "EW1125", warning, "a set that bears labels of pods";
    PASSES = "EW1126", warning, "a pass that ends in an open door";
    NO_DNS = "EW1127", warning, "closed pods without DNS";
    DNS_UDP = "EW1128", warning, "closed pods with DNS over UDP alone";
    DNS_LOCAL = "EW1129", warning, "closed pods without the resolver of their node";
    KUBE_SYSTEM = "EW1130", warning, "a default deny that takes in kube-system";
    VOID = "EW1131", warning, "a policy that closes nothing";
    HELD = "EW1132", warning, "a rule for namespaces that takes in the addresses of their sets";
    STAGE = "EW1133", warning, "a policy of host endpoints that selects pods";
    SERVICE_ADDRESS = "EW1134", warning, "the address of a service where the pod's is meant";
    NEEDLESS = "EW1135", note, "a rule that can go without any change";
    TUNNEL = "EW1136", note, "a tunnel from pods, which Calico drops";
    SERVICE_PORT = "EW1137", warning, "the port of a service where the pod's is meant";
    ICMP_CODE = "EW1140", warning, "an ICMP type with a code, which ends Calico on nftables";
}
