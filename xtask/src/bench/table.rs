//! A Markdown table, and what is put into it.

/// Rows under a head.
pub(super) struct Table {
    text: String,
}

impl Table {
    pub(super) fn new(title: &str, story: &str, head: &[&str]) -> Self {
        let mut text = format!("\n## {title}\n\n{story}\n\n| {} |\n|", head.join(" | "));
        for (at, _) in head.iter().enumerate() {
            text.push_str(if at == 0 { " --- |" } else { " ---: |" });
        }
        text.push('\n');
        Self { text }
    }

    pub(super) fn row(&mut self, cells: &[String]) {
        self.text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// The smallest.
pub(super) fn best(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// The middle one.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The median of what each round gives for the one by the other.
pub(super) fn ratio(values: &[f64], baseline: &[f64]) -> f64 {
    let ratios: Vec<f64> = values.iter().zip(baseline).map(|(value, base)| value / base).collect();
    median(&ratios)
}
