//! Reads whatever clusters and repositories hold, one object after another, and keeps what decides about connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::endpoints::FoundEndpoints;
use super::object::{Object, WrittenRule};
use super::{Cluster, ServiceAccount, problem, services};
use crate::calico::decode::{self, Decoded, KUBERNETES_API, Problem, STORED_API, TakenOver};
use crate::calico::{AdminKind, Labels, Policy, PolicyKind, Proviso, Release, Resource};
use crate::diagnostic::Diagnostic;
use crate::selector::keys::KUBE_SYSTEM;
use crate::source::{FileId, Sources, Span};
use crate::yaml::node::{Node, Value};
use crate::yaml::read::{ReadPart, read_each};
use crate::zones::{FoundLabels, LabelKeys};

/// The group of the Kubernetes network-policy API.
const ADMIN_API: &str = "policy.networking.k8s.io/";

/// Reads `files` of `sources`, in their order: documents of YAML, JSON, and lists of either, with objects of any kind
/// among them. Gives what decides about connections, and a diagnostic for everything that a cluster would not take as it
/// is written.
///
/// `release` is that of the cluster, where it is known.
pub fn load(
    sources: &Sources,
    files: &[FileId],
    keys: &LabelKeys,
    release: Option<Release>,
) -> (Cluster, Vec<Diagnostic>) {
    let mut loader = Loader {
        keys,
        release,
        objects: Vec::new(),
        file: None,
        cluster: Cluster::default(),
        namespaces: FoundLabels::default(),
        endpoints: FoundEndpoints::default(),
        known: BTreeMap::new(),
        staged: Vec::new(),
        stored: Vec::new(),
        diagnostics: Vec::new(),
        judged: Vec::new(),
    };
    for file in files {
        let Some(source) = sources.get(*file) else { continue };
        loader.file = Some(*file);
        // What a typed list holds need not say what it is; the list says it only after its items.
        let mut untyped = Vec::new();
        let diagnostics = read_each(&source.text, *file, &mut |part| match part {
            ReadPart::Item(item) if item.get("kind").is_none() => untyped.push(item),
            ReadPart::Item(item) => loader.object(item),
            ReadPart::Document(document) => {
                for item in untyped.drain(..) {
                    loader.object(typed(item, &document));
                }
                loader.object(document);
            }
        });
        let Loader { judged, diagnostics: all, .. } = &mut loader;
        let of_judged = |it| problem::of_yaml(it, judged);
        all.extend(diagnostics.into_iter().filter_map(of_judged));
    }
    loader.finish()
}

/// `item` of a typed `list`, saying what it is.
fn typed(item: Node, list: &Node) -> Node {
    let (Some(kind), Value::Map(mut entries)) = (kind_of(list), item.value.clone()) else {
        return item;
    };
    let kind = kind.strip_suffix("List").unwrap_or(kind);
    let api = list.get("apiVersion").and_then(Node::text).unwrap_or_default();
    for (key, text) in [("apiVersion", api), ("kind", kind)] {
        if !entries.iter().any(|(known, _)| known.text() == Some(key)) {
            entries
                .push((Node::scalar(key, false, item.span), Node::scalar(text, false, item.span)));
        }
    }
    Node::new(Value::Map(entries), item.span)
}

fn kind_of(node: &Node) -> Option<&str> {
    node.get("kind").and_then(Node::text)
}

struct Loader<'a> {
    keys: &'a LabelKeys,
    release: Option<Release>,
    /// The file that is being read.
    file: Option<FileId>,
    cluster: Cluster,
    /// Each object, twice where two things may be made of it.
    objects: Vec<Vec<Object>>,
    namespaces: FoundLabels,
    endpoints: FoundEndpoints,
    /// Objects by kind, namespace and name: their index and place.
    known: BTreeMap<String, (usize, Span)>,
    staged: Vec<Span>,
    stored: Vec<Span>,
    diagnostics: Vec<Diagnostic>,
    /// Where the objects are that are looked at.
    judged: Vec<Span>,
}

impl Loader<'_> {
    /// Reads one object. What is no object of Kubernetes says nothing.
    fn object(&mut self, node: Node) {
        let (Some(kind), Some(file)) = (kind_of(&node), self.file) else { return };
        let api = node.get("apiVersion").and_then(Node::text).unwrap_or_default();
        let calico = api.contains("projectcalico.org/");
        let place = place_of(&node, file);
        let ours = calico
            || api == KUBERNETES_API
            || api.starts_with(ADMIN_API)
            || kind == "ServiceAccount";
        if kind.eq_ignore_ascii_case("Namespace") || ours && !kind.ends_with("List") {
            self.judged.extend(node.span);
        }
        if kind.eq_ignore_ascii_case("Namespace") {
            return self.namespaces.document(&node, file, self.keys);
        }
        if let Some(inner) =
            node.get("items").and_then(Node::items).filter(|_| kind.ends_with("List"))
        {
            let items: Vec<_> = inner.iter().map(|item| typed(item.clone(), &node)).collect();
            return items.into_iter().for_each(|item| self.object(item));
        }
        if self.endpoints.object(&node, kind, api) {
            return;
        }
        self.cluster.node_local_dns |= is_node_local_dns(&node, kind);
        if api == STORED_API {
            self.stored.push(place);
        }
        if let Some(admin) = AdminKind::ALL.into_iter().find(|it| it.name() == kind) {
            return self.admin(node, admin, place);
        }
        match kind {
            "ServiceAccount" if api == "v1" => self.cluster.accounts.extend(account(&node)),
            "Service" if api == "v1" => {
                self.cluster.written_services.extend(services::service(&node, place));
            }
            "StagedKubernetesNetworkPolicy" if calico => self.staged.push(place),
            "Tier"
            | "NetworkPolicy"
            | "GlobalNetworkPolicy"
            | "NetworkSet"
            | "GlobalNetworkSet"
            | "StagedNetworkPolicy"
            | "StagedGlobalNetworkPolicy"
                if calico =>
            {
                let Decoded { values, problems } = decode::object(&node, self.release);
                self.problems(&problems, place);
                let rules = ["ingress", "egress"].map(|key| written(&node, key, place));
                let node = Arc::new(node);
                let object = |resource| {
                    let (node, rules) = (Arc::clone(&node), rules.clone());
                    Object { resource, node, span: place, rules }
                };
                self.add(values.into_iter().map(object).collect());
            }
            "HostEndpoint" if calico => {
                let Decoded { values, problems } = decode::host_endpoint(&node);
                self.problems(&problems, place);
                self.cluster.hosts.extend(values);
            }
            "NetworkPolicy" if api == KUBERNETES_API => self.kubernetes(node, place),
            "NetworkPolicy" => self.diagnostics.push(problem::not_judged(kind, api, place)),
            "Profile" if calico && !is_automatic(&node) => {
                self.diagnostics.push(problem::not_judged(kind, api, place));
            }
            _ => {}
        }
    }

    fn kubernetes(&mut self, node: Node, place: Span) {
        let Decoded { values, problems } = decode::kubernetes(&node);
        self.problems(&problems, place);
        let Some(taken_over) = values.into_iter().next() else { return };
        self.taken_over(taken_over, node, place);
    }

    /// A policy of the Kubernetes network-policy API, which some releases enforce.
    fn admin(&mut self, node: Node, kind: AdminKind, place: Span) {
        let api = node.get("apiVersion").and_then(Node::text).unwrap_or_default();
        if !api.starts_with(ADMIN_API) {
            return;
        }
        if let Some(release) = self.release.filter(|it| !kind.enforced_by(*it)) {
            self.diagnostics.push(problem::not_enforced(kind, release, place));
            return;
        }
        if api != kind.api() {
            self.diagnostics.push(problem::not_read(kind, api, place));
            let name = node.get("metadata").and_then(|it| it.get("name")).and_then(Node::text);
            let readings = Policy::unread(kind, name.unwrap_or_default());
            let node = Arc::new(node);
            let object = |policy| Object {
                resource: Resource::Policy(policy),
                node: Arc::clone(&node),
                span: place,
                rules: [Vec::new(), Vec::new()],
            };
            self.add(readings.map(object).into());
            return;
        }
        let Decoded { values, problems } = decode::admin(&node, kind);
        self.problems(&problems, place);
        let Some(mut taken_over) = values.into_iter().next() else { return };
        // Nobody says which release it is; the newest one would not enforce it.
        if self.release.is_none() && !kind.enforced_by(Release::NEWEST) {
            let unknown = format!(
                "Calico enforces {}, as {} do",
                taken_over.policy.kind_name(),
                kind.releases()
            );
            taken_over.policy.proviso = Some(Proviso { unknown: unknown.into(), holds: true });
        }
        self.taken_over(taken_over, node, place);
    }

    /// Keeps the policy that one of Kubernetes amounts to.
    fn taken_over(&mut self, taken_over: TakenOver, node: Node, place: Span) {
        let [ingress, egress] = taken_over.written;
        let places = |key, indices: Vec<usize>| {
            let all = written(&node, key, place);
            indices.into_iter().filter_map(|index| all.get(index).copied()).collect()
        };
        let rules = [places("ingress", ingress), places("egress", egress)];
        let resource = Resource::Policy(taken_over.policy);
        self.add(vec![Object { resource, node: Arc::new(node), span: place, rules }]);
    }

    fn problems(&mut self, problems: &[Problem], place: Span) {
        self.diagnostics.extend(problems.iter().map(|it| problem::diagnostic_of(it, place)));
    }

    /// Keeps what may be made of an object, in the place of one of the same name.
    fn add(&mut self, readings: Vec<Object>) {
        let Some(object) = readings.first() else { return };
        if let Resource::Policy(Policy { kind: PolicyKind::Staged, .. }) = object.resource {
            self.staged.push(object.span);
            return;
        }
        let name = object.resource.identity();
        let Some((index, first)) = self.known.get(&name).copied() else {
            self.known.insert(name, (self.objects.len(), object.span));
            self.objects.push(readings);
            return;
        };
        self.diagnostics.push(problem::twice(&name, first, object.span));
        if let Some(before) = self.objects.get_mut(index) {
            *before = readings;
        }
    }

    fn finish(mut self) -> (Cluster, Vec<Diagnostic>) {
        let (mut zones, diagnostics) = self.namespaces.finish();
        zones.namespaces.retain(|namespace| namespace.possible);
        self.cluster.zones = zones;
        self.cluster.objects = self.objects.into_iter().flatten().collect();
        self.cluster.services = self.endpoints.finish();
        self.diagnostics.extend(diagnostics.into_iter().filter_map(problem::of_namespace));
        if let Some(first) = self.staged.first() {
            self.diagnostics.push(problem::staged(self.staged.len(), *first));
        }
        if let Some(first) = self.stored.first() {
            self.diagnostics.push(problem::stored(self.stored.len(), *first));
        }
        self.diagnostics.sort_by_key(Diagnostic::primary);
        (self.cluster, self.diagnostics)
    }
}

/// The place by which an object is known: its name, or what there is of it.
fn place_of(node: &Node, file: FileId) -> Span {
    let name = node.get("metadata").and_then(|it| it.get("name"));
    let mut known = [name, node.get("kind"), Some(node)].into_iter().flatten();
    known.find_map(|node| node.span).unwrap_or(Span::new(file, 0, 0))
}

/// The rules under `key` of the spec, as written.
fn written(node: &Node, key: &str, object: Span) -> Vec<WrittenRule> {
    let rules = node.get("spec").and_then(|spec| spec.get(key)).and_then(Node::items);
    let rules = rules.unwrap_or_default().iter().enumerate();
    rules.map(|(index, rule)| WrittenRule { index, span: rule.span.unwrap_or(object) }).collect()
}

/// Whether a profile is one that Calico keeps for a namespace or a service account.
fn is_automatic(node: &Node) -> bool {
    let name = node.get("metadata").and_then(|it| it.get("name")).and_then(Node::text);
    name.is_some_and(|name| {
        ["kns.", "ksa."].iter().any(|prefix| name.starts_with(prefix))
            || name == "projectcalico-default-allow"
    })
}

/// Whether an object is one of the resolver that Kubernetes puts on each node.
fn is_node_local_dns(node: &Node, kind: &str) -> bool {
    let of_metadata = |key| node.get("metadata")?.get(key)?.text();
    ["DaemonSet", "ConfigMap", "ServiceAccount"].contains(&kind)
        && of_metadata("name") == Some("node-local-dns")
        && of_metadata("namespace") == Some(KUBE_SYSTEM)
}

/// A service account; `None` for one that no cluster would take.
fn account(node: &Node) -> Option<ServiceAccount> {
    let metadata = node.get("metadata")?;
    let text = |key| metadata.get(key).and_then(Node::text);
    let labels = metadata.get("labels").and_then(Node::entries).unwrap_or_default();
    let labels: Labels = labels
        .iter()
        .filter_map(|(key, value)| Some((key.text()?.into(), value.text()?.into())))
        .collect();
    Some(ServiceAccount {
        namespace: text("namespace").unwrap_or("default").into(),
        name: text("name")?.into(),
        labels,
    })
}
