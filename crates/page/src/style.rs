//! How the page looks.

/// The style sheet. It names nothing outside the page.
pub(crate) const STYLE: &str = include_str!("style.css");

#[cfg(test)]
mod tests {
    #![allow(clippy::float_arithmetic, reason = "contrast is a ratio of lights, not an amount")]

    use super::*;

    /// The colours of a theme: of the style sheet's block of variables with this number.
    fn colour(theme: usize, name: &str) -> [f64; 3] {
        let block = STYLE.split(":root {").nth(theme + 1).unwrap().split('}').next().unwrap();
        let value = block.split(&format!("--{name}: #")).nth(1).unwrap_or_else(|| panic!("{name}"));
        [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&value[at..at + 2], 16).unwrap()) / 255.0)
    }

    /// Relative luminance, as WCAG 2.2 defines it.
    fn luminance(colour: [f64; 3]) -> f64 {
        let light = colour.map(|part| {
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
    }

    fn contrast(theme: usize, one: &str, other: &str) -> f64 {
        let [one, other] = [one, other].map(|name| luminance(colour(theme, name)) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn text_and_marks_stand_out_in_every_theme() {
        // Light, dark, and on paper.
        for theme in 0..3 {
            for (text, ground) in [
                ("text", "ground"),
                ("text", "raised"),
                ("muted", "ground"),
                ("muted", "raised"),
                ("link", "ground"),
                ("notice-text", "notice"),
            ] {
                assert!(contrast(theme, text, ground) >= 4.5, "{text} on {ground}, {theme}");
            }
            let parts = (0..6).map(|index| format!("part-{index}"));
            let others = ["part-others", "rest", "mark", "second", "axis", "notice-line"];
            for mark in parts.chain(others.map(str::to_owned)) {
                assert!(contrast(theme, &mark, "ground") >= 3.0, "{mark}, {theme}");
            }
        }
    }
}
