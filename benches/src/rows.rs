//! Rows as the vendors send them, of a size that is wanted, and as many as are wanted.

use callmux_testkit::World;
use callmux_testkit::sims::{autocalls, burki, vapi};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::spread::Spread;

/// The vendors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vendor {
    /// Page numbers, a hundred rows at most.
    Autocalls,
    /// A falling `createdAt`, whole calls.
    Vapi,
    /// A falling `started_at`, itemised costs.
    Burki,
}

impl Vendor {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Autocalls, Self::Vapi, Self::Burki];

    /// Its identifier.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Autocalls => "autocalls",
            Self::Vapi => "vapi",
            Self::Burki => "burki",
        }
    }

    /// The vendor of an identifier.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn of(id: &str) -> Self {
        Self::ALL.into_iter().find(|vendor| vendor.id() == id).expect("the id of a vendor")
    }

    fn time(self, instant: DateTime<Utc>) -> String {
        let format = match self {
            Self::Autocalls => "%Y-%m-%d %H:%M:%S",
            Self::Vapi => "%Y-%m-%dT%H:%M:%S%.3fZ",
            Self::Burki => "%Y-%m-%dT%H:%M:%S%.6f",
        };
        instant.format(format).to_string()
    }
}

/// How many different rows there are, told apart otherwise by id and time alone.
const DIFFERENT: usize = 97;

/// The rows of a vendor: the simulator's own, each made as long as is wanted by more of what is said.
#[derive(Debug)]
pub struct Rows {
    vendor: Vendor,
    patterns: Vec<Vec<Piece>>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Id,
    Time,
}

const ID: &str = "@id@";
const TIME: &str = "@time@";

impl Rows {
    /// Rows of about so many bytes.
    #[must_use]
    pub fn new(vendor: Vendor, bytes: usize) -> Self {
        let world = World::new(7, DIFFERENT).everyday().with_ties(1);
        let simulated = match vendor {
            Vendor::Autocalls => autocalls::simulate("", &world),
            Vendor::Vapi => vapi::simulate("", &world),
            Vendor::Burki => burki::simulate("", &world),
        };
        let rows = simulated.simulator.rows();
        let pattern = |row: callmux_testkit::SimulatedRow| {
            let sent: Value = serde_json::from_str(&row.text).expect("a row is JSON");
            cut(&text_of(vendor, sent, bytes))
        };
        Self { vendor, patterns: rows.into_iter().map(pattern).collect() }
    }

    /// Appends a row, by its number; the newest is 0.
    pub fn write(&self, index: u64, instant: DateTime<Utc>, page: &mut Vec<u8>) {
        for piece in &self.patterns[index as usize % self.patterns.len()] {
            match piece {
                Piece::Text(text) => page.extend_from_slice(text.as_bytes()),
                Piece::Id => page.extend_from_slice(self.id(index).as_bytes()),
                Piece::Time => page.extend_from_slice(self.vendor.time(instant).as_bytes()),
            }
        }
    }

    fn id(&self, index: u64) -> String {
        match self.vendor {
            Vendor::Vapi => format!("\"5eed5eed-0000-4000-8000-{index:012}\""),
            _ => (9_000_000_000 - index).to_string(),
        }
    }
}

fn cut(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let id = format!("\"{ID}\"");
    for (number, part) in text.split(&id).enumerate() {
        if number > 0 {
            pieces.push(Piece::Id);
        }
        for (number, part) in part.split(TIME).enumerate() {
            if number > 0 {
                pieces.push(Piece::Time);
            }
            pieces.push(Piece::Text(part.to_owned()));
        }
    }
    pieces
}

/// A row's text, with more said in it until it is as long as is wanted.
fn text_of(vendor: Vendor, mut row: Value, bytes: usize) -> String {
    row["id"] = ID.into();
    // The floor reads lists alone: what was said as one text would cost it a type that is slow to read.
    if row.get("transcript").is_some_and(Value::is_string) && vendor == Vendor::Autocalls {
        row["transcript"] = Value::Null;
    }
    let placed_at = if vendor == Vendor::Burki { "started_at" } else { "created_at" };
    row[if vendor == Vendor::Vapi { "createdAt" } else { placed_at }] = TIME.into();
    let write = |row: &Value| match vendor {
        Vendor::Autocalls => escaped(&row.to_string()),
        _ => row.to_string(),
    };
    let mut turns = 0;
    let mut text = write(&row);
    while text.len() < bytes {
        // Some at a time: the text is written anew for each.
        for _ in 0..1 + (bytes - text.len()) / 2_000 {
            turns += 1;
            say_more(vendor, &mut row, turns);
        }
        text = write(&row);
    }
    text
}

const SAID: [&str; 6] = [
    "Of course, I can help you with that. Could you tell me the number on your last invoice?",
    "Yes, one moment please. It is four, seven, one, one, and then the letters \"AB\".",
    "Thank you. I see that the delivery left our warehouse on Tuesday; it should be with you tomorrow before noon.",
    "Könnten Sie mir die Adresse noch einmal bestätigen? Ich möchte sicher sein.",
    "Ça va, merci… à bientôt.",
    "もしもし、聞こえますか？",
];

fn say_more(vendor: Vendor, row: &mut Value, turn: usize) {
    let said = SAID[turn % SAID.len()];
    let start = 1_790_000_000_000_i64 + turn as i64 * 4_000;
    match vendor {
        Vendor::Autocalls => {
            let sender = if turn.is_multiple_of(2) { "bot" } else { "human" };
            let said =
                json!({ "text": said, "sender": sender, "timestamp": start as f64 / 1000.0 });
            match &mut row["transcript"] {
                Value::Array(turns) => turns.push(said),
                other => *other = json!([said]),
            }
        }
        Vendor::Vapi => {
            // As whole calls have it: each turn in several lists, and the prompt once in each.
            let role = if turn.is_multiple_of(2) { "bot" } else { "user" };
            let message = json!({
                "role": role, "message": said, "time": start, "endTime": start + 3_100,
                "secondsFromStart": turn as f64 * 4.01, "duration": 3_100, "source": "",
            });
            push(&mut row["messages"], message.clone());
            push(&mut row["artifact"]["messages"], message);
            push(
                &mut row["artifact"]["messagesOpenAIFormatted"],
                json!({ "role": role, "content": said }),
            );
            let line = format!("{role}: {said}\n");
            append(&mut row["artifact"]["transcript"], &line);
            append(&mut row["transcript"], &line);
        }
        Vendor::Burki => {
            let meta = &mut row["call_meta"];
            if !meta.is_object() {
                *meta = json!({});
            }
            push(&mut meta["notes"], json!({ "at": start, "by": "agent", "text": said }));
        }
    }
}

fn push(list: &mut Value, item: Value) {
    match list {
        Value::Array(items) => items.push(item),
        other => *other = json!([item]),
    }
}

fn append(text: &mut Value, more: &str) {
    *text = format!("{}{more}", text.as_str().unwrap_or_default()).into();
}

/// JSON as PHP writes it: what is beyond ASCII is escaped.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

/// The instant of a call, by its number, where calls are spread as usual; the newest is 0.
#[must_use]
pub fn instant(index: u64) -> DateTime<Utc> {
    Spread::default().instant(index)
}
