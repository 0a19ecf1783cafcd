//! Absolute and relative values of the command line.

/// A number or a time, absolute or relative to the current value: `95`, `1:35`, `+10`, `-0:30`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Adjustment {
    /// The value itself.
    Absolute(f64),
    /// The difference from the current value.
    Relative(f64),
}

impl Adjustment {
    /// Parses a volume: 0 to 100, or a signed difference.
    pub fn parse_volume(text: &str) -> Result<Self, String> {
        let number = |digits: &str| parse_number(digits).ok_or_else(|| "use a number from 0 to 100".to_owned());
        match parse_signed(text, number)? {
            Adjustment::Absolute(volume) if volume > 100.0 => Err("the volume goes from 0 to 100".to_owned()),
            volume => Ok(volume),
        }
    }

    /// Parses a position in a track: a time, or a signed difference.
    pub fn parse_position(text: &str) -> Result<Self, String> {
        parse_signed(text, parse_time)
    }

    /// Applies it to the current value.
    pub fn apply_to(self, now: f64) -> f64 {
        match self {
            Adjustment::Absolute(value) => value,
            Adjustment::Relative(change) => now + change,
        }
    }
}

/// Parses the sign and leaves the value to `parse`.
fn parse_signed(text: &str, parse: impl Fn(&str) -> Result<f64, String>) -> Result<Adjustment, String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = parse(digits)?;
    Ok(if digits.len() < text.len() { Adjustment::Relative(sign * value) } else { Adjustment::Absolute(value) })
}

/// Parses a number without a sign or an exponent.
fn parse_number(digits: &str) -> Option<f64> {
    let is_plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    digits.parse().ok().filter(|_| is_plain)
}

/// Parses seconds, or hours, minutes and seconds separated by colons.
fn parse_time(digits: &str) -> Result<f64, String> {
    digits.split(':').enumerate().try_fold(0.0, |sum, (index, part)| {
        let value = parse_number(part).ok_or("use a number of seconds, or a time like 1:35")?;
        if index > 0 && value >= 60.0 {
            return Err(format!("there are no {part} seconds or minutes after a colon, only 0 to 59"));
        }
        Ok(sum * 60.0 + value)
    })
}

#[cfg(test)]
mod tests {
    use super::Adjustment;

    #[test]
    fn times_and_volumes_are_parsed_or_refused() {
        for (text, position) in [
            ("95", Adjustment::Absolute(95.0)),
            ("1:35", Adjustment::Absolute(95.0)),
            ("1:01:35.5", Adjustment::Absolute(3695.5)),
            ("+10", Adjustment::Relative(10.0)),
            ("-0:30", Adjustment::Relative(-30.0)),
            ("0", Adjustment::Absolute(0.0)),
            ("90:59", Adjustment::Absolute(5459.0)),
        ] {
            assert_eq!(Adjustment::parse_position(text), Ok(position), "{text}");
        }
        for text in ["", "-", "1:", ":5", "nan", "inf", "1e9", "--5", "+-5", "five", "1:99", "1:60:00"] {
            assert!(Adjustment::parse_position(text).is_err(), "{text}");
        }
        assert_eq!(Adjustment::parse_volume("+100"), Ok(Adjustment::Relative(100.0)));
        assert_eq!(Adjustment::parse_volume("100"), Ok(Adjustment::Absolute(100.0)));
        for text in ["150", "1:35", "loud", ""] {
            assert!(Adjustment::parse_volume(text).is_err(), "{text}");
        }
    }
}
