//! A fingerprint of bytes.

/// A fingerprint of bytes: FNV-1a, 64 bits. It is the same on every platform and in every release, which the standard library's
/// hasher does not promise, so that what is kept in a file can be held against it later. It keeps no secret.
///
/// ```
/// assert_eq!(callmux_core::fingerprint(b""), 0xcbf2_9ce4_8422_2325);
/// assert_eq!(callmux_core::fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
/// ```
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
