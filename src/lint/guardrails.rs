//! Flows that meet a guardrail (language reference, section 5 "Guardrails"): whether some real connection
//! lies in both, and whether one lies between places that are declared today.

use super::classes::Class;
use super::lines::{LineWay, Lines};
use super::words::class;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::relations::{GUARDRAIL_MET, GUARDRAIL_WINS};
use crate::program::{Arrow, Endpoint, ExternalValue, Flow, Guardrail, Place, Program};
use crate::reach::of_program::WayEnd;
use crate::reach::{Diagram, Direction};
use crate::traffic::{Traffic, addresses};

/// A guardrail, and the connections that it forbids.
struct Fence<'p> {
    guardrail: &'p Guardrail,
    view: Direction,
    set: Diagram,
}

/// Where connections of a flow and of a guardrail meet.
struct GuardrailMeeting {
    /// Two declared places, if there are such.
    declared: Option<(Class, Class)>,
    traffic: Traffic,
}

/// Every flow that meets a guardrail: an error, or a note where the guardrail silently wins.
pub(super) fn check(lines: &mut Lines<'_>) -> Vec<Diagnostic> {
    let program = lines.program;
    let fences: Vec<Fence<'_>> = program.guardrails.iter().map(|it| fence(lines, it)).collect();
    let mut all = |view| {
        let of = fences.iter().filter(|it| it.view == view).map(|it| it.set).collect();
        lines.sets.diagrams.union_of(of)
    };
    let (ingress, egress) = (all(Direction::Ingress), all(Direction::Egress));
    let mut found = Vec::new();
    for (index, flow) in program.flows.iter().enumerate() {
        let ways: Vec<LineWay<'_>> = lines.of_flow(index).to_vec();
        let meets = |way: &LineWay<'_>| {
            let all = match way.view {
                Direction::Ingress => ingress,
                Direction::Egress => egress,
            };
            lines.sets.diagrams.intersection(way.set, all) != Diagram::EMPTY
        };
        // Few lines meet any.
        if !ways.iter().any(meets) {
            continue;
        }
        for fence in &fences {
            let mut meetings = ways.iter().filter_map(|way| meet(lines, way, fence));
            let Some(first) = meetings.next() else { continue };
            // Of two ways, the one between declared places is the one to report.
            let second = meetings.next().filter(|it| it.declared.is_some());
            let meeting = if first.declared.is_some() { first } else { second.unwrap_or(first) };
            if meeting.declared.is_some() || !fence.guardrail.has_rules() {
                found.push(forbidden(program, flow, fence.guardrail, &meeting));
            } else if program.writes(flow.owner) {
                found.push(overruled(program, flow, fence.guardrail));
            }
        }
    }
    found
}

fn fence<'p>(lines: &mut Lines<'p>, guardrail: &'p Guardrail) -> Fence<'p> {
    let set = lines.meaning.forbidden(&mut lines.sets, guardrail);
    Fence { guardrail, view: lines.meaning.view(&guardrail.left), set }
}

fn meet<'p>(
    lines: &mut Lines<'p>,
    way: &LineWay<'p>,
    fence: &Fence<'_>,
) -> Option<GuardrailMeeting> {
    let set = lines.sets.diagrams.intersection(way.set, fence.set);
    if way.view != fence.view || set == Diagram::EMPTY {
        return None;
    }
    let declared = declared(lines, way, set);
    let traffic = lines.traffic(declared.map_or(set, |(_, set)| set));
    Some(GuardrailMeeting { declared: declared.map(|(pair, _)| pair), traffic })
}

/// The first pair of declared places between which there are connections of `set`, which are some of `way`, and those.
fn declared<'p>(
    lines: &mut Lines<'p>,
    way: &LineWay<'p>,
    set: Diagram,
) -> Option<((Class, Class), Diagram)> {
    let all = lines.declared(way, false);
    let mut set = lines.sets.diagrams.intersection(set, all);
    if set == Diagram::EMPTY {
        return None;
    }
    let mut first = |end, of: &Endpoint| {
        lines.classes(of, false).into_iter().find_map(|class| {
            let here = lines.at_class(way.view, end, class);
            let here = lines.sets.diagrams.intersection(set, here);
            (here != Diagram::EMPTY).then(|| {
                set = here;
                class
            })
        })
    };
    let sender = first(WayEnd::Sender, way.sender)?;
    let receiver = first(WayEnd::Receiver, way.receiver)?;
    Some(((sender, receiver), set))
}

fn forbidden(
    program: &Program,
    flow: &Flow,
    guardrail: &Guardrail,
    meeting: &GuardrailMeeting,
) -> Diagnostic {
    let Some((sender, receiver)) = &meeting.declared else {
        return to_come(
            program,
            Diagnostic::new(
                &GUARDRAIL_MET,
                "where nobody has declared a namespace yet, this flow would open what a guardrail forbids",
            ),
            flow,
        )
        .label(guardrail.span, why(guardrail))
        .help("name the applications and zones instead of `*`")
        .help("Calico cannot compare the labels of two sides, so no Deny rule can hold this guardrail: a flow that might meet it is refused");
    };
    let (from, to) = ends(flow);
    let excuse = class(program, *sender).unwrap_or_else(|| from.text(program));
    let receiver = class(program, *receiver).unwrap_or_else(|| to.text(program));
    let label = format!("would let `{excuse}` reach `{receiver}`: {}", meeting.traffic);
    let diagnostic = Diagnostic::new(&GUARDRAIL_MET, "a guardrail forbids this flow")
        .label(flow.spans.whole, label)
        .label(guardrail.span, why(guardrail))
        .help("narrow the flow or delete it: a guardrail wins over every flow");
    // Only places within the left side can be excused. A declared place that meets it is; an external may be wider.
    if *sender == Class::Outside && !is_within(program, from, &guardrail.left) {
        return diagnostic;
    }
    let except = if guardrail.except.is_empty() { " except" } else { "," };
    diagnostic
        .help(format!("or ask the platform team to excuse it\n{}{except} {excuse}", guardrail.line))
}

fn overruled(program: &Program, flow: &Flow, guardrail: &Guardrail) -> Diagnostic {
    let message = "where nobody has declared a namespace yet, a guardrail overrules this flow";
    to_come(program, Diagnostic::new(&GUARDRAIL_WINS, message), flow)
        .label(guardrail.span, why(guardrail))
        .help("nothing to do today: what is declared does not meet the guardrail, and a namespace declared later is held to it")
}

/// Adds which sides of `flow` stand for places that nobody has declared yet.
fn to_come(program: &Program, diagnostic: Diagnostic, flow: &Flow) -> Diagnostic {
    let sides = [(&flow.left, flow.spans.left), (&flow.right, flow.spans.right)];
    let labels = sides.into_iter().filter_map(|(end, span)| match &end.place {
        Place::Zones { application: None, .. } => {
            Some((span, "also every application to come".to_owned()))
        }
        Place::Zones { application: Some(id), zones: None } => {
            let name = program.applications.get(*id).map_or("", |it| &it.name);
            Some((span, format!("also every zone of {name} to come")))
        }
        Place::Zones { .. } | Place::External(_) => None,
    });
    let found = labels.fold(diagnostic, |found, (span, text)| found.label(span, text));
    if found.labels.is_empty() { found.label(flow.spans.whole, "") } else { found }
}

fn why(guardrail: &Guardrail) -> String {
    guardrail.because.as_ref().map_or("forbids it".to_owned(), |why| format!("forbids it: {why}"))
}

/// Whether the external `inner` is a part of the external `outer`.
fn is_within(program: &Program, inner: &Endpoint, outer: &Endpoint) -> bool {
    let [inner, outer] = [inner, outer].map(|it| it.place.external(program));
    match (inner, outer) {
        (Some(ExternalValue::Addresses(inner)), Some(ExternalValue::Addresses(outer))) => {
            inner.iter().all(|net| addresses::covers(outer, *net))
        }
        (
            Some(ExternalValue::Namespace { name: inner, .. }),
            Some(ExternalValue::Namespace { name: outer, .. }),
        ) => inner == outer,
        (inner, outer) => inner.is_some() && inner == outer,
    }
}

/// The sides of a flow as connections go.
fn ends(flow: &Flow) -> (&Endpoint, &Endpoint) {
    match flow.arrow {
        Arrow::Entering => (&flow.right, &flow.left),
        Arrow::Inside | Arrow::Both | Arrow::Leaving => (&flow.left, &flow.right),
    }
}
