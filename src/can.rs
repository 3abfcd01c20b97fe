//! Who may open which connection to whom, and why: a question in, an answer with both halves out. The same for a
//! project (by the very text that `build` writes) and for policies that anybody wrote.

mod answer;
mod batch;
mod expect;
mod gaps;
mod icmp;
mod judge;
mod near;
mod own;
mod pair;
mod pairs;
mod place;
mod reach;
mod remarks;
mod tell;
mod why;
mod write;

pub use answer::{
    Answer, AnswerHalf, AnswerPart, Because, Extent, FlowLine, Gaps, Near, OpenTraffic, PolicyRef,
    Verdict, When,
};
pub use batch::{Asker, Expectations, batch};
pub use expect::{Expectation, Found, FoundPart, Met, expect};
pub use pairs::{exposure, pairs};
pub use place::{FlowSide, QueryPart, QueryPartKind, QueryPlace, Unknown};
pub use reach::{Reached, Reaches, reached};

use crate::traffic::Match;
use crate::world::World;

/// A question: may these open connections to those?
#[derive(Clone, Debug)]
pub struct Question {
    /// Who opens them.
    pub from: QueryPlace,
    /// To whom.
    pub to: QueryPlace,
    /// Which; `None` for a list of all that is open.
    pub traffic: Option<Vec<Match>>,
}

impl Question {
    /// Its traffic, in the words of flow lines.
    fn traffic_text(&self) -> Option<String> {
        let list = self.traffic.as_ref()?.iter();
        Some(list.map(ToString::to_string).collect::<Vec<_>>().join(", "))
    }
}

/// What the policies of `world` say to `question`.
///
/// # Errors
/// Where a label has too much asked of its values.
pub fn answer(world: &World, question: &Question) -> Result<Answer, crate::reach::TooMany> {
    why::answer(world, question)
}
