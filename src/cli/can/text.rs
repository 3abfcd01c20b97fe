//! Answers for people: the answer, then both ends, each with what decides there.

use std::fmt::Write;

use crate::can::{
    Answer, AnswerHalf, AnswerPart, Because, Extent, FlowLine, OpenTraffic, PolicyRef, Reaches,
    Verdict, When,
};
use crate::diagnostic::visible::visible;

/// A line of a table: what it is about, what is said of it, and where that stands.
#[derive(Default)]
struct TextRow {
    label: String,
    at: String,
    text: String,
    source: String,
}

/// `answer` as people read it.
pub(crate) fn answer(answer: &Answer) -> String {
    let mut open = Vec::new();
    for (word, openings) in
        [("open", &answer.open), ("closed", &answer.closed), ("unknown", &answer.undecided)]
    {
        open.extend(openings.iter().map(|it| opening(word, it, answer)));
    }
    let mut rows = Vec::new();
    let mut shown: Vec<FlowLine> = Vec::new();
    for (arriving, halves) in [(false, &answer.leaving), (true, &answer.arriving)] {
        for (index, half) in halves.iter().enumerate() {
            half_rows(index == 0, arriving, half, &mut shown, &mut rows);
        }
    }
    for near in &answer.nearest {
        let text =
            format!("{}, rule {}, {}", named(&near.policy, &near.at), near.rule + 1, near.but);
        rows.push(TextRow {
            label: "nearest".into(),
            at: near.at.clone(),
            text,
            source: if near.flows.iter().any(|it| it.source == near.source) {
                String::new()
            } else {
                near.source.clone()
            },
        });
        rows.extend(near.flows.iter().map(flow));
    }
    for (index, line) in answer.write.iter().enumerate() {
        // A line that decides may be there: in its owner's repository.
        let elsewhere = answer.gaps.elsewhere.contains(&line.source);
        let label = if elsewhere { "look for" } else { "write" };
        let label = if index == 0 || elsewhere { label } else { "" };
        rows.push(TextRow {
            label: label.into(),
            at: line.source.clone(),
            text: quoted(line),
            source: String::new(),
        });
    }
    let headline = visible(&headline(answer)).into_owned();
    format!("{headline}\n{}{}{}", table(&open), table(&rows), notes(&answer.notes))
}

/// `found` as people read it.
pub(crate) fn reaches(found: &Reaches) -> String {
    let place = &found.place;
    let nothing = found.open.is_empty() && found.undecided.is_empty();
    let headline = match (found.reached, nothing) {
        (false, false) => format!("{place} can open"),
        (false, true) => format!("no: {place} can open nothing"),
        (true, false) => format!("{place} can be reached"),
        (true, true) => format!("no: nothing can reach {place}"),
    };
    let mut rows = Vec::new();
    for (word, list) in [("open", &found.open), ("unknown", &found.undecided)] {
        for one in list {
            let (way, own) = if found.reached { ("from", "to") } else { ("to", "from") };
            let mut at = format!("{way} {}", some(&one.places));
            if !one.at.is_empty() {
                at = format!("{own} {}, {at}", some(&one.at));
            }
            let mut text = extent(&one.extent);
            if let Some(why) = &one.why {
                let _ = write!(text, ": {why}");
            }
            rows.push(TextRow { label: word.into(), at, text, source: String::new() });
        }
    }
    format!("{}\n{}{}", visible(&headline), table(&rows), notes(&found.notes))
}

fn notes(notes: &[String]) -> String {
    let rows: Vec<_> =
        notes.iter().map(|note| ["  note      ", &visible(note), "\n"].concat()).collect();
    rows.concat()
}

fn headline(answer: &Answer) -> String {
    let Answer { from, to, .. } = answer;
    match (&answer.traffic, answer.verdict) {
        (Some(traffic), Verdict::Allow) => format!("yes: {from} can open {traffic} to {to}"),
        (Some(traffic), Verdict::Deny) => format!("no: {from} cannot open {traffic} to {to}"),
        (Some(traffic), Verdict::Differs) => {
            format!("partly: {from} can open some of {traffic} to {to}")
        }
        (Some(traffic), Verdict::Undecided) => {
            format!(
                "undecided: whether {from} can open {traffic} to {to} depends on what is not known here"
            )
        }
        (None, Verdict::Deny) => format!("no: {from} cannot open anything to {to}"),
        (None, Verdict::Undecided) => {
            format!(
                "undecided: whether {from} can open anything to {to} depends on what is not known here"
            )
        }
        (None, Verdict::Allow | Verdict::Differs) => format!("yes: {from} can open to {to}"),
    }
}

fn opening(word: &str, opening: &OpenTraffic, answer: &Answer) -> TextRow {
    let mut text = extent(&opening.extent);
    if text.is_empty() {
        text = answer.traffic.clone().unwrap_or_default();
    }
    let ends = format!("{} to {}", some(&opening.from), some(&opening.to));
    // One that holds for some pods alone is shown by one of them.
    let source = if opening.extent.when.is_empty() {
        String::new()
    } else {
        format!("such as {}", opening.example)
    };
    TextRow { label: word.into(), at: ends, text, source }
}

/// A few of `names`, and how many more.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut text = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if let Some(more) = names.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        // Writing to a string cannot fail.
        let _ = write!(text, " and {more} more");
    }
    text
}

fn half_rows(
    first: bool,
    arriving: bool,
    half: &AnswerHalf,
    shown: &mut Vec<FlowLine>,
    rows: &mut Vec<TextRow>,
) {
    let mut at = some(&half.at);
    if !half.towards.is_empty() {
        let way = if arriving { "from" } else { "to" };
        at = format!("{at} {way} {}", some(&half.towards));
    }
    let label = match (first, arriving) {
        (false, _) => "",
        (true, false) => "leaving",
        (true, true) => "arriving",
    };
    for (index, part) in half.parts.iter().enumerate() {
        let first = index == 0;
        let mut text = part.extent.iter().map(extent).collect::<Vec<_>>().join("; ");
        if !text.is_empty() {
            text.push_str(": ");
        }
        let of_line = |source: &String| part.flows.iter().any(|it| it.source == *source);
        text.push_str(&decided(part, half.at.first().map_or("", String::as_str), arriving));
        rows.push(TextRow {
            label: if first { label.into() } else { String::new() },
            at: if first { at.clone() } else { String::new() },
            text,
            // The line follows with its place.
            source: part.source.clone().filter(|it| !of_line(it)).unwrap_or_default(),
        });
        let same = !part.flows.is_empty() && part.flows.iter().all(|it| shown.contains(it));
        if same {
            let text = if part.flows.len() == 1 { "the same line" } else { "the same lines" };
            rows.push(TextRow { text: text.into(), ..TextRow::default() });
        } else {
            rows.extend(part.flows.iter().map(flow));
            shown.extend(part.flows.iter().cloned());
        }
    }
}

fn flow(flow: &FlowLine) -> TextRow {
    TextRow { text: quoted(flow), source: flow.source.clone(), ..TextRow::default() }
}

/// A flow line with its reason.
pub(crate) fn quoted(flow: &FlowLine) -> String {
    match &flow.because {
        Some(because) => format!("{} because \"{because}\"", flow.line),
        None => flow.line.clone(),
    }
}

/// What a part of what is asked is: `tcp/80 from pods [app == 'web']`.
pub(crate) fn extent(extent: &Extent) -> String {
    let mut words: Vec<String> = extent.traffic.iter().cloned().collect();
    let ways: Vec<_> = extent.when.iter().map(when).filter(|it| !it.is_empty()).collect();
    if !ways.is_empty() {
        words.push(ways.join(" or "));
    }
    if extent.more {
        words.push("and in more ways".to_owned());
    }
    words.join(" ")
}

fn when(when: &When) -> String {
    let mut words = Vec::new();
    let ends = [
        ("from", &when.from, &when.from_addresses, &when.from_addresses_except),
        ("to", &when.to, &when.to_addresses, &when.to_addresses_except),
    ];
    for (word, selector, addresses, except) in ends {
        if let Some(selector) = selector {
            words.push(format!("{word} pods [{selector}]"));
        }
        if !addresses.is_empty() {
            words.push(format!("{word} {}", some(addresses)));
        }
        if !except.is_empty() {
            words.push(format!("{word} any address but {}", some(except)));
        }
    }
    words.join(" ")
}

/// What decides a part, in words.
pub(crate) fn decided(part: &AnswerPart, at: &str, arriving: bool) -> String {
    let verb = match part.verdict {
        Verdict::Allow => "allowed",
        Verdict::Deny | Verdict::Differs | Verdict::Undecided => "denied",
    };
    let tier = part.tier.as_deref().unwrap_or("default");
    match part.because {
        Because::Rule => {
            let name = part.policy.as_ref().map_or_else(String::new, |it| named(it, at));
            let tier = if tier == "default" { String::new() } else { format!(", tier {tier}") };
            format!("{verb} by {name}{tier}, rule {}", part.rule.unwrap_or_default() + 1)
        }
        Because::EndOfTier => {
            let names: Vec<_> = part.policies.iter().map(|it| named(it, at)).collect();
            format!("denied at the end of the tier {tier}: no rule matches in {}", some(&names))
        }
        Because::Profile => match part.verdict {
            Verdict::Allow => "allowed: every tier passes it on".to_owned(),
            Verdict::Deny | Verdict::Differs | Verdict::Undecided => {
                "denied: every tier passes it on, and no profile allows it".to_owned()
            }
        },
        Because::NotIsolated => {
            let way = if arriving { "ingress" } else { "egress" };
            match part.verdict {
                Verdict::Allow => format!("open: no policy selects it for {way}"),
                Verdict::Deny | Verdict::Differs | Verdict::Undecided => {
                    format!("denied: no policy selects it for {way}, and no profile allows it")
                }
            }
        }
        Because::Failsafe => {
            "allowed: a failsafe port, which Calico keeps open unless configured otherwise"
                .to_owned()
        }
        Because::Outside => "outside: no policy is asked there".to_owned(),
        Because::Undecided => {
            format!("cannot be told: {}", part.why.as_deref().unwrap_or("too little is known"))
        }
    }
}

/// A policy's name, as it is known in the namespace `at`.
fn named(policy: &PolicyRef, at: &str) -> String {
    let name =
        if policy.namespace.as_deref() == Some(at) { policy.name.clone() } else { policy.short() };
    if policy.kubernetes { format!("{name} (of Kubernetes)") } else { name }
}

/// What is said of an end that has a longer name than this stands on the next line.
const NARROW: usize = 36;
/// A source that would go beyond this width stands on a line of its own, below what it is the source of.
const WIDE: usize = 120;

fn table(rows: &[TextRow]) -> String {
    let width = |text: &str| visible(text).chars().count();
    let at_width = rows.iter().map(|row| width(&row.at)).filter(|width| *width <= NARROW).max();
    let at_width = at_width.unwrap_or(0);
    // Two blanks, a label of eight, and two more on each side of whose row it is.
    let room = WIDE.saturating_sub(14 + at_width);
    let beside =
        |row: &TextRow, text| !row.source.is_empty() && text + 2 + width(&row.source) <= room;
    let fitting = rows.iter().map(|row| (row, width(&row.text)));
    let fitting = fitting.filter(|(row, text)| beside(row, *text)).map(|(_, text)| text);
    let text_width = fitting.max().unwrap_or(0);
    let mut out = String::new();
    for row in rows {
        let (mut label, mut at) = (visible(&row.label), visible(&row.at));
        let (text, source) = (visible(&row.text), visible(&row.source));
        if at.chars().count() > at_width {
            let _ = writeln!(out, "  {label:<8}  {at}");
            (label, at) = Default::default();
        }
        let line = format!("  {label:<8}  {at:<at_width$}  {text:<text_width$}");
        if source.is_empty() {
            let _ = writeln!(out, "{}", line.trim_end());
        } else if beside(row, text_width.max(text.chars().count())) {
            let _ = writeln!(out, "{line}  {source}");
        } else {
            let _ = writeln!(
                out,
                "{}\n{:indent$}{source}",
                line.trim_end(),
                "",
                indent = 16 + at_width
            );
        }
    }
    out
}
