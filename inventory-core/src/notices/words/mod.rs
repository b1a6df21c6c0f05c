//! The words of notices, a module a language.

mod english;
mod french;
mod german;
mod japanese;
mod spanish;

use crate::policy::Language;
use crate::transitions::TransitionKind;

/// The words of a language. A language that lacks one does not build.
pub(super) struct Words {
    pub(super) sold_out: Happened,
    pub(super) running_low: Happened,
    pub(super) back_in_stock: Happened,
    /// What a list is joined with.
    pub(super) comma: &'static str,
    /// Of an item that was not there before.
    pub(super) new: &'static str,
    /// `{}` is the quantity before.
    pub(super) was: &'static str,
    /// `{}` is the reorder point.
    pub(super) reorder_at: &'static str,
    /// `{}` is how many items are not named.
    pub(super) more: Counted,
    /// `{}` is an upload's key, and then when its stock was counted.
    pub(super) from: &'static str,
    /// `{}` is when the stock was counted.
    pub(super) counted: &'static str,
    /// `{}` is how many uploads are not named.
    pub(super) more_uploads: Counted,
    /// `{}` is the address of the dashboard.
    pub(super) dashboard: &'static str,
    /// `{}` is the number of the part, and then how many there are.
    pub(super) part: &'static str,
    /// In a subject, the name of a store that has no Latin letters.
    pub(super) stock: &'static str,
}

/// How to say what happened to items.
pub(super) struct Happened {
    pub(super) heading: &'static str,
    pub(super) items: Counted,
}

/// A text with a number, which is `{}`.
pub(super) struct Counted {
    /// Of one.
    pub(super) one: &'static str,
    /// Of two or more.
    pub(super) many: &'static str,
}

impl Counted {
    /// The text of a number, which is never zero.
    pub(super) fn of(&self, count: usize) -> String {
        fill(if count == 1 { self.one } else { self.many }, &[&count.to_string()])
    }
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Words {
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
    pub(super) fn of_subject(language: Language) -> &'static Words {
        match language {
            Language::Japanese => &english::WORDS,
            language => Words::of(language),
        }
    }

    pub(super) fn happened(&self, kind: TransitionKind) -> &Happened {
        match kind {
            TransitionKind::SoldOut => &self.sold_out,
            TransitionKind::RunningLow => &self.running_low,
            TransitionKind::BackInStock => &self.back_in_stock,
        }
    }
}

/// Puts values into the places of a text, one after another.
pub(super) fn fill(text: &str, values: &[&str]) -> String {
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
    fn a_value_with_a_place_in_it_is_left_alone() {
        assert_eq!(fill("from {}, at {}", &["{}.csv", "noon"]), "from {}.csv, at noon");
    }
}
