//! Which files of a revision are not on disk as the revision holds them, because `.gitattributes` lets something between.
//!
//! Git itself is asked, about copies of these files in a work tree of our own.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead as _, ErrorKind, Read as _, Write as _};

use super::objects::Objects;
use super::program::Talk;
use super::repository::Repository;
use crate::project::failure::Failure;

/// The attributes of a revision's files.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    talk: Option<Talk>,
    /// The folders whose files are copied, from the repository's root.
    known: BTreeSet<String>,
    /// How many bytes of attributes there are.
    bytes: u64,
}

/// What holds the attributes of a folder's files.
pub(crate) const FILE: &str = ".gitattributes";

/// All files of attributes together are no longer: git looks through all lines for each file.
const LONGEST: u64 = 256 << 10;

/// The attributes with which the text on disk is another.
const ASKED: [&str; 3] = ["filter", "ident", "working-tree-encoding"];

/// No path and no value is longer.
const WORD: u64 = 1 << 16;

impl Attributes {
    /// Those of a revision of `repository`, of which nothing is known but what it has outside its files.
    pub(crate) fn of(repository: &Repository, objects: &Objects) -> Result<Self, Failure> {
        let own = repository.shared.join("info/attributes");
        let mut attributes = Self::default();
        if own.is_file() {
            let copy = objects.own().join("info/attributes");
            let copied = fs::copy(&own, &copy).map_err(|error| Failure::reading(&own, &error))?;
            attributes.bytes = copied;
        }
        Ok(attributes)
    }

    /// Whether `folder` is known.
    pub(crate) fn knows(&self, folder: &str) -> bool {
        self.known.contains(folder)
    }

    /// How many bytes of attributes may still be learned.
    pub(crate) fn room(&self) -> u64 {
        LONGEST.saturating_sub(self.bytes)
    }

    /// Learns what `folder`, which has not been asked about, has in its file.
    pub(crate) fn learn(
        &mut self,
        objects: &Objects,
        folder: &str,
        text: Option<&[u8]>,
    ) -> Result<(), Failure> {
        self.known.insert(folder.to_owned());
        let Some(text) = text else { return Ok(()) };
        let copy = objects.tree().join(folder);
        let written = fs::create_dir_all(&copy).and_then(|()| fs::write(copy.join(FILE), text));
        written.map_err(|error| Failure::writing(&copy, &error))?;
        self.bytes += text.len() as u64;
        Ok(())
    }

    /// The attribute that makes the file `path`, from the repository's root, another text on disk.
    pub(crate) fn changing(
        &mut self,
        objects: &Objects,
        path: &str,
    ) -> Result<Option<String>, Failure> {
        if self.bytes == 0 {
            return Ok(None);
        }
        let mut talk = if let Some(talk) = self.talk.take() {
            talk
        } else {
            let mut command = objects.command();
            command.args(["check-attr", "-z", "--stdin"]).args(ASKED);
            Talk::begin(command)?
        };
        let answer = ask(&mut talk, path);
        self.talk = Some(talk);
        answer.map_err(|_| {
            Failure::new(format!("git does not tell the attributes of `{path}`"))
                .help("compare with the folder of another checkout of the project")
        })
    }
}

/// The attribute of `path` that git tells of. An answer that is none of git's is an error.
fn ask(talk: &mut Talk, path: &str) -> io::Result<Option<String>> {
    let broken = || io::Error::from(ErrorKind::InvalidData);
    talk.input.write_all(path.as_bytes())?;
    talk.input.write_all(&[0])?;
    talk.input.flush()?;
    let mut word = || {
        let mut bytes = Vec::new();
        talk.output.by_ref().take(WORD).read_until(0, &mut bytes)?;
        if bytes.pop() != Some(0) {
            return Err(broken());
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let mut found = None;
    for asked in ASKED {
        let (reported, name, value) = (word()?, word()?, word()?);
        if reported != path || name != asked {
            return Err(broken());
        }
        let harmless = match &*value {
            "unspecified" | "unset" => true,
            // Files are UTF-8 anyway.
            value => name == "working-tree-encoding" && value.eq_ignore_ascii_case("utf-8"),
        };
        if !harmless {
            let written = if value == "set" { name } else { format!("{name}={value}") };
            found.get_or_insert(written);
        }
    }
    Ok(found)
}
