//! Flows that meet a guardrail (language reference, section 5 "Guardrails"): whether some real connection
//! lies in both, and whether one lies between places that are declared today.

use super::declared::{Class, DeclaredClasses};
use super::places::{EndPlace, LineEnd};
use super::words::{class, endpoint};
use crate::check::addresses;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::relations::{GUARDRAIL_MET, GUARDRAIL_WINS};
use crate::program::{Application, Flow, Guardrail, Id, Place, Program};
use crate::reach::Decisions;
use crate::selector::Selector;
use crate::syntax::tree::Arrow;
use crate::traffic::{Family, Traffic};

/// A guardrail with its places worked out once.
struct Fence<'p> {
    guardrail: &'p Guardrail,
    left: LineEnd<'p>,
    right: LineEnd<'p>,
    except: Vec<LineEnd<'p>>,
}

/// Where connections of a flow and of a guardrail meet.
struct GuardrailMeeting {
    /// Two declared places, if there are such.
    declared: Option<(Class, Class)>,
    traffic: Traffic,
}

/// One side of a meeting, among zones: enough of it to tell whether two landing zones can differ.
#[derive(Default)]
struct MeetingSide {
    /// A declared place, and another one of another application if there is one.
    declared: Vec<Class>,
    /// Whether there is a place that nobody has declared yet.
    later: bool,
    /// The application of that place; `None` for one that is not declared either.
    application: Option<Id<Application>>,
}

/// Every flow that meets a guardrail: an error, or a note where the guardrail silently wins.
pub(super) fn check(program: &Program, decisions: &Decisions) -> Vec<Diagnostic> {
    let declared = DeclaredClasses::new(program);
    let fences: Vec<Fence<'_>> =
        program.guardrails.iter().map(|it| fence(program, decisions, it)).collect();
    let mut found = Vec::new();
    for flow in &program.flows {
        let [left, right] =
            [&flow.left, &flow.right].map(|it| LineEnd::new(program, decisions, it));
        let ways = match flow.arrow {
            Arrow::Inside | Arrow::Leaving => vec![(&left, &right)],
            Arrow::Entering => vec![(&right, &left)],
            Arrow::Both => vec![(&left, &right), (&right, &left)],
        };
        for fence in &fences {
            let mut meetings = ways
                .iter()
                .filter_map(|(sender, receiver)| meet(&declared, flow, fence, sender, receiver));
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

fn fence<'p>(
    program: &'p Program,
    decisions: &'p Decisions,
    guardrail: &'p Guardrail,
) -> Fence<'p> {
    let end = |it| LineEnd::new(program, decisions, it);
    Fence {
        guardrail,
        left: end(&guardrail.left),
        right: end(&guardrail.right),
        except: guardrail.except.iter().map(end).collect(),
    }
}

fn meet(
    declared: &DeclaredClasses,
    flow: &Flow,
    fence: &Fence<'_>,
    sender: &LineEnd<'_>,
    receiver: &LineEnd<'_>,
) -> Option<GuardrailMeeting> {
    if !sender.place.meets(fence.left.place) || !receiver.place.meets(fence.right.place) {
        return None;
    }
    let mut traffic = flow.traffic.intersection(&fence.guardrail.traffic);
    for (end, other, except) in [
        (sender, &fence.left, fence.except.as_slice()),
        (receiver, &fence.right, &[] as &[LineEnd<'_>]),
    ] {
        if let (EndPlace::Addresses(a), EndPlace::Addresses(b)) = (end.place, other.place) {
            traffic = over(&traffic, a, b, except);
        }
    }
    if traffic.is_empty() || !receiver.selectors_meet(&fence.right) {
        return None;
    }
    let senders = side(declared, sender, &fence.left, &fence.except)?;
    let receivers = side(declared, receiver, &fence.right, &[])?;
    let crosses = |a: Option<Id<Application>>, b: Option<Id<Application>>| {
        !fence.guardrail.crossing || a != b || a.is_none()
    };
    let pairs =
        senders.declared.iter().flat_map(|a| receivers.declared.iter().map(move |b| (a, b)));
    let mut pairs = pairs.filter(|(a, b)| {
        // Whatever is no landing zone lies across a boundary.
        a.is_outside() || b.is_outside() || crosses(a.application(), b.application())
    });
    if let Some((sender, receiver)) = pairs.next() {
        return Some(GuardrailMeeting { declared: Some((*sender, *receiver)), traffic });
    }
    let all = |side: &MeetingSide| -> Vec<(bool, Option<Id<Application>>)> {
        let declared = side.declared.iter().map(|it| (it.is_outside(), it.application()));
        declared.chain(side.later.then_some((false, side.application))).collect()
    };
    let receivers = all(&receivers);
    let later = all(&senders)
        .iter()
        .any(|(outside, a)| receivers.iter().any(|(too, b)| *outside || *too || crosses(*a, *b)));
    later.then_some(GuardrailMeeting { declared: None, traffic })
}

/// What of `traffic` can have one of the addresses in both lists, and in none of `except`, at one end.
fn over(
    traffic: &Traffic,
    a: &[ipnet::IpNet],
    b: &[ipnet::IpNet],
    except: &[LineEnd<'_>],
) -> Traffic {
    let mut excused = addresses::difference(a, b);
    for end in except {
        if let EndPlace::Addresses(nets) = end.place {
            excused.extend(nets);
        }
    }
    let common = addresses::difference(a, &excused);
    let v4 = common.iter().any(|net| net.addr().is_ipv4());
    let v6 = common.iter().any(|net| net.addr().is_ipv6());
    let mut left = Traffic::empty();
    for (there, family) in [(v4, Family::V4), (v6, Family::V6)] {
        if there {
            left = left.union(&traffic.over(family));
        }
    }
    left
}

/// The endpoints that are in both `end` and `other`, without those of `except`; `None` if there are none.
/// Address blocks are taken apart by [`over`] already.
fn side(
    declared: &DeclaredClasses,
    end: &LineEnd<'_>,
    other: &LineEnd<'_>,
    except: &[LineEnd<'_>],
) -> Option<MeetingSide> {
    let (EndPlace::Zones(a, x), EndPlace::Zones(b, y)) = (end.place, other.place) else {
        let addresses = matches!(end.place, EndPlace::Addresses(_));
        let except: Vec<&LineEnd<'_>> =
            except.iter().filter(|it| !addresses && it.place.covers(end.place)).collect();
        let left = remains(end, other, &except);
        return left
            .then(|| MeetingSide { declared: vec![Class::Outside], ..MeetingSide::default() });
    };
    let application = a.or(b);
    let zones = match (x, y) {
        (Some(x), Some(y)) => {
            Some(x.iter().copied().filter(|zone| y.binary_search(zone).is_ok()).collect::<Vec<_>>())
        }
        (zones, None) | (None, zones) => zones.map(<[_]>::to_vec),
    };
    let left = |application, zone: Option<_>| {
        let zone = zone.as_ref().map(std::slice::from_ref);
        let except: Vec<_> = except
            .iter()
            .filter(|it| it.place.covers(EndPlace::Zones(application, zone)))
            .collect();
        remains(end, other, &except)
    };
    let mut found = MeetingSide::default();
    for class in declared.classes(application, zones.as_deref()) {
        let (of, zone) = (class.application(), class.zone());
        let new = found.declared.iter().all(|it| it.application() != of);
        if new && left(of, zone) {
            found.declared.push(class);
            if found.declared.len() == 2 {
                break;
            }
        }
    }
    // Any zone will do that is not excused; without a list, one that nobody has named yet.
    found.later = match &zones {
        None => left(application, None),
        Some(zones) => zones.iter().any(|zone| left(application, Some(*zone))),
    };
    found.application = application;
    (found.later || !found.declared.is_empty()).then_some(found)
}

/// Whether some pod could satisfy the selectors of both ends and those of none of `except`.
fn remains(end: &LineEnd<'_>, other: &LineEnd<'_>, except: &[&LineEnd<'_>]) -> bool {
    let mut excused = Vec::with_capacity(except.len());
    for end in except {
        match &end.selector {
            None => return false,
            Some(selector) => excused.push(Selector::clone(selector)),
        }
    }
    if excused.is_empty() {
        return end.selectors_meet(other);
    }
    let own = [&end.selector, &other.selector];
    let both = Selector::and(own.into_iter().flatten().map(|it| Selector::clone(it)));
    let rest = Selector::Not(Box::new(Selector::or(excused)));
    end.decisions.overlap(&both, &rest)
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
    let excuse = class(program, sender).unwrap_or_else(|| endpoint(program, from));
    let receiver = class(program, receiver).unwrap_or_else(|| endpoint(program, to));
    let label = format!("would let `{excuse}` reach `{receiver}`: {}", meeting.traffic);
    let diagnostic = Diagnostic::new(&GUARDRAIL_MET, "a guardrail forbids this flow")
        .label(flow.spans.whole, label)
        .label(guardrail.span, why(guardrail))
        .help("narrow the flow or delete it: a guardrail wins over every flow");
    // Only places within the left side can be excused. A declared place that meets it is; an external may be wider.
    let left = EndPlace::new(program, &guardrail.left);
    if sender.is_outside() && !left.covers(EndPlace::new(program, from)) {
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

/// The sides of a flow as connections go.
fn ends(flow: &Flow) -> (&crate::program::Endpoint, &crate::program::Endpoint) {
    match flow.arrow {
        Arrow::Entering => (&flow.right, &flow.left),
        Arrow::Inside | Arrow::Both | Arrow::Leaving => (&flow.left, &flow.right),
    }
}
