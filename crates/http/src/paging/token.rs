//! Tokens: each page names the next.

use callmux_core::fingerprint;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Observed, Paging, Stalled, Step, habitual_floor, older};

/// How many tokens are remembered: a longer circle shows as pages that bring nothing new.
const REMEMBERED: usize = 16;

/// For a vendor that gives a token for the next page.
///
/// The token alone says whether a page follows: an empty page with a token goes on.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// The parameter of the token.
    pub token: &'static str,
    /// The parameter of the page's size.
    pub limit: &'static str,
}

/// Where a walk by token stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenPosition {
    token: Option<String>,
    oldest: Option<DateTime<Utc>>,
    /// Fingerprints of the last tokens, this one included.
    #[serde(default)]
    seen: Vec<u64>,
}

impl Paging for Token {
    type Position = TokenPosition;

    fn first(&self) -> TokenPosition {
        TokenPosition::default()
    }

    fn page_size(&self, _: &TokenPosition, wanted: u32, max: u32) -> u32 {
        wanted.clamp(1, max)
    }

    fn parameters(&self, at: &TokenPosition, page_size: u32) -> Vec<(&'static str, String)> {
        let token = at.token.clone().map(|token| (self.token, token));
        token.into_iter().chain([(self.limit, page_size.to_string())]).collect()
    }

    fn next(&self, at: &TokenPosition, page: &Observed) -> Result<Step<TokenPosition>, Stalled> {
        let token = page.next_token.clone().filter(|token| !token.is_empty());
        let Some(token) = token else {
            return match page.has_more {
                Some(true) => {
                    Err(Stalled("the vendor says that there is more, and gives no token for it"))
                }
                _ => Ok(Step::end()),
            };
        };
        if page.has_more == Some(false) {
            return Ok(Step::end());
        }
        let key = fingerprint(token.as_bytes());
        if at.seen.contains(&key) || at.token.as_ref() == Some(&token) {
            return Err(Stalled("the vendor gave the token of an earlier page again"));
        }
        let forgotten = (at.seen.len() + 1).saturating_sub(REMEMBERED);
        let seen = at.seen.iter().skip(forgotten).copied().chain([key]).collect();
        let next =
            TokenPosition { token: Some(token), oldest: older(at.oldest, page.oldest()), seen };
        Ok(Step::to(next, habitual_floor(at.oldest)))
    }

    fn total_is_whole(&self, _: &TokenPosition) -> bool {
        true
    }
}
