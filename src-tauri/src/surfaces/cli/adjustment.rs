//! Amounts as people type them.

use std::str::FromStr;

/// A number or a time, absolute or from where things stand: `95`, `1:35`, `+10`, `-0:30`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// That much.
    To(f64),
    /// That much more, or less.
    By(f64),
}

impl Amount {
    /// What comes of it if `now` is what there is.
    pub fn from(self, now: f64) -> f64 {
        match self {
            Amount::To(value) => value,
            Amount::By(change) => now + change,
        }
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1.0, digits),
            None => (1.0, text.strip_prefix('+').unwrap_or(text)),
        };
        let value = parse(digits).ok_or("a number, or a time like 1:35")?;
        Ok(if digits.len() < text.len() { Amount::By(sign * value) } else { Amount::To(value) })
    }
}

/// Seconds, or hours, minutes and seconds with colons between.
fn parse(digits: &str) -> Option<f64> {
    let is_plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || c == '.');
    digits.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok().filter(|_| is_plain(part))?))
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn times_and_numbers_are_read_as_people_type_them() {
        for (text, amount) in [
            ("95", Amount::To(95.0)),
            ("1:35", Amount::To(95.0)),
            ("1:01:35.5", Amount::To(3695.5)),
            ("+10", Amount::By(10.0)),
            ("-0:30", Amount::By(-30.0)),
            ("0", Amount::To(0.0)),
        ] {
            assert_eq!(text.parse(), Ok(amount), "{text}");
        }
        for text in ["", "-", "1:", ":5", "nan", "inf", "1e9", "--5", "+-5", "five"] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
    }
}
