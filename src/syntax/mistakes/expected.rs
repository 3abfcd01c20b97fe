//! Words for a token that the parser did not expect: a table over what was found, what could have stood there, and the
//! rules that had begun.

use super::here::Here;
use super::{clauses, places, statements, traffic};
use crate::diagnostic::codes::syntax as codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::token::TokenKind;

/// When a row of the table applies; its rule, message, label and help. In texts, `{}` is the token found, `{stands}`
/// what stands there, `{statement}` the word of the
/// statement, `{example}` an example of it.
type ExpectedRow = (fn(&Here<'_>) -> bool, Code, &'static str, &'static str, &'static str);

/// A row for each line: questions to [`Here`], all of which hold, and then its code and its texts.
macro_rules! rows {
    ($($($question:ident($($kind:ident)*))* => $code:ident, $message:expr, $label:expr, $help:expr;)*) => {
        &[$((
            |here: &Here<'_>| $(here.$question(&[$(TokenKind::$kind),*]))&&*,
            &codes::$code,
            $message,
            $label,
            $help,
        ),)*]
    };
}

const PLACE: &str =
    "a place is written  application.zone  or  application.{zone, zone}  or  application.*";
const ARROWS: &str = "write `->` inside a landing zone, `==>` to leave it, `<==` to let others in";
const FLOW: &str = "a flow is written  {example}";
const TRAFFIC: &str = "write  tcp/443, a list of such, or `any`";

const ROWS: &[ExpectedRow] = rows! {
    wants(Statement) at(Open) =>
        PLACE, "braces hold zones of one application", "",
        "write one line for each application:  application.{zone, zone} -> …";
    wants(Statement) not_at(BadArrow) =>
        STATEMENT, "no statement begins with `{}`", "", FLOW;
    within(Log) =>
        STATEMENT, "`log denied` stands alone on its line", "delete this", "";
    wants(Quoted) follows(Because) =>
        REASON, "`because` needs a reason in quotes", "", "write  because \"…\"";
    wants(Date) =>
        DATE, "`until` needs a date", "",
        "write the last day on which the flow is open, year-month-day:  until 2026-11-22";
    wants(TicketName) =>
        CLAUSE, "`ticket` needs a name, and {stands} here", "",
        "write  ticket CHG-1042  or, with other characters,  ticket \"CHG 1042\"";
    within(Forbid) at(Until) =>
        CLAUSE, "a guardrail has no `until`", "", "a guardrail holds until its line is deleted";
    within(Forbid) at(Except) =>
        CLAUSE, "`except` stands before `because` and `ticket`", "",
        "move it to right after the places and their traffic";
    wants(Clause) at(Except) =>
        CLAUSE, "a flow has no `except`", "",
        "it opens exactly what it names: name the places and ports that are meant";
    within(Exempt External Port) at(Because Until Ticket) =>
        CLAUSE, "`{}` cannot follow {statement}", "",
        "only flows and guardrails have it; elsewhere write a comment:  # …";
    within(Clause) wants(Clause) at(Colon) =>
        CLAUSE, "the traffic stands before the clauses", "",
        "write  application.zone ==> application.zone : tcp/443 because \"…\"";
    within(Exempt) at(Star Dot) =>
        STATEMENT, "`exempt` takes the names of namespaces, not places", "",
        "write  {example}";
    wants(Value) =>
        STATEMENT, "an external is addresses, a namespace or a service", "",
        "write one of\n\
         {example}\n\
         external name = namespace istio-system\n\
         external name = service default/kubernetes";
    within(External) wants(Slash) =>
        STATEMENT, "a service is named with its namespace", "",
        "write  external name = service namespace/service";
    within(Port) wants(Traffic) not_at(Newline Star) =>
        TRAFFIC, "a port name stands for protocols and their ports alone", "",
        "write  {example}";
    wants(Zone) at(Newline) => PLACE, "a zone is missing after `.`", "", PLACE;
    wants(Zone) => PLACE, "a zone belongs after `.`, and `{}` is none", "", PLACE;
    wants(Dot) follows(Star) =>
        PLACE, "`*` alone is not a place", "",
        "write `*.*` for every landing zone, or `*.zone` for one zone of each";
    wants(Place) at(Open) =>
        PLACE, "braces hold zones of one application", "",
        "write one line for each application:  application.{zone, zone}";
    wants(Selector) at(Comma) =>
        PLACE, "one line has one place on each side", "",
        "write several zones of one application as  application.{zone, zone}, and a line for each application";
    at(Selector) =>
        PLACE, "a pod selector stands right after a place, and once", "",
        "join selectors with &&:  application.zone[app == 'api' && tier == 'web']";
    wants(Dot) at(Slash) =>
        PLACE, "an application and its zones are joined by `.`", "", PLACE;
    wants(Place) follows(Forbid) =>
        PLACE, "a guardrail begins with a place", "",
        "write  {example}";
    wants(Place) at(Newline) follows(Inside Both Leaving Entering BadArrow To) =>
        PLACE, "the other side is missing", "", PLACE;
    wants(Place) at(Newline) => PLACE, "a place is missing", "", PLACE;
    wants(To) =>
        ARROW, "a guardrail has `to` or `==>` between its places", "",
        "write  {example}";
    wants(Arrow) at(To) =>
        ARROW, "`to` belongs to guardrails: a flow has an arrow", "", ARROWS;
    wants(Arrow) at(Newline) =>
        STATEMENT, "a flow has an arrow and a second side", "the line ends here", FLOW;
    wants(Arrow) => ARROW, "an arrow is missing", "{stands} here", ARROWS;
    wants(Clause) at(Inside Both Leaving Entering) =>
        ARROW, "one line has one arrow", "the second", "write a line for each flow";
    at(BadArrow) => ARROW, "`{}` is not an arrow", "", ARROWS;
    within(Protocol) wants(Number) =>
        TRAFFIC, traffic::NUMBER.0, "", traffic::NUMBER.1;
    wants(Traffic) at(Any) =>
        TRAFFIC, traffic::BESIDE_ANY.0, "", traffic::BESIDE_ANY.1;
    wants(Traffic) at(Newline) => TRAFFIC, "traffic is missing here", "", TRAFFIC;
    wants(Traffic) => TRAFFIC, "traffic belongs here, and {stands}", "", TRAFFIC;
};

/// The mistakes whose words depend on more than the token found.
const COMPUTED: &[fn(&Here<'_>) -> Option<Diagnostic>] = &[
    statements::explain,
    clauses::explain,
    places::unclosed_list,
    places::declaration,
    places::third_part,
    places::comma,
    places::joint,
    traffic::explain,
];

/// The words for a token that stands where it cannot.
pub(super) fn explain(here: &Here<'_>) -> Diagnostic {
    let computed = || COMPUTED.iter().find_map(|explain| explain(here));
    computed().or_else(|| row(here)).unwrap_or_else(|| unexpected(here))
}

fn row(here: &Here<'_>) -> Option<Diagnostic> {
    let (_, code, message, label, help) = ROWS.iter().find(|(applies, ..)| applies(here))?;
    let statement = here.statement().unwrap_or(TokenKind::Word);
    let filled = |text: &str| {
        let text = text.replace("{statement}", statement.describe());
        // What the user wrote is filled in last: it may look like a place to fill.
        if text.contains("{stands}") {
            text.replace("{stands}", &here.stands())
        } else {
            text.replace("{}", here.written())
        }
    };
    let found = here.say(code, filled(message), filled(label));
    let help = help.replace("{example}", statement.example());
    Some(if help.is_empty() { found } else { found.help(help) })
}

/// What to say where nothing better is known.
fn unexpected(here: &Here<'_>) -> Diagnostic {
    let expected: Vec<_> = here.failure.expected.iter().map(TokenKind::describe).collect();
    let label = match expected.as_slice() {
        [] => String::new(),
        [one] => format!("expected {one}"),
        [rest @ .., last] => format!("expected {} or {last}", rest.join(", ")),
    };
    let message = match here.written() {
        "" => "the line ends too early".to_owned(),
        written => format!("`{written}` cannot stand here"),
    };
    here.say(&codes::STATEMENT, message, label)
}
