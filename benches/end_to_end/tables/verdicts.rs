//! What came of the targets.

/// A line for each target.
#[derive(Default)]
pub(super) struct Verdicts(Vec<(bool, String)>);

impl Verdicts {
    /// A figure that is not to exceed its target.
    pub(super) fn at_most(&mut self, what: &str, figure: f64, target: f64) {
        self.judge(figure <= target, what, figure, "at most", target);
    }

    /// A figure that is not to fall short of its target.
    pub(super) fn at_least(&mut self, what: &str, figure: f64, target: f64) {
        self.judge(figure >= target, what, figure, "at least", target);
    }

    fn judge(&mut self, is_met: bool, what: &str, figure: f64, bound: &str, target: f64) {
        self.0.push((is_met, format!("{what}: {figure:.2} (target {bound} {target:.2})")));
    }

    /// Prints them; whether all are met.
    pub(super) fn print(&self) -> bool {
        println!();
        for (is_met, line) in &self.0 {
            println!("{}  {line}", if *is_met { "met    " } else { "NOT met" });
        }
        self.0.iter().all(|(is_met, _)| *is_met)
    }
}
