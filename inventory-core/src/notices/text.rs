//! The text of an e-mail: plain, and narrow enough for a telephone.

use unicode_width::UnicodeWidthStr;

use super::plain::{isolated, one_line, shorten};
use super::words::{Words, fill};
use super::{NAMED, Notice, label};
use crate::transitions::Transition;

/// The most columns of a name or a code.
const COLUMNS: usize = 32;
/// How many uploads are named at most.
const UPLOADS: usize = 3;

/// The headline and what it comes from, and then two lines an item: its
/// quantity and name, and below its code and what it was. The quantities are
/// the first column, so that they are aligned whatever the names are.
pub(super) fn text(notice: &Notice) -> String {
    let words = Words::of(notice.language);
    let mut text = format!("{}\n", headline(notice, words));
    for line in origins(notice, words) {
        text += &format!("{line}\n");
    }
    text += &items(notice, words);
    let more = notice.transitions().count().saturating_sub(NAMED);
    if more > 0 {
        text += &format!("\n{}\n", words.more.of(more));
    }
    if let Some(address) = &notice.dashboard {
        text += &format!("\n{}\n", fill(words.dashboard, &[&one_line(address)]));
    }
    text
}

fn headline(notice: &Notice, words: &Words) -> String {
    let store = isolated(one_line(notice.store.as_str()));
    let counts = notice.counts(words).join(words.comma);
    match notice.part_text(words) {
        Some(part) => format!("{store}: {counts} ({part})"),
        None => format!("{store}: {counts}"),
    }
}

/// The uploads that it comes from, the newest first.
fn origins(notice: &Notice, words: &Words) -> Vec<String> {
    let uploads = notice.uploads();
    let origin = |upload: &super::Origin<'_>| {
        let time = upload.counted_at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        match upload.key {
            Some(key) => fill(words.from, &[&isolated(one_line(key)), &time]),
            None => fill(words.counted, &[&time]),
        }
    };
    let mut lines: Vec<String> = uploads.iter().take(UPLOADS).map(origin).collect();
    if uploads.len() > UPLOADS {
        lines.push(words.more_uploads.of(uploads.len() - UPLOADS));
    }
    lines
}

fn items(notice: &Notice, words: &Words) -> String {
    let named: Vec<&Transition> = notice.transitions().take(NAMED).collect();
    let quantities = named.iter().map(|transition| transition.level.quantity.to_string().width());
    let width = quantities.max().unwrap_or(0);
    let mut text = String::new();
    let mut heading = None;
    for transition in named {
        if heading != Some(transition.kind) {
            heading = Some(transition.kind);
            text += &format!("\n{}\n", words.happened(transition.kind).heading);
        }
        text += &item(transition, words, width);
    }
    text
}

fn item(transition: &Transition, words: &Words, width: usize) -> String {
    let quantity = transition.level.quantity;
    let shown = |text: &str| isolated(shorten(text, COLUMNS));
    let (name, code) = (label(transition), one_line(transition.change.item.as_str()));
    let mut remarks = Vec::new();
    if name != code {
        remarks.push(shown(&code));
    }
    remarks.push(match &transition.change.before {
        Some(before) => fill(words.was, &[&before.quantity.to_string()]),
        None => words.new.to_owned(),
    });
    if let Some(point) = transition.reorder_point {
        remarks.push(fill(words.reorder_at, &[&point.to_string()]));
    }
    let indent = " ".repeat(width + 4);
    format!("  {quantity:>width$}  {}\n{indent}{}\n", shown(&name), remarks.join(words.comma))
}
