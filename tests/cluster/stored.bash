# Sourced by run: the checks on crd.projectcalico.org/v1, which Calico's own API server stores in. That server is not here: what it
# leaves as it is (every rule says its source and destination, every policy its selector, tier, order and types) is held of our text.

check "Calico's stored resources are installed" install "$crds/stored-v1.yaml" crd.projectcalico.org/v1

stored() {
  project "$1" "$2"
  find "$2" -name policies.yaml -exec cat {} + | sed 's#^apiVersion: projectcalico.org/v3#apiVersion: crd.projectcalico.org/v1#' > ours.yaml
  kubectl create --dry-run=client --output=json --filename ours.yaml > ours.json
  jq -s -r '.[] | select(.kind | endswith("NetworkPolicy")) | select(
      ([.spec.ingress[]?, .spec.egress[]?] | any(has("source") and has("destination") | not))
      or (.spec | has("selector") and has("tier") and has("order") and has("types") | not)) | .metadata.name' ours.json > incomplete.txt
  [ ! -s incomplete.txt ] || { cat incomplete.txt; return 1; }
  [ "$(jq -s length ours.json)" -gt 3 ]
  # Names in the stored form begin with the tier.
  jq 'if .kind | endswith("NetworkPolicy") then .metadata.name |= (if startswith("eastwest.") then . else "default." + . end) else . end' ours.json |
    kubectl apply --server-side --field-manager=eastwest --filename - > /dev/null
  kinds=$(kubectl api-resources --api-group=crd.projectcalico.org --verbs=list --output=name | grep -E '^((global)?network|tiers)' | paste -sd, -)
  kubectl get "namespaces,$kinds" --all-namespaces --output=yaml > cluster.yaml
  (cd "$2" && eastwest diff "$work/cluster.yaml" .)
  kubectl delete "$kinds" --all --all-namespaces > /dev/null
  no_namespaces
}
for example in shared-cluster platform pods-in-a-namespace; do
  check "$example: complete, taken as it is, and the same traffic as the project" stored "$example" "$example"
done
