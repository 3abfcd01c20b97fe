//! EW10: objects of a cluster that it would not take as they are written, or that are not judged.

rules! {
    REFUSED = "EW1001", warning, "an object that no cluster takes";
    IGNORED = "EW1002", warning, "an object that a cluster refuses, or admits and ignores";
    WIDER = "EW1003", warning, "a policy that a cluster refuses, or admits with a wider selector";
    DROPPED = "EW1004", warning, "a field that the cluster drops";
    UNCLEAR = "EW1005", warning, "something that is taken in two ways";
    NOT_JUDGED = "EW1006", warning, "a kind of policy that is not judged";
    STAGED = "EW1007", note, "staged policies, which decide nothing yet";
    STORED = "EW1008", note, "objects in the form in which Calico stores them";
    TWICE = "EW1009", warning, "an object that appears twice";
}
