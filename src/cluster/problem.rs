//! What is told of objects that a cluster would not take as they are written ("how Calico decides", section 1).

use crate::calico::decode::{Problem, ProblemEffect};
use crate::calico::{AdminKind, Release};
use crate::diagnostic::codes::cluster::{
    DROPPED, IGNORED, NOT_JUDGED, REFUSED, STAGED, STORED, TWICE, UNCLEAR, WIDER,
};
use crate::diagnostic::codes::zones::{
    EMPTY_LABEL, INVALID_LABEL, INVALID_NAMESPACE_NAME, REPEATED_KEY,
};
use crate::diagnostic::nearest::nearest;
use crate::diagnostic::visible::visible;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::Span;

/// What settles by which way an object came in.
const UNSETTLED: &str = "what hangs on it is undecided, unless it is known which way it came: by `--release`, or from the object \
    as `kubectl get -o yaml` prints it";

/// What a problem of an object at `object` means for the cluster.
pub(super) fn diagnostic_of(problem: &Problem, object: Span) -> Diagnostic {
    let place = problem.span.unwrap_or(object);
    let Problem { object: name, message, field, .. } = problem;
    let diagnostic = match problem.effect {
        ProblemEffect::Refused => Diagnostic::new(&REFUSED, format!("no cluster takes {name}: {message}"))
            .label(place, field.as_str())
            .help("it is judged as if it were not there: that is how it is until this is mended"),
        ProblemEffect::Ignored => Diagnostic::new(
            &IGNORED,
            format!("{name} is refused, or admitted and then ignored: {message}"),
        )
        .label(place, field.as_str())
        .help(
            "calicoctl and Calico's API server refuse it; as a native resource it is admitted, and the nodes act \
             as if it were not there\nso it is judged: what it should deny is open, and what it should allow may be closed",
        ),
        ProblemEffect::Lost => Diagnostic::new(
            &IGNORED,
            format!("{name} is admitted, and then ignored: {message}"),
        )
        .label(place, field.as_str())
        .help("the nodes act as if it were not there, and it is judged so: what it should deny is open"),
        ProblemEffect::Wider if problem.unsettled => Diagnostic::new(
            &WIDER,
            format!("{name} is refused, or selects more than it says: {message}"),
        )
        .label(place, field.as_str())
        .help(
            "calicoctl and Calico's API server refuse it; as a native resource it is admitted without this selector",
        ),
        ProblemEffect::Wider => Diagnostic::new(
            &WIDER,
            format!("{name} selects more than it says: {message}"),
        )
        .label(place, field.as_str())
        .help("the nodes take it without this selector, and so it is judged"),
        ProblemEffect::Converted => Diagnostic::new(
            &UNCLEAR,
            format!("{name} is refused, or admitted and converted: {message}"),
        )
        .label(place, field.as_str())
        .help(
            "calicoctl and Calico's API server refuse it; as a native resource it is admitted, and the nodes take host bits \
             out, a bare address for a block of one, and leave out a block that cannot be read: a list in which nothing is \
             left asks for nothing",
        ),
        ProblemEffect::Limited => Diagnostic::new(
            &UNCLEAR,
            format!("{name} is refused from v3.32 on, and taken before: {message}"),
        )
        .label(place, field.as_str()),
        ProblemEffect::Untried => Diagnostic::new(
            &UNCLEAR,
            format!("{name} is admitted, and what the nodes make of it is not known: {message}"),
        )
        .label(place, field.as_str())
        .help("what hangs on it is undecided"),
        ProblemEffect::Dropped => return dropped(problem, place),
        ProblemEffect::Skipped => Diagnostic::new(
            &DROPPED,
            format!("{name}: {message}, and the nodes leave it out"),
        )
        .label(place, field.as_str())
        .help("a list in which nothing is left asks for nothing: then any address will do"),
        ProblemEffect::Replaced => Diagnostic::new(
            &DROPPED,
            format!("{name}: {message}, and the nodes deny everything in the place of the rule"),
        )
        .label(place, field.as_str())
        .help("name namespaces, pods or networks there"),
        ProblemEffect::Unclear => Diagnostic::new(&UNCLEAR, format!("{name}: {message}"))
            .label(place, field.as_str())
            .help("write out what is meant"),
    };
    let diagnostic = if problem.unsettled { diagnostic.help(UNSETTLED) } else { diagnostic };
    if object == place { diagnostic } else { diagnostic.label(object, "of this object") }
}

/// What is said of a text of YAML, where objects that are looked at stand in `judged`: a key that stands twice in any other is
/// no concern.
pub(super) fn of_yaml(diagnostic: Diagnostic, judged: &[Span]) -> Option<Diagnostic> {
    if diagnostic.code.code != REPEATED_KEY.code {
        return Some(diagnostic);
    }
    let place = diagnostic.primary()?;
    let here = |it: &Span| it.file == place.file && it.start <= place.start && place.end <= it.end;
    let repeated = Diagnostic { level: Level::Warning, ..diagnostic };
    judged
        .iter()
        .any(here)
        .then(|| repeated.help("a cluster takes the last one, and so it is judged"))
}

/// What is said of a manifest, with what it means for the cluster where no cluster takes it. An empty label is a label like
/// any other there.
pub(super) fn of_namespace(diagnostic: Diagnostic) -> Option<Diagnostic> {
    let code = diagnostic.code.code;
    let refused = [INVALID_NAMESPACE_NAME.code, INVALID_LABEL.code].contains(&code);
    let help = "no cluster takes this namespace: it is judged as if it were not there";
    (code != EMPTY_LABEL.code).then(|| if refused { diagnostic.help(help) } else { diagnostic })
}

fn dropped(problem: &Problem, place: Span) -> Diagnostic {
    let path = &problem.field;
    let key = path.rsplit('.').next().unwrap_or(path);
    let diagnostic = match nearest(key, problem.known.iter().copied()) {
        Some(near) => Diagnostic::new(
            &DROPPED,
            format!(
                "`{}` is no field of {}, and the cluster drops it",
                visible(key),
                problem.object
            ),
        )
        .label(place, format!("did you mean `{near}`?"))
        .help(format!("write  {near}")),
        None => Diagnostic::new(
            &DROPPED,
            format!("{}: {}, and the cluster drops it", problem.object, problem.message),
        )
        .label(place, path.as_str()),
    };
    diagnostic.help("without it the object may allow or select more: it is judged without it")
}

/// That the object called `name` stands again at `again`.
pub(super) fn twice(name: &str, first: Span, again: Span) -> Diagnostic {
    Diagnostic::new(&TWICE, format!("{name} appears twice"))
        .label(again, "the last one applied is the one that the cluster has")
        .label(first, "first written here")
        .help("keep one of the two")
}

/// That objects of `kind` decide about connections, and are not judged.
pub(super) fn not_judged(kind: &str, api: &str, place: Span) -> Diagnostic {
    let message = format!(
        "`{}` of `{}` decides about connections, and is not judged",
        visible(kind),
        visible(api)
    );
    Diagnostic::new(&NOT_JUDGED, message)
        .label(place, "left out")
        .help("what is said about this cluster holds only where this object has no say")
}

/// That a policy at `place`, whose kind decides about connections, is in a version of its API that is not read: everything that it
/// could decide is undecided.
pub(super) fn not_read(kind: AdminKind, api: &str, place: Span) -> Diagnostic {
    let message =
        format!("`{}` of `{}` is not read: it could decide anything", kind.name(), visible(api));
    Diagnostic::new(&NOT_JUDGED, message)
        .label(place, "not read")
        .help(format!("what it could decide is undecided; `{}` is read", kind.api()))
}

/// That `release` does not enforce the policy of `kind` at `place`.
pub(super) fn not_enforced(kind: AdminKind, release: Release, place: Span) -> Diagnostic {
    let message = format!("Calico {release} does not enforce `{}`", kind.name());
    Diagnostic::new(&NOT_JUDGED, message)
        .label(place, "decides nothing")
        .help(format!("{} of Calico do: say with `--release` which one it is", kind.releases()))
}

/// That there are `count` staged policies, the first one at `place`.
pub(super) fn staged(count: usize, place: Span) -> Diagnostic {
    let message = if count == 1 {
        "a staged policy decides nothing yet".to_owned()
    } else {
        format!("{count} staged policies decide nothing yet")
    };
    Diagnostic::new(&STAGED, message).label(place, "left out")
}

/// That `count` objects are in the form in which Calico stores them, the first one at `place`.
pub(super) fn stored(count: usize, place: Span) -> Diagnostic {
    let message = if count == 1 {
        "this object is in the form in which Calico stores it".to_owned()
    } else {
        format!("{count} objects are in the form in which Calico stores them")
    };
    Diagnostic::new(&STORED, message).label(place, "`crd.projectcalico.org/v1`").help(
        "such objects are Calico's own to write: people and pipelines apply `projectcalico.org/v3`",
    )
}
