//! Lines as they should be written, for help texts: a statement with some of its parts changed.
use crate::syntax::tree;
pub(super) fn flow(flow: &tree::Flow) -> String {
    format!("{:?}", flow.arrow)
}
pub(super) fn forbid(forbid: &tree::Forbid) -> String {
    format!("{:?}", forbid.crossing)
}
pub(super) fn endpoint(endpoint: &tree::Endpoint) -> String {
    format!("{:?}", endpoint.span)
}
pub(super) fn bare_flow(written: &tree::Flow) -> String {
    flow(&tree::Flow { clauses: tree::Clauses::default(), ..written.clone() })
}
pub(super) fn bare_forbid(written: &tree::Forbid) -> String {
    forbid(&tree::Forbid { clauses: tree::Clauses::default(), ..written.clone() })
}
