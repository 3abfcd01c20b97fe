//! Fields of an object, each with its path, so that an error can say where it is; and mappings in which
//! every field must be asked for.

use std::fmt;

use crate::yaml::node::{Node, Value};
use crate::yaml::plain;

/// Why an object was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Kind, namespace and name of the object.
    pub object: String,
    /// The field: `spec.ingress[0].protocol`; empty for the object itself.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl Error {
    /// The same, of the object called `object`.
    pub(super) fn of(self, object: String) -> Self {
        Self { object, ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.object)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A value and its path.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    node: &'a Node,
    path: String,
}

impl<'a> Field<'a> {
    /// The whole object.
    pub(super) fn whole(node: &'a Node) -> Self {
        Self { node, path: String::new() }
    }

    /// An error at this field.
    pub(super) fn error(&self, message: impl Into<String>) -> Error {
        Error { object: String::new(), field: self.path.clone(), message: message.into() }
    }

    /// A string: a plain scalar that some reader takes for something else is none.
    pub(super) fn string(&self) -> Result<&'a str, Error> {
        match &self.node.value {
            Value::Scalar { text, plain: false } => Ok(text),
            Value::Scalar { text, plain: true } => match plain::taken_for(text) {
                None => Ok(text),
                Some(taken) => Err(self.error(format!("`{text}` is {}, not text", taken.name()))),
            },
            Value::List(_) | Value::Map(_) => Err(self.error("not text")),
        }
    }

    /// The text of a plain scalar, which may be a number.
    pub(super) fn plain(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Scalar { text, plain: true } => Some(text),
            Value::Scalar { plain: false, .. } | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// A number.
    pub(super) fn number(&self) -> Result<f64, Error> {
        let number =
            self.plain().and_then(|text| text.parse().ok()).filter(|it: &f64| it.is_finite());
        number.ok_or_else(|| self.error("not a number"))
    }

    /// A whole number from `first` to `last`.
    pub(super) fn integer(&self, first: u8, last: u8) -> Result<u8, Error> {
        let number = self.plain().and_then(|text| text.parse().ok());
        number
            .filter(|number| (first..=last).contains(number))
            .ok_or_else(|| self.error(format!("not a number from {first} to {last}")))
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Result<Vec<Self>, Error> {
        let items = self.node.items().ok_or_else(|| self.error("not a list"))?;
        let item = |(index, node)| Self { node, path: format!("{}[{index}]", self.path) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// The entries of a mapping of strings.
    pub(super) fn strings(&self) -> Result<Vec<(&'a str, Self)>, Error> {
        let entries = self.node.entries().ok_or_else(|| self.error("not a mapping"))?;
        let entries = entries.iter().map(|(key, node)| {
            let key = Self { node: key, path: self.path.clone() }.string()?;
            Ok((key, Self { node, path: format!("{}.{key}", self.path) }))
        });
        entries.collect()
    }
}

/// A mapping of fields. What is not asked for before [`done`](Fields::done) is unknown.
pub(super) struct Fields<'a> {
    whole: Field<'a>,
    left: Vec<(&'a str, Field<'a>)>,
}

impl<'a> Fields<'a> {
    /// The fields of the mapping `field`.
    pub(super) fn of(field: &Field<'a>) -> Result<Self, Error> {
        let mut left = field.strings()?;
        for (_, field) in &mut left {
            field.path = field.path.strip_prefix('.').unwrap_or(&field.path).to_owned();
        }
        Ok(Self { whole: field.clone(), left })
    }

    /// The field `key`.
    pub(super) fn optional(&mut self, key: &str) -> Option<Field<'a>> {
        let index = self.left.iter().position(|(name, _)| *name == key)?;
        Some(self.left.swap_remove(index).1)
    }

    /// The field `key`, which must be there.
    pub(super) fn required(&mut self, key: &str) -> Result<Field<'a>, Error> {
        self.optional(key).ok_or_else(|| self.whole.error(format!("`{key}` is missing")))
    }

    /// Refuses every field that was not asked for.
    pub(super) fn done(self) -> Result<(), Error> {
        match self.left.first() {
            None => Ok(()),
            Some((key, field)) => {
                Err(field.error(format!("`{key}` is unknown here, or not judged")))
            }
        }
    }
}
