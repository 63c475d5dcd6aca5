//! Single pages of a walk by token.

use super::*;

const TOKEN: Token = Token { token: "cursor", limit: "limit" };

fn with_token(token: &str) -> Observed {
    Observed { next_token: Some(token.to_owned()), ..full(90) }
}

fn after(at: &TokenPosition, page: &Observed) -> Result<Step<TokenPosition>, Stalled> {
    TOKEN.next(at, page)
}

#[test]
fn tokens_are_passed_on() {
    let step = after(&TOKEN.first(), &with_token("a")).unwrap();
    assert_eq!(step.floor, None);
    let next = step.next.unwrap();
    let expected = [("cursor", "a".to_owned()), ("limit", "10".to_owned())];
    assert_eq!(TOKEN.parameters(&next, 10), expected);
    assert_eq!(after(&next, &with_token("b")).unwrap().floor, habit(81));

    assert_eq!(after(&next, &with_token("")).unwrap().next, None);
    assert_eq!(after(&next, &full(90)).unwrap().next, None);
    let last = Observed { has_more: Some(false), ..with_token("b") };
    assert_eq!(after(&next, &last).unwrap().next, None);
    assert!(after(&next, &Observed { has_more: Some(true), ..full(90) }).is_err());
}

#[test]
fn an_empty_page_with_a_token_goes_on() {
    let empty = Observed { marks: Vec::new(), ..with_token("b") };
    assert!(after(&TOKEN.first(), &empty).unwrap().next.is_some());
}

#[test]
fn no_token_is_taken_twice() {
    for circle in 1..=REMEMBERED {
        let tokens = (0..circle).map(|token| with_token(&token.to_string())).cycle();
        let mut at = TOKEN.first();
        let mut pages = 0;
        for page in tokens {
            let Ok(step) = after(&at, &page) else { break };
            at = step.next.unwrap();
            pages += 1;
            assert!(pages <= circle, "the circle of {circle} is not noticed");
        }
    }
    // What is remembered does not grow.
    let mut at = TOKEN.first();
    for token in 0..100 {
        at = after(&at, &with_token(&token.to_string())).unwrap().next.unwrap();
    }
    assert!(serde_json::to_string(&at).unwrap().len() < 500);
}

const REMEMBERED: usize = 16;
