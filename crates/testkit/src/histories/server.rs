//! The vendor as a transport: weather, events, answers, and the log of it all.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use callmux_http::{Body, Request, Response, Transport, TransportError, TransportErrorKind};

use crate::transport::in_pieces;
use crate::world::Draw;

use super::answer::Vendor;
use super::asked::Asked;
use super::draws::percent;
use super::events::Events;
use super::scenario::{Lie, NEWEST_MS, Scenario};
use super::table::{Life, Row, Table, id_of};

/// How many faults in a row a listing is expected to ride out: one less than the attempts of the default policy.
const FAULTS_IN_A_ROW: u32 = 4;

/// The vendor, at the other end of a connection.
#[derive(Debug)]
pub(super) struct Server(Mutex<State>);

#[derive(Debug)]
struct State {
    scenario: Scenario,
    table: Table,
    /// The calls as they were before each of the last requests, where totals lag; the oldest first.
    before: Vec<Vec<Row>>,
    events: Events,
    /// What happens to the calls.
    draw: Draw,
    /// What happens on the way.
    weather: Draw,
    faults_in_a_row: u32,
    sent: u64,
    answered: u64,
    /// More answers than this are one too many.
    most: u64,
    is_endless: bool,
    refused: Option<String>,
    perfect: Option<u64>,
    page: Vec<usize>,
    asked_before: Option<Asked>,
    has_sent_empty: bool,
    /// The tokens given so far.
    tokens: Vec<String>,
    trace: Option<Vec<String>>,
}

/// What the vendor saw.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) lives: Vec<Life>,
    /// How many requests a perfect reader of the first request's list needs.
    pub(super) perfect: u64,
    pub(super) answered: u64,
    pub(super) is_endless: bool,
    /// A request that no dialect should have sent.
    pub(super) refused: Option<String>,
    pub(super) trace: Vec<String>,
}

impl Server {
    pub(super) fn new(scenario: &Scenario, is_traced: bool) -> Self {
        let mut draw = Draw::new(scenario.seed ^ 0x7ab1_e000);
        let table = Table::draw(scenario, &mut draw);
        let most = 64 + 40 * most_pages(scenario);
        let mut state = State {
            scenario: scenario.clone(),
            table,
            before: Vec::new(),
            events: Events::new(scenario),
            draw: Draw::new(scenario.seed ^ 0xe7e2_7500),
            weather: Draw::new(scenario.seed ^ 0x3ea7_4e20),
            faults_in_a_row: 0,
            sent: 0,
            answered: 0,
            most,
            is_endless: false,
            refused: None,
            perfect: None,
            page: Vec::new(),
            asked_before: None,
            has_sent_empty: false,
            tokens: Vec::new(),
            trace: is_traced.then(Vec::new),
        };
        state.note_world();
        Self(Mutex::new(state))
    }

    /// Adds a line to the trace.
    pub(super) fn note(&self, line: impl FnOnce() -> String) {
        self.lock().note(line);
    }

    /// What it saw until now.
    pub(super) fn log(&self) -> Log {
        let mut state = self.lock();
        Log {
            lives: state.table.lives.clone(),
            perfect: state.perfect.unwrap_or(0),
            answered: state.answered,
            is_endless: state.is_endless,
            refused: state.refused.clone(),
            trace: state.trace.as_mut().map(std::mem::take).unwrap_or_default(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many pages the least gifted of perfect readers needs: all rows that can ever be there, by the smallest page in play.
fn most_pages(scenario: &Scenario) -> u64 {
    let rows = u64::from(scenario.rows) + 2 * u64::from(scenario.rates.events);
    let mut page = u64::from(scenario.page_size());
    if let Some(limit) = scenario.question.limit {
        page = page.min(limit + 1);
    }
    if let Some(Lie::CapsSize(most)) = scenario.lie {
        page = page.min(most.into());
    }
    rows.div_ceil(page.max(1)).max(1)
}

impl State {
    fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(line());
        }
    }

    fn note_world(&mut self) {
        if self.trace.is_none() {
            return;
        }
        let mut rows: Vec<&Row> = self.table.rows.iter().collect();
        rows.sort_by_key(|row| (-row.listed_us, row.number));
        let rows: Vec<String> = rows.into_iter().map(shown).collect();
        self.note(|| format!("the list: {}", rows.join(" ")));
    }

    fn handle(&mut self, request: &Request) -> Result<Response, TransportError> {
        let number = self.sent;
        self.sent += 1;
        if number > 0 {
            let mut lines = Vec::new();
            self.events.happen(&mut self.table, &self.page, &mut self.draw, &mut |line| {
                lines.push(format!("    {line}"));
            });
            if let Some(trace) = &mut self.trace {
                trace.append(&mut lines);
            }
        }
        if self.scenario.lag > 0 {
            self.before.push(self.table.rows.clone());
            if self.before.len() > self.scenario.lag + 1 {
                self.before.remove(0);
            }
        }
        let asked = Asked::read(request);
        if let Some(asked) = &asked {
            self.note(|| format!("{number}: {asked}"));
            let (rows, facts) = (&self.table.rows, &self.scenario.facts);
            let page = u64::from(self.scenario.page_size());
            self.perfect.get_or_insert_with(|| {
                let rows = rows.iter().filter(|row| asked.takes(row, facts)).count();
                (rows as u64).div_ceil(page).max(1)
            });
        }
        if let Some(fault) = self.fault(number) {
            self.note(|| format!("    -> {fault:?}"));
            return fault.into_answer();
        }
        let Some(asked) = asked else {
            return Ok(self.refuse(request.url.query().unwrap_or_default()));
        };
        self.answered += 1;
        if self.answered > self.most {
            self.is_endless = true;
            return Ok(reply(401, r#"{"message":"enough"}"#));
        }
        let heard = match (self.scenario.lie, &self.asked_before) {
            (Some(Lie::PageBefore(at)), Some(before)) if at == number => {
                Asked { size: asked.size, ..before.clone() }
            }
            _ => asked.clone(),
        };
        let is_empty = match self.scenario.lie {
            Some(Lie::EmptyPage(from)) if number >= from && !self.has_sent_empty => {
                let counts = self.scenario.says.total && self.scenario.lag == 0;
                counts || asked.is_beyond_the_start()
            }
            _ => false,
        };
        self.has_sent_empty |= is_empty;
        let vendor = Vendor {
            is_empty,
            circle: match self.scenario.lie {
                Some(Lie::TokenCircle) if self.tokens.len() > 1 => {
                    self.tokens.first().map(String::as_str)
                }
                _ => None,
            },
            scenario: &self.scenario,
            table: &self.table,
            counted: self.before.first().map_or(self.table.rows.as_slice(), Vec::as_slice),
            request: number,
        };
        let Some(answer) = vendor.answer(&heard) else {
            return Ok(self.refuse(&asked.to_string()));
        };
        if self.trace.is_some() {
            let row = |number: &usize| self.table.rows.iter().find(|row| row.number == *number);
            let rows: Vec<String> = answer.rows.iter().filter_map(row).map(shown).collect();
            let (count, said) = (answer.rows.len(), &answer.said);
            let line = format!("    -> {count} rows: {} {said}", rows.join(" "));
            self.note(|| line);
        }
        self.page = answer.rows;
        self.tokens.extend(answer.next);
        self.asked_before = Some(asked);
        Ok(reply(200, &answer.body))
    }

    fn refuse(&mut self, what: &str) -> Response {
        self.refused.get_or_insert_with(|| what.to_owned());
        self.note(|| format!("    -> refused: {what}"));
        reply(400, r#"{"message":"there is no such parameter or value"}"#)
    }

    fn fault(&mut self, number: u64) -> Option<Fault> {
        if self.scenario.weather.down_from.is_some_and(|from| number >= from) {
            return Some(Fault::Status(503));
        }
        let strikes = percent(&mut self.weather, self.scenario.weather.faults);
        if !strikes || self.faults_in_a_row >= FAULTS_IN_A_ROW {
            self.faults_in_a_row = 0;
            return None;
        }
        self.faults_in_a_row += 1;
        Some(match self.weather.index(6) {
            0 => Fault::Throttled(None),
            1 => Fault::Throttled(Some(1 + self.weather.index(20))),
            2 => Fault::Status(500),
            3 => Fault::Status(502),
            4 => Fault::Cut,
            _ => Fault::HalfABody,
        })
    }
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Throttled(Option<usize>),
    Status(u16),
    Cut,
    HalfABody,
}

impl Fault {
    fn into_answer(self) -> Result<Response, TransportError> {
        match self {
            Self::Throttled(wait) => {
                let mut response = reply(429, r#"{"message":"too many requests"}"#);
                if let Some(seconds) = wait {
                    response.headers.push(("retry-after".to_owned(), seconds.to_string()));
                }
                Ok(response)
            }
            Self::Status(status) => Ok(reply(status, "{}")),
            Self::Cut => Err(TransportError::new(TransportErrorKind::Cut)),
            Self::HalfABody => Ok(reply(200, r#"{"rows":[{"id":"c0000","at":17908"#)),
        }
    }
}

fn shown(row: &Row) -> String {
    let at = row.at_us - NEWEST_MS * 1000;
    let at = if at % 1000 == 0 { (at / 1000).to_string() } else { format!("{at}us") };
    let poison = if row.poison.is_some() { "!" } else { "" };
    let word: String = row.word.as_str().chars().take(1).collect();
    format!("{}{poison}@{at}{word}", id_of(row.number))
}

fn reply(status: u16, body: &str) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.to_owned().into_bytes().into() }
}

#[async_trait]
impl Transport for Server {
    async fn send(&self, request: &Request) -> Result<Response<Body>, TransportError> {
        // Where several windows are read at a time, answers overtake one another.
        let turns = {
            let mut state = self.lock();
            if state.scenario.question.concurrency > 1 { state.weather.index(4) } else { 0 }
        };
        let mut left = turns;
        std::future::poll_fn(|context| {
            if left == 0 {
                return std::task::Poll::Ready(());
            }
            left -= 1;
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        self.lock().handle(request).map(in_pieces)
    }
}
