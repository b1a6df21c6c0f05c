use inventory_core::Receipt;
use proptest::prelude::*;

use super::generate::levels;

proptest! {
    #[test]
    fn receipts_add_up(counts in any::<[u32; 8]>()) {
        let [rejected, skipped, duplicates, written, unchanged, superseded, held, absent] =
            counts.map(u64::from);
        let mut receipt = Receipt::rejected_only(rejected);
        prop_assert_eq!(receipt.read(), rejected);
        (receipt.skipped, receipt.duplicates) = (skipped, duplicates);
        (receipt.written, receipt.unchanged, receipt.superseded) = (written, unchanged, superseded);
        (receipt.held, receipt.absent) = (held, absent);
        prop_assert_eq!(receipt.levels(), written + unchanged + superseded + held);
        prop_assert_eq!(receipt.accepted(), receipt.levels() + duplicates);
        prop_assert_eq!(receipt.read(), receipt.accepted() + rejected + skipped);
        let mut expect = serde_json::json!({
            "read": receipt.read(), "accepted": receipt.accepted(), "rejected": rejected,
            "skipped": skipped, "duplicates": duplicates, "levels": receipt.levels(), "written": written,
            "unchanged": unchanged, "superseded": superseded,
        });
        for (name, count) in [("held", held), ("absent", absent)] {
            if count > 0 {
                expect[name] = count.into();
            }
        }
        prop_assert_eq!(serde_json::to_value(receipt).unwrap(), expect);
        prop_assert_eq!(serde_json::from_value::<Receipt>(serde_json::to_value(receipt).unwrap()).unwrap(), receipt);
    }

    #[test]
    fn a_receipt_of_levels_that_were_dealt_with_counts_what_was_read(levels in levels()) {
        for (_, levels) in levels.stores() {
            let mut receipt = Receipt::of(levels);
            receipt.written = levels.len() as u64;
            prop_assert_eq!(receipt.read(), levels.read());
            prop_assert_eq!(receipt.accepted(), levels.accepted());
            prop_assert_eq!(receipt.rejected, levels.rejected());
        }
    }
}
