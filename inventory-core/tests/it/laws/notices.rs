use std::collections::BTreeSet;

use inventory_core::policy::Language;
use inventory_core::{Change, Item, Notice, Policy, Store, Transition, TransitionKind, notices};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::generate::matching;
use crate::support::level;

/// Text of any alphabet, of control characters, or very long.
pub(super) fn text() -> impl Strategy<Value = String> {
    const HARD: [&str; 10] = [
        "👩‍👩‍👧‍👦",
        "\u{202e}شاي",
        "\u{0}\u{1b}[31m",
        "e\u{301}",
        "\u{2028}",
        "\r\n",
        "{}[]^~|€\\",
        "Ω",
        "ﬁ",
        "\u{feff}",
    ];
    let words = vec(
        prop_oneof![
            select(&HARD[..]).prop_map(str::to_owned),
            matching("[A-Za-z ]{1,9}"),
            matching("\\PC{1,5}")
        ],
        1..6,
    );
    prop_oneof![
        6 => words.prop_map(|words| words.concat()),
        2 => vec(any::<char>(), 1..30).prop_map(|chars| chars.into_iter().collect()),
        1 => (any::<char>(), 100..2100_usize).prop_map(|(c, times)| c.to_string().repeat(times)),
        1 => (select(&HARD[..]), 10..300_usize).prop_map(|(text, times)| text.repeat(times)),
    ]
}

/// As much of a text as a key may have.
pub(super) fn fit(text: &str, most: usize) -> String {
    let hidden = |c: &char| Item::new(format!("x{c}")).is_err();
    let mut text: String = text.chars().filter(|c| !hidden(c)).collect();
    while text.len() > most {
        text.pop();
    }
    if text.trim().is_empty() { "x".to_owned() } else { text }
}

pub(super) fn store() -> impl Strategy<Value = Store> {
    text().prop_map(|text| Store::new(fit(&text, Store::MAX_BYTES)).unwrap())
}

fn item() -> impl Strategy<Value = Item> {
    text().prop_map(|text| Item::new(fit(&text, Item::MAX_BYTES)).unwrap())
}

const KINDS: [TransitionKind; 3] =
    [TransitionKind::SoldOut, TransitionKind::RunningLow, TransitionKind::BackInStock];

/// What happens to an item of a store that is not known yet: the item, its
/// name, the kind and the cause.
type Happening = (Item, TransitionKind, Option<String>, Option<String>);

fn transition() -> impl Strategy<Value = Happening> {
    (item(), select(&KINDS[..]), option::of(text()), option::of(matching("[0-9]{1,20}")))
}

/// What happens to different items, twice, in two orders.
fn shuffled() -> impl Strategy<Value = (Vec<Happening>, Vec<Happening>)> {
    let different = btree_map(item(), transition(), 1..9);
    let some = different.prop_map(|some| -> Vec<Happening> {
        some.into_iter().map(|(item, (_, kind, name, cause))| (item, kind, name, cause)).collect()
    });
    some.prop_flat_map(|some| (Just(some.clone()), Just(some).prop_shuffle()))
}

fn of_store(store: &Store, (item, kind, name, cause): Happening) -> Transition {
    let (before, after) = match kind {
        TransitionKind::SoldOut => (5, 0),
        TransitionKind::RunningLow => (5, 1),
        TransitionKind::BackInStock => (-2, 5),
    };
    let mut after = level(after, Some(3.into()));
    after.name = name.map(Box::from);
    let mut change = Change::between(store, &item, Some(level(before, None)), Some(after)).unwrap();
    change.cause = cause.map(Box::from);
    let transition = Transition::of(change, &Policy::default()).unwrap();
    assert_eq!(transition.kind, kind);
    transition
}

/// A notice of a few items, or of more than it names.
fn notice() -> impl Strategy<Value = Notice> {
    let some = prop_oneof![9 => vec(transition(), 1..6), 1 => vec(transition(), 48..80)];
    (store(), some).prop_map(|(store, some)| {
        let transitions = some.into_iter().map(|transition| of_store(&store, transition));
        notices(transitions, &Policy::default()).pop().unwrap()
    })
}

/// The same in any language.
pub(super) fn translated() -> impl Strategy<Value = Notice> {
    (notice(), select(&Language::ALL[..])).prop_map(|(mut notice, language)| {
        notice.language = language;
        notice
    })
}

/// How many of what, as every form of a notice says it.
fn counts(notice: &Notice) -> Vec<String> {
    let sections = [
        (notice.sold_out.len(), "sold out"),
        (notice.running_low.len(), "running low"),
        (notice.back_in_stock.len(), "back in stock"),
    ];
    sections.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect()
}

/// Septets in the GSM 7 bit default alphabet with its extension, of 3GPP TS
/// 23.038, if all characters are there.
pub(super) fn gsm(text: &str) -> Option<usize> {
    let septets = text.chars().map(|c| match c {
        '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' | '\u{c}' => Some(2),
        '`' => None,
        ' '..='~' | '\n' | '\r' => Some(1),
        '¡' | '£' | '¤' | '¥' | '§' | '¿' | 'Ä' | 'Å' | 'Æ' | 'Ç' | 'É' | 'Ñ' | 'Ö' | 'Ø' | 'Ü' | 'ß' => {
            Some(1)
        }
        'à' | 'ä' | 'å' | 'æ' | 'è' | 'é' | 'ì' | 'ñ' | 'ò' | 'ö' | 'ø' | 'ù' | 'ü' => Some(1),
        'Γ' | 'Δ' | 'Θ' | 'Λ' | 'Ξ' | 'Π' | 'Σ' | 'Φ' | 'Ψ' | 'Ω' => Some(1),
        _ => None,
    });
    septets.sum()
}

proptest! {
    #[test]
    fn a_subject_is_one_line_of_ascii(notice in notice()) {
        let subject = notice.subject();
        prop_assert!(subject.len() <= 100, "{} bytes: {:?}", subject.len(), subject);
        prop_assert!(subject.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{:?}", subject);
        let counts = counts(&notice).join(", ");
        let store = subject.strip_suffix(&format!(": {counts}"));
        prop_assert!(store.is_some_and(|store| !store.is_empty() && store.trim() == store), "{:?}", subject);
    }

    #[test]
    fn a_text_message_is_one_part(notice in notice()) {
        let sms = notice.sms();
        match gsm(&sms) {
            Some(septets) => prop_assert!(septets <= 160, "{} septets: {:?}", septets, sms),
            None => prop_assert!(sms.encode_utf16().count() <= 70, "{:?}", sms),
        }
        prop_assert!(!sms.contains(char::is_control), "{:?}", sms);
        for count in counts(&notice) {
            prop_assert!(sms.contains(&count), "{:?} lacks {:?}", sms, count);
        }
    }

    #[test]
    fn in_every_language_forms_keep_their_bounds(notice in translated()) {
        let (subject, sms) = (notice.subject(), notice.sms());
        prop_assert!(subject.len() <= 100 && subject.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{:?}", subject);
        prop_assert!(gsm(&sms).map_or(sms.encode_utf16().count() <= 70, |septets| septets <= 160), "{:?}", sms);
        let counts = [&notice.sold_out, &notice.running_low, &notice.back_in_stock].map(Vec::len);
        for count in counts.into_iter().filter(|count| *count > 0).map(|count| count.to_string()) {
            prop_assert!(subject.contains(&count) && sms.contains(&count), "{:?} {:?}", subject, sms);
        }
    }

    #[test]
    fn parts_are_the_whole_in_its_order(notice in notice(), most in 1..9_usize) {
        let whole: Vec<Transition> = notice.transitions().cloned().collect();
        let parts = notice.split(|part| part.transitions().count() <= most);
        let of = parts.len();
        prop_assert!(parts.iter().all(|part| (1..=most).contains(&part.transitions().count())));
        prop_assert!(parts.iter().flat_map(Notice::transitions).eq(&whole));
        prop_assert!(parts.iter().zip(1..).all(|(part, number)| (part.part.number, part.part.of) == (number, of)));
        let ids: BTreeSet<String> = parts.iter().map(Notice::id).collect();
        prop_assert_eq!(ids.len(), of);
    }

    #[test]
    fn a_text_names_50_items_and_says_how_many_more(notice in notice()) {
        let text = notice.text();
        let items = notice.transitions().count();
        let indented = text.lines().filter(|line| line.starts_with("  ")).count();
        prop_assert_eq!(indented, 2 * items.min(50));
        match items.checked_sub(50) {
            Some(more @ 1..) => prop_assert_eq!(text.lines().last(), Some(&*format!("and {more} more"))),
            _ => prop_assert!(!text.lines().any(|line| line.starts_with("and "))),
        }
        prop_assert!(!text.replace('\n', "").contains(char::is_control), "{:?}", text);
        let headline = text.lines().next().unwrap();
        prop_assert!(headline.ends_with(&counts(&notice).join(", ")), "{:?}", headline);
    }

    #[test]
    fn an_id_is_32_hexadecimal_digits(notice in notice()) {
        let id = notice.id();
        prop_assert_eq!(id.len(), 32);
        prop_assert!(id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{}", id);
    }

    #[test]
    fn an_id_is_that_of_its_changes(
        store in store(),
        some in vec(transition(), 1..5),
        other in store(),
        more in transition(),
    ) {
        let id = |store: &Store, some: &[Happening]| {
            let transitions = some.iter().cloned().map(|happening| of_store(store, happening));
            notices(transitions, &Policy::default()).pop().unwrap().id()
        };
        let first = id(&store, &some);
        prop_assert_eq!(&first, &id(&store, &some));
        prop_assert_eq!(first == id(&other, &some), store == other);
        prop_assert_ne!(&first, &id(&store, &[&some[..], std::slice::from_ref(&more)].concat()));
        for at in 0..some.len() {
            let with = |change: &dyn Fn(&mut Happening)| {
                let mut others = some.clone();
                change(&mut others[at]);
                id(&store, &others)
            };
            let (item, kind, _, cause) = &some[at];
            prop_assert_ne!(&first, &with(&|other| other.3 = Some(cause.clone().unwrap_or_default() + "1")));
            prop_assert_eq!(first == with(&|other| other.0 = more.0.clone()), *item == more.0);
            prop_assert_eq!(first == with(&|other| other.1 = more.1), *kind == more.1);
        }
    }

    #[test]
    fn each_store_has_one_notice_with_all_its_transitions(
        stores in vec(store(), 1..4),
        some in vec((any::<prop::sample::Index>(), transition()), 0..20),
    ) {
        let some: Vec<Transition> =
            some.into_iter().map(|(of, transition)| of_store(of.get(&stores), transition)).collect();
        let told = notices(some.clone(), &Policy::default());
        let named: BTreeSet<&Store> = some.iter().map(|transition| &transition.change.store).collect();
        prop_assert!(told.iter().map(|notice| &notice.store).eq(named));
        for notice in &told {
            let of_kind = |kind| {
                let own = |transition: &&Transition| transition.change.store == notice.store;
                let mut own: Vec<_> = some.iter().filter(own).filter(|own| own.kind == kind).cloned().collect();
                own.sort_by_key(|own| (own.level.quantity, own.change.item.clone()));
                own
            };
            prop_assert_eq!(&notice.sold_out, &of_kind(TransitionKind::SoldOut));
            prop_assert_eq!(&notice.running_low, &of_kind(TransitionKind::RunningLow));
            prop_assert_eq!(&notice.back_in_stock, &of_kind(TransitionKind::BackInStock));
            prop_assert!(notice.transitions().eq(&KINDS.map(of_kind).concat()));
        }
    }

    #[test]
    fn the_order_of_transitions_makes_no_difference(store in store(), (some, shuffled) in shuffled()) {
        let told = |some: Vec<Happening>| {
            notices(some.into_iter().map(|happening| of_store(&store, happening)), &Policy::default())
        };
        prop_assert_eq!(told(some), told(shuffled));
    }
}
