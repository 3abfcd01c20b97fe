//! EW07: Namespace manifests.

rules! {
    INVALID_YAML = "EW0701", error, "a manifest that is not valid YAML";
    REPEATED_KEY = "EW0702", error, "a key that appears twice in one mapping";
    YAML_LIMIT = "EW0703", error, "a manifest that is too large, too deep or grows through aliases";
    NOT_AN_OBJECT = "EW0704", error, "a document that is no Kubernetes object";
    MALFORMED_NAMESPACE = "EW0705", error, "a Namespace that Kubernetes would not accept";
    INVALID_NAMESPACE_NAME = "EW0706", error, "a namespace without a name, or with one that no namespace can have";
    LABEL_NOT_TEXT = "EW0707", error, "a label value that is not text to Kubernetes";
    EMPTY_LABEL = "EW0708", error, "an application or zone label without a value";
    INVALID_LABEL = "EW0709", error, "a label that Kubernetes does not accept";
    NAMESPACE_TWICE = "EW0710", error, "a namespace that is declared twice with different labels";
    NAME_LABEL_DIFFERS = "EW0711", error, "a `kubernetes.io/metadata.name` that is not the name of the namespace";
    NEAR_LABEL_KEY = "EW0712", warning, "a label key that is nearly the one in use";
}
