use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::key::Store;
use crate::transitions::{Transition, TransitionKind};

/// What people are told: a digest of the transitions of one store, worst
/// first.
///
/// # Example
///
/// ```
/// use inventory_core::{Levels, changes, notices, read, transitions};
///
/// let file = read(b"store,item,count,name\nOslo,4711,0,Green tea\n")?;
/// let digest = notices(transitions(changes(&Levels::default(), &file.levels)));
/// assert_eq!(digest[0].subject(), "Oslo: 1 sold out");
/// assert_eq!(digest[0].sms(), "Oslo: 1 sold out (Green tea)");
/// # Ok::<(), inventory_core::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// Whose stock it is.
    pub store: Store,
    /// What is out, by code.
    pub sold_out: Vec<Transition>,
    /// What is low, by code.
    pub running_low: Vec<Transition>,
    /// What was out and is no longer, by code.
    pub back_in_stock: Vec<Transition>,
}

/// Digests transitions into one notice a store, by the store's name. The order
/// of the transitions makes no difference.
pub fn notices(transitions: impl IntoIterator<Item = Transition>) -> Vec<Notice> {
    let mut stores: BTreeMap<Store, Notice> = BTreeMap::new();
    for transition in transitions {
        let store = &transition.change.store;
        let notice = stores.entry(store.clone()).or_insert_with(|| Notice::empty(store));
        match transition.kind {
            TransitionKind::SoldOut => notice.sold_out.push(transition),
            TransitionKind::RunningLow => notice.running_low.push(transition),
            TransitionKind::BackInStock => notice.back_in_stock.push(transition),
        }
    }
    let mut notices: Vec<Notice> = stores.into_values().collect();
    for notice in &mut notices {
        for section in [&mut notice.sold_out, &mut notice.running_low, &mut notice.back_in_stock] {
            section.sort_by(|a, b| a.change.item.cmp(&b.change.item));
        }
    }
    notices
}

/// How many items a notice names at most.
const NAMED: usize = 50;

impl Notice {
    fn empty(store: &Store) -> Notice {
        Notice {
            store: store.clone(),
            sold_out: Vec::new(),
            running_low: Vec::new(),
            back_in_stock: Vec::new(),
        }
    }

    /// Its transitions, worst first.
    pub fn transitions(&self) -> impl Iterator<Item = &Transition> {
        self.sections().into_iter().flat_map(|(_, transitions)| transitions)
    }

    /// An id that is the same for the same changes with the same causes: 32
    /// hexadecimal digits.
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        add(self.store.as_str());
        for transition in self.transitions() {
            add(transition.change.item.as_str());
            add(verb(transition.kind));
            add(transition.change.cause.as_deref().unwrap_or_default());
        }
        hash.finalize().iter().take(16).fold(String::new(), |mut id, byte| {
            // Writing to a string cannot fail.
            let _ = write!(id, "{byte:02x}");
            id
        })
    }

    /// One line of at most 100 printable ASCII characters, as SNS allows an
    /// e-mail's subject. Letters of other alphabets than the Latin, Greek and
    /// Cyrillic are left out.
    pub fn subject(&self) -> String {
        const MAX: usize = 100;
        let counts = self.counts();
        let mut store = ascii(self.store.as_str());
        if store.is_empty() {
            store = "Stock".to_owned();
        }
        store.truncate(MAX - 2 - counts.len());
        format!("{}: {counts}", store.trim_end())
    }

    /// Plain text in aligned columns: what is out, low and back, each with its
    /// code, name and quantity, the first 50 of them.
    pub fn text(&self) -> String {
        let rows: Vec<Cells> = self.transitions().take(NAMED).map(Cells::of).collect();
        let widths = Widths::of(&rows);
        let mut text = format!("{}: {}\n", one_line(self.store.as_str()), self.counts());
        let mut left = rows.iter();
        for (kind, transitions) in self.sections() {
            let heading = verb(kind).to_uppercase();
            let section = left.by_ref().take(transitions.len());
            for (at, row) in section.enumerate() {
                if at == 0 {
                    text += &format!("\n{heading}\n");
                }
                text += &widths.line(row);
            }
        }
        let more = self.transitions().count().saturating_sub(NAMED);
        if more > 0 {
            text += &format!("\nand {more} more\n");
        }
        text
    }

    /// One part of a text message: at most 160 characters of the GSM alphabet,
    /// or 70 if it needs any other. Names as many of the worst as fit.
    pub fn sms(&self) -> String {
        let store = one_line(self.store.as_str());
        let named = self.sections().into_iter().find(|(_, transitions)| !transitions.is_empty());
        let labels: Vec<String> =
            named.iter().flat_map(|(_, transitions)| *transitions).take(NAMED).map(label).collect();
        let fitting = (0..=labels.len())
            .rev()
            .map(|shown| self.sms_naming(&store, &labels, shown))
            .find(|sms| fits_sms(sms));
        fitting.unwrap_or_else(|| self.sms_of_long_store(&store))
    }

    fn sms_naming(&self, store: &str, labels: &[String], shown: usize) -> String {
        let mut counts = self.sections().into_iter().filter_map(count);
        let first = counts.next().unwrap_or_default();
        let total = self.sections().into_iter().map(|(_, transitions)| transitions.len()).find(|&n| n > 0);
        let mut sms = format!("{store}: {first}");
        if shown > 0 {
            let more = total.unwrap_or_default() - shown;
            let names = labels.get(..shown).unwrap_or_default().join(", ");
            let rest = if more > 0 { format!(" +{more}") } else { String::new() };
            sms += &format!(" ({names}{rest})");
        }
        counts.fold(sms, |sms, count| format!("{sms}, {count}"))
    }

    fn sms_of_long_store(&self, store: &str) -> String {
        let counts = self.counts();
        let ends = store.char_indices().rev().map(|(end, _)| end);
        let shortened = ends.map(|end| format!("{}...: {counts}", store.get(..end).unwrap_or_default()));
        shortened.into_iter().find(|sms| fits_sms(sms)).unwrap_or(counts)
    }

    fn sections(&self) -> [(TransitionKind, &[Transition]); 3] {
        [
            (TransitionKind::SoldOut, &self.sold_out),
            (TransitionKind::RunningLow, &self.running_low),
            (TransitionKind::BackInStock, &self.back_in_stock),
        ]
    }

    fn counts(&self) -> String {
        let counts: Vec<String> = self.sections().into_iter().filter_map(count).collect();
        counts.join(", ")
    }
}

fn count((kind, transitions): (TransitionKind, &[Transition])) -> Option<String> {
    (!transitions.is_empty()).then(|| format!("{} {}", transitions.len(), verb(kind)))
}

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

/// One transition as a line of a table.
struct Cells {
    code: String,
    name: String,
    quantity: String,
    remark: String,
}

impl Cells {
    fn of(transition: &Transition) -> Cells {
        let level = &transition.level;
        let was = transition
            .change
            .before
            .as_ref()
            .map_or("new".to_owned(), |level| format!("was {}", level.quantity));
        let remark = match level.reorder_point {
            Some(point) => format!("{was}, reorder at {point}"),
            None => was,
        };
        Cells {
            code: one_line(transition.change.item.as_str()),
            name: shorten(&one_line(level.name.as_deref().unwrap_or_default())),
            quantity: level.quantity.to_string(),
            remark,
        }
    }
}

struct Widths {
    code: usize,
    name: usize,
    quantity: usize,
}

impl Widths {
    fn of(rows: &[Cells]) -> Widths {
        let widest =
            |cell: fn(&Cells) -> &String| rows.iter().map(|row| cell(row).width()).max().unwrap_or(0);
        Widths {
            code: widest(|row| &row.code).min(24),
            name: widest(|row| &row.name),
            quantity: widest(|row| &row.quantity),
        }
    }

    fn line(&self, row: &Cells) -> String {
        let mut line = format!("  {}", pad(&row.code, self.code));
        if self.name > 0 {
            line += &format!("  {}", pad(&row.name, self.name));
        }
        format!("{line}  {:>width$}  {}\n", row.quantity, row.remark, width = self.quantity)
    }
}

fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// At most 40 columns of a name.
fn shorten(name: &str) -> String {
    const MAX: usize = 40;
    if name.width() <= MAX {
        return name.to_owned();
    }
    let mut width = 1;
    let fits = |c: &char| {
        width += c.width().unwrap_or(0);
        width <= MAX
    };
    let start: String = name.chars().take_while(fits).collect();
    format!("{}…", start.trim_end())
}

/// A text without line breaks and other control characters.
fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn ascii(text: &str) -> String {
    const CYRILLIC_ENDS: char = '\u{530}';
    let text = one_line(text);
    let letters = text.chars().filter(|&c| c < CYRILLIC_ENDS).filter_map(deunicode::deunicode_char);
    let printable: String = letters.flat_map(str::chars).filter(|c| matches!(c, ' '..='~')).collect();
    one_line(&printable)
}

fn fits_sms(text: &str) -> bool {
    match text.chars().map(septets).sum::<Option<usize>>() {
        Some(septets) => septets <= 160,
        None => text.encode_utf16().count() <= 70,
    }
}

/// How many places a character takes in the GSM 7 bit default alphabet (3GPP
/// TS 23.038), if it is there.
fn septets(c: char) -> Option<usize> {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
        ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const EXTENDED: &str = "^{}\\[~]|€";
    if BASIC.contains(c) {
        Some(1)
    } else if EXTENDED.contains(c) {
        Some(2)
    } else {
        None
    }
}
