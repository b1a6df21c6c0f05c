use inventory_core::Quantity;
use proptest::prelude::*;

use super::generate::matching;
use super::oracle::decimal;

/// Text that is a decimal, or nearly.
fn nearly() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => matching("[+-]?[0-9]{0,4}(\\.[0-9]{0,6})?"),
        4 => matching("-?[0-9]{12,15}(\\.[0-9]{0,5})?"),
        2 => matching("-?9223372036854[0-9](\\.[0-9]{5})?"),
        1 => matching("-?92233720368547\\.7580[0-9]"),
        1 => matching("[-+.0-9eE, ]{0,8}"),
    ]
}

/// A scaled number, often one that is small or at the edge.
fn any_scaled() -> impl Strategy<Value = i64> {
    let edge = (0..9_i64).prop_flat_map(|by| prop_oneof![Just(i64::MIN + by), Just(i64::MAX - by)]);
    prop_oneof![any::<i64>(), -1_000_000..1_000_000_i64, edge]
}

/// A quantity in full, digit by digit.
fn in_full(scaled: i64) -> String {
    let digits = format!("{:06}", i128::from(scaled).abs());
    let (whole, fraction) = digits.split_at(digits.len() - 5);
    let sign = if scaled < 0 { "-" } else { "" };
    format!("{sign}{whole}.{fraction}")
}

proptest! {
    #[test]
    fn it_parses_what_the_oracle_does(text in nearly()) {
        let found = text.parse::<Quantity>().ok().map(|quantity| i128::from(quantity.scaled()));
        prop_assert_eq!(found, decimal(&text));
    }

    #[test]
    fn it_prints_what_it_parses_as(scaled in any_scaled()) {
        let quantity = Quantity::from_scaled(scaled);
        let text = quantity.to_string();
        prop_assert_eq!(text.parse(), Ok(quantity));
        prop_assert_eq!(in_full(scaled).parse(), Ok(quantity));
        let shortest = in_full(scaled);
        prop_assert_eq!(text, shortest.trim_end_matches('0').trim_end_matches('.'));
    }

    #[test]
    fn it_sorts_as_the_numbers_do(first in nearly(), second in nearly()) {
        if let (Ok(a), Ok(b)) = (first.parse::<Quantity>(), second.parse::<Quantity>()) {
            prop_assert_eq!(a.cmp(&b), decimal(&first).cmp(&decimal(&second)));
            prop_assert_eq!(a == b, decimal(&first) == decimal(&second));
            prop_assert_eq!(a > Quantity::ZERO, decimal(&first) > Some(0));
        }
    }

    #[test]
    fn whole_numbers_are_quantities(whole in any::<i32>()) {
        prop_assert_eq!(Quantity::from(whole).to_string(), whole.to_string());
    }

    #[test]
    fn serde_gives_back_what_it_took(scaled in any_scaled()) {
        let quantity = Quantity::from_scaled(scaled);
        let json = serde_json::to_string(&quantity).unwrap();
        prop_assert_eq!(&json, &format!("\"{quantity}\""));
        prop_assert_eq!(serde_json::from_str::<Quantity>(&json).unwrap(), quantity);
    }

    #[test]
    fn serde_never_rounds_a_number(scaled in any_scaled()) {
        let quantity = Quantity::from_scaled(scaled);
        if let Ok(found) = serde_json::from_str::<Quantity>(&quantity.to_string()) {
            prop_assert_eq!(found, quantity);
        }
    }

    #[test]
    fn serde_takes_every_number_of_15_digits(scaled in -999_999_999_999_999..=999_999_999_999_999_i64) {
        let quantity = Quantity::from_scaled(scaled);
        prop_assert_eq!(serde_json::from_str::<Quantity>(&quantity.to_string()).unwrap(), quantity);
    }
}
