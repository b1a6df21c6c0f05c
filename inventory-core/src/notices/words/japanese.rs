use super::{Counted, Happened, ReceiptWords, Words};

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
    receipt: ReceiptWords {
        refused: "ファイル不受理",
        quarantined: "ファイル保留",
        superseded: "ファイル失効",
        rows_rejected: Counted { one: "{}行を不受理", many: "{}行を不受理" },
        refused_because: "このファイルは反映されません: {}",
        mend: "修正して、もう一度アップロードしてください。",
        quarantined_because: "このファイルはまだ反映されていません: {}",
        confirm: "正しい場合は、メタデータ confirm=yes を付けて、もう一度アップロードしてください。",
        newer: "すべての商品について、より新しいファイルの内容が優先されます。",
        read: "読込行",
        accepted: "受理",
        rejected: "不受理",
        skipped: "対象外(在庫管理なし)",
        written: "件を書込",
        unchanged: "変更なし",
        superseded_items: "より新しいファイルを優先",
        held: "保留",
        duplicates: "同じファイルの後の行を優先",
        heading: "不受理",
        line: "{}行目",
        line_and_column: "{}行目、{}列目",
        more_rows: Counted { one: "ほか{}行", many: "ほか{}行" },
        all_rejects: "不受理の全行: {}",
    },
};
