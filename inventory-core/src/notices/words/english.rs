use super::{Counted, Happened, Words};

pub(super) const WORDS: Words = Words {
    sold_out: Happened { heading: "SOLD OUT", items: Counted { one: "{} sold out", many: "{} sold out" } },
    running_low: Happened {
        heading: "RUNNING LOW",
        items: Counted { one: "{} running low", many: "{} running low" },
    },
    back_in_stock: Happened {
        heading: "BACK IN STOCK",
        items: Counted { one: "{} back in stock", many: "{} back in stock" },
    },
    comma: ", ",
    new: "new",
    was: "was {}",
    reorder_at: "reorder at {}",
    more: Counted { one: "and {} more", many: "and {} more" },
    from: "From {}, counted {}",
    counted: "Counted {}",
    more_uploads: Counted { one: "and {} more upload", many: "and {} more uploads" },
    dashboard: "All stock: {}",
    part: "part {} of {}",
    stock: "Stock",
};
