# Sourced by run: the checks on native resources, projectcalico.org/v3 as Calico 3.32 installs them.

check "Calico's resources are installed" install "$crds/native-v3.yaml" projectcalico.org/v3

applied_twice() {
  project "$1" "$2"
  deliver "$2"
  versions > before.txt
  deliver "$2"
  versions | diff before.txt - || { echo "a second apply wrote something"; return 1; }
  [ -s before.txt ]
}
no_drift() { drift "$1"; (cd "$1" && bash -euo pipefail -c "$(readme '# drift')"); }

for example in platform pods-in-a-namespace; do
  check "$example: applied by the ready pipeline, and a second time without a write" applied_twice "$example" "$example"
  check "$example: no drift" no_drift "$example"
  emptied
done

# The rest is asked of the shared cluster, with an external and a release that can stage.
own_project() {
  project shared-cluster own
  sed -i 's/^\[cluster\]/[calico]\nrelease = "3.30"\n\n[cluster]/' own/eastwest.toml
  echo 'external onprem = 10.100.0.0/16' >> own/platform/network-policies/platform.flow
  echo 'application2.backend ==> onprem : tcp/636 because "directory"' >> own/application2/network-policies/app.flow
  rebuild own
}
check "a project of its own" own_project

documented_first_apply() {
  cd own
  bash -euo pipefail -c "$(documented Applying sh)"
  kubectl apply --server-side --field-manager=eastwest --filename application1/network-policies/policies.yaml
  drift .
  versions > ../before.txt
  cd .. && deliver own
  versions | diff before.txt -
}
check "the documented first apply ends where the ready pipeline does" documented_first_apply

source "$here/staging.bash"
source "$here/edits.bash"
source "$here/changes.bash"
source "$here/rights.bash"
source "$here/older.bash"
