//! Limits for texts from outside (tags, file names, device names), so that messages have a bounded size.

/// Returns the size of a text as a JSON string in bytes, without its quotes.
pub(crate) fn json_bytes(text: &str) -> usize {
    text.chars().map(json_char_bytes).sum()
}

fn json_char_bytes(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    }
}

/// Truncates a text to at most `max_bytes` as a JSON string. Line breaks and other control characters become spaces.
pub(crate) fn truncate_to_json_bytes(text: &str, max_bytes: usize) -> String {
    let mut left = max_bytes;
    let on_one_line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let fits = |c: &char| left.checked_sub(json_char_bytes(*c)).inspect(|rest| left = *rest).is_some();
    on_one_line.take_while(fits).collect()
}
