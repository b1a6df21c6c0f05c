//! Transitions to notices: one digest a store, in the forms that people and
//! programs get.

mod document;
mod id;
pub(crate) mod plain;
pub(crate) mod sms;
mod text;
pub(crate) mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use self::document::Document;
pub(crate) use self::id::Id;
use self::plain::{ascii, one_line, subject};
use self::words::{Words, fill};
use crate::key::Store;
use crate::policy::{Language, Policy};
use crate::transitions::{Transition, TransitionKind};
use crate::version::Version;

/// What people are told: a digest of the transitions of one store, worst
/// first.
///
/// # Example
///
/// ```
/// use inventory_core::{Levels, Policy, changes, notices, read, transitions};
///
/// let policy = Policy::default();
/// let nothing = Levels::default();
/// let file = read(b"store,item,count,name\nOslo,4711,0,Green tea\n")?;
/// let happened = transitions(changes(&nothing, &file.levels), &policy);
/// let digest = notices(happened, &policy);
/// assert_eq!(digest[0].subject(), "Oslo: 1 sold out");
/// assert_eq!(digest[0].sms(), "Oslo: 1 sold out (Green tea)");
/// # Ok::<(), inventory_core::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// Whose stock it is.
    pub store: Store,
    /// What is out: the lowest quantity first, and then by code.
    pub sold_out: Vec<Transition>,
    /// What is low, in the same order.
    pub running_low: Vec<Transition>,
    /// What was out and is no longer, in the same order.
    pub back_in_stock: Vec<Transition>,
    /// The language of its texts.
    pub language: Language,
    /// Which part of what happened at once it is.
    pub part: Part,
    /// The keys of the uploads that it comes from, of those that are known.
    pub files: BTreeMap<Version, Box<str>>,
    /// Where all of the stock can be seen.
    pub dashboard: Option<Box<str>>,
}

/// Which part of something a notice is, and of how many: both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Part {
    /// The number of the part.
    pub number: usize,
    /// How many parts there are.
    pub of: usize,
}

/// How bad the worst of a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Items are back, and nothing else happened.
    Info,
    /// Something runs low.
    Warning,
    /// Something sold out.
    Critical,
}

impl Severity {
    /// "info", "warning" or "critical".
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }
}

/// Digests transitions into one notice a store, by the store's name, each in
/// the store's language. The order of the transitions makes no difference.
pub fn notices(transitions: impl IntoIterator<Item = Transition>, policy: &Policy) -> Vec<Notice> {
    let mut stores: BTreeMap<Store, Vec<Transition>> = BTreeMap::new();
    for transition in transitions {
        stores.entry(transition.change.store.clone()).or_default().push(transition);
    }
    let notices = stores.into_iter().map(|(store, mut transitions)| {
        transitions
            .sort_by(|a, b| (a.level.quantity, &a.change.item).cmp(&(b.level.quantity, &b.change.item)));
        let mut notice = Notice { language: policy.language(&store), ..Notice::empty(store) };
        transitions.into_iter().for_each(|transition| notice.push(transition));
        notice
    });
    notices.collect()
}

/// How many items people are named at most.
const NAMED: usize = 50;

impl Notice {
    fn empty(store: Store) -> Notice {
        Notice {
            store,
            sold_out: Vec::new(),
            running_low: Vec::new(),
            back_in_stock: Vec::new(),
            language: Language::default(),
            part: Part { number: 1, of: 1 },
            files: BTreeMap::new(),
            dashboard: None,
        }
    }

    fn push(&mut self, transition: Transition) {
        match transition.kind {
            TransitionKind::SoldOut => self.sold_out.push(transition),
            TransitionKind::RunningLow => self.running_low.push(transition),
            TransitionKind::BackInStock => self.back_in_stock.push(transition),
        }
    }

    /// Its transitions, worst first.
    pub fn transitions(&self) -> impl Iterator<Item = &Transition> {
        self.sections().into_iter().flat_map(|(_, transitions)| transitions)
    }

    /// How bad its worst transition is.
    pub fn severity(&self) -> Severity {
        match (self.sold_out.is_empty(), self.running_low.is_empty()) {
            (false, _) => Severity::Critical,
            (true, false) => Severity::Warning,
            (true, true) => Severity::Info,
        }
    }

    /// The uploads that it comes from, the newest first.
    pub fn versions(&self) -> Vec<&Version> {
        let mut versions: Vec<&Version> =
            self.transitions().filter_map(|transition| transition.change.version.as_ref()).collect();
        versions.sort_unstable_by(|a, b| b.cmp(a));
        versions.dedup();
        versions
    }

    /// The notice in parts of which each fits, halved until it does. A part
    /// with a single transition is not halved, whether it fits or not.
    #[must_use]
    pub fn split(self, fits: impl Fn(&Notice) -> bool) -> Vec<Notice> {
        let mut parts = Vec::new();
        let mut left = vec![self];
        while let Some(mut notice) = left.pop() {
            let count = notice.transitions().count();
            // Measured with the longest numbers that a part may have.
            notice.part = Part { number: count, of: count };
            if count < 2 || fits(&notice) {
                parts.push(notice);
            } else {
                let [first, second] = notice.halves(count / 2);
                left.extend([second, first]);
            }
        }
        let of = parts.len();
        for (part, number) in parts.iter_mut().zip(1..) {
            part.part = Part { number, of };
        }
        parts
    }

    /// Its first transitions, so many of them, and the rest.
    fn halves(mut self, count: usize) -> [Notice; 2] {
        let sections = [&mut self.sold_out, &mut self.running_low, &mut self.back_in_stock];
        let transitions: Vec<Transition> = sections.into_iter().flat_map(std::mem::take).collect();
        let [mut first, mut second] = [self.clone(), self];
        for (at, transition) in transitions.into_iter().enumerate() {
            if at < count { first.push(transition) } else { second.push(transition) }
        }
        [first, second]
    }

    /// An id that is the same for the same changes with the same causes: 32
    /// hexadecimal digits.
    pub fn id(&self) -> String {
        let mut id = Id::default();
        id.add(self.store.as_str());
        if self.part.of > 1 {
            id.add(&format!("part {} of {}", self.part.number, self.part.of));
        }
        for (kind, transitions) in self.sections() {
            let mut changes: Vec<_> = transitions.iter().map(|transition| &transition.change).collect();
            changes.sort_by_key(|change| &change.item);
            for change in changes {
                id.add(change.item.as_str());
                id.add(verb(kind));
                id.add(change.cause.as_deref().unwrap_or_default());
            }
        }
        id.text()
    }

    /// One line of at most 100 printable ASCII characters, as SNS allows an
    /// e-mail's subject. Letters of other alphabets than the Latin, Greek and
    /// Cyrillic are left out, and Japanese notices have an English subject.
    pub fn subject(&self) -> String {
        let words = Words::of_subject(self.language);
        let mut counts = ascii(&self.counts(words).join(", "));
        if let Some(part) = self.part_text(words) {
            counts += &format!(" ({})", ascii(&part));
        }
        subject(self.store.as_str(), words.stock, &counts)
    }

    /// The text of an e-mail: plain, narrow enough for a telephone, two lines
    /// an item. Names the first 50 items, and says how many more there are.
    pub fn text(&self) -> String {
        text::text(self)
    }

    /// One part of a text message: at most 160 characters of the GSM alphabet,
    /// or 70 if it needs any other. Names as many of the worst as fit.
    pub fn sms(&self) -> String {
        sms::sms(self)
    }

    /// What programs are told, to be written as JSON: a document of the
    /// `schemas/notice-v1.schema.json` of this crate. Names the first 500 items,
    /// and says how many more there are.
    ///
    /// # Example
    ///
    /// ```
    /// use inventory_core::{Levels, Policy, changes, notices, read, transitions};
    ///
    /// let policy = Policy::default();
    /// let nothing = Levels::default();
    /// let file = read(b"store,item,count\nOslo,tea,0\n")?;
    /// let happened = transitions(changes(&nothing, &file.levels), &policy);
    /// let document = serde_json::to_value(notices(happened, &policy)[0].document())?;
    /// assert_eq!((&document["version"], &document["severity"]), (&1.into(), &"critical".into()));
    /// assert_eq!(document["items"][0]["item"], "tea");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn document(&self) -> impl Serialize + '_ {
        Document::of(self)
    }

    fn sections(&self) -> [(TransitionKind, &[Transition]); 3] {
        [
            (TransitionKind::SoldOut, &self.sold_out),
            (TransitionKind::RunningLow, &self.running_low),
            (TransitionKind::BackInStock, &self.back_in_stock),
        ]
    }

    /// How many items something happened to, of each kind that there is.
    fn counts(&self, words: &Words) -> Vec<String> {
        let some = self.sections().into_iter().filter(|(_, transitions)| !transitions.is_empty());
        some.map(|(kind, transitions)| words.happened(kind).items.of(transitions.len())).collect()
    }

    fn part_text(&self, words: &Words) -> Option<String> {
        let Part { number, of } = self.part;
        (of > 1).then(|| fill(words.part, &[&number.to_string(), &of.to_string()]))
    }

    fn uploads(&self) -> Vec<Origin<'_>> {
        let origin = |version| {
            Some(Origin { counted_at: counted_at(version)?, key: self.files.get(version).map(|key| &**key) })
        };
        self.versions().into_iter().filter_map(origin).collect()
    }
}

/// An upload that something comes from.
struct Origin<'a> {
    counted_at: Timestamp,
    key: Option<&'a str>,
}

/// A version begins with the time.
pub(crate) fn counted_at(version: &Version) -> Option<Timestamp> {
    version.as_str().split('/').next()?.parse().ok()
}

/// What an id says of a kind; it stays as it is, whatever notices say.
fn verb(kind: TransitionKind) -> &'static str {
    match kind {
        TransitionKind::SoldOut => "sold out",
        TransitionKind::RunningLow => "running low",
        TransitionKind::BackInStock => "back in stock",
    }
}

/// What people call an item: its name, or else its code.
fn label(transition: &Transition) -> String {
    let name = one_line(transition.level.name.as_deref().unwrap_or_default());
    if name.is_empty() { one_line(transition.change.item.as_str()) } else { name }
}
