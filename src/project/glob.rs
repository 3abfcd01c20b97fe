//! The path patterns of `eastwest.toml`: `*` and `?` within a segment, `**` for any depth, also none, `{a,b}`
//! for alternatives, and one placeholder (`{application}`, `{owner}`) for a name that is read from the path.
//! A pattern never leads out of the project's folder.

/// One pattern, without alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// `**`
    AnyDepth,
    /// Text with `*` and `?`.
    Wild(Vec<char>),
    /// `before{application}after`
    Name { before: String, after: String },
}

/// What a path is to a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobMatch {
    /// The name at the placeholder, if the pattern has one.
    pub name: Option<String>,
}

impl Glob {
    /// Reads `text`, in which `{placeholder}` stands for a name. Gives a pattern for each alternative, or what
    /// is wrong in a few words.
    pub fn parse(text: &str, placeholder: Option<&str>) -> Result<Vec<Self>, String> {
        let text = text.strip_prefix("./").unwrap_or(text);
        if let Some(bad) = text.chars().find(|c| matches!(c, '[' | ']' | '\\')) {
            return Err(format!("`{bad}` has no place in a path pattern"));
        }
        let mut texts = Vec::new();
        expand(text, placeholder, &mut texts)?;
        texts.iter().map(|text| Self::segments(text, placeholder)).collect()
    }

    fn segments(text: &str, placeholder: Option<&str>) -> Result<Self, String> {
        let mark = placeholder.map(|name| format!("{{{name}}}"));
        let mut segments = Vec::new();
        for part in text.split('/') {
            let named = mark.as_ref().and_then(|mark| part.split_once(mark.as_str()));
            segments.push(match (part, named) {
                ("" | "." | "..", _) => {
                    return Err("the path must lie inside the project's folder".to_owned());
                }
                ("**", _) => Segment::AnyDepth,
                (_, Some((before, after))) => {
                    if before.contains(['*', '?']) || after.contains(['*', '?', '{']) {
                        return Err("the name cannot be told from what `*` or `?` beside it match"
                            .to_owned());
                    }
                    Segment::Name { before: before.to_owned(), after: after.to_owned() }
                }
                (part, None) => Segment::Wild(part.chars().collect()),
            });
        }
        let names = segments.iter().filter(|it| matches!(it, Segment::Name { .. })).count();
        if names > 1 {
            return Err(format!("`{}` appears twice", mark.unwrap_or_default()));
        }
        Ok(Self(segments))
    }

    /// Whether the pattern reads a name from the path.
    pub fn has_name(&self) -> bool {
        self.0.iter().any(|segment| matches!(segment, Segment::Name { .. }))
    }

    /// Whether `path` (relative to the project, `/` between segments) matches, and with which name.
    pub fn find(&self, path: &str) -> Option<GlobMatch> {
        let parts: Vec<&str> = path.split('/').collect();
        // The latest `**`, and how far the path was when it was met: it takes one segment more at each failure.
        let mut retry: Option<(usize, usize)> = None;
        let (mut at, mut from) = (0, 0);
        let mut name = None;
        loop {
            match (self.0.get(at), parts.get(from)) {
                (None, None) => return Some(GlobMatch { name }),
                (Some(Segment::AnyDepth), _) => {
                    retry = Some((at, from));
                    at += 1;
                    continue;
                }
                (Some(segment), Some(part)) => {
                    if let Some(found) = segment.matches(part) {
                        name = found.name.or(name);
                        (at, from) = (at + 1, from + 1);
                        continue;
                    }
                }
                (Some(_), None) | (None, Some(_)) => {}
            }
            let (depth, taken) = retry?;
            if taken >= parts.len() {
                return None;
            }
            retry = Some((depth, taken + 1));
            (at, from) = (depth + 1, taken + 1);
        }
    }

    /// Whether a path below the folder `folder` could match.
    pub fn may_be_below(&self, folder: &str) -> bool {
        let mut segments = self.0.iter();
        for part in folder.split('/') {
            match segments.next() {
                Some(Segment::AnyDepth) => return true,
                Some(segment) if segment.matches(part).is_some() => {}
                Some(_) | None => return false,
            }
        }
        segments.next().is_some()
    }

    /// Whether the last name of `folder`, which files of the pattern may be below, is spelt out in it.
    pub fn spells_out(&self, folder: &str) -> bool {
        let depth = folder.split('/').count();
        let before = self.0.get(..depth).unwrap_or_default();
        let any_depth = before.contains(&Segment::AnyDepth);
        let plain = |it: &Segment| matches!(it, Segment::Wild(text) if !text.iter().any(|c| matches!(c, '*' | '?')));
        !any_depth && self.may_be_below(folder) && before.last().is_some_and(plain)
    }
}

impl Segment {
    /// Whether it matches `part`; for the placeholder, with the name.
    fn matches(&self, part: &str) -> Option<GlobMatch> {
        match self {
            Self::AnyDepth => Some(GlobMatch { name: None }),
            Self::Wild(pattern) => wild(pattern, part).then_some(GlobMatch { name: None }),
            Self::Name { before, after } => {
                let name = part.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
                (!name.is_empty()).then(|| GlobMatch { name: Some(name.to_owned()) })
            }
        }
    }
}

/// Whether `text` matches `pattern` with `*` and `?`, in time of at most their product.
fn wild(pattern: &[char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut retry: Option<(usize, usize)> = None;
    let (mut at, mut from) = (0, 0);
    loop {
        match (pattern.get(at), text.get(from)) {
            (None, None) => return true,
            (Some('*'), _) => {
                retry = Some((at, from));
                at += 1;
                continue;
            }
            (Some(p), Some(c)) if *p == '?' || p == c => {
                (at, from) = (at + 1, from + 1);
                continue;
            }
            (Some(_) | None, Some(_)) | (Some(_), None) => {}
        }
        let Some((star, taken)) = retry else { return false };
        if taken >= text.len() {
            return false;
        }
        retry = Some((star, taken + 1));
        (at, from) = (star + 1, taken + 1);
    }
}

/// The most alternatives that one pattern may come to.
const ALTERNATIVES: usize = 256;

/// Adds to `texts` what `text` comes to when each `{a,b}` is one of its alternatives.
fn expand(text: &str, placeholder: Option<&str>, texts: &mut Vec<String>) -> Result<(), String> {
    let mut open = vec![text.to_owned()];
    while let Some(text) = open.pop() {
        let group = text.match_indices('{').find_map(|(start, _)| {
            let (inner, after) = text.get(start + 1..)?.split_once('}')?;
            (Some(inner) != placeholder).then(|| (text.get(..start), inner, after))
        });
        match group {
            Some((Some(before), inner, after)) if inner.contains(',') && !inner.contains('{') => {
                open.extend(inner.split(',').rev().map(|it| format!("{before}{it}{after}")));
            }
            Some((_, inner, _)) => {
                let known = placeholder.map_or(String::new(), |it| format!(", only `{{{it}}}`"));
                return Err(format!("`{{{inner}}}` stands for nothing here{known}"));
            }
            None if unpaired(&text) => return Err("a brace without its other half".to_owned()),
            None => texts.push(text),
        }
        if texts.len() + open.len() > ALTERNATIVES {
            return Err(format!("it comes to over {ALTERNATIVES} alternatives"));
        }
    }
    Ok(())
}

/// Whether the braces of `text` do not pair up.
fn unpaired(text: &str) -> bool {
    text.matches('{').count() != text.matches('}').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Vec<Glob> {
        Glob::parse(text, Some("application")).unwrap()
    }

    fn name(text: &str, path: &str) -> Option<String> {
        let found = glob(text).iter().find_map(|glob| glob.find(path))?;
        Some(found.name.unwrap_or_default())
    }

    #[test]
    fn any_depth_is_also_none() {
        for path in ["zones/a.yaml", "zones/x/a.yaml", "zones/x/y/a.yaml"] {
            assert!(name("zones/**/*.yaml", path).is_some(), "{path}");
        }
        assert!(name("zones/**/*.yaml", "zones/a.yml").is_none());
        assert!(name("zones/**/*.{yaml,yml}", "zones/a.yml").is_some());
        assert!(name("**/b/**/c", "a/b/x/b/c").is_some());
        assert!(name("*.yaml", "x/a.yaml").is_none(), "a star stays in its segment");
        assert!(name("a?c*", "abcde").is_some());
    }

    #[test]
    fn the_name_is_a_segment_or_part_of_one() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(name("{application}/np/*.flow", "my.app/np/x.flow"), some("my.app"));
        assert_eq!(name("flows/app-{application}.flow", "flows/app-a.b.flow"), some("a.b"));
        assert_eq!(name("**/{application}/x.flow", "q/a/x.flow"), some("a"));
        assert_eq!(name("{application}.flow", ".flow"), None);
    }

    #[test]
    fn folders_worth_a_look() {
        let below =
            |folder| glob("a/{application}/np/*.flow").iter().any(|it| it.may_be_below(folder));
        assert!(below("a") && below("a/x") && below("a/x/np"));
        assert!(!below("b") && !below("a/x/y") && !below("a/x/np/z"));
        assert!(glob("**/x").iter().all(|it| it.may_be_below("p/q/r")));
        let spelt =
            |folder| glob("a/{application}/np/*.flow").iter().any(|it| it.spells_out(folder));
        assert!(spelt("a") && spelt("a/x/np") && !spelt("a/x") && !spelt("b"));
        assert!(!glob("**/x").iter().any(|it| it.spells_out("p")));
    }

    #[test]
    fn what_is_refused() {
        for bad in
            ["../x", "/x", "a//b", "a/./b", "a[b]", "a\\b", "{app}/x", "{application}*", "", "a{b"]
        {
            assert!(Glob::parse(bad, Some("application")).is_err(), "{bad}");
        }
        assert!(Glob::parse("{application}/{application}", Some("application")).is_err());
        assert!(Glob::parse(&"{a,b}".repeat(20), None).is_err());
    }

    #[test]
    fn many_stars_take_little_time() {
        assert!(name(&"*a".repeat(40), &"a".repeat(200)).is_some());
        assert!(name(&format!("{}b", "*a".repeat(40)), &"a".repeat(200)).is_none());
        assert!(name(&format!("{}b", "**/a/".repeat(40)), &vec!["a"; 200].join("/")).is_none());
    }
}
