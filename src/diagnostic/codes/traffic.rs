//! EW04: protocols, ports, named ports.

rules! {
    PORT_RANGE = "EW0401", error, "a port that does not exist";
    RANGE_REVERSED = "EW0402", error, "a range of ports that ends before it starts";
    DETAIL = "EW0403", error, "a detail that the protocol does not have";
    ICMP_RANGE = "EW0404", error, "an ICMP type or code that does not exist";
    PROTOCOL_NUMBER = "EW0405", error, "a protocol number that does not exist";
    PROTOCOL_WORD = "EW0406", error, "a protocol by its number that has a word";
    NAMED_PORT = "EW0407", error, "a text that cannot be the name of a container's port";
    SERVICE_TRAFFIC = "EW0408", error, "traffic towards a service";
    NAMED_PORT_TARGET = "EW0409", error, "a named port towards addresses";
    ICMP_FAMILY = "EW0410", error, "ICMP of the IP family that the addresses are not of";
    ICMP_CODE = "EW0411", error, "an ICMP type with a code, which ends Calico on nftables";
    NEVER_BEGINS = "EW0412", note, "an ICMP type that begins no connection";
    TUNNEL = "EW0413", note, "a tunnel from pods, which Calico drops";
}
