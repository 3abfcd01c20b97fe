//! The label keys that Calico and Kubernetes give endpoints and their namespaces, and by which the cluster's own pods are known:
//! each stands here alone.

/// What Calico gives every pod and every address of a `NetworkSet`: the name of its namespace.
pub const NAMESPACE: &str = "projectcalico.org/namespace";
/// What Calico gives every pod: the name of its service account.
pub const ACCOUNT: &str = "projectcalico.org/serviceaccount";
/// What Calico gives pods alone, with the value `k8s`.
pub const ORCHESTRATOR: &str = "projectcalico.org/orchestrator";
/// What Calico gives namespaces and service accounts: their names.
pub const NAME: &str = "projectcalico.org/name";
/// What Kubernetes gives namespaces: their names.
pub const METADATA_NAME: &str = "kubernetes.io/metadata.name";
/// What Calico puts before the labels of an endpoint's namespace.
pub const OF_NAMESPACE: &str = "pcns.";
/// What Calico puts before the labels of a pod's service account.
pub const OF_ACCOUNT: &str = "pcsa.";
/// What tools give the objects that they write.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The namespace in which the cluster's own pods run.
pub const KUBE_SYSTEM: &str = "kube-system";
/// The label by which the pods of the cluster's DNS are known there.
pub const DNS_KEY: &str = "k8s-app";
/// What that label says of the resolver that every pod is given.
pub const DNS_VALUE: &str = "kube-dns";

/// Whether `key`, as a policy sees it on an endpoint, is the name of its namespace.
pub fn names_namespace(key: &str) -> bool {
    key == NAMESPACE
        || key.strip_prefix(OF_NAMESPACE).is_some_and(|it| [NAME, METADATA_NAME].contains(&it))
}

/// Whether `key`, as a policy sees it on a pod, is the name of its service account.
pub fn names_account(key: &str) -> bool {
    key == ACCOUNT || key.strip_prefix(OF_ACCOUNT) == Some(NAME)
}
