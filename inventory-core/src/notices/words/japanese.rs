use super::{Counted, Happened, Words};

pub(super) const WORDS: Words = Words {
    sold_out: Happened {
        heading: "品切れ", items: Counted { one: "品切れ{}件", many: "品切れ{}件" }
    },
    running_low: Happened {
        heading: "残りわずか",
        items: Counted { one: "残りわずか{}件", many: "残りわずか{}件" },
    },
    back_in_stock: Happened {
        heading: "再入荷", items: Counted { one: "再入荷{}件", many: "再入荷{}件" }
    },
    comma: "、",
    new: "新規",
    was: "前回{}",
    reorder_at: "発注点{}",
    more: Counted { one: "ほか{}件", many: "ほか{}件" },
    from: "ファイル {}、集計 {}",
    counted: "集計 {}",
    more_uploads: Counted { one: "ほか{}ファイル", many: "ほか{}ファイル" },
    dashboard: "全在庫: {}",
    part: "{}/{}",
    stock: "Stock",
};
