//! EW05: the platform's statements: exempt, external, port, forbid, log.

rules! {
    NO_EXEMPT = "EW0501", error, "platform files without an exempt namespace";
    NO_KUBE_SYSTEM = "EW0502", warning, "`kube-system` is not exempt";
    SAID_TWICE = "EW0503", warning, "an exemption, or `log denied`, that stands there already";
    EXEMPT_LANDING_ZONE = "EW0504", warning, "an exempt namespace that belongs to a landing zone";
    DECLARED_TWICE = "EW0505", error, "an external or a port name that is declared twice";
    LEADING_ZERO = "EW0506", error, "an address block with a zero before a number";
    HOST_BITS = "EW0507", error, "a block of addresses with bits set beyond its prefix";
    EXCEPT_OUTSIDE = "EW0508", error, "an `except` outside the blocks of the external";
    NOTHING_LEFT = "EW0509", error, "an external with no addresses left";
    WHOLE_FAMILY = "EW0510", error, "an external that is every address of a family";
    UNKNOWN_CLUSTER = "EW0511", warning, "private addresses in an external, and no `[cluster]` configured";
    LANDING_ZONE = "EW0512", error, "an external whose namespace belongs to a landing zone";
    EXCEPT_OUTSIDE_LEFT = "EW0513", error, "a guardrail that excuses a place outside its left side";
}
