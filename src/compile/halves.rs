//! What a line opens, side by side (language reference, section 5, the table of arrows). Calico judges the
//! sender and the receiver apart, so a connection inside a landing zone takes a half on either side.

use crate::calico::Direction;
use crate::program::{Arrow, Endpoint, Flow};

/// One direction at one side of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Half<'a> {
    /// The side that it opens.
    pub(super) local: &'a Endpoint,
    /// For connections from it or to it.
    pub(super) direction: Direction,
    /// The other end of these.
    pub(super) peer: &'a Endpoint,
    /// The line.
    pub(super) flow: &'a Flow,
}

/// What `flow` opens.
pub(super) fn halves(flow: &Flow) -> Vec<Half<'_>> {
    let (left, right) = (&flow.left, &flow.right);
    let leaving = |local, peer| Half { local, direction: Direction::Egress, peer, flow };
    let entering = |local, peer| Half { local, direction: Direction::Ingress, peer, flow };
    match flow.arrow {
        Arrow::Inside => vec![leaving(left, right), entering(right, left)],
        Arrow::Both => vec![
            leaving(left, right),
            entering(right, left),
            leaving(right, left),
            entering(left, right),
        ],
        Arrow::Leaving => vec![leaving(left, right)],
        Arrow::Entering => vec![entering(left, right)],
    }
}
