//! `GlobalNetworkSet`s: one for each external made of addresses, found by its label. A set that one object
//! cannot hold is several with the same label, which to Calico are one.

use crate::calico::{NetworkSet, Resource};
use crate::program::{ExternalValue, Owner, Program};

use super::limits::BYTES;
use super::{Document, labels, name};

/// The label that rules look for.
pub(super) const LABEL: &str = "eastwest/external";

/// Its value for the external `name`.
pub(super) fn label(name: &str) -> String {
    name::slug(name)
}

/// The sets of `program`.
pub(super) fn documents(program: &Program) -> Vec<Document> {
    let mut documents = Vec::new();
    for (_, external) in program.externals.iter() {
        let ExternalValue::Addresses(nets) = &external.value else { continue };
        let value = label(&external.name);
        let mut labels = labels(program, Owner::Platform);
        labels.push((LABEL.into(), value.as_str().into()));
        labels.sort();
        let mut rest = nets.as_slice();
        while !rest.is_empty() {
            let mut used = 0;
            let room = rest.iter().take_while(|net| {
                // `  - "…"` and a line break
                used += net.to_string().len() + 7;
                used <= BYTES
            });
            let (nets, left) = rest.split_at_checked(room.count().max(1)).unwrap_or((rest, &[]));
            documents.push(Document {
                owner: Owner::Platform,
                resource: Resource::Set(NetworkSet {
                    namespace: None,
                    name: name::set(&value, nets).into(),
                    labels: labels.clone(),
                    nets: nets.to_vec(),
                    proviso: None,
                }),
            });
            rest = left;
        }
    }
    documents
}
