//! ICMP types with codes: one data plane of Calico cannot be given them (how Calico decides, section 4.5).

use super::names::Names;
use super::traffic::WrittenTraffic;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::traffic::ICMP_CODE;
use crate::traffic::Match;

/// Tells each code of `read`, where Calico on the nodes could not be given it. The type alone would be more than what is
/// written, so no rule is made of it.
pub(super) fn check_codes(names: &Names<'_>, read: &WrittenTraffic, out: &mut Vec<Diagnostic>) {
    if !names.dataplane.ends_on_codes() {
        return;
    }
    for (found, span, alias) in read.entries() {
        let Match::IcmpType(protocol, kind, Some(_)) = found else { continue };
        let whole = Match::IcmpType(*protocol, *kind, None);
        let diagnostic = Diagnostic::new(
            &ICMP_CODE,
            format!("`{found}` would end Calico on every node that runs nftables"),
        )
        .label(span, "a type with a code");
        let diagnostic = match alias {
            Some(alias) => diagnostic.label(alias, "the port name stands for it"),
            None => diagnostic,
        };
        let diagnostic = diagnostic.help(
            "if no node runs nftables, say so in eastwest.toml, under [calico]:\ndataplane = \"iptables\"",
        );
        out.push(if names.dataplane.never_begins(found) {
            diagnostic.help(format!(
                "or take it out: `{found}` never begins a connection, and passes with the one that it belongs to"
            ))
        } else {
            diagnostic.help(format!("or write `{whole}`, if every code of the type may be meant"))
        });
    }
}
