# Sourced by native.bash, at its end: a cluster that does not serve tiers and staged policies, as Calico 3.27 and 3.28.

fewer_kinds() {
  emptied
  kubectl delete validatingadmissionpolicies,mutatingadmissionpolicies --all > /dev/null
  kubectl delete crd tiers.projectcalico.org stagednetworkpolicies.projectcalico.org stagedglobalnetworkpolicies.projectcalico.org > /dev/null
  wait_for 60 "tiers are gone" bash -c '! kubectl get tiers.projectcalico.org'
  project shared-cluster older
  deliver older
  drift older
  deliver older
}
check "where no tiers are served, the ready pipeline and the comparison work as well" fewer_kinds
