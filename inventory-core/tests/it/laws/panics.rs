use inventory_core::reader::{Options, rows};
use inventory_core::{Levels, Policy, Quantity, changes, notices, read, transitions};
use proptest::collection::vec;
use proptest::prelude::*;

use super::generate::{plausible, soup};
use crate::support::{for_store, limited, read_whole};

/// Any bytes, half of them under a header that lets them through.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let bytes = vec(any::<u8>(), 0..300);
    let under_header = bytes.clone().prop_map(|bytes| [b"store,item,count,name\n", &bytes[..]].concat());
    prop_oneof![bytes, under_header, soup(), plausible()]
}

proptest! {
    #[test]
    fn no_bytes_panic_the_reader(file in anything()) {
        for options in [Options::default(), for_store("Oslo"), limited(|limits| limits.row_bytes = 8)] {
            let last = rows([&file], options.clone()).last();
            let refused = read_whole(&file, &options).end.is_err();
            prop_assert_eq!(last.is_some_and(|last| last.is_err()), refused);
        }
    }

    #[test]
    fn no_bytes_panic_what_comes_after(file in anything(), before in plausible()) {
        let before = read(&before).map_or_else(|_| Levels::default(), |reading| reading.levels);
        let Ok(reading) = read(&file) else { return Ok(()) };
        reading.rejects.iter().for_each(|reject| assert!(reject.to_string().starts_with("line ")));
        let policy = Policy::default();
        let transitions: Vec<_> = transitions(changes(&before, &reading.levels), &policy).collect();
        let told = notices(transitions.clone(), &policy);
        for notice in &told {
            prop_assert!(!notice.text().is_empty() && !notice.sms().is_empty());
            prop_assert!(!notice.subject().is_empty() && !notice.id().is_empty());
        }
        let told: usize = told.iter().map(|notice| notice.transitions().count()).sum();
        prop_assert_eq!(told, transitions.len());
    }

    #[test]
    fn no_bytes_panic_a_quantity(bytes in vec(any::<u8>(), 0..40)) {
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(quantity) = Quantity::parse(&bytes) {
            prop_assert_eq!(text.parse(), Ok(quantity));
        }
    }
}
