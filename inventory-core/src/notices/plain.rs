//! Texts that other people wrote, made fit to be shown.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A text without line breaks and other control characters, those that turn
/// the direction of writing included.
pub(crate) fn one_line(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let gap = |c: char| c.is_whitespace() || c.is_control() || turns(c);
    let words: Vec<&str> = text.split(gap).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// A text that is written from right to left, set apart from the numbers and
/// words around it, which would change places with it otherwise.
pub(crate) fn isolated(text: String) -> String {
    let right_to_left = |c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    if text.contains(right_to_left) { format!("\u{2068}{text}\u{2069}") } else { text }
}

/// At most so many columns of a text, and no more than thrice as many
/// characters, because some take no column.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    let characters = 3 * columns;
    if text.width() <= columns && text.chars().count() <= characters {
        return text.to_owned();
    }
    let mut width = 1;
    let fits = |c: &char| {
        width += c.width().unwrap_or(0);
        width <= columns
    };
    let start: String = text.chars().take(characters - 1).take_while(fits).collect();
    format!("{}…", start.trim_end())
}

/// A text in printable ASCII: Latin, Greek and Cyrillic letters by those that
/// are alike, and nothing in place of others.
pub(crate) fn ascii(text: &str) -> String {
    const CYRILLIC_ENDS: char = '\u{530}';
    let text = one_line(text);
    let letters = text.chars().filter(|&c| c < CYRILLIC_ENDS).filter_map(deunicode::deunicode_char);
    let printable: String = letters.flat_map(str::chars).filter(|c| matches!(c, ' '..='~')).collect();
    one_line(&printable)
}

/// One line of at most 100 printable ASCII characters, as SNS allows an
/// e-mail's subject: whom it is about, and what happened. Of a name without a
/// letter that has a Latin likeness, `nameless` takes the place.
pub(crate) fn subject(name: &str, nameless: &str, what: &str) -> String {
    const MAX: usize = 100;
    let mut name = ascii(name);
    if name.is_empty() {
        name = nameless.to_owned();
    }
    // Ten digits a number leave room for a letter of the name at least.
    name.truncate(MAX.saturating_sub(2 + what.len()).max(1));
    let mut subject = format!("{}: {what}", name.trim_end());
    subject.truncate(MAX);
    subject
}
