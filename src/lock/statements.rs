//! What the platform's statements say, in canonical form: exemptions, externals with what they come to, guardrails. In the
//! lock of other owners, what their lines rest on of these.

use std::collections::BTreeSet;

use super::opening::{OpeningSide, crosses, sides};
use super::united::united;
use crate::program::{Exempt, External, ExternalValue, Guardrail, Id, Place, Program};
use crate::syntax::{build, tree};

/// The lines, sorted by what they are and then by their text.
pub(super) fn lines(program: &Program, meant: impl Fn(&str) -> bool) -> Vec<String> {
    let mut lines = Vec::new();
    let platform = meant("platform");
    let owned = |it: &&Exempt| {
        let declared = program.namespaces.find(&it.name, |known| &known.name);
        let application = program.namespaces.get(declared?)?.application?;
        program.applications.get(application).filter(|it| meant(&it.name))
    };
    let exempt = program.exempt.iter().filter(|it| platform || owned(it).is_some());
    let mut exempt: Vec<_> = exempt.map(|it| build::name(&it.name)).collect();
    exempt.dedup();
    // One on a line: two that are added at a time are no conflict.
    lines.extend(exempt.into_iter().map(|name| {
        let exempt = tree::Exempt { namespaces: vec![name], span: build::nowhere() };
        tree::Statement::Exempt(exempt).to_string()
    }));
    lines.extend(program.log_denied.filter(|_| platform).map(|_| "log denied".to_owned()));
    let used: BTreeSet<Id<External>> = used(program, &meant);
    let externals = program.externals.iter().filter(|(id, _)| platform || used.contains(id));
    lines.extend(externals.map(|(_, external)| {
        let name = tree::Place::External(build::name(&external.name)).to_string();
        match &external.value {
            ExternalValue::Addresses(nets) => {
                let nets: Vec<_> = nets.iter().map(ToString::to_string).collect();
                format!("external {name} = {}", nets.join(", "))
            }
            ExternalValue::Namespace { name: namespace, selector } => {
                let pods = selector.as_ref().map_or_else(String::new, |it| {
                    format!("[{}]", crate::calico::encode::selector(it))
                });
                format!("external {name} = namespace {namespace}{pods}")
            }
            ExternalValue::Service { namespace, name: service } => {
                format!("external {name} = service {namespace}/{service}")
            }
        }
    }));
    let guardrails = program.guardrails.iter().filter(|_| platform);
    let mut guardrails: Vec<_> = guardrails.flat_map(|it| guardrail(program, it)).collect();
    guardrails.sort();
    guardrails.dedup();
    lines.extend(guardrails);
    lines
}

/// The externals that the crossings of these owners name.
fn used(program: &Program, meant: impl Fn(&str) -> bool) -> BTreeSet<Id<External>> {
    let flows = program.flows.iter().filter(|it| crosses(program, it, &meant));
    let ends = flows.flat_map(|it| [&it.left.place, &it.right.place]);
    let named = ends.filter_map(|place| match place {
        Place::External(id) => Some(*id),
        Place::Zones { .. } => None,
    });
    named.collect()
}

fn guardrail(program: &Program, guardrail: &Guardrail) -> Vec<String> {
    let mut except: Vec<_> = guardrail.except.iter().flat_map(|it| sides(program, it)).collect();
    except.sort();
    except.dedup();
    let traffic = guardrail.matches.as_deref().map(|it| build::traffic(Some(&united(it))));
    let mut lines = Vec::new();
    for left in sides(program, &guardrail.left) {
        for right in sides(program, &guardrail.right) {
            let forbid = tree::Forbid {
                left: left.tree(),
                crossing: build::at(guardrail.crossing),
                right: right.tree(),
                traffic: traffic.clone().map(build::at),
                except: except
                    .iter()
                    .filter(|it| it.is_within(&left))
                    .map(OpeningSide::tree)
                    .collect(),
                clauses: tree::Clauses {
                    because: guardrail.because.clone().map(build::at),
                    until: None,
                    ticket: guardrail.ticket.as_deref().map(build::name),
                },
                span: build::nowhere(),
            };
            lines.push(tree::Statement::Forbid(forbid).to_string());
        }
    }
    lines
}
