//! What the page is made of, and in which order.

use callmux_core::{Certificate, Currency};
use callmux_costs::{Comparison, Conversion, Error, Group, Outliers, Report, Zone};
use chrono::{DateTime, Utc};
use maud::{DOCTYPE, PreEscaped, html};

use crate::sections;
use crate::style::STYLE;
use crate::text;

/// A cost report as one HTML page.
///
/// All parts are of the same calls: whoever makes a page adds every call to each of the reports, the comparer and the watch.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The title.
    pub title: &'a str,
    /// Which calls it is about, a condition a line; none for all calls.
    pub filter: &'a [String],
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The zone that days and times are of.
    pub zone: &'a Zone,
    /// The calls by [`Dimension::Vendor`](callmux_costs::Dimension::Vendor). Headline figures are those of all its calls.
    pub by_vendor: &'a Report,
    /// By [`Dimension::Day`](callmux_costs::Dimension::Day).
    pub by_day: &'a Report,
    /// By [`Dimension::Agent`](callmux_costs::Dimension::Agent).
    pub by_agent: &'a Report,
    /// By [`Dimension::Campaign`](callmux_costs::Dimension::Campaign).
    pub by_campaign: &'a Report,
    /// Vendors set side by side, a comparison a currency.
    pub comparisons: &'a [Comparison],
    /// What stands out.
    pub outliers: &'a Outliers,
    /// At which rates amounts were converted, if they were.
    pub conversion: Option<&'a Conversion>,
    /// What the listing can prove about itself.
    pub certificate: &'a Certificate,
}

/// The page with the figures of its reports.
pub(crate) struct Figures<'a> {
    pub(crate) page: &'a Page<'a>,
    pub(crate) overall: Group,
    pub(crate) vendors: Vec<Group>,
    pub(crate) days: Vec<Group>,
    pub(crate) agents: Vec<Group>,
    pub(crate) campaigns: Vec<Group>,
    /// The currencies that a cost is known in, by their codes.
    pub(crate) currencies: Vec<Currency>,
}

impl<'a> Figures<'a> {
    fn of(page: &'a Page<'a>) -> Result<Self, Error> {
        let overall = page.by_vendor.overall()?;
        Ok(Self {
            page,
            currencies: overall.totals.iter().map(|total| total.currency).collect(),
            overall,
            vendors: page.by_vendor.groups()?,
            days: page.by_day.groups()?,
            agents: page.by_agent.groups()?,
            campaigns: page.by_campaign.groups()?,
        })
    }

    /// The currencies, or one that is not known where no cost is: so that there is a table in any case.
    pub(crate) fn currencies_or_none(&self) -> Vec<Option<Currency>> {
        match self.currencies.as_slice() {
            [] => vec![None],
            known => known.iter().copied().map(Some).collect(),
        }
    }

    pub(crate) fn has_several_currencies(&self) -> bool {
        self.currencies.len() > 1
    }
}

/// Nothing is fetched and nothing runs, whatever a vendor's text may be.
const HEAD: &str = "<meta charset=\"utf-8\"/>\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
<meta name=\"color-scheme\" content=\"light dark\"/>\n\
<meta name=\"referrer\" content=\"no-referrer\"/>\n";

impl Page<'_> {
    /// The page, in UTF-8.
    ///
    /// # Errors
    /// [`Error::Overflow`] where a rate is too large to be held.
    pub fn html(&self) -> Result<String, Error> {
        let figures = Figures::of(self)?;
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    (PreEscaped(HEAD))
                    title { (text::attribute(self.title)) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (sections::header(&figures))
                    main {
                        (sections::summary(&figures))
                        (sections::days(&figures))
                        (sections::comparisons(&figures))
                        (sections::components(&figures))
                        (sections::lengths(&figures))
                        (sections::top(&figures))
                        (sections::outliers(&figures))
                        (sections::certificate(&figures))
                        (sections::guide())
                    }
                }
            }
        };
        Ok(page.into_string())
    }
}
