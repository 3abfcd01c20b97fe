# Sourced by native.bash: policies that decide nothing yet.

staged() { ours '^staged' | jq -r '.items[].metadata.name'; }
stage() { (cd own && bash -euo pipefail -c "$(documented 'Trying policies first' sh)"); }
tried_first() {
  kubectl get globalnetworksets.projectcalico.org,networkpolicies.projectcalico.org,globalnetworkpolicies.projectcalico.org -A -o yaml > before.yaml
  stage
  [ "$(staged | wc -l)" -gt 4 ]
  kubectl get globalnetworksets.projectcalico.org,networkpolicies.projectcalico.org,globalnetworkpolicies.projectcalico.org -A -o yaml | diff before.yaml -
  drift own
  deliver own
  [ -z "$(staged)" ] || { echo "left behind:"; staged; return 1; }
}
check "staged by the documented command: nothing that holds is touched, and the next apply takes them away" tried_first
