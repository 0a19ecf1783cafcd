//! Queries for the full-text indexes (<https://sqlite.org/fts5.html#full_text_query_syntax>).

use crate::text::normalize;

/// Returns the full-text query for what the listener typed: every word must occur, the last may be a prefix. `None` if nothing
/// was typed. Each word is quoted, so that nothing in it is syntax.
pub(crate) fn fts_query(typed: &str) -> Option<String> {
    let typed = typed.replace('\0', " ");
    let all: Vec<&str> = typed.split_whitespace().collect();
    // The index contains no punctuation. A "-" between words is left out, unless there is nothing else.
    let mut words: Vec<&str> = all.iter().copied().filter(|word| word.contains(char::is_alphanumeric)).collect();
    if words.is_empty() {
        words = all;
    }
    let phrases: Vec<String> = words.into_iter().map(fts_phrase).collect();
    (!phrases.is_empty()).then(|| format!("{}*", phrases.join(" ")))
}

/// Returns a quoted phrase, normalized like the index.
pub(crate) fn fts_phrase(text: &str) -> String {
    format!("\"{}\"", normalize(text).replace('"', "\"\""))
}
