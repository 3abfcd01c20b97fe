//! Rules as SARIF has them.

use serde::Serialize;

use super::text::SarifText;
use crate::diagnostic::Code;

/// A rule.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleSarif {
    id: &'static str,
    name: String,
    short_description: SarifText,
    full_description: SarifText,
    default_configuration: Configuration,
    help: Help,
}

#[derive(Debug, Serialize)]
struct Configuration {
    level: &'static str,
}

/// The page, which reads well as it is, too.
#[derive(Debug, Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

/// `code` as SARIF has it.
pub(super) fn view(code: Code) -> RuleSarif {
    RuleSarif {
        id: code.code,
        name: name(code.name),
        short_description: SarifText::plain(code.summary),
        full_description: SarifText::plain(meaning(code).unwrap_or(code.summary)),
        default_configuration: Configuration { level: super::level(code.level) },
        help: Help { text: code.page, markdown: code.page },
    }
}

/// `UNKNOWN_ZONE` as `UnknownZone`.
fn name(item: &str) -> String {
    let words = item.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().into_iter();
        first.chain(letters.flat_map(char::to_lowercase)).collect::<String>()
    });
    words.collect()
}

/// What its page says first.
fn meaning(code: Code) -> Option<&'static str> {
    let (_, rest) = code.page.split_once("## What it means\n")?;
    let (text, _) = rest.split_once("\n## ")?;
    Some(text.trim())
}
