//! Pairs of places and what is open between them: as text, CSV and JSON.

use serde::Serialize;

use crate::can::{Extent, Reached, Reaches};
use crate::view::csv::{field, record};

use super::text;

/// All pairs, as programs read them.
#[derive(Serialize)]
pub(crate) struct PairsDocument<'a> {
    pairs: Vec<PairJson<'a>>,
    notes: Vec<&'a str>,
}

/// What is open from one place to another, or cannot be told.
#[derive(Serialize)]
struct PairJson<'a> {
    from: &'a str,
    to: &'a str,
    state: &'static str,
    /// Of the place that was asked about, the namespaces, addresses or hosts that are meant; empty for all of it.
    at: &'a [String],
    #[serde(flatten)]
    extent: &'a Extent,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

/// The document of `found`.
pub(crate) fn document(found: &[Reaches]) -> PairsDocument<'_> {
    let mut notes: Vec<&str> = Vec::new();
    for note in found.iter().flat_map(|it| &it.notes) {
        if !notes.contains(&&**note) {
            notes.push(note);
        }
    }
    PairsDocument { pairs: rows(found), notes }
}

/// The table of `found` as CSV: a record for each pair and what is open between the two.
pub(crate) fn csv(found: &[Reaches]) -> String {
    let mut out = record(["from", "to", "state", "open", "at", "why"].map(field).into_iter());
    for row in rows(found) {
        let open = text::extent(row.extent);
        let at = row.at.join(", ");
        let fields = [row.from, row.to, row.state, &open, &at, row.why.unwrap_or_default()];
        out.push_str(&record(fields.into_iter().map(field)));
    }
    out
}

/// The same for people: each place, and what it reaches or what reaches it. What nothing is open to or from is not told.
pub(crate) fn text(found: &[Reaches]) -> String {
    let some = found.iter().filter(|it| !it.open.is_empty() || !it.undecided.is_empty());
    let told: Vec<_> = some.map(text::reaches).collect();
    if told.is_empty() { "nothing is open\n".to_owned() } else { told.join("\n") }
}

fn rows(found: &[Reaches]) -> Vec<PairJson<'_>> {
    let mut rows = Vec::new();
    for one in found {
        for (state, list) in [("open", &one.open), ("undecided", &one.undecided)] {
            rows.extend(list.iter().flat_map(|reached| pairs_of(one, reached, state)));
        }
    }
    rows
}

fn pairs_of<'a>(
    one: &'a Reaches,
    reached: &'a Reached,
    state: &'static str,
) -> impl Iterator<Item = PairJson<'a>> {
    reached.places.iter().map(move |other| {
        let (from, to) = if one.reached { (other, &one.place) } else { (&one.place, other) };
        let why = reached.why.as_deref();
        PairJson { from, to, state, at: &reached.at, extent: &reached.extent, why }
    })
}
