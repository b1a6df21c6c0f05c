//! One part of a text message.

use super::plain::{isolated, one_line};
use super::words::Words;
use super::{NAMED, Notice, label};

/// At most 160 places of the GSM alphabet, or 70 units of UTF-16 if it needs
/// any other; names as many of the worst as fit.
pub(super) fn sms(notice: &Notice) -> String {
    let words = Words::of(notice.language);
    let store = isolated(one_line(notice.store.as_str()));
    let worst = notice.sections().into_iter().find(|(_, transitions)| !transitions.is_empty());
    let worst = worst.map(|(_, transitions)| transitions).unwrap_or_default();
    let labels: Vec<String> =
        worst.iter().take(NAMED).map(|transition| isolated(label(transition))).collect();
    let fitting = (0..=labels.len())
        .rev()
        .map(|shown| naming(notice, words, &store, worst.len(), labels.get(..shown).unwrap_or_default()))
        .find(|sms| fits(sms));
    fitting.unwrap_or_else(|| shortened(notice.store.as_str(), &notice.counts(words).join(words.comma)))
}

fn naming(notice: &Notice, words: &Words, store: &str, worst: usize, labels: &[String]) -> String {
    let mut counts = notice.counts(words).into_iter();
    let mut first = counts.next().unwrap_or_default();
    if !labels.is_empty() {
        let rest = match worst - labels.len() {
            0 => String::new(),
            more => format!(" +{more}"),
        };
        first += &format!(" ({}{rest})", labels.join(words.comma));
    }
    let counts: Vec<String> = std::iter::once(first).chain(counts).collect();
    format!("{store}: {}", counts.join(words.comma))
}

/// What happened, after as much as fits of whom it is about.
pub(crate) fn shortened(name: &str, what: &str) -> String {
    let name = one_line(name);
    let ends = name.char_indices().rev().map(|(end, _)| end);
    let starts = ends.filter_map(|end| name.get(..end));
    let mut shortened = starts.map(|start| format!("{}...: {what}", isolated(start.to_owned())));
    shortened.find(|sms| fits(sms)).unwrap_or_else(|| what.to_owned())
}

/// Whether a text is one part of a text message.
pub(crate) fn fits(text: &str) -> bool {
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
