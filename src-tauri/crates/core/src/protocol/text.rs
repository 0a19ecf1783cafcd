//! Texts of others in messages of bounded size.

/// How many bytes a text takes as JSON, without its quotes.
pub(crate) fn json_bytes(text: &str) -> usize {
    text.chars().map(json_bytes_of).sum()
}

fn json_bytes_of(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    }
}

/// The beginning of a text on one line, as far as it takes at most so many bytes as JSON.
pub(crate) fn clip(text: &str, most_bytes: usize) -> String {
    let mut left = most_bytes;
    let on_one_line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let fits = |c: &char| left.checked_sub(json_bytes_of(*c)).inspect(|rest| left = *rest).is_some();
    on_one_line.take_while(fits).collect()
}
