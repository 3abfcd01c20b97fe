# Sourced by native.bash: what somebody does with kubectl is found, and can be put back.

edit() { kubectl patch --type "${3:-merge}" "$1" ${4:+--namespace "$4"} --patch "$2" > /dev/null; }
put_back() {
  for file in own/*/network-policies/policies.yaml; do
    kubectl replace --field-manager=eastwest --filename "$file" > /dev/null
  done
  deliver own
  drift own
}

# An edit of the traffic: the comparison and the pipeline find it, the pipeline with these words; replacing puts it back.
found() {
  local words=$1
  shift
  edit "$@"
  drift own && { echo "the documented comparison finds nothing"; return 1; }
  fails "$words" deliver own
  put_back
}
flows=networkpolicies.projectcalico.org/eastwest-flows
deny=globalnetworkpolicies.projectcalico.org/eastwest-default-deny
inside=application2-ns2
set=$(kubectl get globalnetworksets.projectcalico.org --output=name | head -n 1)
added="not as it is written: NetworkPolicy $inside/eastwest-flows"

check "edit: a selector that selects less" found conflict "$deny" '{"spec": {"selector": "app == \"nobody\""}}'
check "edit: an added rule" found conflict "$flows" '[{"op": "add", "path": "/spec/ingress/0", "value": {"action": "Allow"}}]' json "$inside"
check "edit: a wider rule" found conflict "$flows" '[{"op": "remove", "path": "/spec/ingress/0/destination/ports"}]' json "$inside"
check "edit: an added serviceAccountSelector" found "$added" "$flows" '{"spec": {"serviceAccountSelector": "role == \"nobody\""}}' merge "$inside"
check "edit: a block added to a set" found "not as it is written: GlobalNetworkSet" "$set" '{"spec": {"nets": ["10.100.0.0/16", "10.200.0.0/16"]}}'
check "edit: another order" found conflict "$deny" '{"spec": {"order": 5}}'

in_the_pipeline() { edit "$@"; fails 'not as it is written: GlobalNetworkPolicy eastwest-default-deny' deliver own; put_back; }
check "edit: a field for host endpoints" in_the_pipeline "$deny" '{"spec": {"applyOnForward": true}}'

label_gone() {
  kubectl label "$deny" eastwest/owner- > /dev/null
  deliver own
  kubectl get "$deny" --output=json | jq -e '.metadata.labels["eastwest/owner"] == "platform"'
}
check "edit: a label that is taken out is back after the next apply" label_gone
object_gone() {
  kubectl delete "$deny" > /dev/null
  drift own && return 1
  deliver own && drift own
}
check "edit: a deleted policy is found, and back after the next apply" object_gone

documented_replace() {
  edit "$deny" '{"spec": {"selector": "app == \"nobody\"", "serviceAccountSelector": "a == \"b\""}}'
  drift own && return 1
  (cd own && bash -euo pipefail -c "$(documented Drift sh)")
  deliver own && drift own
}
check "the documented replace puts a policy back" documented_replace

beside() {
  printf '%s\n' 'apiVersion: projectcalico.org/v3' 'kind: NetworkPolicy' "metadata: {name: by-hand, namespace: $inside}" \
    'spec: {order: 1, selector: all(), types: [Ingress], ingress: [{action: Allow}]}' | kubectl apply --server-side --filename - > /dev/null
  drift own && return 1
  kubectl delete networkpolicies.projectcalico.org by-hand --namespace "$inside" > /dev/null
  drift own
  kubectl label namespace "$inside" zone- > /dev/null
  drift own && return 1
  kubectl apply --server-side --recursive --force-conflicts --filename own/platform/landingzones > /dev/null
  drift own
}
check "a policy by hand and a namespace that changed its zone are found by the comparison" beside
