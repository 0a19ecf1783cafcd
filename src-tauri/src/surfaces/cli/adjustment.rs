//! Absolute and relative values of the command line.

use std::str::FromStr;

/// A number or a time, absolute or relative to the current value: `95`, `1:35`, `+10`, `-0:30`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Adjustment {
    /// The value itself.
    Absolute(f64),
    /// The difference from the current value.
    Relative(f64),
}

impl Adjustment {
    /// Applies it to the current value.
    pub fn apply_to(self, now: f64) -> f64 {
        match self {
            Adjustment::Absolute(value) => value,
            Adjustment::Relative(change) => now + change,
        }
    }
}

impl FromStr for Adjustment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1.0, digits),
            None => (1.0, text.strip_prefix('+').unwrap_or(text)),
        };
        let value = parse(digits).ok_or("a number, or a time like 1:35")?;
        Ok(if digits.len() < text.len() { Adjustment::Relative(sign * value) } else { Adjustment::Absolute(value) })
    }
}

/// Parses seconds, or hours, minutes and seconds separated by colons.
fn parse(digits: &str) -> Option<f64> {
    let is_plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || c == '.');
    digits.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok().filter(|_| is_plain(part))?))
}

#[cfg(test)]
mod tests {
    use super::Adjustment;

    #[test]
    fn times_and_numbers_are_read_as_people_type_them() {
        for (text, amount) in [
            ("95", Adjustment::Absolute(95.0)),
            ("1:35", Adjustment::Absolute(95.0)),
            ("1:01:35.5", Adjustment::Absolute(3695.5)),
            ("+10", Adjustment::Relative(10.0)),
            ("-0:30", Adjustment::Relative(-30.0)),
            ("0", Adjustment::Absolute(0.0)),
        ] {
            assert_eq!(text.parse(), Ok(amount), "{text}");
        }
        for text in ["", "-", "1:", ":5", "nan", "inf", "1e9", "--5", "+-5", "five"] {
            assert!(text.parse::<Adjustment>().is_err(), "{text}");
        }
    }
}
