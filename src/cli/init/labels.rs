//! Which labels make landing zones, where the usual ones are nowhere.

use std::collections::BTreeMap;

use crate::zones::{LabelKeys, Zones};

/// Labels that tools set, whatever applications there are.
const OF_TOOLS: [&str; 6] =
    ["kubernetes.io/", "k8s.io/", "openshift.io/", "istio.io/", "projectcalico.org/", "helm.sh/"];

/// The labels that most namespaces have, if none has the usual one.
pub(super) fn guess(zones: &Zones, usual: &LabelKeys) -> Option<LabelKeys> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for namespace in &zones.namespaces {
        for (key, _) in &namespace.labels {
            if key.value == usual.application {
                return None;
            }
            let of_a_tool = OF_TOOLS.iter().any(|it| key.value.contains(it));
            if !of_a_tool && &*key.value != "name" {
                *counts.entry(&key.value).or_default() += 1;
            }
        }
    }
    // Of two labels that are used as much, the application's has the more values: a zone is one of few.
    let values = |key: &str| {
        let of_key = zones.namespaces.iter().flat_map(|it| &it.labels);
        let values = of_key.filter(|(it, _)| *it.value == *key).map(|(_, value)| &value.value);
        values.collect::<std::collections::BTreeSet<_>>().len()
    };
    let mut keys: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
    keys.sort_by_key(|(key, count)| (std::cmp::Reverse((*count, values(key))), *key));
    let (application, _) = keys.first()?;
    let zone = keys.get(1).map_or(&*usual.zone, |(key, _)| *key);
    Some(LabelKeys { application: (*application).into(), zone: zone.into() })
}
