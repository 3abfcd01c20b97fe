//! What the platform's statements say, in canonical form: exemptions, externals with what they come to, guardrails.

use super::opening::{Side, sides};
use super::united::united;
use crate::program::{ExternalValue, Guardrail, Program};
use crate::syntax::{build, tree};

/// The lines, sorted by what they are and then by their text.
pub(super) fn lines(program: &Program) -> Vec<String> {
    let mut lines = Vec::new();
    let mut exempt: Vec<_> = program.exempt.iter().map(|it| build::name(&it.name)).collect();
    exempt.dedup();
    // One on a line: two that are added at a time are no conflict.
    lines.extend(exempt.into_iter().map(|name| {
        let exempt = tree::Exempt { namespaces: vec![name], span: build::nowhere() };
        tree::Statement::Exempt(exempt).to_string()
    }));
    lines.extend(program.log_denied.map(|_| "log denied".to_owned()));
    lines.extend(program.externals.iter().map(|(_, external)| {
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
    let mut guardrails: Vec<_> =
        program.guardrails.iter().flat_map(|it| guardrail(program, it)).collect();
    guardrails.sort();
    guardrails.dedup();
    lines.extend(guardrails);
    lines
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
                except: except.iter().filter(|it| it.is_within(&left)).map(Side::tree).collect(),
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
