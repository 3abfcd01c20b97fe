//! Flows whose last day has passed or comes near (language reference, section 5 "Time"). The day that
//! `until` names is still open.

use jiff::civil::Date;

use super::words::counted;
use crate::check::CheckInput;
use crate::diagnostic::codes::relations::{EXPIRED, EXPIRING};
use crate::diagnostic::{Diagnostic, Level};
use crate::program::{Flow, Program};

/// So many days before its last day a flow is warned about.
const NOTICE: i64 = 30;

/// Says which flows of `program` have expired or will soon. With `drop_expired` the expired ones are taken
/// out, and each is reported; that report is not a lint, so nothing is ever dropped in silence.
pub(in crate::check) fn apply(program: &mut Program, input: &CheckInput<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for flow in &program.flows {
        let Some(until) = flow.until else { continue };
        let left = days(input.today, until);
        if left < 0 {
            found.push(expired(program, input, flow, until, -left));
        } else if left <= NOTICE && program.writes(flow.owner) {
            found.push(expiring(flow, until, left));
        }
    }
    if input.drop_expired {
        program.flows.retain(|flow| flow.until.is_none_or(|until| until >= input.today));
    }
    found
}

fn expired(
    program: &Program,
    input: &CheckInput<'_>,
    flow: &Flow,
    until: Date,
    ago: i64,
) -> Diagnostic {
    let day = written(until);
    let place = flow.spans.until.unwrap_or(flow.spans.whole);
    let ago = counted(ago, "day");
    if input.drop_expired {
        let mut dropped =
            Diagnostic::new(&EXPIRED, format!("dropped: this flow was open through {day}"))
                .label(place, format!("passed {ago} ago"))
                .help("delete the line, or extend the date if the flow is still needed");
        dropped.level = Level::Note;
        return dropped;
    }
    let expired = Diagnostic::new(&EXPIRED, format!("this flow was open through {day}"))
        .label(place, format!("passed {ago} ago"));
    if program.writes(flow.owner) {
        return expired.help(
            "delete the line, or extend the date; a scheduled build closes it with `--drop-expired`",
        );
    }
    let mut foreign = expired.help(format!(
        "it is for {} to delete the line or to extend the date",
        program.owner_name(flow.owner)
    ));
    foreign.level = Level::Warning;
    foreign
}

fn expiring(flow: &Flow, until: Date, left: i64) -> Diagnostic {
    let label = match left {
        0 => "today is the last day".to_owned(),
        left => format!("{} left", counted(left, "day")),
    };
    Diagnostic::new(&EXPIRING, format!("this flow is open through {}", written(until)))
        .label(flow.spans.until.unwrap_or(flow.spans.whole), label)
        .help("after that day the line is an error: extend the date, or delete the line")
}

/// From `from` to `to`; negative if `to` is before.
fn days(from: Date, to: Date) -> i64 {
    // The difference of two civil dates is in days unless larger units are asked for, and always fits.
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// `31 March 2027`
pub(crate) fn written(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}
