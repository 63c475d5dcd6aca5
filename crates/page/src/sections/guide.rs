//! What the words of the page mean.

use maud::{Markup, html};

use super::section;

/// Each word, and what it means.
const WORDS: &[(&str, &str)] = &[
    (
        "Not known",
        "A dash is a figure that nobody has told yet. It is not 0, and it is in no sum. “Cost known” says of how many calls, or \
         minutes, the cost is known; it is rounded down, so that 100.0 % means all.",
    ),
    (
        "At least, at most",
        "Between these the total is once every cost is known, if no call that is still open costs less than nothing or more than \
         the dearest known one.",
    ),
    (
        "Connected, completed",
        "A call is connected if its talk time is known and above zero. It is completed if its vendor says so.",
    ),
    ("Per minute", "Total ÷ minutes of talk, over the calls of which both are known."),
    (
        "Per connected call, per completed call",
        "The total of all calls ÷ the number of those: calls that nobody answered are paid for by those that were.",
    ),
    (
        "Median, 95th percentile",
        "Half of the calls, and 95 in 100, cost no more than this. Each is what some call really cost.",
    ),
    (
        "Common mix",
        "Where longer calls are cheaper by the minute, a vendor with longer calls looks cheap. So each vendor’s cost per minute is \
         taken for calls of like length, and weighted by how much of everybody’s talk time is in calls of that length. A sentence \
         about two vendors is weighted by the talk time of those two, so its figures may differ a little.",
    ),
    (
        "95 % interval",
        "How far chance may move a figure: of samples drawn from these calls, 95 in 100 gave one within this range. A range in a \
         sentence is wider, so that all pairs hold together. It is missing where there is too little to draw from.",
    ),
    (
        "Not itemised",
        "The total less all its lines: what a vendor charges and does not break down. It is below zero where rounded lines exceed a \
         rounded total.",
    ),
    (
        "Rounding",
        "Amounts are shown to four places; “<0.0001” is something, and not zero. Sums are made of the exact amounts.",
    ),
];

/// How the page is read.
pub(crate) fn guide() -> Markup {
    section(
        "guide",
        "How to read this",
        &html! {
            dl.guide {
                @for (word, meaning) in WORDS {
                    div { dt { (word) } dd { (meaning) } }
                }
            }
        },
    )
}
