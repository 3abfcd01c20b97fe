//! What each vendor tells a job by variables.

use std::collections::BTreeMap;
use std::path::Path;

use super::steps::Vendor;
use super::{AZURE, GITLAB};

impl Vendor {
    /// The variable that names the root of the checkout, wherever in it a step runs.
    pub(super) fn root(self) -> &'static str {
        match self {
            Self::GitHub => "GITHUB_WORKSPACE",
            Self::GitLab => "CI_PROJECT_DIR",
            Self::Azure => "BUILD_SOURCESDIRECTORY",
        }
    }

    /// The variables that every job of the vendor has, on a checkout in the folder `root`.
    pub(super) fn surroundings(self, temporary: &Path, root: &str) -> BTreeMap<String, String> {
        let file: serde_yaml::Value = serde_yaml::from_str(&self.text()).unwrap();
        let temporary = temporary.to_str().unwrap();
        let output = format!("{temporary}/output");
        let pairs: &[(&str, &str)] = match self {
            Self::GitHub => &[
                ("GITHUB_REPOSITORY", "org/repo"),
                ("GITHUB_STEP_SUMMARY", &format!("{temporary}/summary")),
                ("GITHUB_OUTPUT", &output),
                ("GITHUB_ENV", &format!("{temporary}/env")),
                ("RUNNER_TEMP", temporary),
                ("${{ github.event.merge_group.base_sha || 'HEAD^1' }}", "HEAD^1"),
                ("${{ github.token }}", "secret"),
                ("${{ github.event.pull_request.number }}", "7"),
                ("${{ secrets.KUBECONFIG }}", "apiVersion: v1\nkind: Config"),
            ],
            Self::GitLab => {
                let variables = &file[".network-policies"]["variables"];
                &[
                    ("CI_API_V4_URL", GITLAB),
                    ("CI_PROJECT_ID", "5"),
                    ("CI_MERGE_REQUEST_IID", "7"),
                    ("CI_DEFAULT_BRANCH", "main"),
                    ("NETWORK_POLICIES_FILE", variables["NETWORK_POLICIES_FILE"].as_str().unwrap()),
                ]
            }
            Self::Azure => &[
                ("SYSTEM_COLLECTIONURI", AZURE),
                ("SYSTEM_TEAMPROJECTID", "project"),
                ("BUILD_REPOSITORY_ID", "repo"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTID", "7"),
                ("AGENT_TEMPDIRECTORY", temporary),
                ("$(System.AccessToken)", "secret"),
                ("$(kubeconfig.secureFilePath)", "/secure/kubeconfig"),
            ],
        };
        let root = (self.root(), root);
        let pairs = pairs.iter().chain([&root]);
        pairs.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    /// How the vendor says why a run was started.
    pub(super) fn reason(self, scheduled: bool) -> Vec<(&'static str, &'static str)> {
        match (self, scheduled) {
            (Self::GitHub, true) => vec![("${{ github.event_name }}", "schedule")],
            (Self::GitHub, false) => vec![("${{ github.event_name }}", "push")],
            (Self::GitLab, true) => {
                vec![("CI_PIPELINE_SOURCE", "schedule"), ("NETWORK_POLICIES_REASON", "schedule")]
            }
            (Self::GitLab, false) => {
                vec![("CI_PIPELINE_SOURCE", "push"), ("NETWORK_POLICIES_REASON", "push")]
            }
            (Self::Azure, true) => vec![("$(Build.Reason)", "Schedule")],
            (Self::Azure, false) => vec![("$(Build.Reason)", "IndividualCI")],
        }
    }
}
