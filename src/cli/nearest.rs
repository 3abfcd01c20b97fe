//! The name that was meant: the nearest known one, if it is near.

/// Of `names`, the one that `word` is most like, if it differs in few letters.
pub(crate) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let far = word.chars().count().max(3) / 3;
    names
        .into_iter()
        .map(|name| (strsim::osa_distance(&word.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= far)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_is_near() {
        let names = ["zones", "platform", "flows"];
        assert_eq!(nearest("zone", names), Some("zones"));
        assert_eq!(nearest("paltform", names), Some("platform"));
        assert_eq!(nearest("lock", names), None);
    }
}
