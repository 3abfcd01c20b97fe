# Sourced: what stands in the documentation and in the ready pipelines, as it stands there, so that what is changed there is run as changed.

# documented HEADING LANGUAGE [NUMBER]: that fenced block under the heading of docs/pipeline.md; the first if no number is given.
documented() {
  awk -v heading="## $1" -v fence="\`\`\`$2" -v wanted="${3:-1}" '
    /^## / { inside = ($0 == heading) }
    /^```/ { if (block) block = 0; else if (inside && $0 == fence) { block = 1; count++ ; next } }
    block && count == wanted { print; found = 1 }
    END { exit !found }' "$root/docs/pipeline.md"
}

# readme WORDS: the line of README.md that holds these words.
readme() { grep -F -m 1 -- "$1" "$root/README.md"; }

# pipeline_step NAME: the script of that step of the ready pipeline for GitHub; the others are held to the same words by `cargo test`.
pipeline_step() {
  awk -v name="- name: $1" '
    index($0, name) && !script { step = 1; next }
    step && /run: \|$/ { script = 1; match($0, / *run/); indent = RLENGTH - 3; next }
    script && NF && match($0, / */) && RLENGTH <= indent { exit }
    script { print substr($0, indent + 3); found = 1 }
    END { exit !found }' "$root/examples/pipelines/github/network-policies.yml"
}

# project FOLDER NAME: a copy of an example in a repository of its own with an `origin`, its namespaces in the cluster.
project() {
  cp -r "$root/examples/$1" "$work/$2"
  (
    cd "$work/$2"
    git init --quiet --initial-branch main && git add --all && git_commit "as it is"
    git init --quiet --bare "$work/$2.git" && git remote add origin "$work/$2.git"
  )
  kubectl apply --server-side --recursive --filename "$work/$2/$(grep -o '^zones *= *\["[^*"]*' "$work/$2/eastwest.toml" | sed 's/.*"//')" > /dev/null
}

git_commit() { git -c user.name=tests -c user.email=tests@localhost commit --quiet --message "$1"; }

# rebuild FOLDER: commits the flows as they are now, built and locked.
rebuild() {
  (
    cd "$1"
    if [ -f crossings.lock ]; then eastwest lock; fi
    eastwest build && git add --all && git_commit "a change"
  )
}

# deliver FOLDER: the step of the ready pipeline that applies and prunes and looks for drift, and the record of it.
deliver() {
  (
    cd "$1"
    pipeline_step "Apply, the default deny last" > "$work/step.bash"
    GITHUB_WORKSPACE=$PWD bash -euo pipefail "$work/step.bash"
    git push --quiet --force origin HEAD:refs/heads/network-policies-applied
    git fetch --quiet origin '+refs/heads/*:refs/remotes/origin/*'
  )
}

# drift FOLDER: the documented comparison of the cluster with the project; 1 where they differ.
drift() { (cd "$1" && bash -euo pipefail -c "$(documented Drift sh 2)"); }

# fails WORDS COMMAND…: the command has to fail and say these words.
fails() {
  local words=$1 status=0
  shift
  # Not as a condition: there `set -e` holds no longer.
  set +e
  (set -e; "$@") > "$work/failed.log" 2>&1
  status=$?
  set -e
  cat "$work/failed.log"
  [ "$status" != 0 ] || { echo "it did not fail: $*"; return 1; }
  grep -qF -- "$words" "$work/failed.log" || { echo "it did not say: $words"; return 1; }
}

