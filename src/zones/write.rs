//! Namespace manifests as Eastwest writes them.

use crate::yaml::write::Writer;

/// A Namespace manifest for each of `namespaces`, which are names with labels, in the order given.
pub(crate) fn manifests<'a, Labels>(
    namespaces: impl IntoIterator<Item = (&'a str, Labels)>,
) -> String
where
    Labels: IntoIterator<Item = (&'a str, &'a str)>,
{
    let mut writer = Writer::new();
    for (name, labels) in namespaces {
        let mut labels = labels.into_iter().peekable();
        writer.document(|object| {
            object.text("apiVersion", "v1");
            object.text("kind", "Namespace");
            object.map("metadata", |metadata| {
                metadata.text("name", name);
                if labels.peek().is_some() {
                    metadata.map("labels", |map| {
                        for (key, value) in labels {
                            map.text(key, value);
                        }
                    });
                }
            });
        });
    }
    writer.finish()
}
