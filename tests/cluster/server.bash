# Sourced: an etcd and an API server on loopback, in the folder $work, which are gone when the shell ends.
# Nothing but them runs: no controller, no node and no Calico, so what is asked of the cluster is what it takes and keeps.

# A port of loopback that nothing listens at.
free_port() {
  local port
  while port=$((20000 + RANDOM % 20000)); do
    (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

# certificate NAME SUBJECT [EXTENSION]: one that the authority of this run has signed.
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out "$1.crt" \
    -extfile <(echo "${3:-extendedKeyUsage=clientAuth}")
}

certificates() {
  cd "$work/server"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=tests
  certificate server /CN=kube-apiserver 'subjectAltName=IP:127.0.0.1'
  certificate admin /O=system:masters/CN=admin
  openssl genrsa -out accounts.key 2048
}

# start: both, in a folder of their own, with KUBECONFIG for somebody who may do everything.
start() {
  work=$(mktemp -d)
  mkdir -p "$work/server"
  local log=$work/server port
  (certificates) > "$log/openssl.log" 2>&1 || { cat "$log/openssl.log" >&2; return 1; }
  cd "$work/server"
  local store peer
  store=$(free_port) peer=$(free_port) port=$(free_port)
  "$cache/etcd" --data-dir "$work/etcd" --unsafe-no-fsync --listen-client-urls "http://127.0.0.1:$store" \
    --advertise-client-urls "http://127.0.0.1:$store" --listen-peer-urls "http://127.0.0.1:$peer" > "$log/etcd.log" 2>&1 &
  started+=($!)
  "$cache/kube-apiserver" --etcd-servers "http://127.0.0.1:$store" --bind-address 127.0.0.1 --secure-port "$port" \
    --advertise-address 127.0.0.1 --endpoint-reconciler-type=none --service-cluster-ip-range 10.0.0.0/16 \
    --authorization-mode RBAC --client-ca-file ca.crt --tls-cert-file server.crt --tls-private-key-file server.key \
    --service-account-issuer https://tests --service-account-key-file accounts.key --service-account-signing-key-file accounts.key \
    --disable-admission-plugins=ServiceAccount > "$log/apiserver.log" 2>&1 &
  started+=($!)
  cat > kubeconfig <<CONFIG
apiVersion: v1
kind: Config
clusters: [{name: tests, cluster: {server: "https://127.0.0.1:$port", certificate-authority: $work/server/ca.crt}}]
users: [{name: admin, user: {client-certificate: $work/server/admin.crt, client-key: $work/server/admin.key}}]
contexts: [{name: tests, context: {cluster: tests, user: admin}}]
current-context: tests
CONFIG
  export KUBECONFIG=$work/server/kubeconfig
  cd "$work"
  wait_for 60 "the API server is ready" kubectl get --raw /readyz || { tail -n 20 "$log/apiserver.log" "$log/etcd.log" >&2; return 1; }
}

# stop: ends what `start` started, and takes its folder away. The API server would wait a minute for its watches, and nothing is kept.
stop() {
  [ ${#started[@]} = 0 ] || { kill -KILL "${started[@]}"; wait "${started[@]}"; } 2>/dev/null || true
  started=()
  cd / && rm -rf "$work"
}

# wait_for SECONDS WHAT COMMAND…: until the command succeeds.
wait_for() {
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > "$work/waiting" 2>&1; do
    [ "$SECONDS" -lt "$until" ] || { echo "not within its time: $what"; tail -n 5 "$work/waiting"; return 1; }
    sleep 0.5
  done
}

# install FILE: Calico's resources, until a policy is taken and goes again: its own admission policies need some time.
install() {
  kubectl apply --server-side --filename "$1" > "$work/installed.txt" || return 1
  kubectl wait --for=condition=Established --timeout=60s crd --all > /dev/null
  printf '%s\n' "apiVersion: $2" 'kind: GlobalNetworkPolicy' 'metadata: {name: probe}' 'spec: {order: 1, selector: all(), types: [Ingress]}' > "$work/probe.yaml"
  wait_for 120 "a policy is taken" kubectl apply --server-side --filename "$work/probe.yaml" &&
    kubectl delete --filename "$work/probe.yaml" > /dev/null
}
