//! `JUnit` XML, as `GitLab`, Jenkins, Azure Pipelines and others read it: a suite for each file, a case for each statement.

use std::fmt::Write;

use super::xml::escape;

/// What became of the statements of a file.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// The file.
    pub name: String,
    /// Its statements, in order.
    pub cases: Vec<Case>,
}

/// What became of a statement.
#[derive(Clone, Debug)]
pub struct Case {
    /// The statement.
    pub name: String,
    /// The line that it stands on, from 1.
    pub line: usize,
    /// Where exactly: `file:line:column`.
    pub place: String,
    /// What became of it.
    pub outcome: CaseOutcome,
}

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseOutcome {
    /// It holds.
    Passed,
    /// It does not: in short, and in full.
    Failed(String, String),
    /// It cannot be told whether it does: in short, and in full.
    Undecided(String, String),
}

/// The document.
pub fn junit(suites: &[Suite]) -> String {
    let [tests, failures, errors] = count(suites.iter().flat_map(|it| &it.cases));
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    push(
        &mut out,
        format_args!(
            "<testsuites name=\"eastwest test\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\">\n"
        ),
    );
    for suite in suites {
        let [tests, failures, errors] = count(suite.cases.iter());
        let name = escape(&suite.name);
        push(
            &mut out,
            format_args!(
                "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\">\n"
            ),
        );
        for case in &suite.cases {
            let of_case = format!(
                "    <testcase name=\"{}\" classname=\"{name}\" file=\"{name}\" line=\"{}\"",
                escape(&case.name),
                case.line
            );
            let place = format!("      <system-out>{}</system-out>\n", escape(&case.place));
            let (tag, kind, short, full) = match &case.outcome {
                CaseOutcome::Passed => {
                    push(&mut out, format_args!("{of_case}>\n{place}    </testcase>\n"));
                    continue;
                }
                CaseOutcome::Failed(short, full) => ("failure", "not met", short, full),
                CaseOutcome::Undecided(short, full) => ("error", "undecided", short, full),
            };
            out.push_str(&of_case);
            push(
                &mut out,
                format_args!(
                    ">\n      <{tag} message=\"{}\" type=\"{kind}\">{}</{tag}>\n{place}    </testcase>\n",
                    escape(short),
                    text(full)
                ),
            );
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// How many cases there are, how many failed, and of how many it cannot be told.
fn count<'a>(cases: impl Iterator<Item = &'a Case>) -> [usize; 3] {
    cases.fold([0; 3], |[all, failed, undecided], case| match case.outcome {
        CaseOutcome::Passed => [all + 1, failed, undecided],
        CaseOutcome::Failed(..) => [all + 1, failed + 1, undecided],
        CaseOutcome::Undecided(..) => [all + 1, failed, undecided + 1],
    })
}

/// Adds `text` to `out`.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}

/// Text of several lines; what is hidden in one is written out.
fn text(value: &str) -> String {
    value.lines().map(escape).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_is_markup_or_hidden() {
        let name = "a\"><b>&\u{202e}\u{0}]]>";
        let outcome = CaseOutcome::Failed(name.to_owned(), format!("{name}\n{name}"));
        let case = Case { name: name.to_owned(), line: 3, place: "a:3:1".to_owned(), outcome };
        let suite = Suite { name: name.to_owned(), cases: vec![case] };
        let shown = junit(&[suite]);
        let document = roxmltree::Document::parse(&shown).unwrap();
        let case = document.descendants().find(|it| it.has_tag_name("testcase")).unwrap();
        let visible = "a\"><b>&\\u{202e}\\u{0}]]>";
        assert_eq!(case.attribute("name"), Some(visible));
        let failure = case.children().find(|it| it.has_tag_name("failure")).unwrap();
        assert_eq!(failure.attribute("message"), Some(visible));
        assert_eq!(failure.text().unwrap(), format!("{visible}\n{visible}"));
    }
}
