//! Amounts as people read them.

/// A number of bytes: `340 kB`, `12.5 MB`, `1.30 GB`.
pub fn bytes_text(bytes: u64) -> String {
    match bytes as f64 {
        few if few < 1e6 => format!("{:.0} kB", few / 1e3),
        some if some < 1e9 => format!("{:.1} MB", some / 1e6),
        many => format!("{:.2} GB", many / 1e9),
    }
}

/// How long ago something was, in its largest unit: `now`, `5 min`, `3 h`, `20 d`.
pub fn age_text(secs: u64) -> String {
    match secs {
        0..60 => "now".to_owned(),
        60..3_600 => format!("{} min", secs / 60),
        3_600..86_400 => format!("{} h", secs / 3_600),
        _ => format!("{} d", secs / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_at_a_glance() {
        let bytes = [340_000, 12_500_000, 1_300_000_000].map(bytes_text);
        assert_eq!(bytes, ["340 kB", "12.5 MB", "1.30 GB"]);
        let ages = [59, 61, 7_200, 86_400 * 20].map(age_text);
        assert_eq!(ages, ["now", "1 min", "2 h", "20 d"]);
    }
}
