//! What tells the groups of a report apart.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use callmux_core::{AccountId, Call, Component, Named, Party, VendorId};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::dimension::Dimension;
use crate::names::Names;
use crate::zone::Zone;

/// What the calls of one group share: one part a dimension, in the order that was asked for.
///
/// `Serialize` writes an object of dimension and value; an absent value is `null`. `Display` joins the parts for a
/// person; text of a vendor is in it as it came, so a terminal or a page must still neutralise it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key(pub(crate) Vec<KeyPart>);

impl Key {
    /// The parts.
    #[must_use]
    pub fn parts(&self) -> &[KeyPart] {
        &self.0
    }

    /// The value of a dimension; `None` where the calls have none, or the report does not group by it.
    #[must_use]
    pub fn value(&self, dimension: Dimension) -> Option<&str> {
        self.0.iter().find(|part| part.dimension == dimension)?.value.as_deref()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|part| (part.dimension, &part.value)))
    }
}

/// The value of one dimension that the calls of a group share.
///
/// `Display` writes what a person reads: `Sales (12)` for an agent with a name and an id, `(none)` where calls lack the
/// value.
/// `Debug` hides a customer's.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyPart {
    /// The dimension.
    pub dimension: Dimension,
    /// The value; `None` for the calls that have none.
    pub value: Option<String>,
    /// The name of the agent or campaign whose id is `value`: that of its latest call with a name.
    pub name: Option<String>,
    /// Whose agent or campaign it is, since an id says nothing outside its account.
    pub owner: Option<Owner>,
}

impl fmt::Display for KeyPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.value, &self.name) {
            (None, _) => f.write_str("(none)"),
            (Some(value), None) => f.write_str(value),
            (Some(value), Some(name)) => write!(f, "{name} ({value})"),
        }
    }
}

impl fmt::Debug for KeyPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match self.dimension {
            Dimension::Customer => self.value.as_ref().map(|_| "…"),
            _ => self.value.as_deref(),
        };
        f.debug_struct("KeyPart")
            .field("dimension", &self.dimension)
            .field("value", &value)
            .field("name", &self.name)
            .field("owner", &self.owner)
            .finish()
    }
}

/// The account that an agent or a campaign belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// The vendor.
    pub vendor: VendorId,
    /// The label of the credential.
    pub account: AccountId,
}

/// The key as the fields `key` and, where a part says more than its value, `named` of an object around it.
pub(crate) fn serialize_key<S: Serializer>(key: &Key, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct About<'a> {
        vendor: &'a VendorId,
        account: &'a AccountId,
        name: &'a Option<String>,
    }
    let named: BTreeMap<Dimension, About<'_>> = key
        .0
        .iter()
        .filter_map(|part| {
            let Owner { vendor, account } = part.owner.as_ref()?;
            Some((part.dimension, About { vendor, account, name: &part.name }))
        })
        .collect();
    let mut fields = serializer.serialize_map(None)?;
    fields.serialize_entry("key", key)?;
    if !named.is_empty() {
        fields.serialize_entry("named", &named)?;
    }
    fields.end()
}

/// One dimension's part of what groups are sorted and told apart by: a call's own, or one that is held. Absent comes last.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Slot<'a> {
    Known { value: Cow<'a, str>, owner: Option<Owner> },
    Absent,
}

impl Slot<'_> {
    pub(crate) fn into_owned(self) -> Slot<'static> {
        match self {
            Self::Known { value, owner } => {
                Slot::Known { value: Cow::Owned(value.into_owned()), owner }
            }
            Self::Absent => Slot::Absent,
        }
    }
}

/// Which part of a call's cost is looked at, as far as a report tells parts apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Portion<'a> {
    pub(crate) component: Option<Component>,
    pub(crate) model: Option<&'a str>,
}

/// Where a call belongs within a dimension.
pub(crate) fn slot<'a>(
    dimension: Dimension,
    call: &'a Call,
    portion: Portion<'a>,
    zone: &Zone,
) -> Slot<'a> {
    let local = || call.placed_at.map(|at| zone.local(at));
    let dated = |format| local().map(|local| local.format(format).to_string());
    let value: Option<Cow<'a, str>> = match dimension {
        Dimension::Agent => return named(call.agent.as_ref(), call),
        Dimension::Campaign => return named(call.campaign.as_ref(), call),
        Dimension::Vendor => Some(call.vendor.as_str().into()),
        Dimension::Account => Some(call.account.as_str().into()),
        Dimension::Customer => call.customer.as_ref().and_then(customer),
        Dimension::Direction => call.direction.map(|direction| direction.as_str().into()),
        Dimension::Channel => call.channel.as_ref().map(|channel| channel.value.as_str().into()),
        Dimension::Status => Some(call.status.value.as_str().into()),
        Dimension::EndedReason => {
            call.ended_reason.as_ref().map(|reason| reason.value.as_str().into())
        }
        Dimension::Day => local().map(|local| Cow::Owned(local.date().to_string())),
        Dimension::Week => dated("%G-W%V").map(Cow::Owned),
        Dimension::Month => dated("%Y-%m").map(Cow::Owned),
        Dimension::Hour => dated("%Y-%m-%dT%H").map(Cow::Owned),
        Dimension::Component => portion.component.map(|component| component.as_str().into()),
        Dimension::Model => portion.model.map(Cow::Borrowed),
    };
    value.map_or(Slot::Absent, |value| Slot::Known { value, owner: None })
}

/// One customer's calls may show the number in several spellings.
fn customer(party: &Party) -> Option<Cow<'_, str>> {
    let number = party.number.as_ref().map(|number| Cow::Owned(number.key()));
    number.or_else(|| party.id.as_deref().or(party.name.as_deref()).map(Cow::Borrowed))
}

fn named<'a>(named: Option<&'a Named>, call: &Call) -> Slot<'a> {
    let value = named.and_then(|named| named.id.as_deref().or(named.name.as_deref()));
    let Some(value) = value else { return Slot::Absent };
    let owner = Owner { vendor: call.vendor.clone(), account: call.account.clone() };
    Slot::Known { value: value.into(), owner: Some(owner) }
}

/// The public form of one dimension's part.
pub(crate) fn part(dimension: Dimension, slot: &Slot<'_>, names: &Names) -> KeyPart {
    let (value, owner) = match slot {
        Slot::Known { value, owner } => (Some(value.as_ref().to_owned()), owner.clone()),
        Slot::Absent => (None, None),
    };
    KeyPart { dimension, value, name: names.get(dimension).map(str::to_owned), owner }
}
