# Sourced by native.bash: the documented role is enough for the pipeline, and each part of it is needed.

# as_pipeline COMMAND…: as somebody who has the role alone.
as_pipeline() {
  (
    jq -n --argjson config "$(kubectl config view --raw --output=json)" \
      '$config | .users[0].user.as = "eastwest-pipeline"' > "$work/pipeline.json"
    export KUBECONFIG=$work/pipeline.json
    "$@"
  )
}
# The pipeline's life: first apply, staging, a change, what is gone.
life() {
  emptied
  rm -rf own own.git
  own_project
  as_pipeline deliver own
  as_pipeline stage
  sed -i 's#10.100.0.0/16#10.100.0.0/24#' own/platform/network-policies/platform.flow
  sed -i 's#==> onprem : tcp/636#==> onprem : tcp/389#' own/application2/network-policies/app.flow
  rebuild own
  as_pipeline deliver own
}
role() { documented 'What the pipeline may do' yaml | kubectl create --dry-run=client --output=json -f - | jq "$1" | kubectl replace --force --filename - > /dev/null; }
enough() {
  documented 'What the pipeline may do' yaml | kubectl apply --server-side --filename -
  kubectl create clusterrolebinding eastwest-pipeline --clusterrole eastwest-pipeline --user eastwest-pipeline
  life
  [ "$(nets)" = 10.100.0.0/24 ]
}
check "the documented role is enough" enough
less() { role "$1"; fails 'forbidden' life; }
for verb in $(documented 'What the pipeline may do' yaml | sed -n 's/.*verbs: \[\(.*\)\]/\1/p' | tr -d ,); do
  check "the verb $verb is needed" less ".rules[].verbs -= [\"$verb\"]"
done
for resource in $(documented 'What the pipeline may do' yaml | sed -n 's/.*resources: \[\(.*\)\]/\1/p' | tr -d ,); do
  check "the right to $resource is needed" less ".rules[].resources -= [\"$resource\"]"
done
