//! A written flow from its other side.

use crate::source::Spanned;
use crate::syntax::tree::{Arrow, Flow};

/// The same crossing from the other side: what the owner of the right side writes.
pub(super) fn mirrored(flow: &Flow) -> String {
    swapped(flow, flow.arrow.value).to_string()
}

/// `flow` with its sides exchanged, and the arrow turned.
pub(super) fn swapped(flow: &Flow, arrow: Arrow) -> Flow {
    let arrow = match arrow {
        Arrow::Leaving => Arrow::Entering,
        Arrow::Entering => Arrow::Leaving,
        Arrow::Inside | Arrow::Both => arrow,
    };
    Flow { left: flow.right.clone(), right: flow.left.clone(), ..with_arrow(flow, arrow) }
}

/// `flow` with another arrow.
pub(super) fn with_arrow(flow: &Flow, arrow: Arrow) -> Flow {
    Flow { arrow: Spanned::new(arrow, flow.arrow.span), ..flow.clone() }
}
