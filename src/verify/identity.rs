//! What a cluster tells objects apart by. Of two objects with one identity only the last one applied is there, so a
//! comparison that saw both would prove something that never holds.

use std::collections::BTreeSet;
use std::fmt;

use crate::calico::Resource;

/// Two objects of one kind, namespace and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twice {
    /// Their kind, namespace and name.
    pub object: String,
}

impl fmt::Display for Twice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the object `{}` appears twice", self.object)
    }
}

/// Fails where two of `resources` are one to the cluster ("how Calico decides", section 1.5: the tier is not part
/// of a policy's identity).
pub(super) fn check(resources: &[Resource]) -> Result<(), Twice> {
    let mut seen = BTreeSet::new();
    for object in resources.iter().map(Resource::identity) {
        if let Some(object) = seen.replace(object) {
            return Err(Twice { object });
        }
    }
    Ok(())
}
