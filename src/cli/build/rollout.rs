//! The order of applying that `build` tells: the usual one, or with `--since` the one for the change from what the cluster has.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::calico::Resource;
use crate::cli::args;
use crate::cli::args::Common;
use crate::cli::report::ProjectReport;
use crate::compile::{ALL_BUT_DEFAULT_DENY, Document, compile, is_default_deny};
use crate::diagnostic::codes::output::GAP;
use crate::diagnostic::{Diagnostic, Level};
use crate::program::{Owner, Program};
use crate::project::failure::Failure;
use crate::project::plan::{FileChange, Plan};
use crate::reach::{End, TooMany};
use crate::rollout::{Change, FileOrder, Gap, GapKind, Owned, Rollout, Step, plan};

/// A file to apply, whole or in part.
#[derive(Clone, Debug, Serialize)]
pub(super) struct StepJson<'a> {
    pub(super) path: &'a str,
    /// The selector of labels for what of it is applied in this step; absent for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) selector: Option<&'static str>,
}

/// What is cut or open for a moment.
#[derive(Serialize)]
pub(super) struct GapJson {
    kind: &'static str,
    namespace: String,
    example: String,
    from: MomentJson,
    until: MomentJson,
}

#[derive(Serialize)]
struct MomentJson {
    owner: String,
    object: String,
    deleted: bool,
}

impl From<&Step> for MomentJson {
    fn from(step: &Step) -> Self {
        let Step { owner, object, deleted } = step.clone();
        Self { owner, object, deleted }
    }
}

impl From<&Gap> for GapJson {
    fn from(gap: &Gap) -> Self {
        Self {
            kind: match gap.kind {
                GapKind::Cut => "cut",
                GapKind::Open => "open",
            },
            namespace: gap.namespace.to_string(),
            example: gap.example.to_string(),
            from: (&gap.from).into(),
            until: (&gap.until).into(),
        }
    }
}

/// The files of `files` in this order. Files without policies are not applied.
pub(super) fn steps<'a>(
    files: &'a Plan,
    order: FileOrder,
    resources: &[(String, Resource)],
) -> Vec<StepJson<'a>> {
    let holds = |owner: &str, part: fn(&Resource) -> bool| {
        resources.iter().any(|(it, resource)| it == owner && part(resource))
    };
    let wanted = files.steps.iter().filter(|it| it.policies && it.change != FileChange::Stale);
    let (platform, applications): (Vec<_>, Vec<_>) =
        wanted.filter(|it| holds(&it.owner, |_| true)).partition(|it| it.owner == "platform");
    let whole =
        |it: &'a crate::project::plan::PlanStep| StepJson { path: &it.path, selector: None };
    let mut steps: Vec<_> = applications.into_iter().map(whole).collect();
    for it in platform {
        let in_parts = order == FileOrder::PlatformFirst && !steps.is_empty();
        let has_rest = holds(&it.owner, |it| !is_default_deny(it));
        if in_parts && has_rest {
            let selector = Some(ALL_BUT_DEFAULT_DENY);
            steps.insert(0, StepJson { path: &it.path, selector });
            if !holds(&it.owner, is_default_deny) {
                if let Some(first) = steps.first_mut() {
                    first.selector = None;
                }
                continue;
            }
        }
        steps.push(whole(it));
    }
    steps
}

/// The order for what the cluster has by `--since`, and what is told of it.
pub(super) fn since(
    old: &str,
    arguments: &args::Build,
    (program, documents): (&Program, &[Document]),
    chosen: impl Fn(&str) -> bool,
) -> Result<(Rollout, Vec<Diagnostic>), Failure> {
    let usual = FileOrder::usual(program.settings.tiers);
    let unknown = |why: String, help: &str| {
        let diagnostic = Diagnostic::new(&GAP, why).help(help);
        Ok((Rollout { order: usual, gaps: None }, vec![diagnostic]))
    };
    let Some(before) = before(old, arguments)? else {
        return unknown(
            format!(
                "the project in `{old}` has errors, so nobody knows what this change comes to on its way"
            ),
            "the files are applied in the usual order:  eastwest check  says there what is wrong",
        );
    };
    let old_documents = compile(&before, false).0;
    match walked((&before, &old_documents), (program, documents), usual, chosen) {
        Ok(Rollout { gaps: None, order }) => {
            let message = "more changes at once than is tried step by step";
            let help = "the files are applied in the usual order; apply the change in parts to know what is cut on the way";
            Ok((Rollout { gaps: None, order }, vec![Diagnostic::new(&GAP, message).help(help)]))
        }
        Ok(rollout) => {
            let gaps = rollout.gaps.iter().flatten();
            let told = gaps.map(|gap| told(gap, program)).collect();
            Ok((rollout, told))
        }
        Err(too_many) => unknown(
            format!("what this change comes to on its way cannot be told: {too_many}"),
            "the files are applied in the usual order",
        ),
    }
}

/// The project that `old` names; `None` where it has errors.
fn before(old: &str, arguments: &args::Build) -> Result<Option<Program>, Failure> {
    let common = &arguments.common;
    let options = Common {
        project: common.project.clone(),
        config: common.config.clone(),
        strict: false,
        as_of: common.as_of,
        owner: None,
    };
    let mut judged = if let Some(revision) = old.strip_prefix("git:") {
        ProjectReport::at(revision, &options)?
    } else {
        let folder = Common { project: Some(PathBuf::from(old)), ..options };
        ProjectReport::read(&folder, arguments.drop_expired)?
    };
    judged.forgive_dates();
    judged.diagnostics.retain(|it| it.level == Level::Error);
    Ok(judged.program.filter(|_| judged.diagnostics.is_empty()))
}

fn walked(
    (before, old): (&Program, &[Document]),
    (after, new): (&Program, &[Document]),
    usual: FileOrder,
    chosen: impl Fn(&str) -> bool,
) -> Result<Rollout, TooMany> {
    let mut namespaces = BTreeMap::new();
    for program in [before, after] {
        for (_, it) in program.namespaces.iter() {
            namespaces.insert(it.name.clone(), it.labels.clone());
        }
    }
    let mut change = Change { before: Vec::new(), after: Vec::new(), namespaces: &namespaces };
    for it in old {
        let owned = owned(before, it);
        if chosen(owned.owner) {
            change.before.push(owned);
        }
    }
    for it in new {
        let owned = owned(after, it);
        change.after.push(owned);
        // What is written elsewhere is there already.
        if !chosen(owned.owner) {
            change.before.push(owned);
        }
    }
    plan(&change, usual)
}

fn owned<'a>(program: &'a Program, document: &'a Document) -> Owned<'a> {
    Owned {
        owner: program.owner_name(document.owner),
        platform: document.owner == Owner::Platform,
        resource: &document.resource,
    }
}

/// What is told of a gap.
fn told(gap: &Gap, program: &Program) -> Diagnostic {
    let tiers = program.settings.tiers;
    let what = match gap.kind {
        GapKind::Cut => "cuts for a moment what is open before and after",
        GapKind::Open => "opens for a moment what is closed before and after",
    };
    let moment = |step: &Step| {
        let verb = if step.deleted { "deleted" } else { "applied" };
        format!("`{}` of {} is {verb}", step.object, step.owner)
    };
    let (from, until) = (moment(&gap.from), moment(&gap.until));
    let help = match gap.kind {
        GapKind::Open => {
            "make it two changes, and apply the first before the second: first what closes or moves, then what opens"
        }
        GapKind::Cut if gap.was_open && !tiers => {
            "connections that stand are not cut. To spare new ones, set `tiers = true` under `[calico]`, or let all pass meanwhile:  docs/pipeline.md, \"No moment in between is wrong\""
        }
        GapKind::Cut => {
            "connections that stand are not cut. To spare new ones, make it two changes, and apply the first before the second: write the lines in their new place as well, then take them out of the old one"
        }
    };
    let mut example = gap.example.clone();
    for end in [&mut example.subject, &mut example.peer] {
        // The labels of a declared namespace stand in its manifest.
        if let End::Pod { namespace, of_namespace, .. } = end
            && program.namespaces.iter().any(|(_, it)| it.name == *namespace)
        {
            of_namespace.clear();
        }
    }
    Diagnostic::new(&GAP, format!("this change {what}"))
        .help(format!("for example:  {example}"))
        .help(format!("from when {from} until {until}"))
        .help(help)
}
