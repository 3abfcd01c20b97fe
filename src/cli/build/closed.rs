//! What of a project is closed, as data.

use serde::Serialize;

use crate::program::{Closed, Held, Program};

/// What is closed, and where guardrails hold.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClosedJson<'a> {
    /// The landing zones that are closed.
    landing_zones: Vec<&'a str>,
    /// Those of which some namespaces are exempt.
    in_part: Vec<&'a str>,
    /// Those that nothing closes here.
    not_closed: Vec<&'a str>,
    guardrails: Vec<GuardrailJson<'a>>,
}

#[derive(Serialize)]
struct GuardrailJson<'a> {
    line: &'a str,
    holds: &'static str,
    /// The landing zones that have its rules.
    r#in: Vec<&'a str>,
}

impl<'a> ClosedJson<'a> {
    pub(super) fn of(program: &'a Program) -> Self {
        let openness = program.openness();
        let landing_zones = |closed| {
            let all = program.applications.iter().zip(&openness.landing_zones);
            all.filter(|(_, it)| **it == closed).map(|((_, it), _)| &*it.name).collect()
        };
        let guardrails = program.guardrails.iter().zip(&openness.guardrails);
        Self {
            landing_zones: landing_zones(Closed::All),
            in_part: landing_zones(Closed::Some),
            not_closed: landing_zones(Closed::None),
            guardrails: guardrails
                .map(|(guardrail, holding)| GuardrailJson {
                    line: &guardrail.line,
                    holds: match holding.held {
                        Held::Everywhere => "everywhere",
                        Held::InPart => "in part",
                        Held::Nowhere => "nowhere",
                        Held::OnLines => "on lines",
                    },
                    r#in: program.names_of(&holding.holds_in).collect(),
                })
                .collect(),
        }
    }
}
