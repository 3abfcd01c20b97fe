//! Conformance vectors from Calico's own tests, where a folder of them is at hand: the environment variable
//! `EASTWEST_CALICO_VECTORS` names it. They are no part of this project; its own tests cover the same ground.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use eastwest::calico::{Resource, decode};
use eastwest::reach::of_policies::{effective, selected};
use eastwest::selector::Selector;
use eastwest::yaml::node::Node;
use eastwest::yaml::read_back::read_back;
use serde_json::{Value, json};

#[test]
fn calico_vectors() {
    let Some(folder) = std::env::var_os("EASTWEST_CALICO_VECTORS") else {
        println!("EASTWEST_CALICO_VECTORS is not set: nothing is compared");
        return;
    };
    let files: [(&str, Judge); 3] = [
        ("selectors.json", selector),
        ("validation.json", validation),
        ("effective-selectors.json", effective_selector),
    ];
    let mut failures = Vec::new();
    for (name, judge) in files {
        let text = std::fs::read_to_string(Path::new(&folder).join(name)).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert!(!cases.is_empty(), "{name} is empty");
        let failed: Vec<_> = cases
            .iter()
            .filter_map(|case| judge(case).err().map(|reason| format!("{name}: {reason}: {case}")))
            .collect();
        println!("{name}: {} of {} passed", cases.len() - failed.len(), cases.len());
        failures.extend(failed);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Why a case fails, if it does.
type Judge = fn(&Value) -> Result<(), String>;

fn text<'a>(case: &'a Value, key: &str) -> Option<&'a str> {
    case.get(key).map(|value| value.as_str().unwrap())
}

fn selector(case: &Value) -> Result<(), String> {
    let parsed = Selector::parse(text(case, "selector").unwrap());
    let mut asked = false;
    if let Some(valid) = case.get("valid") {
        asked = true;
        same(parsed.is_ok(), valid.as_bool().unwrap())?;
    }
    let whole = || parsed.as_ref().map_err(ToString::to_string);
    if let Some(matches) = case.get("matches") {
        asked = true;
        let labels = case.get("labels").unwrap();
        let found = whole()?.matches(|key| labels.get(key).map(|value| value.as_str().unwrap()));
        same(found, matches.as_bool().unwrap())?;
    }
    if let Some(canonical) = text(case, "canonical") {
        asked = true;
        same(whole()?.to_string().as_str(), canonical)?;
    }
    if let Some(prefixed) = text(case, "prefixed") {
        asked = true;
        let prefix = text(case, "prefix").unwrap();
        same(whole()?.with_prefix(prefix).to_string().as_str(), prefixed)?;
    }
    if asked { Ok(()) } else { Err("nothing is asked".to_owned()) }
}

fn same<T: PartialEq + Debug + Copy>(found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{found:?}, expected {expected:?}")) }
}

fn validation(case: &Value) -> Result<(), String> {
    let fragment = case.get("resource").unwrap().clone();
    let rule = |rule: Value| policy(&json!({ "ingress": [rule] }));
    let allow = |mut more: Value| {
        more.as_object_mut().unwrap().insert("action".to_owned(), "Allow".into());
        rule(more)
    };
    let whole = match text(case, "type").unwrap() {
        "Rule" => rule(fragment),
        "EntityRule" => allow(json!({ "source": fragment })),
        "HTTPMatch" => allow(json!({ "http": fragment })),
        "Protocol" => allow(json!({ "protocol": fragment })),
        // An ICMP type needs its protocol.
        "ICMPFields" => allow(json!({ "protocol": "ICMP", "icmp": fragment })),
        kind => {
            let mut whole = fragment;
            let namespaced = !kind.contains("Global") && kind != "Tier";
            if namespaced && whole["metadata"].get("namespace").is_none() {
                whole["metadata"]["namespace"] = "default".into();
            }
            whole
        }
    };
    // What a way into the cluster refuses, or all of them, is not valid.
    let decoded = decode::object(&node(&whole), None);
    let empty = |it: &decode::Problem| it.message == "an empty list";
    let valid = !decoded.values.is_empty()
        && decoded
            .problems
            .iter()
            .all(|it| it.effect == decode::ProblemEffect::Unclear || empty(it));
    let expected = case.get("valid").unwrap().as_bool().unwrap();
    same(valid, expected).map_err(|reason| format!("{reason}, {:?}", decoded.problems))
}

fn policy(spec: &Value) -> Value {
    json!({
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": { "name": "p", "namespace": "default" },
        "spec": spec,
    })
}

fn node(value: &Value) -> Node {
    read_back(&value.to_string()).unwrap().into_iter().next().unwrap()
}

fn effective_selector(case: &Value) -> Result<(), String> {
    let namespace = text(case, "policyNamespace").filter(|it| !it.is_empty());
    let found = if let Some(entity) = case.get("entity") {
        // A port needs a protocol, which has no part in the selector.
        let rule = json!({ "action": "Allow", "protocol": "TCP", "source": entity });
        let policy = resource("GlobalNetworkPolicy", None, &json!({ "ingress": [rule] }))?;
        effective(&policy.ingress[0].source, namespace.map(Arc::from).as_ref())
    } else {
        let kind = text(case, "policyKind").unwrap();
        Some(selected(&resource(kind, namespace, case.get("spec").unwrap())?))
    };
    let expected = text(case, "effective").unwrap();
    let expected = (!expected.is_empty()).then(|| Selector::parse(expected).unwrap().to_string());
    same(found.map(|it| it.to_string()).as_deref(), expected.as_deref())
}

fn resource(
    kind: &str,
    namespace: Option<&str>,
    spec: &Value,
) -> Result<eastwest::calico::Policy, String> {
    let mut whole = policy(spec);
    whole["kind"] = kind.into();
    whole["metadata"] = json!({ "name": "p" });
    if let Some(namespace) = namespace {
        whole["metadata"]["namespace"] = namespace.into();
    }
    match decode::resource(&node(&whole)) {
        Ok(Resource::Policy(policy)) => Ok(policy),
        other => Err(format!("{other:?}")),
    }
}
