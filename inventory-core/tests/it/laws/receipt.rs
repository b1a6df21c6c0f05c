use inventory_core::Receipt;
use proptest::prelude::*;

use super::generate::levels;

proptest! {
    #[test]
    fn receipts_add_up(counts in any::<[u32; 6]>()) {
        let [rejected, skipped, duplicates, written, unchanged, superseded] = counts.map(u64::from);
        let mut receipt = Receipt::rejected_only(rejected);
        prop_assert_eq!(receipt.read(), rejected);
        (receipt.skipped, receipt.duplicates) = (skipped, duplicates);
        (receipt.written, receipt.unchanged, receipt.superseded) = (written, unchanged, superseded);
        prop_assert_eq!(receipt.levels(), written + unchanged + superseded);
        prop_assert_eq!(receipt.accepted(), receipt.levels() + duplicates);
        prop_assert_eq!(receipt.read(), receipt.accepted() + rejected + skipped);
        prop_assert_eq!(
            serde_json::to_value(receipt).unwrap(),
            serde_json::json!({
                "read": receipt.read(), "accepted": receipt.accepted(), "rejected": rejected,
                "skipped": skipped, "duplicates": duplicates, "levels": receipt.levels(), "written": written,
                "unchanged": unchanged, "superseded": superseded,
            })
        );
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
