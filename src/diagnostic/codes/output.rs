//! EW09: what cannot be written: limits of Calico and of its releases.

rules! {
    SELECTOR_TOO_LONG = "EW0901", error, "a selector longer than Calico allows";
    EXEMPT_TOO_LONG = "EW0902", error, "more exempt namespaces than a policy can leave out";
    RELEASE_LACKS = "EW0903", error, "a release of Calico that lacks what is asked for";
    SAME_NAME = "EW0904", error, "two objects with one name";
    SAME_LABEL = "EW0905", error, "two owners with one label";
    TOO_MANY = "EW0906", error, "more asked of labels than can be decided";
    GAP = "EW0907", warning, "a change that cannot be applied without a gap";
}
