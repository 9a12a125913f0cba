//! Goals of the benchmark, and how far each is reached.

use super::table::Table;

/// The figures of a run that something was promised of.
#[derive(Default)]
pub(super) struct Goals(Vec<Goal>);

struct Goal {
    name: String,
    figure: f64,
    at_most: f64,
    aim: f64,
}

impl Goal {
    fn mark(&self) -> &'static str {
        if self.figure <= self.aim {
            "aim reached"
        } else if self.figure <= self.at_most {
            "within"
        } else {
            "**missed**"
        }
    }
}

impl Goals {
    pub(super) fn add(&mut self, name: impl Into<String>, figure: f64, at_most: f64, aim: f64) {
        self.0.push(Goal { name: name.into(), figure, at_most, aim });
    }

    /// The table; nothing where nothing was measured.
    pub(super) fn table(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let mut table = Table::new(
            "Goals",
            "Goals and the figures of this run. The sections below say how each was measured.",
            &["goal", "measured", "at most", "aim", "so it is"],
        );
        for goal in &self.0 {
            table.row(&[
                goal.name.clone(),
                shown(goal.figure),
                shown(goal.at_most),
                shown(goal.aim),
                goal.mark().to_owned(),
            ]);
        }
        table.finish()
    }
}

fn shown(figure: f64) -> String {
    if figure.fract() == 0.0 { format!("{figure:.0}") } else { format!("{figure:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_compared_with_both_numbers() {
        let mut goals = Goals::default();
        assert_eq!(goals.table(), "");
        for figure in [0.99, 1.0, 1.2, 1.21, f64::NAN] {
            goals.add(format!("of {figure}"), figure, 1.2, 1.0);
        }
        let table = goals.table();
        let marks: Vec<&str> = table.lines().filter(|line| line.starts_with("| of ")).collect();
        assert_eq!(
            marks,
            [
                "| of 0.99 | 0.99 | 1.20 | 1 | aim reached |",
                "| of 1 | 1 | 1.20 | 1 | aim reached |",
                "| of 1.2 | 1.20 | 1.20 | 1 | within |",
                "| of 1.21 | 1.21 | 1.20 | 1 | **missed** |",
                "| of NaN | NaN | 1.20 | 1 | **missed** |",
            ]
        );
    }
}
