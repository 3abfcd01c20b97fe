# Sourced by native.bash: what changes in the flows is what changes in the cluster.

narrowed() {
  [ "$(nets)" = 10.100.0.0/16 ]
  sed -i 's#10.100.0.0/16#10.100.0.0/24#' own/platform/network-policies/platform.flow
  rebuild own
  deliver own
  [ "$(nets)" = 10.100.0.0/24 ] || { echo "the sets hold:"; nets; return 1; }
  drift own
}
check "a narrowed external is narrow" narrowed

pruned() {
  kubectl create namespace elsewhere > /dev/null
  printf '%s\n' 'apiVersion: projectcalico.org/v3' 'kind: NetworkPolicy' 'metadata: {name: theirs, namespace: elsewhere, labels: {app.kubernetes.io/managed-by: eastwest, eastwest/owner: somebody-else}}' \
    'spec: {order: 1, selector: all(), types: [Ingress]}' | kubectl apply --server-side --filename - > /dev/null
  of() { ours | jq -r --arg owner "$1" '.items[] | select(.metadata.labels["eastwest/owner"] == $owner) | .metadata.name'; }
  [ -n "$(of application1)" ]
  git -C own rm --quiet -r application1
  rebuild own
  deliver own
  [ -z "$(of application1)" ] || { echo "left behind:"; of application1; return 1; }
  [ "$(of somebody-else)" = theirs ] && [ -n "$(of application2)" ]
}
check "an application's last flow file goes, and so do its objects, and nobody else's" pruned
