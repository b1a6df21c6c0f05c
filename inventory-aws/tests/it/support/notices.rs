//! Notices to publish.

use inventory_core::{Change, Item, Level, Notice, Policy, Store, notices, transitions};

/// Says that items of a store are sold out.
pub(crate) fn sold_out_of(store: &str, items: impl IntoIterator<Item = String>) -> Notice {
    let store = Store::new(store).expect("it is a store's name");
    let gone = items.into_iter().filter_map(|item| {
        let item = Item::new(item).expect("it is an item's code");
        Change::between(&store, &item, None, Some(Level::of(0.into())))
    });
    let policy = Policy::default();
    notices(transitions(gone, &policy), &policy).pop().expect("something is sold out")
}

/// Says that so many items of a store are sold out.
pub(crate) fn sold_out(store: &str, items: usize) -> Notice {
    sold_out_of(store, (0..items).map(|item| format!("item-{item}")))
}
