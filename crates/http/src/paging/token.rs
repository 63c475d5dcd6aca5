//! Tokens: each page names the next.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Observed, Paging, Stalled, Step, habitual_floor, older};

/// For a vendor that gives a token for the next page.
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
        if token.is_none() && page.has_more == Some(true) {
            return Err(Stalled("the vendor says that there is more, and gives no token for it"));
        }
        if page.has_more == Some(false) || token.is_none() {
            return Ok(Step::end());
        }
        if token == at.token {
            return Err(Stalled("the vendor gave the token of the same page again"));
        }
        let next = TokenPosition { token, oldest: older(at.oldest, page.oldest) };
        Ok(Step::to(next, habitual_floor(at.oldest)))
    }

    fn total_is_whole(&self, _: &TokenPosition) -> bool {
        true
    }
}
