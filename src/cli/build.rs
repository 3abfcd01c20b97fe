//! `eastwest build`: checks, compiles, verifies, and writes. When anything fails, nothing is written.

use std::collections::BTreeMap;

use serde::Serialize;

use self::closed::ClosedJson;
use self::owned::{ObjectJson, Owned};
use self::rollout::{GapJson, StepJson};
use super::Status;
use super::args;
use super::args::FindingsFormat;
use super::console::Console;
use super::lock;
use super::report::{ProjectReport, ProjectSummary};
use super::stats::Stats;
use crate::calico::Resource;
use crate::check;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::project::IN_THE_WAY;
use crate::diagnostic::plural::plural;
use crate::diagnostic::visible::visible;
use crate::program::{Closed, Program};
use crate::project::failure::Failure;
use crate::project::kustomization;
use crate::project::plan::{FileChange, Output, Plan, PlanStep};
use crate::rollout::{FileOrder, Rollout};
use crate::source::Span;
use crate::{Compiled, NotBuilt, verify};

/// So many files that did not change are listed one by one.
const LISTED: usize = 20;

#[derive(Serialize)]
struct BuildDocument<'a> {
    #[serde(flatten)]
    summary: ProjectSummary<'a>,
    #[serde(flatten)]
    owned: Option<Owned<'a>>,
    files: Vec<FileJson<'a>>,
    /// The order in which files are applied; absent where nothing was proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepJson<'a>>>,
    /// With `--since`, what is cut or open on the way; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    gaps: Option<Vec<GapJson>>,
    /// What is closed; absent where nothing was proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedJson<'a>>,
    /// Whether the policies were proved to allow the flows, and nothing else where landing zones are closed; absent where it
    /// did not come to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<String>,
    /// With `--check`, where files differ: whether they allow the same traffic.
    #[serde(skip_serializing_if = "Option::is_none")]
    traffic: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<Stats>,
}

#[derive(Serialize)]
struct FileJson<'a> {
    path: &'a str,
    owner: &'a str,
    state: &'static str,
    policies: usize,
    objects: Vec<ObjectJson<'a>>,
}

/// A build as far as it came.
struct Work {
    judged: ProjectReport,
    /// What was compiled and proved, for the owners that are written.
    proved: Option<Proved>,
    /// Why nothing was proved, if it came to that.
    unproved: Option<verify::VerifyFailure>,
    /// With `--check`, where files differ: whether what is on disk allows the same, or why not.
    traffic: Option<Result<(), String>>,
}

/// What is to be written: nothing that is not proved can be here.
struct Proved {
    resources: Vec<(String, Resource)>,
    texts: Vec<(String, String)>,
    plan: Plan,
    rollout: Rollout,
}

/// Runs the command.
pub(crate) fn run(arguments: &args::Build, console: &mut Console) -> Result<Status, Failure> {
    let common = &arguments.common;
    if arguments.output.is_some() && arguments.format != FindingsFormat::Text {
        return Err(Failure::new("`--output -` and this `--format` both print to standard output")
            .help("leave one of them out"));
    }
    let mut judged = ProjectReport::read(common, arguments.drop_expired)?;
    // What `--drop-expired` leaves out is approved for longer than it lasts: the lock may hold it until its line goes.
    if judged.status() == Status::Yes && judged.elsewhere == 0 && !arguments.drop_expired {
        let lock = lock::lock_diagnostics(&mut judged, false)?;
        judged.add(lock);
    }
    let mut work = Work { judged, proved: None, unproved: None, traffic: None };
    let elsewhere = work.judged.elsewhere;
    if work.judged.status() == Status::Yes && elsewhere == 0 {
        work.compile(arguments, crate::compiled)?;
    }
    let status = work.finish(arguments)?;
    match (arguments.format, arguments.format.platform()) {
        (_, Some(platform)) => {
            work.judged.print(platform, console);
            work.tell(arguments, status, console);
        }
        (FindingsFormat::Json, None) => work.json(arguments, console),
        (_, None) => {
            work.judged.tell(console);
            work.tell(arguments, status, console);
        }
    }
    if elsewhere > 0 {
        let errors = plural(elsewhere, "error");
        console.failure(
            &Failure::new(format!("the files of other owners have {errors}"))
                .help("policies are verified together, so nothing can be built:  eastwest check"),
        );
        return Ok(status.max(Status::No));
    }
    Ok(status)
}

impl Proved {
    /// In which order the files are applied.
    fn steps(&self) -> Vec<StepJson<'_>> {
        rollout::steps(&self.plan, self.rollout.order, &self.resources)
    }
}

impl Work {
    /// Compiles and verifies with `compiler`, and looks at what is on disk.
    fn compile(
        &mut self,
        arguments: &args::Build,
        compiler: impl FnOnce(&Program, bool) -> Compiled,
    ) -> Result<(), Failure> {
        let (Some(program), Some(config)) = (&self.judged.program, &self.judged.project.config)
        else {
            return Ok(());
        };
        let built = match compiler(program, arguments.staged).prove(program) {
            Ok(built) => built,
            Err(NotBuilt::Unwritable(diagnostics)) => {
                self.judged.add(diagnostics);
                return Ok(());
            }
            Err(NotBuilt::Unproved(verify::VerifyFailure::TooMany(too_many))) => {
                let undecided = check::undecided(program, &too_many);
                self.judged.add(vec![undecided]);
                return Ok(());
            }
            Err(NotBuilt::Unproved(failure)) => {
                self.unproved = Some(failure);
                return Ok(());
            }
        };
        let kept = |owner: &str| {
            config.write.as_ref().is_none_or(|names| names.iter().any(|it| *it.value == *owner))
        };
        let chosen = |owner: &str| {
            kept(owner) && arguments.common.owner.as_ref().is_none_or(|it| it == owner)
        };
        let (rollout, mut on_the_way) = if let Some(old) = &arguments.since {
            rollout::since(old, arguments, (program, &built.documents), chosen)?
        } else {
            let order = FileOrder::usual(program.settings.tiers);
            (Rollout { order, gaps: None }, Vec::new())
        };
        let owner_of = |owner| program.owner_name(owner).to_owned();
        let resources = built.documents.into_iter().map(|it| (owner_of(it.owner), it.resource));
        let resources = resources.filter(|(owner, _)| chosen(owner)).collect();
        // What is on disk for the owners that are written here, with what the others have.
        let rest: Vec<_> = built
            .files
            .iter()
            .filter(|(owner, _)| !chosen(program.owner_name(*owner)))
            .map(|(owner, text)| (program.owner_name(*owner), text.clone()))
            .collect();
        let mut bases = Vec::new();
        if config.kustomization {
            let owners = built.files.iter().map(|(owner, _)| program.owner_name(*owner));
            bases = kustomization::files(&config.output, in_order(owners.filter(|it| kept(it))));
            bases.retain(|(owner, _)| chosen(owner));
        }
        let texts = built.files.into_iter().map(|(owner, text)| (owner_of(owner), text));
        let texts: Vec<_> = texts.filter(|(owner, _)| chosen(owner)).collect();
        let root = &self.judged.project.root;
        let plan = if arguments.output.is_some() {
            Plan::default()
        } else {
            let beside = kustomization::template(&config.output);
            let policies = Output { policies: true, template: &config.output, wanted: &texts };
            let beside =
                beside.iter().map(|template| Output { policies: false, template, wanted: &bases });
            // `policies/{owner}.yaml` may be a kustomization as well: what is one is told first.
            let outputs: Vec<_> = beside.chain([policies]).collect();
            Plan::new(root, &outputs, chosen)?
        };
        let mut undecided = None;
        if arguments.check && !plan.is_done() {
            let found = plan.steps.iter().filter(|step| step.policies).filter_map(|step| {
                step.found.as_ref().map(|text| (step.owner.as_str(), text.as_str()))
            });
            let texts = found.chain(rest.iter().map(|(owner, text)| (*owner, text.as_str())));
            self.traffic = match verify::verify(program, texts) {
                Ok(_) => Some(Ok(())),
                Err(verify::VerifyFailure::TooMany(too_many)) => {
                    undecided = Some(too_many);
                    None
                }
                Err(differs) => Some(Err(differs.to_string())),
            };
        }
        let place = config.output_span;
        let in_the_way = plan.in_the_way.iter().map(|path| in_the_way(path, place));
        let undecided = undecided.map(|it| check::undecided(program, &it));
        on_the_way.retain_mut(|it| config.settings.lints.apply(it));
        let diagnostics: Vec<_> = in_the_way.chain(undecided).chain(on_the_way).collect();
        self.judged.add(diagnostics);
        if self.judged.status() == Status::Yes {
            self.proved = Some(Proved { resources, texts, plan, rollout });
        }
        Ok(())
    }

    /// Writes, if all is well, and gives the exit status.
    fn finish(&self, arguments: &args::Build) -> Result<Status, Failure> {
        if self.unproved.is_some() {
            return Ok(Status::Unverified);
        }
        let Some(Proved { plan, .. }) = &self.proved else { return Ok(self.judged.status()) };
        if arguments.check {
            return Ok(if plan.is_done() { Status::Yes } else { Status::No });
        }
        plan.apply(&self.judged.project.root)?;
        Ok(Status::Yes)
    }

    /// How many policies each owner has.
    fn policies(&self) -> BTreeMap<&str, usize> {
        let mut policies = BTreeMap::new();
        for (owner, resource) in self.proved.iter().flat_map(|it| &it.resources) {
            *policies.entry(owner.as_str()).or_default() +=
                usize::from(matches!(resource, Resource::Policy(_)));
        }
        policies
    }

    /// What was proved, after how much of the landing zones it is about.
    fn verified(&self) -> String {
        let Some(openness) = self.judged.program.as_ref().map(Program::openness) else {
            return String::new();
        };
        let all = openness.landing_zones.len();
        let proved = match all - openness.count(Closed::None) {
            _ if openness.is_closed() => "the policies allow these flows and nothing else",
            0 => "the policies close no landing zone: whatever no line speaks of is open there",
            _ => "in closed landing zones the policies allow these flows and nothing else",
        };
        let closed = (!openness.is_whole()).then(|| row("closed", &openness.to_string()));
        closed.unwrap_or_default() + &row("verified", proved)
    }

    fn stats(&self, arguments: &args::Build) -> Option<Stats> {
        let resources = &self.proved.as_ref()?.resources;
        arguments.stats.then(|| Stats::of(resources.iter().map(|(_, resource)| resource)))
    }

    fn json(&self, arguments: &args::Build, console: &mut Console) {
        let policies = self.policies();
        let steps = self.proved.iter().flat_map(|it| &it.plan.steps);
        let objects = |step: &PlanStep| {
            let all = self.proved.iter().flat_map(|it| &it.resources);
            let of_file = all.filter(|(owner, _)| holds_policies(step) && *owner == step.owner);
            of_file.map(|(_, resource)| ObjectJson::of(resource)).collect()
        };
        let files = steps.map(|step| FileJson {
            path: &step.path,
            owner: &step.owner,
            state: state(step.change, arguments.check),
            policies: written(step, &policies).unwrap_or(0),
            objects: objects(step),
        });
        console.json(&BuildDocument {
            summary: self.judged.summary("eastwest/build/1", self.judged.project.bundle.as_deref()),
            owned: Owned::of(&self.judged, arguments.common.owner.as_deref()),
            files: files.collect(),
            steps: self.proved.as_ref().map(Proved::steps),
            gaps: self
                .proved
                .as_ref()
                .and_then(|it| it.rollout.gaps.as_ref())
                .map(|gaps| gaps.iter().map(GapJson::from).collect()),
            closed: self.proved.as_ref().and(self.judged.program.as_ref()).map(ClosedJson::of),
            verified: match (&self.proved, &self.unproved) {
                (_, Some(_)) => Some(false),
                (Some(_), None) => Some(true),
                (None, None) => None,
            },
            difference: self.unproved.as_ref().map(ToString::to_string),
            traffic: self.traffic.as_ref().map(|it| if it.is_ok() { "same" } else { "differs" }),
            stats: self.stats(arguments),
        });
    }

    /// Tells what came of it, diagnostics apart. Where those are a document, that alone goes to standard output.
    fn tell(&self, arguments: &args::Build, status: Status, console: &mut Console) {
        if let Some(failure) = &self.unproved {
            console.failure(&unproved(failure));
        }
        let Some(proved) = &self.proved else { return };
        let mut text = String::new();
        if let Some(counts) = self.judged.counts() {
            text.push_str(&row("checked", &counts.to_string()));
        }
        if let Some(hash) = &self.judged.project.bundle {
            text.push_str(&row("bundle", hash));
        }
        if arguments.output.is_some() {
            // The policies are the result; the summary is only about the work.
            text.push_str(&self.verified());
            console.err(&text);
            let text = |owner: &str| proved.texts.iter().find(|(it, _)| it == owner);
            let owners = proved.texts.iter().map(|(owner, _)| owner.as_str());
            in_order(owners).filter_map(text).for_each(|(_, text)| console.out(text));
            return;
        }
        let policies = self.policies();
        let same = proved.plan.steps.iter().filter(|it| it.change == FileChange::Same).count();
        if same > LISTED {
            text.push_str(&row("unchanged", &plural(same, "file")));
        }
        let listed = proved.plan.steps.iter();
        let listed = listed.filter(|it| same <= LISTED || it.change != FileChange::Same);
        let width = listed.clone().map(|it| it.path.chars().count()).max().unwrap_or(0);
        let mut last = "";
        for step in listed {
            let state = state(step.change, arguments.check);
            let path = visible(&step.path);
            let line = match written(step, &policies) {
                Some(policies) => format!("{path:<width$}   {}", plural(policies, "policy")),
                None => path.into_owned(),
            };
            text.push_str(&row(if state == last { "" } else { state }, &line));
            last = state;
        }
        if arguments.since.is_some() {
            for (at, step) in proved.steps().iter().take(LISTED).enumerate() {
                let selector = step.selector.map(|it| format!("   --selector '{it}'"));
                let line = format!("{}{}", visible(step.path), selector.unwrap_or_default());
                text.push_str(&row(if at == 0 { "apply" } else { "then" }, &line));
            }
            let more = proved.steps().len().saturating_sub(LISTED);
            if more > 0 {
                text.push_str(&row("then", &format!("{} more", plural(more, "file"))));
            }
        }
        text.push_str(&self.verified());
        if let Some(stats) = self.stats(arguments) {
            text.push_str(&row("stats", &stats.to_string()));
        }
        if arguments.format.platform().is_some() {
            console.err(&text);
        } else {
            console.out(&text);
        }
        if status == Status::No {
            let differs = match &self.traffic {
                Some(Err(why)) => format!("the files do not allow the traffic of the flows: {why}"),
                Some(Ok(())) | None => {
                    "only the text of the files differs, they allow the traffic of the flows"
                        .to_owned()
                }
            };
            console.failure(&Failure::new(differs).help("run  eastwest build"));
        }
    }
}

/// What is told where the policies that would be written are not proved to be what the flows say.
fn unproved(failure: &verify::VerifyFailure) -> Failure {
    Failure::new(format!("the policies would not do what the flows say: {failure}")).help(
        "this is a mistake of eastwest itself, not of the flows: nothing was written\n\
         please report it with this text and, if you may show it, the project",
    )
}

/// `owners` in the order in which their policies are to be applied: the platform's last, since they hold the default deny,
/// and that comes after what it would close.
fn in_order<'a>(owners: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let (platform, others): (Vec<_>, Vec<_>) = owners.partition(|owner| *owner == "platform");
    others.into_iter().chain(platform)
}

/// Whether the file of `step` is to hold policies.
fn holds_policies(step: &PlanStep) -> bool {
    step.policies && step.change != FileChange::Stale
}

/// How many policies the file of `step` is to hold; `None` where it is not to hold any.
fn written(step: &PlanStep, policies: &BTreeMap<&str, usize>) -> Option<usize> {
    holds_policies(step).then(|| policies.get(step.owner.as_str()).copied().unwrap_or(0))
}

fn row(title: &str, text: &str) -> String {
    format!("{title:<10}{text}\n")
}

/// What is told about a file.
fn state(change: FileChange, check: bool) -> &'static str {
    match (change, check) {
        (FileChange::New | FileChange::Differs, false) => "written",
        (FileChange::Stale, false) => "removed",
        (FileChange::Same, _) => "unchanged",
        (FileChange::New, true) => "missing",
        (FileChange::Differs, true) => "differs",
        (FileChange::Stale, true) => "stale",
    }
}

/// That something stands at `path` that is not ours.
fn in_the_way(path: &str, place: Option<Span>) -> Diagnostic {
    let message = format!("`{path}` is in the way: eastwest did not write it");
    let diagnostic = Diagnostic::new(&IN_THE_WAY, message);
    let diagnostic = match place {
        Some(place) => diagnostic.label(place, "the file would be written here"),
        None => diagnostic,
    };
    diagnostic.help("move or delete it once its rules are flow lines, or set another `output`")
}

mod closed;
mod owned;
mod rollout;
#[cfg(test)]
mod tests;
