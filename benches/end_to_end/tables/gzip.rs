//! CPU seconds a call where answers are compressed, which both sides undo.

use super::cpu::beside_the_floor;
use super::verdicts::Verdicts;
use crate::wanted::Wanted;

pub(super) fn print(wanted: &Wanted, verdicts: &mut Verdicts) {
    beside_the_floor("gzip", wanted, &[(3_000, 30_000)], true, verdicts);
}
