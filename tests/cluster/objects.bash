# Sourced: what is in the cluster, and how it is emptied.

calico_kinds() { kubectl api-resources --api-group=projectcalico.org --verbs=list,delete --output=name | grep -E "$1" | paste -sd, -; }

# ours [KINDS]: the objects that eastwest wrote, as JSON.
ours() { kubectl get "$(calico_kinds "${1:-^((staged)?(global)?networkpolicies|globalnetworksets|tiers)[.]}")" --all-namespaces --selector app.kubernetes.io/managed-by=eastwest --output=json; }

# versions: each of them as the server counts its writes, so that a write that changes nothing is seen as none.
versions() { ours | jq -r '.items[].metadata | "\(.uid) \(.resourceVersion)"' | sort; }

# nets: the blocks of each set that is there, a set a line.
nets() { kubectl get globalnetworksets.projectcalico.org --output=json | jq -r '.items[].spec.nets | join(" ")'; }

# no_namespaces: takes away those that a check has brought. No controller is here to end one.
no_namespaces() {
  kubectl get namespaces --output=json | jq -r '.items[].metadata.name | select(test("^(default|kube-.*)$") | not)' | while read -r name; do
    kubectl delete namespace "$name" --wait=false > /dev/null
    kubectl get namespace "$name" --output=json | jq '.spec.finalizers = []' | kubectl replace --raw "/api/v1/namespaces/$name/finalize" -f - > /dev/null
  done
}

# emptied: takes away every policy, set, tier and namespace that a check has brought.
emptied() {
  kubectl delete "$(calico_kinds '^((staged)?(global)?networkpolicies|(global)?networksets)[.]')" --all --all-namespaces > /dev/null 2>&1
  kubectl delete tiers.projectcalico.org --selector app.kubernetes.io/managed-by=eastwest > /dev/null 2>&1 || true
  no_namespaces
}
