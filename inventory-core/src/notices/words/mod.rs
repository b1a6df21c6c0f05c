//! The words of notices, a module a language.

mod english;
mod french;
mod german;
mod japanese;
mod spanish;

use crate::policy::Language;
use crate::transitions::TransitionKind;

/// The words of a language. A language that lacks one does not build.
pub(crate) struct Words {
    pub(crate) sold_out: Happened,
    pub(crate) running_low: Happened,
    pub(crate) back_in_stock: Happened,
    /// What a list is joined with.
    pub(crate) comma: &'static str,
    /// Of an item that was not there before.
    pub(crate) new: &'static str,
    /// `{}` is the quantity before.
    pub(crate) was: &'static str,
    /// `{}` is the reorder point.
    pub(crate) reorder_at: &'static str,
    /// `{}` is how many items are not named.
    pub(crate) more: Counted,
    /// `{}` is an upload's key, and then when its stock was counted.
    pub(crate) from: &'static str,
    /// `{}` is when the stock was counted.
    pub(crate) counted: &'static str,
    /// `{}` is how many uploads are not named.
    pub(crate) more_uploads: Counted,
    /// `{}` is the address of the dashboard.
    pub(crate) dashboard: &'static str,
    /// `{}` is the number of the part, and then how many there are.
    pub(crate) part: &'static str,
    /// In a subject, the name of a store that has no Latin letters.
    pub(crate) stock: &'static str,
    /// What receipts say.
    pub(crate) receipt: ReceiptWords,
}

/// The words of receipts.
pub(crate) struct ReceiptWords {
    /// What happened to the file.
    pub(crate) refused: &'static str,
    pub(crate) quarantined: &'static str,
    pub(crate) superseded: &'static str,
    /// `{}` is how many.
    pub(crate) rows_rejected: Counted,
    /// `{}` is why.
    pub(crate) refused_because: &'static str,
    /// What to do about it.
    pub(crate) mend: &'static str,
    /// `{}` is why.
    pub(crate) quarantined_because: &'static str,
    /// What to do about it.
    pub(crate) confirm: &'static str,
    /// Why it is superseded.
    pub(crate) newer: &'static str,
    /// What the numbers of rows count.
    pub(crate) read: &'static str,
    pub(crate) accepted: &'static str,
    pub(crate) rejected: &'static str,
    pub(crate) skipped: &'static str,
    /// What the numbers of items count.
    pub(crate) written: &'static str,
    pub(crate) unchanged: &'static str,
    pub(crate) superseded_items: &'static str,
    pub(crate) held: &'static str,
    pub(crate) duplicates: &'static str,
    /// Above the rejected rows.
    pub(crate) heading: &'static str,
    /// `{}` is the number of the line.
    pub(crate) line: &'static str,
    /// `{}` is the number of the line, and then that of the column.
    pub(crate) line_and_column: &'static str,
    /// `{}` is how many rows are not listed.
    pub(crate) more_rows: Counted,
    /// `{}` is where they all are.
    pub(crate) all_rejects: &'static str,
}

/// How to say what happened to items.
pub(crate) struct Happened {
    pub(crate) heading: &'static str,
    pub(crate) items: Counted,
}

/// A text with a number, which is `{}`.
pub(crate) struct Counted {
    /// Of one.
    pub(crate) one: &'static str,
    /// Of two or more.
    pub(crate) many: &'static str,
}

impl Counted {
    /// The text of a number, which is never zero.
    pub(crate) fn of(&self, count: impl TryInto<u64>) -> String {
        let count = count.try_into().unwrap_or(u64::MAX);
        fill(if count == 1 { self.one } else { self.many }, &[&count.to_string()])
    }
}

impl Words {
    pub(crate) fn of(language: Language) -> &'static Words {
        match language {
            Language::English => &english::WORDS,
            Language::German => &german::WORDS,
            Language::French => &french::WORDS,
            Language::Spanish => &spanish::WORDS,
            Language::Japanese => &japanese::WORDS,
        }
    }

    /// The words of an e-mail's subject, which has to be ASCII: English ones
    /// where the language's letters have no Latin likeness.
    pub(crate) fn of_subject(language: Language) -> &'static Words {
        match language {
            Language::Japanese => &english::WORDS,
            language => Words::of(language),
        }
    }

    pub(crate) fn happened(&self, kind: TransitionKind) -> &Happened {
        match kind {
            TransitionKind::SoldOut => &self.sold_out,
            TransitionKind::RunningLow => &self.running_low,
            TransitionKind::BackInStock => &self.back_in_stock,
        }
    }
}

/// Puts values into the places of a text, one after another.
pub(crate) fn fill(text: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut parts = text.split("{}");
    let start = parts.next().unwrap_or_default().to_owned();
    parts.fold(start, |filled, part| filled + values.next().unwrap_or(&"") + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> usize {
        text.matches("{}").count()
    }

    #[test]
    fn every_language_has_a_place_for_every_value() {
        for language in Language::ALL {
            let words = Words::of(language);
            let happened = [&words.sold_out, &words.running_low, &words.back_in_stock];
            let counted = happened.map(|happened| &happened.items).into_iter();
            for counted in counted.chain([&words.more, &words.more_uploads]) {
                assert_eq!([counted.one, counted.many].map(places), [1, 1], "{language:?}");
            }
            let one = [words.was, words.reorder_at, words.counted, words.dashboard];
            assert_eq!(one.map(places), [1; 4], "{language:?}");
            assert_eq!([words.from, words.part].map(places), [2, 2], "{language:?}");
            let none = [words.comma, words.new, words.stock];
            assert_eq!(none.map(places), [0; 3], "{language:?}");
            assert!(happened.iter().all(|happened| !happened.heading.is_empty()), "{language:?}");
        }
    }

    #[test]
    fn every_language_has_a_place_for_every_value_of_a_receipt() {
        for language in Language::ALL {
            let words = &Words::of(language).receipt;
            for counted in [&words.rows_rejected, &words.more_rows] {
                assert_eq!([counted.one, counted.many].map(places), [1, 1], "{language:?}");
            }
            let one = [words.refused_because, words.quarantined_because, words.line, words.all_rejects];
            assert_eq!(one.map(places), [1; 4], "{language:?}");
            assert_eq!(places(words.line_and_column), 2, "{language:?}");
            let file = [words.refused, words.quarantined, words.superseded, words.mend, words.confirm];
            let counts = [words.read, words.accepted, words.rejected, words.skipped, words.written];
            let more = [
                words.unchanged,
                words.superseded_items,
                words.held,
                words.duplicates,
                words.heading,
                words.newer,
            ];
            for text in file.into_iter().chain(counts).chain(more) {
                assert!(places(text) == 0 && !text.is_empty(), "{language:?}: {text:?}");
            }
            assert!(words.confirm.contains("confirm=yes"), "{language:?}");
        }
    }

    #[test]
    fn a_value_with_a_place_in_it_is_left_alone() {
        assert_eq!(fill("from {}, at {}", &["{}.csv", "noon"]), "from {}.csv, at noon");
    }
}
