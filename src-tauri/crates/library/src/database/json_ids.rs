//! Lists of ids as one bound parameter.

/// Returns the ids as a JSON array, to be read with SQLite's `json_each`.
pub(crate) fn json_ids<'a>(ids: impl IntoIterator<Item = &'a i64>) -> String {
    let mut array = String::from("[");
    for id in ids {
        if array.len() > 1 {
            array.push(',');
        }
        array.push_str(&id.to_string());
    }
    array.push(']');
    array
}
