//! The second reader of YAML, over another library than [`super::read`], for verification: the text about to be
//! written is read back by it. Its nodes have no place.

use serde::Deserialize as _;
use serde_yaml::Value as Read;

use super::node::{MAX_DEPTH, Node, Value};

/// Reads every document of `text` with the second library. Text is a scalar that is not plain, whatever quotes it had;
/// numbers, booleans and null are plain ones.
///
/// # Errors
/// A sentence that says why the text cannot be read.
pub fn read_back(text: &str) -> Result<Vec<Node>, String> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| {
            let value = Read::deserialize(document).map_err(|error| error.to_string())?;
            node(value, 0)
        })
        .collect()
}

fn node(value: Read, depth: usize) -> Result<Node, String> {
    if depth > MAX_DEPTH {
        return Err(format!("lists and mappings lie more than {MAX_DEPTH} deep in each other"));
    }
    let plain = |text: String| Node::scalar(text, true, None);
    Ok(match value {
        Read::Null => plain("null".to_owned()),
        Read::Bool(value) => plain(value.to_string()),
        Read::Number(value) => plain(value.to_string()),
        Read::String(text) => Node::scalar(text, false, None),
        Read::Sequence(items) => {
            let items = items.into_iter().map(|item| node(item, depth + 1));
            Node::new(Value::List(items.collect::<Result<_, _>>()?), None)
        }
        Read::Mapping(entries) => {
            let entries = entries.into_iter().map(|(key, value)| {
                if matches!(key, Read::Sequence(_) | Read::Mapping(_) | Read::Tagged(_)) {
                    return Err("a key is not text".to_owned());
                }
                Ok((node(key, depth + 1)?, node(value, depth + 1)?))
            });
            Node::new(Value::Map(entries.collect::<Result<_, _>>()?), None)
        }
        Read::Tagged(tagged) => return Err(format!("the tag `{}` has no meaning", tagged.tag)),
    })
}
