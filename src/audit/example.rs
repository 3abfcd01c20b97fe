//! Connections that show a finding: of all that would do, one that people know.

use super::evidence::{AuditSubject, DNS, Evidence, HTTPS};
use crate::reach::{Diagram, Direction, End, Example};
use crate::traffic::Family;

/// An address that is nobody's, kept for examples.
const OUTSIDE: std::net::Ipv4Addr = std::net::Ipv4Addr::new(203, 0, 113, 5);
/// How many namespaces are tried as the other end.
const TRIED: usize = 40;

impl Evidence<'_> {
    /// A connection of `set`, which are those of `who` in `direction`.
    pub(super) fn example(
        &mut self,
        set: Diagram,
        who: AuditSubject,
        direction: Direction,
    ) -> Option<Example> {
        let set = self.sets.that_can_be(set, direction);
        let set = self.liked(set);
        let bearer = self.bearer(who);
        let homes = self.homes;
        for home in homes.iter().take(TRIED) {
            let facing = self.sets.facing(set, &home.name, &home.labels);
            let Some(mut example) = self.sets.example(facing, bearer, direction) else { continue };
            if let End::Pod { namespace, of_namespace, .. } = &mut example.peer {
                namespace.clone_from(&home.name);
                *of_namespace = home.labels.iter().cloned().collect();
            }
            let fits = home.declared && self.sets.contains(set, &example);
            if fits {
                return Some(example);
            }
        }
        let mut example = self.sets.example(set, bearer, direction)?;
        if let End::Address(address) = &mut example.peer {
            let first = *address;
            *address = if first.is_ipv4() { OUTSIDE.into() } else { first };
            if !self.sets.contains(set, &example) {
                example.peer = End::Address(first);
            }
        }
        Some(example)
    }

    /// What of `set` people know, where there is such.
    pub(super) fn liked(&mut self, set: Diagram) -> Diagram {
        let mut set = self.plain(set);
        let v4 = self.sets.family(Family::V4);
        set = self.narrowed(set, v4);
        let (https, dns) = (self.sets.traffic(Some(&[HTTPS])), self.sets.traffic(Some(&DNS)));
        let before = set;
        set = self.narrowed(set, https);
        if set == before {
            set = self.narrowed(set, dns);
        }
        set
    }

    /// What of `set` asks for nothing that no packet shows, where there is such.
    fn plain(&mut self, set: Diagram) -> Diagram {
        let sure = self.sets.surely(set);
        if sure == Diagram::EMPTY { set } else { sure }
    }

    /// What of `set` is in `wanted`, where there is such.
    fn narrowed(&mut self, set: Diagram, wanted: Diagram) -> Diagram {
        let narrow = self.sets.diagrams.intersection(set, wanted);
        if narrow == Diagram::EMPTY { set } else { narrow }
    }
}
